# Two commands for a newcomer: `make demo` and `make test`. Python 3.11 or later and make are all they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-kill fuzz lint docs write-docs bench bench-detection bench-knobs clean sample

demo: $(VENV)/.installed
	$(BIN)/tocsin demo

# One thread for the engine of each of two processes: more wait for each other on two cores.
test: $(VENV)/.developing
	$(MAKE) -j 2 lint docs
	rm -f .coverage .coverage.*
	POLARS_MAX_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal --cov --cov-report=
	$(BIN)/python -m coverage report --fail-under=95 --skip-covered

# Fifty nightly runs killed for good (SIGKILL), and each time the next one gives the same; lines of a hundred megabytes.
test-kill: $(VENV)/.developing
	$(BIN)/python -m pytest -n 2 tests/operation/kills.py tests/formats/huge_lines.py

# The tests that make up their own rules and logs, with twenty times as many of them.
FUZZ ?= 20
fuzz: $(VENV)/.developing
	FUZZ=$(FUZZ) $(BIN)/python -m pytest -n 2 $$(grep -rl "import examples" tests)

lint: $(VENV)/.developing
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/.developing
	$(BIN)/python -m cogapp --check -P docs/*.md README.md

write-docs: $(VENV)/.developing
	$(BIN)/python -m cogapp -r -P docs/*.md README.md

bench: $(VENV)/.developing
	$(BIN)/python benchmarks/first_light.py

bench-detection: $(VENV)/.developing
	$(BIN)/python benchmarks/detection.py

bench-knobs: $(VENV)/.developing
	$(BIN)/python benchmarks/knobs.py

sample: $(VENV)/.installed
	rm -rf build/sample && $(BIN)/tocsin simulate --sample --out build/sample
	rm -rf sample_logs/logs sample_logs/truth && mv build/sample/logs build/sample/truth sample_logs/

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*

# pip 23.2, which a Python 3.11 venv starts with, knows no dependency groups: it is upgraded first.
$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "tocsin needs Python 3.11 or later; try make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.developing: pyproject.toml $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --group dev
	touch $@
