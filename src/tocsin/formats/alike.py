"""Reads texts that differ in their digits alone once: millions of addresses have a few dozen shapes.

The shape of a text has a zero for each of its digits. Where whoever reads treats all digits alike, texts of one shape
are answered alike: with the same text, or with what stands at the same place. Two texts of each shape that agree in no
digit tell which of it, and where; what they cannot tell is read as it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
import polars as pl

from tocsin.formats.seek import Mask

Read = Callable[[pl.Series], pl.DataFrame]
"""Reads texts as columns; each answer depends on its text alone, and a column that is not there says nothing."""

_ALL_ZERO = bytes.maketrans(b"123456789", b"0" * 9)
_ZERO = ord("0")
_SCATTERING = 2_654_435_761
"""Knuth's multiplicative hash (The Art of Computer Programming, section 6.4): digits in no order."""

_WORTH = 2_000
"""Fewer texts are read sooner as they are."""
_MANY = 16
"""A shape of fewer texts than so many costs more to learn than they do."""
_MOST, _LONGEST = 4_096, 1_000
"""Shapes that are remembered, and bytes of each."""

_Span = tuple[int | None, int | None]
_NOWHERE: _Span = (None, None)


@dataclass(frozen=True, slots=True)
class _Known:
    """The shapes that were learned, as an enumeration, and a row of `table` for each.

    `told` says whether the row holds for all texts of the shape. The answer is in the column of its `name`, else it is
    what has so many `bytes` `at` this place of the text.
    """

    shapes: pl.Enum
    table: pl.DataFrame
    names: tuple[str, ...]


class Alike:
    """Reads texts as `read` does, which must treat all digits alike in texts that the expression `odd` does not find.

    Several threads may ask.
    """

    def __init__(self, read: Read, odd: str) -> None:
        """Begin with no shape known."""
        self._read = read
        self._odd = odd
        self._lock = Lock()
        self._known = _Known(pl.Enum([]), pl.DataFrame(schema={"told": pl.Boolean()}), ())

    def read(self, texts: pl.Series) -> pl.DataFrame:
        """Give what `read` gives; columns may come in another order."""
        shapes = _shapes(texts) if len(texts) >= _WORTH and not texts.has_nulls() else None
        if shapes is None:
            return self._read(texts)
        known = self._known
        codes = shapes.cast(known.shapes, strict=False)
        if codes.has_nulls():
            known = self._learned(shapes.filter(codes.is_null()).unique(maintain_order=True), len(texts))
            codes = shapes.cast(known.shapes, strict=False)
        places = codes.to_physical()
        told = known.table["told"].gather(places).fill_null(value=False).to_numpy()
        if not told.any():
            return self._read(texts)
        answers = _answers(texts, places, known)
        return answers if told.all() else self._mixed(texts, answers, told)

    def _mixed(self, texts: pl.Series, answers: pl.DataFrame, told: Mask) -> pl.DataFrame:
        """Read as they are the texts whose answers were not told."""
        straight = self._read(texts.filter(~told))
        order = np.argsort(np.concatenate((np.flatnonzero(told), np.flatnonzero(~told))))
        return pl.concat((answers.filter(told), straight), how="diagonal")[order]

    def _learned(self, shapes: pl.Series, texts: int) -> _Known:
        """Learn those of these shapes that are not known, if it pays for so many texts."""
        with self._lock:
            known = self._known
            plain = ~shapes.str.contains(self._odd) & (shapes.str.len_bytes() <= _LONGEST)
            new = shapes.filter(plain & shapes.cast(known.shapes, strict=False).is_null())
            held = known.shapes.categories
            if len(new) and len(new) * _MANY <= texts and len(held) + len(new) <= _MOST:
                table, names = _told(new, self._read)
                self._known = _Known(
                    pl.Enum(pl.concat((held, new))),
                    pl.concat((known.table, table), how="diagonal"),
                    tuple(dict.fromkeys((*known.names, *names))),
                )
            return self._known


def _shapes(texts: pl.Series) -> pl.Series | None:
    """Give the shape of each text; None where one of them has a line end."""
    # As bytes at once: a string of Python would be two more copies.
    blob = (texts.str.join("\n").cast(pl.Binary())[0] + b"\n").translate(_ALL_ZERO)
    shapes = pl.scan_lines(blob).collect().to_series()
    whole = len(shapes) == len(texts) and shapes.str.len_bytes().sum() + len(shapes) == len(blob)
    return shapes if whole else None


def _answers(texts: pl.Series, places: pl.Series, known: _Known) -> pl.DataFrame:
    """Give the answers for texts whose shapes are these rows of the table."""
    raw = texts.cast(pl.Binary())
    answers = []
    for name in known.names:
        answer = known.table[name].gather(places)
        if f"{name} at" in known.table:
            at, length = (known.table[f"{name} {what}"].gather(places) for what in ("at", "bytes"))
            found = raw.bin.slice(at, length).cast(pl.String())  # type: ignore[arg-type]  # it takes columns as well
            answer = answer.fill_null(found) if answer.null_count() < len(answer) else found.alias(name)
        answers.append(answer)
    return pl.DataFrame(answers)


def _told(shapes: pl.Series, read: Read) -> tuple[pl.DataFrame, Sequence[str]]:
    """Ask about two texts of each shape; give a row of the table for each and the names of its answers."""
    texts = [_with_digits(shapes, more) for more in (0, 5)]
    both = read(pl.concat(texts))
    told = np.ones(len(shapes), np.bool_)
    table = []
    for column in both:
        first, second = column[: len(shapes)], column[len(shapes) :]
        same = first.eq_missing(second)
        table.append(first.zip_with(same, pl.Series([None], dtype=first.dtype).new_from_index(0, len(first))))
        if same.all():
            continue
        spans = [_NOWHERE] * len(shapes)
        for row in map(int, (~same).arg_true()):
            spans[row] = _span(texts[0][row], first[row])
            told[row] &= spans[row] is not _NOWHERE
        for what, numbers in zip(("at", "bytes"), zip(*spans, strict=True), strict=True):
            table.append(pl.Series(f"{column.name} {what}", numbers, dtype=pl.UInt32()))
    return pl.DataFrame([*table, pl.Series("told", told)]), both.columns


def _with_digits(shapes: pl.Series, more: int) -> pl.Series:
    """Put digits in no order for the zeros; others for another number."""
    characters = np.frombuffer(shapes.str.join("\n")[0].encode(), np.uint8).copy()
    at = np.flatnonzero(characters == _ZERO)
    characters[at] = _ZERO + ((at * _SCATTERING >> 16) + more) % 10
    return pl.Series(characters.tobytes().decode().split("\n"))


def _span(text: str, answer: str | None) -> _Span:
    """Say where in the text the answer stands, if it can stand there alone."""
    whole, part = text.encode(), (answer or "").encode()
    at = whole.find(part)
    return (at, len(part)) if part and at >= 0 and at == whole.rfind(part) else _NOWHERE
