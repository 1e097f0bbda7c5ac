"""How far an estimated Sharpe ratio may be off, where returns have fat tails and depend on those before.

Everything is per period. The Sharpe ratio is a function of two means, that of the returns and that of their squares;
its error follows from the long-run covariance of the two.

Sources: Lo, "The Statistics of Sharpe Ratios" (2002); Mertens, "Comments on variance of the IID estimator in Lo"
(2002); Ledoit and Wolf, "Robust performance hypothesis testing with the Sharpe ratio" (2008); Andrews and Monahan
(1992) for the prewhitened kernel estimate, with the bandwidth and the weights of the library arch.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Literal, NamedTuple

import numpy as np

from autonomous_trading.core import FloatArray, InvalidInput, unknown_name
from autonomous_trading.validation._moments import ReturnMoments, return_moments
from autonomous_trading.validation._sharpe import variance_factor

ErrorMethod = Literal["normal", "moments", "dependent"]
_METHODS = ("normal", "moments", "dependent")
_MOST_PERSISTENT = 0.97
_LEAST = 10
_NORMAL = NormalDist()


class LongRun(NamedTuple):
    """Covariance of the sum of dependent rows over their number, and from how many squares it is as good as made."""

    covariance: FloatArray
    freedom: float


def sharpe_standard_error(returns: FloatArray, *, method: ErrorMethod = "dependent") -> float:
    """Standard error of the Sharpe ratio per period of simple returns [periods].

    "normal": independent normal returns, sqrt((1 + SR^2 / 2) / n). "moments": independent returns with the skew and
    kurtosis seen (Mertens). "dependent": returns and their squares may depend on those before (a kernel estimate, as
    Lo's, prewhitened). NaN where there is no Sharpe ratio.
    """
    if method not in _METHODS:
        raise unknown_name("method", method, _METHODS)
    sharpe, n, skew, kurtosis = return_moments(returns)
    if math.isnan(sharpe):
        return math.nan
    if method == "dependent":
        means, gradient = mean_and_square(returns[:, np.newaxis]), sharpe_gradient(returns[:, np.newaxis])
        return math.sqrt(max(float(gradient @ long_run(means).covariance @ gradient), 0.0) / n)
    if method == "normal":
        skew, kurtosis = 0.0, 3.0
    return sharpe_error_of_moments(ReturnMoments(sharpe, n, skew, kurtosis))


def sharpe_error_of_moments(moments: ReturnMoments, *, autocorrelation: float = 0.0) -> float:
    """Standard error of a Sharpe ratio of which only the moments are known; NaN where there is none.

    `autocorrelation` of lag 1, where returns follow a first-order autoregression.

    >>> round(sharpe_error_of_moments(ReturnMoments(0.036 / 0.079, 24, -2.448, 10.164)), 3)
    0.329
    """
    sharpe, n, skew, kurtosis = moments
    if n < 2:
        raise InvalidInput(f"a Sharpe ratio needs at least 2 periods, got {n}", fix="pass a longer record")
    return math.sqrt(max(variance_factor(sharpe, skew, kurtosis, autocorrelation) / n, 0.0))


def annual_sharpe_factor(autocorrelations: FloatArray, periods: int) -> float:
    """What the Sharpe ratio of one period is multiplied with to be that of `periods`: sqrt(periods) if independent.

    `autocorrelations` of lags 1, 2, ... of the returns; those that are missing are zero. Lo's eta(q).

    >>> round(annual_sharpe_factor(0.2 ** np.arange(1.0, 12.0), 12), 6)
    2.878849
    """
    if periods < 1:
        raise InvalidInput(f"periods must be at least 1, got {periods}", fix="use 12 for months")
    lags = np.arange(1, min(periods, len(autocorrelations) + 1))
    spread = periods + 2.0 * float(np.sum((periods - lags) * autocorrelations[: len(lags)]))
    if not spread > 0.0:
        raise InvalidInput("no returns have these autocorrelations", fix="pass those of lags 1, 2, ... in order")
    return periods / math.sqrt(spread)


def periods_to_tell(
    sharpe: float,
    *,
    benchmark: float = 0.0,
    skew: float = 0.0,
    kurtosis: float = 3.0,
    confidence: float = 0.95,
    power: float = 0.8,
) -> float:
    """Periods after which a true Sharpe ratio of `sharpe` is told from `benchmark` with probability `power`.

    One-sided test at 1 - `confidence`; infinite where it lies not above. The minimum track record answers another
    question: there `sharpe` has been seen, here it is the truth, and what will be seen may be less.

    >>> round(periods_to_tell(1.0 / 252**0.5) / 252, 1)
    6.2
    """
    for name, value in (("confidence", confidence), ("power", power)):
        if not 0.0 < value < 1.0:
            raise InvalidInput(f"{name} must lie between 0 and 1, got {value}", fix=f"use {name}=0.8")
    if sharpe <= benchmark:
        return math.inf
    variance = [variance_factor(at, skew, kurtosis) for at in (benchmark, sharpe)]
    needed = _NORMAL.inv_cdf(confidence) * math.sqrt(variance[0]) + _NORMAL.inv_cdf(power) * math.sqrt(variance[1])
    return (max(needed, 0.0) / (sharpe - benchmark)) ** 2


def mean_and_square(returns: FloatArray) -> FloatArray:
    """Returns and their squares beside each other: [periods, series] becomes [periods, 2 x series]."""
    return np.concatenate([returns, returns * returns], axis=1)


def sharpe_of_means(means: FloatArray) -> FloatArray:
    """Sharpe ratio (ddof 0) of each series from the means of its returns and squares, [..., 2 x series].

    One that stands still has none: it is not finite.
    """
    first, second = np.split(means, 2, axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        sharpe: FloatArray = first / np.sqrt(second - first * first)
    return sharpe


def sharpe_gradient(returns: FloatArray) -> FloatArray:
    """Derivative of the Sharpe ratio of one series by the means of its returns and of their squares, [2]."""
    return gradient_at(mean_and_square(returns).mean(axis=0))


def gradient_at(means: FloatArray) -> FloatArray:
    """Derivatives of each series' Sharpe ratio at these means [..., 2 x series], for its own two means.

    Of one that stands still they are not finite.
    """
    first, second = np.split(means, 2, axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        cubed = (second - first * first) ** 1.5
        return np.concatenate([second / cubed, -0.5 * first / cubed], axis=-1)


def long_run(values: FloatArray) -> LongRun:
    """Long-run covariance [columns, columns] of rows [periods, columns], and its equivalent degrees of freedom.

    Quadratic spectral kernel with automatic bandwidth, on what a first-order autoregression leaves over. Around an
    estimated mean each of the autocovariances is too low by the variance of that mean; what their weighted sum lacks is
    put back. Its own error is that of periods / sum(weights^2) squares (Priestley, "Spectral Analysis and Time Series",
    1981, section 6.2).
    """
    from arch.covariance.kernel import QuadraticSpectral

    n, k = values.shape
    if n < _LEAST:
        raise InvalidInput(f"{n} periods are too few to see how they depend on each other", fix="bring more data")
    centred = values - values.mean(axis=0)
    scale = np.sqrt(np.mean(centred * centred, axis=0))
    scale = np.where(scale > 0.0, scale, 1.0)
    unit = centred / scale
    persistence = np.linalg.lstsq(unit[:-1], unit[1:], rcond=None)[0].T
    left, size, right = np.linalg.svd(persistence)
    persistence = left @ np.diag(np.clip(size, -_MOST_PERSISTENT, _MOST_PERSISTENT)) @ right
    rest = unit[1:] - unit[:-1] @ persistence.T
    weights = QuadraticSpectral(rest, center=False, force_int=False).kernel_weights
    whitened = _weighted(rest, weights) / max(1.0 - _both_sides(weights * (1.0 - np.arange(len(rest)) / n)) / n, 0.5)
    coloured = np.linalg.inv(np.eye(k) - persistence)
    covariance: FloatArray = coloured @ whitened @ coloured.T * np.outer(scale, scale)
    return LongRun(covariance, n / _both_sides(weights * weights))


def _both_sides(weights: FloatArray) -> float:
    """Sum over all lags, of which these are 0, 1, 2, ..."""
    return 2.0 * float(weights.sum()) - float(weights[0])


def _weighted(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Sum of the autocovariances of rows [periods, columns] at all lags, each with its weight, by one convolution."""
    n = len(values)
    mirrored = np.concatenate([weights[:0:-1], weights])
    size = 1 << (3 * n - 2).bit_length()
    spectrum = np.fft.rfft(values, size, axis=0) * np.fft.rfft(mirrored, size)[:, np.newaxis]
    smoothed = np.fft.irfft(spectrum, size, axis=0)[n - 1 : 2 * n - 1]
    covariance: FloatArray = values.T @ smoothed / n
    return covariance
