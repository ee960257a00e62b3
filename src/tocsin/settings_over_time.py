"""Thresholds of what shows over several nights, or over many accounts at once; each with its reason."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OlderNights:
    """What nights teach that are no longer held in full: sums of six features of volume and novelty (model.older)."""

    days: int = 180
    """A block of nights is let go of when its first one is half a year old: a season and the one before; 0 forgets
    all that is no longer held in full."""
    block_days: int = 28
    """Nights summed together, four of each weekday."""
    weight: float = 0.5
    """An older night weighs half as much as one of the last four weeks: what is usual follows a season."""


@dataclass(frozen=True, slots=True)
class AddingUp:
    """When evidence that adds up night after night (model.drift) is put before a person, whatever it is of."""

    allowance: float = 1.0
    most_a_night: float = 3.0
    least: float = 6.0
    least_nights: int = 4
    nights_before: int = 14
    """Nights watched before the portal's own level is known."""
    others: int = 3
    level_nights: int = 28
    """The level is the third highest sum of different accounts in four weeks, what the portal is used to: about one
    false name in ten nights."""
    tops: int = 20
    """Sums remembered a night."""


@dataclass(frozen=True, slots=True)
class Drifting(AddingUp):
    """When a little too much, night after night, is put before a person."""

    families: tuple[str, ...] = ("identifiers", "geography", "origin")
    """Families whose points add up. How many and how new are left out: vaccination centres have that for weeks."""
    allowance: float = 1.5
    """Points a night that nobody counts: the noise of one family."""
    most_a_night: float = 8.0
    """One wild night is not drift."""
    least: float = 6.0
    """Never ring below this sum: four nights of a family plainly present."""
    least_nights: int = 3
    """Two wild nights are no drift either."""


@dataclass(frozen=True, slots=True)
class Desks:
    """Which networks are an account's own, and when it works at its old desk beside a new one."""

    new_days: int = 14
    """A network counts as new for two weeks: an intruder comes back, and one who starts slowly must not be at home on
    his second night."""
    settling_days: int = 5
    """Days of an account in which its networks are its own: one working week."""
    held_days: int = 90
    """A network that was not used for three months is new again."""
    familiar_share: float = 0.25
    familiar_people: float = 3.0
    """A network is no desk of the account where it saw fewer than a quarter of the people whom the account would know,
    and at least three were to be expected: nobody's list has them, everybody's practice does."""
    recent_days: int = 45
    """Where that cannot be told (an account hardly sees anybody twice), none that it uses for less than six weeks."""
    desk_nights: int = 5
    desk_people: int = 1
    carries_on: float = 0.5
    """An old desk is known after five nights, from one person a night on (median); it carries on from half of that."""
    usual: float = 1.5
    """Half as many again as usual (median) do not count: telephones bring new networks, with strangers, daily."""
    busy: float = 0.25
    lists: int = 200
    """Lists of more than 200 rows beyond the usual, sent to a network that sees less than a quarter of the people of an
    ordinary night, are not learned: who works there reads people, who takes lists home could as well be somebody
    else."""
    company_least: int = 5
    company_times: float = 3.0
    """Accounts of five structures behind one address, and three times as many as it is known to have, are company of a
    sort that it never had: shared surgeries and telephones of one provider have fewer."""
    company_adds: int = 2
    """A night adds two, or a quarter, to what an address is known to have: one night's robot does not teach that it is
    a group's way out."""


@dataclass(frozen=True, slots=True)
class SecondDesk(AddingUp):
    """When strangers read night after night at a second desk (Desks), beside the usual work, are put before a person.

    Counted in tens of people, so that points of the sum read like others.
    """

    allowance: float = 1.0
    """Ten strangers a night that nobody counts: visits with a telephone, a colleague's computer."""
    most_a_night: float = 3.0
    """Thirty a night are enough: the busiest must not drown the others."""
    least: float = 6.0
    """Never ring below this sum: three busy nights, or six of twenty strangers."""
    least_nights: int = 4
    """An intruder who means to stay comes four times; a substitute's long weekend ends before."""


@dataclass(frozen=True, slots=True)
class MoreStrangers(AddingUp):
    """When more people never read before than usual, night after night, are put before a person.

    Counted in spreads of the account's own nights, as points.
    """

    settling_days: int = 5
    own_nights: int = 7
    """Nights, after its first days, on which an account was active: a mean and a spread need them."""
    least_spread: float = 1.0
    """No account is steadier than chance alone would have it."""
    most_spreads: float = 8.0
    """Spreads above the usual of which more says nothing more."""
    peers: int = 20
    """Accounts of a profession from which on what they share tonight is taken off."""
    older_weight: float = 1.0
    """A night that is no longer held in full (model.older) weighs as much as one that is: who stays must not become the
    usual. With half of it a pharmacy in a flu peak is named less often, and so is who spoiled the history."""
    peer_nights: float = 5.0
    """The most nights that the usual of the profession weighs in an account's own: a working week."""
    allowance: float = 1.0
    """One spread a night that nobody counts: every third night has it, but hardly ever five in a row."""
    most_a_night: float = 3.0
    """One wild night is not drift."""
    least: float = 6.0
    """Never ring below this sum: four nights two spreads and a half above the usual."""
    least_nights: int = 4
    """A substitute's long weekend, a day of vaccination and the day after it are no drift."""
    crowd: int = 300
    crowd_apart: float = 0.05
    """Weeks at a vaccination centre are none either: so many people of the account's own place whom it never read, all
    but a twentieth from where it always works and in opening hours. A slow intruder takes twenty to sixty a day; from
    three hundred on a night is judged by itself."""


