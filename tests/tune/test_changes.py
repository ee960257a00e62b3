"""The reasons in an overlay, on outcomes made by hand."""

from dataclasses import replace
from types import SimpleNamespace

import polars as pl

from tocsin.tune.changes import Changes
from tocsin.tune.knobs import CAP, Knob
from tocsin.tune.known import fate
from tocsin.tune.sweep import Sweep, Tried
from tuned_outcomes import day, outcome

HOUR = Knob("hour", "correlation.condition.gte", (30, 60))
TIMES = Knob("hour", "tocsin.baseline.factor", (1.5, 2.0))
DAY = Knob("day", "correlation.condition.gte", (180, 360))
VOLUME = Knob("volume", CAP, (2, 8))


def with_hits(told, count):
    return replace(told, hits=pl.DataFrame({"account": [str(number) for number in range(count)]}))


def reasons(chosen, by_knob, *, accepted=""):
    """Four alerts a night before and one after; `by_knob`: hits with all that is chosen, alerts with one alone."""
    today, after = with_hits(outcome("A B C D", "A B C D"), 8), outcome("A", "A")
    sweeps = [
        Sweep(knob, "R", knob.values[:1], today, fate([], today), [Tried(value, today, (), (), fate([], today))])
        for knob, value in chosen.items()
    ]
    told = {knob: (with_hits(after, hits), outcome(alone)) for knob, (hits, alone) in by_knob.items()}
    answer = SimpleNamespace(
        ground=SimpleNamespace(nights=[day(0), day(1)]),
        chosen=chosen,
        rules=[one for one in sweeps if not one.knob.is_family],
        families=[one for one in sweeps if one.knob.is_family],
        before=(today, fate([], today)),
        after=(after, fate([], after)),
        by_knob=told,
    )
    changes = Changes(answer, day(9), accepted, None)
    return {name: said["reason"] for name, said in {**changes.rules(), **changes.families()}.items()}


def test_the_reason_of_one_value_is_what_it_comes_to():
    assert reasons({HOUR: 60}, {HOUR: (2, "A")}, accepted="ticket 4") == {
        "hour": "replay of 2026-03-02 to 2026-03-03: 4.00 new alerts a night before, 1.00 after; "
        "4.00 hits a night before, 1.00 after; risk accepted: ticket 4"
    }


def test_the_reason_of_one_value_of_several_tells_what_all_come_to_and_what_it_alone_would():
    told = reasons({HOUR: 60, DAY: 360, VOLUME: 2}, {HOUR: (2, "A B C"), DAY: (0, "A B C D"), VOLUME: (0, "A B")})
    whole = "replay of 2026-03-02 to 2026-03-03: 4.00 new alerts a night before, 1.00 after with all that was set then"
    assert told == {
        "hour": f"{whole}; 4.00 hits a night before, 1.00 after; gte 60 alone would have left 3.00 new alerts a night",
        "day": f"{whole}; 4.00 hits a night before, 0.00 after; gte 360 alone would have left 4.00 new alerts a night",
        "volume": f"{whole}; cap 2 alone would have left 2.00 new alerts a night",
    }


def test_threshold_and_factor_of_a_rule_have_one_reason():
    told = reasons({HOUR: 60, TIMES: 2.0}, {HOUR: (2, "A B C"), TIMES: (2, "A B")})["hour"]
    assert told.count("4.00 new alerts a night before") == 1
    assert told.endswith(
        "gte 60 alone would have left 3.00 new alerts a night; factor 2 alone would have left 2.00 new alerts a night"
    )
