import dataclasses

import pytest

from model.test_assess import nights
from portal import BURST, FIRST, rows, with_values
from tocsin.rules.overlay import Overlays
from tocsin.settings import Settings
from tocsin.verdict.caps import caps_of

REFRESH = BURST | {"new_people": 400, "new_share": 400}
"""Ten times as many people as ever, nine in ten of them read before."""


def volume_of(seen):
    at = seen.rows["account"].to_list().index("A007")
    return int(caps_of(seen, Overlays(), FIRST, Settings())["volume"][at])


def sent(frame):
    """A read is one row and two kilobytes, every night of everybody."""
    return frame.with_columns(answers="people", bytes_kb=2 * frame["people"])


def test_reading_many_people_whom_the_account_knows_says_less():
    assert volume_of(nights(with_values(rows(), "A007", 14, **REFRESH))) == 400


def test_reading_many_strangers_keeps_the_cap():
    assert volume_of(nights(with_values(rows(), "A007", 14, **BURST))) == 800


def test_rows_and_bytes_as_usual_for_so_many_people_say_no_more():
    told = REFRESH | {"answers": 4_000, "bytes_kb": 8_000}
    assert volume_of(nights(with_values(sent(rows()), "A007", 14, **told))) == 400


@pytest.mark.parametrize("told", [{"answers": 60_000}, {"bytes_kb": 30_000}])
@pytest.mark.parametrize("people", [5, 4_000])
def test_an_export_beside_known_people_keeps_the_cap(people, told):
    known = REFRESH | {"people": people, "new_people": 0, "new_share": 0, "answers": people, "bytes_kb": 2 * people}
    assert volume_of(nights(with_values(sent(rows()), "A007", 14, **known))) == 400
    assert volume_of(nights(with_values(sent(rows()), "A007", 14, **known | told))) == 800


def test_nobody_is_known_where_the_log_names_no_person():
    seen = nights(with_values(rows(), "A007", 14, **REFRESH))
    blind = dataclasses.replace(seen, features=tuple(f for f in seen.features if not f.history))
    assert volume_of(blind) == 800
