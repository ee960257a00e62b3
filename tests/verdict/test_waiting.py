"""Who rang when the list was full has the next free place, as long as a case would go on."""

from dataclasses import replace
from datetime import timedelta
from functools import cache

import polars as pl
import pytest
from tests.verdict.test_judge import LAST, NO_HITS, judged, on_their_nights

from assessed import assessed
from portal import BURST, FIRST, measured, rows, with_values
from tocsin.cases.register import Register
from tocsin.cases.shown import with_cases
from tocsin.rules.overlay import load_overlays
from tocsin.rules.rule import RuleSet
from tocsin.settings import Alerting, Settings
from tocsin.store.codec import decode, encode
from tocsin.store.names import NAMES, Names
from tocsin.verdict.decisions import Decision, Decisions, case_id
from tocsin.verdict.docket import Docket, Waiting
from tocsin.verdict.judge import Asked, Before, judge_on
from tocsin.verdict.kept import LEFT
from tocsin.verdict.renaming import taught


def burst(*accounts, day=LAST, frame=None, nights=24):
    frame = rows(nights=nights) if frame is None else frame
    for number, account in enumerate(accounts):
        people = 4_000 - 500 * number
        frame = with_values(frame, account, day, **BURST | {"people": people, "new_people": people})
    return frame


@cache
def crowded(*accounts):
    """Judge with one place a night; the accounts burst on the same one."""
    return judged(burst(*accounts), budget=1)


def new(night):
    return [(suspect.account, suspect.rank, suspect.rang) for suspect in night.suspects if suspect.rank is not None]


def on(day):
    return FIRST + timedelta(days=day)


def test_who_found_no_place_has_the_next_free_one_and_is_told_as_it_was_seen():
    found = crowded("A001", "A002", "A003")
    (named,) = {account for account, _rank, _rang in new(found[LAST])}
    first, second = sorted(
        found[LAST].budget.cut_accounts, key=lambda account: -found[LAST].budget.cut_accounts[account]
    )
    assert new(found[LAST + 1]) == [(first, 1, on(LAST))]
    assert new(found[LAST + 2]) == [(second, 1, on(LAST))]
    assert new(found[LAST + 3]) == []
    (late,) = (one for one in found[LAST + 1].suspects if one.rank is not None)
    assert named not in {first, second}
    assert late.why.startswith("Rang on 28 February, when the list was full. Read ")
    assert (late.night, late.first_alerted, late.nights_alerted) == (on(LAST + 1), on(LAST), 1)
    assert found[LAST + 1].measures[first]
    assert (found[LAST + 1].budget.new, found[LAST + 1].budget.cut) == (1, 0)


def test_what_rings_tonight_comes_first():
    frame = burst("A004", frame=burst("A001", "A002"), day=LAST + 1)
    found = judged(frame, budget=1)
    (waits,) = found[LAST].budget.cut_accounts
    assert [account for account, _rank, _rang in new(found[LAST + 1])] == ["A004"]
    assert new(found[LAST + 2]) == [(waits, 1, on(LAST))]


def test_nobody_waits_longer_than_a_case_goes_on():
    frame = burst("A001", "A002")
    for day in range(LAST + 1, LAST + 9):
        frame = burst(f"A{day:03}", frame=frame, day=day)
    assert all(rang is None for night in judged(frame, budget=1) for _account, _rank, rang in new(night))


def test_who_was_answered_does_not_wait():
    frame = burst("A001", "A002")
    (waits,) = crowded("A001", "A002")[LAST].budget.cut_accounts
    answer = Decision("C", waits, "benign", on(LAST), on(LAST), on(LAST + 1), on(LAST + 30))
    assert new(judged(frame, budget=1, decisions=Decisions((answer,)))[LAST + 1]) == []


