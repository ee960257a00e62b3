from dataclasses import replace

import pytest

from made import at, night, stored
from practice import ELSEWHERE, EXTRA, HOME, practice, reading, strangers
from tocsin.settings import Settings
from tocsin.settings_sessions import Sessions
from tocsin.verdict.exposure import asked_only, basis, exposed, in_window, people
from tocsin.verdict.sessions import Question, reasons, sessions_of, tell_apart
from tocsin.verdict.stretches import with_stretch


def told(rows, day=10, named=None, settings=None):
    events = with_stretch(stored(*rows).drop(*EXTRA), settings or Settings())
    return tell_apart(
        events, Question("A1", night(day), night(day if named is None else named)), settings or Settings()
    )


def verdicts(story):
    return {one.stretch.label: one.verdict for one in story.judged}


def test_a_new_address_that_reads_strangers_is_the_intruders_and_the_owners_session_stays_the_owners():
    story = told([*practice(range(11)), *reading(10, strangers(40, 10), start=30, session="x", **ELSEWHERE)])
    assert verdicts(story) == {"own10": "owner", "x10": "intruder"}
    assert story.began == at(30, day=10)


def test_a_session_says_why_with_the_usual_values():
    story = told([*practice(range(11)), *reading(10, strangers(40, 10), every=0.05, session="x", **ELSEWHERE)])
    why = {one.stretch.label: reasons(one) for one in story.judged}
    assert "0 of 40 people known to the account, usually" in why["x10"]
    assert "a network it never used (51.68.3," in why["x10"]
    assert "3 s from person to person, usually 240 s" in why["x10"]
    assert why["own10"].startswith("12 of 12 people known")


def test_one_session_id_on_two_networks_is_cut_by_network():
    stolen = reading(10, strangers(30, 10), start=5, every=1.0, **HOME | {"ip": "51.68.3.9"})
    story = told([*practice(range(11)), *stolen])
    by_network = {one.stretch.network: one for one in story.judged}
    assert by_network["10.0.0"].verdict == "owner"
    assert by_network["51.68.3"].verdict == "intruder"
    assert "the same session at work on 10.0.0 at the same time" in reasons(by_network["51.68.3"])
    assert sorted(verdicts(story)) == ["own10", "own10/2"]


def test_the_owners_browser_string_does_not_hide_the_intruder():
    story = told(
        [
            *practice(range(11)),
            *reading(10, strangers(40, 10), session="x", **ELSEWHERE | {"user_agent": "Firefox/98.0"}),
        ]
    )
    assert verdicts(story)["x10"] == "intruder"


def test_an_owner_whose_telephone_changes_networks_stays_the_owner():
    rows = [row for day in range(11) for row in practice([day], ip=f"37.{day}.7.1", network_type="mobile")]
    assert verdicts(told(rows)) == {"own10": "owner"}


def test_a_stand_in_who_sees_the_accounts_people_is_not_an_intruder():
    rows = [
        *practice(),
        *reading(10, [f"p{n}:7" for n in range(12)], session="x", **ELSEWHERE | {"network_type": None}),
    ]
    assert verdicts(told(rows))["x10"] != "intruder"


def test_a_robot_on_the_owners_own_line_is_mixed_because_the_owner_may_be_in_it():
    story = told([*practice(), *reading(10, strangers(200, 10), every=0.03, **HOME)])
    assert verdicts(story) == {"own10": "mixed"}


def test_a_robot_in_the_owners_hours_is_told_by_pace_and_order():
    rows = reading(10, [f"b:{n}" for n in range(100)], every=0.03, session="x", **ELSEWHERE)
    assert verdicts(told([*practice(range(11)), *rows]))["x10"] == "intruder"


def test_without_history_only_what_nobody_does_tells_the_intruder():
    slow = reading(10, strangers(30, 10), session="slow", **HOME)
    fast = reading(10, [f"b:{n}" for n in range(60)], every=0.03, session="fast", **ELSEWHERE)
    story = told([*slow, *fast])
    assert verdicts(story) == {"slow10": "mixed", "fast10": "intruder"}
    assert story.limits == ("0 earlier nights of the account are held: only what no person does tells the intruder",)


def test_without_session_ids_address_and_browser_stand_in_and_half_an_hour_ends_a_session():
    bare = {"session": None}
    rows = [row | bare for row in [*practice(range(11)), *reading(10, strangers(40, 10), start=100, **ELSEWHERE)]]
    story = told(rows)
    assert verdicts(story) == {"2022-03-24/1": "owner", "2022-03-24/2": "intruder"}


def test_the_intrusion_began_weeks_before_it_was_named():
    slow = [row for day in range(6, 13) for row in reading(day, strangers(15, day), start=10, session="x", **ELSEWHERE)]
    assert told([*practice(range(13)), *slow], day=12).began == at(10, day=6)


def test_one_odd_evening_long_before_is_not_the_beginning():
    odd = reading(6, strangers(15, 6), start=10, session="odd", ip="90.3.3.3", user_agent="Safari/1")
    late = reading(24, strangers(40, 24), session="x", **ELSEWHERE)
    assert told([*practice(range(25)), *odd, *late], day=24).began == at(0, day=24)


def test_a_reset_shortly_before_opens_the_window():
    reset = {"kind": "credential_change", "time": at(-60 * 20, day=10), "patient": None}
    story = told([*practice(range(11)), reset, *reading(10, strangers(40, 10), session="x", **ELSEWHERE)])
    assert story.credential == story.since == at(-60 * 20, day=10)


