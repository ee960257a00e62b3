"""Owner and intruder where the intruder came first, where the owner moves, and where nobody comes back."""

from made import at, night, stored
from practice import ELSEWHERE, EXTRA, HOME, practice, reading, strangers
from tocsin.settings import Settings
from tocsin.verdict.sessions import Question, reasons, tell_apart
from tocsin.verdict.stretches import with_stretch

LINUX = {"user_agent": "Firefox/98.0 (Linux)", "network_type": "isp"}


def told(rows, day, named=None):
    events = with_stretch(stored(*rows).drop(*EXTRA), Settings())
    named = day if named is None else named
    return tell_apart(events, Question("A1", night(day), night(named)), Settings())


def verdicts(story, start=""):
    return {one.stretch.label: one.verdict for one in story.judged if one.stretch.label.startswith(start)}


def now_and_then(last, count=4, **more):
    """Somebody who reads a few strangers every third night, from the very first on."""
    return [
        row for day in range(0, last, 3) for row in reading(day, strangers(count, day), start=60, session="x", **more)
    ]


def test_an_intruder_of_the_first_week_is_not_what_he_is_compared_with():
    rows = [
        *practice(range(20)),
        *now_and_then(19, **ELSEWHERE),
        *reading(19, strangers(60, 19), session="x", **ELSEWHERE),
    ]
    story = told(rows, 19)
    assert set(verdicts(story, "x").values()) == {"intruder"}
    assert set(verdicts(story, "own").values()) == {"owner"}
    assert story.began == min(one.stretch.first for one in story.judged if one.stretch.label == "x0")


def test_an_account_named_on_its_third_night_is_judged_by_what_came_after():
    rows = [*practice(range(16)), *reading(2, strangers(40, 2), start=60, session="x", **ELSEWHERE)]
    story = told(rows, 15, named=2)
    assert verdicts(story, "x") == {"x2": "intruder"}
    assert set(verdicts(story, "own").values()) == {"owner"}


def test_an_account_that_only_an_intruder_ever_used_has_no_owner():
    rows = [row for day in range(12) for row in reading(day, strangers(30, day), session="x", **ELSEWHERE)]
    assert set(verdicts(told(rows, 11, named=1)).values()) == {"mixed"}


def test_who_reads_the_accounts_people_on_a_new_network_is_no_intruder_there_in_another_session():
    away = {"ip": "90.7.7.7", "user_agent": "Safari/1"}
    rows = [
        *practice(range(15)),
        *reading(14, [f"p{n}:7" for n in range(14)], start=60, session="known", **away),
        *reading(14, strangers(6, 14), start=150, session="new", **away),
    ]
    story = told(rows, 14)
    assert verdicts(story, "new")["new14"] != "intruder"
    assert "14 of 20 people read from this network known to the account" in reasons(story.judged[-1])


def test_strangers_read_with_the_owners_browser_from_a_telephone_are_never_certain():
    rows = [row for day in range(14) for row in practice([day], ip=f"37.{day}.7.1", network_type="mobile")]
    far = {"patient_region": "75", "every": 0.5, "start": 90, "session": "far"}
    rows += reading(13, strangers(40, 13), **far, **HOME | {"ip": "37.99.7.1", "network_type": "mobile"})
    story = told(rows, 13)
    far = next(one for one in story.judged if one.stretch.label == "far13")
    assert (far.points > 2, far.verdict) == (True, "mixed")


def test_a_renewed_line_is_no_second_person():
    before = practice(range(10))
    after = [
        row
        for day in range(10, 14)
        for row in reading(day, strangers(30, day), session="own", **HOME | {"ip": "90.7.7.7"})
    ]
    assert set(verdicts(told([*before, *after], 13)).values()) == {"mixed"}
    back = practice([12], ip="10.0.0.1")
    beside = told([*before, *after, *[row | {"session": "back"} for row in back]], 13)
    assert "intruder" in verdicts(beside).values()


def test_a_robot_on_the_renewed_line_is_told_by_what_no_hand_does():
    rows = [
        *practice(range(10)),
        *[
            row
            for day in range(10, 12)
            for row in reading(day, [f"b{day}:{n}" for n in range(60)], every=0.03, **HOME | {"ip": "90.7.7.7"})
        ],
    ]
    assert set(verdicts(told(rows, 11, named=10)).values()) == {"intruder"}


def test_a_network_to_which_people_come_back_is_home_also_after_a_move():
    moved = [row for day in range(8, 16) for row in practice([day], ip="90.7.7.7")]
    assert set(verdicts(told([*practice(range(8)), *moved], 15, named=9)).values()) == {"owner"}