def test_it_goes_on_as_a_case():
    found = judged(burst("A002", day=LAST + 2, frame=burst("A001", "A002")), budget=1)
    assert [(one.account, one.rank, one.first_alerted) for one in found[LAST + 2].suspects] == [
        ("A002", None, on(LAST))
    ]


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_no_night_has_more_names_than_places(limit):
    found = judged(burst(*(f"A{number:03}" for number in range(1, 6))), budget=limit)
    assert max(len(new(night)) for night in found) == limit
    assert sum(len(new(night)) for night in found) == 5


def test_who_waits_is_kept_from_night_to_night():
    (late,) = (one for one in crowded("A001", "A002")[LAST + 1].suspects if one.rank is not None)
    docket = Docket(waiting={late.account: Waiting(late, late.findings[0].measures, "", on(LAST))})
    assert decode(encode(docket), lambda _name: None, LEFT) == docket


def answered(account, day, answer="benign", case="C"):
    """An answer about one night of an account, heard from the next one on."""
    return Decision(case, account, answer, on(day), on(day), on(day + 1), on(day + 30))


def test_an_answer_about_somebody_else_takes_nobody_off_the_list_of_those_who_wait():
    frame = burst("A001", "A002")
    for answer in ("true", "benign"):
        heard = ONE | {"decisions": Decisions((answered("A040", LAST, answer),))}
        found, _before = in_turn(frame, heard, heard)
        assert new(found[1]) == [("A002", 1, on(LAST))], answer


def test_an_answer_about_earlier_nights_does_not_keep_from_waiting():
    frame = burst("A001", "A002")
    for day in (LAST - 5, LAST - 1):
        heard = ONE | {"decisions": Decisions((answered("A002", day, "error"),))}
        found, _before = in_turn(frame, heard, heard)
        assert new(found[1]) == [("A002", 1, on(LAST))]


LESS = {name: BURST[name] for name in ("people", "new_people", "new_share", "people_1h", "people_10m")}
"""What rings with fewer points: it asks for no numbers that nobody has."""


def reading(frame, account, day, people):
    return with_values(frame, account, day, **BURST | {"people": people, "new_people": people})


@cache
def before_last():
    """What the calm nights before the bursts leave."""
    question = Asked([], frozenset(), with_model=False, assess=assessed)
    calm = measured(rows(nights=LAST))
    return [left for _told, left in judge_on(calm, on_their_nights(NO_HITS), Settings(), question, Before())][-1]


def in_turn(frame, *asked, start=LAST, before=None, settings=None):
    """Judge the nights from `start` on, each asked for in its own way; gives them, and what the last one leaves."""
    before, found = before or before_last(), []
    for day, how in enumerate(asked, start=start):
        one = replace(measured(frame), nights=frame.filter(night=on(day)))
        question = Asked(
            **{"nights": [on(day)], "holidays": frozenset(), "with_model": False, "assess": assessed} | how
        )
        ((told, before),) = judge_on(one, on_their_nights(NO_HITS), settings or Settings(), question, before)
        found.append(told)
    return found, before


ONE = {"budget": 1}
"""A night with one place."""


def test_who_rings_on_several_nights_is_told_of_the_worst_and_begins_with_the_first():
    frame = with_values(burst("A000", day=LAST + 1, frame=burst("A001")), "A002", LAST, **LESS)
    frame = reading(frame, "A002", LAST + 1, 3_900)
    nights, _before = in_turn(frame, *[ONE] * 3)
    assert nights[0].budget.cut_accounts["A002"] < nights[1].budget.cut_accounts["A002"]
    (late,) = nights[2].suspects
    assert (late.account, late.rang, late.people) == ("A002", on(LAST + 1), 3_900)
    assert late.first_alerted == on(LAST), "what was read on the first night is exposed too"
    again, _before = in_turn(reading(frame, "A002", LAST + 3, 3_900), *[ONE] * 4)
    assert [(one.rank, one.first_alerted) for one in again[3].suspects] == [(None, on(LAST))]


