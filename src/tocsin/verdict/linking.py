"""Linking: campaigns found among tonight's suspicious accounts, what they add, and how they are opened or go on."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.measure import Measured
from tocsin.model.assess import Assessment
from tocsin.settings import Settings
from tocsin.verdict.campaign import JOINING, Group, Linker, link
from tocsin.verdict.docket import Docket, OpenCampaign
from tocsin.verdict.joining import joined
from tocsin.verdict.points import Caps, Scores, with_campaign


def linked(
    measured: Measured,
    night: date,
    assessment: Assessment,
    scores: Scores,
    settings: Settings,
    caps: Caps,
    linker: Linker = link,
) -> tuple[Scores, list[Group]]:
    """Link the suspicious accounts, and those that a run was dealt over, and lift those that belong together."""
    rules = settings.alerting
    access = np.maximum.reduce([scores.families[family] for family in settings.families.data_access])
    near = (scores.points >= 100 * rules.link_floor * rules.floor_points) & (access >= 100 * rules.counts)
    accounts = assessment.rows["account"]
    candidates = accounts.filter(pl.Series(near)).to_list()
    runs = measured.runs.filter(pl.col("night") == night).join(assessment.rows, on="account", how="semi")
    if len(candidates) < 2 and runs.is_empty():
        return scores, []
    origins = measured.origins
    if "first" in origins.columns:
        origins = origins.with_columns(pl.col("first").dt.convert_time_zone(settings.portal.zone))
    groups = linker(origins, night, candidates, rules, assessment.rows, runs)
    lift = np.zeros(accounts.len(), np.int32)
    together = {account for group in groups for held in group.links for account in held.accounts}
    at = {account: index for index, account in enumerate(accounts) if account in together}
    for group in groups:
        for held in group.links:
            strength = round(-100 * np.log10(max(held.chance, 1e-20)))
            for account in held.accounts:
                lift[at[account]] = max(lift[at[account]], strength)
    return with_campaign(scores, lift, settings.families, caps), groups


def apart(groups: Sequence[Group], docket: Docket, holds: int, ringing: set[str]) -> list[Group]:
    """Split the groups that lie between open campaigns, unless their links tie these as two groups of one night.

    Who is of no campaign yet goes to the one that tonight's links tie it to; a campaign goes on by one member. Gives
    the groups in which somebody rings.
    """
    parts: list[Group] = []
    for group in groups:
        begun = [mine for one in docket.campaigns if (mine := one.members & set(group.accounts))]
        if len(begun) < 2:
            parts.append(group)
            continue
        homes = joined([held for held in group.links if held.kind in JOINING], {*group.accounts}, holds, begun)
        rest = set(group.accounts).difference(*homes)
        for account in sorted(rest):
            # Two kinds of evidence tie it to the group, one of which joins nobody by itself.
            near = [held.accounts for held in group.links if account in held.accounts]
            max(homes, key=lambda home: sum(len(home.intersection(held)) for held in near)).add(account)
        for home in homes:
            links = tuple(held for held in group.links if home.intersection(held.accounts))
            parts.append(Group(tuple(sorted(home)), links))
    return [part for part in parts if ringing.intersection(part.accounts)]


def gathered(docket: Docket, night: date, groups: Sequence[Group]) -> tuple[Docket, dict[str, OpenCampaign]]:
    """Open or continue the campaigns; gives each member's campaign, also of those whose links rest tonight.

    Whose campaign was merged into another one tonight is of that one.
    """
    for group in groups:
        docket, _campaign = docket.gather(night, group.accounts)
    return docket, {account: campaign for campaign in docket.campaigns for account in campaign.members}


def counts_once(accounts: Sequence[str], scores: Scores, docket: Docket, groups: Sequence[Group]) -> NDArray[np.bool_]:
    """Tell which scores calibration learns: a case and a campaign count once, as they take one place.

    Without that, five nights of fourteen attacked accounts would look like seventy ordinary alerts, and hide the next.
    """
    once = np.array([account not in docket.accounts for account in accounts])
    grouped = {account for group in groups for account in group.accounts}
    place = {account: at for at, account in enumerate(accounts) if account in grouped}
    for group in groups:
        members = sorted((place[account] for account in group.accounts), key=lambda at: -int(scores.points[at]))
        once[members[1:]] = False
    return once
