import pytest

from tocsin.formats import FORMATS
from tocsin.formats.base import READ_EVENTS

NEEDED = {"time", "kind", "account"}


@pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.name)
def test_a_format_says_of_what_it_gives_columns_of_the_schema_only(known):
    assert set(known.gives.fields) >= NEEDED
    assert set(known.gives.fields) <= set(READ_EVENTS) - {"line", "byte"}
    assert all(known.gives.fields.values())
