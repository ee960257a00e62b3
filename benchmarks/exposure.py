"""Exposed people against the truth: how much the list holds, how precise `certain` is, how wide the bounds are.

Simulates a portal with one scenario a run and asks for the exposed people of its stolen accounts, each as if it had been
named on its third night of reading; whether it would be named is measured elsewhere. Tuning used seeds 21 to 60; 101 to 109 and 201 to 299 are kept apart. Prints a Markdown table.
"""

import argparse
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl

from tocsin.enrich.calendar import with_night
from tocsin.enrich.identifiers import describe
from tocsin.intake import IntakeOptions, Ledger, take_in
from tocsin.privacy.tokens import TokenKey, token
from tocsin.settings import Settings
from tocsin.store.spool import Spool
from tocsin.verdict.exposure import in_window, people
from tocsin.verdict.sessions import Question, tell_apart
from tocsin.verdict.stretches import COLUMNS, with_stretch

NAMED_AFTER = 2
"""Nights of reading before the alert that the list is asked after."""

SCENARIOS = ("blitz:6@26-28", "leaked_list:5@24-28", "session_parallel:3@26-28", "low_slow:3@8-28")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--accounts", type=int, default=600)
    options.add_argument("--nights", type=int, default=28)
    options.add_argument("--seeds", type=int, nargs="*", default=[21, 22])
    options.add_argument("--scenarios", nargs="*", default=SCENARIOS)
    options.add_argument("--without", default=None, help="columns that the portal does not log")
    options.add_argument("--detail", action="store_true")
    options.add_argument("--portal", type=Path, help="a folder that `tocsin simulate` made, instead of making some")
    asked = options.parse_args()
    print("| scenario | seed | accounts | truth | held in the list | certain right | min | max | max - min of truth |")
    print("|---|---|---|---|---|---|---|---|---|")
    if asked.portal:
        for row in lines("", asked.portal, asked):
            print(row, flush=True)
        return
    for scenario in asked.scenarios:
        for seed in asked.seeds:
            with tempfile.TemporaryDirectory() as folder:
                portal = Path(folder) / "portal"
                made(portal, scenario, seed, asked)
                for row in lines(seed, portal, asked):
                    print(row, flush=True)


def made(portal, scenario, seed, asked):
    command = ["simulate", "--out", portal, "--accounts", asked.accounts, "--nights", asked.nights, "--seed", seed]
    command += ["--scenario", scenario, "--quiet", *(["--without", asked.without] if asked.without else [])]
    subprocess.run([sys.executable, "-m", "tocsin", *map(str, command)], check=True, stderr=subprocess.DEVNULL)


def lines(seed, folder, asked):
    """Give a line a scenario that was played."""
    key = TokenKey.throwaway()
    truth = _truth(folder / "truth" / "exposed.csv", key)
    accounts = pl.read_csv(folder / "truth" / "accounts.csv", infer_schema=False)
    for name in accounts["scenario"].unique().sort():
        stolen = dict(accounts.filter(pl.col("scenario") == name).select("account", "first_night").iter_rows())
        found = _listed(folder / "logs", stolen, key, datetime.now(UTC))
        yield compared(name, seed, found, {pair for pair in truth if pair[0] in found}, detail=asked.detail)


def compared(scenario, seed, found, mine, *, detail):
    sure = {
        certainty: {
            (account, patient)
            for account, frame in found.items()
            for patient in frame.filter(pl.col("certainty") == certainty)["patient"]
        }
        for certainty in ("certain", "probable", "possible")
    }
    everyone = sure["certain"] | sure["probable"] | sure["possible"]
    if detail:
        for account in sorted(found):
            one = {name: {pair for pair in pairs if pair[0] == account} for name, pairs in sure.items()}
            wanted = {pair for pair in mine if pair[0] == account}
            print(
                f"  {account}: truth {len(wanted)}, certain {len(one['certain'])} (wrong "
                f"{len(one['certain'] - wanted)}), probable {len(one['probable'])}, missing {len(wanted - everyone)}",
                file=sys.stderr,
            )
    cells = (
        scenario,
        seed,
        len(found),
        f"{len(mine):,}",
        _percent(len(mine & everyone), len(mine)),
        _percent(len(sure["certain"] & mine), len(sure["certain"])),
        f"{len(sure['certain']):,}",
        f"{len(sure['certain'] | sure['probable']):,}",
        _percent(len(sure["probable"]), len(mine)),
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def _truth(path, key):
    rows = pl.read_csv(path, infer_schema=False)
    tokens = describe(rows["patient"], "nir").select(token(key.digest(pl.col("identifier")))).to_series()
    return set(zip(rows["account"], tokens, strict=True))


def _listed(logs, stolen, key, now):
    """Give the people of every stolen account on the last night, as if it had been named on its third night."""
    settings = Settings()
    options = IntakeOptions(zone=settings.portal.zone, now=now)
    with Spool() as spool:
        for portion in take_in([str(logs)], options, key, Ledger()):
            spool.add(with_night(portion, settings.portal.zone, timedelta(0)))
        events = with_stretch(spool.of_accounts(sorted(stolen), COLUMNS), settings)
    lists = {}
    for account, first in stolen.items():
        nights = events.filter((pl.col("account") == account) & (pl.col("night") >= date.fromisoformat(first)))["night"]
        nights = nights.unique().sort()
        named = nights[min(NAMED_AFTER, len(nights) - 1)]
        told = tell_apart(events, Question(account, nights[-1], named), settings)
        lists[account] = people(in_window(events, [told]))
    return lists


def _percent(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "-"


if __name__ == "__main__":
    main()
