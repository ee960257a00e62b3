"""What a night concludes: frozen values that reports print and nothing changes."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from tocsin.visible import visible

SKIPPED = "skipped"
"""Stands for the format of an input that was found and left out: a pipe, a broken link, a report of tocsin."""

Level = Literal["informational", "low", "medium", "high", "critical"]
Against = Literal["own", "peers", "rule", "population"]


@dataclass(frozen=True, slots=True)
class Measure:
    """A seen value beside the usual one; `against` names who the usual comes from."""

    name: str
    value: float
    usual: float | None
    low: float | None
    high: float | None
    unit: str
    against: Against
    nights: int
    peers: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """A run of lines of one input that shows a finding."""

    input: str
    from_line: int
    to_line: int
    count: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason to look at an account, in words, with its figures and lines."""

    detector: str
    level: Level
    points: float
    headline: str
    first: datetime
    last: datetime
    measures: tuple[Measure, ...]
    evidence: tuple[Evidence, ...] = ()
    evidence_lines: int = 0


@dataclass(frozen=True, slots=True)
class Session:
    """A stretch of work of one account and whose it seems to be."""

    session: str
    first: datetime
    last: datetime
    ip: str | None
    verdict: Literal["owner", "intruder", "mixed"]
    lookups: int
    people: int
    points: float = 0.0
    device: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Innocent:
    """An innocent explanation that was checked, and whether it holds."""

    explanation: str
    holds: bool
    figures: str


@dataclass(frozen=True, slots=True)
class Exposed:
    """How many people were read between the start of the intrusion and the end of the night.

    `min`: in sessions that are the intruder's. `max`: also in those that may be, with what their searches and exports
    returned without names. `possible`: by anybody in that time. `listed` have a name in the logs, `unlisted_max` have
    none; `records` are the reads.
    """

    min: int | None
    max: int | None
    possible: int
    records: int
    listed: int
    unlisted_max: int


@dataclass(frozen=True, slots=True)
class Suspect:
    """An account somebody else may be using, with everything that speaks for it."""

    rank: int | None
    night: date
    account: str
    profession: str | None
    structure: str | None
    region: str | None
    points: float
    risk: int
    why: str
    first_alerted: date
    nights_alerted: int
    people: int | None
    """Different people read tonight; not told where the logs name nobody."""
    new_people: int | None
    families: dict[str, float]
    not_judged: tuple[str, ...]
    findings: tuple[Finding, ...]
    expected_false: float | None
    exposed: Exposed
    next: tuple[str, ...]
    sessions: tuple[Session, ...] = ()
    """In the window of the intrusion: the intruder's first where there are too many to list."""
    sessions_total: int = 0
    began: datetime | None = None
    """When the first of the intruder's sessions began."""
    began_local: str | None = None
    """The same on the portal's clock, ISO 8601 to the minute."""
    story: str = ""
    """What sessions and exposure say, in a sentence."""
    innocent: tuple[Innocent, ...] = ()
    campaign: str | None = None
    case: str | None = None
    status: str | None = None
    as_unusual: int | None = None
    """Accounts that rang in the night and are at least as unusual; of an ordinary night `expected_false` would be."""
    q_value: float | None = None
    """At most this share of them is what ordinary nights bring too; shown, and decides nothing."""
    rang: date | None = None  # an earlier night: it found no place then, and what is told of it was seen then
    beyond_usual: int = 0
    """People or rows that it was shown in the night beyond its usual: where not all fit, it gives every other place."""


@dataclass(frozen=True, slots=True)
class Link:
    """A value that members of a campaign share, how rare it is and how likely by chance."""

    kind: str
    value: str
    accounts: tuple[str, ...]
    population: int
    chance: float


@dataclass(frozen=True, slots=True)
class Member:
    """An account of a campaign: a suspect by itself, or only linked to suspects."""

    account: str
    role: Literal["suspect", "linked"]


