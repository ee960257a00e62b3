"""Exposed people against the truth: how much the list holds, how precise `certain` is, how wide the bounds are.

Simulates a portal with one scenario a run, scans it, and compares `tocsin exposure`'s figures of every suspect with who
was really read. Tuning used seeds 21 to 60; 101 to 109 and 201 to 299 are kept apart. Prints a Markdown table.
"""

import argparse
import sys
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from tocsin import nightly
from tocsin.privacy.tokens import TokenKey
from tocsin.rules.load import load_rules
from tocsin.rules.pack import shipped
from tocsin.settings import Settings
from tocsin.simulate import Simulation, request, simulate
from tocsin.simulate.writers.publish import Dress
from tocsin.verdict import evidence
from tocsin.verdict.exposure import in_window, people

SCENARIOS = ("blitz:6@26-28", "leaked_list:5@24-28", "session_parallel:3@26-28", "low_slow:3@8-28")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--accounts", type=int, default=600)
    options.add_argument("--nights", type=int, default=28)
    options.add_argument("--seeds", type=int, nargs="*", default=[21, 22])
    options.add_argument("--scenarios", nargs="*", default=SCENARIOS)
    options.add_argument("--without", default=None, help="columns that the portal does not log")
    options.add_argument("--detail", action="store_true")
    asked = options.parse_args()
    print(
        "| scenario | seed | accounts named | truth | held in the list | certain right | min | max | max - min of truth |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for scenario in asked.scenarios:
        for seed in asked.seeds:
            with tempfile.TemporaryDirectory() as folder:
                print(line(scenario, seed, Path(folder) / "portal", asked), flush=True)


def line(scenario, seed, folder, asked):
    wanted = Simulation(
        accounts=asked.accounts,
        nights=asked.nights,
        start=date(2026, 3, 2),
        seed=seed,
        attacks=request.attacks([scenario], asked.accounts, calm=False),
        dress=(Dress(request.format_name("native"), request.compression(None)),),
        without=request.left_out(asked.without),
        departments=(),
    )
    simulate(wanted, folder, None)
    key = TokenKey.throwaway()
    truth = _truth(folder / "truth" / "exposed.csv", key)
    stolen = set(pl.read_csv(folder / "truth" / "accounts.csv", infer_schema=False)["account"])
    listed = _listed(folder / "logs", key)
    found = {account: frame for account, frame in listed.items() if account in stolen}
    certain, other = set(), set()
    for account, frame in found.items():
        pairs = {(account, patient, sure) for patient, sure in frame.select("patient", "certainty").iter_rows()}
        certain |= {(a, p) for a, p, sure in pairs if sure == "certain"}
        other |= {(a, p, sure) for a, p, sure in pairs if sure != "certain"}
    probable = {(a, p) for a, p, sure in other if sure == "probable"}
    everyone = certain | {(a, p) for a, p, _sure in other}
    mine = {pair for pair in truth if pair[0] in found}
    if asked.detail:
        for account in sorted(found):
            t = {p for p in mine if p[0] == account}
            c = {p for p in certain if p[0] == account}
            q = {p for p in probable if p[0] == account}
            print(
                f"  {account} truth {len(t)} certain {len(c)} wrong {len(c - t)} probable {len(q)} missing {len(t - everyone)}",
                file=sys.stderr,
            )
    cells = (
        scenario,
        seed,
        f"{len(found)} of {len(stolen)}",
        f"{len(mine):,}",
        _percent(len(mine & everyone), len(mine)),
        _percent(len(certain & mine), len(certain)),
        f"{len(certain):,}",
        f"{len(certain | probable):,}",
        _percent(len(probable), len(mine)),
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def _truth(path, key):
    rows = pl.read_csv(path, infer_schema=False)
    from tocsin.enrich.identifiers import describe
    from tocsin.privacy.tokens import token

    tokens = describe(rows["patient"], "nir").select(token(key.digest(pl.col("identifier")))).to_series()
    return set(zip(rows["account"], tokens, strict=True))


def _listed(logs, key):
    """Give the people of every suspect at the last night it was named, by account."""
    lists = {}
    original = evidence.in_window

    def spy(numbered, told):
        reads = in_window(numbered, told)
        for one in told:
            lists[one.account] = people(reads.filter(pl.col("account") == one.account))
        return reads

    evidence.in_window = spy
    asked = nightly.Scan(
        logs=[str(logs)], now=datetime.now(UTC), all_nights=True, budget=40, settings=Settings(), with_model=False
    )
    rules = load_rules([shipped()], [shipped()])
    nightly.scan(asked, rules, key, lambda *_: None)
    evidence.in_window = original
    return lists


def _percent(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "-"


if __name__ == "__main__":
    main()
