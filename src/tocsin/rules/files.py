"""Find the files of rules and read their documents."""

from collections.abc import Sequence
from pathlib import Path

from tocsin.errors import Place
from tocsin.located import Fault, Node, read_located
from tocsin.rules.lint import Faults
from tocsin.words import _

_ENDINGS = (".yml", ".yaml")
_YAML_CODES = {"yaml": "E002", "duplicate": "E003", "bounds": "E004", "unsafe": "E005"}
REGIONS = "regions"


def read_documents(paths: Sequence[Path], faults: Faults, *, within_regions: bool = False) -> list[Node]:
    """Read the documents of files, and of folders with all below them; notes what cannot be read.

    Folders called `regions` are left out, unless asked for: their overlays are switched on apart.
    """
    return [
        node for file in files_of(paths, faults, within_regions=within_regions) for node in _documents(file, faults)
    ]


def files_of(paths: Sequence[Path], faults: Faults, *, within_regions: bool = False) -> list[Path]:
    """List the files that `read_documents` reads, each once."""
    found: dict[Path, Path] = {}  # a file that is named twice, or by a link too, is one file
    for path in paths:
        below = _below(path, within_regions) if path.is_dir() else [path]
        if not below:
            faults.add("E001", Place(str(path)), _("the folder holds no rule file (*.yml)"))
        for file in below:
            found.setdefault(file.resolve(), file)
    return list(found.values())


def _below(folder: Path, within_regions: bool) -> list[Path]:  # noqa: FBT001
    inside = (path for ending in _ENDINGS for path in folder.rglob(f"*{ending}") if path.is_file())
    return sorted(path for path in inside if within_regions or REGIONS not in path.relative_to(folder).parts[:-1])


def _documents(file: Path, faults: Faults) -> tuple[Node, ...]:
    try:
        located = read_located(file)
    except OSError as error:
        faults.add("E001", Place(str(file)), _("the file cannot be read: {reason}").format(reason=error.strerror))
        return ()
    for fault in located.faults:
        _note(fault, faults)
    if not located.documents and not located.faults:
        faults.add("E001", Place(str(file)), _("the file holds no rule"))
    return located.documents


def _note(fault: Fault, faults: Faults) -> None:
    faults.add(_YAML_CODES[fault.kind], fault.place, fault.message, fault.hint)
