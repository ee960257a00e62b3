"""Whom a tuning is for."""

from types import SimpleNamespace

import polars as pl
import pytest

from tocsin.errors import SettingsError
from tocsin.rules.comparisons import PROFILE
from tocsin.tune.scope import Scope, refuse_nobody, scope_of

ACTIVE = pl.DataFrame(
    {**dict.fromkeys(PROFILE), "account": "A", "region": "29", "profession": "gp", "structure": None},
    schema_overrides=dict.fromkeys(("account", *PROFILE), pl.String),
)


def overlays(*named):
    """Overlays by file, title and region."""
    told = [
        SimpleNamespace(title=title, when={"region": (region,)}, place=SimpleNamespace(file=f"regions/{file}.yml"))
        for file, title, region in named
    ]
    return SimpleNamespace(overlays=told)


def test_a_region_is_a_code_or_an_overlay_by_title_or_file():
    known = overlays(("brest", "Finistere", "29"), ("paris", "Ile", "75"))
    for name, code in (("Finistere", "29"), ("paris", "75"), ("44", "44")):
        assert scope_of(name, (), (), known) == Scope(name, {"region": (code,)})
    told = scope_of("29", ("S",), ("gp",), known, sources=("east",))
    when = {"region": ("29",), "structure": ("S",), "profession": ("gp",), "source": ("east",)}
    assert told == Scope("29, S, gp, east", when)


def test_a_file_with_overlays_for_different_accounts_is_no_region():
    known = overlays(("west", "Brest", "29"), ("west", "Rennes", "35"), ("twice", "A", "44"), ("twice", "B", "44"))
    with pytest.raises(SettingsError, match=r"'west' holds overlays for different accounts; .*Brest, Rennes"):
        scope_of("west", (), (), known)
    assert scope_of("twice", (), (), known).when == {"region": ("44",)}


def test_everybody_is_looked_at_only_where_that_is_asked_for():
    assert scope_of(None, (), (), overlays(), everybody=True) == Scope("all regions", {})
    assert scope_of("29", (), (), overlays(), everybody=True).name == "29"
    with pytest.raises(SettingsError, match="a tuning is for somebody"):
        scope_of(None, (), (), overlays())


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ({"region": ("92",)}, "no account is of the region '92'; .*29"),
        ({"region": ("2",)}, "did you mean '29'"),
        ({"structure": ("S",)}, "no account is of the structure 'S'; the logs name no structure"),
    ],
)
def test_nobody_is_refused_with_what_is_not_there(when, said):
    with pytest.raises(SettingsError, match=said):
        refuse_nobody(Scope("x", when), ACTIVE)


def test_a_region_and_a_profession_of_different_accounts_are_refused():
    both = pl.concat([ACTIVE, ACTIVE.with_columns(region=pl.lit("75"), profession=pl.lit("lab"))])
    with pytest.raises(SettingsError, match="no account is of all that: 29, lab"):
        refuse_nobody(Scope("29, lab", {"region": ("29",), "profession": ("lab",)}), both)
    refuse_nobody(Scope("75, lab", {"region": ("75",), "profession": ("lab",)}), both)
