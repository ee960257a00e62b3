"""Logs without session, address and browser: owner and intruder are told apart by whom they read."""

from made import night, stored
from practice import EXTRA, practice, reading, strangers
from tocsin.settings import Settings
from tocsin.verdict.exposure import in_window, people
from tocsin.verdict.sessions import Question, tell_apart
from tocsin.verdict.stretches import with_stretch

BARE = {"session": None, "ip": None, "user_agent": None}
FAR = {"patient_region": "75"}


def bare(rows):
    return [row | BARE for row in rows]


def told(rows, day=10):
    events = with_stretch(stored(*bare(rows)).drop(*EXTRA), Settings())
    return tell_apart(events, Question("A1", night(day), night(day)), Settings()), events


def by_strand(story, day):
    return {one.stretch.strand: one.verdict for one in story.judged if one.stretch.night == night(day)}


def walk_in(day, count=3):
    """New people of the practice's own department, every day."""
    return reading(day, [f"n{day}x{n}" for n in range(count)], start=200)


def owner():
    return [*practice(), *practice([10]), *(row for day in range(11) for row in walk_in(day))]


def test_many_strangers_from_foreign_departments_are_the_intruders_and_who_comes_back_is_the_owners():
    story, events = told([*owner(), *reading(10, strangers(250, 10), every=1.0, **FAR)])
    assert by_strand(story, 10) == {"returning": "owner", "near": "owner", "far": "intruder"}
    assert str(story.began.date()) == str(night(10))
    listed = people(in_window(events, [story]))
    certainty = dict(listed["certainty"].value_counts().iter_rows())
    assert certainty == {"certain": 250, "possible": 15}
    (why,) = (
        mark.words
        for one in story.judged
        if one.stretch.strand == "far"
        for mark in one.marks
        if mark.measure == "strand"
    )
    assert why == "250 people tonight who never came back, from foreign departments, at most 0 before"
    assert "the logs hold no session, address, browser" in story.limits[0]


def test_no_more_strangers_than_an_owner_may_have_are_never_certain():
    story, _events = told([*owner(), *reading(10, strangers(199, 10), every=1.0, **FAR)])
    assert by_strand(story, 10)["far"] == "mixed"


def test_strangers_of_the_accounts_own_departments_are_certain_only_where_the_owners_part_is_small():
    for count, verdict in ((120, "mixed"), (400, "intruder")):
        story, _events = told([*owner(), *reading(10, strangers(count, 10), every=1.0)])
        assert by_strand(story, 10) == {"returning": "owner", "near": verdict}, count


def test_the_window_opens_with_the_first_night_that_may_be_the_intruders():
    few = [row for day in (8, 9) for row in reading(day, strangers(30, day), every=1.0, **FAR)]
    story, _events = told([*owner(), *few, *reading(10, strangers(250, 10), every=1.0, **FAR)])
    assert by_strand(story, 8)["far"] == "mixed"
    assert str(story.since.date()) == str(night(8))


def test_a_name_stays_with_whom_it_was_given_to_when_later_nights_bring_somebody_back():
    rows = [*reading(0, ["p1"]), *reading(1, ["new", "p1", "other"])]
    for later, strand in (([], "near"), (reading(2, ["new"]), "returning")):
        story, _events = told([*rows, *later], day=2 if later else 1)
        there = [one.stretch for one in story.judged if one.stretch.night == night(1)]
        assert there[0].strand == strand, "in the order of time they have changed places"
        assert {one.label.partition("/")[2] for one in there} == {"returning/1", "near/1"}
        assert all(one.label.split("/")[1] == one.strand for one in there)


def test_where_few_come_back_no_department_is_foreign():
    rows = [row for day in range(11) for row in reading(day, strangers(6, day), **FAR if day % 2 else {})]
    story, events = told(rows)
    assert events["strand"].unique().to_list() == ["near"]
    assert by_strand(story, 10) == {"near": "owner"}


def test_logs_that_say_who_asked_have_no_strands():
    for column in BARE:
        rows = [row | {column: "x"} for row in bare(owner())]
        assert with_stretch(stored(*rows).drop(*EXTRA), Settings())["strand"].null_count() == len(rows)


def test_only_what_is_anonymous_is_in_a_strand():
    rows = [row | (BARE if day else {}) for day in (0, 1) for row in reading(day, ["p1"])]
    assert with_stretch(stored(*rows).drop(*EXTRA), Settings()).sort("time")["strand"].to_list() == [None, "near"]
