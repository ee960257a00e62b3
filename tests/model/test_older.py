"""Nights that are no longer held in full are summed by account and four weeks, each once."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from tocsin.model.carried import SEEN
from tocsin.model.memory import Memory, summed
from tocsin.model.nights import Past
from tocsin.model.older import COUNTS, Older, block_of
from tocsin.model.sums import Sums
from tocsin.model.weather import Skies
from tocsin.settings import OlderNights, Settings
from tocsin.store.codec import decode, encode
from tocsin.store.names import NAMES, Names
from tocsin.verdict.judge import Before
from tocsin.verdict.kept import LEFT
from tocsin.verdict.renaming import taught
from tocsin.watch.purge import _Young

START = block_of(date(2022, 2, 14), OlderNights())
SETTINGS = Settings()


def day(number):
    return START + timedelta(days=number)


def learned(nights, accounts=("A", "B")):
    """Give learned rows: on night n account number a read 10 + n + a people, 4 + n % 3 of them new."""
    rows = [
        {"account": name, "night": day(n), "day": "working", "profession": "gp", "new_people": 4 + n % 3}
        | {"new_share": 4 + n % 3, **dict.fromkeys(COUNTS, 10 + n + place)}
        for n in nights
        for place, name in enumerate(accounts)
    ]
    return pl.DataFrame(rows)


def memory(rows, first=0, factor=1.0):
    skies = Skies(tuple((one, "working", {("gp", "people"): factor}) for one in sorted({*rows["night"]})))
    seen = pl.DataFrame([(name, day(first), day(first), None, None) for name in "AB"], schema=SEEN, orient="row")
    return Memory(Past.of(rows), skies, seen)


def after(before, tonight):
    """Give the memory after a night of which only what falls out matters."""
    past = before.past.with_rows(learned([tonight]), day(tonight - 27))
    return replace(before, older=summed(before, day(tonight), SETTINGS), past=past)


def test_a_night_is_summed_when_it_falls_out_and_not_before():
    held = memory(learned(range(28)), factor=0.5)
    assert summed(held, day(27), SETTINGS).frame().is_empty()
    sums = summed(held, day(29), SETTINGS).frame()
    assert sums.select("account", "night", "last", "nights", "told").rows() == [
        ("A", day(0), day(1), 2, 2),
        ("B", day(0), day(1), 2, 2),
    ]
    mine = sums.row(0, named=True)
    assert [mine[f"{part}_people"] for part in ("x", "f", "xx", "ff", "xf")] == [21, 1000, 221, 500_000, 10_500]
    assert (mine["k_new_share"], mine["n_new_share"]) == (9, 21)


def test_the_sums_are_those_of_the_nights_together():
    """What falls out night by night comes to what Sums makes of all of it."""
    before = memory(learned(range(28)))
    for tonight in range(28, 40):
        before = after(before, tonight)
    older = before.older.frame()
    whole = Sums.of(Past.of(learned(range(12))), before.skies)
    for name in COUNTS:
        for part, values in whole.count(name).items():
            assert older[f"{part}_{name}"].to_list() == values.tolist(), (part, name)


def test_the_first_days_of_an_account_teach_no_usual_number_of_strangers():
    sums = summed(memory(learned(range(28)), first=-2), day(33), SETTINGS).frame()
    assert sums["told"].to_list() == [6, 6]
    assert sums["settled"].to_list() == [3, 3]
    roots = [round(200 * (count + 0.375) ** 0.5) for count in (4, 5, 6)]
    assert sums["roots"].to_list() == [sum(roots)] * 2
    assert sums["squares"].to_list() == [sum(one * one for one in roots)] * 2


def test_blocks_of_four_weeks_are_let_go_of_after_half_a_year():
    before = memory(learned(range(28)))
    for tonight in range(28, 90):
        before = after(before, tonight)
    assert before.older.frame()["night"].unique().sort().to_list() == [day(0), day(28), day(56)]
    assert before.older.frame().filter(account="A")["nights"].to_list() == [28, 28, 6]
    late = summed(before, day(180), SETTINGS)
    assert late.frame()["night"].min() == day(28)


def test_a_night_judged_again_is_not_summed_twice():
    before = memory(learned(range(28)))
    once, again = after(before, 28), after(before, 28)
    assert again.older.frame().equals(once.older.frame())
    assert after(once, 29).older.frame()["nights"].to_list() == [2, 2]
    late = after(before, 28)
    # The newest night comes again: nothing falls out a second time.
    assert summed(late, day(28), SETTINGS).frame().equals(late.older.frame())


def test_rows_that_come_back_after_their_night_fell_out_are_added_when_they_fall_out():
    rows = learned(range(28))
    mine = rows.filter((pl.col("account") == "A") & (pl.col("night") == day(0)))
    before = memory(rows.join(mine, on=["account", "night"], how="anti"))
    before = after(after(before, 28), 29)
    assert before.older.frame()["nights"].to_list() == [1, 2]
    back = replace(before, past=before.past.with_rows(mine))
    assert after(back, 30).older.frame()["nights"].to_list() == [3, 3]


def test_two_names_of_one_account_are_summed():
    table = summed(memory(learned(range(28))), day(29), SETTINGS)
    names = Names(pl.DataFrame([("A", "B", day(40))], schema=NAMES, orient="row"))
    told = taught(Before(memory=Memory(older=table)), names).memory.older.frame()
    assert told.select("account", "nights", "x_people", "last").rows() == [("B", 4, 44, day(1))]


def of(older):
    """Look up one account."""
    return Older.of(older, pl.Series("account", ["A"]), OlderNights())


def test_older_nights_weigh_half_as_much_in_a_count():
    table = summed(memory(learned(range(28))), day(29), SETTINGS)
    told = of(table).with_count("people", {"x": np.array([100.0]), "f": np.array([10_000.0])})
    assert told["x"].tolist() == [100 + 21 / 2]
    assert told["f"].tolist() == [11_000]
    assert of(table).nights("people").tolist() == [2]
    assert of(table).nights("bytes_kb").tolist() == [0]


def test_a_share_of_older_nights_is_changed_as_the_professions_was():
    """Everybody had twice as many new people then: that is no usual share of today."""
    table = summed(memory(learned(range(28))), day(29), SETTINGS)
    ab = Older.of(table, pl.Series("account", ["A", "B"]), OlderNights())
    now = {"k": np.array([45.0, 45.0]), "n": np.array([210.0, 230.0])}
    then = ab.sums["k_new_share"].sum() / ab.sums["n_new_share"].sum()
    told = ab.with_share("new_share", now, np.zeros(2, np.intp))
    factor = (90 / 440) / then
    assert told["k"].tolist() == pytest.approx([45 + 0.5 * 9 * factor] * 2)
    assert told["n"].tolist() == [210 + 21 / 2, 230 + 23 / 2]


def test_accounts_without_older_nights_have_none():
    table = summed(memory(learned(range(28))), day(29), SETTINGS)
    told = table.summed(pl.Series("account", ["Z", "B"]))
    assert told["nights"].to_list() == [0, 2]


class Shelf(dict):
    """Keeps frames by number."""

    def keep_frame(self, frame):
        self[str(len(self))] = frame
        return str(len(self) - 1)

    def is_kept(self, name):
        return name in self


def test_blocks_are_kept_and_read_again_and_one_that_is_finished_is_written_once():
    before = memory(learned(range(28)))
    for tonight in range(28, 58):
        before = after(before, tonight)
    shelf = Shelf()
    plain = encode(Memory(older=before.older), shelf)
    assert decode(plain, shelf.get, LEFT).older.frame().equals(before.older.frame())
    kept = len(shelf)
    encode(Memory(older=after(before, 58).older), shelf)
    assert len(shelf) == kept + 7  # the block that grew, and the six tables that every memory has
    del plain["fields"]["older"]  # as a layout before 6 has it
    assert decode(plain, shelf.get, LEFT).older.frame().is_empty()


def test_a_purge_takes_blocks_that_began_before_it_and_accounts_that_are_gone():
    before = memory(learned(range(28)))
    for tonight in range(28, 90):
        before = after(before, tonight)
    young = _Young(pl.DataFrame({"account": ["B"]}), day(28)).of(before).older.frame()
    assert young.select("account", "night").rows() == [("B", day(28)), ("B", day(56))]
