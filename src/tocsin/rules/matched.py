"""Which events the detections of a rule set match, and which groups can fulfil a correlation at all."""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import and_, or_

import numpy as np
import polars as pl

from tocsin.rules.bucket import Bucket, Flags, Integers
from tocsin.rules.novelty import is_novel
from tocsin.rules.rule import ON_VALUES, TEMPORAL, Correlation, Detection
from tocsin.rules.tuning import limits_of
from tocsin.rules.windows import floor_of

Rules = Mapping[str, Detection | Correlation]


class Matched:
    """Events with what each detection says of them; what is new to an account is asked only where it matters."""

    def __init__(self, bucket: Bucket, found: Mapping[str, Flags], rules: Rules, group: str) -> None:
        """Take what the detections say but for `novel` (detection.matches), and the column the bucket is cut by."""
        self.bucket = bucket
        self.rules = rules
        self.group = group
        self._found = found
        self._novel: dict[str, Flags] = {}
        self._since: dict[int, Matched] = {}

    @property
    def events(self) -> pl.DataFrame:
        """The events of the bucket."""
        return self.bucket.events

    def lacks(self, rule: Correlation) -> bool:
        """Say whether the log lacks a column that the rule, or one below it, groups by."""
        grouped = {column for step in rule.rules for column in rule.grouping(step)}
        below = (self.rules[step] for step in rule.rules)
        return not grouped <= set(self.events.columns) or any(
            self.lacks(step) for step in below if isinstance(step, Correlation)
        )

    def standard(self, name: str) -> Flags:
        """Say which events a detection matches, whether new to the account or not."""
        return self._found[name]

    def flags(self, name: str, within: Flags | None = None) -> Flags:
        """Say which events a detection matches; those outside of `within` may be left out."""
        rule = self.rules[name]
        if not isinstance(rule, Detection) or rule.novel is None:
            return self._found[name]
        if name not in self._novel:
            if within is not None:
                return is_novel(self.bucket, rule.novel, self._found[name] & within)
            self._novel[name] = is_novel(self.bucket, rule.novel, self._found[name])
        return self._novel[name]

    def asks_what_is_new(self, rule: Correlation) -> bool:
        """Say whether one of the detections of a rule asks what is new to an account."""
        return any(isinstance(step, Detection) and step.novel for step in map(self.rules.__getitem__, rule.rules))

    def any_of(self, names: tuple[str, ...], within: Flags | None = None) -> Flags:
        """Say which events one of some detections matches."""
        return reduce(or_, (self.flags(name, within) for name in names))

    def since(self, begins: int) -> "Matched":
        """Look at no event before a moment, in microseconds."""
        if begins not in self._since:
            is_late = (self.events["time"].to_physical() >= begins).to_numpy()
            if is_late.all():
                return self  # and not kept: what refers to itself outlives its bucket
            found = {name: flags & is_late for name, flags in self._found.items()}
            self._since[begins] = Matched(self.bucket, found, self.rules, self.group)
        return self._since[begins]

    def able(self, rule: Correlation) -> "Matched":
        """Leave out the groups whose events can never fulfil the rule."""
        axis = self.bucket.axis((self.group,))
        kept = _able(self, rule.name)
        if kept.all():
            return self
        chosen = np.sort(axis.rows[kept[axis.codes]])
        found = {name: flags[chosen] for name, flags in self._found.items()}
        return Matched(Bucket(self.events[chosen]), found, self.rules, self.group)


def _able(matched: Matched, name: str) -> Flags:
    """Say for each group of the bucket whether a rule may have a match, or a hit, in it; too many are no harm."""
    rule = matched.rules[name]
    axis = matched.bucket.axis((matched.group,))
    if isinstance(rule, Detection):
        return _matches_by_group(matched, name) > 0
    steps = [_able(matched, step) for step in rule.rules]
    if rule.type in TEMPORAL:
        return _joined(steps, and_ if _needs_every_step(rule) else or_)
    if rule.type in ON_VALUES or any(isinstance(matched.rules[step], Correlation) for step in rule.rules):
        return _joined(steps, or_)
    held = sum((_matches_by_group(matched, step) for step in rule.rules), np.zeros(axis.groups.height, np.int64))
    return held >= max(1, lowest_floor(rule))


def _joined(steps: Sequence[Flags], join: Callable[[Flags, Flags], Flags]) -> Flags:
    return reduce(join, steps)


def _matches_by_group(matched: Matched, name: str) -> Integers:
    axis = matched.bucket.axis((matched.group,))
    return np.bincount(axis.codes[matched.standard(name)[axis.rows]], minlength=axis.groups.height)


def _needs_every_step(rule: Correlation) -> bool:
    return rule.expression is None and lowest_floor(rule) >= len(rule.rules)


def lowest_floor(rule: Correlation) -> int:
    """Give the least count that a hit of a rule can have, whatever overlays set; 0 where it may be any."""
    return min(floor_of(rule.condition.operator, limit) for limit in limits_of(rule))


def is_plain(rule: Correlation, rules: Rules) -> bool:
    """Say whether the events of a rule are events of the log as they are."""
    return not rule.aliases and all(isinstance(rules[step], Detection) for step in rule.rules)
