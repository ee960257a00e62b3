"""A feature: declared once, it is a column, an input of the model and words in the report."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import polars as pl

Table = Callable[["Work"], pl.DataFrame]
"""Makes the rows a feature counts: `who` (account code), `night` and flags, any order."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One integer a night and account, of one evidence family.

    `value` counts rows of `table` in one account-night (Int64). A share names its denominator, another feature, in
    `of`, and `like` the feature that says what is usual where that is not its own past. `needs` are the event columns
    without which it cannot be told, `unless` those that tell the same better; `history` says that the first nights of
    an account cannot show it. A `weak` one is common, and says no more by itself than the settings let it
    (families.weak). A `spare` one says little that others do not: that logs cannot tell it is no news. A `carried`
    feature is 0 here: the judge fills it in from the nights before (model.carried); so it sums those with `over` over
    that many nights, tonight's the last. `sentence` has {value}, {share} and {usual}; `one` says the same of a single
    thing. Both are translated.
    """

    name: str
    unit: str
    family: str
    table: Table
    value: pl.Expr
    needs: tuple[str, ...]
    sentence: str
    unless: tuple[str, ...] = ()
    carried: bool = False
    of: str | None = None
    like: str | None = None
    history: bool = False
    judged: bool = True
    weak: bool = False
    spare: bool = False
    over: int = 1
    words: str = ""
    one: str = ""

    @property
    def shape(self) -> Literal["count", "share"]:
        """Say under which model its surprise is computed."""
        return "share" if self.of else "count"


@dataclass(frozen=True, slots=True)
class Work:
    """The events of a bucket, prepared once for all families.

    `events`: one row an event with `who` (dense code of the account in this bucket). `reads`: one row a successful
    read of one person, sorted by who, person, time, with `is_new` (never read before by this account), `is_repeat`
    (the same consultation again) and `opens_night` (first read of this person that night). `asks`: every request
    that named a person, whatever came back. `origins`: one row an account, night, address and browser.
    `countries`: one row an account, night and country that the log tells, with `is_new_country`.
    """

    events: pl.DataFrame
    reads: pl.DataFrame
    asks: pl.DataFrame
    origins: pl.DataFrame
    countries: pl.DataFrame
