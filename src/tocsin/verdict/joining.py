"""Joining: which suspicious accounts are one campaign, so that two are not taken for one by a single weak link."""

from collections.abc import Sequence

from tocsin.results import Link


def joined(links: Sequence[Link], wanted: set[str], holds: int) -> list[set[str]]:
    """Give the groups of wanted accounts that these links hold together, each account in one of them at most.

    Links of many accounts come first. One that touches two groups is a bridge; what else it holds goes to the group
    that has most of it. Two groups are one when so many links (`holds`) tie them, or one that as many of each share.
    """
    groups: list[set[str]] = []
    bridges: list[set[str]] = []
    for held in sorted(links, key=lambda x: (-len(wanted & {*x.accounts}), x.chance, x.kind, x.value)):
        members = wanted & {*held.accounts}
        touched = sorted((group for group in groups if group & members), key=lambda g: (-len(g & members), min(g)))
        if not touched:
            groups.append(members)
            continue
        touched[0] |= members - set().union(*touched)
        if len(touched) > 1:
            bridges.append(members)
            groups = _merged(groups, bridges, holds)
    return sorted((group for group in groups if group), key=min)


def _merged(groups: list[set[str]], bridges: Sequence[set[str]], holds: int) -> list[set[str]]:
    """Merge groups until no two are held together often enough."""
    for at, one in enumerate(groups):
        for other in groups[at + 1 :]:
            if sum(min(len(bridge & one), len(bridge & other)) for bridge in bridges) >= holds:
                left = [group for group in groups if group is not one and group is not other]
                return _merged([one | other, *left], bridges, holds)
    return groups
