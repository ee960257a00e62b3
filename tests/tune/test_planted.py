"""What is noted of planted attacks, and how their events are made those of the log."""

from datetime import UTC, datetime

import polars as pl

from test_nightly import nir
from tocsin.privacy.tokens import TokenKey
from tocsin.rules.comparisons import PROFILE
from tocsin.schema import STORED
from tocsin.settings import Settings
from tocsin.tune.known import Labelled
from tocsin.tune.planted import Planted
from tuned_outcomes import day

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def planted():
    return Planted((), None, Settings(), TokenKey.throwaway())


def test_an_attack_is_noted_from_its_first_to_its_last_night_with_all_whom_it_read_or_listed():
    rows = [("B", "2026-03-02", 1, 0), ("A", "2026-03-04", 5, 40), ("A", "2026-03-02", 7, 0)]
    made = planted()
    made._note(pl.DataFrame(rows, schema=["account", "night", "people", "rows"], orient="row"))
    assert made.cases == [
        Labelled("B", day(0), day(0), read={day(0): 1}, planted=True),
        Labelled("A", day(0), day(2), read={day(2): 45, day(0): 7}, planted=True),
    ]


def test_people_of_the_log_stay_who_they_are_and_others_get_a_token():
    known = [
        {"account": "A", "patient": "P1", "patient_region": "29", "person_id": 7, "region": region, "profession": work}
        for region, work in ((None, None), ("29", "gp"), ("29", None), ("75", None))
    ]
    real = pl.DataFrame(known, schema=STORED)
    made = pl.DataFrame(
        {
            "time": ["2026-03-02T12:00:00Z"] * 2,
            "kind": "lookup",
            "outcome": "success",
            "account": "A",
            "patient": ["P1", nir(1, "2610129001")],
            "network_type": None,
            **dict.fromkeys(PROFILE),
        },
        schema_overrides={"network_type": pl.String, **dict.fromkeys(PROFILE, pl.String)},
    )
    kept, other = planted()._stored(made, real).to_dicts()
    assert {name: kept[name] for name in known[0]} == known[1], "and the account is what most of its events say"
    assert (kept["night"], kept["time"]) == (day(0), NOON)
    assert other["patient"] not in (None, "P1", nir(1, "2610129001"))
    assert (other["patient_region"], other["region"]) == ("29", "29")
