"""Joining: which suspicious accounts are one campaign, so that two are not taken for one by a single weak link."""

from collections import Counter
from collections.abc import Collection, Sequence

from tocsin.results import Link
from tocsin.verdict.link_kinds import ONSET


def joined(
    links: Sequence[Link], wanted: set[str], holds: int, begun: Sequence[Collection[str]] = ()
) -> list[set[str]]:
    """Give the groups of wanted accounts that these links hold together, each account in one of them at most.

    Links of many accounts come first. One that touches two groups is a bridge; what else it holds goes to the group
    that has most of it. Two groups are one when so many links (`holds`) tie them, or one that as many of each share.
    `begun`: groups of nights before, which have no account in common.

    That accounts began together is a weak link: it comes last, ties no groups, and joins nobody but more than `holds`
    accounts that are in none, to a group that has as many of it, else to one of their own: one or two meet by chance.
    """
    groups = [wanted & {*one} for one in begun]
    bridges: list[set[str]] = []
    for held in sorted(links, key=lambda x: (x.kind == ONSET, -len(wanted & {*x.accounts}), x.chance, x.kind, x.value)):
        members = wanted & {*held.accounts}
        touched = sorted((group for group in groups if group & members), key=lambda g: (-len(g & members), min(g)))
        if not touched:
            groups.append(members)
            continue
        if held.kind == ONSET:
            others = members - set().union(*touched)
            if len(others) > holds:
                home = touched[0] if len(touched[0] & members) >= holds else set[str]()
                groups = [*(group for group in groups if group is not home), home | others]
            continue
        touched[0] |= members - set().union(*touched)
        if len(touched) > 1:
            bridges.append(members)
            for one in touched:
                groups = _merged(groups, one, bridges, holds)
    return sorted((group for group in groups if group), key=min)


def _merged(groups: list[set[str]], one: set[str], bridges: Sequence[set[str]], holds: int) -> list[set[str]]:
    """Merge a group with those that are held to it often enough, until there are none; others are as they were."""
    while one in groups:
        home = {account: at for at, group in enumerate(groups) for account in group}
        mine, held = groups.index(one), Counter[int]()
        for bridge in bridges:
            parts = Counter(home[account] for account in bridge)
            if mine in parts:
                held.update({at: min(parts[mine], count) for at, count in parts.items() if at != mine})
        near = {at for at, times in held.items() if times >= holds}
        if not near:
            break
        one = one.union(*(groups[at] for at in near))
        groups = [one, *(group for at, group in enumerate(groups) if at != mine and at not in near)]
    return groups
