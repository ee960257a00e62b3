"""What a portal is like and how its logs are read and kept; its thresholds are in settings.py."""

from collections.abc import Mapping
from dataclasses import dataclass, field

PRIVATE_NETWORKS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128")
"""Addresses inside a building (RFC 1918, RFC 4193, own machine): a proxy that has one is the portal's own."""


@dataclass(frozen=True, slots=True)
class UrlPattern:
    """How a request of a web server log reads as an event: `path` is a regex, its named groups are columns."""

    method: str
    path: str
    kind: str
    service: str


@dataclass(frozen=True, slots=True)
class SourceName:
    """Files whose path holds this regex are one source of this name, night after night."""

    pattern: str
    name: str


@dataclass(frozen=True, slots=True)
class ServiceCategory:
    """Which category of personal data a service of the portal shows: for notices of a breach."""

    service: str
    category: str


@dataclass(frozen=True, slots=True)
class Portal:
    """The portal's clock and habits."""

    zone: str = "Europe/Paris"
    """Time zone of the portal: of times that the log writes without one, and of its nights."""
    night_starts: str = "00:00"
    """A night is a day from this hour to the same hour of the next."""
    holidays: str = "FR"
    """Country (and part, as in FR-BL) whose public holidays are closed days."""
    patient_kind: str = "nir"
    """How people are numbered: nir (social security numbers), number (running numbers) or opaque."""


@dataclass(frozen=True, slots=True)
class Network:
    """Where addresses are looked up, and which of several addresses is the client's."""

    database: str = ""
    asn_database: str = ""
    """Files of MaxMind's format, for the country and for the operator (one file may hold both)."""
    trusted_proxies: tuple[str, ...] = PRIVATE_NETWORKS
    """Networks of proxies that are believed when they say for whom they ask."""
    forwarded_for: str = "none"
    """`last_field` where an access log ends with the X-Forwarded-For of the request."""

    @property
    def databases(self) -> tuple[str, ...]:
        """The files that are set."""
        return tuple(name for name in (self.database, self.asn_database) if name)


@dataclass(frozen=True, slots=True)
class Reading:
    """How reads are counted."""

    repeat_minutes: int = 30
    """A second read of one person within half an hour is the same consultation (card read, then verification)."""
    least: Mapping[str, int] = field(
        default_factory=lambda: {
            "people": 20,  # the smallest bulk reading promised to be found is 20 new people a day
            "reads": 20,
            "people in an hour": 15,
            "people in 10 minutes": 10,
            "rows": 250,  # more than a day of looking people up by name gives
            "kB": 1_000,  # some 1,500 people in the case of 2024, at 679 bytes each
        }
    )
    """By unit: a count below this is not bulk reading, however unusual for the account."""
    share_least: int = 10
    """A share of fewer requests than this says nothing."""
    share_part: int = 5
    share_floor: float = 0.05
    pace_floor: float = 0.25
    """Nor does a part of fewer than five, or under one in twenty: twins, colleagues and slips of the hand. Of gaps it
    takes a quarter: at several desks of one account people follow each other by chance within seconds."""
    session_gap_minutes: int = 30
    """Where the log has no session, a silence of this length ends one."""
    reject_share: float = 0.01
    unknown_share: float = 0.01
    """More rejected units, or more unknown kinds or outcomes than this: the night is degraded."""


@dataclass(frozen=True, slots=True)
class TuningFloor:
    """How far `tocsin tune --write` may lower what a region sees before somebody has to accept the risk by name."""

    raised: float = 3.0
    """A threshold of more than three times the shipped one misses what the shipped one was written for."""
    cap: int = 2
    """A family capped below two points can no longer be evidence at all: alerting.counts is two."""


@dataclass(frozen=True, slots=True)
class StateSettings:
    """How long a state keeps what, and who may read it."""

    group: str = ""
    """Unix group that may read the state; nobody but the owner where empty."""
    late_days: int = 7
    """A log that comes this late still changes the verdict of its night; a later one is learned and said."""
    replay_nights: int = 42
    """Nights that can be judged again from what the night before them left: four weeks, a late week, and what their
    windows reach back."""
    events_days: int = 365
    """Nights of events that are held for the story of an account and for lists of exposed people."""
