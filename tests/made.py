"""Small logs made by hand: rows as dictionaries, everything else filled in."""

from datetime import UTC, date, datetime, timedelta
from zlib import crc32

import polars as pl

from tocsin.enrich.calendar import with_local_time, with_night
from tocsin.schema import STORED

MONDAY = datetime(2022, 3, 14, 8, 0, tzinfo=UTC)


def stored(*rows: dict, zone: str = "Europe/Paris") -> pl.DataFrame:
    """Events of schema.STORED; `patient` may be "block:order" and gives the keyed ids."""
    events = pl.DataFrame(
        [_event(at, row) for at, row in enumerate(rows)], schema={k: v for k, v in STORED.items() if k != "night"}
    )
    return with_local_time(with_night(events, zone, timedelta(0)), zone, []).select(
        *STORED, "local_hour", "local_weekday", "holiday", "open_hours"
    )


def _event(at: int, row: dict) -> dict:
    event = dict.fromkeys(STORED)
    event.pop("night")
    event |= {"time": MONDAY, "kind": "lookup", "outcome": "success", "account": "A1", "automatic": False}
    event |= {"source": "log.csv", "line": at + 2, "byte": at * 100}
    event |= row
    patient = event["patient"]
    if patient is not None:
        event["person_id"] = crc32(patient.encode())
        if ":" in patient:
            block, order = patient.split(":")
            event |= {"block_id": crc32(block.encode()), "patient_block": block, "patient_order": int(order)}
    if event["ip"] is not None and event["network"] is None:
        event["network"] = event["ip"].rsplit(".", 1)[0]
    return event


def at(minutes: float = 0, day: int = 0) -> datetime:
    """A moment after Monday 14 March 2022, 9:00 in Paris."""
    return MONDAY + timedelta(days=day, minutes=minutes)


def night(day: int = 0) -> date:
    """The night of that Monday, or days later."""
    return MONDAY.date() + timedelta(days=day)
