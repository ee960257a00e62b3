import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom, nbinom

from tocsin.model import surprise
from tocsin.settings_fixed import SURPRISES_END


def one(function, *values):
    return int(function(*(np.array([float(v)]) for v in values))[0])


@given(st.integers(1, 400), st.floats(0.5, 60), st.floats(0.05, 2))
def test_a_count_is_as_surprising_as_its_mid_p_value(value, mean, dispersion):
    seen = one(surprise.of_counts, value, mean, dispersion)
    law = nbinom(1 / dispersion, 1 / (1 + dispersion * mean))
    exact = -np.log10(max(law.sf(value) + 0.5 * law.pmf(value), 1e-300)) if value > mean else 0
    assert seen == pytest.approx(min(100 * exact, SURPRISES_END), abs=2)


def test_a_count_at_or_below_its_mean_is_no_surprise():
    assert one(surprise.of_counts, 5, 5, 0.1) == 0
    assert one(surprise.of_counts, 0, 5, 0.1) == 0


@given(st.integers(1, 200), st.data())
def test_a_share_is_as_surprising_as_its_mid_p_value(whole, data):
    part = data.draw(st.integers(0, whole))
    mean, alike = data.draw(st.floats(0.001, 0.99)), data.draw(st.floats(0.002, 0.3))
    seen = one(surprise.of_shares, part, whole, mean, alike)
    if part <= mean * whole:
        assert seen == 0
    elif part <= surprise._FEW or whole - part <= surprise._FEW:
        scale = 1 / alike - 1
        law = betabinom(whole, mean * scale, (1 - mean) * scale)
        exact = law.sf(part) + 0.5 * law.pmf(part)
        assert min(seen, 1100) == pytest.approx(min(-100 * np.log10(max(exact, 1e-300)), 1100), abs=3)


def test_a_large_share_is_judged_by_the_smooth_tail():
    assert one(surprise.of_shares, 500, 1000, 0.4, 0.002) == pytest.approx(100 * 4, abs=100)


def test_all_new_where_nine_in_ten_are_usual_is_no_sensation():
    assert one(surprise.of_shares, 100, 100, 0.92, 0.002) < 400
    assert one(surprise.of_shares, 100, 100, 0.20, 0.02) > 1000


def test_more_is_never_less_surprising():
    values = np.arange(0, 200, dtype=np.float64)
    ones = np.ones_like(values)
    counts = surprise.of_counts(values, 20 * ones, 0.2 * ones)
    shares = surprise.of_shares(values, 200 * ones, 0.3 * ones, 0.02 * ones)
    peers = surprise.of_peers(values, 3 * ones, 0.5 * ones, 6.0)
    assert all((np.diff(series) >= 0).all() for series in (counts, peers))
    # Where the exact sum takes over from the smooth tail, at a surprise of ten, it may step back by a quarter.
    assert (np.diff(shares) >= -25).all()


def test_peers_have_a_heavy_tail():
    middle, spread = np.log1p(20.0), 0.4
    assert one(surprise.of_peers, 20, middle, spread, 6.0) <= 31
    assert one(surprise.of_peers, 500, middle, spread, 6.0) < 600


@given(st.floats(0.5, 500), st.floats(0.04, 1))
def test_the_ring_value_is_where_a_count_rings(mean, dispersion):
    limit = float(surprise.ring_value(np.array([1e9]), np.array([mean]), np.array([dispersion]), 3.0)[0])
    assert one(surprise.of_counts, limit, mean, dispersion) >= 250
    assert one(surprise.of_counts, max(limit * 0.6 - 2, 0), mean, dispersion) < 300


@given(st.floats(1e-6, 1e5), st.floats(0.01, 10), st.sampled_from([2.0, 3.0, 4.0]))
def test_nothing_within_two_deviations_could_have_rung(mean, dispersion, told):
    far = np.array([1e9])
    limit = surprise.ring_value(far, np.array([mean]), np.array([dispersion]), told)[0]
    near = np.floor(mean + 2 * np.sqrt(mean + dispersion * mean**2))
    assert near < limit
    assert surprise.ring_value(np.array([near]), np.array([mean]), np.array([dispersion]), told)[0] == np.inf


@given(st.integers(50, 5_000), st.floats(1e-4, 0.6), st.floats(0.005, 0.3))
def test_the_ring_share_is_where_a_share_rings(whole, mean, sameness):
    n, m, rho = (np.array([float(told)]) for told in (whole, mean, sameness))
    limit = float(surprise.ring_share(n, m, rho, 3.0)[0])
    assert mean * whole < limit <= whole
    if limit < whole:
        assert one(surprise.of_shares, limit + 0.02 * whole + 2, whole, mean, sameness) >= 250
    if limit > 60:  # below, the exact sum tells ties that the smooth law does not
        assert one(surprise.of_shares, 0.7 * limit - 2, whole, mean, sameness) < 330
