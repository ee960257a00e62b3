"""Where other tools fail in public, row by row: each case by the name of the tool, on the shipped rules.

What whoever calls the program meets (counts, times, exit codes, the network) is in test_peers_commands.py.
"""

import random
import time
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from made import stored
from rule_texts import LOOKUP, load
from test_nightly import HEADER, line, nir, write
from test_regions import EVERYTHING
from tocsin.features.windows import distinct_over_time
from tocsin.nightly import Scan, scan
from tocsin.privacy.tokens import TokenKey
from tocsin.rules.correlation import episodes
from tocsin.rules.load import load_rules
from tocsin.rules.overlay import load_overlays, tuned
from tocsin.rules.pack import shipped

PACK = load_rules([shipped()])
PEOPLE = "distinct_people_1h"
MORNING = datetime(2022, 3, 14, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


def reads(count, every, account="A1", start=MORNING, people=None):
    """One account looks people up, `every` apart: each another one, or these in turn."""
    return [
        {
            "time": start + number * every,
            "account": account,
            "patient": people[number % len(people)] if people else f"P{number}",
        }
        for number in range(count)
    ]


def rung(events, *names, rules=PACK):
    """Give the episodes of some rules, by rule, account, peak and hits."""
    found = episodes(events, rules, "account").filter(pl.col("rule").is_in(names))
    return found.select("rule", "account", "peak", "hits").rows()


def test_hayabusa_people_spread_over_more_than_the_timespan_are_not_added_up():
    assert rung(stored(*reads(160, timedelta(seconds=68))), PEOPLE) == []


def test_hayabusa_an_update_of_the_rules_leaves_the_tuning_alone(tmp_path):
    (tmp_path / "regions").mkdir()
    overlay = f"title: T\noverlay:\n  when: {{region: ['29']}}\n  rules:\n    {PEOPLE}: {{correlation.condition.gte: 200, reason: x}}\n"
    (tmp_path / "regions" / "29.yml").write_text(overlay, encoding="utf-8")
    events = stored(*({**event, "region": "29"} for event in reads(160, timedelta(seconds=20))))
    for version in ("gte: 80", "gte: 90"):
        for file in shipped().glob("*.yml"):
            text = file.read_text(encoding="utf-8").replace("gte: 80}", f"{version}}}")
            (tmp_path / file.name).write_text(text, encoding="utf-8")
        rules = load_rules([tmp_path])
        assert [peak for _rule, _account, peak, _hits in rung(events, PEOPLE, rules=rules)] == [160]
        assert rung(events, PEOPLE, rules=tuned(rules, load_overlays([tmp_path / "regions"], rules))) == []


def test_opensearch_a_practitioner_with_twenty_five_people_a_day_for_thirty_days_is_calm():
    days = [
        {"time": MORNING + timedelta(days=day, minutes=20 * visit), "patient": f"P{day}-{visit}"}
        for day in range(30)
        for visit in range(25)
    ]
    assert rung(stored(*days), PEOPLE, "distinct_people_1d") == []


def test_wazuh_two_people_read_alternately_two_hundred_times_are_two(tmp_path):
    events = stored(*reads(200, timedelta(seconds=10), people=["P1", "P2"]))
    assert rung(events, PEOPLE) == []
    two = LOOKUP + (
        "---\ntitle: Two\nname: two\nlevel: low\ntocsin: {family: volume}\ncorrelation: {type: value_count, rules: [lookup], "
        "group-by: [account], timespan: 1h, condition: {field: patient, gte: 2}}\n"
    )
    assert rung(events, "two", rules=load(tmp_path, two)) == [("two", "A1", 2, 199)]


def test_sqlite_backed_sigma_a_burst_is_one_episode_and_one_finding(tmp_path):
    assert rung(stored(*reads(140, timedelta(seconds=20))), PEOPLE) == [(PEOPLE, "A1", 140, 61)]
    lines = [line(MORNING.date(), number / 3, "A1", nir(number)) for number in range(140)]
    path = write(tmp_path / "log.csv", lines, HEADER)
    report = scan(question([path], since=MORNING.date()), PACK, TokenKey.throwaway(), lambda *_: None)
    assert [detectors.count(f"rule.{PEOPLE}") for _night, _account, detectors in found(report)] == [1]


def test_sqlite_backed_sigma_time_does_not_grow_with_the_people_of_a_window():
    def seconds(windows):
        count = 200_000
        events = pl.DataFrame(
            {
                "account": np.arange(count) % windows,
                "time": pl.Series(np.arange(count) * 7_000_000 // count * 500).cast(pl.Datetime("us")),
                "person": np.arange(count).astype(np.uint64),
            }
        )
        best = []
        for _turn in range(3):
            before = time.process_time()
            assert distinct_over_time(events, ["account"], "person", HOUR)["count"].max() == count // windows
            best.append(time.process_time() - before)
        return min(best)

    # Ten people a window beside ten thousand: a join by time would take a thousand times longer.
    assert seconds(20) < 5 * seconds(20_000)


def test_tumbling_hours_eighty_people_on_each_side_of_a_full_hour_are_found():
    start = MORNING + timedelta(minutes=40)
    assert rung(stored(*reads(160, timedelta(seconds=15), start=start)), PEOPLE) == [(PEOPLE, "A1", 160, 81)]


@pytest.mark.parametrize("seed", range(3))
def test_rsigma_the_order_of_arrival_does_not_matter(seed):
    events = reads(160, timedelta(seconds=15), start=datetime(2022, 3, 14, 22, 45, tzinfo=UTC))
    shuffled = random.Random(seed).sample(events, len(events))
    assert rung(stored(*shuffled), PEOPLE) == rung(stored(*events), PEOPLE) != []


def test_rsigma_files_cut_at_midnight_keep_their_windows(tmp_path):
    night = datetime(2022, 3, 14, tzinfo=UTC)
    # Fifty people before midnight in Paris and fifty after it: neither file alone is over the limit.
    lines = [line(night.date(), 15 * 60 + 35 + number / 2, "A1", nir(number)) for number in range(100)]
    files = [write(tmp_path / f"{name}.csv", part, HEADER) for name, part in (("b", lines[:50]), ("a", lines[50:]))]
    report = scan(question(files, all_nights=True), PACK, TokenKey.throwaway(), lambda *_: None)
    together = [write(tmp_path / "c.csv", lines, HEADER)]
    whole = scan(question(together, all_nights=True), PACK, TokenKey.throwaway(), lambda *_: None)
    assert found(report) == found(whole)
    assert any(f"rule.{PEOPLE}" in detectors for _night, _account, detectors in found(report))


def test_rsigma_lines_without_a_time_are_rejected_and_counted(tmp_path):
    night = datetime(2022, 3, 14, tzinfo=UTC)
    lines = [line(night.date(), minute, "A1", minute) for minute in range(600, 620)]
    path = write(tmp_path / "log.csv", [*lines, lines[0].replace(lines[0].split(",")[0], "soon")], HEADER)
    report = scan(question([path], since=night.date()), PACK, TokenKey.throwaway(), lambda *_: None)
    assert (report.rejects_total, report.rejects[0].line) == (1, 22)


def test_rsigma_the_hour_that_a_clock_change_skips_or_repeats_is_an_hour():
    spring = datetime(2022, 3, 27, 0, 30, tzinfo=UTC)  # 1:30 in Paris; half an hour later it is 3:00
    autumn = datetime(2022, 10, 30, 0, 10, tzinfo=UTC)  # 2:10 in Paris, and 2:10 again an hour later
    for start in (spring, autumn):
        assert rung(stored(*reads(80, timedelta(seconds=44), start=start)), PEOPLE) == [(PEOPLE, "A1", 80, 1)]
        assert rung(stored(*reads(160, timedelta(seconds=68), start=start)), PEOPLE) == []


def test_rsigma_and_elastic_nobody_is_left_out_among_four_hundred_thousand_accounts():
    count = 400_000
    accounts = np.concatenate([np.arange(count), np.full(79, count - 1)])
    times = pl.lit(MORNING).dt.cast_time_unit("us") + pl.int_range(accounts.size) * timedelta(milliseconds=1)
    events = pl.DataFrame({"account": accounts.astype(str), "patient": np.arange(accounts.size).astype(str)})
    events = events.with_columns(
        time=times, night=MORNING.date(), kind=pl.lit("lookup"), outcome=pl.lit("success"), automatic=False
    )
    assert distinct_over_time(events, ["account"], "patient", HOUR)["account"].n_unique() == count
    assert rung(events, PEOPLE, rules=PACK.only(PEOPLE)) == [(PEOPLE, str(count - 1), 80, 1)]


def question(paths, **asked):
    return Scan(
        logs=[str(path) for path in paths],
        now=datetime(2030, 1, 1, tzinfo=UTC),
        with_model=False,
        settings=EVERYTHING,
        **asked,
    )


def found(report):
    return [
        (suspect.night, suspect.account, sorted(finding.detector for finding in suspect.findings))
        for suspect in report.suspects
    ]
