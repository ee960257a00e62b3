"""Run the tests that rules carry, with the very code that runs the rules."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

import numpy as np
import polars as pl

from tocsin.enrich.calendar import holidays_between, with_night
from tocsin.errors import Place
from tocsin.rules.baselined import Watched, night_by_night
from tocsin.rules.case import Case, CaseEvents
from tocsin.rules.comparisons import SOURCE_NAME, told_by
from tocsin.rules.correlation import look, matched_by
from tocsin.rules.nights import nights_of, of_nights
from tocsin.rules.overlay import Overlays, tuned
from tocsin.rules.overlay_file import Calendar
from tocsin.rules.regional_time import with_regional_time
from tocsin.rules.rule import Correlation, Detection, RuleSet
from tocsin.rules.steps import events_of
from tocsin.rules.windows import counts
from tocsin.schema import STORED, Kind, Outcome
from tocsin.settings import Reading
from tocsin.words import _

ZONE = "Europe/Paris"
_REPEAT = timedelta(minutes=Reading().repeat_minutes)
_DEFAULTS = {"kind": Kind.OTHER, "outcome": Outcome.SUCCESS, "automatic": False, "source": "test"}


@dataclass(frozen=True, slots=True)
class Proof:
    """How a test inside a rule went; `seen` says in words what was seen where it failed."""

    rule: str
    test: str
    place: Place
    passed: bool
    seen: str = ""


def prove(rules: RuleSet) -> Iterator[Proof]:
    """Run every test of every rule, each rule alone with the rules it refers to."""
    for rule in rules.rules:
        for case in rule.tests:
            yield _proof(rules.only(rule.name), rule, case)


def prove_overlays(rules: RuleSet, overlays: Overlays) -> Iterator[Proof]:
    """Run the tests of overlays: their rules as they are tuned, in the zones and with the holidays of the regions."""
    whole = tuned(rules, overlays)
    for overlay in overlays.overlays:
        for name, case in overlay.tests:
            yield _proof(whole.only(name), whole.by_name[name], case, overlays.calendars)


def made_events(case: Case, rules: RuleSet, calendars: Sequence[Calendar] = ()) -> pl.DataFrame:
    """Make the events of a test: schema.STORED and local time, in the order they are written.

    The source is named as it stands. Where a test is silent the outcome is success, the event not automatic, the
    column null. People are numbered by their names; nights and hours are those of Paris. Holidays are looked up only
    for rules that ask for them.
    """
    events = pl.concat([_block(block) for block in case.events], how="diagonal")
    absent = [name for name in STORED if name not in events.columns]
    events = events.with_columns(pl.lit(_DEFAULTS.get(name)).cast(STORED[name]).alias(name) for name in absent)
    events = events.with_columns(
        line=pl.int_range(1, pl.len() + 1, dtype=pl.UInt64),
        byte=pl.int_range(pl.len(), dtype=pl.UInt64),
        outcome=pl.col("outcome").fill_null(Outcome.SUCCESS),
        automatic=pl.col("automatic").fill_null(value=False),
        person_id=pl.col("patient").rank("dense").cast(pl.UInt64),
        block_id=pl.col("patient_block").rank("dense").cast(pl.UInt64),
    )
    events = with_night(events, ZONE, timedelta()).select(*STORED.keys(), pl.col("source").alias(SOURCE_NAME))
    return with_regional_time(events, ZONE, _holidays(events, rules), calendars)


def _holidays(events: pl.DataFrame, rules: RuleSet) -> list[date]:
    if not any(rule.columns & {"holiday", "open_hours"} for rule in rules.detections):
        return []
    nights = events["night"].sort()
    return sorted(holidays_between("FR", nights[0], nights[-1]))


def _block(block: CaseEvents) -> pl.DataFrame:
    number = pl.int_range(block.repeat)
    columns = [
        (_filled(value, number) if isinstance(value, str) else pl.lit(value)).cast(STORED[key]).alias(key)
        for key, value in block.values
    ]
    time = pl.lit(block.time).dt.cast_time_unit("us") + number * block.every
    return pl.select(time.alias("time"), *columns)


def _filled(text: str, number: pl.Expr) -> pl.Expr:
    """Write the number of the copy in place of each {i}."""
    first, *others = (pl.lit(piece) for piece in text.split("{i}"))
    return pl.concat_str(first, *chain.from_iterable((number, piece) for piece in others))


def _proof(rules: RuleSet, rule: Detection | Correlation, case: Case, calendars: Sequence[Calendar] = ()) -> Proof:
    events = made_events(case, rules, calendars)
    seen = look(events, rules, rule.group)
    episodes = seen.episodes
    if isinstance(rule, Detection) and rule.features:
        episodes = of_nights(nights_of(events, _REPEAT), rules)
    found = night_by_night(Watched(episodes, seen.peaks, _active(events), rules))
    raised = (
        found["account"] if case.group == "account" else found.filter(pl.col("group_kind") == case.group)["group_value"]
    )
    rung = tuple(raised.drop_nulls().unique().sort())
    if rung == case.expected:
        return Proof(rule.name, case.name, case.place, passed=True)
    return Proof(rule.name, case.name, case.place, passed=False, seen=_seen(events, rules, rule, case, rung))


def _active(events: pl.DataFrame) -> pl.DataFrame:
    return events.group_by("account", "night").agg(pl.col(told_by(events.columns)).drop_nulls().mode().min())


def _seen(
    events: pl.DataFrame, rules: RuleSet, rule: Detection | Correlation, case: Case, rung: tuple[str, ...]
) -> str:
    """Say whom it rang for, for whom it should have, and how full the windows were."""
    said = _("expected {expected}, seen {seen}").format(expected=_names(case.expected), seen=_names(rung))
    if isinstance(rule, Detection) and rule.features:
        highest = nights_of(events, _REPEAT)[rule.features[0]].max()
        text = _("the highest {feature} of a night is {value}")
        return f"{said}; {text.format(feature=rule.features[0], value=highest)}"
    matched = matched_by(events, rules, rule.group)
    some = np.logical_or.reduce([matched.flags(detection.name) for detection in rules.detections])
    told = _("{matched} of {events} events match").format(matched=int(some.sum()), events=events.height)
    if isinstance(rule, Correlation) and some.any():
        rows = events_of(matched, rule)
        fullest = counts(rows, rule)["count"].max()
        told += "; " + _("the fullest window of {span} counts {count}").format(
            span=rule.written_timespan, count=fullest
        )
    return f"{said}; {told}"


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(names) or _("none")