def test_a_small_session_from_the_intruders_network_is_the_intruders_too():
    weak = {"known_people": 0.2, "unknown_people": 0.2}
    rows = reading(10, [f"b:{n}" for n in range(60)], every=0.03, session="fast", **ELSEWHERE)
    rows += reading(10, strangers(2, 10), start=60, session="few", **ELSEWHERE)
    strict = Settings(sessions=replace(Sessions(), intruder=3.0, **weak))
    story = told([*practice(range(11)), *rows], settings=strict)
    few = next(one for one in story.judged if one.stretch.label == "few10")
    assert few.verdict == "intruder"
    assert "from the network of an intruder's session" in reasons(few)


def test_too_many_sessions_keep_the_intruders():
    rows = [row for n in range(6) for row in reading(10, strangers(20, n), start=90 * n, session=f"x{n}-", **ELSEWHERE)]
    story = told([*practice(range(11)), *rows])
    kept = sessions_of(story, Sessions(listed=6))
    assert len(story.judged) == 7
    assert [one.verdict for one in kept] == ["intruder"] * 6


@pytest.fixture
def window():
    rows = [
        *practice(range(11)),
        *reading(10, strangers(40, 10), start=5, session="x", **ELSEWHERE),
        *reading(10, ["nobody"], start=6, session="x", outcome="not_found", **ELSEWHERE),
        *reading(10, ["perhaps"], start=7, session="x", outcome="unknown", **ELSEWHERE),
        *reading(10, ["p0:7", "s10x1"], start=150, session="own", **HOME),
    ]
    events = with_stretch(stored(*rows).drop(*EXTRA), Settings())
    return events, tell_apart(events, Question("A1", night(10), night(10)), Settings())


def test_certain_people_are_those_of_the_intruders_sessions_and_the_rest_is_possible(window):
    events, story = window
    counts = exposed(in_window(events, [story]))
    assert (counts.min, counts.max) == (40, 40)
    assert counts.possible == counts.listed == 40 + 12 + 1
    assert counts.records == 40


def test_what_was_only_asked_for_is_counted_apart(window):
    events, story = window
    reads = in_window(events, [story])
    assert asked_only(reads) == 1
    assert "nobody" not in people(reads)["patient"].to_list()


def test_a_person_read_by_both_is_listed_once_as_surely_as_the_surest_read(window):
    events, story = window
    table = people(in_window(events, [story]))
    assert table["patient"].is_unique().all()
    both = table.filter(table["patient"] == "s10x1").row(0, named=True)
    assert (both["certainty"], both["reads"], both["accounts"]) == ("certain", 1, ["A1"])
    unsure = table.filter(table["patient"] == "perhaps").row(0, named=True)
    assert unsure["certainty"] == "possible"
    assert basis("possible", "unknown") == "the log does not say whether the record was shown"


def test_answers_without_names_widen_the_bounds():
    export = [
        {"kind": "export", "subjects": 500, "time": at(3, day=10), "session": "x10", **ELSEWHERE},
        {"kind": "export", "subjects": 400, "time": at(4, day=10), "session": "x10", **ELSEWHERE},
        {"kind": "search", "rows": 30, "time": at(4, day=10), "session": "own10", **HOME},
    ]
    rows = [*practice(range(11)), *reading(10, strangers(40, 10), session="x", **ELSEWHERE), *export]
    events = with_stretch(stored(*rows).drop(*EXTRA), Settings())
    counts = exposed(in_window(events, [tell_apart(events, Question("A1", night(10), night(10)), Settings())]))
    assert (counts.min, counts.max, counts.unlisted_max) == (500, 940, 930)
    assert counts.possible == counts.listed + 930


def test_the_second_factor_of_a_login_opens_no_window_and_a_burst_of_them_does():
    stolen = [*practice(range(11)), *reading(10, strangers(40, 10), session="x", **ELSEWHERE)]
    asked = [{"kind": "mfa", "time": at(-600 + n, day=10), "patient": None} for n in range(5)]
    assert told([*stolen, *asked[:4]]).credential is None
    assert told([*stolen, *asked]).credential == at(-600, day=10)


def test_the_settings_say_how_many_pushes_are_a_burst_and_how_far_habits_reach():
    stolen = [*practice(range(11)), *reading(10, strangers(40, 10), session="x", **ELSEWHERE)]
    asked = [{"kind": "mfa", "time": at(-600 + n, day=10), "patient": None} for n in range(4)]
    assert told([*stolen, *asked], settings=Settings(sessions=Sessions(pushes=4))).credential == at(-600, day=10)
    short = told(stolen, settings=Settings(sessions=Sessions(habit_nights=2)))
    assert "only what no person does tells the intruder" in short.limits[0]
    assert told(stolen).limits == ()


def test_a_neighbour_on_the_owners_network_is_told_by_address_and_browser():
    near = {"ip": "10.0.0.77", "user_agent": "Chrome/99"}
    story = told([*practice(range(11)), *reading(10, strangers(200, 10), start=30, every=0.05, **near)])
    assert verdicts(story) == {"own10": "owner", "own10/2": "intruder"}
    assert "another address of a network it used on 10 earlier nights" in reasons(story.judged[1])


def test_an_owner_whose_address_changes_inside_one_network_stays_the_owner():
    rows = [row for day in range(11) for row in practice([day], ip=f"10.0.0.{day}")]
    story = told([*rows[:-12], *practice([10], ip="10.0.0.200")])
    assert verdicts(story) == {"own10": "owner"}
    assert "a network it used on 10 earlier nights" in reasons(story.judged[0])


def test_without_history_the_window_goes_back_to_the_first_night_of_the_account():
    rows = [row for day in range(3) for row in reading(day, strangers(15, day), start=10, session="x", **ELSEWHERE)]
    rows += [row for day in range(3) for row in reading(day, [f"p{n}:7" for n in range(9)], **HOME)]
    story = told(rows, day=2)
    assert story.began is None
    assert story.since == at(0)
