"""Reading beside bare polars: the same file and columns, each measured run in a process of its own, runs taking turns.

Makes three logs with `tocsin simulate`, reads them as events and rejects, then with tokens in place of people, and prints a
Markdown table of ratios (wall and processor time, medians). Polars keeps the whole table in memory and checks nothing.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import zstandard

from tocsin.formats import by_name
from tocsin.formats.base import Head, ReadOptions
from tocsin.formats.combined import combined_layout
from tocsin.formats.lines import BLOCK_BYTES, Source
from tocsin.formats.separated import read_rows
from tocsin.intake import IntakeOptions, Ledger, take_in
from tocsin.privacy.tokens import TokenKey

NOW = datetime(2026, 12, 31, tzinfo=UTC)
ZONE = "Europe/Paris"
LINES_A_NIGHT = 100_000
"""A portal of 2,000 accounts writes at least so many, weekends and all."""
BAD_LINE = b'2026-03-02T10:00:00+01:00,lookup,"success,A1\n'
ONE_IN = 1_000_000
COMBINED = (
    r'^(?<ip>\S+) (?<identity>\S+) (?<account>\S+) \[(?<time>[^\]]+)\] "(?<request>[^"]*)" (?<status>\d{3}) (?<bytes>\S+)'
    r' "(?<referer>[^"]*)" "(?<user_agent>[^"]*)"$'
)

AS_LENIENT = (
    r"^(?<ip>\S+) (?<identity>\S+) (?<account>.+?) \[(?<time>\d\d/[A-Za-z]{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\]"
    r' "(?<request>(?:[^"\\]|\\.)*)" (?<status>\d{3}) (?<bytes>\d+|-)'
    r'(?: "(?<referer>(?:[^"\\]|\\.)*)" "(?<user_agent>(?:[^"\\]|\\.)*)")?(?: .*)?$'
)
"""The expression that reads every line that tocsin reads: accounts with blanks, escaped quotes, common lines."""


def scan_csv(path):
    return pl.scan_csv(path, infer_schema=False).collect().height


def scan_ndjson(path):
    return pl.scan_ndjson(path).collect().height


def extract_groups(path):
    return extracted(path, COMBINED)


def extract_as_lenient(path):
    return extracted(path, AS_LENIENT)


def extracted(path, regex):
    return pl.scan_lines(path).select(pl.nth(0).str.extract_groups(regex).alias("line")).unnest("line").collect().height


def read_native(path):
    return read(path, "native")


def read_combined(path):
    return read(path, "combined")


def fields_of_combined(path):
    """As far as `extract_groups` goes: every line as columns of text, with its place."""
    with Source(path, Path(path).open("rb")) as source:
        layout = combined_layout(Head(source.head()), careful=False)
        return sum(read_rows(source, layout, BLOCK_BYTES, lambda rows: rows.frame.height))


def read(path, name):
    with Source(path, Path(path).open("rb")) as source:
        return sum(batch.events.height for batch in by_name(name).read(source, ReadOptions(ZONE, NOW)))


def protect(path):
    return sum(events.height for events in take_in([path], IntakeOptions(ZONE, NOW), TokenKey(b"k" * 32), Ledger()))


RUNS = (
    scan_csv,
    scan_ndjson,
    extract_groups,
    extract_as_lenient,
    fields_of_combined,
    read_native,
    read_combined,
    protect,
)

LINES = (
    ("native CSV, events and rejects", "clean.csv", read_native, "clean.csv", scan_csv),
    ("native CSV, with tokens", "clean.csv", protect, "clean.csv", scan_csv),
    ("one bad line in a million, beside a clean file", "bad.csv", read_native, "clean.csv", read_native),
    ("NDJSON.zst, events and rejects", "log.ndjson.zst", read_native, "log.ndjson.zst", scan_ndjson),
    ("NDJSON.zst, with tokens", "log.ndjson.zst", protect, "log.ndjson.zst", scan_ndjson),
    ("combined, fields only", "combined.log", fields_of_combined, "combined.log", extract_groups),
    ("combined, fields only", "combined.log", fields_of_combined, "combined.log", extract_as_lenient),
    ("combined, events and rejects", "combined.log", read_combined, "combined.log", extract_groups),
    ("combined, events and rejects", "combined.log", read_combined, "combined.log", extract_as_lenient),
    ("combined, with tokens", "combined.log", protect, "combined.log", extract_groups),
)
"""What is measured, its file and run, and the file and run beside it."""


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lines", type=int, default=5_000_000)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--logs", type=Path, help="folder for the logs; made if they are not there, and kept")
    options.add_argument(
        "--one", nargs=2, metavar=("RUN", "PATH"), help="measure one run (used by this program itself)"
    )
    asked = options.parse_args()
    if asked.one:
        measure_here(*asked.one)
        return
    with tempfile.TemporaryDirectory() as own:
        folder = asked.logs or Path(own)
        if not (folder / "bad.csv").exists():
            make_logs(folder, asked.lines)
        print(f"{asked.lines:,} lines, median of {asked.runs} runs:\n")
        print("| what | beside | wall, ratio | processor, ratio | seconds | seconds beside | peak MB |")
        print("|---|---|---|---|---|---|---|")
        figures = measured(folder, asked.runs)
        for what, file, run, other_file, other in LINES:
            ours, theirs = figures[run, file], figures[other, other_file]
            print(
                f"| {what} | {other.__name__} | {ours[0] / theirs[0]:.2f} | {ours[1] / theirs[1]:.2f}"
                f" | {ours[0]:.1f} | {theirs[0]:.1f} | {ours[2]:.0f} |"
            )


def measured(folder, runs):
    """Give wall seconds, processor seconds and peak MB of each run of each file, as medians of interleaved runs."""
    wanted = dict.fromkeys(
        pair for _, file, run, other_file, other in LINES for pair in ((other, other_file), (run, file))
    )
    taken = {pair: [] for pair in wanted}
    for _ in range(runs):
        for run, file in wanted:
            taken[run, file].append(measure(run.__name__, folder / file))
    return {pair: tuple(map(statistics.median, zip(*figures, strict=True))) for pair, figures in taken.items()}


def measure(name, path):
    asked = [sys.executable, __file__, "--one", name, str(path)]
    said = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    return tuple(map(float, said.split()))


def measure_here(name, path):
    run = next(run for run in RUNS if run.__name__ == name)
    pl.DataFrame({"a": [1]}).lazy().select(pl.col("a") + 1).collect()  # polars starts its threads
    began, used = time.perf_counter(), processor_seconds()
    run(path)
    wall, used = time.perf_counter() - began, processor_seconds() - used
    print(wall, used, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def make_logs(folder, lines):
    simulate(folder, lines, "native", "clean.csv", header=True)
    simulate(folder, lines, "native-ndjson", "log.ndjson", header=False)
    simulate(folder, lines, "combined", "combined.log", header=False)
    with (folder / "log.ndjson").open("rb") as plain, (folder / "log.ndjson.zst").open("wb") as packed:
        zstandard.ZstdCompressor().copy_stream(plain, packed)
    (folder / "log.ndjson").unlink()
    with (folder / "clean.csv").open("rb") as clean, (folder / "bad.csv").open("wb") as bad:
        for number, line in enumerate(clean, start=ONE_IN - lines // 2 if lines < ONE_IN else ONE_IN // 2):
            bad.write(BAD_LINE if number % ONE_IN == 0 else line)


def simulate(folder, lines, log_format, name, *, header):
    portal = folder / log_format
    nights = lines // LINES_A_NIGHT + 2
    asked = ["--out", portal, "--accounts", 2_000, "--nights", nights, "--seed", 5, "--calm", "--format", log_format]
    subprocess.run([sys.executable, "-m", "tocsin", "simulate", *map(str, asked)], check=True, capture_output=True)
    left = lines
    with (folder / name).open("wb") as whole:
        for place, night in enumerate(sorted((portal / "logs").iterdir())):
            with night.open("rb") as log:
                if header:
                    first = log.readline()
                    whole.write(first if place == 0 else b"")
                for line in log:
                    if not left:
                        break
                    whole.write(line)
                    left -= 1
            night.unlink()


if __name__ == "__main__":
    main()
