"""What links an account to others, in words."""

from collections.abc import Sequence

from tocsin.results import Fleet, Link, Measure
from tocsin.verdict.campaign import OF_NUMBERS
from tocsin.verdict.link_kinds import ONSET
from tocsin.words import _, ngettext


def told_of(links: Sequence[Link]) -> tuple[str, Measure]:
    """Tell the link that chance explains least, with how many accounts it is of; the report has them all.

    That accounts began together is said where nothing else links them.
    """
    link = min(links, key=lambda held: (held.kind == ONSET, held.chance, held.kind))
    others = len(link.accounts) - 1
    if link.kind in OF_NUMBERS:
        text = ngettext(
            "asks for numbers of one run together with {n} other account",
            "asks for numbers of one run together with {n} other accounts",
            others,
        ).format(n=others)
        return text, _accounts(link, "shared numbers", others + 1)
    if link.kind == ONSET:
        text = ngettext(
            "began work at {value}, when it never did before, as {n} other suspicious account did",
            "began work at {value}, when it never did before, as {n} other suspicious accounts did",
            others,
        )
        rest = _("of all accounts at most {population} begin then, on any night of four weeks")
    else:
        text = ngettext(
            "shares the {kind} {value}, new to it, with {n} other suspicious account",
            "shares the {kind} {value}, new to it, with {n} other suspicious accounts",
            others,
        )
        rest = _("{population} accounts used it in four weeks")
    text = text.format(kind=_(link.kind), value=link.value, n=others)
    return f"{text} ({rest.format(population=link.population)})", _accounts(
        link, f"shared {link.kind}", link.population
    )


def told_of_fleet(fleet: Fleet) -> tuple[str, Measure]:
    """Tell with how many accounts of its software, or profession, it hurried."""
    hurried = len(fleet.accounts)
    text = _("read faster than ever in the same hours as {n} other accounts of {group} (at most {before} on any night)")
    measure = Measure("fleet", hurried, fleet.before, None, None, "accounts", "population", fleet.nights, fleet.of)
    return text.format(n=hurried - 1, group=fleet.group, before=fleet.before), measure


def _accounts(link: Link, name: str, peers: int) -> Measure:
    return Measure(name, len(link.accounts), None, None, None, "accounts", "population", 0, peers)
