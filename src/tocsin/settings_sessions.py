"""The measures that tell owner and intruder apart: what each may say, with its reason."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sessions:
    """Whose session it is: each measure says how much likelier an intruder's is than the owner's (1 is ten to one).

    The measures are added up; `verdict/marks.py` holds them.
    """

    intruder: float = 2.0
    """Points from which a session is an intruder's: a hundred to one, because `certain` people get a letter."""
    owner: float = 0.0
    """Points up to which it is the owner's: more like the account's own sessions than not. Between the two: mixed."""
    own_nights: int = 4
    """Earlier active nights an account needs before a session is compared with its own."""
    habit_nights: int = 90
    """Nights before an account was first named whose events tell its habits: a state of years is not read whole."""
    remembered: int = 40
    """Own sessions whose share of known people is remembered: it changes as a practice, and the logs, grow."""
    night_with: float = 1.0
    night_mixed: float = 0.2
    night_without: float = 0.3
    """What a night adds to the sum that finds when the intruder came: with an intruder's session, with a mixed one;
    and what one with neither takes off. Four quiet nights undo one: an odd evening a month before is no beginning."""
    origin_most: float = 1.9
    """The most that network and device may say together: below `intruder`, the owner may have moved house."""
    known_nights: int = 2
    """Nights of use after which a network or browser is known by itself: one may have been the intruder's first."""
    known_network: float = 1.5
    """Taken off for a network the owner used on so many nights: a thief seldom sits there."""
    moving_least: int = 2
    moving_share: float = 0.25
    """An address new to the account on a network that it uses is its own where the line gets new ones: it had more than
    two there, and more than one in four nights."""
    known_device: float = 0.7
    """Taken off for a browser the owner used: thieves carry the same common ones, or copy it."""
    known_loosely: float = 3.0
    """So many times less is taken off for a network or browser that is known loosely: used once, at another address or
    in another version, or only for the people who come back to it."""
    hosted: float = 0.5
    """A hosting, VPN or proxy network, for an account that never used one."""
    at_once: float = 1.0
    """The same session id on two networks at the same time: nobody is in two places, but telephones change masts."""
    company: float = 1.5
    """From a new network or device that an intruder's session of the same account uses too."""
    robot_gap_seconds: float = 6.0
    robot_asked: int = 40
    robot: float = 2.0
    """So many people so quickly one after the other: no hand does that, software of the practice might."""
    as_fast: float = 0.7
    """An own session was as fast when seven tenths of its wait are no longer: waits differ by that from day to day."""
    usual_pace: float = 0.3
    """Taken off for a pace no faster than usual: an intruder may be slow."""
    pace_asked: int = 8
    """Requests a session needs before its pace is compared."""
    in_order_share: float = 0.15
    in_order: float = 1.8
    """One in seven requests for the very next number: people do not come so, but alone it is not enough."""
    missing_share: float = 0.08
    missing_least: int = 3
    missing: float = 0.7
    """Numbers that do not exist, three at least: typing errors are one to four in a hundred."""
    known_people: float = 2.0
    unknown_people: float = 2.5
    """The most that known people may take off, and unknown ones add."""
    stranger_known: float = 0.5
    stranger_unknown: float = 5.0
    """How many of an account's people a stranger meets: one in eleven, and seldom the same (a beta law)."""
    alike_least: float = 0.05
    alike_most: float = 0.5
    """Bounds of how much the people of one session are alike (all known, or all new), from none to wholly."""
    foreign_share: float = 0.02
    """A department that fewer of the account's people come from is foreign to it."""
    foreign_people: int = 50
    """People whose departments must be known of an account before any is foreign to it."""
    foreign_most: float = 1.5
    foreign_least: float = 0.3
    """The most that people of foreign departments add, and those of its own take off: towns near a border have both."""
    stranger_foreign: float = 2.0
    stranger_near: float = 1.0
    """Two in three of a stranger's people are of foreign departments, from none to all (a beta law)."""
    foreign_firm: float = 20.0
    """Observations that the account's own share of foreign departments is worth: it moves with the seasons."""
    strand_people: int = 20
    """People who came back that it takes to know an account's departments where the log does not say who asked: with
    fewer, none is foreign."""
    strand_usual: float = 0.5
    """Taken off where no more of a kind are read than on a night before: the intruder may have begun then."""
    strand_more: float = 2.0
    """Added for ten times as many as on any night before: a hundred to one, as for a session of an intruder."""
    reading_most: float = 3.5
    """The most that people, departments and order of numbers may say together: they tell one thing three times."""
    familiar: int = 5
    familiar_share: float = 0.25
    """So many people whom the account knows, and so much of its usual share, no stranger reads by chance."""
    familiar_least: float = 1.0
    """At least taken off for them: ten to one, whatever the share says."""
    several: int = 3
    """People of a session from which on its share of known ones shows how much the account's sessions differ."""
    odd_hours: float = 1.0
    usual_hours: float = 0.2
    """Added for all of it in hours in which the account never worked, taken off for all of it in familiar hours."""
    hour_nights: float = 0.05
    """An hour is familiar from one night in twenty of its kind on, and from one night."""
    silence_hours: int = 4
    """A session id used again after this silence is a new sitting: some portals never renew theirs."""
    credential_hours: int = 72
    """A reset or a new second factor this long before the first intruder session belongs to the story."""
    pushes: int = 5
    """Second factors asked for within an hour that belong to an intrusion: a login asks for one."""
    phase_minutes: int = 60
    """A silence of the intruder longer than this parts two phases of reading in the story."""
    home_share: float = 0.5
    """Home is the network or browser of half of the nights, or of half of the people."""
    home_least: float = 0.25
    """Of the other of the two it has a quarter: who reads that much beside the owner is named, not overlooked."""
    home_returns: float = 0.5
    """A network is home as well where people come back at least half as often as to where most come back."""
    home_returned: int = 5
    """People who came back that this takes: one or two meet a stranger's list by chance."""
    home_returning: float = 0.05
    """Where fewer of the people come back (an admission desk), coming back says nothing."""
    home_never: float = 0.5
    """Nobody comes back to a place where fewer than half of that share do: chance meets one in a hundred."""
    owners_part: float = 0.02
    """Where the log does not say who asked, people are an intruder's from where the owner usually reads so small a
    part of as many: of the certain ones 98 in 100 are to be right."""
    owners_least: int = 4
    """People of the kind that an owner may have on any busy day, whatever the nights before showed."""
    listed: int = 50
    """Sessions listed a suspect: those of intruders first, then by people."""
