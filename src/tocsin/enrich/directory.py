"""Who holds an account, as a directory says: profession, structure and region, and logins that were renamed."""

from dataclasses import dataclass

import polars as pl

from tocsin.words import _

TOLD = ("profession", "structure", "region")
"""Columns that a directory fills; what it says of an account stands before what the log says."""

PEOPLE = {"account": pl.String(), **dict.fromkeys(TOLD, pl.String())}
RENAMES = {"former": pl.String(), "account": pl.String()}


@dataclass(frozen=True, slots=True)
class Directory:
    """What is known of accounts, in the form that events have them.

    `people`: columns of PEOPLE (text or categories), each account once, sorted by account. `renames`: columns of
    RENAMES, each former login once, sorted, chains already followed.
    """

    people: pl.DataFrame
    renames: pl.DataFrame


NOBODY = Directory(pl.DataFrame(schema=PEOPLE), pl.DataFrame(schema=RENAMES))


def joined(events: pl.DataFrame, directory: Directory) -> pl.DataFrame:
    """Give events with today's logins and the directory's profession, structure and region; same rows, same order."""
    events = renamed(events, directory)
    known = _looked_up(directory.people, events["account"])
    if known.is_empty():
        return events
    told = known.rename({name: f"told {name}" for name in TOLD})
    both = events.join(told, on="account", how="left", maintain_order="left")
    return both.with_columns(pl.coalesce(f"told {name}", name).alias(name) for name in TOLD).select(events.columns)


def renamed(events: pl.DataFrame, directory: Directory) -> pl.DataFrame:
    """Give any rows with an `account` under today's logins, so that history goes on under one name."""
    if directory.renames.is_empty():
        return events
    now = _looked_up(directory.renames.rename({"former": "account", "account": "now"}), events["account"])
    if now.is_empty():
        return events
    return events.with_columns(events["account"].replace(now["account"], now["now"]).alias("account"))


class Known:
    """Joins portion after portion and counts the accounts that the directory does not name."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._seen: dict[str, bool] = {}

    def joined(self, events: pl.DataFrame) -> pl.DataFrame:
        """Join one portion."""
        if self._directory is NOBODY:
            return events
        events = joined(events, self._directory)
        new = [account for account in events["account"].unique() if account not in self._seen]
        named = set(_looked_up(self._directory.people, pl.Series(new, dtype=pl.String()))["account"])
        self._seen.update((account, account in named) for account in new)
        return events

    def notes(self) -> list[str]:
        """Say how many accounts are strangers: the log's own words, if any, stand for them."""
        strangers = sum(not named for named in self._seen.values())
        text = _("not in the directory: {unknown:,} of {all:,} accounts")
        return [text.format(unknown=strangers, all=len(self._seen))] if strangers else []


def _looked_up(table: pl.DataFrame, accounts: pl.Series) -> pl.DataFrame:
    """Give the rows of these accounts, as text: a directory of two million is searched, never joined whole."""
    wanted = accounts.drop_nulls().unique()
    if table.is_empty() or wanted.is_empty():
        return table.clear().cast(pl.String())
    places = table["account"].search_sorted(wanted).clip(upper_bound=table.height - 1)
    found = table[places]
    return found.filter(found["account"] == wanted).cast(pl.String())
