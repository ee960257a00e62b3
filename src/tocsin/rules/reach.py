"""How far back the rules look: the events before a night without which its hits are not known."""

from dataclasses import replace
from datetime import timedelta

from tocsin.rules.rule import Correlation, Detection, RuleSet
from tocsin.rules.tuning import spans

NEAR = timedelta(days=1)
"""Most rules look back a day at most: the night before is read for them. The others are asked apart."""


def reach(rules: RuleSet) -> timedelta:
    """Give the longest time from a hit back to an event that it may rest on, over windows built on windows."""
    return max((reach_of(rule, rules) for rule in rules.correlations if rule.reports), default=timedelta(0))


def parted(rules: RuleSet) -> tuple[RuleSet, RuleSet | None]:
    """Part the rules that look back further than NEAR from the others; both sets keep the steps of their rules.

    There is nothing to part where such a rule does not group by account, or asks for its usual value.
    """
    distant = [rule for rule in rules.correlations if rule.reports and reach_of(rule, rules) > NEAR]
    if not distant or any(rule.group != "account" or rule.baselines for rule in distant):
        return rules, None
    far = [rule.name for rule in distant]
    near = [rule.name for rule in rules.rules if rule.reports and rule.name not in far]
    return _reporting(rules, near), _reporting(rules, far)


def novel_columns(rules: RuleSet) -> list[str]:
    """List the columns of which detections ask what is new to an account, sorted."""
    return sorted({column for rule in rules.detections if rule.novel for column in rule.novel.any_of})


def leaves_of(name: str, rules: RuleSet) -> list[Detection]:
    """List the detections on which a rule rests."""
    names = (name, *rules.steps(name))
    return [rule for rule in map(rules.by_name.__getitem__, names) if isinstance(rule, Detection)]


def _reporting(rules: RuleSet, names: list[str]) -> RuleSet:
    """Keep these rules, reporting, and the silent ones that they refer to."""
    needed = {*names, *(step for name in names for step in rules.steps(name))}
    return replace(
        rules,
        detections=tuple(replace(one, reports=one.name in names) for one in rules.detections if one.name in needed),
        correlations=tuple(replace(one, reports=one.name in names) for one in rules.correlations if one.name in needed),
    )


def reach_of(rule: Correlation, rules: RuleSet) -> timedelta:
    """Give the same of one rule, whatever overlays set."""
    names = [*rule.rules, *([rule.ratio.of] if rule.ratio else [])]
    below = (rules.by_name[name] for name in names)
    own = max(one.timespan for one in spans(rule))
    return own + max((reach_of(step, rules) for step in below if isinstance(step, Correlation)), default=timedelta(0))
