"""Which night a rejected unit belongs to, though it has no time."""

from datetime import UTC, datetime

import polars as pl
import pytest

from tocsin.formats.base import FOUND_REJECTS, Batch
from tocsin.intake.hours import SECONDS, Hours

MORNING = int(datetime(2022, 3, 14, 8, tzinfo=UTC).timestamp()) // SECONDS


def batch(events, rejects, further=0):
    """Events as (byte, hours after the morning), rejects as bytes."""
    times = [datetime.fromtimestamp((MORNING + hour) * SECONDS + 60, UTC) for _byte, hour in events]
    frame = pl.DataFrame(
        {"time": times, "byte": [byte for byte, _hour in events]},
        schema={"time": pl.Datetime("us", "UTC"), "byte": pl.UInt64},
    )
    lost = pl.DataFrame([(1, byte, "odd") for byte in rejects], schema=FOUND_REJECTS, orient="row")
    return Batch(frame, lost, len(events) + len(rejects), 0, further=further)


@pytest.mark.parametrize(
    ("batches", "rejected"),
    [
        ([([(0, 0), (20, 1)], [10, 30, 40])], {0: 1, 1: 2}),
        ([([(50, 0)], [10, 60])], {0: 2}),
        ([([], [10, 20]), ([(30, 2)], [])], {2: 2}),
        ([([(0, 0)], []), ([], [10]), ([(30, 2)], [20])], {0: 2}),
        ([([(20, 1), (0, 0)], [10])], {0: 1}),
        ([([], [10])], {}),
    ],
    ids=["after", "before the first", "in a block before", "between blocks", "events out of order", "no event at all"],
)
def test_a_reject_counts_with_the_event_before_it(batches, rejected):
    hours = Hours()
    for events, rejects in batches:
        hours.add(batch(events, rejects))
    assert {hour - MORNING: count for hour, count in hours.rejects.items() if count} == rejected


def test_a_unit_that_names_several_people_is_one_event():
    hours = Hours()
    hours.add(batch([(0, 0), (0, 0), (9, 1)], [], further=1))
    assert hours.events == {MORNING: 1, MORNING + 1: 1}
