"""What an overlay sets, and why: what all of it comes to, and of several values what each alone would."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from tocsin.tune.knobs import Knob
from tocsin.tune.known import Fate
from tocsin.tune.sweep import Sweep
from tocsin.tune.tuning import Answer
from tocsin.words import _


@dataclass(frozen=True, slots=True)
class Changes:
    """What is set, and why."""

    answer: Answer
    today: date
    accepted: str
    season: date | None

    def rules(self) -> dict[str, Any]:
        """Say what is set of the rules that change."""
        said: dict[str, Any] = {}
        for one, value in self.changed():
            said.setdefault(one.knob.name, {})[one.knob.key] = _plain(one.knob, value)
        for name, mine in said.items():
            mine["reason"] = self._why(*(one for one in self.answer.rules if one.knob.name == name))
        return said

    def kept(self) -> dict[str, Any]:
        """Say of which rules today's value stands, and why."""
        changed = {one.knob.name for one, _value in self.changed()}
        rules = (one for one in self.answer.rules if one.knob.name not in changed)
        return {one.knob.name: {"kept": True, "reason": self._why(one)} for one in rules}

    def changed(self) -> list[tuple[Sweep, float]]:
        """List the rules that are to have another value than today's."""
        pairs = ((one, self.answer.chosen.get(one.knob)) for one in self.answer.rules)
        return [(one, value) for one, value in pairs if value is not None and one.effective != (value,)]

    def sets(self) -> set[tuple[str, str]]:
        """List what is set: the keys of rules, and the caps of families."""
        capped = (one.knob for one in self.answer.families if one.knob in self.answer.chosen)
        knobs = [*(one.knob for one, _value in self.changed()), *capped]
        return {(knob.name, knob.key) for knob in knobs}

    def families(self) -> dict[str, Any]:
        """Say which families are capped."""
        said: dict[str, Any] = {}
        for one in self.answer.families:
            value = self.answer.chosen.get(one.knob)
            if value is not None:
                until = {"until": self.season} if self.season else {}
                said[one.knob.name] = {"cap": _plain(one.knob, value), **until, "reason": self._why(one)}
        return said

    def story(self) -> str:
        """Tell what all of it comes to."""
        before, fate_before = self.answer.before
        after, fate_after = self.answer.after
        text = _(
            "Tuned on {today} by a replay of {nights} nights, {first} to {last}. New alerts a night: {before:.2f} "
            "before, {after:.2f} after; the worst night {worst_before} and {worst_after}. {cases}"
        )
        nights = self.answer.ground.nights
        return text.format(
            today=self.today,
            nights=len(nights),
            first=nights[0],
            last=nights[-1],
            before=before.alerts_a_night,
            after=after.alerts_a_night,
            worst_before=before.worst.new,
            worst_after=after.worst.new,
            cases=_cases(fate_before, fate_after, self.answer.planted),
        )

    def _why(self, *knobs: Sweep) -> str:
        """Give the reason of a rule or family: what all that is set comes to, and then what this alone would."""
        answer, (one, *_more) = self.answer, knobs
        nights, several = answer.ground.nights, len(answer.chosen) > 1
        text = _("replay of {first} to {last}: {before:.2f} new alerts a night before, {after:.2f} after")
        if several:
            text = _(
                "replay of {first} to {last}: {before:.2f} new alerts a night before, {after:.2f} after with all that "
                "was set then"
            )
        before, after = answer.before[0].alerts_a_night, answer.after[0].alerts_a_night
        told = [text.format(first=nights[0], last=nights[-1], before=before, after=after)]
        if not one.knob.is_family:
            text = _("{before:.2f} hits a night before, {after:.2f} after")
            told.append(text.format(before=one.today.hits_a_night, after=answer.by_knob[one.knob][0].hits_a_night))
        if several:
            told += [self._alone(sweep.knob) for sweep in knobs if sweep.knob in answer.chosen]
        if self.accepted:
            told.append(_("risk accepted: {reason}").format(reason=self.accepted))
        return "; ".join(told)

    def _alone(self, knob: Knob) -> str:
        _together, alone = self.answer.by_knob[knob]
        text = _("{key} {value} alone would have left {alerts:.2f} new alerts a night")
        key, value = knob.key.rsplit(".", 1)[-1], knob.said(self.answer.chosen[knob])
        return text.format(key=key, value=value, alerts=alone.alerts_a_night)


def _cases(before: Fate, after: Fate, planted: int) -> str:
    known = len(before.rings) + len(before.silent)
    if not known:
        return _("No case was known.")
    text = _(
        "Confirmed cases that ring: {before} of {known} before, {after} after; people read before the alert: "
        "{read_before:,} and {read_after:,}."
    )
    if planted:
        text = _(
            "Cases that ring, {planted} of them planted: {before} of {known} before, {after} after; people read before "
            "the alert: {read_before:,} and {read_after:,}."
        )
    return text.format(
        planted=planted,
        before=len(before.rings),
        after=len(after.rings),
        known=known,
        read_before=before.read_before,
        read_after=after.read_before,
    )


def _plain(knob: Knob, value: float) -> int | float | str:
    if knob.is_timespan:
        return knob.said(value)
    return int(value) if float(value).is_integer() else float(value)
