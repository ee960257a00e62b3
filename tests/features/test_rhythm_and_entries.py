"""Rhythm, geography, credentials and state, counted by hand."""

from datetime import timedelta

from features.test_counts import count, reads
from made import at, stored
from tocsin.features.geography import by_department
from tocsin.features.work import prepare


def test_gaps_are_told_between_two_people_on_one_network():
    rows = [*reads("b:1", "b:2", "b:3", every=0.05, ip="10.0.0.1"), *reads("b:4", start=0.12, ip="10.9.0.1")]
    assert count("gaps", *rows) == 2
    assert count("quick_gaps", *rows) == 2


def test_a_pause_is_no_gap():
    assert count("gaps", *reads("b:1", "b:2", every=11)) == 0


def test_a_metronome_is_even_and_people_are_not():
    assert count("even_gaps", *reads("b:1", "b:2", "b:3", "b:4", every=1)) == 2
    uneven = [*reads("b:1"), *reads("b:2", start=1), *reads("b:3", start=4), *reads("b:4", start=4.5)]
    assert count("even_gaps", *uneven) == 0


def waits(*seconds):
    """Reads of different people, with these seconds between them."""
    begins = [sum(seconds[:n]) / 60 for n in range(len(seconds) + 1)]
    return [row for n, start in enumerate(begins) for row in reads(f"b{n}:1", start=start)]


def test_a_machine_that_waits_one_of_three_times_repeats_itself_without_being_even():
    rows = waits(20, 33, 47, 20, 33, 47, 20, 33, 47, 20)
    assert count("gaps", *rows) == 10
    assert count("repeated_gaps", *rows) == 4
    assert count("even_gaps", *rows) == 0


def test_gaps_repeat_to_the_second_and_quick_ones_are_none():
    assert count("repeated_gaps", *waits(30, 30.4, 29.6, 31, 90)) == 3
    assert count("repeated_gaps", *waits(1, 1, 1, 1, 40)) == 1
    assert count("repeated_gaps", *waits(1, 1, 1)) == 0


def by_the_hour(*counts):
    """So many reads in each hour of the night, from nine at first."""
    return [
        row
        for hour, number in enumerate(counts)
        for row in reads(*(f"h{hour}x{n}:1" for n in range(number)), start=60 * hour, every=0.5)
    ]


def clock(*counts):
    rows = by_the_hour(*counts)
    return count("even_clock", *rows), count("clock_hours", *rows)


def test_reads_around_the_clock_are_even_and_an_office_is_not():
    assert clock(*[8] * 14) == (7, 12)
    assert clock(10, 25, 30, 10, 5, 20, 25, 10) == (3, 12)
    assert clock(2, 2, 2, 90, 2) == (1, 12)


def test_on_nights_of_few_reads_the_clock_says_nothing():
    assert clock(*[8] * 11) == (0, 0)
    assert clock(*[8] * 12) == (6, 12)


def test_hours_in_which_somebody_was_read_are_counted():
    assert count("working_hours", *reads("b:1", "b:2", "b:3", every=59)) == 2


def test_people_read_at_night_or_on_a_closed_day_are_counted_once():
    rows = [*reads("b:1", "b:1", "b:2", start=12 * 60), *reads("b:3")]
    assert count("people_closed", *rows) == 2


def test_rows_of_answers_without_a_name_are_counted_by_the_hour():
    late = {"kind": "search", "rows": 70, "time": at(12 * 60)}
    assert count("answers_closed", late, {"kind": "search", "rows": 30}) == 70
    assert count("answers", late, {"kind": "search", "rows": 30}) == 100
    late = {"kind": "search", "bytes": 70_400, "time": at(12 * 60)}
    assert count("bytes_closed", late, {"kind": "search", "bytes": 30_000}) == 70


def test_what_was_sent_about_a_person_by_name_is_no_answer_but_an_export_is():
    assert count("answers", *reads("b:1", rows=500)) == 0
    assert count("answers", *reads("b:1", rows=500, kind="export")) == 500


def test_changes_and_refusals_are_counted():
    rows = [
        {"kind": "credential_change"},
        {"kind": "mfa", "outcome": "denied"},
        {"kind": "mfa"},
        {"kind": "login", "outcome": "failure"},
    ]
    counted = [count(name, *rows) for name in ("credential_changes", "refused_pushes", "refused_logins")]
    assert counted == [1, 1, 1]


def test_rights_handed_on_are_counted_and_refused_ones_are_not():
    refused = {"kind": "delegation", "outcome": "denied"}
    assert count("delegations", {"kind": "delegation"}, {"kind": "delegation"}, refused) == 2
    assert count("credential_changes", {"kind": "delegation"}) == 0


def test_departments_of_the_night_are_kept_from_the_largest():
    rows = [*reads("b:1", "b:2", patient_region="29"), *reads("b:3", start=9, patient_region="13")]
    work, _codes = prepare(stored(*rows), timedelta(minutes=30))
    assert by_department(work)["people"].to_list() == [2, 1]
    assert count("placed_people", *rows) == 3
    assert count("place_1", *rows) % 2**32 == 2
    assert count("place_3", *rows) == 0


def test_blocks_of_three_numbers_are_kept_for_comparison():
    rows = reads("b:1", "b:2", "b:3", "c:1", "c:2")
    assert count("block_1", *rows) % 2**32 == 3
    assert count("block_2", *rows) == 0
