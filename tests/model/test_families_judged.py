"""What the figures of rhythm, origin and credentials say of an account beside its own nights, and in which words."""

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from model.test_assess import nights, surprise
from portal import FIRST, rows, with_values
from tocsin.features.catalogue import BY_NAME
from tocsin.settings import Families, Settings
from tocsin.verdict.explain import measure_of, sentence

WEAK = round(100 * Families().weak)


def portal(usual, desk, tonight):
    """Fifteen nights of accounts with usual figures; one always has those of a desk, one has tonight's on the last."""
    frame = rows().with_columns(pl.lit(value).alias(name) for name, value in usual.items())
    at_desk = pl.col("account") == "A030"
    frame = frame.with_columns(
        pl.when(at_desk).then(pl.lit(value)).otherwise(name).alias(name) for name, value in desk.items()
    )
    return nights(with_values(frame, "A007", 14, **tonight))


def told(seen, name):
    at = seen.rows["account"].to_list().index("A007")
    return sentence(BY_NAME[name], measure_of(at, seen, BY_NAME[name]), seen, at).replace("\N{NO-BREAK SPACE}", " ")


def test_a_robot_around_the_clock_is_told_and_a_desk_that_never_closes_is_not():
    office, desk, robot = ({"clock_hours": 12, "even_clock": hours} for hours in (3, 12, 12))
    seen = portal(office, desk, robot)
    assert surprise(seen, "even_clock", "A007") > 400
    assert surprise(seen, "even_clock", "A030") < 150
    assert surprise(seen, "even_clock", "A008") == 0
    assert told(seen, "even_clock").startswith(
        "spread its reads 100 % as evenly around the clock as a machine that never stops, usually 25 %"
    )


def test_a_machine_that_repeats_its_waits_is_told_and_software_that_always_does_is_not():
    people, software, robot = ({"gaps": 60, "repeated_gaps": gaps} for gaps in (3, 24, 24))
    seen = portal(people, software, robot)
    assert surprise(seen, "repeated_gaps", "A007") > 400
    assert surprise(seen, "repeated_gaps", "A030") < 150
    assert told(seen, "repeated_gaps").startswith("waited to the second as long in 40 % of its gaps between two people")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("new_addresses", 6, "came from 6 addresses it never used before, usually 0"),
        ("people_new_country", 40, "read 40 people from a country it never worked from before, usually 0"),
        ("delegations", 1, "handed its rights on to another within three nights, usually 0 times"),
        ("company", 9, "shared an address that never had so many with accounts of 9 structures, usually 0"),
    ],
)
def test_what_is_common_says_no_more_than_the_settings_let_it(name, value, words):
    seen = portal({}, {}, {name: value})
    assert surprise(seen, name, "A007") == WEAK
    assert surprise(seen, name, "A008") == 0
    assert told(seen, name).startswith(words)


def test_who_appears_late_is_told_with_its_age():
    settings = Settings(baselines=replace(Settings().baselines, away_days=5))
    late = rows(accounts=8, nights=12).filter(
        (pl.col("account") != "A007") | (pl.col("night") >= FIRST + timedelta(10))
    )
    for last, age in ((10, "first seen that night"), (11, "first seen 1 day before")):
        seen = nights(late.filter(pl.col("night") <= FIRST + timedelta(last)), settings=settings)
        words = "is new in the logs, which go back 10 days before without showing it; "
        assert told(seen, "days_unseen") == words + age
        assert surprise(seen, "days_unseen", "A007") == 250
        assert surprise(seen, "days_away", "A007") == 0
