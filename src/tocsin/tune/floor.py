"""The floor: what a tuning may not lower without somebody who accepts the risk by name (tuning in tocsin.yml)."""

from tocsin.rules.rule import Correlation
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
        if knob.is_timespan:
            most = rule.timespan.total_seconds()
            if value * floor.raised < most:
                text = _("{rule} would look back {value}, the shipped {shipped} by {floor:g} is the floor")
                shown = {"value": knob.said(value), "shipped": knob.said(most)}
                told.append(text.format(rule=knob.name, floor=floor.raised, **shown))
            continue
        shipped = rule.condition.value
        raised = value > floor.raised * shipped
        if rule.condition.operator in ("lt", "lte"):
            raised = value * floor.raised < shipped
        if raised:
            text = _("{rule} would be {value:g}, {floor:g} times the shipped {shipped:g} is the floor")
            told.append(text.format(rule=knob.name, value=value, floor=floor.raised, shipped=shipped))
    lost = lost_cases(answer.before[1], answer.after[1])
    if lost:
        told.append(_("confirmed cases would no longer ring: {names}").format(names=", ".join(lost)))
    return told
