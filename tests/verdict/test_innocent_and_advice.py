from dataclasses import replace

from made import at, night, stored
from practice import ELSEWHERE, EXTRA, HOME, practice, reading, strangers, suspect
from tocsin.results import Exposed, Finding, Link, Measure
from tocsin.settings import Settings
from tocsin.verdict.advice import calm_story, next_steps, people_read, questions, story
from tocsin.verdict.innocent import innocent_explanations
from tocsin.verdict.sessions import Question, overruled, tell_apart
from tocsin.verdict.stretches import with_stretch

SHARED = Link("address", "51.68.3.9", ("A1", "A2", "A3"), 3, 1e-6)


def checked(rows, links=(), day=10, held=0, findings=()):
    events = with_stretch(stored(*rows).drop(*EXTRA), Settings())
    told = tell_apart(events, Question("A1", night(day), night(day)), Settings())
    one = replace(suspect("A1", *findings), night=night(day), first_alerted=night(day), next=("Ask the structure.",))
    return one, told, innocent_explanations(one, events, told, links, night(held), Settings())


def holding(rows, **more):
    return {one.explanation: one.figures for one in checked(rows, **more)[2] if one.holds}


STOLEN = [*practice(range(11)), *reading(10, strangers(40, 10), start=30, session="x", **ELSEWHERE)]


def test_nothing_innocent_explains_a_stolen_account():
    assert holding(STOLEN) == {}
    assert len(checked(STOLEN)[2]) == 7


def test_a_practice_that_opened_last_week_is_new():
    figures = holding(reading(10, strangers(20, 10), **HOME), held=0)
    assert figures["a new practice, or one taken over"] == "first seen on 2022-03-24, 0 nights before"


def test_the_age_of_an_account_is_told_by_the_nights_that_are_looked_at():
    name = "a new practice"
    young = [*reading(9, strangers(20, 9), **HOME), *reading(10, strangers(20, 10), **HOME)]
    assert figures_of(name, young, held=-300) == (
        "first seen on 2022-03-23, 1 nights before; nothing in the 89 nights before that"
    )
    old = practice(range(-60, 11, 5))
    assert figures_of(name, old, held=-300) == "in use since 2022-01-13 at least, 70 nights before"
    assert figures_of(name, old, held=-60) == "the account is as old as the logs held (2022-01-13) or older"


def test_an_account_as_old_as_the_logs_is_not_called_new():
    assert "a new practice, or one taken over" not in holding(practice(range(11)))


def test_a_stand_in_reads_the_accounts_people_from_elsewhere():
    rows = [*practice(), *reading(10, [f"p{n}:7" for n in range(12)], session="x", **ELSEWHERE)]
    assert "a stand-in (locum) with a device of their own" in holding(rows)


def test_nobody_stands_in_who_reads_strangers_only_though_the_account_hardly_sees_others():
    desk = [row for day in range(10) for row in reading(day, strangers(30, day), **HOME)]
    rows = [*desk, *reading(10, strangers(17, 10), session="x", **ELSEWHERE)]
    name = "a stand-in (locum) with a device of their own"
    assert name not in holding(rows)
    assert figures_of(name, rows).startswith("0 of 1 sessions from elsewhere read people whom the account knows")


def test_a_stand_in_takes_no_lists():
    sent = Measure("answers", 15_900, 13.0, None, 100.0, "rows", "own", 20, 0)
    found = Finding("volume.answers", "critical", 8.0, "was sent many rows", at(0, day=10), at(1, day=10), (sent,))
    rows = [*practice(), *reading(10, [f"p{n}:7" for n in range(12)], session="x", **ELSEWHERE)]
    assert holding(rows, findings=[found]) == {}


def test_software_that_asks_three_times_reads_no_more_people():
    rows = [*practice(), *practice([10]), *practice([10]), *practice([10])]
    assert holding(rows)["software that was upgraded and asks more often"].startswith("3.0 reads a person, usually 1.0")