def test_who_rings_again_and_is_named_then_begins_with_the_first_night_too():
    nights, _before = in_turn(burst("A002", day=LAST + 1, frame=burst("A001", "A002")), *[ONE] * 2)
    assert [(one.account, one.rank, one.rang, one.first_alerted) for one in nights[1].suspects] == [
        ("A002", 1, None, on(LAST))
    ]
    (shown,) = with_cases(nights, Register(), [])[1].suspects
    assert (shown.status, shown.case) == ("new", case_id("A002", on(LAST)))


def test_who_rings_again_waits_from_then_on():
    frame = burst("A001", "A059")
    for day in range(LAST + 1, LAST + 9):
        frame = burst(f"A{day:03}", frame=frame, day=day)
    frame = with_values(frame, "A059", LAST + 6, **LESS)
    nights, _before = in_turn(frame, *[ONE] * 10)
    assert nights[0].budget.cut_accounts["A059"] > nights[6].budget.cut_accounts["A059"]
    assert new(nights[9]) == [("A059", 1, on(LAST))]


def test_a_night_without_places_takes_nobody_off_the_list_of_those_who_wait():
    found, _before = in_turn(burst("A001", "A002"), ONE, {"budget": 0}, ONE)
    assert new(found[1]) == []
    assert new(found[2]) == [("A002", 1, on(LAST))]


def overlays(path, budget=1, region="11"):
    path.write_text(f"title: T\noverlay:\n  when:\n    region: '{region}'\n  budget: {budget}\n", encoding="utf-8")
    return load_overlays([path], RuleSet((), (), ""))


def of_regions(frame, *accounts):
    """Put some accounts into a region of their own; all others are of 29."""
    mine = pl.col("account").is_in(list(accounts))
    return frame.with_columns(region=pl.when(mine).then(pl.lit("11")).otherwise("region"))


def test_a_list_that_is_crowded_pushes_nobody_of_another_one_out(tmp_path):
    frame = of_regions(burst("A001", "A002", "A003", "A004"), "A008", "A009")
    for account in ("A005", "A006", "A007", "A008", "A009"):
        frame = reading(frame, account, LAST, 4_000)
    asked = {"overlays": overlays(tmp_path / "one.yml")}
    found, _before = in_turn(frame, asked, asked, settings=Settings(alerting=Alerting(case_nights=1)))
    assert found[0].budget.cut == 5
    assert ("A009", on(LAST)) in [(account, rang) for account, _rank, rang in new(found[1])]


def test_whose_places_it_waits_for_is_asked_of_the_night_that_has_one(tmp_path):
    frame = of_regions(burst("A001", "A002", "A003", "A004", "A005"), "A004", "A005")
    few = {"budget": 3}
    one, other = overlays(tmp_path / "one.yml"), overlays(tmp_path / "other.yml")
    for first, second in (
        ({"overlays": one}, {"overlays": other}),
        ({"region": "11", "budget": 1}, {}),
        (few, {"region": "11"}),
        (few, {"overlays": one}),
    ):
        found, _before = in_turn(frame, first, second)
        late = {account for account, _rank, rang in new(found[1]) if rang}
        assert late & {"A004", "A005"}, (first, second)


def test_who_waits_has_todays_name():
    frame = burst("A001", "A002")
    _found, before = in_turn(frame, ONE)
    names = Names(pl.DataFrame([("A002", "A059", on(LAST))], schema=NAMES, orient="row"))
    (told,), _after = in_turn(frame, ONE, start=LAST + 1, before=taught(before, names))
    assert new(told) == [("A059", 1, on(LAST))]
    assert told.measures["A059"]


def test_of_two_names_that_wait_the_worst_night_is_told():
    _found, before = in_turn(with_values(burst("A001", "A002"), "A003", LAST, **LESS), ONE)
    for former, now in (("A002", "A003"), ("A003", "A002")):
        names = Names(pl.DataFrame([(former, now, on(LAST))], schema=NAMES, orient="row"))
        waiting = taught(before, names).docket.waiting
        assert {name: one.suspect.points for name, one in waiting.items()} == {
            now: max(one.suspect.points for one in before.docket.waiting.values())
        }
