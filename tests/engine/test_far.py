"""Rules that look back over several nights are asked of few accounts, and of all that may fulfil them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from made import stored
from rule_texts import LOOKUP, load
from tocsin.engine.far import able, able_accounts, able_columns, with_news
from tocsin.past import last_seen
from tocsin.rules.load import load_rules
from tocsin.rules.pack import shipped
from tocsin.rules.reach import parted
from tocsin.schema import STORED

FAR = parted(load_rules([shipped()]))[1]

CHANGED = """\
title: Changed
name: changed
logsource: {category: record_access}
detection:
  selection: {kind: credential_change}
  condition: selection
"""

LATE = """\
title: Late lookup
name: late
logsource: {category: record_access}
detection:
  selection: {kind: lookup, local_hour: 23}
  condition: selection
"""

CHAIN = """\
title: Chain
name: chain
status: experimental
level: high
correlation:
  type: temporal_ordered
  rules: [FIRST, SECOND]
  group-by: [account]
  timespan: 3d
tocsin: {family: credentials, score: 1, explain: "{count}"}
"""


def far_rules(tmp_path, first, second):
    later = LATE.replace("name: late", "name: later").replace("Late", "Later").replace("23", "22")
    rules = load(tmp_path, LOOKUP, CHANGED, LATE, later, CHAIN.replace("FIRST", first).replace("SECOND", second))
    return parted(rules)[1]


def events(*rows):
    return stored(*({"account": account, "kind": kind} for account, kind in rows)).select(list(STORED))


def read(frame):
    """Reads two events at a time, with the columns that are asked for."""
    return lambda columns: (frame.select(columns).slice(first, 2) for first in range(0, frame.height, 2))


def test_a_change_of_credentials_leaves_few():
    told = events(("A1", "lookup"), ("A2", "lookup"), ("A2", "credential_change"), ("A3", "login"))
    asked = []
    found = able_accounts(lambda columns: asked.append(columns) or read(told)(columns), FAR)
    assert found.to_list() == ["A2"]
    assert asked == [["account", "automatic", "kind", "outcome"], ["account", "kind", "outcome"]]


def test_steps_may_lie_in_different_portions(tmp_path):
    told = events(("A1", "lookup"), ("A2", "lookup"), ("A3", "login"), ("A1", "credential_change"))
    assert able_accounts(read(told), far_rules(tmp_path, "changed", "lookup")).to_list() == ["A1"]


def test_a_step_that_local_time_tells_is_asked_later(tmp_path):
    rules = far_rules(tmp_path, "changed", "late")
    told = events(("A1", "lookup"), ("A2", "credential_change"))
    assert able_accounts(read(told), rules).to_list() == ["A2"]
    assert able(told, rules)["account"].to_list() == ["A2"]


def test_where_no_step_is_told_by_few_columns_all_are_asked(tmp_path):
    rules = far_rules(tmp_path, "late", "later")
    told = events(("A1", "lookup"))
    assert able_accounts(read(told), rules) is None
    assert able(told, rules).height == 1


def takeover(account, minutes):
    """A change of credentials, something at a new place, and lookups at some minutes."""
    noon = datetime(2022, 3, 14, 12, tzinfo=UTC)
    told = [("credential_change", -600), ("login", -590), *(("lookup", minute) for minute in minutes)]
    return [{"account": account, "kind": kind, "time": noon + timedelta(minutes=at)} for kind, at in told]


def test_an_hour_that_nobody_filled_is_no_step():
    over_the_hour = [at for start in (35, 60) for at in range(start, start + 25)]
    busy, busier = takeover("A1", over_the_hour), takeover("A2", range(55, 105))
    slow, nearly = takeover("A3", range(0, 6000, 120)), takeover("A4", [*range(36, 60), *range(60, 84)])
    assert set(able(stored(*busy, *busier, *slow, *nearly).select(list(STORED)), FAR)["account"]) == {"A1", "A2"}


def used(*rows):
    """Accounts, networks and the night on which each was last used before."""
    schema = {"account": pl.String, "network": pl.String, last_seen("network"): pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row")


@pytest.mark.parametrize(
    ("network", "last", "is_asked"),
    [
        ("198.51.100.0/24", None, True),
        ("198.51.100.0/24", date(2021, 12, 14), False),  # 90 nights before the last one
        ("198.51.100.0/24", date(2021, 12, 13), True),
        (None, None, False),
    ],
)
def test_who_was_at_no_new_place_is_asked_no_more(network, last, is_asked):
    has = able(stored(*takeover("A1", range(60))).select(list(STORED)), FAR)
    told = used(("A1", "10.0.0.0/24", date(2022, 3, 1)), ("A1", network, last), ("A2", "192.0.2.0/24", None))
    assert with_news(has, told, FAR, date(2022, 3, 14)).to_list() == (["A1"] if is_asked else [])


def test_a_rule_that_may_lack_a_step_is_asked_of_everybody(tmp_path):
    rules = load(tmp_path, LOOKUP, CHANGED, CHAIN.replace("FIRST", "changed").replace("SECOND", "lookup"))
    loose = parted(rules)[1]
    loose = replace(loose, correlations=tuple(replace(one, type="temporal") for one in loose.correlations))
    told = events(("A1", "lookup"))
    assert able_accounts(read(told), loose) is None
    assert able(told, loose)["account"].to_list() == ["A1"]
    assert with_news(able(told, loose), used(), loose, date(2022, 3, 14)).to_list() == ["A1"]


def test_few_columns_say_who_is_able():
    wide = stored(*takeover("A1", range(60)), *takeover("A2", range(0, 6000, 120))).select(list(STORED))
    narrow = wide.select(able_columns(FAR))
    assert narrow.columns == ["account", "time", "automatic", "kind", "outcome", "network"]
    assert able(narrow, FAR).equals(able(wide, FAR))


@pytest.mark.parametrize("frame", [pl.DataFrame(schema=dict(STORED))])
def test_no_event_is_no_account(frame):
    assert able(frame, FAR).is_empty()
