"""The shipped rules are sound, proved by their own tests, and standard Sigma to anybody else."""

import json
from pathlib import Path

import pytest
import yaml

from tocsin.rules import pack
from tocsin.rules.load import load_rules
from tocsin.rules.prove import prove

FILES = sorted(pack.shipped().glob("*.yml"))
DOCUMENTS = [document for file in FILES for document in yaml.safe_load_all(file.read_text())]
SCHEMAS = Path(__file__).parents[3] / "shared" / "schemas" / "sigma"


def rules():
    return load_rules([pack.shipped()])


def test_loads_without_a_warning():
    assert rules().warnings == ()
    assert len([rule for rule in rules().rules if rule.reports]) == 25


@pytest.mark.no_cover
def test_passes_its_own_tests():
    assert [proof for proof in prove(rules()) if not proof.passed] == []


def test_gives_every_reporting_rule_a_reason_a_runbook_and_known_false_positives():
    for rule in rules().rules:
        if rule.reports:
            assert rule.status == "test"
            assert len(rule.description) > 100
            assert len(rule.runbook) >= 2
            assert rule.falsepositives
            assert "{count}" in rule.explain


def test_loads_in_pysigma():
    from sigma.collection import SigmaCollection

    collection = SigmaCollection.from_yaml("\n---\n".join(file.read_text() for file in FILES))
    assert len(collection.rules) == len(DOCUMENTS)
    assert collection.errors == []


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the official schemas lie beside the project, not in it")
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document["name"])
def test_fits_the_official_schema(document):
    jsonschema = pytest.importorskip("jsonschema")
    kind = "correlation-rules" if "correlation" in document else "detection-rule"
    schema = json.loads((SCHEMAS / f"sigma-{kind}-schema.json").read_text())
    schema.pop("$schema")
    jsonschema.Draft202012Validator(schema).validate(document)


def test_finds_the_rules_inside_an_installed_package(tmp_path, monkeypatch):
    monkeypatch.setattr(pack, "_PACKAGE", tmp_path / "src" / "tocsin")
    assert pack.shipped() == tmp_path / "rules"
    (tmp_path / "src" / "tocsin" / "shipped" / "rules").mkdir(parents=True)
    assert pack.shipped() == tmp_path / "src" / "tocsin" / "shipped" / "rules"
