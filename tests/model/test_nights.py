"""The nights held: narrow, and yet what was learned comes back as it was."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from threading import get_ident
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from tocsin.features.catalogue import FEATURES
from tocsin.model import each as side_by_side
from tocsin.model import room
from tocsin.model.nights import BLOCK, Past
from tocsin.model.peers import peers
from tocsin.model.sums import Sums
from tocsin.model.usual import high, middle, told_of
from tocsin.model.weather import Skies
from tocsin.settings import Settings

FIRST = date(2022, 2, 14)
LEARNED = pl.DataFrame(
    {
        "account": ["B", "C", "A", "B"],
        "night": [FIRST, FIRST, FIRST + timedelta(days=1), FIRST + timedelta(days=1)],
        "profession": ["gp", None, "nurse", "gp"],
        "people": [3, 70_000, 2**40, 0],
        "new_people": [None, 5, None, None],
        "peer_people": pl.Series([-5, 300, 7, 7], dtype=pl.Int32),
        "place_1": [2**33, 0, 1, 2],
        "seldom": [[1.5], [], None, [2.0]],
    }
)


class Shelf:
    """Keeps frames by a number, and counts."""

    def __init__(self):
        self.frames = {}

    def keep_frame(self, frame):
        self.frames[name := str(len(self.frames))] = frame
        return name

    def is_kept(self, name):
        return name in self.frames


def test_what_was_learned_comes_back_as_it_was():
    past = Past.of(LEARNED)
    assert past.frame().equals(LEARNED)
    assert past.frame().schema == LEARNED.schema
    assert past.names.to_list() == ["A", "B", "C"]
    assert [one.columns["people"].values.dtype for one in past.nights] == [np.uint32, np.int64]
    assert past.nights[1].columns["peer_people"].values.size == 1, "the same for all"


def test_night_by_night_is_the_same_as_at_once_and_a_night_is_put_in_the_place_of_what_is_held():
    first, second = LEARNED.partition_by("night", maintain_order=True)
    apart = Past.of(second.with_columns(people=9)).with_rows(first.reverse()).with_rows(second)
    assert apart.frame().equals(LEARNED)
    assert apart.places(pl.Series(["A", "Z", "C"])).tolist() == [0, -1, 2]


def test_accounts_leave_with_their_last_night():
    second = LEARNED.filter(night=FIRST + timedelta(days=1))
    for past in (Past.of(LEARNED).without(FIRST), Past.of(LEARNED).with_rows(second, second["night"][0])):
        assert past.names.to_list() == ["A", "B"]
        assert past.frame().equals(second)


def test_a_column_that_a_night_lacks_is_null_there():
    second = LEARNED.filter(night=FIRST + timedelta(days=1)).drop("seldom", "people").with_columns(asked=4)
    past = Past.of(LEARNED.filter(night=FIRST)).with_rows(second)
    assert past.frame().equals(pl.concat([LEARNED.filter(night=FIRST), second], how="diagonal"))
    values, told = past.table("people", slice(0, 3))
    assert (values.tolist(), told[1].tolist()) == ([[0, 3, 70_000], [0, 0, 0]], [False] * 3)


def test_a_night_that_is_kept_already_is_not_made_a_frame_again():
    shelf, past = Shelf(), Past.of(LEARNED)
    names = past.kept(shelf)
    assert pl.concat(shelf.frames.values()).equals(LEARNED)
    assert past.kept(shelf) == names
    again = Past.of_parts((name, partial(shelf.frames.get, name)) for name in names)
    later = again.with_rows(
        LEARNED.filter(night=FIRST).with_columns(night=FIRST + timedelta(days=2), account=pl.lit("D"))
    )
    assert later.kept(shelf)[:2] == names
    assert len(shelf.frames) == 3
    other = Shelf()
    assert len(later.kept(other)) == len(other.frames) == 3, "another state does not have them"


def test_all_nights_are_kept_with_all_columns_so_that_they_can_be_read_as_one_table():
    second = LEARNED.filter(night=FIRST + timedelta(days=1)).with_columns(later=4)
    shelf, past = Shelf(), Past.of(LEARNED.filter(night=FIRST))
    narrow = past.kept(shelf)
    names = past.with_rows(second).kept(shelf)
    assert pl.concat([shelf.frames[name] for name in names]).columns == [*LEARNED.columns, "later"]
    wide = shelf.keep_frame(second)
    read = Past.of_parts((name, partial(shelf.frames.get, name)) for name in (*narrow, wide))
    assert [one.kept for one in read.nights] == [None, wide]
    assert pl.concat([shelf.frames[name] for name in read.kept(shelf)]).height == LEARNED.height


def test_nights_read_two_at_a_time_are_those_read_one_by_one(monkeypatch):
    nights = LEARNED.partition_by("night", maintain_order=True)
    one_by_one = Past.of_parts([(None, night.clone) for night in nights])
    monkeypatch.setattr(side_by_side.pl, "thread_pool_size", lambda: 2)
    threads = []
    parts = [(None, lambda night=night: threads.append(get_ident()) or night) for night in nights]
    together = Past.of_parts(parts)
    assert get_ident() not in threads
    assert together.frame().equals(one_by_one.frame())
    assert together.names.equals(one_by_one.names)


def test_portions_of_several_nights_have_no_name_of_their_own():
    assert {one.kept for one in Past.of_parts([("both", LEARNED.clone)]).nights} == {None}


def test_accounts_are_looked_at_in_portions():
    accounts = BLOCK + 5
    frame = pl.DataFrame({"account": [f"{n:05d}" for n in range(accounts)], "people": range(accounts)})
    past = Past.of(frame.with_columns(night=FIRST, profession=pl.lit("gp")))
    assert Sums.of(past, Skies()).count("people")["xx"].tolist() == [n * n for n in range(accounts)]


def test_peers_are_ranked_as_a_plain_quantile_ranks_them():
    number = np.arange(24)
    frame = pl.DataFrame({"account": [f"{n:02d}" for n in number], "people": number**2, "night": FIRST}).with_columns(
        profession=pl.when(pl.col("people") % 2 == 0).then(pl.lit("gp")).otherwise(pl.lit("nurse")), region=pl.lit("57")
    )
    before = frame.with_columns(people=pl.col("people") + 7, night=FIRST - timedelta(days=1))
    past = pl.concat([before, frame.with_columns(people=pl.when(pl.col("account") > "02").then("people"))])
    people = [feature for feature in FEATURES if feature.name == "people"]
    habits = replace(Settings().baselines, peer_accounts=5, peer_structure=1.0)
    near = peers(frame, Sums.of(Past.of(past), Skies()), people, habits)
    assert near.group.to_list() == ["gp in 57", "nurse in 57"] * 12
    for at, profession in enumerate(("gp", "nurse")):
        levels = np.log1p(past.filter(profession=profession)["people"].drop_nulls().to_numpy())
        q50, q95, q99 = np.quantile(levels, (0.5, 0.95, 0.99))
        assert near.middle["people"][at] == pytest.approx(q50)
        assert near.spread["people"][at] == pytest.approx(
            max((q95 - q50) / 1.645, (q99 - q50) / 2.326, habits.peer_spread)
        )


def test_a_figure_that_stands_still_is_summed_and_placed_without_reading_it(monkeypatch):
    """What the logs of a portal do not tell is 0, or null, for everybody: two figures in three of some portals."""
    accounts = [f"{n:02d}" for n in range(12)]
    rows = [
        pl.DataFrame({"account": accounts, "people": people, "closed": range(12)}).with_columns(
            night=FIRST + timedelta(days=day), profession=pl.lit("gp"), region=pl.lit("57")
        )
        for day, people in enumerate((0, None, 0))
    ]
    past = Past.of(pl.concat([one.with_columns(pl.col("people").cast(pl.Int64)) for one in rows]))
    assert past.is_still("people")
    assert past.is_still("unheard_of")
    habits = replace(Settings().baselines, peer_accounts=5, peer_structure=1.0)
    people = [feature for feature in FEATURES if feature.name == "people"]

    def told():
        sums = Sums.of(past, Skies())
        near = peers(rows[0], sums, people, habits)
        by_nights = [middle(past, "people").tolist(), high(past, "people", 0.9).tolist()]
        counted = {name: one.tolist() for name, one in sums.count("people").items()}
        shares = {name: one.tolist() for name, one in sums.share("people", "people").items()}
        return by_nights, counted, shares, near.middle["people"].tolist(), near.spread["people"].tolist()

    quick = told()
    assert quick[1]["f"] == [2000] * 12, "nights that tell it count all the same"
    monkeypatch.setattr(Past, "is_still", lambda _past, _name: False)
    assert told() == quick


def test_features_side_by_side_are_what_they_are_one_by_one(monkeypatch):
    monkeypatch.setattr(side_by_side.pl, "thread_pool_size", lambda: 2)

    def work(number):
        return np.full(2, float(number)), np.full(2, -float(number))

    for rows_ in (0, side_by_side.FEW + 1):
        told = side_by_side.each(work, range(5), rows_)
        assert [(one[0], other[0]) for one, other in told] == [(n, -n) for n in range(5)]


def test_free_memory_goes_back_after_a_large_night_only(monkeypatch):
    asked = []
    monkeypatch.setattr(room.ctypes, "CDLL", lambda _name: SimpleNamespace(malloc_trim=asked.append))
    room.give_back(room.LARGE)
    assert not asked
    room.give_back(room.LARGE + 1)
    assert asked == [0]
    monkeypatch.setattr(room.ctypes, "CDLL", lambda _name: SimpleNamespace())
    room.give_back(room.LARGE + 1)
    assert asked == [0]


def test_an_empty_profession_is_one_like_others_and_not_an_unknown_one():
    frame = pl.DataFrame({"account": list("ABCD"), "people": 1, "night": FIRST, "region": ""}).with_columns(
        profession=pl.Series(["", "", None, None])
    )
    people = [feature for feature in FEATURES if feature.name == "people"]
    sums = Sums.of(Past.of(frame), Skies())
    near = peers(frame, sums, people, replace(Settings().baselines, peer_accounts=2, peer_structure=1.0))
    assert (near.group.to_list(), near.accounts.tolist()) == ([" in "] * 2 + ["unknown profession"] * 2, [2.0] * 4)
    assert sums.professions()[1] == ["", "-"]


def test_what_is_told_of_some_accounts_on_the_nights_held():
    accounts = pl.Series("account", ["C", "nobody", "A", "B"])
    told = told_of(Past.of(LEARNED), "people", accounts)
    expected = LEARNED.filter(pl.col("people") > 0).select("account", "night", "people")
    assert sorted(told.rows()) == sorted(expected.rows())
    assert told_of(Past.of(LEARNED), "not there", accounts).is_empty()
    assert told_of(Past.of(LEARNED.clear()), "people", accounts).schema == told.schema
