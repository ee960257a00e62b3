"""What dwarfs the portal's records, or the account's own habits, needs no second reason."""

import numpy as np
import polars as pl

from tocsin.settings import Settings
from tocsin.verdict.records import extreme

RULES = Settings().alerting


def test_a_hundred_times_the_own_usual_and_not_a_little_is_extreme():
    rows = pl.DataFrame({"people": [0, 0, 3, 1_900], "answers": [796_974, 5_000, 900, 0]})
    usual = {"people": np.array([0.0, 0.0, 0.0, 1.0]), "answers": np.array([58.0, 58.0, 1.0, 0.0])}
    assert extreme(rows, usual, RULES).tolist() == [True, False, False, False]
    assert not extreme(rows, {}, RULES).any()
