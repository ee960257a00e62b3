"""The floor: what a tuning may not lower without somebody who accepts the risk by name (tuning in tocsin.yml)."""

from typing import TYPE_CHECKING

from tocsin.rules.rule import Correlation
from tocsin.tune.knobs import Knob
from tocsin.tune.known import planted_names
from tocsin.tune.replay import Ground
from tocsin.tune.suggest import lost_cases
from tocsin.words import _

if TYPE_CHECKING:
    from tocsin.tune.tuning import Answer


def below_floor(answer: "Answer") -> list[str]:
    """Say in what an answer goes below the floor of the settings; nothing where it does not."""
    told: list[str] = []
    for knob, value in answer.chosen.items():
        told += [said] if (said := risk_of(knob, value, answer.ground)) else []
    lost, planted = lost_cases(answer.before[1], answer.after[1]), planted_names(answer.cases)
    confirmed, other = ([name for name in lost if (name in planted) == is_planted] for is_planted in (False, True))
    if confirmed:
        told.append(_("confirmed cases would no longer ring: {names}").format(names=", ".join(confirmed)))
    if other:
        told.append(_("planted attacks would no longer ring: {names}").format(names=", ".join(other)))
    return told


def risk_of(knob: Knob, value: float, ground: Ground) -> str:
    """Say in what a value goes below the floor of the settings; empty where it does not."""
    floor = ground.settings.tuning
    if knob.is_family:
        text = _("the cap of {family} would be {value:g}, the floor is {floor}")
        return text.format(family=_(knob.name), value=value, floor=floor.cap) if value < floor.cap else ""
    rule = ground.rules.by_name[knob.name]
    assert isinstance(rule, Correlation)  # noqa: S101 only correlations are tuned
    text, shipped, below = _of_rule(knob, value, rule, floor.raised)
    shown = {"value": knob.said(value), "shipped": knob.said(shipped), "floor": f"{floor.raised:g}"}
    return text.format(rule=knob.name, **shown) if below else ""


def _of_rule(knob: Knob, value: float, rule: Correlation, raised: float) -> tuple[str, float, bool]:
    """Give the sentence, the shipped value and whether the value is further from it than may be."""
    if knob.is_timespan:
        shipped = rule.timespan.total_seconds()
        text = _("{rule} would look back {value}, the shipped {shipped} by {floor} is the floor")
        return text, shipped, value * raised < shipped
    if knob.is_factor:
        shipped = float(rule.baselines[0].factor)
        text = _("{rule} would ask for {value} times the usual, {floor} times the shipped {shipped} is the floor")
        return text, shipped, value > round(raised * shipped, 9)  # 3 times 1.2 is 3.6
    shipped = float(rule.condition.value)
    downwards = rule.condition.operator in ("lt", "lte")
    below = value * raised < shipped if downwards else value > raised * shipped
    return _("{rule} would be {value}, {floor} times the shipped {shipped} is the floor"), shipped, below
