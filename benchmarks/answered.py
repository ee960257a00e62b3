"""Do as many false names come as the nights expect, where a person answers what is listed?

`python benchmarks/answered.py PORTAL...`: folders that `benchmarks/detection.py --keep` made. Each is judged twice, night by
night: once nobody answers, once every name of a night's list is answered, with the truth, before the next night: true (the
account is in somebody else's hands) or benign. Prints a table of Markdown; a portal takes about as long as a scan of it.
"""

import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl

from tocsin.evaluate import read_truth
from tocsin.intake import Ledger
from tocsin.nightly import Scan, gather, read_in, views
from tocsin.privacy.tokens import TokenKey
from tocsin.rules.baselined import Watched, who_was_active
from tocsin.rules.load import load_rules
from tocsin.rules.pack import shipped
from tocsin.store.spool import Spool
from tocsin.verdict.decisions import Decision, Decisions, case_id
from tocsin.verdict.hits import Hits
from tocsin.verdict.judge import Asked, Before, judge_on

LEARNING_NIGHTS = 14
BUDGET = 20
SILENT = timedelta(days=30)


def main():
    print("| portal | answered | nights that say | expected | false names came | of all nights | nights |")
    print("|---|---|---|---|---|---|---|")
    for portal in map(Path, sys.argv[1:]):
        truth = read_truth(portal)
        for answers, nights in judged(portal, truth):
            false = [sum(not owed for _account, owed in names) for _night, _expected, names in nights]
            said = [expected is not None for _night, expected, _names in nights]
            expected = sum(expected for _night, expected, _names in nights if expected is not None)
            came = sum(number for number, counts in zip(false, said, strict=True) if counts)
            print(
                f"| {portal.name} | {answers} | {sum(said)} | {expected:.1f} | {came} | {sum(false)} | {len(false)} |",
                flush=True,
            )


def judged(portal, truth):
    asked = Scan(logs=[str(portal / "logs")], now=datetime.now(UTC), budget=BUDGET)
    rules = load_rules([shipped()])
    ledger = Ledger(lambda _done, _total: None)
    with Spool(views(rules, asked.overlays)) as spool:
        portions = read_in(asked, TokenKey.throwaway(), ledger)
        held = gather(portions, asked, rules, spool, ledger, lambda _step, _done, _total: None)
        measured = held.run.measured
        hits = Hits(Watched(measured.episodes, measured.peaks, who_was_active(measured.nights), rules))
        for answers in ("no", "next morning"):
            question = Asked(frozenset(held.nights[LEARNING_NIGHTS:]), held.holidays, BUDGET, explained=False)
            yield answers, fold(measured, hits, asked.settings, question, truth, answers != "no")


def fold(measured, hits, settings, question, truth, answered):
    """Judge the nights in order; of those asked for give night, expectation and new names, each owed to an attack or not."""
    attacked = truth.nights.group_by("account").agg(since=pl.col("night").min(), last=pl.col("night").max())
    spans = {account: (date.fromisoformat(since), date.fromisoformat(last)) for account, since, last in attacked.rows()}
    before, told, nights = Before(), (), []
    for rows in measured.nights.sort("night").partition_by("night", maintain_order=True):
        asked = replace(question, decisions=Decisions(answers=told))
        ((night, before),) = judge_on(replace(measured, nights=rows), hits.on, settings, asked, before)
        names = [(suspect, owed(suspect.account, night.night, spans)) for suspect in night.suspects]
        new = [(suspect.account, right) for suspect, right in names if suspect.rank is not None]
        if answered:
            told += tuple(answer(suspect, night.night, right) for suspect, right in names)
        if night.night in question.nights:
            nights.append((night.night, night.budget.expected_false, new))
    return nights


def owed(account, night, spans):
    first, last = spans.get(account, (date.max, date.min))
    return first <= night <= last + timedelta(days=7)


def answer(suspect, night, right):
    """Give what a person says the next morning: of the nights since the case began, with what the truth knows."""
    first, tomorrow = suspect.first_alerted, night + timedelta(days=1)
    return Decision(
        case_id(suspect.account, first), suspect.account, "true" if right else "benign", first, night, tomorrow,
        None if right else night + SILENT, suspect.campaign,
    )  # fmt: skip


if __name__ == "__main__":
    main()
