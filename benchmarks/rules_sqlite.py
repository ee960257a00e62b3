"""One rule with a value_count beside pySigma's SQLite backend, which is given its best chance.

The backend writes a correlation in two ways. Its prepared plan (`output_format="zircolite"`, run by its own
`execute_plan`) puts each stage into a table with an index on group and time. Its one query (the default output) can use
no index of the table, because group and time are taken out of JSON again for each window; an index on account and time
is made all the same. Every run has a limit of processor time, and what it gives must be what we give.
"""

import json
import resource
import sqlite3
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import polars as pl
from sigma.backends.sqlite import sqliteBackend
from sigma.backends.sqlite.runtime import execute_plan
from sigma.collection import SigmaCollection

from tocsin.features.windows import distinct_over_time
from tocsin.rules.correlation import episodes
from tocsin.rules.load import load_rules
from tocsin.schema import KIND

LEAST = 80
STANDARD = f"""\
title: Record lookup
name: lookup
logsource: {{category: record_access}}
detection: {{selection: {{kind: lookup}}, condition: selection}}
---
title: Many different people in one hour
name: many
level: high
correlation:
  type: value_count
  rules: [lookup]
  group-by: [account]
  timespan: 1h
  condition: {{field: person, gte: {LEAST}}}
"""
OURS = "tocsin: {family: volume}\n"


def plan(link):
    """Run the backend's prepared plan: the windows that ring, as (time, people)."""
    (compiled,) = json.loads(_converted("zircolite"))
    alerts, _counts = execute_plan(link, compiled["correlation_plan"], include_events=False)
    return [(round(one["occurrence_time"]), one["metric_value"]) for one in alerts]


def query(link):
    """Run the backend's one query in the same way."""
    (text,) = _converted("default")
    return [(round(hit[2]), hit[6]) for hit in link.execute(text).fetchall()]


WAYS = {"prepared plan": plan, "one query": query}


def _converted(output):
    return sqliteBackend().convert(SigmaCollection.from_yaml(STANDARD), output_format=output)


def beside(frame, way, longest):
    """Run our rule and theirs: what was found, our and their (wall, processor) seconds; None where theirs was stopped."""
    frame = frame.with_columns(kind=pl.lit("lookup").cast(KIND), person=pl.col("person_id").cast(pl.String))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "many.yml").write_text(STANDARD + OURS)
        rules = load_rules([Path(folder)])
    mine, found = _spent(lambda: episodes(frame, rules, "account"))
    link = _table(frame)
    end = time.process_time() + longest
    link.set_progress_handler(lambda: time.process_time() > end, 1_000_000)
    try:
        other, theirs = _spent(lambda: WAYS[way](link))
    except sqlite3.OperationalError:
        return f"{found.height} episodes", mine, None
    finally:
        link.close()
    windows = distinct_over_time(frame, ["account"], "person", timedelta(hours=1), LEAST)
    ours = sorted(zip((windows["time"].to_physical() // 1_000_000).to_list(), windows["count"], strict=True))
    assert sorted(theirs) == ours, "the answers differ"
    return f"{found.height} episodes, there {len(theirs):,} rows", mine, other


def _table(frame):
    """Fill a table, with the index that whoever runs rules in SQLite would make."""
    link = sqlite3.connect(":memory:")
    link.execute("CREATE TABLE logs (timestamp TEXT, account TEXT, kind TEXT, person TEXT)")
    moments = frame["time"].dt.strftime("%Y-%m-%d %H:%M:%S")
    columns = zip(moments, frame["account"], frame["person"], strict=True)
    link.executemany("INSERT INTO logs VALUES (?, ?, 'lookup', ?)", columns)
    link.execute("CREATE INDEX by_account_and_time ON logs (account, timestamp)")
    link.execute("ANALYZE")
    return link


def _spent(run):
    """Measure wall and processor seconds of a call."""
    wall, busy = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    answer = run()
    after = resource.getrusage(resource.RUSAGE_SELF)
    used = after.ru_utime + after.ru_stime - busy.ru_utime - busy.ru_stime
    return (time.perf_counter() - wall, used), answer
