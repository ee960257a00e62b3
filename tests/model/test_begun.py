"""Nights of a program that did not tell every figure of today."""

import polars as pl

from assessed import assessed
from model.test_assess import nights
from portal import FIRST, rows
from tocsin.features.catalogue import BY_NAME, JUDGED
from tocsin.model.assess import About
from tocsin.model.begun import KNOWN_BY_NOBODY, SINCE_7, first_figures, told_on
from tocsin.settings import Settings

BEFORE = [one for one in JUDGED if one.name not in SINCE_7]
TODAY = {"new_addresses": 3, "delegations": 2, "people_new_country": 40, "company": 9}


def after_a_new_program(days):
    """Nine nights of a program before, then some of today's on which everybody shows the same of the new figures."""
    frame = rows(accounts=60, nights=9 + days).with_columns(pl.lit(value).alias(name) for name, value in TODAY.items())
    parts = frame.partition_by("night", maintain_order=True)
    old = pl.concat(part.drop(SINCE_7) for part in parts[:9])
    seen = nights(old, BEFORE)
    for tonight in parts[9:]:
        about = About((tonight["night"][0], "working"), with_model=False)
        seen = assessed(tonight, seen.learned, JUDGED, Settings(), about)
    return seen


def test_figures_that_few_nights_tell_say_nothing_of_anybody():
    for days in (1, 2, 3):
        seen = after_a_new_program(days)
        assert not any(seen.surprises[name].any() for name in SINCE_7), days
        assert told_on(seen.learned.past, "new_addresses") == days
    assert told_on(seen.learned.past, "people") == 12


def test_what_nobody_was_known_by_is_nought_on_its_first_night_and_the_rest_is_learned():
    learned = after_a_new_program(1).learned.past.on(FIRST.replace(day=FIRST.day + 9))
    assert all(learned[name].max() == 0 for name in KNOWN_BY_NOBODY)
    assert learned["new_addresses"].min() > 0


def test_a_first_night_of_all_is_left_as_it_is():
    row = pl.DataFrame({"people_new_country": [30], "company": [7]})
    asked = [BY_NAME[name] for name in KNOWN_BY_NOBODY]
    assert first_figures(row, None, asked).row(0) == (30, 7)
    past = nights(rows(nights=7), [one for one in JUDGED if one.name != "people_new_country"]).learned.past
    assert first_figures(row, past, asked).row(0) == (0, 7)
