"""Which families are also compared with peers, less the distance that an account always has from them."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.features.feature import Feature
from tocsin.model.each import FEW, side_by_side
from tocsin.model.nights import Past
from tocsin.model.surprise import Hundredths
from tocsin.model.usual import middle, picked

SETTLED = ("volume", "novelty")
"""A chain that is always the biggest is no news every night; one that became the biggest is."""


def settled_distance(past: Past, places: NDArray[np.intp], features: Sequence[Feature]) -> dict[str, Hundredths]:
    """Give the median distance each account had from its peers on the nights held."""
    usual = {feature.name: np.zeros(places.size, np.int32) for feature in features}
    asked = [one for one in features if one.family in SETTLED and f"peer_{one.name}" in past.schema]
    middles = side_by_side(lambda one: middle(past, f"peer_{one.name}"), asked, together=past.height > FEW)
    told = {feature.name: picked(middle, places) for feature, middle in zip(asked, middles, strict=True)}
    whole = pl.DataFrame(told).select(pl.all().fill_null(0).round().cast(pl.Int32))
    return usual | {column.name: column.to_numpy() for column in whole}