def test_at_a_desk_where_nobody_comes_back_a_doubtful_session_teaches_nothing():
    desk = [row for day in range(12) for row in reading(day, strangers(12, day, "p"), **HOME)]
    slow = [
        row
        for day in range(12, 16)
        for row in reading(day, strangers(5, day), start=60, session="x", **ELSEWHERE | {"network_type": "isp"})
    ]
    told_apart = verdicts(told([*desk, *slow], 15, named=12), "x")
    assert len(told_apart) == 4
    assert "owner" not in told_apart.values()


def test_fewer_people_from_afar_than_usual_do_not_speak_for_an_intruder():
    rows = [row | {"patient_region": "29" if n % 2 else str(n % 90)} for n, row in enumerate(practice(range(12)))]
    rows += [row | {"patient_region": "29"} for row in reading(12, [f"p{n}:7" for n in range(12)], **HOME)]
    (mark,) = (mark for mark in told(rows, 12).judged[-1].marks if mark.measure == "departments")
    assert mark.words.startswith("0% of the people from departments foreign to it, usually 50%")
    assert mark.points <= 0


def test_a_robot_on_a_network_that_is_home_since_a_move_is_mixed_because_the_owner_may_be_in_it():
    moved = [row for day in range(8, 16) for row in practice([day], ip="90.7.7.7")]
    robot = reading(8, [f"b:{n}" for n in range(60)], every=0.03, start=60, session="x", **HOME | {"ip": "90.7.7.7"})
    assert verdicts(told([*practice(range(8)), *moved, *robot], 15, named=8), "x") == {"x8": "mixed"}


def test_the_owners_browser_in_the_intruders_network_is_not_made_certain_by_its_company():
    rows = [row for day in range(14) for row in practice([day], ip=f"37.{day}.7.1", network_type="mobile")]
    rows += reading(
        13, [f"b:{n}" for n in range(60)], every=0.03, start=60, session="x", **ELSEWHERE | {"ip": "37.13.7.9"}
    )
    rows += reading(13, strangers(3, 13), start=100, session="own-", **HOME | {"ip": "37.13.7.1"})
    story = verdicts(told(rows, 13))
    assert story["x13"] == "intruder"
    assert story["own-13"] == "mixed"


def test_where_the_owners_addresses_cannot_be_read_one_that_can_is_strange():
    rows = [row | {"ip": None} for row in practice(range(14))]
    rows += now_and_then(13, **ELSEWHERE | {"user_agent": HOME["user_agent"]})
    assert set(verdicts(told(rows, 13, named=12), "x").values()) == {"intruder"}


def test_a_network_to_which_nobody_comes_back_never_teaches_a_telephone():
    rows = [row for day in range(18) for row in practice([day], ip=f"37.{day}.7.1", network_type="mobile")]
    rows += now_and_then(17, 2, **HOME | {"ip": "51.68.3.9"})
    search = {"kind": "search", "rows": 30, **HOME, "ip": "51.68.3.9"}
    rows += [search | {"time": at(20, day=day), "session": f"q{day}"} for day in range(2, 17, 3)]
    rows += reading(17, strangers(30, 17), start=60, session="x", **HOME | {"ip": "51.68.3.9"})
    last = next(one for one in told(rows, 17).judged if one.stretch.label == "x17")
    assert "0 of 42 people read from this network known to the account" in reasons(last)


def test_the_order_of_lines_does_not_matter():
    rows = [
        *practice(range(14)),
        *now_and_then(13, **ELSEWHERE),
        *reading(13, strangers(30, 13), session="y", **ELSEWHERE),
    ]
    one, other = told(rows, 13), told(rows[::-1], 13)
    assert [(j.stretch.label, j.verdict, j.points) for j in one.judged] == [
        (j.stretch.label, j.verdict, j.points) for j in other.judged
    ]


def test_what_the_first_nights_wrongly_taught_is_unlearned_for_the_later_ones():
    three = [{"ip": f"10.0.{n}.1", "user_agent": name} for n, name in enumerate(("Alpha/1", "Beta/1", "Gamma/1"))]
    desk = [row for day in range(14) for row in reading(day, strangers(12, day, "p"), **three[day % 3])]
    early = [row for day in (0, 1) for row in reading(day, strangers(3, day), start=60, session="x", **ELSEWHERE)]
    robot = reading(13, [f"b:{n}" for n in range(60)], every=0.03, start=60, session="x", **ELSEWHERE)
    assert verdicts(told([*desk, *early, *robot], 13), "x")["x13"] == "intruder"
