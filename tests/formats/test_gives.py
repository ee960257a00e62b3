import pytest

from reading_logs import read
from sound_logs import LOGS, format_of
from tocsin.formats import FORMATS, by_name
from tocsin.formats.base import READ_EVENTS

NEEDED = {"time", "kind", "account"}


@pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.name)
def test_a_format_says_of_what_it_gives_columns_of_the_schema_only(known):
    assert set(known.gives.fields) >= NEEDED
    assert set(known.gives.fields) <= set(READ_EVENTS) - {"line", "byte"}
    assert all(known.gives.fields.values())


@pytest.mark.parametrize("name", LOGS)
def test_a_format_gives_no_column_that_it_does_not_declare(name):
    events = read(LOGS[name], format_of(name)).events.drop("line", "byte")
    filled = {column for column in events.columns if events[column].null_count() < events.height}
    assert filled <= set(by_name(format_of(name)).gives.fields) | {"outcome", "offset_minutes"}
