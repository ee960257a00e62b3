"""Colleagues: whether others of the same structure had read the people who are new to a suspect.

An explanation that a person weighs, not a way to be silent: whoever takes an account over reads the people of its
structure first of all (docs/decisions/0087).
"""

from dataclasses import replace
from datetime import date, timedelta

import polars as pl

from tocsin.features.work import is_read
from tocsin.results import Innocent, Night, Suspect
from tocsin.settings import Innocence
from tocsin.verdict.held import Events
from tocsin.words import _, ngettext

COLUMNS = ("account", "night", "kind", "outcome", "person_id")


def with_colleagues(night: Night, held: Events, active: pl.DataFrame, rules: Innocence) -> Night:
    """Say of each suspect how many of the people new to it, on the night on which it rang, colleagues had read.

    `active`: account, night and structure of those who did something, on this night and before. Where the logs name no
    structure, or too large a one, nothing is said.
    """
    for on in sorted({suspect.rang or suspect.night for suspect in night.suspects}):
        night = _with_those_of(night, on, held, active, rules)
    return night


def _with_those_of(night: Night, on: date, held: Events, active: pl.DataFrame, rules: Innocence) -> Night:
    """Do so for the suspects that rang `on` a night."""
    begins = on - timedelta(days=rules.colleague_days)
    then = active.lazy().filter(pl.col("night").is_between(begins, on) & pl.col("structure").is_not_null())
    members = then.select("account", "structure").unique().sort("account").collect()
    colleagues = {
        suspect.account: [
            one for one in members.filter(structure=suspect.structure)["account"] if one != suspect.account
        ]
        for suspect in night.suspects
        if suspect.structure is not None and (suspect.rang or suspect.night) == on
    }
    colleagues = {account: others for account, others in colleagues.items() if 0 < len(others) < rules.colleagues}
    if not colleagues:
        return night
    asked = sorted({*colleagues, *(one for others in colleagues.values() for one in others)})
    reads = held.of_accounts(asked, COLUMNS, begins).filter(is_read() & (pl.col("night") <= on))
    told = {account: _told(on, account, others, reads, rules) for account, others in colleagues.items()}
    suspects = (replace(one, innocent=told[one.account]) if one.account in told else one for one in night.suspects)
    return replace(night, suspects=tuple(suspects))


def of_colleagues(suspect: Suspect) -> tuple[Innocent, ...]:
    """Give what was said of the suspect's colleagues, if anything was."""
    return tuple(one for one in suspect.innocent if one.explanation == _explanation())


def _explanation() -> str:
    return _("people whom colleagues of its structure know")


def _told(on: date, account: str, others: list[str], reads: pl.DataFrame, rules: Innocence) -> tuple[Innocent, ...]:
    before, tonight = pl.col("night") < on, pl.col("night") == on
    mine = reads.filter(pl.col("account") == account)
    new = mine.filter(tonight).select("person_id").unique()
    new = new.join(mine.filter(before), on="person_id", how="anti")
    if new.is_empty():
        return ()
    theirs = reads.filter(pl.col("account").is_in(others) & before)
    known = new.join(theirs, on="person_id", how="semi").height
    text = ngettext(
        "{known:,} of {new:,} people new to it had been read by {n} colleague in {weeks}",
        "{known:,} of {new:,} people new to it had been read by {n} colleagues in {weeks}",
        len(others),
    )
    days = rules.colleague_days
    weeks = _("four weeks") if days == 28 else ngettext("{n} day", "{n} days", days).format(n=days)
    figures = text.format(known=known, new=new.height, n=len(others), weeks=weeks)
    return (Innocent(_explanation(), holds=2 * known > new.height, figures=figures),)
