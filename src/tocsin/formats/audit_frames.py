"""Finds audit messages in a text, however they are framed: bare, one after the other, in syslog lines or frames.

A message is what stands between its tags. The line before it belongs to it (a syslog header, an octet count, an XML
declaration); declarations, comments and wrapping tags around messages are no units. Any other line is rejected, and so
is a message that never ends, at its beginning alone.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from tocsin.formats.lines import MAX_LINE_BYTES, TOO_LONG

NO_MESSAGE: Final = "no audit message"
UNCLOSED: Final = "the audit message never ends"

_PREFIX = rb"(?:[A-Za-z_][\w.\-]{0,40}:)?"
_TAG: Final = re.compile(rb"<" + _PREFIX + rb"AuditMessage(?=[\s>/])|</" + _PREFIX + rb"AuditMessage\s*>")
_EMPTY: Final = re.compile(rb"<[\w.:\-]+\s*/>")
_FRAME: Final = re.compile(rb"(?:(?<![\w.\-])[0-9]{1,9} )?<[0-9]{1,3}>[0-9]{1,2} ")
"""The beginning of a syslog message (RFC 5424), with its length before it where octets are counted (RFC 6587)."""
_DECLARATION: Final = re.compile(rb"<\?[^<>]{0,500}\?>")
_WRAPPER: Final = re.compile(rb"<(/?)([A-Za-z_][\w.:\-]*)(?:\s[^<>]{0,2000})?(?<!/)>")
_NOT_LF: Final = re.compile(rb"[^\n]")
_LINE: Final = re.compile(rb"[^\n]+")
_BLANK = b" \t\r\n\x00\xef\xbb\xbf"
_GAP_BYTES: Final = 1 << 20

Span = tuple[int, int]


@dataclass(slots=True)
class Frames:
    """What was found: where each message's unit starts with the message's span, rejects by place, and what is left."""

    starts: list[int] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    rejects: list[tuple[int, str]] = field(default_factory=list)
    rest: int = 0


def find_frames(text: bytes, *, last: bool) -> Frames:
    """Find the whole messages of a text; what is not whole yet is left, unless it is the last text or too long."""
    found = Frames()
    after, opened = 0, None
    for tag in _TAG.finditer(text):
        closing = tag[0].startswith(b"</")
        if not closing and _EMPTY.match(text, tag.start()):
            continue
        if closing and opened is not None:
            _take(found, text, after, (opened, tag.end()))
            after, opened = tag.end(), None
        elif not closing:
            if opened is not None:
                after = _give_up(found, text, after, opened, tag.start())
            opened = tag.start()
    _finish(found, text, after, opened, last=last)
    return found


def _take(found: Frames, text: bytes, after: int, span: Span) -> None:
    start = _start(found, text, after, span[0])
    if span[1] - span[0] > MAX_LINE_BYTES:
        found.rejects.append((start, TOO_LONG))
    else:
        found.starts.append(start)
        found.spans.append(span)


def _give_up(found: Frames, text: bytes, after: int, opened: int, before: int) -> int:
    """Reject a message that another one follows before it ends; give where to go on: the line of the other."""
    found.rejects.append((_start(found, text, after, opened), UNCLOSED))
    line = text.rfind(b"\n", opened, before) + 1
    frames = list(_FRAME.finditer(text, max(line, opened), before))
    return frames[-1].start() if frames else line or before


def _finish(found: Frames, text: bytes, after: int, opened: int | None, *, last: bool) -> None:
    waiting = len(text) - (after if opened is None else opened)
    if opened is not None and (last or waiting > MAX_LINE_BYTES):
        found.rejects.append((_start(found, text, after, opened), UNCLOSED if last else TOO_LONG))
        found.rest = len(text)
    elif opened is not None:
        found.rest = after
    elif last or waiting > _GAP_BYTES:
        end = len(text) if last else max(after, text.rfind(b"\n", after) + 1) if waiting < MAX_LINE_BYTES else len(text)
        _strays(found, text, after, end)
        found.rest = end
    else:
        found.rest = after


def _start(found: Frames, text: bytes, after: int, opened: int) -> int:
    """Say where the unit of a message starts, which may be before it on its line; what is before that are strays."""
    line = max(after, text.rfind(b"\n", after, opened) + 1)
    frames = list(_FRAME.finditer(text, line, opened))
    start = frames[-1].start() if frames else line
    before = text[after:start].rstrip(_BLANK)
    if not frames and before.endswith(b"?>"):
        # The declaration of a message stands on a line before it, perhaps behind a syslog header.
        declared = text.rfind(b"<?", after, start)
        start = max(after, text.rfind(b"\n", after, max(declared, after)) + 1)
        frames = list(_FRAME.finditer(text, start, opened))
        start = frames[-1].start() if frames else start
    _strays(found, text, after, start)
    return start + (len(text[start:opened]) - len(text[start:opened].lstrip(_BLANK)))


def _strays(found: Frames, text: bytes, begin: int, end: int) -> None:
    """Reject every line, and every syslog frame inside a line, that says anything but what stands around messages."""
    between = _without_what_stands_around(text[begin:end])
    for line in _LINE.finditer(between):
        edges = [frame.start() for frame in _FRAME.finditer(line[0])]
        parts = sorted({0, *edges})
        for part, following in zip(parts, [*parts[1:], len(line[0])], strict=True):
            said = line[0][part:following]
            if said.strip(_BLANK):
                lead = len(said) - len(said.lstrip(_BLANK))
                found.rejects.append((begin + line.start() + part + lead, NO_MESSAGE))


def _without_what_stands_around(text: bytes) -> bytes:
    """Write blanks over declarations, comments and tags that open or close here alone: those wrap messages."""
    text = _DECLARATION.sub(_blank, _without_comments(text))
    tags = [(tag[1], tag[2]) for tag in _WRAPPER.finditer(text)]
    opened, closed = ({name for closing, name in tags if bool(closing) is way} for way in (False, True))

    def blank_wrapper(tag: re.Match[bytes]) -> bytes:
        return tag[0] if tag[2] in opened and tag[2] in closed else _blank(tag)

    return _WRAPPER.sub(blank_wrapper, text)


def _without_comments(text: bytes) -> bytes:
    """Write blanks over comments; one that never ends is none."""
    parts, at = [], 0
    while (begin := text.find(b"<!--", at)) >= 0 and (end := text.find(b"-->", begin + 4)) >= 0:
        parts += [text[at:begin], _NOT_LF.sub(b" ", text[begin : end + 3])]
        at = end + 3
    return b"".join([*parts, text[at:]])


def _blank(found: re.Match[bytes]) -> bytes:
    return _NOT_LF.sub(b" ", found[0])
