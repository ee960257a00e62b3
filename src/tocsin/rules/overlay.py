"""Overlays: what a region sets of the shipped rules, in files of its own that an update leaves alone."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import TypeVar

from tocsin.errors import Place, RuleError, RuleErrors
from tocsin.rules.comparisons import SOURCE, Tuning
from tocsin.rules.files import read_documents
from tocsin.rules.lint import Faults
from tocsin.rules.load import Doubtful, read_rules
from tocsin.rules.overlay_file import Calendar, FamilyTuning, Overlay, read_overlay
from tocsin.rules.rule import Correlation, Detection, RuleSet
from tocsin.words import _

R = TypeVar("R", Detection, Correlation)


@dataclass(frozen=True, slots=True, order=True)
class Expired:
    """What an overlay set, of a rule or of a family, and until which night."""

    place: Place
    what: str
    until: date

    def __str__(self) -> str:
        text = _("{place}: {what} held until {until} and is no longer applied")
        return text.format(place=self.place, what=self.what, until=self.until)


@dataclass(frozen=True, slots=True)
class Overlays:
    """All the overlays of a run; `sha256` is of what they say."""

    overlays: tuple[Overlay, ...] = ()
    sha256: str = ""
    warnings: tuple[RuleError, ...] = ()

    @property
    def tunings(self) -> tuple[tuple[str, Tuning], ...]:
        """What is set of which rule; what has priority comes first."""
        every = [pair for overlay in self.overlays for pair in overlay.tunings]
        return tuple(sorted(every, key=lambda pair: (-pair[1].priority, pair[1].place)))

    def holding(self, words: Collection[str], profile: Mapping[str, str | None], night: date) -> list[Tuning]:
        """Give what is set of a rule (one of its words) for a profile on a night; what has priority comes last."""
        return [one for rule, one in reversed(self.tunings) if rule in words and one.holds(profile, night)]

    def for_some(self, words: Collection[str], profile: Mapping[str, str | None], night: date) -> list[Tuning]:
        """Give what is set of a rule on a night for some accounts of a profile that leaves columns open (None)."""
        known = {column: value for column, value in profile.items() if value is not None}
        return [
            one
            for rule, one in self.tunings
            if rule in words
            and not one.holds(profile, night)
            and one.holds({column: values[0] for column, values in one.when.items()} | known, night)
        ]

    @property
    def calendars(self) -> tuple[Calendar, ...]:
        """Zones and holidays that differ from the portal's; what has priority comes first."""
        return tuple(one.calendar for one in reversed(self.by_priority) if one.calendar is not None)

    def budget(self, profile: Mapping[str, str | None]) -> int | None:
        """Give the places on the list that the accounts of a profile have of their own; None where nothing is said."""
        said = [one for one in self.by_priority if one.budget is not None and one.covers(profile)]
        return said[-1].budget if said else None

    @property
    def sources(self) -> frozenset[str]:
        """The names of sources that the overlays are for."""
        return frozenset(name for one in self.overlays for name in one.when.get(SOURCE, ()))

    def unread(self, read: Collection[str]) -> tuple[str, ...]:
        """Say which sources overlays are for that are not among those read (names of sources)."""
        text = _("{place}: no file that was read is of the source '{source}', they are of {known}")
        return tuple(
            text.format(place=one.place, source=name, known=", ".join(sorted(read)))
            for one in self.overlays
            for name in one.when.get(SOURCE, ())
            if read and name not in read
        )

    @property
    def by_priority(self) -> tuple[Overlay, ...]:
        """The overlays, what has priority last: of several that cover an account the last one counts."""
        return tuple(sorted(self.overlays, key=lambda one: one.priority))

    def caps(self, night: date) -> tuple[tuple[Overlay, FamilyTuning], ...]:
        """Give the caps of families that hold on a night, with the overlay that says for whom; priority last."""
        every = ((one, family) for one in self.by_priority for family in one.families)
        return tuple((one, family) for one, family in every if family.until is None or night <= family.until)

    def expired(self, night: date) -> tuple[Expired, ...]:
        """List what no longer holds on a night, in the order of files and lines."""
        of_rules = [Expired(t.place, f"{rule}: {t.key}", t.until) for rule, t in self.tunings if t.until is not None]
        of_families = [
            Expired(family.place, f"families: {family.family}", family.until)
            for one in self.overlays
            for family in one.families
            if family.until is not None
        ]
        return tuple(sorted(one for one in (*of_rules, *of_families) if one.until < night))


def load_overlays(paths: Sequence[Path], rules: RuleSet) -> Overlays:
    """Load overlay files, and folders with all below them. Raises RuleErrors with every fault of every file."""
    faults = Faults()
    overlays = _read(paths, rules, faults, Doubtful())
    faults.refuse()
    return overlays


