"""What tocsin finds on whole portals with all scenarios at once, beside five other detectors on the same logs.

A grid of seeds, each with a clean and a poisoned history (the intruder read a little on 14 nights before), budgets of 1, 5
and 20 names a night. Writes docs/detection-figures.md; `make bench-detection` runs it whole (hours), and
`python benchmarks/detection.py --accounts 600 --nights 35 --seeds 21 --out build/figures.md` a small one (minutes).

Seeds 101 to 109 and 201 to 299 are kept for published figures: nothing may be chosen by looking at them.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl
from detection_baselines import account_nights, best_list, scores
from detection_page import page

from tocsin.evaluate import Alerts, Score, read_report, read_truth, score
from tocsin.settings import Alerting
from tocsin.simulate.scenarios import SCENARIOS
from tocsin.verdict.budget import Candidate, give_places

BUDGETS = (1, 5, 20)
LEARNING_NIGHTS = 14  # judged, but not counted: nothing is known of anybody yet
POISONED_NIGHTS = 14
CASE_NIGHTS = Alerting().case_nights
START = date(2026, 2, 23)  # the clocks change on 29 March, Easter Monday is 6 April
TOCSIN = [sys.executable, "-m", "tocsin"]

# Accounts at 5,000, and the nights from the end; the mix of all cases that have become public.
MIX = (
    ("blitz", 19, 3),
    ("leaked_list", 12, 5),
    ("low_slow", 6, 20),
    ("round_robin", 80, 5),
    ("night_weekend", 4, 7),
    ("own_base_dump", 60, 2),
    ("privileged_export", 2, 3),
    ("partner_api", 2, 4),
    ("dormant_wakeup", 4, 2),
    ("mfa_fatigue", 4, 7),
    ("session_parallel", 4, 3),
    ("snoop", 5, 28),
)
_FEWEST = {"round_robin": 20, "own_base_dump": 8, "privileged_export": 1, "partner_api": 1}
_UNPOISONED = {"dormant_wakeup", "snoop"}  # a poisoned dormant account is not dormant


@dataclass(frozen=True)
class Run:
    """One portal: its scores by detector and budget, and what it cost."""

    seed: int
    poisoned: bool
    events: int
    scores: dict[tuple[str, int], Score]
    scan_seconds: float
    peak_megabytes: int


def main():
    asked = arguments()
    runs = []
    for seed in asked.seeds:
        for poisoned in (False, True) if asked.histories == "both" else (asked.histories == "poisoned",):
            runs.append(run(asked, seed, poisoned))
            print(f"seed {seed}, {'poisoned' if poisoned else 'clean'}: {runs[-1].events:,} events", file=sys.stderr)
            text = page(asked, runs)
            asked.out.parent.mkdir(parents=True, exist_ok=True)
            asked.out.write_text(text)
    print(text)


def arguments():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--accounts", type=int, default=5_000)
    options.add_argument("--nights", type=int, default=45)
    options.add_argument("--seeds", type=int, nargs="+", default=[201, 202, 203])
    options.add_argument("--histories", choices=["both", "clean", "poisoned"], default="both")
    options.add_argument("--knobs", default="", help="for every scenario that has them, as in local=0.3,warm_up=0.05")
    options.add_argument("--keep", type=Path, help="folder in which portals are kept and found again")
    options.add_argument("--scan", nargs=argparse.REMAINDER, default=[], help="more options of tocsin scan")
    options.add_argument("--out", type=Path, default=Path("docs/detection-figures.md"))
    return options.parse_args()


def run(asked, seed, poisoned):
    with tempfile.TemporaryDirectory() as scratch:
        home = asked.keep or Path(scratch)
        knobs = asked.knobs.replace(",", "-").replace("=", "")
        portal = home / f"{asked.accounts}-{asked.nights}-{seed}-{'poisoned' if poisoned else 'clean'}{knobs}"
        if not (portal / "truth").is_dir():
            shutil.rmtree(portal, ignore_errors=True)
            command(["simulate", "--out", portal, "--accounts", asked.accounts, "--nights", asked.nights, "--seed", seed,
                     "--start", START, "--quiet", *attacks(asked, poisoned)])  # fmt: skip
        first = START + timedelta(days=LEARNING_NIGHTS)
        report = Path(scratch) / "report"
        start = used()
        command(["scan", portal / "logs", "--since", first, "--until", START + timedelta(days=asked.nights - 1),
                 "--budget", max(BUDGETS), "--out", report, "--quiet", *asked.scan])  # fmt: skip
        seconds = used() - start
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1000
        return measured(portal, report, seed, poisoned, seconds, peak)


def attacks(asked, poisoned):
    """Lay the scenarios over the last nights; a small portal has fewer of each."""
    options = []
    for name, accounts, nights in MIX:
        scaled = max(_FEWEST.get(name, 2), round(accounts * asked.accounts / 5_000))
        first = max(LEARNING_NIGHTS + 1, asked.nights - nights + 1)
        poison = f",poison={POISONED_NIGHTS}" if poisoned and name not in _UNPOISONED else ""
        options += ["--scenario", f"{name}:{scaled}@{first}-{asked.nights}{poison}{knobs_of(name, asked.knobs)}"]
    return options


def knobs_of(name, knobs):
    """Keep the knobs that a scenario has."""
    kind = next(scenario for scenario in SCENARIOS if scenario.name == name)
    return "".join(f",{knob}" for knob in knobs.split(",") if knob.split("=")[0] in kind.__dataclass_fields__)


def measured(portal, report, seed, poisoned, seconds, peak):
    truth = read_truth(portal)
    alerts = read_report(report)
    nights = alerts.nights["night"].to_list()
    kept = json.loads((report / "report.json").read_text())
    made = {("tocsin", budget): score(cut(alerts, kept, budget), truth) for budget in BUDGETS}
    others = scores(account_nights(portal / "logs"), nights)

    def false_names(named):
        return score(Alerts.of(nights, named), truth).false

    for name, (scored, _seconds) in others.items():
        for budget in BUDGETS:
            most = max(made["tocsin", budget].false, 1)
            made[name, budget] = score(Alerts.of(nights, best_list(scored, budget, false_names, most)), truth)
    events = sum(night["events"] for night in kept["by_night"])
    return Run(seed, poisoned, events, made, seconds, peak)


def cut(alerts, report, budget):
    """Replay the list with fewer places: a campaign is one place, a case listed in the last seven nights takes none.

    Who found no place has one that a later night leaves free (verdict.waiting).
    """
    if budget == max(BUDGETS):
        return alerts
    rows, opened, campaigns, waiting = [], {}, {}, {}
    for night in alerts.nights["night"].to_list():
        day = date.fromisoformat(night)
        tonight = [suspect for suspect in report["suspects"] if suspect["night"] == night]
        known = {account for account, last in opened.items() if (day - last).days <= CASE_NIGHTS}
        going_on = {campaign for campaign, last in campaigns.items() if (day - last).days <= CASE_NIGHTS}
        places = give_places([candidate(suspect, known) for suspect in tonight], budget, going_on)
        shown = {*places.ranks, *places.continuing}
        for suspect in tonight:
            account, campaign = suspect["account"], suspect["campaign"]
            if account not in shown:
                continue
            opened[account] = day
            if campaign is not None:
                campaigns[campaign] = day
            rows.append((night, account, account not in known, campaign))
        late = called(waiting, day, budget - places.new, known | {suspect["account"] for suspect in tonight})
        rows += [(night, account, True, None) for account in late]
        opened |= dict.fromkeys(late, day)
        waiting |= {one["account"]: (day, one["points"]) for one in tonight if one["account"] not in shown}
        waiting = {account: told for account, told in waiting.items() if account not in shown and account not in late}
    suspects = pl.DataFrame(rows, schema=alerts.suspects.schema, orient="row")
    listed = suspects.select("night", "campaign").unique()
    members = alerts.members.join(listed, on=["night", "campaign"], how="semi")
    return Alerts(alerts.nights, suspects, members, alerts.sessions, alerts.bounds, alerts.fleet)


def called(waiting, day, free, busy):
    """Give who of those that wait has one of the free places: (night, points) by account; `busy` are told of tonight."""
    still = {one: points for one, (since, points) in waiting.items() if (day - since).days <= CASE_NIGHTS}
    return sorted(still.keys() - busy, key=lambda one: (-still[one], one))[: max(free, 0)]


def candidate(suspect, known):
    """Give what a suspect of the report competes with."""
    hard = any(finding["level"] == "critical" for finding in suspect["findings"])
    return Candidate(
        suspect["account"], round(100 * suspect["points"]), suspect["account"] in known, suspect["campaign"], hard,
        shown=suspect["beyond_usual"],
    )  # fmt: skip


def command(words):
    done = subprocess.run([*TOCSIN, *map(str, words)], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if done.returncode not in {0, 1, 3}:
        sys.exit(done.stderr.decode())


def used():
    seen = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seen.ru_utime + seen.ru_stime


if __name__ == "__main__":
    began = time.perf_counter()
    main()
    print(f"{time.perf_counter() - began:.0f} s", file=sys.stderr)
