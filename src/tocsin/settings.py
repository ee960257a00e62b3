"""Every threshold, weight and habit of a portal, with its reason; tocsin.yml may say otherwise."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from tocsin.settings_over_time import (
    AddingUp,
    AnotherHand,
    Desks,
    Drifting,
    FleetTest,
    MoreStrangers,
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

__all__ = [
    "PRIVATE_NETWORKS",
    "AddingUp",
    "Alerting",
    "AnotherHand",
    "Baselines",
    "Desks",
    "Drifting",
    "Families",
    "FleetTest",
    "MoreStrangers",
    "Network",
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
class Baselines:
    """What is usual: how far back it looks and how much it trusts few nights."""

    nights: int = 28
    """Nights of history held in full: four of each weekday, short enough to follow a season."""
    own_nights: int = 5
    """Active nights an account needs before it is compared with itself: one working week."""
    novelty_nights: int = 5
    """Nights that must be held before 'never read before' means anything: the first working week everybody is new."""
    novelty_own_nights: int = 3
    """Nights after those on which an account was active, before its own share of new people is judged."""
    peer_accounts: int = 50
    """Accounts a peer group needs: a 2 % tail is then one account."""
    peer_account_nights: int = 1_000
    """Or as many active account-nights: the tail of one in a thousand is then seen."""
    peer_size_step: float = 3.0
    """Accounts are of like size where their usual people a night lie on one step: each goes three times as far as the
    one below. Within a profession most accounts share three steps, so that a third of a region can still be peers."""
    peer_closed_share: float = 0.1
    """Who reads more than a tenth of its people at night, on Sundays and on holidays has other hours than an office."""
    peer_lists: float = 3.0
    """Who is sent more than three rows of lists for each person it reads uses other services than files of people."""
    peer_structure: float = 0.005
    """The own structure is left out of the peers from one in two hundred of their account-nights: with fewer no figure
    moves by more than half a hundredth of them."""
    peer_spread: float = 0.25
    """Accounts of one group differ by at least a quarter (in logarithms)."""
    dispersion_nights: float = 10.0
    """Nights that the peers' dispersion weighs in an account's own: variances need more nights than means."""
    least_dispersion: float = 0.04
    """No account is steadier than 20 % from day to day, whatever five calm nights say."""
    shift_low: float = 0.5
    shift_high: float = 2.0
    """Bounds of tonight's common shift of a profession: beyond it is news, not weather."""
    clip_surprise: float = 3.0
    """An undecided night is learned up to the value that one night in a thousand would exceed (poison)."""
    away_days: int = 35
    """An account not used for longer is dormant: the longest leave that most professionals take is five weeks."""
    awake_days: int = 14
    """For two weeks it counts as just awake: an intruder may begin with a few people a day."""
    far_share: float = 0.02
    """Departments with less than one in fifty of an account's people are not where its people come from."""
    cold_cap: float = 3.5
    """The most that a comparison with peers alone may say of an account without history: below its cap."""


@dataclass(frozen=True, slots=True)
class Families:
    """Weights (hundredths) and caps (points) of the evidence families; docs/detection.md says why each exists."""

    weights: Mapping[str, int] = field(
        default_factory=lambda: {
            "volume": 100,  # the case itself: many people
            "novelty": 100,  # people the account never saw
            "identifiers": 100,  # numbers tried one after another
            "geography": 70,  # national lists; tourists do it too
            "rhythm": 70,  # robots; batch software does it too
            "origin": 60,  # locums, VPNs and new boxes are common
            "credentials": 60,  # resets are common, a reset before a burst is not
            "state": 50,  # dormant accounts waking up
            "campaign": 100,  # seen over several accounts
            "drift": 100,  # a little, night after night
            "outlier": 40,  # raises, never explains
        }
    )
    """How much the evidence of each family counts, in hundredths."""
    caps: Mapping[str, float] = field(
        default_factory=lambda: {
            "volume": 8.0,
            "novelty": 8.0,
            "identifiers": 8.0,
            "geography": 8.0,
            "rhythm": 8.0,
            "campaign": 8.0,
            "drift": 8.0,
            "origin": 6.0,  # a new address is common
            "credentials": 5.0,  # so is a reset
            "state": 4.0,
            "outlier": 2.5,  # raises, never decides
        }
    )
    """The most one family may say: below the floor of an alert, so that one family cannot fill the list by itself."""
    known_share: float = 0.25
    """When fewer than this share of a night's people are new to the account, it read people it knows."""
    known_usual: float = 0.5
    """Or fewer than half of its usual share: who reads twice as many familiar people as usual renews their rights."""
    known_volume: float = 4.0
    """The most volume may say then: software that renews the rights of a practice's own people reads all of them."""
    elsewhere_share: float = 0.2
    elsewhere_rows: int = 200
    rows_a_person: int = 3
    """Searches and exports came from elsewhere when a fifth of the night's rows went to networks new to the account,
    and they were over 200 and three for each person read: people are searched by name before they are read."""
    home_rhythm: float = 2.5
    """The most that pace and hours say of an account at home: its own software is fast, even and works on Sundays."""
    manner: tuple[str, ...] = (
        "identifiers",
        "geography",
        "rhythm",
        "origin",
        "credentials",
        "state",
        "campaign",
        "drift",
    )
    """Families that show how people were read, not how many: a busy day has none of them, an intruder has one."""
    data_access: tuple[str, ...] = ("volume", "novelty", "identifiers", "geography", "rhythm", "campaign", "drift")
    """Families that show reading: an alert needs one of them."""


