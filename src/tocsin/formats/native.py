"""tocsin's own format: a CSV, NDJSON or Parquet file whose columns carry the names of the schema.

Only time, kind and account must be there; columns may come in any order, others are left out. `patient` is the
identifier as the portal knows it. A CSV file is separated by `,`, `;` or tab, as its header is.
"""

from collections.abc import Iterator

from tocsin.errors import InputError
from tocsin.formats.base import READ_EVENTS, Batch, Gives, Head, Likeness, ReadOptions
from tocsin.formats.convert import Found, Vocabulary, finish
from tocsin.formats.jsonlines import Keys, read_object, read_objects
from tocsin.formats.lines import Source
from tocsin.formats.parquet import MAGIC, read_parquet
from tocsin.formats.tables import Header, find_header, read_table
from tocsin.words import _

NEEDED = ("time", "kind", "account")
COLUMNS = tuple(name for name in READ_EVENTS if name not in {"line", "byte"})

_NUMBERS = frozenset(name for name in COLUMNS if READ_EVENTS[name].is_integer() and name != "offset_minutes")
_KEYS = Keys(COLUMNS, _NUMBERS)
_SURE, _LIKELY = 95, 40
_SAMPLE = 20


class Native:
    """The native format, as CSV, NDJSON or Parquet."""

    name = "native"
    title = "tocsin's own columns, as CSV, NDJSON or Parquet"
    gives = Gives({name: f"`{name}`" for name in COLUMNS}, lacks="")

    def likeness(self, head: Head) -> Likeness:
        """Compare the header, or the keys of the first objects, with the schema."""
        if head.text.startswith(MAGIC):
            return Likeness(_SURE, _("it is a Parquet file"))
        if _is_json(head):
            return _json_likeness(head)
        header = find_header(head, _name_of)
        if header is None:
            return Likeness(0, _("the first line names no column of tocsin"))
        missing = header.missing(NEEDED)
        if not missing:
            return Likeness(_SURE, _("the header names {columns}").format(columns=", ".join(NEEDED)))
        score = _LIKELY if len(missing) == 1 and len(header.names) > 1 else 0
        return Likeness(score, _no_column(missing[0]))

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read a CSV, NDJSON or Parquet file; raises InputError where a needed column is missing."""
        head = Head(source.head())

        # By the thread that found the columns: they are still in its cache when they are made events.
        def events(found: Found) -> Batch:
            return finish(found, VOCABULARY, options)

        if head.text.startswith(MAGIC):
            return map(events, read_parquet(source, _name_of, NEEDED))
        if _is_json(head):
            return read_objects(source, _KEYS, options.block_bytes, events, careful=options.careful)
        return read_table(source, _checked(find_header(head, _name_of), source.name), options, events)


def _no_word(word: str) -> str | None:  # noqa: ARG001 the native format has no words but the schema's
    return None


VOCABULARY = Vocabulary(kind=_no_word, outcome=_no_word)


def _is_json(head: Head) -> bool:
    return bool(head.lines) and head.lines[0].lstrip().startswith("{")


def _name_of(field: str) -> str | None:
    name = field.lower()
    return name if name in COLUMNS else None


def _no_column(name: str) -> str:
    return _("the header has no column '{name}'").format(name=name)


def _checked(header: Header | None, path: str) -> Header:
    missing = NEEDED if header is None else header.missing(NEEDED)
    if header is None or missing:
        raise InputError(
            _("{path} cannot be read as native: {why}").format(path=path, why=_no_column(missing[0])),
            hint=_("the first line must name at least {columns}").format(columns=", ".join(NEEDED)),
        )
    return header


def _json_likeness(head: Head) -> Likeness:
    objects = [found for line in head.lines[:_SAMPLE] if isinstance(found := read_object(line), dict)]
    full = sum(all(key in found for key in NEEDED) for found in objects)
    if 2 * full > len(objects):
        return Likeness(_SURE, _("the objects have {columns}").format(columns=", ".join(NEEDED)))
    return Likeness(0, _("the objects have not all of {columns}").format(columns=", ".join(NEEDED)))
