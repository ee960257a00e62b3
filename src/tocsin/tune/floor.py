"""The floor: what a tuning may not lower without somebody who accepts the risk by name (tuning in tocsin.yml)."""

from tocsin.rules.rule import Correlation
from tocsin.tune.knobs import Knob
from tocsin.tune.suggest import lost_cases
from tocsin.tune.tuning import Answer
from tocsin.words import _


def below_floor(answer: Answer) -> list[str]:
    """Say in what an answer goes below the floor of the settings; nothing where it does not."""
    floor, told = answer.ground.settings.tuning, []
    for knob, value in answer.chosen.items():
        if knob.is_family:
            if value < floor.cap:
                text = _("the cap of {family} would be {value:g}, the floor is {floor}")
                told.append(text.format(family=_(knob.name), value=value, floor=floor.cap))
            continue
        rule = answer.ground.rules.by_name[knob.name]
        assert isinstance(rule, Correlation)  # noqa: S101 only correlations are tuned
        text, shipped, below = _of_rule(knob, value, rule, floor.raised)
        if below:
            shown = {"value": knob.said(value), "shipped": knob.said(shipped), "floor": f"{floor.raised:g}"}
            told.append(text.format(rule=knob.name, **shown))
    lost = lost_cases(answer.before[1], answer.after[1])
    if lost:
        told.append(_("confirmed cases would no longer ring: {names}").format(names=", ".join(lost)))
    return told


def _of_rule(knob: Knob, value: float, rule: Correlation, raised: float) -> tuple[str, float, bool]:
    """Give the sentence, the shipped value and whether the value is further from it than may be."""
    if knob.is_timespan:
        shipped = rule.timespan.total_seconds()
        text = _("{rule} would look back {value}, the shipped {shipped} by {floor} is the floor")
        return text, shipped, value * raised < shipped
    if knob.is_factor:
        shipped = float(rule.baselines[0].factor)
        text = _("{rule} would ask for {value} times the usual, {floor} times the shipped {shipped} is the floor")
        return text, shipped, value > raised * shipped
    shipped = float(rule.condition.value)
    downwards = rule.condition.operator in ("lt", "lte")
    below = value * raised < shipped if downwards else value > raised * shipped
    return _("{rule} would be {value}, {floor} times the shipped {shipped} is the floor"), shipped, below
