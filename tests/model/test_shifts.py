import shlex
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from portal import FIRST, rows
from tocsin.features.catalogue import BY_NAME, JUDGED
from tocsin.model.assess import About, assess
from tocsin.model.memory import Memory
from tocsin.model.moves import MOVES, Moves
from tocsin.model.shifts import Shift, find_shifts
from tocsin.report.plain import TOLD, plain
from tocsin.settings import Settings
from tocsin.verdict.blind import ack_of, shifted

FEATURES = [BY_NAME[name] for name in ("people", "not_found", "far_people", "answers", "answers_closed")]


NIGHT = date(2026, 3, 22)


def calm(*professions, closed=False, nights=7, share=0.0):
    """Give what is known after nights on which next to nobody moved."""
    keys = [f"{feature.name}/{who}" for feature in (*FEATURES, BY_NAME["new_networks"]) for who in ("*", *professions)]
    rows = [(key, closed, nights, share, NIGHT - timedelta(days=1)) for key in keys]
    return Moves(pl.DataFrame(rows, schema=MOVES, orient="row"))


def told(moved, accounts=200, profession="gp", accepted=(), since=NIGHT, before=None, **also):
    """Surprises of 4.00 in not_found for the first accounts, and in what else is said."""
    rows = pl.DataFrame({"profession": [profession] * accounts, "night": [NIGHT] * accounts})
    surprises = {feature.name: np.zeros(accounts, np.int32) for feature in FEATURES}
    for name, count in {"not_found": moved, **also}.items():
        surprises[name][:count] = 400
    before = calm(profession) if before is None else before
    return find_shifts(rows, FEATURES, surprises, Settings(), dict.fromkeys(accepted, since), before)


def test_a_figure_that_moves_alone_for_many_is_muted_and_said():
    shifts = told(40)
    assert [(s.feature, s.moved, s.accounts, s.alone) for s in shifts.found] == [("not_found", 40, 200, True)]
    assert shifts.muted["not_found"].all()
    assert "40 of 200 (all accounts) at once; nothing else changed" in shifted(shifts.found)[0]


def weak(moved, points, settings=None):
    feature = BY_NAME["new_networks"]
    surprises = {feature.name: np.where(np.arange(200) < moved, points, 0).astype(np.int32)}
    return find_shifts(
        pl.DataFrame({"profession": ["gp"] * 200}), [feature], surprises, settings or Settings(), None, calm("gp")
    )


def test_a_figure_that_says_little_by_itself_moves_for_one_in_five():
    shifts = weak(41, 210)
    assert [(s.key, s.moved) for s in shifts.found] == [("new_networks/*", 41)]
    assert shifts.muted["new_networks"].all()
    assert weak(40, 250).found == ()
    assert weak(200, 190).found == ()
    loud = replace(Settings(), families=replace(Settings().families, weak=4.0))
    assert weak(41, 210, loud).found == (), "where it may say more, it must"


def test_many_accounts_used_at_once_are_said_and_judged():
    shifts = told(40, people=40)
    assert {s.feature for s in shifts.found} == {"not_found", "people"}
    assert shifts.muted == {}
    (said,) = shifted(shifts.found)
    assert "in use by others" in said
    assert said.endswith("`tocsin ack 'people/*' 'not_found/*' --reason TEXT`")


def test_figures_that_moved_together_are_not_judged_once_a_person_accepted_them():
    shifts = told(40, people=40, accepted=("people/*",))
    assert shifts.muted.keys() == shifts.whole.keys() == {"people"}
    assert shifts.unlearned == {}
    both = shifted(shifts.found, ("people/*",))
    assert "accepted as a change of the logs" in both[0]
    assert "'not_found/*'" in both[1]


def test_what_was_accepted_of_late_is_a_shift_however_few_are_at_work():
    few = told(3, accounts=40, accepted=("not_found/*",))
    assert [(s.key, s.moved, s.accounts) for s in few.found] == [("not_found/*", 3, 40)]
    assert few.muted["not_found"].all()
    assert told(3, accounts=40).found == told(2, accounts=40, accepted=("not_found/*",)).found == ()
    assert told(0, accounts=40, accepted=("not_found/*",)).found == ()
    assert told(3, accounts=40, accepted=("not_found/*",), since=NIGHT - timedelta(days=7)).found == ()


def test_what_is_made_of_an_accepted_amount_is_accepted_with_it():
    shifts = told(40, answers=40, answers_closed=5, accepted=("answers/*",))
    assert shifts.muted.keys() == shifts.whole.keys() == {"answers", "answers_closed"}