@dataclass(frozen=True, slots=True)
class AnotherHand(AddingUp):
    """When people and hours that are somebody else's, night after night (model.hands), are put before a person.

    Counted in natural logarithms of how much likelier the night is with somebody else.
    """

    half_life: float = 20.0
    """Nights of work after which what was learned counts half."""
    first_nights: int = 2
    """Everybody is new on an account's first nights."""
    own_nights: int = 5
    """Nights of work from which on its people and hours are its own: a working week."""
    people: float = 10.0
    """A night teaches as much as ten people: one big day must not be the habit."""
    least_people: float = 3.0
    """With fewer people learned nothing is usual."""
    most_strangers: float = 0.65
    """An account that never saw two in three of its people before cannot be told from somebody else: a pharmacy."""
    least_share: float = 0.02
    """No account's share of strangers is taken for less than one in fifty, or for more than all but one in fifty: a
    month of nights does not show more."""
    others_share: float = 0.85
    """Somebody else hardly knows anybody: chance acquaintances of a town."""
    others_more: float = 0.3
    """Nor fewer strangers than three tenths of the way from the account's own share to nobody known."""
    people_counted: float = 4.0
    """People of one family, one list or one ward come together: a night counts as four at most."""
    most_of_people: float = 2.0
    """The most that one night's people say: seven times likelier somebody else, or the owner."""
    hours_lent: float = 4.0
    """Every account is lent four nights of the portal's hours: who worked late once may again."""
    hours_counted: float = 3.0
    """A night's hours follow each other: they count as three at most."""
    most_of_hours: float = 1.0
    """Hours alone never make half of what people do: shifts and seasons move them."""
    peers: int = 20
    """Accounts of a profession from which on what they share tonight is taken off."""
    allowance: float = 0.0
    """Nothing is taken off: a night with the owner's own people and hours counts below zero."""
    most_a_night: float = 3.0
    """What people and hours can say together."""
    least: float = 4.0
    """Never ring below this sum: fifty times likelier somebody else."""
    least_nights: int = 3
    """A day elsewhere and the day after it are no other hand."""


@dataclass(frozen=True, slots=True)
class Shifting:
    """When many accounts move at once, so that it is the logs or a fleet, and no account by itself."""

    moved: float = 3.0
    """Points from which an account's figure has moved: one ordinary night in a thousand."""
    share: float = 0.05
    accounts: int = 20
    """Over one account in twenty, and twenty of them: fifty times what ordinary nights have."""
    common: float = 0.2
    """Of a figure that never says as much as `moved` by itself (new networks and browsers, refused logins) over one
    account in five with `present` points: twenty times what ordinary nights have."""
    present: float = 2.0
    alone: float = 0.8
    """When four in five of them show no second family of evidence, it is the logs or a software, not an intruder."""
    times: float = 2.0
    """A change is twice as many as ever of late on nights of the same kind, open or closed: night duties that go round
    and Sundays on call move as many every time."""
    before_nights: int = 7
    """Nights known before anything is a change: whoever has night duty every second week moves after one week."""
    usual_nights: int = 28
    """Nights after which the highest share of accounts that moved is all but forgotten."""
    accepted_days: int = 7
    """For a week what a person accepted is a shift however few are at work; then all of them had a night of it."""
    as_usual: float = 0.05
    """A night that is so little busier or calmer than usual is as usual, and nothing is said of it."""
    region_apart: float = 0.1
    """A region is named beside its profession when the two are so far apart: less is noise of a few dozen accounts."""


@dataclass(frozen=True, slots=True)
class FleetTest:
    """When accounts of one software or profession that hurry at the same hour are said in one line (verdict.fleet)."""

    moved: float = 3.0
    """Points from which an account hurried: one ordinary night in a thousand."""
    minutes: int = 120
    """They hurried together within two hours: whoever runs through a list of accounts takes a while."""
    accounts: int = 5
    share: float = 0.02
    """At least five of them, and two in a hundred of the group's accounts of the night: three are chance."""
    share_untold: float = 0.01
    """Of all accounts whose software the logs do not tell one in a hundred: they are the accounts of several."""
    times: float = 1.5
    """And more than half as many again as ever hurried together: software renews rights every week."""
    again_days: int = 7
    accounts_again: int = 3
    """For a week after a crowd that nobody accepted its nights are no habit, and three more are no chance, unless the
    group is so large that they are less than two in a hundred."""
    nights: int = 40
    """Nights held: a month's end and the next."""
    nights_before: int = 14
    """Nights watched before a software is known."""
    own: tuple[str, ...] = ("identifiers", "geography", "origin", "credentials", "state")
    """Families of which an account must show one (`alerting.counts`) for its fleet to add to its points: haste and pace
    are what software that renews rights brings to everybody."""
    own_chance: float = 0.05
    """And only where so many of the fleet show one that chance explains it less often than once in twenty such fleets,
    by the share of the night's other accounts: of a hundred whose rights are renewed one or two always do."""
