"""How evidence is weighed, and when it is put before a person: each threshold and weight with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field


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
    noise: float = 1.5
    """A family below this says nothing and adds nothing: with six features in a family one night in five has a 1.00."""
    weak: float = 2.5
    """The most that a new address, network, country or browser, an address shared as never before, refused logins or
    rights handed on say by themselves: boxes, telephones and locums bring one every day, everybody mistypes a password,
    and practices delegate."""
    known_share: float = 0.25
    """When fewer than this share of a night's people are new to the account, it read people it knows."""
    known_usual: float = 0.5
    """Or fewer than half of its usual share: who reads twice as many familiar people as usual renews their rights."""
    known_volume: float = 4.0
    """The most volume may say then: software that renews the rights of a practice's own people reads all of them."""
    known_answers: float = 2.0
    """And it was sent at most twice the usual rows and bytes a person: an export shows many people and names none."""
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
    extreme_closed: int = 5_000
    """Of rows that are sent at night or on closed days half as many are enough: that list is asked for by day."""
    extreme_kilobytes: int = 7_000
    """Where the logs tell no rows: 10,000 people at 679 bytes each, as in the case of 2024; at night and on closed days
    half as many here too."""
    extreme_again: float = 3.0
    """Rows are not extreme up to three times what the account took to where nobody is read on a night before when it
    was not suspicious: such lists never become its usual, and lists of one maker differ by less. Beyond three times
    `extreme_rows` only up to as much as it took, or lists could triple from one night to another."""
    awake_people: int = 100
    """Nor does an account that came back of late and reads a hundred people or more, as one peer in a hundred does."""
    floor_points: float = 10.0
    """Never alert below this sum without the outlier model: one family at its cap does not reach it, two do."""
    adds_up_points: float = 8.0
    """What adds up over nights needs no second kind of evidence, but this sum: two of these points are tonight's."""
    max_expected_false: float = 1.0
    """Nor where two nights in three hold more than this many accounts that rang with as many points (a hard rule
    always counts)."""
    calibration_nights: int = 28
    """Nights replayed before an expected number of false alerts is claimed."""
    calibration_kept: int = 180
    """Nights whose scores are remembered: half a year says what is ordinary, and what has changed since fades."""
    calibration_scores: int = 200_000
    """Scores that a profession on a class of day needs to speak for itself: one in 200,000 is two accounts of the
    largest portals. Below, the profession on all days speaks, else the whole portal."""
    tail_scores: int = 100
    """Where that many scores are held, the hundred highest of those that rang are told by a law of tails (generalised
    Pareto), as the last few of them came by chance."""
    ordinary: float = 0.9
    """A night counts for no more names than chance brings one night in ten: attacks come in bursts (decision 12)."""
    calm_nights: int = 3
    """One night in so many may hold less than what is ordinary: the weekends of a portal that rests."""
    ceiling: int = 20
    ceiling_accounts: int = 400_000
    ceiling_least: int = 3
    """Places of a night's list: 20 for 400,000 accounts, at least 3; a ceiling, not a quota."""
    drift_each: int = 5
    """Where not all fit, one place in five goes to who rings by what adds up over nights: it has few points a night."""
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
    link_floor: float = 0.5
    """Accounts that are looked at for links: half the points of an alert, for a link may lift them over it."""
    link_rare: int = 2
    """A value that more than twice as many accounts use as it links is nothing that these have in common."""
    link_holds: int = 2
    """Groups of accounts are one campaign when two links tie them, or one that two of each share: one may be chance."""
    run_accounts: int = 3
    """Suspicious accounts that must share a run of numbers: two families may have theirs from one maternity ward."""
    run_together: int = 2
    """Runs that share two accounts are parts of one sequence; that one account had both might be chance."""
    run_numbers: int = 15
    run_coverage: float = 0.6
    """A run is dealt over accounts where it has fifteen numbers, and three in five of those it spans: of a town with
    hundreds of births a month one in five is read on an ordinary night, by chance."""
    dealt_accounts: int = 5
    """Accounts that a run must be dealt over, each of another structure: one that asked for many of its numbers shows
    it by itself, and the newborn of a maternity ward have numbers that follow each other."""
    dealt_numbers: int = 3
    dealt_share: float = 0.05
    """An account belongs to the night's runs by three numbers, and one in twenty of all strangers it asked for: a
    patient of the town may be in one by chance, and of many people several."""
    dealt_evenly: float = 0.25
    """And by a quarter of what the middle account has of the sequence: who works in the town meets a few of them."""
    onset_minutes: int = 10
    onset_accounts: int = 3
    """Suspicious accounts that began within ten minutes, three of them: who starts a program for many starts it once,
    and two suspects meet by chance."""
    link_new_nights: int = 14
    """A shared address must be this new to the accounts it links."""
    link_known_days: int = 90
    """Days after which an origin that an account did not use counts as new again, and before which nothing is looked
    at: as long as a network stays known (desks.held_days)."""
