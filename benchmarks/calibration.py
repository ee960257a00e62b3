"""How well a portal of 400,000 accounts knows its own false alerts, on account-night rows made directly.

Nobody attacks: every name is a false one. The rows have what makes innocent accounts ring: days of catching up, locums
who work elsewhere through a new network, new lines, software that paces, weekends. `python benchmarks/calibration.py
[ACCOUNTS] [NIGHTS]` prints two tables of Markdown: names against those that the nights expected, and accounts that rang with
at least so many points against those that the nights before promised.
"""

import resource
import sys
import time
from datetime import timedelta

import numpy as np
import polars as pl
from judge import FIRST, measured, night_rows

from tocsin.enrich.calendar import day_class
from tocsin.settings import Alerting, Settings
from tocsin.verdict.hits import HITS
from tocsin.verdict.judge import Asked, Before, judge_on

POINTS = (600, 800, 1000, 1400)
ACTIVE = {"working": 1.0, "saturday": 0.5, "closed": 0.1}
"""Share of the accounts of a working day that work."""


def lived(accounts, day, chance):
    """Make one night of people who now and then do what they seldom do."""
    kind = day_class(FIRST + timedelta(days=day), frozenset())
    rows = night_rows(accounts, day, chance, lambda people: np.rint(people * busy(accounts, day)))
    rows = rows.filter(pl.Series(chance.random(rows.height) < ACTIVE[kind]))
    number = rows["account"].cast(pl.Int64).to_numpy()
    locum, moved = stint("locum", accounts, day, 0.002, 5)[number], stint("moved", accounts, day, 0.002, 14)[number]
    first = (stint("locum", accounts, day, 0.002, 1) | stint("moved", accounts, day, 0.002, 1))[number]
    paced, pushed = stint("paced", accounts, day, 0.001, 3)[number], stint("pushed", accounts, day, 0.0005, 3)[number]
    people, gaps = rows["people"].to_numpy(), rows["gaps"].to_numpy()
    new = np.where(locum, chance.binomial(people, 0.9), rows["new_people"].to_numpy())
    places = {f"place_{n}": rows[f"place_{n}"].to_numpy() + np.where(locum, 40 * 2**32, 0) for n in (1, 2, 3)}
    return rows.with_columns(
        new_people=new, new_share=new, **places,
        even_gaps=np.where(paced, chance.binomial(gaps, 0.6), rows["even_gaps"].to_numpy()),
        people_elsewhere=np.where(locum | moved, people, 0),
        strangers_elsewhere=np.where(locum | moved, new, 0),
        people_new_network=np.where(first, people, 0),
        new_networks=first.astype(np.int64),
        refused_pushes=np.where(pushed, chance.poisson(2, people.size), 0),
    )  # fmt: skip


def busy(accounts, day):
    """Give what a night's people are multiplied by: one account in seventy catches up or has a campaign."""
    chance = np.random.default_rng((31, day))
    return np.where(chance.random(accounts) < 0.015, chance.lognormal(0.7, 0.4, accounts), 1)


def stint(name, accounts, day, share, nights):
    """Say who is in a stretch of so many nights; a share of the accounts begins one each night."""
    began = [np.random.default_rng((*name.encode(), 1_000 + day - back)).random(accounts) for back in range(nights)]
    return np.any([one < share for one in began], axis=0)


def main():
    accounts = int(sys.argv[1]) if len(sys.argv) > 1 else 400_000
    nights = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    settings, chance, before = Settings(), np.random.default_rng(11), Before()
    asked, hits = Asked(nights=frozenset(), holidays=frozenset()), pl.DataFrame(schema=HITS)
    names, expected, cut, worst = [], [], 0, 0
    rang, promised = np.zeros(len(POINTS)), np.zeros(len(POINTS))
    began = time.process_time()
    for day in range(nights):
        rows = measured(lived(accounts, day, chance))
        held = before.calibration
        ((night, before),) = judge_on(rows, lambda _night, _suspicious: hits, settings, asked, before)
        new = sum(1 for suspect in night.suspects if suspect.rank is not None)
        print(
            day, new, night.budget.expected_false, f"{time.process_time() - began:.0f} s", file=sys.stderr, flush=True
        )
        if night.budget.expected_false is None:
            continue
        names.append(new)
        expected.append(night.budget.expected_false)
        cut, worst = cut + (night.budget.cut > 0), max(worst, new)
        tonight = before.calibration.scores.filter(night=night.night)
        for at, points in enumerate(POINTS):
            rang[at] += tonight.filter(pl.col("points") >= points)["n"].sum()
            promised[at] += promise(held, rows.nights, points, night.night)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        "| accounts | nights with an expectation | names | most in one | nights whose list was full | expected | peak GB |"
    )
    print("|---|---|---|---|---|---|---|")
    print(f"| {accounts:,} | {len(names)} | {sum(names)} | {worst} | {cut} | {sum(expected):.1f} | {peak:.1f} |\n")
    print("| points or more | accounts that rang | promised | times |")
    print("|---|---|---|---|")
    for points, seen, said in zip(POINTS, rang, promised, strict=True):
        print(f"| {points // 100} | {seen:.0f} | {said:.1f} | {said / max(seen, 1):.2f} |")


def promise(held, rows, points, night):
    """Say how many accounts of this night the nights before promise with these points or more: the mean of each account's figure."""
    who = rows.select("profession", day=pl.lit(day_class(night, frozenset())))
    return float(
        held.expected_false(np.full(rows.height, points, np.int32), who, Alerting(calibration_nights=1)).mean()
    )


if __name__ == "__main__":
    main()
