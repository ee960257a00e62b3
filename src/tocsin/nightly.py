"""The nightly scan on one screen: read, measure, judge, show the evidence."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl

from tocsin import __version__
from tocsin.engine import local
from tocsin.engine.memory import Remembered
from tocsin.engine.overlap import Span, overlapping
from tocsin.enrich.address_database import AddressDatabases, placed
from tocsin.enrich.calendar import complete_nights, end_of_night, holidays_between, start_of_night, with_night
from tocsin.enrich.directory import NOBODY, Directory, Known
from tocsin.enrich.directory_file import read_directory
from tocsin.enrich.source_name import name_of
from tocsin.errors import InputError, SettingsError
from tocsin.intake import IntakeOptions, Ledger, scrubbed, take_in
from tocsin.privacy.tokens import TokenKey
from tocsin.results import InputRecord, Night, Report
from tocsin.rules.baselined import Watched, who_was_active
from tocsin.rules.comparisons import PROFILE
from tocsin.rules.overlay import Overlays, tuned
from tocsin.rules.rule import RuleSet
from tocsin.settings import Settings
from tocsin.store.spool import Spool, View
from tocsin.verdict.beginnings import with_beginnings
from tocsin.verdict.colleagues import with_colleagues
from tocsin.verdict.degraded import Inputs, with_degraded, with_missing_hours, with_sources
from tocsin.verdict.evidence import with_evidence
from tocsin.verdict.hits import Hits
from tocsin.verdict.judge import Asked, judge
from tocsin.verdict.sources import by_source, with_usual
from tocsin.words import _

Progress = Callable[[str, int, int], None]
"""Hears a step's name, how much is done and how much there is."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What is asked of one run."""

    logs: Sequence[str]
    now: datetime
    since: date | None = None
    until: date | None = None
    all_nights: bool = False
    budget: int | None = None
    with_model: bool = True
    format_name: str | None = None
    account_from: str | None = None
    buckets: int | None = None
    settings: Settings = field(default_factory=Settings)
    overlays: Overlays = field(default_factory=Overlays)
    region: str | None = None
    watched: str | None = None
    """An account that is asked about, named or not."""
    witness: Callable[[Sequence[Night], Spool], None] | None = None
    """Sees the judged nights while their events are still held."""
    directory: Path | None = None
    troubles: tuple[str, ...] = ()
    """What went wrong before anything was read: it comes first in what degrades the reported nights."""


def scan(asked: Scan, rules: RuleSet, key: TokenKey, progress: Progress) -> Report:
    """Read the logs, judge their nights and report the asked ones.

    Raises InputError where nothing can be read, SettingsError where a setting or a window is impossible.
    """
    rules = tuned(rules, asked.overlays)
    portal = asked.settings.portal
    starts = start_of_night(portal.night_starts)
    ledger = Ledger(lambda done, total: progress(_("reading"), done, total))
    portions = read_in(asked, key, ledger)
    with Spool(views(rules, asked.overlays)) as spool:
        held = gather(portions, asked, rules, spool, ledger, progress)
        run, nights, partial, holidays = held.run, held.nights, held.partial, held.holidays
        wanted = _wanted(asked, nights, partial)
        question = Asked(frozenset(wanted), holidays, asked.budget, asked.with_model, asked.overlays, asked.region)
        question = dataclasses.replace(question, watched=asked.watched, mark=rules.mark(asked.settings.sha256))
        active = who_was_active(run.measured.nights)
        _check_region(asked.region, active)
        hits = Hits(Watched(run.measured.episodes, run.measured.peaks, active, rules))
        known = set(nights) | ({partial} if partial else set())
        done: list[date] = []

        def one_more(night: date) -> None:
            done.append(night)
            progress(_("judging"), len(done), len(known))

        judged = list(judge(with_beginnings(run.measured), hits.on, asked.settings, question, one_more))
        judged = [with_colleagues(night, spool, run.measured.nights, asked.settings.innocent) for night in judged]
        judged = [with_evidence(night, spool, asked.settings) for night in judged]
        if asked.witness:
            asked.witness(judged, spool)
    records = counted(held.records, run.duplicates)
    partial = None if partial in wanted else partial
    over = partial is not None and end_of_night(partial, portal.zone, starts) <= asked.now
    inputs = Inputs.of(ledger, records)
    sources = by_source(run.measured.totals, asked.settings.sources)
    judged = [with_degraded(night, inputs, asked.settings) for night in judged]
    judged = [with_sources(night, sources, holidays, asked.settings) for night in judged]
    if partial and over and judged[-1].night == nights[-1]:
        judged[-1] = with_missing_hours(judged[-1], partial)
    told = with_usual(records, sources, asked.settings)
    return report_of(asked, rules, ledger, told, judged, partial=partial, partial_over=over)


