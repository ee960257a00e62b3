"""How far back the rules look: the events before a night without which its hits are not known."""

from datetime import timedelta

from tocsin.rules.rule import Correlation, RuleSet
from tocsin.rules.tuning import spans


def reach(rules: RuleSet) -> timedelta:
    """Give the longest time from a hit back to an event that it may rest on, over windows built on windows."""
    return max((_reach(rule, rules) for rule in rules.correlations if rule.reports), default=timedelta(0))


def novel_columns(rules: RuleSet) -> list[str]:
    """List the columns of which detections ask what is new to an account, sorted."""
    return sorted({column for rule in rules.detections if rule.novel for column in rule.novel.any_of})


def _reach(rule: Correlation, rules: RuleSet) -> timedelta:
    names = [*rule.rules, *([rule.ratio.of] if rule.ratio else [])]
    below = (rules.by_name[name] for name in names)
    own = max(one.timespan for one in spans(rule))
    return own + max((_reach(step, rules) for step in below if isinstance(step, Correlation)), default=timedelta(0))
