"""A sweep beside a scan: forty values of one threshold on the same nights, in processor time.

    python benchmarks/tune.py [--accounts 5000] [--nights 60] [--folder DIR] [--pairs 1]

Both commands read the same simulated logs, each in a process of its own. The goal is at most three times one scan
(`scan --all-nights`). Figures: docs/benchmarks.md.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

VALUES = ",".join(str(value) for value in range(20, 220, 5))
"""Forty values, with today's 80 among them."""
GOAL = 3.0


def processor_seconds(*command: str) -> float:
    """Run a command; user and system time of it and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-m", "tocsin", *command], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1, 3):
        sys.exit(f"tocsin {' '.join(command)} failed:\n{done.stderr[-3000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--accounts", type=int, default=5_000)
    asked.add_argument("--nights", type=int, default=60)
    asked.add_argument("--folder", type=Path, help="keeps the logs, and uses them again")
    asked.add_argument("--pairs", type=int, default=1, help="scan and sweep in turns, the median counts")
    told = asked.parse_args()
    folder = told.folder or Path(tempfile.mkdtemp(prefix="tocsin-tune-"))
    logs = folder / "portal"
    if not logs.exists():
        made = ("--accounts", str(told.accounts), "--nights", str(told.nights), "--departments", "29", "--quiet")
        processor_seconds(
            "simulate",
            "--out",
            str(logs),
            *made,
            "--seed",
            "8",
            "--scenario",
            f"leaked_list:4@{told.nights - 5}-{told.nights}",
        )
    ratios = []
    for pair in range(told.pairs):
        out = folder / f"report-{os.getpid()}-{pair}"
        common = (str(logs / "logs"), "--now", "2027-01-01", "--quiet")
        scan = processor_seconds("scan", *common, "--all-nights", "--out", str(out))
        sweep = processor_seconds("tune", *common, "--region", "29", "--rule", "distinct_people_1h", "--values", VALUES)
        shutil.rmtree(out)
        ratios.append(sweep / scan)
        print(f"scan {scan:.1f} s, sweep of {len(VALUES.split(','))} values {sweep:.1f} s: {sweep / scan:.2f} times")
    middle = sorted(ratios)[len(ratios) // 2]
    print(f"{told.accounts} accounts, {told.nights} nights: {middle:.2f} times one scan (goal {GOAL:g})")
    if not told.folder:
        shutil.rmtree(folder)
    sys.exit(0 if middle <= GOAL else 1)


if __name__ == "__main__":
    main()
