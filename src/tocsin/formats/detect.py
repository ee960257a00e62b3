"""Finds out which format a log has, from its first lines, and why."""

from dataclasses import dataclass
from pathlib import Path

from tocsin.errors import InputError
from tocsin.formats import FORMATS, by_name
from tocsin.formats.archives import HEAD_BYTES, PACKED_ENDINGS, packing
from tocsin.formats.base import Format, Head, Likeness
from tocsin.formats.mapping import mapped
from tocsin.words import _

ENOUGH = 50
"""A log is taken for a format from this likeness on."""


_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Guess:
    """The format a log looks most like; `format` is None where it looks like none or has no line at all."""

    format: Format | None
    likeness: Likeness
    blank: bool = False
    hint: str | None = None
    """What to do about it, where that is known."""


def detect(head: Head) -> Guess:
    """Ask every format."""
    if packed := packing(head.text):
        why = _("it is packed twice ({packing} inside)").format(packing=packed)
        return Guess(None, Likeness(0, why), hint=_("unpack it once"))
    if not head.lines:
        return Guess(None, Likeness(0, _("there is no line in it")), blank=True)
    if head.text.startswith(_UTF16):
        return Guess(None, Likeness(0, _("it is UTF-16, not UTF-8")))
    asked = [(known.likeness(head), known) for known in FORMATS]
    likeness, best = max(asked, key=lambda pair: pair[0].score)
    return Guess(best if likeness.score >= ENOUGH else None, likeness)


def chosen(name: str) -> Format:
    """Find the format the user asked for, by its name or its mapping file; raises InputError or MappingError."""
    found = by_name(name) or mapped(name)
    if found is None:
        raise InputError(
            _("there is no format '{name}'").format(name=name),
            hint=_("choose from {names}, or name a mapping file").format(
                names=", ".join(known.name for known in FORMATS)
            ),
        )
    return found


def unrecognised(path: str, guess: Guess, name: str = "") -> InputError:
    """Make the error for a log that looks like no format; `name` is what it is called, if not by its path."""
    packed = next((name for ending, name in PACKED_ENDINGS.items() if path.endswith(ending)), None)
    if packed and Path(path).is_file() and not _is_packed(Path(path)):
        return InputError(
            _("{path} is not packed with {packing} as its name says, and in no format that tocsin knows").format(
                path=name or path, packing=packed
            ),
            hint=_("fetch the file again, or say its format with --format"),
        )
    return InputError(
        _("{path} is in no format that tocsin knows: {why}").format(path=name or path, why=guess.likeness.why),
        hint=guess.hint or _("see `tocsin formats list`, or say which with --format"),
    )


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return packing(file.read(HEAD_BYTES)) is not None
