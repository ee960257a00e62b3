from datetime import UTC, datetime

import polars as pl

from made import at, stored
from tocsin.engine.overlap import Span, once, once_more, overlapping


def span(name, first, last):
    return Span(name, datetime(2022, 3, first, tzinfo=UTC), datetime(2022, 3, last, tzinfo=UTC))


def test_names_the_files_whose_time_touches():
    assert overlapping([span("a", 1, 2), span("b", 2, 3), span("c", 4, 5)]) == ["a", "b"]


def test_a_long_file_touches_all_that_lie_within():
    assert overlapping([span("long", 1, 9), span("b", 2, 3), span("c", 4, 5), span("d", 10, 11)]) == ["b", "c", "long"]


def test_no_file_touches_itself():
    assert overlapping([]) == []
    assert overlapping([span("a", 1, 2)]) == []


def clicks(source, minutes):
    return [{"time": at(minute), "patient": "b:1", "source": source} for minute in minutes]


def test_an_event_of_two_files_counts_once():
    events = stored(*clicks("a", [1, 2]), *clicks("b", [2, 3]))
    kept, repeats = once(events, ["a", "b"])
    assert kept["time"].sort().to_list() == [at(1), at(2), at(3)]
    assert repeats["source"].to_list() == ["b"]


def test_identical_lines_of_one_file_are_all_events():
    events = stored(*clicks("a", [1, 1, 1]), *clicks("b", [1, 1]))
    kept, repeats = once(events, ["a", "b"])
    assert kept.height == 3
    assert repeats["source"].to_list() == ["b", "b"]


def test_the_answer_does_not_depend_on_the_order_of_rows():
    events = stored(*clicks("a", [1, 1, 2]), *clicks("b", [1, 2, 2, 3]))
    kept, _ = once(events, ["a", "b"])
    mixed, _ = once(events.sample(fraction=1, shuffle=True, seed=3), ["a", "b"])
    places = ["source", "line"]
    assert kept.sort(places).equals(mixed.sort(places))
    assert kept.height == 5


def test_events_that_differ_in_anything_are_different():
    events = stored({"time": at(1), "source": "a", "service": "x"}, {"time": at(1), "source": "b", "service": "y"})
    kept, repeats = once(events, ["a", "b"])
    assert kept.height == 2
    assert repeats.is_empty()


def test_a_unit_that_names_several_people_is_dropped_once():
    """The account of an input counts units: three rows dropped at one place are one event less."""
    people = [{"time": at(1), "patient": f"b:{n}", "line": 7, "byte": 70} for n in range(3)]
    first, again = (stored(*({**row, "source": source} for row in people)) for source in "ab")
    kept, repeats = once(pl.concat([first, again]), ["a", "b"])
    assert (kept.height, repeats.rows()) == (3, [("b", 7, 70)])
    kept, repeats = once_more(again, first)
    assert (kept.height, repeats.rows()) == (0, [("b", 7, 70)])


def test_files_that_do_not_touch_are_left_alone():
    events = stored(*clicks("a", [1]), *clicks("b", [1]))
    assert once(events, [])[0].height == 2
    assert isinstance(once(events, ["a"])[1], pl.DataFrame)
