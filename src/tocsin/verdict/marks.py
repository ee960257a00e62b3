"""How far a session is from what an account's own were like, measure by measure, in words."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tocsin.settings_sessions import Sessions
from tocsin.verdict.habits import HOSTED, Crowd, Habits, family, is_own_place, is_paced
from tocsin.verdict.stretches import Stretch
from tocsin.words import _, ngettext


@dataclass(frozen=True, slots=True)
class Mark:
    """What one measure says of a session: positive points speak for an intruder, negative ones for the owner."""

    measure: str
    points: float
    words: str
    known: int = 0
    """Of the measure `people`: how many of them the account knew."""


def is_robot(found: Sequence[Mark], rules: Sessions) -> bool:
    """Say whether it read as no person does: too fast, or one number after another."""
    return any(mark.measure == "order" or (mark.measure == "pace" and mark.points >= rules.robot) for mark in found)


def marks(one: Stretch, crowd: Crowd, own: Habits, rules: Sessions, *, at_home: bool) -> tuple[Mark, ...]:
    """Compare a session with the account's own earlier ones; a measure that the logs cannot tell is left out."""
    told = own.nights >= rules.own_nights
    origin = _capped(
        [
            *([_network(one, own, rules, at_home=at_home), _device(one, own, rules)] if told else []),
            _hosted(one, own, rules),
        ],
        rules.origin_most,
    )
    reading = [_order(one, rules), _missing(one, rules)]
    if one.strand is not None:  # by its making, whom it knows and from where says nothing
        reading.append(_strand(one, crowd, own, rules))
    elif told:
        reading = [_people(one, crowd, own, rules), _regions(crowd, own, rules), *reading]
    rest = [_at_once(one, own, rules), _pace(one, own, rules), _hours(one, own, rules) if told else None]
    return tuple(mark for mark in (*origin, *rest, *_capped(reading, rules.reading_most)) if mark is not None)


def _capped(found: Sequence[Mark | None], most: float) -> list[Mark]:
    """Let measures that tell the same thing together say no more than `most`."""
    kept: list[Mark] = []
    left = most
    for mark in sorted((m for m in found if m is not None), key=lambda m: -abs(m.points)):
        points = min(mark.points, max(left, 0.0)) if mark.points > 0 else mark.points
        left -= points
        kept.append(replace(mark, points=round(points, 2)))
    return kept


def _network(one: Stretch, own: Habits, rules: Sessions, *, at_home: bool) -> Mark | None:
    if one.network is None:
        return None
    nights = own.networks[one.network]
    if at_home:
        return Mark("network", -rules.known_network / rules.known_loosely, _("a network that its people come back to"))
    if nights >= rules.known_nights and not is_own_place(one, own, rules):
        text = _("another address of a network it used on {n} earlier nights")
        return Mark("network", -rules.known_network / rules.known_loosely, text.format(n=nights))
    if nights >= rules.known_nights:
        text = ngettext("a network it used on {n} earlier night", "a network it used on {n} earlier nights", nights)
        return Mark("network", -rules.known_network, text.format(n=nights))
    if nights:
        return Mark("network", -rules.known_network / rules.known_loosely, _("a network it used once before"))
    points = _rarity(own.new_networks, own.sessions)
    text = _("a network it never used ({network}, {n} of its {all} own sessions came from a new one)")
    return Mark("network", points, text.format(network=one.network, n=own.new_networks, all=own.sessions))


def _device(one: Stretch, own: Habits, rules: Sessions) -> Mark | None:
    if one.device is None or not own.devices:
        return None
    nights = own.devices[one.device]
    if nights >= rules.known_nights:
        return Mark("device", -rules.known_device, _("a browser it used before"))
    if nights or family(one.device) in own.families:
        return Mark(
            "device", -rules.known_device / rules.known_loosely, _("a browser it used before, or another version of it")
        )
    return Mark("device", _rarity(own.new_devices, own.sessions), _("a browser it never used"))


