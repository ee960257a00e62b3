"""What the judge costs: one night of 400,000 accounts after four weeks, on account-night rows made directly.

`python benchmarks/judge.py [ACCOUNTS] [--state FOLDER]` prints a line of Markdown: processor time and wall time of a
night as a nightly run has them (reading what the night before left, judging, writing what it leaves), and the peak
memory of the process that did it. The four weeks and the night's rows are made in another process.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, fields
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

from tocsin.features.catalogue import FEATURES, judgeable
from tocsin.features.pooled import RUNS
from tocsin.measure import Measured
from tocsin.schema import EVENTS, empty
from tocsin.settings import Settings
from tocsin.store.files import Files, Kept
from tocsin.store.manifest import Manifest
from tocsin.store.state import State
from tocsin.verdict.hits import HITS
from tocsin.verdict.judge import Asked, Before, judge_on
from tocsin.verdict.kept import kept_before, read_before

FIRST = date(2026, 3, 2)
NIGHTS = 28
ASKED = Asked(nights=frozenset(), holidays=frozenset())
PROFESSIONS = ("generaliste", "pharmacien", "infirmier", "kinesitherapeute", "specialiste", "hopital")


def night_rows(accounts, day, chance, busy=None):
    """Make one night: log-normal accounts, negative binomial nights, the other figures in their usual proportions.

    `busy` may change how many people each account reads.
    """
    night = FIRST + timedelta(days=day)
    number = np.arange(accounts)
    mean = np.exp(2.8 + 0.7 * np.random.default_rng(1).normal(size=accounts))
    people = chance.poisson(mean * chance.gamma(8, 1 / 8, accounts))
    people = people if busy is None else busy(people).astype(np.int64)
    columns = {feature.name: np.zeros(accounts, np.int64) for feature in FEATURES}
    for name, part in {
        "people": 1, "consultations": 1.2, "people_1h": 0.25, "people_10m": 0.08, "answers": 2, "bytes_kb": 8, "asked": 1.1,
        "asked_people": 1.05, "gaps": 0.8, "placed_people": 1, "people_closed": 0.05, "answers_closed": 0.1,
    }.items():  # fmt: skip
        columns[name] = np.rint(people * part).astype(np.int64)
    for name, of, share in (
        ("new_share", "people", 0.3), ("not_found", "asked", 0.02), ("same_block", "asked_people", 0.02),
        ("neighbours", "asked_people", 0.01), ("in_sequence", "asked", 0.005), ("even_gaps", "gaps", 0.1),
        ("implausible", "asked", 0.003), ("far_people", "placed_people", 0.03), ("quick_gaps", "gaps", 0.05),
        ("repeated_gaps", "gaps", 0.04),
    ):  # fmt: skip
        columns[name] = chance.binomial(columns[of], share)
    columns["clock_hours"] = np.full(accounts, 12)
    columns["even_clock"] = chance.binomial(12, 0.1, accounts)
    columns["session_events"] = people
    columns["session_switches"] = chance.binomial(people, 0.002)
    columns["account_age"] = np.full(accounts, day + 1)
    for name, of, who, share in (
        ("people_elsewhere", "people", 0.1, 0.2), ("answers_elsewhere", "answers", 0.1, 0.2),
        ("people_desk", "people", 0.1, 0.8), ("people_new_network", "people", 0.03, 0.3),
        ("people_hosting", "people", 0.02, 0.5),
    ):  # fmt: skip
        columns[name] = np.where(chance.random(accounts) < who, chance.binomial(columns[of], share), 0)
    columns["strangers_elsewhere"] = chance.binomial(columns["people_elsewhere"], 0.3)
    for name, who in (
        ("new_networks", 0.03), ("new_addresses", 0.08), ("new_browsers", 0.01), ("company", 0.01),
        ("networks_at_once", 0.02), ("credential_changes", 0.005), ("refused_pushes", 0.002), ("refused_logins", 0.03),
        ("days_unseen", 0.001),
    ):  # fmt: skip
        columns[name] = chance.binomial(1, who, accounts)
    columns["new_people"] = columns["new_share"]
    columns["working_hours"] = np.minimum(people, 9)
    home = number % 96
    for place, part in enumerate((0.6, 0.2, 0.1)):
        columns[f"place_{place + 1}"] = ((home + place) % 96 + 1) * 2**32 + np.rint(people * part).astype(np.int64)
    frame = pl.DataFrame(columns).with_columns(
        account=pl.Series(number).cast(pl.String).str.zfill(7),
        night=pl.lit(night),
        profession=pl.Series([PROFESSIONS[n % 6] for n in number]),
        structure=pl.lit(None, pl.String),
        region=pl.Series(home).cast(pl.String),
        events=pl.Series(people),
        first=pl.lit(night).cast(pl.Datetime("us", "UTC")),
        last=pl.lit(night).cast(pl.Datetime("us", "UTC")),
    )
    return frame.filter(pl.Series(chance.random(accounts) < 0.75) & (pl.col("people") > 0)).sort("account")


def measured(rows):
    """Wrap a night as stage one gives it: one network an account."""
    origins = rows.select(
        "account", "night", ip="account", network="account", network_type=pl.lit(None, pl.String),
        user_agent=pl.lit("b"), read="people", strangers="new_people", sent="answers",
        is_new_ip=pl.lit(value=False), is_new_network=pl.lit(value=False), is_new_browser=pl.lit(value=False),
    )  # fmt: skip
    filled = {name: pl.lit(1) for name in EVENTS if name not in {"source", "time"}}
    totals = rows.group_by("night").agg(events=pl.len()).with_columns(source=pl.lit("log"), **filled)
    return Measured(
        nights=rows, origins=origins, episodes=pl.DataFrame(), peaks=pl.DataFrame(), totals=totals, runs=empty(RUNS)
    )


def make(folder, accounts):
    """Judge four weeks and keep what they leave, as a state does; and the rows of the night after them."""
    chance, before = np.random.default_rng(7), Before()
    for day in range(NIGHTS):
        rows = measured(night_rows(accounts, day, chance))
        cpu = time.process_time()
        ((_night, before),) = judge_on(rows, no_hits, Settings(), ASKED, before)
        print(f"night {day} of {NIGHTS}: {time.process_time() - cpu:.1f} processor s", file=sys.stderr, flush=True)
    keep_left(folder, before)
    rows = measured(night_rows(accounts, NIGHTS, chance))
    for one in fields(rows):
        getattr(rows, one.name).write_parquet(folder / f"{one.name}.parquet")


def keep_left(folder, before):
    """Write what a night left into a state folder."""
    state = State(Files(folder), Manifest(key="made"))
    content, _frames = kept_before(before, state)
    frames = {name: asdict(kept) for name, kept in state.manifest.frames.items()}
    kept = {"left": asdict(state.files.write("left.json", content)), "frames": frames}
    (folder / "kept.json").write_text(json.dumps(kept))


def state_in(folder):
    """Open what `keep_left` wrote."""
    frames = json.loads((folder / "kept.json").read_text())["frames"]
    return State(Files(folder), Manifest(key="made", frames={name: Kept(**one) for name, one in frames.items()}))


def begun(folder, state):
    """Read what judging a night needs; nobody but the judge holds it, so that it may let go of it."""
    left = Kept(**json.loads((folder / "kept.json").read_text())["left"])
    rows = Measured(**{one.name: pl.read_parquet(folder / f"{one.name}.parquet") for one in fields(Measured)})
    return judge_on(rows, no_hits, Settings(), ASKED, read_before(state.files.read_json(left), state.fetch_frame))


def forgotten(folder):
    """Have the system read every file from the disk again."""
    for path in folder.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def judge_once(folder, accounts):
    """Read what was left, judge one night, keep what it leaves; print a line of Markdown."""
    forgotten(folder)
    marks = [(time.process_time(), time.perf_counter())]

    def mark():
        marks.append((time.process_time(), time.perf_counter()))

    state = state_in(folder)
    judging = begun(folder, state)
    mark()
    ((night, after),) = judging
    mark()
    with tempfile.TemporaryDirectory() as left:
        state.files = Files(Path(left))
        kept_before(after, state)
        mark()
    status = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    peak = int(next(line.split()[1] for line in status if line.startswith("VmHWM"))) * 1024 / 1e9
    judged = len(judgeable(EVENTS)[0])
    told = [f"{night.accounts:,} of {accounts:,}", f"{judged} of {len(FEATURES)}"]
    for at in (0, 1):
        steps = [later[at] - earlier[at] for earlier, later in pairwise(marks)]
        told.append(f"{sum(steps):.1f} ({' + '.join(f'{step:.1f}' for step in steps)})")
    print("| " + " | ".join([*told, f"{peak:.2f}"]) + " |", flush=True)


def no_hits(_night, _suspicious):
    """Give no hits of rules: they are not the judge's."""
    return pl.DataFrame(schema=HITS)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("accounts", type=int, nargs="?", default=400_000)
    options.add_argument("--state", type=Path, help="keep the four weeks here, or judge after those kept here")
    options.add_argument("--step", choices=("make", "judge"), help="only this, in this process")
    asked = options.parse_args()
    if asked.step:
        {"make": make, "judge": judge_once}[asked.step](asked.state, asked.accounts)
        return
    with tempfile.TemporaryDirectory() as place:
        folder = asked.state or Path(place)
        folder.mkdir(parents=True, exist_ok=True)
        steps = ("judge",) if (folder / "kept.json").exists() else ("make", "judge")
        for step in steps:
            subprocess.run(
                [sys.executable, __file__, str(asked.accounts), "--state", str(folder), "--step", step], check=True
            )


if __name__ == "__main__":
    main()