@dataclass(frozen=True, slots=True)
class Campaign:
    """Accounts that the same intruder seems to use."""

    id: str
    rank: int | None
    night: date
    first_night: date
    accounts: tuple[Member, ...]
    links: tuple[Link, ...]
    exposed: Exposed
    merged: tuple[str, ...] = ()
    """Names of campaigns of earlier nights that turned out to be this one."""


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """How the places of a night's list were given out."""

    limit: int
    new: int
    continuing: int
    cut: int
    cut_points: float | None
    ordinary: int
    expected_false: float | None
    expected_false_reason: str | None
    by_profession: dict[str, int]
    silent: int = 0
    """Accounts that rang and show no more than what a person had explained."""
    cut_accounts: dict[str, float] = field(default_factory=dict)
    """Points of those that did not fit, the most first."""


@dataclass(frozen=True, slots=True)
class Watched:
    """An account that was asked about: what the night says of it, named or not, and every measure."""

    suspect: Suspect
    measures: tuple[Measure, ...]
    """Each twice where both can be told: against itself and against its peers."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Hours of a night of which a source has nothing, though it always has something then."""

    source: str
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Fleet:
    """Accounts of one software or profession (`by`) that hurried together; `before`: the most so far."""

    by: str
    group: str
    accounts: tuple[str, ...]
    of: int
    before: int
    nights: int
    first: datetime
    last: datetime

    @property
    def key(self) -> str:
        """Name the change, so that a person can accept it: as reports show it."""
        return f"{self.by}/{visible(self.group)}"


@dataclass(frozen=True, slots=True)
class Night:
    """One judged night."""

    night: date
    accounts: int
    events: int
    degraded: tuple[str, ...]
    not_judged: tuple[str, ...]
    history_nights: int
    budget: BudgetUse
    suspects: tuple[Suspect, ...]
    campaigns: tuple[Campaign, ...]
    shifts: tuple[str, ...] = ()
    revision: int = 0
    watched: Watched | None = None
    measures: dict[str, tuple[Measure, ...]] = field(default_factory=dict)
    """Every measure of each suspect, as in `watched`."""
    gaps: tuple[Gap, ...] = ()
    fleet: tuple[Fleet, ...] = ()
    common: dict[str, float] = field(default_factory=dict)
    """By profession: tonight's usual number of people beside the accounts' ordinary one (weekday, season, epidemic)."""
    common_in_regions: dict[str, dict[str, float]] = field(default_factory=dict)
    """By profession and region: the same where it is another than the whole profession's."""


@dataclass(frozen=True, slots=True)
class InputRecord:
    """One file and what became of each of its units: lines = events + rejected + ignored + duplicates."""

    path: str
    sha256: str
    format: str
    lines: int
    events: int
    rejected: int
    ignored: int
    duplicates: int
    first: datetime | None
    last: datetime | None
    filled: dict[str, float] = field(default_factory=dict)
    """Share of its events in which each column is filled."""
    usual: dict[str, float] = field(default_factory=dict)
    """The same over the earlier nights of its source; empty where none are known."""
    unknown_kinds: int = 0
    unknown_outcomes: int = 0
    notes: tuple[str, ...] = ()
    size: int = 0
    """Stored bytes."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A unit that became no event."""

    path: str
    line: int
    byte: int
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run: what was read, which nights were judged, who is suspect."""

    version: str
    rules_sha256: str
    settings_sha256: str
    inputs: tuple[InputRecord, ...]
    rejects: tuple[Reject, ...]
    rejects_total: int
    nights: tuple[Night, ...]
    partial_night: date | None
    partial_over: bool = False
    region: str | None = None
    notes: tuple[str, ...] = ()
    """What the reader must know of the run besides: overlays that have run out."""

    @property
    def suspects(self) -> tuple[Suspect, ...]:
        """All suspects, by night, then rank, then points."""
        return tuple(suspect for night in self.nights for suspect in night.suspects)

    @property
    def degraded(self) -> bool:
        """Says whether any judged night must not be read as calm, or none was judged at all."""
        return not self.nights or any(night.degraded for night in self.nights)