def test_usual_reads_a_person_are_never_fewer_than_one():
    expected = Measure("people", 12, 30.0, None, None, "people", "own", 10, 0)  # of tonight, which is busier
    found = Finding("volume.people", "low", 1.0, "read 12 people", at(0, day=10), at(1, day=10), (expected,))
    figures = figures_of("software that was", practice(range(11)), findings=[found])
    assert figures.startswith("1.0 reads a person, usually 1.0")


def test_a_day_after_an_outage_may_be_twice_a_day():
    rows = [*practice(range(9)), *practice([9])[:3], *practice([10]), *reading(10, strangers(8, 10), start=60, **HOME)]
    assert "20 people; 3 on its last active day, 12 are usual" in holding(rows).values()


def test_strangers_in_the_owners_own_sessions_are_a_season():
    assert "tourists, an epidemic or another season of strangers" in holding(practice(range(11)))


def test_a_season_brings_people_and_no_export():
    sent = Measure("answers", 796_974, 58.0, None, 100.0, "rows", "own", 20, 0)
    found = Finding("volume.answers", "critical", 8.0, "was sent many rows", at(0, day=10), at(1, day=10), (sent,))
    assert holding(practice(range(11)), findings=[found]) == {}


def test_people_named_in_the_log_as_usual_share_the_account():
    rows = [row | {"person": f"q{n % 3}"} for day in range(11) for n, row in enumerate(practice([day]))]
    assert holding(rows)["one account that several people share"] == (
        "3 persons named in the log that night, usually 3; 12 people, usually 12"
    )


def test_whoever_shares_an_account_reads_no_more_people_than_usual():
    name = "one account that several people share"
    usual = [row | {"user_agent": f"Firefox/{n % 3}"} for day in range(10) for n, row in enumerate(practice([day]))]
    robot = reading(10, strangers(120, 10), every=0.1, **HOME)
    assert name in holding([*usual, *practice([10])])
    assert name not in holding([*usual, *robot])
    assert figures_of(name, [*usual, *robot]) == (
        "1 browser and 1 network that night, usually 3 and 1; 120 people, usually 12"
    )


def test_an_address_of_half_the_portal_is_a_group_and_one_of_three_accounts_is_not():
    name = "the common way out of a group (VPN, proxy)"
    assert name not in holding(STOLEN, links=[SHARED])
    assert name in holding(STOLEN, links=[replace(SHARED, population=300)])


def figures_of(name, rows, **more):
    return next(one.figures for one in checked(rows, **more)[2] if one.explanation.startswith(name))


def test_what_was_looked_for_and_not_found_is_said_with_its_figures():
    owner = practice(range(11))
    assert figures_of("the common way out", owner).startswith("0 of 0 sessions")
    assert (
        figures_of("a stand-in", owner)
        == "none of its 1 sessions that read people stands out by its network and browser"
    )
    first = practice([10])
    assert figures_of("work made up for", first) == "0 earlier nights are held"


def test_logs_that_name_nobody_do_not_claim_that_no_night_is_held():
    rows = [{"kind": "search", "patient": None, "rows": 9, "time": at(0, day=day), **HOME} for day in range(11)]
    assert figures_of("work made up for", rows) == "10 earlier nights are held, none with people read"
    assert figures_of("tourists", rows) == "its sessions read 0 people by name"
    assert figures_of("one account that", rows) == (
        "1 browser and 1 network that night, usually 1 and 1; 0 people, usually 0"
    )


def test_a_hosting_company_shows_by_its_lists_and_without_addresses():
    lists = [
        {"kind": "search", "patient": None, "rows": 400, "time": at(600 + n, day=10), "session": "x", **ELSEWHERE}
        for n in range(9)
    ]
    assert figures_of("the common way out", [*practice(range(11)), *lists]).startswith(
        "51.68.3 is of a hosting company"
    )
    nowhere = [{**row, "ip": None} for row in STOLEN]
    figures = figures_of("the common way out", nowhere)
    assert figures == "1 of 1 sessions that may be another's came through a hosting company or VPN"


