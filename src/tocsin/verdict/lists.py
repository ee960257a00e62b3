"""Lists within a night: regions with a budget have places of their own, and one region can be reported alone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from tocsin.results import Campaign, Night, Suspect
from tocsin.rules.overlay import Overlays
from tocsin.rules.tuning import covers
from tocsin.settings import Alerting
from tocsin.verdict.budget import EVERYBODY, Candidate, Places, ceiling

ASKED = "asked"
"""The list of the region that is reported alone."""


@dataclass(frozen=True, slots=True)
class Lists:
    """Whose places an account competes for (`names`, in the order of the night's accounts), and how many there are."""

    names: Sequence[str]
    limits: Mapping[str, int]
    limit: int
    overlays: Overlays = field(default_factory=Overlays)
    region: str | None = None

    def sizes(self, region: str | None) -> Mapping[str, int]:
        """Give the accounts that compete on each list, or on that of the asked region alone."""
        sizes = Counter(self.names)
        return sizes if region is None else {ASKED: sizes[ASKED]}

    def of_another_night(self, suspect: Suspect, known: str) -> str:
        """Say whose places a suspect of an earlier night competes for tonight; it was `known` to be on that list then.

        Another region may be asked for since, or overlays may have changed. What it reads in is not told of a suspect:
        where an overlay goes by that, the list of then counts.
        """
        if self.region is not None and suspect.region == self.region:
            return ASKED
        who = {"profession": suspect.profession, "structure": suspect.structure, "region": suspect.region}
        mine = [str(one.place) for one in self.overlays.by_priority if one.budget is not None and one.covers(who)]
        if mine or known == ASKED or known not in self.limits:
            return mine[-1] if mine else EVERYBODY
        return known


def lists_of(rows: pl.DataFrame, rules: Alerting, budget: int | None, overlays: Overlays, region: str | None) -> Lists:
    """Say on whose list each account is: of the asked region, of the overlay with a budget, or of all.

    `budget` is what the command line asks: the most of the whole night, or of the region where one is asked.
    """
    own: pl.Expr = pl.lit(EVERYBODY)
    limits: dict[str, int] = {}
    sizes = [(one.budget, one) for one in overlays.by_priority if one.budget is not None]
    for size, overlay in sizes:
        limits[str(overlay.place)] = size
        own = pl.when(covers(overlay.when)).then(pl.lit(str(overlay.place))).otherwise(own)
    if region is not None:
        own = pl.when(covers({"region": (region,)})).then(pl.lit(ASKED)).otherwise(own)
    names = rows.with_columns(own.alias("#list"))["#list"].to_list()
    accounts = Counter(names)
    limits[EVERYBODY] = ceiling(accounts[EVERYBODY], rules, budget if region is None else None)
    if region is not None:
        asked = overlays.budget({"region": region}) if budget is None else budget
        limits[ASKED] = ceiling(accounts[ASKED], rules, asked)
    every = sum(limits[name] for name in accounts)
    return Lists(names, limits, every if budget is None or region is not None else budget, overlays, region)


def cut_by_list(candidates: Sequence[Candidate], places: Places) -> dict[str, int]:
    """Give for each list on which some did not fit the points of the highest of these."""
    cut: dict[str, int] = {}
    for one in candidates:
        if one.account in places.cut:
            cut[one.list_name] = max(one.points, cut.get(one.list_name, 0))
    return cut


def of_region(
    night: Night,
    region: str,
    lists: Lists,
    places: Places,
    candidates: Sequence[Candidate],
    ordinary: int,
) -> Night:
    """Leave the suspects of one region, ranked among themselves, with the use of its own places.

    All were judged together, so points and calibration are those of the whole portal. Campaigns keep their members
    from elsewhere.
    """
    mine = [suspect for suspect in night.suspects if suspect.region == region]
    order = {rank: at for at, rank in enumerate(sorted({s.rank for s in mine if s.rank is not None}), start=1)}
    suspects = tuple(replace(s, rank=order[s.rank] if s.rank is not None else None) for s in mine)
    ranks = {suspect.account: suspect.rank for suspect in suspects}
    here = {c.account for c in candidates if c.list_name == ASKED}
    cut = {account: points for account, points in places.cut_accounts.items() if account in here}
    new = [suspect for suspect in suspects if suspect.rank is not None]
    budget = replace(
        night.budget,
        limit=lists.limits[ASKED],
        new=places.taken.get(ASKED, 0),
        continuing=len(suspects) - len(new),
        cut=len(cut),
        cut_points=max(cut.values(), default=None),
        cut_accounts=cut,
        ordinary=ordinary,
        by_profession=dict(sorted(Counter(s.profession or "unknown" for s in new).items())),
    )
    campaigns = (_ranked(campaign, ranks) for campaign in night.campaigns)
    return replace(
        night, suspects=suspects, campaigns=tuple(one for one in campaigns if one is not None), budget=budget
    )


def _ranked(campaign: Campaign, ranks: Mapping[str, int | None]) -> Campaign | None:
    mine = [ranks[member.account] for member in campaign.accounts if member.account in ranks]
    if not mine:
        return None
    return replace(campaign, rank=min((rank for rank in mine if rank is not None), default=None))
