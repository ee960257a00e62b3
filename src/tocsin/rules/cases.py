"""Read the tests inside a rule: made events, and for whom the rule must then ring."""

from datetime import UTC, datetime, timedelta

import polars as pl

from tocsin.located import Node, did_you_mean
from tocsin.rules.attributes import LONGEST_SPAN, read_span, read_text, refuse_unknown_keys, required
from tocsin.rules.case import Case, CaseEvents
from tocsin.rules.fields import is_number, is_text, is_truth
from tocsin.rules.lint import Faults
from tocsin.rules.rule import GROUPS
from tocsin.schema import EVENTS
from tocsin.words import _

MOST_EVENTS = 200_000
COPY = "{i}"
"""The number of the copy, alone as the value of a number."""
"""Events of one test: a proof is to be quick."""

_LONGEST = 2 * LONGEST_SPAN

_COLUMNS = tuple(name for name in EVENTS if name not in ("time", "line", "byte"))
_EVENT_KEYS = ("repeat", "every", "time", *_COLUMNS)


def read_cases(tocsin: Node, faults: Faults, *others: str) -> tuple[Case, ...]:
    """Read the list `tests`, whose items may have `others` as keys; a malformed test is noted and left out."""
    node = tocsin.get("tests")
    if node is None:
        return ()
    if not node.is_sequence:
        faults.add("E060", node.place, _("tests is a list"))
        return ()
    cases = [case for case in (_read_case(item, faults, others) for item in node) if case is not None]
    seen: set[str] = set()
    for case in cases:
        if case.name in seen:
            faults.add("E060", case.place, _("two tests are called '{name}'").format(name=case.name))
        seen.add(case.name)
    return tuple(cases)


def _read_case(node: Node, faults: Faults, others: tuple[str, ...]) -> Case | None:
    if not node.is_mapping:
        faults.add("E060", node.place, _("a test has name, expect and events"))
        return None
    refuse_unknown_keys(node, ("name", "expect", "events", *others), faults)
    name = read_text(node, "name", faults) if required(node, "name", faults) else ""
    expect, events = required(node, "expect", faults), required(node, "events", faults)
    if not name or expect is None or events is None:
        return None
    expected = _read_expected(expect, faults)
    blocks = _read_blocks(events, faults)
    if expected is None or blocks is None:
        return None
    return Case(name, node.place, blocks, *expected)


def _read_expected(node: Node, faults: Faults) -> tuple[str, tuple[str, ...]] | None:
    if node.content == "none":
        return "account", ()
    pairs = list(node.items())
    if len(pairs) == 1 and pairs[0][0] in GROUPS:
        group, _place, values = pairs[0]
        if not values.is_mapping and values.content and all(value.text for value in values):
            return group, tuple(sorted({value.text for value in values}))
    message = _("expect is none, or one of {groups} with its values").format(groups=", ".join(GROUPS))
    faults.add("E060", node.place, message, _("write 'expect: none' or 'expect: {account: A1}'"))
    return None


def _read_blocks(node: Node, faults: Faults) -> tuple[CaseEvents, ...] | None:
    if not node.is_sequence or not node.content or not all(item.is_mapping for item in node):
        faults.add("E060", node.place, _("events is a list of mappings"))
        return None
    blocks = [_read_block(item, faults) for item in node]
    known = tuple(block for block in blocks if block is not None)
    if len(known) < len(blocks):
        return None
    if sum(block.repeat for block in known) > MOST_EVENTS:
        faults.add("E060", node.place, _("a test has at most {limit} events").format(limit=MOST_EVENTS))
        return None
    return known


def _read_block(node: Node, faults: Faults) -> CaseEvents | None:
    refuse_unknown_keys(node, _EVENT_KEYS, faults)
    start = _read_time(node, faults)
    repeat = node.get("repeat")
    times = 1 if repeat is None else repeat.content
    if isinstance(times, bool) or not isinstance(times, int) or not 1 <= times <= MOST_EVENTS:
        place = repeat.place if repeat else node.place
        faults.add("E060", place, _("repeat is a number from 1 to {limit}").format(limit=MOST_EVENTS))
        times = 1
    every = node.get("every")
    gap = timedelta() if every is None or every.text == "0s" else read_span(every, "E060", faults)
    if gap is not None and gap * times > _LONGEST:
        faults.add("E060", node.place, _("the events of a test lie within two years"))
        gap = None
    for key in ("kind", "account"):
        required(node, key, faults)
    values = [(key, _read_value(key, value, times, faults)) for key, _place, value in node.items() if key in _COLUMNS]
    kept = tuple((key, value) for key, value in values if value is not None)
    return None if start is None or gap is None else CaseEvents(times, gap, start, kept)


def _read_time(node: Node, faults: Faults) -> datetime | None:
    found = required(node, "time", faults)
    if found is None:
        return None
    value = found.content
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            value = None
    if isinstance(value, datetime) and value.tzinfo is not None and 2000 <= value.year <= 2100:
        return value.astimezone(UTC)
    message = _("'{text}' is no time with an offset").format(text=found.text)
    faults.add("E060", found.place, message, _("write it as 2022-03-14T09:00:00+01:00"))
    return None


def _read_value(key: str, node: Node, copies: int, faults: Faults) -> str | int | bool | None:
    """Give the value of a column; None stands for null."""
    dtype = EVENTS[key]
    value = node.content
    if value is None and key not in ("kind", "account"):
        return None
    if isinstance(dtype, pl.Enum) and node.text not in dtype.categories:
        message = _("'{key}' is never '{value}'").format(key=key, value=node.text)
        faults.add("E060", node.place, message, did_you_mean(node.text, dtype.categories.to_list()))
        return None
    if is_text(dtype) and node.text:
        return node.text
    # The number of the copy may stand for a number, where the last copy's still fits.
    number = copies if value == COPY else value
    is_whole = isinstance(number, int) and not isinstance(number, bool) and is_number(dtype) and _fits(number, dtype)
    if is_whole or (isinstance(value, bool) and is_truth(dtype)):
        return value  # type: ignore[return-value]
    faults.add("E060", node.place, _("'{key}' cannot be '{value}'").format(key=key, value=node.text))
    return None


def _fits(value: int, dtype: pl.DataType) -> bool:
    return pl.Series([value]).cast(dtype, strict=False).item() is not None if abs(value) < 2**63 else False
