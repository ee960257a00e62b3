"""Tests for an overlay: made events that fill a window as the nearest accounts did, and hold nothing of anybody.

The events are those of the rule's own test that must ring, as many of them as the account's fullest window held; for
a rule that has no test, those of another rule whose events it counts too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

from tocsin.rules.case import Case, CaseEvents
from tocsin.rules.comparisons import PROFILE
from tocsin.rules.correlation import look
from tocsin.rules.load import load_rules
from tocsin.rules.pack import shipped
from tocsin.rules.prove import made_events
from tocsin.rules.rule import Correlation, RuleSet
from tocsin.tune.scope import Scope

ACCOUNT = "A1"
"""What accounts of tests are called."""

_TRIES = 6


def made_test(rules: RuleSet, name: str, peak: int, scope: Scope) -> list[CaseEvents] | None:
    """Make events of one account of the scope whose fullest window for a rule holds `peak`; None where that fails."""
    rule = rules.by_name[name]
    assert isinstance(rule, Correlation)  # noqa: S101 only correlations are tuned
    if rule.condition.operator not in ("gte", "gt"):
        return None
    for case in rule.tests or _of_others(rules):
        if len(case.expected) == 1 and case.group == "account":
            blocks = _scaled(rules, rule, case, peak, scope)
            if blocks is not None:
                return blocks
    return None


def _of_others(rules: RuleSet) -> Iterator[Case]:
    """Give the tests of the other rules, then those of the shipped ones."""
    for correlations in (rules.correlations, _shipped()):
        for rule in correlations:
            yield from rule.tests


@cache
def _shipped() -> tuple[Correlation, ...]:
    return load_rules([shipped()]).correlations


def made_history(rules: RuleSet, name: str, peak: int, usual: int, scope: Scope) -> list[CaseEvents] | None:
    """Make events of one account of the scope whose fullest window holds `peak` where `usual` was usual before.

    None where that fails. The nights before are as many as the baseline asks for, too far apart to share a window.
    """
    rule = rules.by_name[name]
    assert isinstance(rule, Correlation)  # noqa: S101 only correlations are tuned
    tonight, before = (made_test(rules, name, count, scope) for count in (peak, usual))
    apart = timedelta(days=1 + -(-rule.timespan // timedelta(days=1)))
    nights = rule.baselines[0].min_history
    if tonight is None or before is None or nights * apart.days > rule.baselines[0].nights:
        return None
    earlier = [replace(block, time=block.time - (at + 1) * apart) for at in range(nights) for block in before]
    return [*earlier, *tonight]


def _scaled(rules: RuleSet, rule: Correlation, case: Case, peak: int, scope: Scope) -> list[CaseEvents] | None:
    """Make the largest block of a test larger or smaller until its windows hold what they should."""
    blocks = [_of_scope(block, case.expected[0], scope) for block in case.events]
    at = max(range(len(blocks)), key=lambda place: blocks[place].repeat)
    repeat = blocks[at].repeat
    for _try in range(_TRIES):
        tried = [*blocks[:at], *_resized(blocks[at], repeat, peak, rule), *blocks[at + 1 :]]
        held = _fullest(rules, rule, replace(case, events=tuple(tried)))
        if held == peak:
            return tried
        repeat += 0 if rule.type == "value_sum" else peak - held
        if repeat < 1 or held == 0:
            return None
    return None


def _of_scope(block: CaseEvents, account: str, scope: Scope) -> CaseEvents:
    """Write a block for an account of the scope; other accounts of the test stay as they are."""
    values = dict(block.values)
    if values.get("account") == account:
        values |= {"account": ACCOUNT, **{column: scope.when[column][0] for column in PROFILE if column in scope.when}}
    return replace(block, values=tuple(values.items()))


def _resized(block: CaseEvents, repeat: int, peak: int, rule: Correlation) -> list[CaseEvents]:
    """Give so many copies within the timespan; where numbers are added up, with numbers that come to the peak."""
    if rule.type != "value_sum":
        return [replace(block, repeat=repeat, every=_apart(block, repeat, rule.timespan))]
    values = dict(block.values)
    field = rule.condition.fields[0]
    each, left = divmod(peak, repeat)
    told = replace(block, values=tuple({**values, field: each}.items()), every=_apart(block, repeat, rule.timespan))
    last = replace(
        block,
        repeat=1,
        time=block.time + told.every * (repeat - 1),
        values=tuple({**values, field: each + left}.items()),
    )
    return [*([replace(told, repeat=repeat - 1)] if repeat > 1 else []), last]


def _apart(block: CaseEvents, repeat: int, timespan: timedelta) -> timedelta:
    """Keep the gap of the test where the copies fit into the timespan, else a shorter one in whole seconds."""
    if block.every * repeat <= timespan:
        return block.every
    return timedelta(seconds=timespan // timedelta(seconds=1) // (repeat + 1))


def _fullest(rules: RuleSet, rule: Correlation, case: Case) -> int:
    """Count what the fullest window of the account holds, whatever the threshold."""
    open_to_all = replace(rule, condition=replace(rule.condition, operator="gte", value=1), tunings=())
    alone = rules.only(rule.name)
    alone = replace(alone, correlations=tuple(open_to_all if r.name == rule.name else r for r in alone.correlations))
    alone = replace(alone, correlations=tuple(replace(r, reports=r.name == rule.name) for r in alone.correlations))
    seen = look(made_events(case, alone), alone, rule.group).episodes
    mine = seen.filter(seen["account"] == ACCOUNT)
    return int(str(mine["peak"].max() or 0))


def as_plain(block: CaseEvents) -> Mapping[str, Any]:
    """Write a block as a rule file does."""
    seconds = block.every // timedelta(seconds=1)
    copies = {"repeat": block.repeat, "every": f"{seconds}s"} if block.repeat > 1 else {}
    return {**copies, "time": block.time.isoformat(), **dict(block.values)}
