"""Text from logs made harmless before anybody or anything displays it."""

from tocsin.results import Link, Suspect
from tocsin.verdict.link_kinds import ONSET, RUN
from tocsin.visible import marked, visible
from tocsin.words import _, ngettext

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell for a formula."""

TOLD = 2_000
"""Characters of what many accounts have in common: it ends in a command that accepts all figures that moved."""

UNITS = ("B", "kB", "MB", "GB", "TB")


def plain(text: str, most: int = 200) -> str:
    """Replace control, bidirectional and other invisible characters by a visible mark, and bound the length."""
    shown = visible(text)
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def screen(text: str) -> str:
    """Do the same with whole lines of a table, which keep their columns and their length."""
    return "\n".join(map(marked, text.split("\n")))


def cell(text: str) -> str:
    """Make a text safe in a spreadsheet: a leading apostrophe where it would be a formula."""
    shown = plain(text, 1_000)
    return f"'{shown}" if shown.startswith(FORMULA) or text.startswith(FORMULA) else shown


def odds(chance: float) -> str:
    """Say a small chance as people do."""
    if chance <= 1e-9:
        return _("less than 1 in a billion")
    return _("1 in {times:,}").format(times=round(1 / chance))


def shared(link: Link) -> str:
    """Say what the accounts of a link have in common."""
    text = _(
        "same {kind} {value}: {n} accounts here, {population} on the whole portal in four weeks, by chance {chance}"
    )
    if link.kind == RUN:
        text = _(
            "{value} numbers of one sequence dealt over {n} accounts; {population} asked for any of them that night,"
            " by chance {chance}"
        )
    if link.kind == ONSET:
        text = _(
            "{n} accounts began work at {value}, when they never did before; at most {population} of all accounts begin"
            " then, on any night of four weeks, by chance {chance}"
        )
    return text.format(
        kind=link.kind,
        value=plain(link.value, 60),
        n=len(link.accounts),
        population=link.population,
        chance=odds(link.chance),
    )


def ordinary(suspect: Suspect, accounts: int) -> str:
    """Say how rare a suspect is beside ordinary nights; nothing where too few are known, or tonight did not see it."""
    if suspect.expected_false is None or not suspect.as_unusual or suspect.rang is not None:
        return ""
    usual = suspect.expected_false
    text = ngettext(
        "On ordinary nights about {n} of {accounts:,} accounts look at least this unusual; tonight {m} does",
        "On ordinary nights about {n} of {accounts:,} accounts look at least this unusual; tonight {m} do",
        suspect.as_unusual,
    ).format(n=f"{usual:.2g}" if usual < 1 else f"{usual:,.1f}", accounts=accounts, m=suspect.as_unusual)
    share = "" if suspect.q_value is None else _(" (q-value {q:.2g})").format(q=suspect.q_value)
    return f"{text}{share}."


def amount(number: int | None) -> str:
    """Write a number, or a question mark where the logs tell none."""
    return "?" if number is None else f"{number:,}"


def size(count: int) -> str:
    """Write a number of bytes as people read it."""
    value, unit = float(count), UNITS[0]
    for unit in UNITS:
        if value < 1_000 or unit == UNITS[-1]:
            break
        value /= 1_000
    return f"{value:.0f} {unit}" if value >= 10 or unit == "B" else f"{value:.1f} {unit}"
