"""What each feature counts, on logs small enough to count by hand."""

from datetime import timedelta

import polars as pl
import pytest

from made import at, night, stored
from tocsin.features.catalogue import BY_NAME, FEATURES, JUDGED, account_nights, judgeable, with_all
from tocsin.features.work import prepare
from tocsin.schema import EVENTS
from tocsin.settings import Families

HALF_HOUR = timedelta(minutes=30)


def count(name, *rows, account="A1", day=0):
    work, codes = prepare(stored(*rows), HALF_HOUR)
    table = account_nights(work).join(codes, on="who")
    return table.filter((pl.col("account") == account) & (pl.col("night") == night(day)))[name].item()


def reads(*patients, start=0.0, every=1.0, **more):
    return [{"patient": patient, "time": at(start + every * n), **more} for n, patient in enumerate(patients)]


def test_counts_different_people_read_with_success():
    rows = [*reads("b:1", "b:2", "b:1"), *reads("b:9", outcome="not_found"), *reads("b:8", kind="login")]
    assert count("people", *rows) == 2


def test_an_unknown_outcome_gets_no_discount():
    assert count("people", *reads("b:1", outcome="unknown")) == 1


def test_a_second_read_within_half_an_hour_is_the_same_consultation():
    assert count("consultations", *reads("b:1", "b:1", every=30)) == 1
    assert count("consultations", *reads("b:1", "b:1", every=31)) == 2


def test_a_repeat_by_software_never_counts_but_a_new_person_does():
    rows = [*reads("b:1", automatic=True), *reads("b:1", start=90, automatic=True)]
    assert count("consultations", *rows) == 1
    assert count("people", *rows) == 1


def test_the_fastest_hour_slides_over_the_full_hour():
    rows = reads(*(f"b:{n}" for n in range(8)), start=50, every=5)
    assert count("people_1h", *rows) == 8
    assert count("people_10m", *rows) == 3


def test_the_fastest_hour_slides_over_midnight():
    rows = [*reads("b:1", "b:2", start=14 * 60 + 50), *reads("b:3", start=15 * 60 + 5)]
    assert count("people_1h", *rows, day=1) == 3
    assert count("people_1h", *rows, day=0) == 2


def test_answers_count_rows_or_people_whichever_is_more():
    rows = [{"kind": "search", "rows": 50, "subjects": 20}, {"kind": "search", "subjects": 30}, {"kind": "search"}]
    assert count("answers", *rows) == 80


def test_bytes_are_counted_in_kilobytes():
    assert count("bytes_kb", {"bytes": 1_500}, {"bytes": 700}) == 2


def test_new_people_were_never_read_on_any_earlier_night():
    rows = [*reads("b:1", "b:2"), *reads("b:2", "b:3", start=24 * 60)]
    assert count("new_people", *rows, day=0) == 2
    assert count("new_people", *rows, day=1) == 1


def test_what_one_account_read_is_new_to_another():
    rows = [*reads("b:1"), *reads("b:1", start=60, account="A2")]
    assert count("new_people", *rows, account="A2") == 1


def test_numbers_that_do_not_exist_are_a_share_of_all_requests():
    rows = [*reads("b:1", "b:2"), *reads("b:3", outcome="not_found", start=10)]
    assert count("not_found", *rows) == 1
    assert count("asked", *rows) == 3


def test_numbers_that_cannot_exist_are_counted():
    lost = {"patient_valid": False, "outcome": "not_found"}
    assert count("implausible", *reads("b:1", **lost), *reads("b:2", patient_valid=True)) == 1
    assert count("implausible", *reads("b:3", patient_valid=False)) == 0  # it was found, so it exists


def test_a_session_in_two_places_goes_back_and_forth():
    here, there = {"ip": "10.0.0.1", "session": "S"}, {"ip": "51.0.0.1", "session": "S"}
    rows = [*reads("b:1", "b:2", every=10, **here), *reads("b:3", "b:4", start=5, every=10, **there)]
    assert count("session_switches", *rows) == 3
    assert count("session_switches", *rows, *reads("b:5", start=60, ip="9.0.0.9", session="T")) == 3
    assert count("session_switches", *reads("b:1", **here), *reads("b:3", start=5, ip="51.0.0.1", session="T")) == 0
    assert count("session_events", *rows) == 4


def test_three_people_of_one_block_are_a_crowd():
    assert count("same_block", *reads("b:1", "b:100", "c:1")) == 0
    assert count("same_block", *reads("b:1", "b:100", "b:500", "c:1")) == 3
    assert count("asked_people", *reads("b:1", "b:100", "b:500", "c:1", "c:1")) == 4


@pytest.mark.parametrize(("orders", "seen"), [((1, 2), 2), ((1, 3), 2), ((1, 4), 0), ((1, 2, 3, 50), 3)])
def test_neighbours_have_numbers_at_most_two_apart(orders, seen):
    assert count("neighbours", *reads(*(f"b:{order}" for order in orders))) == seen


def test_neighbours_of_another_block_are_none():
    assert count("neighbours", *reads("b:1", "c:2")) == 0


def test_steps_are_seen_through_other_work_in_between():
    assert count("in_sequence", *reads("b:1", "z:900", "b:2", "y:3", "b:4")) == 2


def test_counting_down_is_no_sequence():
    assert count("in_sequence", *reads("b:4", "b:3", "b:2")) == 0


def test_steps_in_one_second_do_not_depend_on_the_order_of_lines():
    up, down = reads("b:1", "b:2", "b:3", every=0), reads("b:3", "b:2", "b:1", every=0)
    assert count("in_sequence", *up) == count("in_sequence", *down) == 2