def _hosted(one: Stretch, own: Habits, rules: Sessions) -> Mark | None:
    if one.network_type not in HOSTED or own.hosted:
        return None
    return Mark("hosted", rules.hosted, _("a {kind} network").format(kind=one.network_type))


def _at_once(one: Stretch, own: Habits, rules: Sessions) -> Mark | None:
    """Blame the stranger of two networks under one session id."""
    mine = own.networks[one.network or ""]
    if not one.at_once or mine or not any(own.networks[other] for other in one.at_once):
        return None
    text = _("the same session at work on {network} at the same time")
    return Mark("at once", rules.at_once, text.format(network=one.at_once[0]))


def _pace(one: Stretch, own: Habits, rules: Sessions) -> Mark | None:
    gap = one.gap_seconds
    if gap is None or not is_paced(one, rules):
        return None
    robot = gap <= rules.robot_gap_seconds and one.asked >= rules.robot_asked
    if len(own.gaps) < rules.own_nights:
        return Mark("pace", rules.robot, _("{gap:g} s from person to person").format(gap=gap)) if robot else None
    usual = float(np.median(own.gaps))
    text = _("{gap:g} s from person to person, usually {usual:.0f} s").format(gap=gap, usual=usual)
    if gap >= usual:
        return Mark("pace", -rules.usual_pace, text)
    as_fast = sum(rules.as_fast * before <= gap for before in own.gaps)
    points = min(_rarity(as_fast, len(own.gaps)), rules.robot)
    return Mark("pace", max(points, rules.robot if robot and not as_fast else 0.0), text)


def _hours(one: Stretch, own: Habits, rules: Sessions) -> Mark | None:
    total = sum(one.hours.values())
    if not total:
        return None
    least = {weekend: max(1.0, rules.hour_nights * own.nights_of[weekend]) for weekend in (False, True)}
    odd = sum(n for hour, n in one.hours.items() if own.hours[hour] < least[hour[0]]) / total
    weekend = max(one.hours, key=lambda hour: one.hours[hour])[0]
    sure = min(1.0, own.nights_of[weekend] / rules.own_nights)
    text = _("{share:.0%} of it in hours in which the account never worked").format(share=odd)
    if odd < 0.5:
        text = _("in its usual hours")
    return Mark("hours", round(sure * (rules.odd_hours * odd - rules.usual_hours * (1 - odd)), 2), text)


def _people(one: Stretch, crowd: Crowd, own: Habits, rules: Sessions) -> Mark | None:
    """Weigh how many of the people the account knew: the owner's usual share against that of somebody who knows few."""
    if not one.people or not own.shares:
        return None
    known, people = crowd.known, crowd.people
    usual, firm = _usual_share(own.shares, rules)
    law, stranger = (firm * usual, firm * (1 - usual)), (rules.stranger_known, rules.stranger_unknown)
    points = _likelier(known, people, stranger, law)
    if known >= max(rules.familiar, rules.familiar_share * usual * people):
        points = min(points, -rules.familiar_least)
    if known >= usual * people:
        points = min(points, _likelier(math.ceil(usual * people), people, stranger, law), 0.0)
    text = _("{known} of {n} people known to the account, usually {usual:.0%}")
    if crowd.sessions > 1:
        text = _("{known} of {n} people read from this network known to the account, usually {usual:.0%}")
    return Mark(
        "people",
        round(float(np.clip(points, -rules.known_people, rules.unknown_people)), 2),
        text.format(known=known, n=people, usual=usual),
        known,
    )