@dataclass(frozen=True, slots=True)
class Alerting:
    """When an account-night is put before a person."""

    counts: float = 2.0
    """Points from which a family counts as present: one night in a hundred."""
    record: float = 3.0
    record_least: int = 2_000
    record_nights: int = 8
    """More than three times what any account of the portal was shown in eight nights or more, and over 2,000 people
    or rows, needs no second reason: the busiest vaccination centre of a portal is not three times the next."""
    extreme: float = 100.0
    extreme_rows: int = 10_000
    """Nor does a hundred times the account's own usual people over `record_least`, or rows over 10,000: no day's work
    is that. A practice may ask for the list of its patients once a year, and that is up to 7,000 rows."""
    extreme_again: float = 3.0
    """Rows are not extreme up to three times what the account took to where nobody is read on a night before when it
    was not suspicious: such lists never become its usual, and lists of one maker differ by less. Beyond three times
    `extreme_rows` only up to as much as it took, or lists could triple from one night to another."""
    awake_people: int = 100
    """Nor does an account that came back of late and reads a hundred people or more, as one peer in a hundred does."""
    floor_points: float = 10.0
    """Never alert below this sum without the outlier model: one family at its cap does not reach it, two do."""
    max_expected_false: float = 1.0
    """Nor where two nights in three hold more than this many accounts that rang with as many points (a hard rule
    always counts)."""
    calibration_nights: int = 28
    """Nights replayed before an expected number of false alerts is claimed."""
    ceiling: int = 20
    ceiling_accounts: int = 400_000
    ceiling_least: int = 3
    """Places of a night's list: 20 for 400,000 accounts, at least 3; a ceiling, not a quota."""
    case_nights: int = 7
    """A case continues until this many nights pass without a further hit."""
    tourists: float = 0.5
    """In the season up to half of a pharmacy's people come from departments that it seldom reads; a national list has
    nine in ten from there, one that is mixed with local people two in three."""
    tourists_people: float = 2.0
    """Nor do they double a pharmacy's usual number of people and more: those had to stand at the counter."""
    desk_people: int = 300
    """At its own desk it takes 300 people from elsewhere in a night: an office that works through a list of letters has
    fewer, an intruder who took the desk itself has more."""
    flood_people: int = 60
    flood: float = 5.0
    """Nor does a quiet desk see sixty people from elsewhere who are five times all whom it usually reads."""
    home_people: int = 700
    home_far: float = 0.45
    home_placed: float = 0.8
    """Vaccination centres, nursing homes and stand-ins read the people of their own place through a network new to the
    account: up to 700 a night, one a minute for twelve hours, and no more than 45 % from departments it seldom reads (a
    number tells where somebody was born, and many live elsewhere). There a new network or an even pace is no second
    kind of evidence. Only where the departments of four in five are known."""
    switches: int = 3
    switches_usual: float = 3.0
    """A session is in two places when it changed networks three times, and over three times as often as the account's
    do: who carries a telephone goes there and back."""
    link_chance: float = 1e-3
    """A shared value links accounts when chance would do so less often than this, after all values tested."""
    run_accounts: int = 3
    """Suspicious accounts that must share a run of numbers: two families may have theirs from one maternity ward."""
    link_new_nights: int = 14
    """A shared address must be this new to the accounts it links."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a run."""

    portal: Portal = field(default_factory=Portal)
    baselines: Baselines = field(default_factory=Baselines)
    families: Families = field(default_factory=Families)
    alerting: Alerting = field(default_factory=Alerting)
    drifting: Drifting = field(default_factory=Drifting)
    desks: Desks = field(default_factory=Desks)
    second_desk: SecondDesk = field(default_factory=SecondDesk)
    more_strangers: MoreStrangers = field(default_factory=MoreStrangers)
    another_hand: AnotherHand = field(default_factory=AnotherHand)
    shifting: Shifting = field(default_factory=Shifting)
    fleet: FleetTest = field(default_factory=FleetTest)
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
