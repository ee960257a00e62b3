"""Reads inputs one after the other and yields their events, protected."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import polars as pl

from tocsin.errors import InputError, MappingError
from tocsin.formats.ahead import ahead
from tocsin.formats.base import Batch, Format, Head, ReadOptions
from tocsin.formats.detect import chosen, detect, unrecognised
from tocsin.formats.folds import Folds
from tocsin.formats.inputs import Input, expand
from tocsin.formats.lines import Source
from tocsin.formats.strays import Stray, plainly_no_log
from tocsin.intake.ledger import Ledger, Tally
from tocsin.intake.protect import file_name, protect, strange_addresses
from tocsin.privacy.tokens import TokenKey
from tocsin.settings import Network, UrlPattern


@dataclass(frozen=True, slots=True)
class IntakeOptions:
    """How to read: the portal's zone, the present, and what the log does not say about itself.

    `format_name` None means by content; `patient_kind` is nir, number or opaque; `urls` empty means the default table;
    `account_from` "ip" takes the address for the account where the log names none; `network` says whose address counts.
    """

    zone: str
    now: datetime
    format_name: str | None = None
    patient_kind: str = "nir"
    urls: tuple[UrlPattern, ...] = ()
    account_from: str | None = None
    network: Network = field(default_factory=Network)


@dataclass(frozen=True, slots=True)
class _Task:
    """An input, the name it goes by, its format and, where it can be read only once, the opened source."""

    input: Input
    name: str
    format: Format
    source: Source | None = None


def take_in(
    paths: Sequence[str], options: IntakeOptions, key: TokenKey, ledger: Ledger, *, raw: bool = False
) -> Iterator[pl.DataFrame]:
    """Read logs as frames of schema.STORED without its night; with `raw` as readers give them, people unprotected.

    Every input is found and recognised before this returns. Raises InputError for what is missing, unreadable or in no
    known format. In a folder, beside recognised ones, what cannot be read is rejected unit by unit instead, or left out
    where it is plainly no log.
    """
    listing = expand(paths)
    tasks, strays = _recognised(listing.files, options, key)
    ledger.total_bytes = sum(task.input.size for task in tasks)
    for path, why in strays:
        ledger.skip(path, why)
    for left_out in listing.skipped:
        ledger.skip(file_name(left_out.path, key), left_out.why)
    return _take(tasks, options, key, ledger, raw=raw)


def _take(
    tasks: Sequence[_Task], options: IntakeOptions, key: TokenKey, ledger: Ledger, *, raw: bool
) -> Iterator[pl.DataFrame]:
    reading = ReadOptions(
        zone=options.zone,
        now=options.now,
        urls=options.urls,
        account_from="ip" if options.account_from == "ip" else "log",
        forwarded_for=options.network.forwarded_for,
    )
    sizes = Counter(task.input.size for task in tasks if task.input.regular)
    for task in tasks:
        # Only files of one size can be the same: the others are hashed while they are read.
        path, size = task.name, task.input.size
        may_be_known = sizes[size] > 1 or size in ledger.known_sizes
        if task.input.regular and may_be_known:
            digest = task.input.sha256()
            # What could not be read before may be readable now: the mapping was mended.
            again = ledger.was_unread(digest) and not isinstance(task.format, Stray)
            if not again and ledger.close_twin(path, digest):
                ledger.advance(size)
                continue
        for batch in _batches(task, reading, ledger):
            if batch.events.height:
                named = batch.events.with_columns(source=pl.lit(path))
                kind = batch.patient_kind or options.patient_kind
                if not raw:
                    named = protect(named, kind, key, options.network.trusted_proxies)
                    ledger.hear_strange(path, strange_addresses(named))
                yield named


def _batches(task: _Task, reading: ReadOptions, ledger: Ledger) -> Iterator[Batch]:
    tally = Tally(task.name, task.format.name, size=task.input.size)
    is_known = False
    try:
        try:
            yield from _counted(task, reading, ledger, tally)
        except (InputError, MappingError) as error:
            # A renamed column in one file of a folder costs that file, not the night.
            if tally.counts["lines"] or not task.input.may_be_left:
                raise
            digest = task.input.sha256()
            is_known = ledger.was_unread(digest) and ledger.close_twin(task.name, digest)
            if not is_known:
                tally.format = Stray.name
                yield from _counted(replace(task, format=Stray(error.message)), reading, ledger, tally)
    finally:
        # Whoever stops early (a limit) still gets the account of what was read.
        if not is_known:
            ledger.close(tally)


def _counted(task: _Task, reading: ReadOptions, ledger: Ledger, tally: Tally) -> Iterator[Batch]:
    before = 0
    folds = Folds(reading.zone)
    with task.source or Source(task.name, task.input.open()) as source:
        for read in ahead(task.format.read(source, reading)):
            batch = replace(read, events=folds.placed(read.events, read.zone))
            tally.add(batch)
            ledger.add_rejects(task.name, batch.rejects)
            ledger.advance(source.position - before)
            before = source.position
            yield batch
        # What cannot be unpacked is not read to its end.
        tally.sha256 = (
            task.input.sha256() if task.input.may_be_left and isinstance(task.format, Stray) else source.sha256
        )


def _recognised(
    inputs: Sequence[Input], options: IntakeOptions, key: TokenKey
) -> tuple[list[_Task], list[tuple[str, str]]]:
    """Find the format of each input; also gives those left out because they are no logs, and why."""
    asked = chosen(options.format_name) if options.format_name else None
    tasks, errors, strays = [], [], []
    for found in inputs:
        task, error, why_no_log = _recognise(found, file_name(found.path, key), asked)
        if error and not found.may_be_left:
            raise error
        errors += [error] if error else []
        if why_no_log:
            strays.append((task.name, why_no_log))
        else:
            tasks.append(task)
    if errors and len(errors) == len(inputs):
        raise errors[0]
    return tasks, strays


def _recognise(found: Input, name: str, asked: Format | None) -> tuple[_Task, InputError | None, str | None]:
    """Find the format of an input, else the error and, where it is plainly no log, the reason.

    An input that can be read only once stays open.
    """
    file = found.open()
    source = Source(name, file)
    kept = None if found.regular else source
    try:
        head = Head(source.head())
    except InputError as error:
        return _Task(found, name, Stray(error.message)), error, None
    finally:
        if found.regular:
            file.close()
    guess = detect(head)
    if guess.blank:
        return _Task(found, name, Stray(), kept), None, None
    if asked or guess.format:
        return _Task(found, name, asked or guess.format or Stray(), kept), None, None
    why_no_log = None if guess.hint else plainly_no_log(head)
    return _Task(found, name, Stray(), kept), unrecognised(found.path, guess, name), why_no_log
