import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import genpareto

from tocsin.model.tail import Tail


def tail(scores, of=1_000_000, least=500):
    points, n = np.unique(np.asarray(scores, np.int32), return_counts=True)
    return Tail.of(points, n.astype(np.int64), of, least)


@pytest.mark.parametrize(("shape", "scale"), [(0.2, 100), (-0.3, 300), (0.0, 150)])
def test_a_law_of_a_few_hundred_scores_tells_how_rare_higher_ones_are(shape, scale):
    drawn = genpareto(shape, scale=scale)
    law = tail(1_000 + drawn.rvs(2_000, random_state=np.random.default_rng(3)))
    far = np.array([int(law.start) + 2 * scale, int(law.start) + 4 * scale], np.int32)
    true = 2_000 * drawn.sf(far - 1_000) / 1_000_000
    told = law.chance(far)
    assert (np.abs(told - true) <= 0.5 * true + 5e-6).all(), (told, true)


def test_no_law_of_few_scores_or_of_equal_ones():
    assert tail(range(1_000, 1_400)) is None
    assert tail([1_200] * 2_000) is None
    assert tail([1_000] * 2_000 + [1_300] * 400) is None
    assert tail([]) is None


@given(st.lists(st.integers(400, 4_000), min_size=120, max_size=300))
def test_a_higher_score_is_never_told_as_more_common(scores):
    law = tail(scores, least=100)
    if law is None:
        return
    told = law.chance(np.arange(int(law.start) + 1, 6_000, 50, dtype=np.int32))
    assert (np.diff(told) <= 1e-12).all()
    assert told[0] <= law.share
    assert law.chance(np.array([0], np.int32)) == 1.0
