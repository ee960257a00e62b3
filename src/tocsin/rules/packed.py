"""The files that rules and overlays are read from, packed into one text, to be had again when today's are broken."""

import json
from collections.abc import Sequence
from pathlib import Path

from tocsin.rules.files import files_of
from tocsin.rules.lint import Faults
from tocsin.rules.lists import lists_beside


def packed(rules: Sequence[Path], regions: Path | None) -> bytes:
    """Pack rule files, the lists beside them, and overlays; files that cannot be read are left out."""
    overlays = [regions] if regions else []
    files = [*files_of(rules, Faults()), *files_of(overlays, Faults(), within_regions=True)]
    files += [path for file in files for path in lists_beside(file)]
    texts = {str(path.resolve()): path.read_text(encoding="utf-8", errors="replace") for path in files}
    places = {"rules": [str(path.resolve()) for path in rules], "regions": str(regions.resolve()) if regions else None}
    return json.dumps({**places, "files": dict(sorted(texts.items()))}, ensure_ascii=False, indent=1).encode()


def unpacked(content: bytes, folder: Path) -> tuple[list[Path], Path | None]:
    """Write what was packed below a folder; gives where the rules and the overlays are now."""
    plain = json.loads(content)
    for name, text in plain["files"].items():
        path = _below(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    regions = _below(folder, plain["regions"]) if plain["regions"] else None
    return [_below(folder, name) for name in plain["rules"]], regions


def _below(folder: Path, name: str) -> Path:
    """Give the place of a file below a folder; a name that would lead out of it is an error."""
    path = (folder / Path(name).relative_to("/")).resolve()
    path.relative_to(folder.resolve())
    return path