def load_rules_and_overlays(
    paths: Sequence[Path], fallback: Sequence[Path], regions: Path | None
) -> tuple[RuleSet, Overlays]:
    """Load rules (load_rules) and the overlays of a folder over them; none where no folder is given.

    Raises RuleErrors with every fault of both: those of the rules first.
    """
    of_rules, of_overlays = Faults(), Faults()
    rules, doubtful = read_rules(paths, fallback, of_rules)
    overlays = _read([regions], rules, of_overlays, doubtful) if regions else Overlays()
    if of_rules.errors or of_overlays.errors:
        raise RuleErrors((*of_rules.errors, *of_overlays.errors))
    return rules, overlays


def _read(paths: Sequence[Path], rules: RuleSet, faults: Faults, doubtful: Doubtful) -> Overlays:
    documents = read_documents(paths, faults, within_regions=True)
    every = (read_overlay(node, rules, faults, doubtful) for node in documents)
    read = [overlay for overlay in every if overlay is not None]
    overlays = Overlays(tuple(sorted(read, key=lambda one: one.place)))
    _check_conflicts(overlays, faults)
    _check_shared(overlays, faults)
    texts = sorted(json.dumps(node.value, sort_keys=True, default=str) for node in documents)
    return replace(overlays, sha256=hashlib.sha256("\n".join(texts).encode()).hexdigest(), warnings=faults.warnings)


def tuned(rules: RuleSet, overlays: Overlays) -> RuleSet:
    """Give the rules with what the overlays set of them: one rule set that serves all regions in one pass."""
    if not overlays.overlays:
        return rules
    by_rule: dict[str, list[Tuning]] = {}
    for name, tuning in overlays.tunings:
        by_rule.setdefault(name, []).append(tuning)

    def with_tunings(rule: R) -> R:
        return replace(rule, tunings=tuple(by_rule.get(rule.name, ())))

    return replace(
        rules,
        detections=tuple(with_tunings(rule) for rule in rules.detections),
        correlations=tuple(with_tunings(rule) for rule in rules.correlations),
        sha256=hashlib.sha256(f"{rules.sha256}\n{overlays.sha256}".encode()).hexdigest(),
        warnings=(*rules.warnings, *overlays.warnings),
    )


def _check_conflicts(overlays: Overlays, faults: Faults) -> None:
    """Note what two overlays of one priority set for the same accounts."""
    for (one_rule, one), (other_rule, other) in combinations(overlays.tunings, 2):
        same = one_rule == other_rule and one.key == other.key and one.priority == other.priority
        if same and _meet(one, other):
            message = _("'{key}' of '{rule}' is set for the same accounts at {place}")
            text = message.format(key=one.key, rule=one_rule, place=one.place)
            faults.add("E072", other.place, text, _("give one overlay a priority"))


def _check_shared(overlays: Overlays, faults: Faults) -> None:
    """Note a cap, a budget or a calendar that two overlays of one priority set for the same accounts."""
    for one, other in combinations(overlays.overlays, 2):
        if one.priority != other.priority or not _meet(one, other):
            continue
        hint = _("give one overlay a priority")
        capped = {family.family: family.place for family in one.families}
        for family in other.families:
            if family.family in capped:
                message = _("the cap of '{family}' is set for the same accounts at {place}")
                text = message.format(family=family.family, place=capped[family.family])
                faults.add("E072", family.place, text, hint)
        if one.budget_place and other.budget_place:
            message = _("the budget is set for the same accounts at {place}")
            faults.add("E072", other.budget_place, message.format(place=one.budget_place), hint)
        if one.calendar and other.calendar:
            message = _("the calendar is set for the same accounts at {place}")
            faults.add("E072", other.calendar.place, message.format(place=one.calendar.place), hint)


def caps_without_effect(overlays: Overlays, caps: Mapping[str, float]) -> tuple[RuleError, ...]:
    """List the caps of overlays that are above those of the settings: an overlay only lowers a cap."""
    faults = Faults()
    for one in overlays.overlays:
        for family in one.families:
            if family.cap > caps[family.family]:
                message = _("the cap {cap} of '{family}' has no effect, the settings allow at most {most:g}")
                text = message.format(cap=family.cap, family=family.family, most=caps[family.family])
                faults.add("W075", family.place, text, _("raise families.caps in tocsin.yml, or lower this one"))
    return faults.warnings


def _meet(one: Tuning | Overlay, other: Tuning | Overlay) -> bool:
    return all(set(values) & set(other.when.get(column, values)) for column, values in one.when.items())
