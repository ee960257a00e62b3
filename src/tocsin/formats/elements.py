"""Reads JSON that is not one object a line: arrays, pages with a list in them, objects written over many lines.

An object is a unit, at the line and byte where it starts; brackets, commas and what stands around the list of a page
are none. Other text between objects is rejected line by line. What never ends costs its beginning alone: see braces.py.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tocsin.formats.base import Head
from tocsin.formats.braces import Objects, Span, find_beside_broken, find_objects
from tocsin.formats.convert import Found, as_found
from tocsin.formats.jsonlines import NOT_JSON, Wanted, lost, read_object, read_objects, read_units
from tocsin.formats.lines import DAMAGED, HEAD_BYTES, MAX_LINE_BYTES, TOO_LONG, Block, Source
from tocsin.formats.units import units

_LISTS = b"value|records|hits|events|logs|data|items|results"
_PAGE = re.compile(rb'\s*\{(?:[^{}\[\]]|\{[^{}\[\]]*\}|\{)*?"(?:' + _LISTS + rb')"\s*:\s*\[(?=\s*[{\]])', re.IGNORECASE)
"""A page: an object with a list under one of these keys (`{"value": [`, `{"hits": {"hits": [`)."""

Envelope = Callable[[bytes], bytes]
"""Writes blanks over what objects are wrapped in; bytes and line ends keep their places."""

_SIZE = 4 << 20
_LF = 10
_BETWEEN = b", \r\n\t\x0b\x0c[]}\x00"
_STRAY = re.compile(rb"[^\s,\[\]}\x00][^\n]*")
_BOM = b"\xef\xbb\xbf"


def is_many_lines(head: Head) -> bool:
    """Say whether this is JSON, but not one object a line."""
    text = head.text.lstrip()
    if text.startswith(b"["):
        return True
    if not text.startswith(b"{") or not head.lines:
        return False
    return not isinstance(read_object(head.lines[0]), dict) or (len(head.lines) == 1 and _PAGE.match(text) is not None)


def first_objects(head: Head, most: int) -> list[dict[str, Any]]:
    """Give the first objects of a log however they are written, for recognising it."""
    texts: Sequence[str] = head.lines[:most]
    if is_many_lines(head):
        found = find_objects(head.text, _start_of_list(head.text) or 0)
        texts = [head.text[begin:end].decode("utf-8", "replace") for begin, end in found.whole[:most]]
    read = (read_object(text.replace("\n", " ")) for text in texts)
    return [found for found in read if isinstance(found, dict)]


def read_any_objects(source: Source, wanted: Wanted, size: int, *, careful: bool) -> Iterator[Found]:
    """Read objects however they are written; keys that are not wanted are left out."""
    if is_many_lines(Head(source.head())):
        return read_elements(source, wanted, min(size, _SIZE), careful=careful)
    return read_objects(source, wanted, size, as_found, careful=careful)


def read_elements(
    source: Source, wanted: Wanted, size: int, *, careful: bool, envelope: Envelope | None = None
) -> Iterator[Found]:
    """Read objects one after the other, whatever stands between; `envelope` blanks what they are wrapped in."""
    held, enough = Stretch(b"", 1, 0), max(size, HEAD_BYTES)
    elements = _Elements(wanted, careful=careful, envelope=envelope)
    for piece in source.pieces():
        held = replace(held, text=held.text + piece)
        if len(held.text) >= enough:
            found, held = elements.read(held, last=False)
            enough = len(held.text) + size
            yield found
    found, held = elements.read(held, last=True)
    if source.damaged:
        found.rejects.append((*held.places([len(held.text)])[0], DAMAGED))
    yield found


def _start_of_list(text: bytes) -> int | None:
    page = _PAGE.match(text[:HEAD_BYTES])
    return page.end() if page else None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of the input, and the line and byte where it begins."""

    text: bytes
    line: int
    byte: int

    def places(self, positions: Sequence[int]) -> list[tuple[int, int]]:
        """Give the line and byte of positions in the text."""
        feeds = np.flatnonzero(np.frombuffer(self.text, np.uint8) == _LF)
        lines = self.line + np.searchsorted(feeds, np.array(positions, np.int64))
        return [(int(line), self.byte + at) for line, at in zip(lines, positions, strict=True)]

    def after(self, at: int) -> "Stretch":
        """Give what follows a position."""
        return Stretch(self.text[at:], self.line + self.text.count(b"\n", 0, at), self.byte + at)