@dataclass(frozen=True, slots=True)
class Gathered:
    """The logs read and measured: the complete nights they hold, the partial one, and what stage one gives."""

    nights: Sequence[date]
    partial: date | None
    holidays: frozenset[date]
    records: tuple[InputRecord, ...]
    run: local.Run


@dataclass(frozen=True, slots=True)
class KnownBefore:
    """What came before the events, and with which night those to measure begin."""

    past: Remembered
    begins: date


def gather(
    portions: Iterator[pl.DataFrame],
    asked: Scan,
    rules: RuleSet,
    spool: Spool,
    ledger: Ledger,
    progress: Progress,
    known: KnownBefore | None = None,
) -> Gathered:
    """Fill the spool with what is read (frames of schema.STORED) and measure it with rules that overlays have tuned.

    Where something is `known` of the nights before, the first events only serve windows.
    """
    begins = known.begins if known else date.min
    portal = asked.settings.portal
    hours: list[pl.DataFrame] = []
    for events in portions:
        hours.append(events.select("night", hour=pl.col("time").dt.truncate("1h")).unique())
        spool.add(events)
    if not spool.events:
        raise nothing_read(ledger)
    covered = pl.concat(hours)
    first, last = covered.select(first=pl.col("night").min(), last=pl.col("night").max()).row(0)
    holidays = holidays_between(portal.holidays, first, last)
    nights, partial = complete_nights(covered, holidays)
    nights = [night for night in nights if night >= begins]
    records = ledger.records()
    plan = local.Plan(
        rules=rules,
        zone=portal.zone,
        holidays=sorted(holidays),
        repeat=timedelta(minutes=asked.settings.reading.repeat_minutes),
        overlapping=overlapping(spans_of(records)),
        buckets=asked.buckets or spool.buckets,
        calendars=asked.overlays.calendars,
        sources=asked.settings.sources,
        past=known.past if known else None,
        first=begins,
    )
    run = local.run(spool, plan, lambda done, total: progress(_("measuring"), done, total))
    return Gathered(nights, partial, holidays, records, run)


def read_in(asked: Scan, key: TokenKey, ledger: Ledger, directory: Directory | None = None) -> Iterator[pl.DataFrame]:
    """Read the logs as frames of schema.STORED; what cannot be found or recognised is refused before this returns.

    `directory` is the one that the run asks for, where it has been read already.
    """
    portal = asked.settings.portal
    options = IntakeOptions(
        zone=portal.zone,
        now=asked.now,
        format_name=asked.format_name,
        patient_kind=portal.patient_kind,
        urls=asked.settings.urls,
        account_from=asked.account_from,
        network=asked.settings.network,
    )
    known = Known(directory_of(asked, key) if directory is None else directory)
    databases = AddressDatabases(asked.settings.network.databases)
    return _enriched(take_in(sorted(asked.logs), options, key, ledger), known, databases, asked, ledger)


def _enriched(
    portions: Iterator[pl.DataFrame], known: Known, databases: AddressDatabases, asked: Scan, ledger: Ledger
) -> Iterator[pl.DataFrame]:
    """Add what is known from outside the logs: who holds an account, where an address is, which night it was."""
    portal = asked.settings.portal
    starts = start_of_night(portal.night_starts)
    with databases:
        for portion in portions:
            yield with_night(placed(known.joined(portion), databases), portal.zone, starts)
    ledger.notes += known.notes()


