"""How fast rules run: 60 rules over 5 M events beside a bare pass; sliding distinct counts beside polars, DuckDB and SQLite.

Each measure runs alternately with the one it is compared with, and says ratios of processor time of one run. Prints a
Markdown table. DuckDB and pySigma's SQLite backend (`pip install --group bench`) are used where they are installed.
"""

import argparse
import importlib.util
import resource
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from tocsin.features.windows import distinct_over_time
from tocsin.rules.correlation import episodes
from tocsin.rules.load import load_rules
from tocsin.rules.overlay import load_overlays, tuned
from tocsin.rules.pack import shipped
from tocsin.schema import KIND, OUTCOME

HOUR = timedelta(hours=1)
START = datetime(2022, 3, 1, tzinfo=UTC)


def events(count, accounts, people, days=10, seed=7):
    random = np.random.default_rng(seed)
    account = random.integers(0, accounts, count)
    # Work by day: hours 8 to 18, as an office.
    moment = random.integers(0, days, count) * 86_400 + random.integers(8 * 3600, 18 * 3600, count)
    frame = pl.DataFrame(
        {
            "time": pl.Series(moment * 1_000_000).cast(pl.Duration("us")) + START,
            "account": pl.Series(account).cast(pl.String),
            "person_id": random.integers(0, people, count).astype(np.uint64),
            "kind": pl.Series(random.choice(["lookup", "search", "login"], count, p=[0.85, 0.1, 0.05])).cast(KIND),
            "outcome": pl.Series(random.choice(["success", "not_found", "failure"], count, p=[0.9, 0.05, 0.05])).cast(
                OUTCOME
            ),
            "service": pl.Series(random.choice([f"page{i}" for i in range(40)], count)),
            "user_agent": pl.Series(random.choice([f"Browser/{i} (X; Y)" for i in range(300)], count)),
            "automatic": random.random(count) < 0.05,
            "region": pl.Series(account % 96).cast(pl.String).str.zfill(2),
        }
    )
    return frame.with_columns(
        night=pl.col("time").dt.date(),
        local_hour=pl.col("time").dt.hour(),
        line=pl.int_range(pl.len(), dtype=pl.UInt64),
    )


def sixty_rules(folder):
    """Write 30 detections on texts and numbers, and 30 correlations over them, as a large house would have."""
    documents = []
    for i in range(30):
        documents.append(
            f"title: Step {i}\nname: step{i}\nlogsource: {{category: record_access}}\ndetection:\n"
            f"  selection: {{kind: [lookup, search], service|contains: 'e{i % 10}', user_agent|startswith: 'Browser/{i}'}}\n"
            f"  repeat: {{automatic: true}}\n  condition: selection and not repeat\n"
        )
        kind = "value_count" if i % 2 else "event_count"
        field = "field: patient, " if i % 2 else ""
        documents.append(
            f"title: Many {i}\nname: many{i}\nlevel: low\ntocsin: {{family: volume}}\ncorrelation:\n  type: {kind}\n"
            f"  rules: [step{i}]\n  group-by: [account]\n  timespan: {1 + i % 3}h\n  condition: {{{field}gte: {20 + i}}}\n"
        )
    (folder / "rules.yml").write_text("---\n".join(documents))
    return load_rules([folder])


def spent(run):
    """Measure wall and processor seconds of a call."""
    wall, busy = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    answer = run()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter() - wall, after.ru_utime + after.ru_stime - busy.ru_utime - busy.ru_stime, answer


def compared(ours, theirs, runs):
    """Run two things in turns: the medians of (wall, processor) of both."""
    mine, other = [], []
    for _turn in range(runs):
        mine.append(spent(ours)[:2])
        other.append(spent(theirs)[:2])
    return [tuple(statistics.median(part) for part in zip(*times, strict=True)) for times in (mine, other)]


def row(what, beside, mine, other, goal):
    wall, processor = (ours / theirs for ours, theirs in zip(mine, other, strict=True))
    print(f"| {what} | {beside} | {wall:.2g} | {processor:.2g} | {goal} | {mine[1]:.2f} | {other[1]:.2f} |", flush=True)


def bare(frame):
    return frame.group_by("account", pl.col("time").dt.truncate("1h")).len()


def rolling(frame):
    return (
        frame.sort("time")
        .rolling("time", period="1h", closed="both", group_by="account")
        .agg(pl.col("person_id").n_unique().cast(pl.Int64).alias("count"))
    )


