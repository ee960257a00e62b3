"""Who rang when the list was full has the next free place, as long as a case would go on."""

from datetime import timedelta

import pytest
from tests.verdict.test_judge import LAST, judged

from portal import BURST, FIRST, rows, with_values
from tocsin.store.codec import decode, encode
from tocsin.verdict.decisions import Decision, Decisions
from tocsin.verdict.docket import Docket, Waiting
from tocsin.verdict.kept import LEFT


def burst(*accounts, day=LAST, frame=None, nights=24):
    frame = rows(nights=nights) if frame is None else frame
    for number, account in enumerate(accounts):
        people = 4_000 - 500 * number
        frame = with_values(frame, account, day, **BURST | {"people": people, "new_people": people})
    return frame


def new(night):
    return [(suspect.account, suspect.rank, suspect.rang) for suspect in night.suspects if suspect.rank is not None]


def on(day):
    return FIRST + timedelta(days=day)


def test_who_found_no_place_has_the_next_free_one_and_is_told_as_it_was_seen():
    found = judged(burst("A001", "A002", "A003"), budget=1)
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
    (waits,) = judged(frame, budget=1)[LAST].budget.cut_accounts
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
    (late,) = (one for one in judged(burst("A001", "A002"), budget=1)[LAST + 1].suspects if one.rank is not None)
    docket = Docket(waiting={late.account: Waiting(late, late.findings[0].measures, "")})
    assert decode(encode(docket), lambda _name: None, LEFT) == docket


def answered(account, day, answer="benign", case="C"):
    """An answer about one night of an account, heard from the next one on."""
    return Decision(case, account, answer, on(day), on(day), on(day + 1), on(day + 30))


def test_an_answer_about_somebody_else_takes_nobody_off_the_list_of_those_who_wait():
    frame = burst("A001", "A002")
    (waits,) = judged(frame, budget=1)[LAST].budget.cut_accounts
    for answer, day in (("true", LAST), ("benign", LAST - 10)):
        found = judged(frame, budget=1, decisions=Decisions((answered("A040", day, answer),)))
        assert new(found[LAST + 1]) == [(waits, 1, on(LAST))], answer


def test_an_answer_about_earlier_nights_does_not_keep_from_waiting():
    frame = burst("A001", "A002")
    (waits,) = judged(frame, budget=1)[LAST].budget.cut_accounts
    for day in (LAST - 5, LAST - 1):
        found = judged(frame, budget=1, decisions=Decisions((answered(waits, day, "error"),)))
        assert new(found[LAST + 1]) == [(waits, 1, on(LAST))]
