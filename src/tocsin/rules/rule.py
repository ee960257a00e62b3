"""What a rule is once read: a frozen value that detection, correlation, proof and verdict share."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tocsin.errors import Place, RuleError
from tocsin.rules.tree import Condition, leaves
from tocsin.schema import STORED
from tocsin.words import ngettext

FAMILIES = (
    "volume",
    "novelty",
    "identifiers",
    "geography",
    "rhythm",
    "origin",
    "credentials",
    "state",
    "campaign",
    "outlier",
)
"""Evidence families a rule may feed."""

LEVELS = ("informational", "low", "medium", "high", "critical")
STATUSES = ("stable", "test", "experimental", "deprecated", "unsupported")

LEVEL_SCORES = {"informational": 0, "low": 5, "medium": 15, "high": 35, "critical": 60}
"""Points of a rule that names a level and no score."""

GROUPS = ("account", "ip", "network", "session", "structure")
"""Columns a rule may group by: what the measure stage can bring together in one bucket."""


COUNTED_AS = {"patient": "person_id", "patient_block": "block_id"}
"""Tokens that have a 64-bit id in stored events: counting those is the same and several times faster."""

_UNITS = {
    "patient": "people",
    "account": "accounts",
    "ip": "addresses",
    "network": "networks",
    "session": "sessions",
    "structure": "structures",
    "patient_region": "departments",
}


def in_words(written_timespan: str) -> str:
    """Say a span of time as people do: `1h` is "1 hour"; empty stays empty."""
    if not written_timespan:
        return ""
    count = int(written_timespan[:-1])
    match written_timespan[-1]:
        case "s":
            words = ngettext("{count} second", "{count} seconds", count)
        case "m":
            words = ngettext("{count} minute", "{count} minutes", count)
        case "h":
            words = ngettext("{count} hour", "{count} hours", count)
        case "d":
            words = ngettext("{count} day", "{count} days", count)
        case _:
            words = ngettext("{count} week", "{count} weeks", count)
    return words.format(count=count)


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a window must hold: a comparison of its count, of events or of the different values of `fields`."""

    operator: str
    """One of gte, gt, lte, lt, eq, neq."""
    value: int
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseEvents:
    """Events of a test inside a rule: `repeat` copies, `every` apart; texts may hold {i}, the number of the copy."""

    repeat: int
    every: timedelta
    time: datetime
    values: tuple[tuple[str, str | int | bool], ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A test inside a rule: events, and for whom the rule must then ring (nobody: an empty tuple)."""

    name: str
    place: Place
    events: tuple[CaseEvents, ...]
    group: str = "account"
    expected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What detections and correlations have in common; `reports` says whether its hits reach the verdict."""

    name: str
    title: str
    place: Place
    level: str | None = None
    status: str | None = None
    id: str | None = None
    description: str = ""
    falsepositives: tuple[str, ...] = ()
    family: str | None = None
    score: int = 0
    explain: str = ""
    runbook: tuple[str, ...] = ()
    tests: tuple[Case, ...] = ()
    reports: bool = False
    written_timespan: str = ""

    def explained(self, count: int, account: str) -> str:
        """Fill in the sentence of `explain` for an episode; the title where the rule explains nothing."""
        if not self.explain:
            return self.title
        return self.explain.format(count=f"{count:,}", timespan=in_words(self.written_timespan), account=account)


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection(Rule):
    """A condition on one event."""

    condition: Condition
    group_by: tuple[str, ...] = ("account",)
    timespan: timedelta | None = None

    @property
    def group(self) -> str:
        """The grouping whose bucket holds all it needs."""
        return "account"

    @property
    def limit(self) -> float | None:
        """The count from which it rings: none, each match does."""
        return None

    @property
    def unit(self) -> str:
        """What its episodes count."""
        return "events"

    @property
    def columns(self) -> frozenset[str]:
        """Columns of the events that the rule reads."""
        return frozenset(column for leaf in leaves(self.condition) for column in leaf.columns)


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition that the detections it names must fulfil too; `rules` is None where it is all of them."""

    name: str
    place: Place
    rules: tuple[str, ...] | None
    condition: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation(Rule):
    """A count over a sliding window of the events that `rules` match."""

    type: str
    rules: tuple[str, ...]
    group_by: tuple[str, ...]
    timespan: timedelta
    condition: Threshold
    each_account: bool = False
    generates_steps: bool = False
    """The rules it refers to report by themselves too."""

    @property
    def group(self) -> str:
        """The grouping whose bucket holds all events of a group of this rule."""
        return "account" if "account" in self.group_by else self.group_by[0]

    @property
    def limit(self) -> float | None:
        """The count that a window is compared with."""
        return float(self.condition.value)

    @property
    def unit(self) -> str:
        """What its windows count."""
        if not self.condition.fields:
            return "events"
        return _UNITS.get(self.condition.fields[0], "values") if len(self.condition.fields) == 1 else "combinations"


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All the rules of a run, without faults; `sha256` is of what they say, not of how it is laid out."""

    detections: tuple[Detection, ...]
    correlations: tuple[Correlation, ...]
    sha256: str
    warnings: tuple[RuleError, ...] = ()

    @property
    def rules(self) -> tuple[Detection | Correlation, ...]:
        """Every rule, detections first."""
        return (*self.detections, *self.correlations)

    @property
    def groups(self) -> tuple[str, ...]:
        """Groupings that reporting rules need, in the order of GROUPS."""
        used = {rule.group for rule in self.correlations if rule.reports}
        used |= {rule.group for rule in self.detections if rule.reports}
        return tuple(group for group in GROUPS if group in used)

    @property
    def by_name(self) -> Mapping[str, Detection | Correlation]:
        """Every rule by its name."""
        return {rule.name: rule for rule in self.rules}

    def fields(self, name: str) -> frozenset[str]:
        """Fields that a rule reads, with those of the rules it refers to; a log without them cannot be judged by it."""
        rule = self.by_name[name]
        if isinstance(rule, Detection):
            return rule.columns
        own = frozenset((*rule.group_by, *rule.condition.fields))
        return own.union(*(self.fields(step) for step in rule.rules))

    def columns(self, group: str) -> tuple[str, ...]:
        """Columns of stored events (schema.STORED) that the rules of a group need, with the place of each event."""
        needed = {"time", "night", "account", "source", "line", "byte"}
        for rule in self.rules:
            if not rule.reports or rule.group != group:
                continue
            if isinstance(rule, Correlation):
                needed.update(rule.group_by, (COUNTED_AS.get(field, field) for field in rule.condition.fields))
                needed.update(*(self.fields(step) for step in rule.rules))
            else:
                needed.update(rule.columns)
        return tuple(column for column in STORED if column in needed)

    def only(self, name: str) -> "RuleSet":
        """Give the one rule, reporting, with the silent rules it refers to."""
        rule = self.by_name[name]
        if isinstance(rule, Detection):
            return replace(self, detections=(replace(rule, reports=True),), correlations=())
        steps = tuple(replace(step, reports=False) for step in self.detections if step.name in rule.rules)
        return replace(self, detections=steps, correlations=(replace(rule, reports=True),))
