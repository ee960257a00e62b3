"""Late events are measured where they belong, and what they do not touch stays as it was."""

import time
from dataclasses import replace
from datetime import timedelta

import polars as pl
from polars.testing import assert_frame_equal

from test_nightly import HEADER, NOW, START, a_night, line, nir, write
from tocsin.nightly import Scan
from tocsin.privacy.tokens import TokenKey
from tocsin.rules.load import load_rules
from tocsin.rules.pack import shipped
from tocsin.store.state import changing, reading
from tocsin.watch import Watched, measuring
from tocsin.watch import scan as watch

KEY = TokenKey(b"k" * 32)
RULES = load_rules([shipped()])
DAYS = [START + timedelta(days=day) for day in range(5)]
FRAMES = ("nights", "origins", "episodes", "peaks", "totals")


def call(paths, state):
    watch(Scan(paths, NOW, with_model=False), RULES, KEY, lambda *_: None, Watched(state, time.monotonic))


def held(state, name):
    """The rows of all nights."""
    opened = reading(state)
    nights = opened.manifest.nights.values()
    return pl.concat([opened.files.read_frame(night.measured[name]) for night in nights if night.measured])


def marks(state):
    opened = reading(state)
    return {
        night: pl.concat([opened.files.read_frame(kept) for kept in of_night.seen]).unique().sort("shelf", "mark")
        for night, of_night in opened.manifest.nights.items()
    }


def test_late_events_leave_the_same_rows_as_if_all_had_come_at_once(tmp_path):
    shared = "198.51.100.7"
    # Five accounts on one address fulfil a rule: a sixth comes late. A7 reads people late whom it read again later,
    # and B1 is a newcomer, first seen late.
    rows = {day: [*a_night(day, accounts=10)] for day in DAYS}
    rows[DAYS[3]] += [line(DAYS[3], 30 + n, f"A{n}", nir(n), ip=shared) for n in range(5)]
    rows[DAYS[3]] += [line(DAYS[3], n, "A7", nir(500 + n)) for n in range(20)]
    late = [
        line(DAYS[3], 40, "A5", nir(5), ip=shared),
        *(line(DAYS[2], 900 + n, "A7", nir(500 + n)) for n in range(20)),
        line(DAYS[2], 5, "B1", nir(1)),
        line(DAYS[3], 6, "B1", nir(1)),
    ]
    first = [write(tmp_path / f"{day}.csv", sorted(rows[day])) for day in DAYS[:4]]
    last = write(tmp_path / "last.csv", sorted([*rows[DAYS[4]], *late]), HEADER)
    call([*first, last], tmp_path / "whole")
    call(first, tmp_path / "state")
    before = held(tmp_path / "state", "episodes")
    call([last], tmp_path / "state")
    for name in FRAMES:
        assert_frame_equal(held(tmp_path / "state", name), held(tmp_path / "whole", name), check_row_order=False)
    assert marks(tmp_path / "state").keys() == marks(tmp_path / "whole").keys()
    for night, shown in marks(tmp_path / "whole").items():
        assert shown.equals(marks(tmp_path / "state")[night])
    assert before.filter(rule="address_over_many_accounts").height == 5
    assert held(tmp_path / "state", "episodes").filter(rule="address_over_many_accounts").height == 6


def dealt(night, numbers, accounts=6):
    """One number after another, to some accounts in turn."""
    return [line(night, 100 + n, f"A{turn % accounts}", nir(n, "1850578006")) for turn, n in enumerate(numbers)]


def test_a_sequence_of_which_a_part_came_late_is_found_over_all_accounts(tmp_path):
    rows = {day: [*a_night(day, accounts=10)] for day in DAYS}
    in_time = dealt(DAYS[3], range(0, 36, 2))
    first = [
        write(tmp_path / f"{day}.csv", sorted(rows[day] + (in_time if day == DAYS[3] else []))) for day in DAYS[:4]
    ]
    last = write(tmp_path / "last.csv", sorted([*rows[DAYS[4]], *dealt(DAYS[3], range(1, 36, 6), 2)]), HEADER)
    call([*first, last], tmp_path / "whole")
    call(first, tmp_path / "state")
    before = held(tmp_path / "state", "runs")
    call([last], tmp_path / "state")
    told = held(tmp_path / "state", "runs")
    assert (set(before["numbers"]), set(told["numbers"])) == ({18}, {24})
    assert told["account"].to_list() == [f"A{number}" for number in range(6)]
    assert_frame_equal(told, held(tmp_path / "whole", "runs"), check_row_order=False)


def test_late_events_far_from_any_run_leave_the_runs_as_they_were(tmp_path, monkeypatch):
    measured = []
    whole = measuring._measured
    monkeypatch.setattr(measuring, "_measured", lambda *given: measured.append(given[4]) or whole(*given))
    first = [
        write(tmp_path / f"{day}.csv", sorted([*a_night(day, accounts=10), *dealt(day, range(36))])) for day in DAYS[:3]
    ]
    call(first, tmp_path / "state")
    measured.clear()
    late = [line(DAYS[1], 40, "A4", nir(4, "2620175001")), *a_night(DAYS[3], accounts=10)]
    call([write(tmp_path / "late.csv", sorted(late))], tmp_path / "state")
    assert [only is None for only in measured] == [False, True]  # the touched account, and the new night


def test_what_late_events_do_not_touch_is_not_measured_again(tmp_path):
    first = [write(tmp_path / f"{day}.csv", sorted(a_night(day, accounts=10))) for day in DAYS[:3]]
    call(first, tmp_path / "state")
    late = [line(DAYS[1], 40, "A4", nir(4)), *a_night(DAYS[3], accounts=10)]
    call([write(tmp_path / "late.csv", sorted(late))], tmp_path / "state")
    opened = reading(tmp_path / "state")
    _before, again = opened.manifest.nights[DAYS[2]].seen
    assert opened.files.read_frame(again)["shelf"].n_unique() == 1


def test_rows_with_other_columns_than_today_are_measured_again_whole(tmp_path):
    first = [write(tmp_path / f"{day}.csv", sorted(a_night(day, accounts=10))) for day in DAYS[:3]]
    last = write(tmp_path / "late.csv", sorted([line(DAYS[2], 900, "A4", nir(4)), *a_night(DAYS[3], accounts=10)]))
    call([*first, last], tmp_path / "whole")
    call(first, tmp_path / "state")
    with changing(tmp_path / "state") as state:
        night = state.manifest.nights[DAYS[2]]
        rows = state.files.read_frame(night.measured["nights"]).drop("people_1h")
        older = {**night.measured, "nights": state.files.write_frame("measured/older.parquet", rows)}
        state.finish(state.manifest.with_night(DAYS[2], replace(night, measured=older)))
    call([last], tmp_path / "state")
    for name in FRAMES:
        assert_frame_equal(held(tmp_path / "state", name), held(tmp_path / "whole", name), check_row_order=False)
