"""What is said of the nights before any value is tried."""

from datetime import date
from types import SimpleNamespace

import polars as pl

from tocsin.rules.overlay import Overlays
from tocsin.rules.rule import RuleSet
from tocsin.settings import Settings
from tocsin.tune.known import Labelled
from tocsin.tune.replay import Ground
from tocsin.tune.scope import Scope
from tocsin.tune.words import _beginning
from tocsin.verdict.decisions import Decision, Decisions
from tuned_outcomes import outcome

FIRST, LAST = date(2026, 3, 2), date(2026, 3, 10)


def ground(*answers):
    told = Decisions(tuple(Decision("C", account, answer, FIRST, FIRST, heard) for account, answer, heard in answers))
    rows = pl.DataFrame({"account": ["A", "B", "X"], "night": [FIRST] * 3, "region": ["29", "29", "75"]})
    return Ground(
        SimpleNamespace(nights=rows), SimpleNamespace(active=rows), RuleSet((), (), ""), Overlays(),
        Scope("29", {"region": ("29",)}), Settings(), [LAST], frozenset(), decisions=told,
    )  # fmt: skip


def test_accounts_that_were_confirmed_after_the_first_night_are_named_above_the_tables():
    late = ("A", "true", date(2026, 3, 3))
    others = [("B", "benign", date(2026, 3, 3)), ("B", "true", FIRST), ("B", "true", date(2026, 3, 11))]
    held = ground(late, *others, ("X", "true", date(2026, 3, 3)))
    known = {"planted": 0, "cases": [Labelled("B", FIRST, LAST)], "before": [outcome("")]}
    answer = SimpleNamespace(ground=held, **known)
    assert "Confirmed while these nights went by: A. Whom the intruders read counts as known" in _beginning(answer)
    assert "Confirmed" not in _beginning(SimpleNamespace(ground=ground(*others), **known))
