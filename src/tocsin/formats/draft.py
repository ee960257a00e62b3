"""Drafts a mapping file for a log of unknown make: every line of it says whether it is certain or a guess."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from tocsin.formats.convert import fold
from tocsin.formats.draft_guesses import Guess, TimeGuess, guess_columns, guess_time, patient_kind
from tocsin.formats.draft_sample import Field, Sample
from tocsin.formats.draft_words import DOUBTFUL, kind_of, outcome_of
from tocsin.schema import Kind, Outcome
from tocsin.words import _, ngettext

_PLAIN = re.compile(r"[^\W\d][\w.-]*(?: [\w.-]+)*")
_RESERVED = frozenset({"yes", "no", "on", "off", "true", "false", "null", "y", "n"})
_MISSING = ("n/a", "na", "null", "none", "(null)", "neant", "vide", "-", "--", "?")
_MARGIN = 48
_MOST_DIGITS = 5
"""A value with more digits could be somebody's number: it is not written down."""


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    sure: bool | None = None
    """None where nothing was guessed."""
    why: str = ""

    def __str__(self) -> str:
        mark = "certain" if self.sure else "guess"
        line = self.text if self.sure is None else f"{self.text:<{_MARGIN}}  # {mark}: {self.why}"
        # A name of the log may hold what ends a line in YAML.
        return "".join(letter if letter.isprintable() else "?" for letter in line)


def draft(sample: Sample, zone: str, now: datetime) -> str:
    """Write the mapping as YAML text."""
    time = guess_time(sample.fields, zone, now)
    columns = guess_columns(sample.fields, time)
    kind, outcome = columns.pop("kind", None), columns.pop("outcome", None)
    fields = {field.name: field for field in sample.fields}
    guesses = [time.guess if time else None, kind, outcome, *columns.values()]
    used = {name for guess in guesses if guess for name in guess.fields}
    unused = [field.name for field in sample.fields if field.name not in used]
    lines = [
        *_about(sample),
        *_time(time, zone),
        *_columns(columns, unused or list(fields)),
        *_patients(columns, fields),
        *_kind(kind, fields),
        *_outcome(outcome, fields),
    ]
    if unused:
        lines.append(_Line("# " + _("not used: {fields}").format(fields=", ".join(unused))))
    return "\n".join(map(str, lines)) + "\n"


def _about(sample: Sample) -> Iterator[_Line]:
    seen = max((field.lines for field in sample.fields), default=0)
    name = PurePath(sample.path).name
    told = _("Drafted from {name}, {n} lines looked at. Check what is marked as a guess,").format(name=name, n=seen)
    yield _Line(f"# {told}")
    yield _Line("# " + _("then try it: tocsin formats test THIS_FILE {name}").format(name=name))
    yield _Line(f"format: {_word(fold(name.split('.')[0]).replace('_', '-') or 'portal')}")
    yield _Line(f"container: {sample.container}")
    if sample.container == "csv":
        separator = "tab" if sample.separator == "\t" else f'"{sample.separator}"'
        why = _("most lines have {n} fields").format(n=len(sample.fields))
        yield _Line(f"separator: {separator}", sure=True, why=why)
        if not sample.header:
            names = ", ".join(_word(field.name) for field in sample.fields)
            yield _Line(f"header: [{names}]", sure=False, why=_("the first line names no fields: give them names"))
    if not sample.utf8:
        yield _Line("encoding: windows-1252", sure=False, why=_("the log is not UTF-8"))
    missing = _missing(sample.fields)
    if missing:
        yield _Line(f"missing: [{', '.join(map(_word, missing))}]", sure=False, why=_("they seem to stand for nothing"))


def _missing(fields: Iterable[Field]) -> list[str]:
    """List the values that stand for nothing."""
    return sorted({value for field in fields for value in field.values if value.lower() in _MISSING})


def _time(time: TimeGuess | None, zone: str) -> Iterator[_Line]:
    if time is None:
        yield _Line('time: {field: "?"}', sure=False, why=_("no field holds times that were understood: name it"))
        return
    yield _Line("time:")
    names = time.guess.fields
    source = f"field: {_word(names[0])}" if len(names) == 1 else f"join: [{', '.join(map(_word, names))}]"
    yield _Line(f"  {source}", time.guess.sure, time.guess.why)
    pattern = json.dumps(time.pattern) if "%" in time.pattern else time.pattern
    yield _Line(f"  pattern: {pattern}", time.pattern_sure, time.pattern_why)
    if not time.with_offset:
        yield _Line(f"  zone: {zone}", sure=False, why=_("the times have no offset: where does the clock stand?"))


def _columns(columns: dict[str, Guess], unused: Sequence[str]) -> Iterator[_Line]:
    yield _Line("columns:")
    if "account" not in columns:
        names = ", ".join(unused)
        yield _Line('  account: "?"', sure=False, why=_("which is the login? one of: {names}").format(names=names))
    for column, guess in sorted(columns.items(), key=lambda each: each[0] != "account"):
        yield _Line(f"  {column}: {_word(guess.fields[0])}", guess.sure, guess.why)


def _patients(columns: dict[str, Guess], fields: dict[str, Field]) -> Iterator[_Line]:
    if "patient" not in columns:
        yield _Line("# patient:", sure=False, why=_("no field seems to say whose record was read: add it to columns"))
        return
    values = fields[columns["patient"].fields[0]].values
    if values:
        kind, sure, why = patient_kind(values)
        yield _Line(f"patient_kind: {kind}", sure, why)


def _kind(guess: Guess | None, fields: dict[str, Field]) -> Iterator[_Line]:
    if guess is None:
        why = _("no field says what was done: everything is taken for a lookup")
        yield _Line("kind: {constant: lookup}", sure=False, why=why)
        return
    yield _Line("kind:")
    yield from _words(guess, fields, kind_of, Kind.OTHER.value)


def _outcome(guess: Guess | None, fields: dict[str, Field]) -> Iterator[_Line]:
    if guess is None:
        why = _("no field says how it ended: everything is taken for done")
        yield _Line("outcome: {constant: success}", sure=False, why=why)
        return
    yield _Line("outcome:")
    yield from _words(guess, fields, outcome_of, Outcome.UNKNOWN.value)


def _words(
    guess: Guess, fields: dict[str, Field], meaning: Callable[[str], str | None], otherwise: str
) -> Iterator[_Line]:
    field = fields[guess.fields[0]]
    missing = _missing(fields.values())
    yield _Line(f"  field: {_word(field.name)}", guess.sure, guess.why)
    merged: dict[str, tuple[str, int]] = {}
    for value, count in field.distinct.most_common():
        first, before = merged.get(value.lower(), (value, 0))
        merged[value.lower()] = (first, before + count)
    shown = [
        (value, count)
        for value, count in merged.values()
        if value not in missing and sum(letter.isdigit() for letter in value) <= _MOST_DIGITS
    ]
    yield _Line("  values:" if shown else "  values: {}")
    for value, count in shown:
        meant = meaning(fold(value))
        times = ngettext("{n} time", "{n} times", count).format(n=count)
        if meant is None:
            why = _("{times}; say what it is").format(times=times)
            yield _Line(f"    {_word(value)}: {otherwise}", sure=False, why=why)
        else:
            yield _Line(f"    {_word(value)}: {meant}", not fold(value).startswith(DOUBTFUL), times)
    yield _Line(f"  otherwise: {otherwise}")


def _word(text: str) -> str:
    """Write a text so that YAML takes it for a text."""
    if _PLAIN.fullmatch(text) and text.isprintable() and text.lower() not in _RESERVED:
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())
