"""Every threshold, weight and habit of a portal, with its reason; tocsin.yml may say otherwise.

What no portal may change, because it is what a stored or published figure means, is in settings_fixed.py.
"""

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field

from tocsin.settings_alerting import Alerting, Families
from tocsin.settings_answers import Feedback, Innocence
from tocsin.settings_over_time import (
    AddingUp,
    AnotherHand,
    Desks,
    Drifting,
    FleetTest,
    MoreStrangers,
    OlderNights,
    SecondDesk,
    Shifting,
)
from tocsin.settings_portal import (
    PRIVATE_NETWORKS,
    Network,
    Portal,
    Reading,
    ServiceCategory,
    SourceName,
    StateSettings,
    TuningFloor,
    UrlPattern,
)
from tocsin.settings_sessions import Sessions
from tocsin.settings_usual import Baselines, MissingLogs, Outlier

__all__ = [
    "PRIVATE_NETWORKS",
    "AddingUp",
    "Alerting",
    "AnotherHand",
    "Baselines",
    "Desks",
    "Drifting",
    "Families",
    "Feedback",
    "FleetTest",
    "Innocence",
    "MissingLogs",
    "MoreStrangers",
    "Network",
    "OlderNights",
    "Outlier",
    "Portal",
    "Reading",
    "SecondDesk",
    "ServiceCategory",
    "Sessions",
    "Settings",
    "Shifting",
    "SourceName",
    "StateSettings",
    "TuningFloor",
    "UrlPattern",
]


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a run."""

    portal: Portal = field(default_factory=Portal)
    baselines: Baselines = field(default_factory=Baselines)
    older: OlderNights = field(default_factory=OlderNights)
    outlier: Outlier = field(default_factory=Outlier)
    families: Families = field(default_factory=Families)
    alerting: Alerting = field(default_factory=Alerting)
    drifting: Drifting = field(default_factory=Drifting)
    desks: Desks = field(default_factory=Desks)
    second_desk: SecondDesk = field(default_factory=SecondDesk)
    more_strangers: MoreStrangers = field(default_factory=MoreStrangers)
    another_hand: AnotherHand = field(default_factory=AnotherHand)
    shifting: Shifting = field(default_factory=Shifting)
    fleet: FleetTest = field(default_factory=FleetTest)
    feedback: Feedback = field(default_factory=Feedback)
    innocent: Innocence = field(default_factory=Innocence)
    missing_logs: MissingLogs = field(default_factory=MissingLogs)
    reading: Reading = field(default_factory=Reading)
    state: StateSettings = field(default_factory=StateSettings)
    sessions: Sessions = field(default_factory=Sessions)
    tuning: TuningFloor = field(default_factory=TuningFloor)
    urls: tuple[UrlPattern, ...] = ()
    """What the requests of a web server log are; a built-in table where empty."""
    network: Network = field(default_factory=Network)
    sources: tuple[SourceName, ...] = ()
    """Which files are one source, where their folders and names do not tell."""
    services: tuple[ServiceCategory, ...] = ()
    """Which category of personal data each service shows: for notices of a breach."""
    directory: str = ""
    """File that says who holds an account; relative to the settings file."""

    @property
    def sha256(self) -> str:
        """Tell these settings from others by what they change in a verdict, not storage, notices or tuning."""
        told = {name: value for name, value in self.as_dict().items() if name != "tuning"}
        plain = json.dumps({**told, "state": None, "services": None}, sort_keys=True, default=str)
        return hashlib.sha256(plain.encode()).hexdigest()

    def as_dict(self) -> dict[str, object]:
        """Give the settings as plain values, for hashing and for the manifest."""
        return dataclasses.asdict(self)