def test_two_professions_may_shift_in_one_night():
    rows = pl.DataFrame({"profession": ["nurse"] * 100 + ["clerk"] * 100 + ["gp"] * 900})
    surprises = {feature.name: np.zeros(1_100, np.int32) for feature in FEATURES}
    surprises["not_found"][70:125] = 400
    shifts = find_shifts(
        rows,
        FEATURES,
        surprises,
        replace(Settings(), shifting=replace(Settings().shifting, share=0.1)),
        None,
        calm("nurse", "clerk", "gp"),
    )
    assert [(s.key, s.moved) for s in shifts.found] == [("not_found/clerk", 25), ("not_found/nurse", 30)]
    assert shifts.muted["not_found"].tolist() == [True] * 200 + [False] * 900


def by_source(moved, professions=5, **also):
    """Forty accounts of a small source and 960 of a large one, of several professions; the first ones move."""
    rows = pl.DataFrame(
        {
            "profession": [f"p{n % professions}" for n in range(1_000)],
            "source_name": ["small" if n < 40 else "large" for n in range(1_000)],
        }
    )
    surprises = {feature.name: np.zeros(1_000, np.int32) for feature in FEATURES}
    for name, count in {"not_found": moved, **also}.items():
        surprises[name][:count] = 400
    before = calm(*(f"p{n}" for n in range(professions)), "source:small", "source:large")
    return find_shifts(rows, FEATURES, surprises, Settings(), None, before)


def test_a_change_of_one_source_is_found_and_said_of_it():
    shifts = by_source(40)
    assert [(s.key, s.moved, s.accounts) for s in shifts.found] == [("not_found/source:small", 40, 40)]
    assert shifts.muted["not_found"].tolist() == [True] * 40 + [False] * 960
    assert "40 of 40 (source small) at once" in shifted(shifts.found)[0]
    assert "`tocsin ack 'not_found/source:small'" in shifted(shifts.found)[0]
    assert by_source(19).found == ()
    assert {s.key for s in by_source(40, people=40).found} == {"not_found/source:small", "people/source:small"}


def test_a_change_of_one_source_is_its_own_however_many_of_all_accounts_that_are():
    rows = pl.DataFrame({"profession": ["gp"] * 120, "source_name": ["web"] * 80 + ["api"] * 40})
    surprises = {feature.name: np.zeros(120, np.int32) for feature in FEATURES}
    surprises["not_found"][80:] = 400
    before = calm("gp", "source:web", "source:api")
    shifts = find_shifts(rows, FEATURES, surprises, Settings(), None, before)
    assert [s.key for s in shifts.found] == ["not_found/source:api"]
    assert not shifts.muted["not_found"][:80].any()  # an intruder on the other source is still seen
    assert shifts.moves.filter(key="not_found/*", nights=8).is_empty()  # nor is it what is usual of all
    accepted = find_shifts(rows, FEATURES, surprises, Settings(), {"not_found/*": NIGHT}, before)
    assert [s.key for s in accepted.found] == ["not_found/*"]
    surprises["not_found"][:20] = 400
    both = find_shifts(rows, FEATURES, surprises, Settings(), None, before)
    assert [s.key for s in both.found] == ["not_found/*"]


def test_what_professions_explain_is_not_said_of_their_source_too():
    assert [s.key for s in by_source(1_000).found] == ["not_found/*"]
    rows = pl.DataFrame({"profession": ["lab"] * 40 + ["gp"] * 960, "source_name": ["small"] * 40 + ["large"] * 960})
    surprises = {feature.name: np.zeros(1_000, np.int32) for feature in FEATURES}
    surprises["not_found"][:40] = 400
    shifts = find_shifts(rows, FEATURES, surprises, Settings(), None, calm("lab", "source:small", "source:large"))
    assert [s.key for s in shifts.found] == ["not_found/lab"]


def test_one_account_in_twenty_and_fewer_than_twenty_are_no_shift():
    assert told(20, accounts=400).found == ()
    assert told(19, accounts=100).found == ()


def test_a_shift_of_one_profession_mutes_that_profession():
    rows = pl.DataFrame({"profession": ["nurse"] * 100 + ["gp"] * 900})
    surprises = {feature.name: np.zeros(1_000, np.int32) for feature in FEATURES}
    surprises["not_found"][:40] = 400
    shifts = find_shifts(rows, FEATURES, surprises, Settings(), None, calm("nurse", "gp"))
    assert [s.key for s in shifts.found] == ["not_found/nurse"]
    assert shifts.muted["not_found"].tolist() == [True] * 100 + [False] * 900


