from dataclasses import replace

import numpy as np
import polars as pl

from tocsin.features.catalogue import BY_NAME
from tocsin.model.shifts import find_shifts
from tocsin.settings import Settings
from tocsin.verdict.blind import shifted

FEATURES = [BY_NAME[name] for name in ("people", "not_found", "far_people")]


def told(moved, accounts=200, profession="gp", **also):
    """Surprises of 4.00 in not_found for the first accounts, and in what else is said."""
    rows = pl.DataFrame({"profession": [profession] * accounts})
    surprises = {feature.name: np.zeros(accounts, np.int32) for feature in FEATURES}
    for name, count in {"not_found": moved, **also}.items():
        surprises[name][:count] = 400
    return find_shifts(rows, FEATURES, surprises, Settings())


def test_a_figure_that_moves_alone_for_many_is_muted_and_said():
    shifts = told(40)
    assert [(s.feature, s.moved, s.accounts, s.alone) for s in shifts.found] == [("not_found", 40, 200, True)]
    assert shifts.muted["not_found"].all()
    assert "40 of 200 (all accounts) at once; nothing else changed" in shifted(shifts.found)[0]


def weak(moved, points, settings=None):
    feature = BY_NAME["new_networks"]
    surprises = {feature.name: np.where(np.arange(200) < moved, points, 0).astype(np.int32)}
    return find_shifts(pl.DataFrame({"profession": ["gp"] * 200}), [feature], surprises, settings or Settings())


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
    assert "in use by others" in shifted(shifts.found)[0]


def test_one_account_in_twenty_and_fewer_than_twenty_are_no_shift():
    assert told(20, accounts=400).found == ()
    assert told(19, accounts=100).found == ()


def test_a_shift_of_one_profession_mutes_that_profession():
    rows = pl.DataFrame({"profession": ["nurse"] * 100 + ["gp"] * 900})
    surprises = {feature.name: np.zeros(1_000, np.int32) for feature in FEATURES}
    surprises["not_found"][:40] = 400
    shifts = find_shifts(rows, FEATURES, surprises, Settings())
    assert [s.key for s in shifts.found] == ["not_found/nurse"]
    assert shifts.muted["not_found"].tolist() == [True] * 100 + [False] * 900