def whole(frame, folder, runs):
    rules = sixty_rules(folder)
    mine, other = compared(lambda: episodes(frame, rules, "account"), lambda: bare(frame), runs)
    row(f"60 rules, {frame.height:,} events", "group_by account and hour", mine, other, "3")
    pack = load_rules([shipped()]).only("distinct_people_1h")
    overlaid = tuned(pack, load_overlays([overlay(folder)], pack))
    mine, other = compared(lambda: episodes(frame, overlaid, "account"), lambda: episodes(frame, pack, "account"), runs)
    row("one rule, overlays for five regions", "the same without overlays", mine, other, "1.2")


def overlay(folder):
    path = folder / "regions.yaml"
    parts = [
        f"title: R{i}\noverlay:\n  when: {{region: ['{i:02}']}}\n  rules:\n    distinct_people_1h: {{correlation.condition.gte: {90 + i}, reason: x}}\n"
        for i in range(1, 6)
    ]
    path.write_text("---\n".join(parts))
    return path


def windows(count, runs):
    """Compare the sweep at different fullness of windows; `people` differ in each window of an account."""
    flat = []
    for people in (10, 100, 1_000, 10_000):
        frame = events(count, max(1, count // (people * 20)), 10_000_000, days=2)
        ours = [
            spent(lambda frame=frame: distinct_over_time(frame, ["account"], "person_id", HOUR))[1]
            for _turn in range(2 * runs + 1)
        ]
        flat.append(statistics.median(ours) / frame.height)
        if people <= 1_000:
            times = compared(
                lambda frame=frame: distinct_over_time(frame, ["account"], "person_id", HOUR),
                lambda frame=frame: rolling(frame),
                runs,
            )
            row(f"value_count, about {people:,} people a window", "rolling n_unique", *times, "0.4")
            check(frame, rolling(frame))
            if importlib.util.find_spec("duckdb"):
                duck(frame, people, runs)
    print(
        f"| value_count per event, 10 to 10,000 people a window | itself, most / least | | {max(flat) / min(flat):.2f} | 2 | | |"
    )


def check(frame, theirs):
    ours = distinct_over_time(frame, ["account"], "person_id", HOUR)
    same = theirs.unique(["account", "time"]).sort("account", "time").select("account", "time", "count")
    assert ours.equals(same.cast(ours.schema)), "the answers differ"


def duck(frame, people, runs):
    import duckdb  # noqa: PLC0415 it need not be there

    link = duckdb.connect()
    link.execute("SET threads TO 2")
    link.register("events", frame.select("account", "time", "person_id").to_arrow())
    query = """SELECT account, time, count(DISTINCT person_id) OVER (PARTITION BY account ORDER BY time
        RANGE BETWEEN INTERVAL 1 HOUR PRECEDING AND CURRENT ROW) AS count FROM events"""
    times = compared(
        lambda: distinct_over_time(frame, ["account"], "person_id", HOUR),
        lambda: link.execute(query).to_arrow_table(),
        runs,
    )
    row(f"value_count, about {people:,} people a window", "DuckDB window", *times, "0.4")
    theirs = pl.from_arrow(link.execute(query).to_arrow_table())
    check(frame, theirs.with_columns(pl.col("time").dt.convert_time_zone("UTC")))


def sqlite(longest):
    """Run one value_count in SQLite as pySigma's backend writes it: over accounts that differ, alike, and one alone."""
    import rules_sqlite  # noqa: PLC0415 the backend need not be there

    bulk = events(4_000, 4, 10_000_000, days=1).with_columns(pl.format("bulk{}", "account").alias("account"))
    portals = {
        "204 accounts, four of them with 1,000": pl.concat([events(12_000, 200, 10_000_000, days=1, seed=8), bulk]),
        "20 accounts": events(16_000, 20, 10_000_000, days=1),
        "one account": events(16_000, 1, 10_000_000, days=1),
    }
    for who, frame in portals.items():
        for way in rules_sqlite.WAYS:
            found, mine, other = rules_sqlite.beside(frame, way, longest)
            what = f"one value_count, {frame.height:,} events of {who}: {found}"
            if other is None:
                print(f"| {what} | SQLite backend, {way} | | | | {mine[1]:.2f} | stopped at {longest} |", flush=True)
            else:
                row(what, f"SQLite backend, {way}", mine, other, "")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=5_000_000)
    options.add_argument("--window-events", type=int, default=1_000_000)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument(
        "--longest", type=int, default=600, help="processor seconds after which SQLite is stopped; 0 leaves it out"
    )
    asked = options.parse_args()
    print("| what | beside | wall, ratio | processor, ratio | goal | processor seconds | beside |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        whole(events(asked.events, 20_000, 2_000_000), Path(folder), asked.runs)
    windows(asked.window_events, asked.runs)
    if asked.longest and importlib.util.find_spec("sigma.backends.sqlite"):
        sqlite(asked.longest)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"\nPeak memory of the whole run: {peak:,} MB.")


if __name__ == "__main__":
    main()