def test_the_shared_address_comes_first_then_the_session_then_the_reset_then_the_call():
    reset = {"kind": "credential_change", "time": at(20, day=10), "patient": None}
    one, told, innocent = checked([*STOLEN, reset])
    steps = next_steps(one, told, innocent, [SHARED])
    assert steps[0].startswith("Have the portal watch or close address 51.68.3.9: 3 of these accounts use it")
    assert steps[1].startswith("Have session x10 ended (from 51.68.3.9, last seen 24 March at ")
    assert steps[2].startswith("Ask who changed the credentials on 24 March at 09:20")
    assert "were you at work on 24 March at 09:30 from 51.68.3.9" in steps[3]
    assert steps[-1] == "Ask the structure."


def test_an_address_is_only_called_new_where_the_account_never_used_its_network():
    asked = questions(*checked(STOLEN))
    assert asked[0].endswith("from 51.68.3.9, an address the account never used?")
    events = [*practice(range(10)), *reading(10, [f"z:{n}" for n in range(60)], every=0.02, **HOME)]
    one, told, innocent = checked(events)
    robot = overruled(told, {told.judged[-1].stretch.label: "intruder"})
    assert questions(one, robot, innocent)[0].endswith("were you at work on 24 March at 09:00 from 10.0.0.1?")


def test_a_question_is_asked_of_what_fits():
    asked = questions(*checked([*practice(), *reading(10, [f"p{n}:7" for n in range(12)], session="x", **ELSEWHERE)]))
    assert asked[0] == "Call the professional on a number you already have: was this their work on 24 March?"
    assert any("stand-in (locum)" in question and "the figures fit" in question for question in asked)


def test_without_a_session_id_the_account_as_a_whole_is_closed():
    one, told, innocent = checked([row | {"session": None} for row in STOLEN])
    assert next_steps(one, told, innocent, ())[0] == "Have the account's sessions ended and its password changed."


def test_the_story_says_from_where_since_when_and_how_many():
    _one, told, _innocent = checked(STOLEN)
    counts = Exposed(min=40, max=44, possible=50, records=44, listed=50, unlisted_max=0)
    text = story(told, counts)
    assert text.startswith("1 of its 2 sessions looks like an intruder's from 51.68.3.9, 24 Mar 09:30 to 24 Mar 12:06")
    assert text.endswith(": 40 to 44 people read.")


def test_the_story_says_when_nothing_is_certain():
    _one, told, _innocent = checked([*practice(), *reading(10, strangers(200, 10), every=0.03, **HOME)])
    counts = Exposed(min=0, max=200, possible=200, records=200, listed=200, unlisted_max=0)
    assert story(told, counts) == "No session can be told to be an intruder's; 1 of 1 may be, with 200 people."


def test_one_number_is_said_where_the_bounds_agree():
    assert people_read(Exposed(1, 1, 1, 1, 1, 0)) == "1 person read"


def test_an_account_that_was_never_named_is_not_said_to_be_half_an_intruders():
    away = reading(10, [f"p{n}:7" for n in range(4)], start=90, session="away", ip="90.3.3.3", user_agent="Safari/1")
    _one, told, _checked = checked([*practice(range(11)), *away])
    assert calm_story(told).startswith("No night named it; 1 of its 2 last sessions differs from its own earlier ones")
    _one, told, _checked = checked(practice(range(11)))
    assert calm_story(told) == "No night named it, and its last sessions are like its own earlier ones."


def test_an_account_that_was_never_named_and_looks_stolen_is_not_called_calm():
    _one, told, _checked = checked(STOLEN)
    text = "No night named it, yet 1 of its 2 last sessions is like an intruder's: ask the professional."
    assert calm_story(told) == text


def test_a_suspect_whose_sessions_are_all_like_its_own_is_not_said_to_have_0_that_may_be_an_intruders():
    _one, told, _checked = checked(practice(range(11)))
    nobody = Exposed(min=0, max=0, possible=12, records=0, listed=12, unlisted_max=0)
    assert story(told, nobody).startswith("All its sessions are like its own earlier ones")
