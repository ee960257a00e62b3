"""Check that baseline, ratio and novel stand on rules that can have them (docs/decisions/0010)."""

from collections.abc import Mapping

from tocsin.rules.fields import NIGHT_FIELDS, is_feature
from tocsin.rules.lint import Faults
from tocsin.rules.rule import TEMPORAL, Correlation, Detection
from tocsin.rules.tree import leaves
from tocsin.words import _

Known = Mapping[str, Detection | Correlation]


def check_nights(rule: Detection, faults: Faults) -> None:
    """Note what a rule about nights may not ask: one row is an account and a night, there are no events in it."""
    if not rule.features:
        return
    for leaf in leaves(rule.condition):
        other = next((c for c in leaf.columns if not is_feature(c) and c not in NIGHT_FIELDS), None)
        if other is not None:
            message = _("'{field}' is told by events, '{feature}' by a whole night: a rule asks for one or the other")
            hint = _("beside features it may ask for {words}").format(words=", ".join(NIGHT_FIELDS))
            faults.add("E056", leaf.place, message.format(field=other, feature=rule.features[0]), hint)
    if rule.novel:
        faults.add("E056", rule.place, _("a rule about nights cannot ask what is new, features like new_people do"))


def check_narrowing(rule: Correlation, known: Known, faults: Faults) -> None:
    """Note what one correlation may not compare, or may not be built on."""
    places = dict(zip(rule.rules, rule.step_places, strict=True))
    if rule.ratio:
        places.setdefault(rule.ratio.of, rule.ratio.place)
    for name, place in places.items():
        step = known.get(name)
        if isinstance(step, Correlation) and step.baselines:
            message = _("'{name}' has a baseline, nothing can be built on it").format(name=name)
            faults.add("E054", place, message)
        if isinstance(step, Detection) and step.features:
            message = _("'{name}' is about whole nights, nothing can be built on it")
            faults.add("E056", place, message.format(name=name))
        if isinstance(step, Detection) and step.novel and rule.group != "account":
            message = _("'{name}' asks what is new to an account, this rule does not see whole accounts")
            faults.add("E053", place, message.format(name=name), _("put account into group-by"))
    _check_baseline(rule, faults)
    _check_ratio(rule, known, faults)


def _check_baseline(rule: Correlation, faults: Faults) -> None:
    if rule.baselines and rule.group_by != ("account",):
        message = _("only a rule grouped by account alone has a baseline")
        faults.add("E052", rule.place, message, _("write 'group-by: [account]'"))
    if rule.baselines and (rule.condition.operator not in ("gte", "gt") or rule.type in TEMPORAL or rule.aliases):
        faults.add("E052", rule.place, _("only a count or value with gte or gt has a baseline"))


def _check_ratio(rule: Correlation, known: Known, faults: Faults) -> None:
    if rule.ratio is None:
        return
    counts = ("event_count", "value_count")
    of = known.get(rule.ratio.of)
    if rule.type not in counts or rule.aliases or (isinstance(of, Correlation) and of.type not in counts):
        faults.add("E055", rule.ratio.place, _("a ratio is one of counts: event_count or value_count"))
    if isinstance(of, Correlation) and of.group_by != rule.group_by:
        message = _("'{name}' is grouped by {fields}").format(name=of.name, fields=", ".join(of.group_by))
        faults.add("E055", rule.ratio.place, message)
