"""Fill the placeholders of `expand` with lists: `%name%` stands for every line of `lists/name.txt`."""

from pathlib import Path

from tocsin.errors import Place
from tocsin.located import did_you_mean
from tocsin.rules.encodings import filled
from tocsin.rules.lint import Faults
from tocsin.rules.patterns import Pattern, Placeholder, parse_pattern
from tocsin.rules.tree import AnyOf, Condition, Leaf, changed
from tocsin.words import _

FOLDER = "lists"
MOST_BYTES = 20_000_000
MOST_PATTERNS = 100_000
"""Texts that one value with placeholders may become."""


class Lists:
    """The lists that rules of one run have asked for, each read once."""

    def __init__(self) -> None:
        self._read: dict[Path, tuple[str, ...] | None] = {}

    @property
    def content(self) -> dict[str, tuple[str, ...]]:
        """What the lists say, by name; part of what the rules say."""
        return {path.stem: lines for path, lines in self._read.items() if lines is not None}

    def expand(self, condition: Condition, faults: Faults) -> Condition:
        """Put the values in place of the placeholders of a condition; notes lists that are not there."""
        return changed(condition, lambda leaf: self._expanded(leaf, faults))

    def _expanded(self, leaf: Leaf, faults: Faults) -> Condition:
        if not isinstance(leaf.value, Pattern):
            return leaf
        names = [part.name for part in leaf.value.parts if isinstance(part, Placeholder)]
        if not names:
            return leaf
        values = {name: self._values(name, leaf.place, faults) for name in names}
        count = 1
        for name in names:
            count *= len(values[name])
        if count > MOST_PATTERNS:
            message = _("the lists make {count} texts of this value, at most {limit} are possible")
            hint = _("split the list, and the selection with it")
            faults.add("E025", leaf.place, message.format(count=count, limit=MOST_PATTERNS), hint)
            return leaf
        tests = tuple(
            Leaf(leaf.column, leaf.operator, one, leaf.cased, leaf.place) for one in filled(leaf.value, values)
        )
        return tests[0] if len(tests) == 1 else AnyOf(tests)

    def _values(self, name: str, place: Place, faults: Faults) -> tuple[Pattern, ...]:
        """Give the patterns of a list; its lines are written as values of rules are, with their wildcards."""
        path = _find(name, Path(place.file).parent)
        if path is None:
            hint = did_you_mean(name, _known(Path(place.file).parent))
            message = _("there is no list {file}").format(file=f"{FOLDER}/{name}.txt")
            faults.add("E025", place, message, hint or _("write one value a line into it, beside the rule"))
            return ()
        if path not in self._read:
            self._read[path] = _lines(path, faults)
        lines = self._read[path]
        if lines == ():
            faults.add("E025", place, _("the list {file} is empty").format(file=f"{FOLDER}/{name}.txt"))
        return tuple(parse_pattern(line) for line in lines or ())


def _folders(start: Path) -> tuple[Path, ...]:
    """Give the folders where lists of a rule may lie: beside its file, or beside the folder it is in."""
    return (start / FOLDER, start.parent / FOLDER)


def lists_beside(file: Path) -> list[Path]:
    """Name the lists that the rules of a file may ask for."""
    return [path for folder in _folders(file.parent) if folder.is_dir() for path in sorted(folder.glob("*.txt"))]


def _find(name: str, start: Path) -> Path | None:
    if "/" in name or "\\" in name or name.startswith("."):
        return None
    return next((path for folder in _folders(start) if (path := folder / f"{name}.txt").is_file()), None)


def _known(start: Path) -> list[str]:
    return [path.stem for folder in _folders(start) if folder.is_dir() for path in sorted(folder.glob("*.txt"))]


def _lines(path: Path, faults: Faults) -> tuple[str, ...] | None:
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
        text = raw.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        faults.add("E025", Place(str(path)), _("the list cannot be read as UTF-8 text"))
        return None
    if len(raw) > MOST_BYTES:
        faults.add("E004", Place(str(path)), _("the file is larger than {limit} bytes").format(limit=MOST_BYTES))
        return None
    stripped = (line.strip() for line in text.splitlines())
    return tuple(dict.fromkeys(line for line in stripped if line and not line.startswith("#")))
