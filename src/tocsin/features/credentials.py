"""Credentials: resets, changed e-mail or device, rights handed on, refused logins and pushes before another's use."""

import polars as pl

from tocsin.features.feature import Feature, Work
from tocsin.schema import Kind, Outcome

REFUSED = (Outcome.FAILURE, Outcome.DENIED)


def entries(work: Work) -> pl.DataFrame:
    """Give one row an event about getting in, or about who may."""
    return work.events.filter(pl.col("kind").is_in([Kind.LOGIN, Kind.CREDENTIAL_CHANGE, Kind.MFA, Kind.DELEGATION]))


def _refused(kind: Kind) -> pl.Expr:
    return (pl.col("kind") == kind) & pl.col("outcome").is_in(list(REFUSED))


COUNTED = {
    "credential_changes": (pl.col("kind") == Kind.CREDENTIAL_CHANGE) & ~pl.col("outcome").is_in(list(REFUSED)),
    "refused_pushes": _refused(Kind.MFA),
    "refused_logins": _refused(Kind.LOGIN),
    "delegations": (pl.col("kind") == Kind.DELEGATION) & ~pl.col("outcome").is_in(list(REFUSED)),
}
"""The events that each feature counts."""


FEATURES = (
    Feature(
        name="credential_changes",
        unit="changes",
        family="credentials",
        table=entries,
        value=COUNTED["credential_changes"].sum(),
        needs=("kind",),
        over=3,
        words="resets and changes of e-mail, device or second factor, in three nights",
        sentence="saw its password, e-mail or device changed {value} times within three nights, usually {usual}",
        one="saw its password, e-mail or device changed within three nights, usually {usual} times",
    ),
    Feature(
        name="refused_pushes",
        unit="pushes",
        family="credentials",
        table=entries,
        value=COUNTED["refused_pushes"].sum(),
        needs=("kind",),
        over=3,
        words="second-factor requests that were refused or not answered, in three nights",
        sentence="refused {value} second-factor requests within three nights, usually {usual}",
        one="refused one second-factor request within three nights, usually {usual}",
    ),
    Feature(
        name="refused_logins",
        unit="logins",
        family="credentials",
        table=entries,
        value=COUNTED["refused_logins"].sum(),
        needs=("kind",),
        over=3,
        weak=True,
        words="logins refused, in three nights",
        sentence="was refused {value} logins within three nights, usually {usual}",
        one="was refused one login within three nights, usually {usual}",
    ),
    Feature(
        name="delegations",
        unit="delegations",
        family="credentials",
        table=entries,
        value=COUNTED["delegations"].sum(),
        needs=("kind",),
        over=3,
        weak=True,
        words="rights handed on to others, in three nights",
        sentence="handed its rights on to others {value} times within three nights, usually {usual}",
        one="handed its rights on to another within three nights, usually {usual} times",
    ),
)
