"""What went wrong, where, and what the user can do next."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where in a text the trouble is: line and column count from 1, 0 means unknown."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        known = (self.line, self.column) if self.column else (self.line,) if self.line else ()
        return ":".join([self.file, *map(str, known)])


class TocsinError(Exception):
    """Something the user can fix; the command line prints it as one sentence and exits 2."""

    def __init__(self, message: str, *, place: Place | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.hint = hint

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        then = f"; {self.hint}" if self.hint else ""
        return f"{where}{self.message}{then}"


class InputError(TocsinError):
    """A log that cannot be opened, recognised or read."""


class SettingsError(TocsinError):
    """tocsin.yml or a command-line option says something impossible."""


class MappingError(TocsinError):
    """A file that says how a log becomes events says something impossible, or does not fit the log."""


class KeyFileError(TocsinError):
    """The key that makes tokens is missing, foreign or readable by others."""


class StoreError(TocsinError):
    """The working files of a scan cannot be written or read."""


class RuleError(TocsinError):
    """One fault in a rule file; `code` is its lint number."""

    def __init__(
        self, message: str, *, place: Place | None = None, hint: str | None = None, code: str = "E000"
    ) -> None:
        super().__init__(message, place=place, hint=hint)
        self.code = code

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        then = f"; {self.hint}" if self.hint else ""
        return f"{where}{self.code} {self.message}{then}"


class RuleErrors(TocsinError):  # noqa: N818 several faults, one refusal
    """All the faults of a set of rule files, in file and line order."""

    def __init__(self, faults: Sequence[RuleError]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)
