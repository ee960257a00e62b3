"""Novelty: people the account never read before, in the nights that are held.

What is judged is their share: on a busy day everything grows, and volume has said so already; only a larger share of
strangers is a second piece of evidence.
"""

import polars as pl

from tocsin.features.feature import Feature
from tocsin.features.volume import reads

FEATURES = (
    Feature(
        name="new_people",
        unit="people",
        family="novelty",
        table=reads,
        value=pl.col("is_new").sum(),
        needs=("patient",),
        history=True,
        judged=False,
        words="people never read before by this account",
        sentence="{value} people it never read before, usually {usual}",
    ),
    Feature(
        name="new_share",
        unit="of the people",
        family="novelty",
        table=reads,
        value=pl.col("is_new").sum(),
        of="people",
        needs=("patient",),
        history=True,
        words="share of people never read before",
        sentence="{share} of its people were never read by it before, usually {usual}",
    ),
)
