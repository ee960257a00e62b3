"""Events that wait are given again as they were."""

import polars as pl

from tocsin.engine.squeezed import Squeezed


def test_what_was_put_aside_is_given_again_as_often_as_it_is_asked_for():
    frames = [pl.DataFrame({"account": ["A", None], "n": [1, 2]}), pl.DataFrame({"account": ["B"], "n": [3]})]
    aside = Squeezed()
    for frame in frames:
        aside.add(frame)
    for _again in range(2):
        assert all(one.equals(other) for one, other in zip(aside, frames, strict=True))
