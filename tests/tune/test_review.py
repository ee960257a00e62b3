"""What is remarkable of rules and regions, on answers made by hand."""

from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import polars as pl
import pytest

from tocsin.tune.knobs import Knob
from tocsin.tune.known import Labelled, fate
from tocsin.tune.review import RegionRate, review
from tocsin.tune.scope import Scope
from tocsin.tune.sweep import Sweep
from tuned_outcomes import day, outcome

NIGHTS = [day(0), day(1)]
ACTIVE = pl.DataFrame(
    [(f"A{number}", night, "29" if number < 10 else "75") for number in range(50) for night in [*NIGHTS, day(2)]],
    schema=["account", "night", "region"],
    orient="row",
)
"""Ten accounts of 29 and forty of 75, also on a night that is not told."""


def rule(name, *hit):
    hits = pl.DataFrame({"account": list(hit)}, schema={"account": pl.String})
    today = replace(outcome("", ""), hits=hits)
    return Sweep(Knob(name, "correlation.condition.gte", (1,)), name, (1.0,), today, fate([], today), [])


def reviewed(*rules, cases=(), regions=()):
    nights = [replace(night, by_region=Counter(regions)) for night in outcome("", "").nights]
    ground = SimpleNamespace(scope=Scope("all", {}), hits=SimpleNamespace(active=ACTIVE), nights=NIGHTS)
    return review(
        SimpleNamespace(ground=ground, rules=rules, cases=cases, before=(replace(outcome(""), nights=nights), None))
    )


def test_a_rule_is_noisy_above_one_account_night_in_fifty_and_silent_without_a_hit():
    told = reviewed(rule("often", *["A1"] * 3), rule("seldom", *["A1"] * 2), rule("never"))
    assert [one.knob.name for one in told.noisy] == ["often"]
    assert [one.knob.name for one in told.silent] == ["never"]


def test_a_rule_that_hit_only_benign_accounts_is_named():
    cases = [Labelled(name, day(0), day(0), verdict) for name, verdict in (("B", "benign"), ("C", "true"))]
    cases.append(Labelled("C", day(0), day(0), "benign"))
    told = reviewed(rule("only", "B", "B"), rule("also", "B", "D"), rule("case", "B", "C"), rule("never"), cases=cases)
    assert [one.knob.name for one in told.only_benign] == ["only"]


def test_a_region_is_off_at_twice_or_half_of_its_share():
    """A fifth of the accounts; of twenty alerts four are its due."""
    told = reviewed(regions={"29": 5, "75": 5}).regions
    assert told == [RegionRate("29", 10, 5.0, 2.5), RegionRate("75", 40, 5.0, 0.625)]
    assert [one.is_off for one in told] == [True, False]
    assert [one.times for one in reviewed(regions={"29": 1, "75": 0}).regions] == [None, None], "two are no rate"
    assert [one.times for one in reviewed(regions={"29": 3}).regions] == [5.0, 0.0]
    assert [one.times for one in reviewed(regions={"29": 0, "75": 2}).regions] == [None, 1.25]


@pytest.mark.parametrize(("times", "off"), [(None, False), (0.5, True), (0.51, False), (1.99, False), (2.0, True)])
def test_twice_and_half_are_off(times, off):
    assert RegionRate("29", 1, 1.0, times).is_off == off
