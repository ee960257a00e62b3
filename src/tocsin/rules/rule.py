"""What a rule is once read: a frozen value that detection, correlation, proof and verdict share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction

from tocsin.errors import Place, RuleError
from tocsin.rules.case import Case
from tocsin.rules.comparisons import PROFILE, Baseline, Novel, Ratio, Threshold, Tuning
from tocsin.rules.fields import NIGHT_FIELDS, columns_told_by, is_feature
from tocsin.rules.spoken import UNITS, in_words
from tocsin.rules.tree import Condition, leaves
from tocsin.schema import STORED
from tocsin.words import _

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

TEMPORAL = ("temporal", "temporal_ordered")
"""Correlations of several kinds of events that come close together."""
ON_VALUES = ("value_sum", "value_avg", "value_median", "value_percentile")
"""Correlations that work out a number over the values of a field."""

COUNTED_AS = {"patient": "person_id", "patient_block": "block_id"}
"""Tokens that have a 64-bit id in stored events: counting those is the same and several times faster."""


def counted_as(field: str, columns: Sequence[str]) -> str:
    """Name the column that stands for a field: a 64-bit id where there is one."""
    number = COUNTED_AS.get(field, field)
    return number if number in columns else field


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
    tunings: tuple[Tuning, ...] = ()
    """What overlays set of it; what has priority comes first."""

    def explained(self, count: int, account: str, usual: float | None = None) -> str:
        """Fill in the sentence of `explain` for an episode; the title where the rule explains nothing."""
        if not self.explain:
            return self.title
        baseline = _("not known yet") if usual is None else f"{usual:,.10g}"
        span = in_words(self.written_timespan)
        return self.explain.format(count=f"{count:,}", timespan=span, account=account, baseline=baseline)

    def tuned(self, profile: Mapping[str, str | None], night: date) -> "Tuned":
        """Say what overlays leave of the rule for an account of this profession, structure and region on a night."""
        held: dict[str, object] = {}
        for tuning in self.tunings:
            if tuning.holds(profile, night):
                held.setdefault(tuning.key, tuning.value)
        level = str(held.get("level", self.level or ""))
        follows = self.score == LEVEL_SCORES.get(self.level or "", 0)
        score = held.get("tocsin.score", LEVEL_SCORES.get(level, 0) if follows else self.score)
        limits = [value for key, value in held.items() if key.startswith("correlation.condition.")]
        limit = float(str(limits[0])) if limits else None
        spans = (t.written for t in self.tunings if t.key == "correlation.timespan" and t.holds(profile, night))
        span = next(spans, self.written_timespan)
        factor = Fraction(str(held["tocsin.baseline.factor"])) if "tocsin.baseline.factor" in held else None
        return Tuned(held.get("enabled") is not False, level or None, int(str(score)), limit, span, factor)


@dataclass(frozen=True, slots=True)
class Tuned:
    """What holds of a rule for one account on one night; `limit` and `factor` are None where no overlay sets them."""

    enabled: bool
    level: str | None
    score: int
    limit: float | None
    written_timespan: str
    factor: Fraction | None = None
    """Of its baseline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection(Rule):
    """A condition on one event."""

    condition: Condition
    group_by: tuple[str, ...] = ("account",)
    timespan: timedelta | None = None
    novel: Novel | None = None

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
        return self.features[0] if self.features else "events"

    @property
    def features(self) -> tuple[str, ...]:
        """The features of a night that it asks for, in order; a rule that asks for some is about nights, not events."""
        asked = (column for leaf in leaves(self.condition) for column in leaf.columns)
        return tuple(dict.fromkeys(filter(is_feature, asked)))

    @property
    def columns(self) -> frozenset[str]:
        """Columns of the events that the rule reads, itself or through the features that it asks for."""
        asked = frozenset(column for leaf in leaves(self.condition) for column in leaf.columns)
        if self.features:
            return asked.intersection(NIGHT_FIELDS).union(*(columns_told_by(name) for name in self.features))
        return asked.union((*self.novel.any_of, "outcome") if self.novel else ())


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition that the detections it names must fulfil too; `rules` is None where it is all of them."""

    name: str
    place: Place
    rules: tuple[str, ...] | None
    condition: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation(Rule):
    """What a sliding window holds of the events that `rules` match."""

    type: str
    rules: tuple[str, ...]
    """Detections, whose matches are its events, or correlations, whose hits are."""
    group_by: tuple[str, ...]
    timespan: timedelta
    condition: Threshold
    expression: Condition | None = None
    """Which of its rules the window must show (`temporal`): a tree over tests named as the rules."""
    aliases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The field that a name in `group_by` stands for, by rule."""
    step_places: tuple[Place, ...] = field(compare=False, default=())
    baselines: tuple[Baseline, ...] = ()
    combine: str = "all"
    """Whether all of its baselines must be exceeded, or any."""
    ratio: Ratio | None = None
    each_account: bool = False
    generates_steps: bool = False
    """The rules it refers to report by themselves too."""

    @property
    def steps(self) -> tuple[str, ...]:
        """The rules it refers to, for its events and for its ratio."""
        return tuple(dict.fromkeys((*self.rules, self.ratio.of))) if self.ratio else self.rules

    @property
    def group(self) -> str:
        """The grouping whose bucket holds all events of a group of this rule."""
        return "account" if "account" in self.group_by else self.grouping(self.rules[0])[0]

    def grouping(self, step: str) -> tuple[str, ...]:
        """Give the columns by which the events of one of its rules are grouped."""
        return tuple(self.aliases.get(name, {}).get(step, name) for name in self.group_by)

    @property
    def limit(self) -> float | None:
        """What a window is compared with; nothing where it has to show certain rules."""
        return None if self.expression is not None else float(self.condition.value)

    @property
    def unit(self) -> str:
        """What its windows count."""
        if self.type in TEMPORAL:
            return "rules"
        if self.type in ON_VALUES:
            return self.condition.fields[0]
        if not self.condition.fields:
            return "events"
        return UNITS.get(self.condition.fields[0], "values") if len(self.condition.fields) == 1 else "combinations"


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

    def mark(self, settings: str) -> str:
        """Give a short mark of these rules and of settings with this sha256: scores carry it."""
        return f"{self.sha256[:16]}-{settings[:16]}"

    @property
    def by_name(self) -> Mapping[str, Detection | Correlation]:
        """Every rule by its name."""
        return {rule.name: rule for rule in self.rules}

    def fields(self, name: str) -> frozenset[str]:
        """Fields that a rule reads, with those of the rules it refers to; a log without them cannot be judged by it."""
        rule = self.by_name[name]
        if isinstance(rule, Detection):
            return rule.columns
        own = frozenset(rule.condition.fields).union(*(rule.grouping(step) for step in rule.rules))
        return own.union(*(self.fields(step) for step in rule.steps))

    def steps(self, name: str) -> tuple[str, ...]:
        """Give the rules that a rule refers to, and those that these refer to, each once."""
        rule = self.by_name[name]
        direct = rule.steps if isinstance(rule, Correlation) else ()
        return tuple(dict.fromkeys([*direct, *(below for step in direct for below in self.steps(step))]))

    def columns(self, group: str) -> tuple[str, ...]:
        """Columns of stored events (schema.STORED) that the rules of a group need, with the place of each event."""
        needed = {"time", "night", "account", "source", "line", "byte"}
        for rule in self.rules:
            if rule.reports and rule.group == group:
                needed.update(*(self._stored(name) for name in (rule.name, *self.steps(rule.name))))
                needed.update(PROFILE if rule.tunings else ())
        return tuple(column for column in STORED if column in needed)

    def _stored(self, name: str) -> frozenset[str]:
        """Columns that one rule reads itself, with ids in place of the tokens that it counts."""
        rule = self.by_name[name]
        if isinstance(rule, Detection):
            asked = replace(rule, novel=None).columns
            told = (COUNTED_AS.get(field, field) for field in rule.novel.any_of) if rule.novel else ()
            return asked.union(told, ("outcome",)) if rule.novel else asked
        counted = frozenset(COUNTED_AS.get(field, field) for field in rule.condition.fields)
        return counted.union(*(rule.grouping(step) for step in rule.rules))

    def only(self, name: str) -> "RuleSet":
        """Give the one rule, reporting, with the silent rules it refers to."""
        kept = self.steps(name)
        chosen = [replace(rule, reports=rule.name == name) for rule in self.rules if rule.name in (name, *kept)]
        return replace(
            self,
            detections=tuple(rule for rule in chosen if isinstance(rule, Detection)),
            correlations=tuple(rule for rule in chosen if isinstance(rule, Correlation)),
        )
