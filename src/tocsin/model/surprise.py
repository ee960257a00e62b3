"""Surprise: minus the decimal logarithm of a mid-p value, in hundredths (2.00 is one in a hundred).

The mid-p value of a count x is P(X > x) + P(X = x) / 2 (Lancaster, JASA 56, 1961): half of the tie goes to each side,
so that discrete features are neither flattered nor punished. All functions take and give numpy arrays of one length.
"""

import numpy as np
from numpy.typing import NDArray

from tocsin.settings_fixed import SURPRISES_END

Floats = NDArray[np.float64]
Hundredths = NDArray[np.int32]


def of_counts(value: Floats, mean: Floats, dispersion: Floats) -> Hundredths:
    """Surprise at a count under a negative binomial: variance = mean + dispersion x mean²."""
    from scipy.special import betainc  # noqa: PLC0415 scipy costs 0.2 s, only scans need it

    surprise = np.zeros(value.shape)
    above = value > mean
    x, mu = value[above], np.maximum(mean[above], 1e-9)
    size = 1.0 / np.maximum(dispersion[above], 1e-6)
    odds = mu / (mu + size)
    at_least = betainc(np.maximum(x, 1e-9), size, odds)
    more = betainc(x + 1.0, size, odds)
    surprise[above] = _minus_log(0.5 * (at_least + more))
    return _hundredths(surprise)


def of_shares(part: Floats, whole: Floats, mean: Floats, sameness: Floats) -> Hundredths:
    """Surprise at a share under a beta-binomial of this mean and intraclass correlation (`sameness`, 0 to 1).

    The tail is summed exactly where few hits or few misses make it, else taken from the beta law of equal mean and
    variance, which is smooth in large counts.
    """
    surprise = np.zeros(part.shape)
    above = (whole > 0) & (part > mean * whole)
    k, n, m = part[above], whole[above], np.clip(mean[above], 1e-5, 1 - 1e-5)
    rho = np.clip(sameness[above], 1e-4, 0.9)
    tail = _smooth_tail(k, n, m, rho)
    misses = n - k <= _FEW
    hits = (k <= _FEW) & ~misses
    a, b = m * (1 / rho - 1), (1 - m) * (1 / rho - 1)
    tail[misses] = _mid_sum((n - k)[misses], n[misses], b[misses], a[misses])
    tail[hits] = np.maximum(1.0 - _mid_sum(k[hits], n[hits], a[hits], b[hits]), _EXACT_TO)
    surprise[above] = _minus_log(tail)
    return _hundredths(surprise)


_FEW = 40
"""Terms of a beta-binomial tail that are summed one by one."""

_TOGETHER = 10_000
"""Tails that are summed together: their terms take room."""

_EXACT_TO = 1e-12
"""One minus a sum says nothing beyond this."""


def _mid_sum(last: Floats, n: Floats, a: Floats, b: Floats) -> Floats:
    """Sum the beta-binomial probabilities of 0 .. last, of the last one half."""
    from scipy.special import betaln, gammaln  # noqa: PLC0415

    if n.size > _TOGETHER:
        parts = [slice(at, at + _TOGETHER) for at in range(0, n.size, _TOGETHER)]
        return np.concatenate([_mid_sum(last[part], n[part], a[part], b[part]) for part in parts])
    terms = np.arange(_FEW + 1, dtype=np.float64)[None, :] <= last[:, None]
    row, term = np.nonzero(terms)
    i, left = term.astype(np.float64), n[row] - term
    ways = gammaln(n + 1)[row] - gammaln(np.arange(_FEW + 2) + 1.0)[term] - gammaln(left + 1)
    logs = ways + betaln(i + a[row], left + b[row]) - betaln(a, b)[row]
    # Zeros stand where there is no term, so that a sum does not hang on how many terms other rows have.
    probability = np.zeros(terms.shape)
    probability[row, term] = np.where(term == last[row], 0.5, 1.0) * np.exp(logs)
    total: Floats = probability.sum(axis=1)
    return total


def _smooth_tail(k: Floats, n: Floats, m: Floats, rho: Floats) -> Floats:
    from scipy.special import betainc  # noqa: PLC0415

    observations = 1.0 / (1.0 / n + (1.0 - 1.0 / n) * rho) - 1.0
    tail: Floats = betainc((1 - m) * observations, m * observations, 1.0 - k / n)
    return tail


def of_peers(value: Floats, middle: Floats, spread: Floats, freedom: float) -> Hundredths:
    """Surprise at log(1 + value) among peers with this median and upper spread, under a Student tail of `freedom`."""
    from scipy.special import stdtr  # noqa: PLC0415

    steps = (np.log1p(value) - middle) / spread
    return _hundredths(np.where(steps > 0, _minus_log(stdtr(freedom, -steps)), 0.0))


def of_absence(days: Floats, away: int, points: float) -> Hundredths:
    """Surprise at an account that comes back: so many `points` after `away` days, one more with each doubling.

    No law of absences: few portals hold the years it takes to know one.
    """
    long = days >= away
    told = points + np.log2(np.maximum(days, away) / away)
    return _hundredths(np.where(long, told, 0.0))


def ring_value(value: Floats, mean: Floats, dispersion: Floats, surprise: float) -> Floats:
    """Give the count at which `of_counts` reaches this surprise (gamma approximation, rounded up).

    Infinite for a value within two standard deviations of the mean, which is short of any surprise asked for: the
    inverse of the law costs more than everything else of a night.
    """
    from scipy.special import gammainccinv  # noqa: PLC0415

    mu = np.maximum(mean, 1e-9)
    variance = mu + dispersion * mu**2
    limit: Floats = np.full(value.shape, np.inf)
    far = value > mu + 2 * np.sqrt(variance)
    shape, scale = mu[far] ** 2 / variance[far], variance[far] / mu[far]
    limit[far] = np.ceil(gammainccinv(shape, 10.0**-surprise) * scale + 1.0)
    return limit


def ring_share(whole: Floats, mean: Floats, sameness: Floats, surprise: float) -> Floats:
    """Give the part of `whole` at which `of_shares` reaches this surprise (beta law, rounded up)."""
    from scipy.special import betaincinv  # noqa: PLC0415

    m, rho = np.clip(mean, 1e-5, 1 - 1e-5), np.clip(sameness, 1e-4, 0.9)
    n = np.maximum(whole, 1.0)
    observations = 1.0 / (1.0 / n + (1.0 - 1.0 / n) * rho) - 1.0
    # Of a single one there is no law: it rings, or it does not.
    observations = np.maximum(observations, 1e-3)
    limit: Floats = np.ceil(n * (1.0 - betaincinv((1 - m) * observations, m * observations, 10.0**-surprise)))
    return limit


def _minus_log(probability: Floats) -> Floats:
    logged: Floats = -np.log10(np.maximum(probability, 1e-300))
    return logged


def _hundredths(surprise: Floats) -> Hundredths:
    return np.clip(np.rint(surprise * 100), 0, SURPRISES_END).astype(np.int32)
