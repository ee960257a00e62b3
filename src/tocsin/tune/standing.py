"""Where the overlay of a tuning stands: in which file, and above which others."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tocsin.errors import SettingsError
from tocsin.rules.overlay_file import Overlay
from tocsin.tune.knobs import CAP
from tocsin.tune.scope import Scope
from tocsin.words import _

Key = tuple[str, str]
"""What an overlay sets: of a rule a key, of a family its cap, of the accounts their budget or calendar."""

MOST_PRIORITY = 100

_LONGEST = 60
"""Letters of a name: file systems allow 255 bytes, and a letter takes up to four."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The file, its priority, and whether an earlier tuning of the same accounts is there."""

    path: Path
    priority: int
    is_there: bool


def standing(folder: Path, whom: Scope, overlays: Sequence[Overlay], sets: Collection[Key]) -> Standing:
    """Choose the file of an overlay that sets this, just above every other one that sets the same.

    It is that of an earlier tuning of the same accounts. Where a file of this name is of other accounts, or what it
    sets besides would be lifted above another overlay with it, it stays as it is and a number is added to the name.
    """
    for number in count(1):
        path = path_of(folder, whom.name, number)
        mine = [one for one in overlays if _is_in(one, path)]
        others = [one for one in overlays if not _is_in(one, path)]
        above = _above(others, sets)
        if not path.exists():
            return Standing(path, above, is_there=False)
        if len(mine) == 1 and _is_for(mine[0], whom):
            priority = max(above, mine[0].priority)
            stays = _set_by(mine[0]) - set(sets)
            if not any(mine[0].priority < one.priority < priority and stays & _set_by(one) for one in others):
                return Standing(path, priority, is_there=True)
    raise AssertionError  # pragma: no cover  counting has no end


def path_of(folder: Path, scope: str, number: int = 1) -> Path:
    """Name a file of a scope's tuning."""
    name = re.sub(r"\W+", "-", scope).strip("-").lower()[:_LONGEST] or "all"
    return folder / f"tuned-{name}{f'-{number}' if number > 1 else ''}.yml"


def _above(others: Sequence[Overlay], sets: Collection[Key]) -> int:
    """Stand above every other overlay that sets the same, but no higher than needed."""
    highest = max((one.priority for one in others if _set_by(one) & set(sets)), default=-1)
    if highest >= MOST_PRIORITY:
        raise SettingsError(_("an overlay of the highest priority already sets the same"), hint=_("lower its priority"))
    return max(highest, -1) + 1


def _is_in(overlay: Overlay, path: Path) -> bool:
    return Path(overlay.place.file).resolve() == path.resolve()


def _is_for(overlay: Overlay, whom: Scope) -> bool:
    """Say whether an overlay is for the very accounts of a scope."""
    mine, asked = ({column: set(values) for column, values in when.items()} for when in (overlay.when, whom.when))
    return mine == asked


def _set_by(overlay: Overlay) -> set[Key]:
    found = {(name, tuning.key) for name, tuning in overlay.tunings}
    found |= {(family.family, CAP) for family in overlay.families}
    whole = {"budget": overlay.budget, "calendar": overlay.calendar}
    return found | {("", key) for key, value in whole.items() if value is not None}