def test_what_moves_as_often_on_such_nights_is_not_judged_but_learned_and_no_news():
    duties = told(20, before=calm("gp", share=0.05))
    assert (duties.found, duties.unlearned) == ((), {})
    assert duties.muted["not_found"].all()
    assert [s.key for s in told(25, before=calm("gp", share=0.06)).found] == ["not_found/*"]
    assert told(25, before=calm("gp", nights=6)).found == (), "nobody knows what is usual"
    assert told(25, before=calm("gp", closed=True)).found == (), "nor what is on such nights"
    assert told(25, accepted=("not_found/*",), before=calm("gp", share=0.2)).whole.keys() == {"not_found"}


def usual(shifts, key="not_found/*"):
    (row,) = shifts.moves.filter(pl.col("key") == key).select("nights", "share").rows()
    return row


def test_what_is_usual_is_learned_but_a_change_that_nobody_accepted():
    assert usual(told(8)) == (8, 8 / 200)
    assert usual(told(40)) == (7, 0.0)
    assert usual(told(40, accepted=("not_found/*",))) == (8, 40 / 200)
    assert usual(told(40, before=Moves())) == (1, 0.2)
    assert usual(told(4, before=calm("gp", nights=28, share=0.28))) == (28, pytest.approx(0.27))


def test_what_no_night_told_for_a_year_is_forgotten():
    year = timedelta(days=365)
    old = calm("gp", "source:gone").before.with_columns(
        last=pl.when(pl.col("key").str.ends_with("gone")).then(NIGHT - year).otherwise(NIGHT - timedelta(days=364))
    )
    keys = told(8, before=Moves(old)).moves["key"]
    assert "not_found/gp" in keys
    assert not any(key.endswith("gone") for key in keys)


def test_accounts_at_their_beginning_cannot_tell_what_is_usual():
    beginners = replace(Moves(), known=np.arange(200) < 99, experienced=np.zeros(200, np.bool_))
    assert told(8, before=beginners).moves.is_empty()
    some = told(8, before=replace(beginners, known=np.arange(200) < 100)).moves
    assert "not_found/gp" in some["key"].to_list()


def test_night_duties_that_go_round_are_no_change():
    """From the fifth night on other clerks have night duty every four nights: above their usual, as ever."""
    number, day = pl.col("account").str.slice(1).cast(pl.Int64), (pl.col("night") - FIRST).dt.total_days()
    duty = ((number + day // 4) % 14 == 0) & (day >= 4)
    frame = rows(accounts=320, nights=14, profession="clerk")
    frame = frame.with_columns(people_closed=pl.when(duty).then(pl.col("people") * 3).otherwise(0))
    memory, found = Memory(), []
    features = [BY_NAME["people_closed"]]
    for (night,), tonight in frame.partition_by("night", as_dict=True, maintain_order=True).items():
        seen = assess(
            tonight.sort("account"), memory, features, Settings(), About((night, "working"), with_model=False)
        )
        memory, found = seen.learned, [*found, seen.shifts]
    assert found == [()] * 14


def test_the_command_that_a_report_shows_accepts_the_change_whatever_the_logs_call_its_source():
    for name in ("two  spaces", "new\nline", "it's", "a:b;$(id)`id`", "\u202egnp"):
        shift = Shift("people", name, 40, 200, alone=True, by="source")
        shown = plain(shifted([shift])[0], 800)
        _tocsin, _ack, key, *_reason = shlex.split(shown[shown.index("`tocsin ack") + 1 : -1])
        assert key == shift.key
        assert ack_of(key) in shifted([shift])[0]


def test_the_command_for_all_figures_that_moved_is_whole_and_five_of_them_are_named():
    shifts = [Shift(feature.name, None, 40, 200, alone=False) for feature in JUDGED]
    (said,) = shifted(shifts)
    shown = plain(said, TOLD)
    keys = shlex.split(shown[shown.index("`tocsin ack") + 1 : -1])[2:-2]
    assert keys == [shift.key for shift in shifts]
    assert f" and {len(JUDGED) - 5} more: far above the usual" in shown


def test_a_profession_called_as_everybody_or_a_source_has_a_key_of_its_own():
    everybody, star = (Shift("people", group, 40, 200, alone=True) for group in (None, "*"))
    web, false_web = Shift("people", "web", 40, 200, alone=True, by="source"), replace(star, group="source:web")
    keys = {shift.key for shift in (everybody, star, web, false_web, replace(star, group="profession:*"))}
    assert len(keys) == 5
    assert (everybody.key, web.key) == ("people/*", "people/source:web")
