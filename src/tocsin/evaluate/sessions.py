"""Sessions told right: whose the report says they are, beside who was in them."""

from dataclasses import dataclass

import polars as pl

from tocsin.evaluate.alerts import Alerts
from tocsin.evaluate.truth import Truth

_PART = "/[0-9]+$"
"""How the report names the second and later parts of a session that it cut by address, device or silence."""


@dataclass(frozen=True, slots=True)
class SessionScore:
    """Sessions that were told apart, of attacked accounts; a mixed one is right where both were in it."""

    intruder: int
    intruder_right: int
    mixed: int
    mixed_right: int
    owner: int
    owner_right: int

    @property
    def all(self) -> int:
        """Count them."""
        return self.intruder + self.mixed + self.owner

    @property
    def right(self) -> int:
        """Count those told right."""
        return self.intruder_right + self.mixed_right + self.owner_right


def told_right(alerts: Alerts, truth: Truth, attacked: pl.DataFrame) -> SessionScore | None:
    """Compare verdicts of sessions of attacked accounts with who was in them; None where none was given.

    A session that owner and intruder shared is one, however many parts it was told in: it is right where it is called
    mixed, or where one part is the owner's and another the intruder's.
    """
    if alerts.sessions.is_empty():
        return None
    told = alerts.sessions.unique(["account", "session"], keep="last", maintain_order=True)
    told = told.join(attacked.select("account").unique(), on="account", how="semi")
    real = truth.sessions.group_by("account", "session").agg(pl.col("intruder", "owner").sum())
    whole = told.join(real, on=["account", "session"], how="semi")
    parts = told.join(whole, on=["account", "session"], how="anti")
    told = pl.concat([whole, parts.with_columns(pl.col("session").str.replace(_PART, ""))])
    # Where the log has no session ids the report made its own, and none is known to the truth.
    if told.join(real, on=["account", "session"], how="semi").is_empty():
        return None
    both = told.join(real, on=["account", "session"], how="left").with_columns(
        real=pl.when(pl.col("intruder").is_null())
        .then(pl.lit("owner"))
        .when(pl.col("owner") == 0)
        .then(pl.lit("intruder"))
        .otherwise(pl.lit("mixed"))
    )
    alone = both.filter(pl.col("real") != "mixed")
    shared = (
        both.filter(pl.col("real") == "mixed")
        .group_by("account", "session")
        .agg(right=(pl.col("verdict") == "mixed").any() | (pl.col("verdict").n_unique() > 1))
    )
    right = alone.filter(pl.col("real") == pl.col("verdict"))
    return SessionScore(
        intruder=alone.filter(real="intruder").height,
        intruder_right=right.filter(real="intruder").height,
        mixed=shared.height,
        mixed_right=shared.filter("right").height,
        owner=alone.filter(real="owner").height,
        owner_right=right.filter(real="owner").height,
    )