class _Elements:
    """Reads stretch after stretch; knows whether the objects are in a page, and whether its list is over."""

    def __init__(self, wanted: Wanted, *, careful: bool, envelope: Envelope | None) -> None:
        self._wanted = wanted
        self._careful = careful
        self._envelope = envelope
        self._begun = False
        self._in_page = False
        self._over = False

    def read(self, held: Stretch, *, last: bool) -> tuple[Found, Stretch]:
        """Read what is whole; give the rest back for the next time."""
        if self._envelope:
            held = replace(held, text=self._envelope(held.text))
        text, at = held.text, self._begin(held.text)
        objects = find_objects(text, at)
        spans, broken = objects.whole, []
        opened = objects.opened
        if opened is not None and (last or len(text) - opened > MAX_LINE_BYTES):
            beside = _without_the_last(find_beside_broken(text, opened), len(text), last=last)
            reason = NOT_JSON if last else TOO_LONG
            broken = [(begin, reason) for begin, _end in beside.given_up]
            spans, opened = [*objects.whole, *beside.whole], beside.opened
            covered = sorted([*spans, *beside.given_up])
        else:
            covered = spans
        rest = self._rest(text, at if not covered else covered[-1][1], opened, last=last)
        broken += [(place, NOT_JSON) for place in self._strays(text, at, covered, rest)]
        return self._found(held, spans, broken), held.after(rest)

    def _begin(self, text: bytes) -> int:
        if self._begun:
            return 0
        self._begun = True
        start = len(_BOM) if text.startswith(_BOM) else 0
        page = None if self._envelope else _start_of_list(text[start:].replace(b"\x00", b" "))
        self._in_page = page is not None
        return start + (page or 0)

    @staticmethod
    def _rest(text: bytes, after: int, opened: int | None, *, last: bool) -> int:
        """Where to go on: at an object that is not whole, else after the last line end between objects."""
        if opened is not None:
            return opened
        if last or len(text) - after > MAX_LINE_BYTES:
            return len(text)
        return max(after, text.rfind(b"\n", after) + 1)

    def _strays(self, text: bytes, at: int, covered: list[Span], rest: int) -> Iterator[int]:
        """Give the places of lines between objects that are neither commas nor brackets."""
        for begin, end in [*covered, (rest, rest)]:
            between = text[at:begin]
            if self._in_page and b"]" in between:
                between = b"" if self._over else between[: between.index(b"]")]
                self._over = True
            if not self._over and between.strip(_BETWEEN):
                yield from (at + found.start() for found in _STRAY.finditer(between))
            at = end

    def _found(self, held: Stretch, spans: list[Span], broken: list[tuple[int, str]]) -> Found:
        text = held.text
        places = held.places([place for place, _reason in broken])
        rejects = [(*place, reason) for place, (_at, reason) in zip(places, broken, strict=True)]
        if not spans:
            return lost(self._wanted, *rejects)
        lines = b"".join(text[begin:end].replace(b"\n", b" ") + b"\n" for begin, end in spans)
        feeds = np.flatnonzero(np.frombuffer(lines, np.uint8) == _LF)
        where = np.array(held.places([begin for begin, _end in spans]), np.int64)
        read = replace(units(Block(lines, feeds, 1, 0)), numbers=where[:, 0].copy(), offsets=where[:, 1].copy())
        found = read_units(read, self._wanted, careful=self._careful)
        return replace(found, rejects=[*found.rejects, *rejects])


def _without_the_last(found: Objects, end: int, *, last: bool) -> Objects:
    """Give up what is open at the end too, if no more text comes or it is too long to wait for."""
    if found.opened is None or (not last and end - found.opened <= MAX_LINE_BYTES):
        return found
    return Objects(found.whole, [*found.given_up, (found.opened, end)], None)
