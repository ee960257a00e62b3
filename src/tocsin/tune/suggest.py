"""What to do: the value that meets the number of alerts that a region can look at, while every confirmed case rings."""

from collections.abc import Mapping
from dataclasses import dataclass

from tocsin.tune.known import Fate
from tocsin.tune.sweep import Sweep, Tried


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The value to take (None: today's stands), and why no other would do."""

    wanted: float
    value: float | None
    meets: bool
    """Whether the alerts a night are then at most as many as wanted."""
    chosen: Tried | None
    in_the_way: Mapping[float, tuple[str, ...]]
    """Values that would meet the number, and the confirmed cases that each would silence."""


def suggest(sweep: Sweep, wanted: float) -> Suggestion:
    """Choose a value of one rule.

    Today's stands where it meets the number, unless a more sensitive value does too and finds more cases, or finds them
    before more people are read. Else the most sensitive value that meets it and silences no confirmed case.
    """
    few = [one for one in sweep.tried if one.outcome.alerts_a_night <= wanted]
    kept = [one for one in few if not lost_cases(sweep.fate, one.fate)]
    if sweep.today.alerts_a_night <= wanted:
        better = [one for one in kept if earlier(one.fate, sweep.fate)]
        chosen = min(better, key=_missed, default=None)
        return Suggestion(wanted, chosen.value if chosen else None, meets=True, chosen=chosen, in_the_way={})
    way = {one.value: lost_cases(sweep.fate, one.fate) for one in few if one not in kept}
    if not kept:
        return Suggestion(wanted, None, meets=False, chosen=None, in_the_way=way)
    chosen = min(kept, key=lambda one: (*_missed(one), -one.outcome.alerts, -one.outcome.hits.height))
    return Suggestion(wanted, chosen.value, meets=True, chosen=chosen, in_the_way=way)


def lost_cases(before: Fate, after: Fate) -> tuple[str, ...]:
    """List the confirmed cases that rang and no longer would."""
    return tuple(sorted(set(before.rings) - set(after.rings)))


def earlier(one: Fate, other: Fate) -> bool:
    """Say whether more cases ring, or the same ones before more people are read."""
    return set(one.rings) > set(other.rings) or (
        set(one.rings) >= set(other.rings) and one.read_before < other.read_before
    )


def _missed(one: Tried) -> tuple[int, int, float]:
    """Order values by what they miss: cases, people read before; then the one that changes least stands first."""
    return len(one.fate.silent), one.fate.read_before, len(one.gained) + len(one.lost)