def directory_of(asked: Scan, key: TokenKey) -> Directory:
    """Read the directory of accounts that the run or the settings name, or take that nobody is known."""
    path = asked.directory or (Path(asked.settings.directory) if asked.settings.directory else None)
    return read_directory(path, lambda texts: scrubbed(texts, key)) if path else NOBODY


def views(rules: RuleSet, overlays: Overlays) -> list[View]:
    """Plan the spool of each grouping; local time by region needs to know whose each event is."""
    told = PROFILE if overlays.calendars else ()
    groups = [group for group in rules.groups if group != "account"]
    return [View(group, tuple(dict.fromkeys((*rules.columns(group), *told)))) for group in groups]


def _check_region(region: str | None, active: pl.DataFrame) -> None:
    known = active["region"].drop_nulls().unique().sort().to_list()
    if region is None or region in known:
        return
    hint = _("the logs name {regions}").format(regions=", ".join(known)) if known else _("the logs name no region")
    raise SettingsError(_("no account is of the region {region!r}").format(region=region), hint=hint)


def _wanted(asked: Scan, nights: Sequence[date], partial: date | None) -> list[date]:
    """Choose the nights to report: the last complete one, unless more are asked for; a partial one by its date."""
    held = [*nights, partial] if partial else list(nights)
    if asked.since or asked.until:
        first, last = asked.since or held[0], asked.until or held[-1]
        wanted = [night for night in held if first <= night <= last]
        if not wanted:
            hint = _("the logs hold {first} to {last}").format(first=held[0], last=held[-1])
            raise SettingsError(_("no night lies in the window asked for"), hint=hint)
        return wanted
    return list(nights) if asked.all_nights else [nights[-1]]


def counted(records: Sequence[InputRecord], duplicates: Mapping[str, int]) -> tuple[InputRecord, ...]:
    """Move the events that other files already had from the events of an input to its duplicates."""
    return tuple(
        dataclasses.replace(record, events=record.events - more, duplicates=record.duplicates + more)
        for record in records
        for more in [duplicates.get(record.path, 0)]
    )


def spans_of(records: Sequence[InputRecord]) -> list[Span]:
    """Give the time that each input with events covers."""
    return [Span(r.path, r.first, r.last) for r in records if r.first is not None and r.last is not None]


def nothing_read(ledger: Ledger) -> InputError:
    """Say why the logs gave no event."""
    if ledger.rejects:
        first = ledger.rejects[0]
        text = _("none of the {n} lines became an event; the first: {path}:{line}: {reason}")
        message = text.format(n=ledger.rejects_total, path=first.path, line=first.line, reason=first.reason)
    else:
        message = _("the logs hold no event")
    return InputError(message, hint=_("`tocsin parse LOG --rejects FILE` lists every reason"))


def report_of(
    asked: Scan,
    rules: RuleSet,
    ledger: Ledger,
    records: tuple[InputRecord, ...],
    nights: Sequence[Night],
    *,
    partial: date | None,
    partial_over: bool,
) -> Report:
    """Make the report of a run."""
    return Report(
        version=__version__,
        rules_sha256=rules.sha256,
        settings_sha256=asked.settings.sha256,
        inputs=records,
        rejects=tuple(ledger.rejects),
        rejects_total=ledger.rejects_total,
        nights=tuple(nights),
        partial_night=partial,
        partial_over=partial_over,
        region=asked.region,
        notes=(*ledger.notes, *_notes_of(asked, records, nights)),
    )


def _notes_of(asked: Scan, records: Sequence[InputRecord], nights: Sequence[Night]) -> Iterator[str]:
    """Say what of the overlays no longer holds, and what they are for that is not there."""
    if nights:
        yield from map(str, asked.overlays.expired(nights[-1].night))
    yield from asked.overlays.unread({name_of(record.path, asked.settings.sources) for record in records})
