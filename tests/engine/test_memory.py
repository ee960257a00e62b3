"""What the nights before showed, told for each event up to the night that its question is about."""

import polars as pl
import pytest

from made import at, night, stored
from tocsin.engine.memory import Remembered
from tocsin.past import PERSON, last_night, last_seen
from tocsin.store.files import Files
from tocsin.store.manifest import HeldNight, Manifest
from tocsin.store.seen import Seen


def read(day, person, ip="192.0.2.1"):
    return {"time": at(0, day), "account": "A1", "patient": str(person), "ip": ip}


@pytest.fixture
def held(tmp_path):
    """Nights 1 to 4: the person of each night is read from the address of that night."""
    files, nights = Files(tmp_path), {}
    for day in range(1, 5):
        past = Remembered(Seen(files, Manifest("key"), night(day)), pl.DataFrame(), ["patient"], night(day))
        past.note(stored(read(day, day, f"192.0.2.{day}")))
        nights[night(day)] = HeldNight(seen=(files.write_frame(f"seen/{day}.parquet", past.marks(night(day))),))
    return files, Manifest("key", nights=nights)


def told(held, before, *rows):
    files, manifest = held
    since = pl.DataFrame({"account": ["A1"], "since": [stored(read(1, 1))["time"][0]]})
    past = Remembered(Seen(files, manifest, night(before)), since, ["patient"], night(before))
    return past, past.told(stored(*rows))


def test_tonight_knows_last_night_and_rules_the_night_before_that(held):
    _past, events = told(held, 5, *(read(5, person) for person in (1, 2, 3, 4, 9)))
    assert events[last_night(PERSON)].to_list() == [night(day) for day in range(1, 5)] + [None]
    assert events[last_seen(PERSON)].to_list() == [night(1), night(2), night(3), None, None]


def test_each_night_among_the_events_is_told_up_to_its_own(held):
    rows = [read(6, 4), read(4, 2), read(4, 3), read(5, 4)]
    _past, events = told(held, 5, *rows)
    seen = {row[:2]: row[2] for row in events.select("night", "patient", last_seen(PERSON)).iter_rows()}
    assert seen == {
        (night(6), "4"): night(4),
        (night(5), "4"): None,
        (night(4), "2"): night(2),
        (night(4), "3"): None,
    }


def test_of_the_night_before_rules_alone_ask_and_nothing_is_noted(held):
    past, events = told(held, 5, read(5, 4), read(4, 2))
    assert events.filter(pl.col("night") == night(4)).select(last_night("ip"), last_night("network")).row(0) == (
        None,
        None,
    )
    assert past.marks(night(4)).is_empty()
    assert past.marks(night(5)).height == 1 + 3  # the person; address, network and browser


def test_a_mark_noted_in_two_portions_is_kept_once(held):
    files, _manifest = held
    past = Remembered(Seen(files, Manifest("key"), night(1)), pl.DataFrame(), ["patient"], night(1))
    for _portion in range(2):
        past.note(stored(read(1, 7), read(1, 8)))
    marks = past.marks(night(1))
    assert marks.height == 2 + 3
    assert marks.equals(marks.unique().sort("shelf", "mark"))


def test_countries_are_known_from_the_nights_before_where_the_log_tells_them(tmp_path):
    files = Files(tmp_path)
    past = Remembered(Seen(files, Manifest("key"), night(1)), pl.DataFrame(), [], night(1))
    past.note(stored(read(1, 7) | {"country": "FR"}))
    assert past.marks(night(1)).height == 1 + 3 + 1
    nights = {night(1): HeldNight(seen=(files.write_frame("seen/1.parquet", past.marks(night(1))),))}
    tonight = stored(read(2, 7) | {"country": "FR"}, read(2, 7) | {"country": "MD"}, read(2, 7))
    _past, events = told((files, Manifest("key", nights=nights)), 2, *tonight.to_dicts())
    assert dict(events.select("country", last_night("country")).iter_rows()) == {"FR": night(1), "MD": None, None: None}
    _past, events = told((files, Manifest("key", nights=nights)), 2, read(2, 7))
    assert last_night("country") not in events.columns