def test_a_network_is_new_on_its_first_night_only():
    rows = [{"ip": "10.0.0.1"}, {"ip": "10.0.1.1", "time": at(day=1)}, {"ip": "10.0.1.9", "time": at(day=2)}]
    assert [count("new_networks", *rows, day=day) for day in range(3)] == [1, 1, 0]


def test_an_address_is_new_on_its_first_night_only_though_its_network_is_known():
    rows = [{"ip": "10.0.1.1"}, {"ip": "10.0.1.9", "time": at(day=1)}, {"ip": "10.0.1.9", "time": at(day=2)}]
    assert [count("new_addresses", *rows, day=day) for day in range(3)] == [1, 1, 0]
    assert count("new_networks", *rows, day=1) == 0
    assert count("new_addresses", {"ip": None}) == 0


def test_people_read_from_a_new_country_are_counted_on_its_first_night():
    rows = [
        *reads("b:1", country="FR"),
        *reads("b:1", "b:2", start=24 * 60, country="FR"),
        *reads("b:2", "b:3", "b:3", start=25 * 60, country="MD"),
        *reads("b:4", start=26 * 60),
        *reads("b:5", start=48 * 60, country="MD"),
    ]
    assert [count("people_new_country", *rows, day=day) for day in range(3)] == [1, 2, 0]


def test_a_country_is_new_to_an_account_though_another_works_there():
    rows = [*reads("b:1", country="MD"), *reads("b:1", start=24 * 60, country="MD", account="A2")]
    assert count("people_new_country", *rows, account="A2", day=1) == 1


def test_people_read_through_a_new_network_are_counted():
    rows = [
        *reads("b:1", ip="10.0.0.1"),
        *reads("b:1", "b:2", start=24 * 60, ip="10.0.0.1"),
        *reads("b:2", "b:3", start=25 * 60, ip="10.9.0.1"),
    ]
    assert count("people_new_network", *rows, day=1) == 2


def test_people_read_from_hosting_networks_are_counted():
    rows = [*reads("b:1", ip="10.0.0.1", network_type="hosting"), *reads("b:2", ip="10.0.0.2", network_type="isp")]
    assert count("people_hosting", *rows) == 1


def test_networks_used_within_ten_minutes_are_used_at_once():
    near = [{"ip": "10.0.0.1", "time": at(0)}, {"ip": "10.0.1.1", "time": at(10)}]
    far = [{"ip": "10.0.0.1", "time": at(0)}, {"ip": "10.0.1.1", "time": at(11)}]
    assert count("networks_at_once", *near) == 2
    assert count("networks_at_once", *far) == 0


def test_networks_are_used_at_once_over_midnight_too_whatever_else_the_evening_held():
    evening, night_after = 14 * 60 + 58, 15 * 60 + 1
    before = {"ip": "10.0.0.1", "time": at(evening)}
    rows = [before, {"ip": "10.0.1.1", "time": at(night_after)}, {"ip": "10.0.0.1", "time": at(24 * 60)}]
    assert count("networks_at_once", *rows, day=1) == 2
    assert count("networks_at_once", *rows, {"ip": "10.0.2.1", "time": at(0)}, day=1) == 2
    assert count("networks_at_once", before, rows[1], day=1) == 2
    assert count("networks_at_once", before, rows[1], day=0) == 0


def test_a_new_browser_is_counted():
    rows = [{"ip": "10.0.0.1", "user_agent": "a"}, {"ip": "10.0.0.1", "user_agent": "b", "time": at(day=1)}]
    assert count("new_browsers", *rows, day=1) == 1


def test_an_account_night_without_reads_counts_zero():
    work, _ = prepare(stored({"kind": "login"}), HALF_HOUR)
    row = account_nights(work).row(0, named=True)
    assert row["events"] == 1
    assert all(row[feature.name] == 0 for feature in FEATURES)


def test_every_feature_is_declared_well():
    families = Families().weights
    for feature in FEATURES:
        assert feature.family in families
        assert set(feature.needs) <= set(EVENTS)
        assert feature.of is None or feature.of in BY_NAME
        assert feature.words
        assert bool(feature.sentence) == feature.judged or feature.name == "new_people"
    assert len(BY_NAME) == len(FEATURES)


def test_a_feature_whose_columns_are_empty_is_left_out_and_named():
    can, cannot = judgeable({"patient", "ip"})
    assert {"people", "new_share", "new_networks"} <= {f.name for f in can}
    assert {f.name for f in cannot} == {f.name for f in JUDGED} - {f.name for f in can}
    assert {"bytes_kb", "bytes_closed", "answers", "people_hosting"} <= {f.name for f in cannot}


def test_a_feature_that_others_tell_better_is_left_out_where_they_can_and_no_news():
    can, cannot = judgeable({"bytes"})
    assert "bytes_closed" in {feature.name for feature in can}
    can, cannot = judgeable({"bytes", "rows"})
    assert "bytes_closed" not in {feature.name for feature in (*can, *cannot)}


def test_rows_of_an_earlier_program_get_what_they_lack_as_nothing_counted():
    work, _codes = prepare(stored(*reads("b:1", "b:2")), HALF_HOUR)
    today = account_nights(work)
    before = with_all(today.drop("even_clock", "new_addresses"))
    assert set(before.columns) == set(today.columns)
    assert before.select("people", "even_clock", "new_addresses").row(0) == (2, 0, 0)