def _usual_share(shares: Collection[tuple[int, int]], rules: Sessions) -> tuple[float, float]:
    """Give the account's share of known people, and how firm it is from session to session (by moments)."""
    usual = (sum(k for k, _n in shares) + 1) / (sum(n for _k, n in shares) + 2)
    by_chance = usual * (1 - usual)
    several = [(k, n) for k, n in shares if n >= rules.several]
    beyond = sum((k - n * usual) ** 2 - n * by_chance for k, n in several)
    alike = beyond / max(sum(n * (n - 1) * by_chance for _k, n in several), 1.0)
    return usual, 1 / min(max(alike, rules.alike_least), rules.alike_most) - 1


def _regions(crowd: Crowd, own: Habits, rules: Sessions) -> Mark | None:
    """Weigh how many come from departments that are foreign to the account's people."""
    total, asked = sum(own.regions.values()), sum(crowd.regions.values())
    if total < rules.foreign_people or not asked:
        return None
    near = {region for region, n in own.regions.items() if n >= rules.foreign_share * total}
    usual = (sum(n for region, n in own.regions.items() if region not in near) + 1) / (total + 2)
    far = sum(n for region, n in crowd.regions.items() if region not in near)
    law = (rules.foreign_firm * usual, rules.foreign_firm * (1 - usual))
    points = _likelier(far, asked, (rules.stranger_foreign, rules.stranger_near), law)
    points = points if far > usual * asked else min(points, 0.0)
    text = _("{share:.0%} of the people from departments foreign to it, usually {usual:.0%}")
    points = float(np.clip(points, -rules.foreign_least, rules.foreign_most))
    return Mark("departments", round(points, 2), text.format(share=far / asked, usual=usual))


def _strand(one: Stretch, crowd: Crowd, own: Habits, rules: Sessions) -> Mark | None:
    """Weigh how many people a strand read tonight, against the nights that seem to be the owner's."""
    if one.strand == "returning":
        return Mark("strand", -rules.known_people, _("people whom the account read on other nights"))
    before = own.strands.get(one.strand or "", [])
    if own.nights < rules.own_nights:
        return None
    most, people = max(before, default=0), crowd.strand
    words = {
        "near": _("{n} people tonight who never came back, from its departments, at most {most} before"),
        "far": _("{n} people tonight who never came back, from foreign departments, at most {most} before"),
    }
    text = words[one.strand or "far"].format(n=people, most=most)
    if people <= most:
        return Mark("strand", -rules.strand_usual, text)
    points = _rarity(0, own.nights) + rules.strand_more * math.log10(people / max(most, 1))
    return Mark("strand", round(min(points, rules.unknown_people), 2), text)


def _order(one: Stretch, rules: Sessions) -> Mark | None:
    if one.asked < rules.pace_asked or one.steps < rules.in_order_share * one.asked:
        return None
    text = _("{share:.0%} of the numbers follow the one before").format(share=one.steps / one.asked)
    return Mark("order", rules.in_order, text)


def _missing(one: Stretch, rules: Sessions) -> Mark | None:
    if one.asked < rules.pace_asked or one.missing < max(rules.missing_least, rules.missing_share * one.asked):
        return None
    text = _("{share:.0%} of the numbers do not exist").format(share=one.missing / one.asked)
    return Mark("missing", rules.missing, text)


def _rarity(seen: int, of: int) -> float:
    """Say in tens how rare it is among the account's own sessions, as if one more had shown it."""
    return round(float(-np.log10((seen + 1) / (of + 2))), 2)


def _likelier(some: int, of: int, stranger: tuple[float, float], owner: tuple[float, float]) -> float:
    """Compare two beta-binomial laws of `some` in `of`, in tens."""
    theirs = _log_beta(some + stranger[0], of - some + stranger[1]) - _log_beta(*stranger)
    mine = _log_beta(some + owner[0], of - some + owner[1]) - _log_beta(*owner)
    return (theirs - mine) / math.log(10)


def _log_beta(one: float, other: float) -> float:
    """Give the logarithm of the beta function; SciPy's is the same and takes a quarter of a second to load."""
    return math.lgamma(one) + math.lgamma(other) - math.lgamma(one + other)
