"""Reads what the user asks for: `NAME[:accounts[@first-last]][,knob=value]...`."""

import dataclasses
import re
from dataclasses import dataclass
from difflib import get_close_matches

from tocsin.errors import SettingsError
from tocsin.simulate.scenarios import SCENARIOS
from tocsin.simulate.scenarios.stage import Scenario

_SPEC = re.compile(
    r"(?P<name>[a-z_]+)(?::(?P<accounts>\d+))?(?:@(?P<first>\d+)(?:-(?P<last>\d+))?)?(?P<knobs>(?:,[^,]+)*)"
)

_MOST = 1_000_000
_BOUNDS: dict[str, tuple[float, float]] = {
    **dict.fromkeys(("accounts", "quota", "poison", "rotate", "guesses", "seen", "unused"), (0, _MOST)),
    **dict.fromkeys(("gap_seconds", "session_hours", "token_hours", "minutes"), (0.001, _MOST)),
    "jitter": (0, 10),
    "a_second": (0.001, 20),
}
"""Of knobs that are neither a share (0 to 1) nor a number of something (1 or more)."""


@dataclass(frozen=True, slots=True)
class Attack:
    """A scenario with its knobs set, and its nights counted from 1 (None: the scenario's usual last ones)."""

    scenario: Scenario
    first: int | None = None
    last: int | None = None

    def window(self, nights: int) -> tuple[int, int]:
        """Give the first and last night, counted from 0; SettingsError when they lie outside."""
        first = self.first if self.first is not None else max(1, nights - self.scenario.nights + 1)
        last = self.last if self.last is not None else (nights if self.first is None else self.first)
        if not 1 <= first <= last <= nights:
            message = f"{self.scenario.name} is to run in nights {first}-{last} of {nights}"
            raise SettingsError(message, hint=f"nights count from 1 to {nights}, as in @{max(1, nights - 2)}-{nights}")
        return first - 1, last - 1


def attack(spec: str) -> Attack:
    """Parse one `--scenario`; SettingsError names what is wrong in it."""
    found = _SPEC.fullmatch(spec.strip())
    if not found:
        raise SettingsError(f"scenario {spec!r} is not understood", hint="write NAME:accounts@first-last,knob=value")
    kind = _named(found["name"])
    knobs = dict(_knob(kind, text) for text in found["knobs"].split(",") if text)
    if found["accounts"]:
        knobs["accounts"] = int(found["accounts"])
    scenario = dataclasses.replace(kind(), **knobs)  # type: ignore[type-var]
    if found["accounts"] and scenario.accounts < 1:
        raise SettingsError(
            f"{kind.name} with 0 accounts is no attack", hint="leave the scenario out, or write 1 or more"
        )
    first = int(found["first"]) if found["first"] else None
    return Attack(scenario, first, int(found["last"]) if found["last"] else None)


def _named(name: str) -> type[Scenario]:
    known = {scenario.name: scenario for scenario in SCENARIOS}
    if name not in known:
        near = get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"choose from {', '.join(known)}"
        raise SettingsError(f"unknown scenario {name!r}", hint=hint)
    return known[name]


def _knob(kind: type[Scenario], text: str) -> tuple[str, object]:
    name, _, value = text.partition("=")
    usual = {knob.name: knob.default for knob in dataclasses.fields(kind)}  # type: ignore[arg-type]
    if name not in usual:
        near = get_close_matches(name, usual, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(usual)}"
        raise SettingsError(f"{kind.name} has no knob {name!r}", hint=hint)
    try:
        read = _like(usual[name], value)
    except ValueError:
        wanted = "low-high" if isinstance(usual[name], tuple) else "a number"
        raise SettingsError(
            f"{kind.name}: {name}={value!r} is not {wanted}", hint=f"as in {name}={_shown(usual[name])}"
        ) from None
    least, most = _bounds(name, usual[name])
    if not all(least <= one <= most for one in (read if isinstance(read, tuple) else (read,))):
        raise SettingsError(
            f"{kind.name}: {name}={value!r} is not within {least:,} and {most:,}",
            hint=f"as in {name}={_shown(usual[name])}",
        )
    return name, read


def _bounds(name: str, usual: object) -> tuple[float, float]:
    """Give the least and the most that a knob may be: what lies beyond is no such attack, or none at all."""
    one = usual[0] if isinstance(usual, tuple) else usual
    return _BOUNDS.get(name, (0, 1) if isinstance(one, float) else (1, _MOST))


def _like(usual: object, value: str) -> float | tuple[float, float]:
    if isinstance(usual, tuple):
        parts = value.split("-")
        low, high = (_number(type(usual[0]), part) for part in (parts if len(parts) == 2 else [value, value]))
        if low > high:
            raise ValueError(value)
        return low, high
    return _number(type(usual), value)


def _number(kind: type, value: str) -> float:
    return int(value) if kind is int else float(value)


def _shown(usual: object) -> str:
    return "-".join(map(str, usual)) if isinstance(usual, tuple) else str(usual)
