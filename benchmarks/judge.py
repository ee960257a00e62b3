"""What the judge costs: one night of 400,000 accounts after four weeks, on account-night rows made directly.

`python benchmarks/judge.py [ACCOUNTS]` prints a line of Markdown: processor time and wall time of the last night, and
the peak memory of the whole process.
"""

import resource
import sys
import time
from datetime import date, timedelta

import numpy as np
import polars as pl

from tocsin.features.catalogue import FEATURES
from tocsin.measure import Measured
from tocsin.schema import EVENTS
from tocsin.settings import Settings
from tocsin.verdict.hits import HITS
from tocsin.verdict.judge import Asked, Before, judge_on

FIRST = date(2026, 3, 2)
NIGHTS = 29
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
    ):  # fmt: skip
        columns[name] = chance.binomial(columns[of], share)
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
    return Measured(nights=rows, origins=origins, episodes=pl.DataFrame(), peaks=pl.DataFrame(), totals=totals)


def main():
    accounts = int(sys.argv[1]) if len(sys.argv) > 1 else 400_000
    chance = np.random.default_rng(7)
    asked = Asked(nights=frozenset(), holidays=frozenset())
    before = Before()
    hits = pl.DataFrame(schema=HITS)
    for day in range(NIGHTS):
        rows = measured(night_rows(accounts, day, chance))
        cpu, wall = time.process_time(), time.perf_counter()
        ((night, before),) = judge_on(rows, lambda _night, _suspicious: hits, Settings(), asked, before)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        print(f"{day} {cpu:.1f} {wall:.1f}", file=sys.stderr, flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    judged = sum(1 for feature in FEATURES if feature.judged)
    print(f"| {night.accounts:,} of {accounts:,} | {judged} of {len(FEATURES)} | {cpu:.1f} | {wall:.1f} | {peak:.1f} |")


if __name__ == "__main__":
    main()
