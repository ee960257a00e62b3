from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from tocsin.formats.base import READ_EVENTS
from tocsin.intake.protect import protect
from tocsin.privacy.tokens import TokenKey

THEN = datetime(2026, 3, 18, 9, 10, 10, tzinfo=UTC)
MOMENT = "1773825010123"
"""Looks like a man of 1977 without a month of birth (38), born in department 25."""


def kept(text, column="service", at=THEN):
    events = pl.DataFrame(
        {"time": [at], "account": ["A1"], column: [text]},
        schema={name: READ_EVENTS[name] for name in dict.fromkeys(("time", "account", column))},
    )
    whole = events.with_columns(
        pl.lit(None, dtype).alias(name) for name, dtype in READ_EVENTS.items() if name not in events
    )
    return protect(whole.with_columns(source=pl.lit("log")), "nir", TokenKey(bytes(32)))[column].item()


@pytest.mark.parametrize("text", [MOMENT, f"/droits?_={MOMENT}&x=1", f"s-{MOMENT}"])
@pytest.mark.parametrize("column", ["service", "session", "account"])
def test_the_moment_of_a_line_is_no_number_of_a_person(text, column):
    assert kept(text, column) == text


def test_the_same_digits_on_another_day_are_masked():
    assert kept(f"?nir={MOMENT}", at=THEN + timedelta(days=2)) == "?nir=[nir]"
    assert kept(f"?nir={MOMENT}", at=THEN - timedelta(days=2)) == "?nir=[nir]"


def test_a_number_with_a_real_month_is_masked_even_where_it_could_be_the_moment():
    moment = datetime(2026, 2, 9, tzinfo=UTC)
    digits = "1770525006084"
    assert abs(int(digits) / 1000 - moment.timestamp()) < 86_400
    assert kept(f"/p/{digits}", at=moment) == "/p/[nir]"


def test_a_number_beside_a_moment_is_masked():
    assert "1850578006084" not in kept(f"/p/1850578006084?_={MOMENT}")
    assert MOMENT not in kept(f"/p/{MOMENT}?_={MOMENT}"), "only one of them is the moment"
