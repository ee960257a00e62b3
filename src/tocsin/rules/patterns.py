"""Sigma's text values: wildcards, escapes, and the regular expression that means the same."""

import enum
import re
from dataclasses import dataclass

_META = re.compile(r"[\\.+*?()|\[\]{}^$#&\-~\s]")


class Wild(enum.Enum):
    """A wildcard of Sigma."""

    ANY = "*"
    """Any number of characters, also none."""
    ONE = "?"
    """Exactly one character."""


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A name between percent signs (`expand`): the values of the list of that name stand in for it."""

    name: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text with wildcards, in parts; no two texts stand side by side and no part is empty."""

    parts: tuple[str | Wild | Placeholder, ...]

    def anywhere(self) -> "Pattern":
        """Let it match inside a longer text (`contains`)."""
        return self.at_end().at_start()

    def at_start(self) -> "Pattern":
        """Let it match the start of a longer text (`startswith`)."""
        return self if self.parts[-1:] == (Wild.ANY,) else Pattern((*self.parts, Wild.ANY))

    def at_end(self) -> "Pattern":
        """Let it match the end of a longer text (`endswith`)."""
        return self if self.parts[:1] == (Wild.ANY,) else Pattern((Wild.ANY, *self.parts))

    def regex(self, *, cased: bool) -> str:
        """Give the whole-text regular expression; without case it folds by Unicode's simple case folding."""
        return f"(?{'' if cased else 'i'}s)\\A(?:{self.inner})\\z"

    @property
    def inner(self) -> str:
        """The part of the regular expression that stands between its ends."""
        return "".join(_as_regex(part) for part in self.parts if not isinstance(part, Placeholder))


def parse_pattern(text: str) -> Pattern:
    r"""Read Sigma's notation: `*` and `?` are wildcards, `\*`, `\?` and `\\` are the characters themselves.

    A backslash before anything else is a backslash (Sigma specification, "Escaping").
    """
    parts: list[str | Wild] = []
    literal = ""
    characters = iter(text)
    for character in characters:
        if character == "\\":
            escaped = next(characters, "")
            literal += escaped if escaped in ("*", "?", "\\") else "\\" + escaped
        elif character in "*?":
            parts += [literal] if literal else []
            parts.append(Wild(character))
            literal = ""
        else:
            literal += character
    return Pattern((*parts, literal) if literal else tuple(parts))


def literal_pattern(text: str) -> Pattern:
    """Make the pattern of a text without wildcards."""
    return Pattern((text,) if text else ())


def _as_regex(part: str | Wild) -> str:
    match part:
        case Wild.ANY:
            return ".*"
        case Wild.ONE:
            return "."
        case _:
            return _META.sub(lambda found: _escaped(found.group()), part)


def _escaped(character: str) -> str:
    # A space needs no escape, and other white space is safest as its code point.
    return character if character == " " else f"\\x{{{ord(character):x}}}" if character.isspace() else "\\" + character
