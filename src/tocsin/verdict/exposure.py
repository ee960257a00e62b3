"""Who was exposed: the people read in the window of an intrusion, and how sure that is."""

from collections.abc import Sequence

import polars as pl

from tocsin.features.work import READING, SHOWN
from tocsin.results import Exposed
from tocsin.schema import Outcome
from tocsin.verdict.sessions import Told
from tocsin.words import _

CERTAIN, PROBABLE, POSSIBLE = "certain", "probable", "possible"

CERTAINTY = pl.Enum([CERTAIN, PROBABLE, POSSIBLE])
"""An intruder's session showed the person; a mixed one; the rest of the window, or an outcome that is not known."""

_OF_VERDICT = {"intruder": CERTAIN, "mixed": PROBABLE, "owner": POSSIBLE}


def in_window(numbered: pl.DataFrame, told: Sequence[Told]) -> pl.DataFrame:
    """Give the reading events of these accounts' windows, with `verdict` of their session and `certainty`.

    What was asked for and not shown (not found, denied, failed) has no certainty. Logs that tell no outcomes
    at all count as unknown: at most possible.
    """
    starts = pl.DataFrame(
        {"account": [one.account for one in told], "since": [one.since for one in told]},
        schema={"account": pl.String, "since": numbered.schema["time"]},
    )
    verdicts = {at: verdict for one in told for at, verdict in one.verdicts.items()}
    known = pl.DataFrame(
        {"stretch": list(verdicts), "verdict": list(verdicts.values())},
        schema={"stretch": numbered.schema["stretch"], "verdict": pl.String},
    )
    shown = (
        pl.when(pl.col("outcome") == Outcome.SUCCESS)
        .then(pl.col("verdict").replace_strict(_OF_VERDICT, return_dtype=CERTAINTY))
        .when(pl.col("outcome").is_in(list(SHOWN)))
        .then(pl.lit(POSSIBLE, CERTAINTY))
    )
    return (
        numbered.join(starts, on="account")
        .filter((pl.col("time") >= pl.col("since")) & pl.col("kind").is_in(list(READING)))
        .join(known, on="stretch")
        .with_columns(certainty=shown)
    )


def people(reads: pl.DataFrame) -> pl.DataFrame:
    """List each person once, as surely as the surest read: patient, first, last, reads, services, certainty, accounts.

    Times, reads, services and accounts are those of the reads that are as sure.
    """
    named = reads.filter(pl.col("person_id").is_not_null() & pl.col("certainty").is_not_null())
    return (
        named.filter(pl.col("certainty").to_physical() == pl.col("certainty").to_physical().min().over("person_id"))
        .group_by("person_id")
        .agg(
            pl.col("patient", "patient_region", "certainty").min(),
            first=pl.col("time").min(),
            last=pl.col("time").max(),
            reads=pl.len().cast(pl.Int64),
            services=pl.col("service").drop_nulls().unique().sort(),
            accounts=pl.col("account").unique().sort(),
            outcome=pl.col("outcome").cast(pl.String).min(),
        )
        .sort("certainty", "first", "patient")
    )


def asked_only(reads: pl.DataFrame) -> int:
    """Count the people who were asked for and never shown."""
    named = reads.filter(pl.col("person_id").is_not_null())
    shown = named.filter(pl.col("certainty").is_not_null())["person_id"].unique()
    return named.filter(~pl.col("person_id").is_in(shown.implode()))["person_id"].n_unique()


def exposed(reads: pl.DataFrame) -> Exposed:
    """Count the people, with bounds.

    Answers to searches and exports name nobody: `subjects` (else rows) of each are added, so they are an upper bound;
    the largest single answer of an intruder counted by `subjects` holds so many different people, a lower one.
    """
    named = reads.filter(pl.col("person_id").is_not_null() & pl.col("certainty").is_not_null())
    surest = named.group_by("person_id").agg(pl.col("certainty").to_physical().min())["certainty"]
    certain, probable = int((surest == 0).sum()), int((surest == 1).sum())
    unnamed = reads.filter(pl.col("person_id").is_null() & pl.col("certainty").is_not_null())
    size = pl.max_horizontal("subjects", "rows").fill_null(0).cast(pl.Int64)
    intruders = pl.col("certainty").is_in([CERTAIN, PROBABLE])
    largest = unnamed.filter(pl.col("certainty") == CERTAIN)["subjects"].max()
    most = int(unnamed.select(size.filter(intruders).sum()).item())
    every = int(unnamed.select(size.sum()).item())
    return Exposed(
        min=max(certain, int(largest) if isinstance(largest, int) else 0),
        max=certain + probable + most,
        possible=len(surest) + every,
        records=named.filter(intruders).height,
        listed=len(surest),
        unlisted_max=every,
    )


def basis(certainty: str, outcome: str) -> str:
    """Say in words what a certainty rests on."""
    if certainty == CERTAIN:
        return _("read in a session that is the intruder's")
    if certainty == PROBABLE:
        return _("read in a session that may be the intruder's")
    if outcome == Outcome.UNKNOWN:
        return _("the log does not say whether the record was shown")
    return _("read in a session of the owner, after the intrusion began")
