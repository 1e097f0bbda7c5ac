"""How sure is a Sharpe ratio, and how high would luck alone have taken the best of many?

Every Sharpe ratio here is per period (per bar), never annualised: an annualised one saturates each of these
formulas at once. Kurtosis is not excess: the normal distribution has 3. A Sharpe ratio of NaN gives NaN.

Sources: Bailey and Lopez de Prado, "The Sharpe Ratio Efficient Frontier" (2012) and "The Deflated Sharpe
Ratio" (2014); Lopez de Prado, Lipton and Zoonekynd, "How to use the Sharpe ratio" (2025/26) for
convention "2026".
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Literal

from autonomous_trading.core import InvalidInput, unknown_name

Convention = Literal["2012", "2026"]
_CONVENTIONS = ("2012", "2026")
_ROUNDING = 1e-9
_NORMAL = NormalDist()


def probabilistic_sharpe_ratio(
    sharpe: float,
    n: int,
    *,
    skew: float = 0.0,
    kurtosis: float = 3.0,
    benchmark: float = 0.0,
    convention: Convention = "2012",
    autocorrelation: float = 0.0,
) -> float:
    """Probability that the true Sharpe ratio lies above `benchmark`, after seeing `sharpe` on `n` periods.

    Two conventions are in use. "2012" takes the variance at the observed Sharpe ratio and n - 1; "2026"
    takes it under the null hypothesis (at the benchmark) and n. `autocorrelation` of returns that follow a first-order
    autoregression: what trends is known less well than it looks.

    Raises InvalidInput for n < 2, for a benchmark that is not a number, and for moments no returns can have
    (kurtosis < 1 + skew^2).

    >>> round(probabilistic_sharpe_ratio(0.036 / 0.079, 24, skew=-2.448, kurtosis=10.164), 4)
    0.9127
    """
    _check_length(n)
    at, periods = _convention(sharpe, n, benchmark=benchmark, convention=convention)
    variance = variance_factor(at, skew, kurtosis, autocorrelation)
    return normal_probability((sharpe - benchmark) * math.sqrt(periods), variance)


def expected_maximum_sharpe(n_trials: int, variance: float) -> float:
    """Highest Sharpe ratio to expect among `n_trials` worthless ones whose Sharpe ratios vary by `variance`.

    Same period as `variance`; one trial is no selection and gives 0. With variance 1 it is the expected
    maximum of `n_trials` standard normal numbers, by the extreme value approximation of the paper.

    >>> round(expected_maximum_sharpe(100, 1.0), 4)
    2.5306
    """
    if n_trials < 1:
        raise InvalidInput(f"n_trials must be at least 1, got {n_trials}", fix="count every evaluated set")
    if not (math.isfinite(variance) and variance >= 0.0):
        raise InvalidInput(
            f"the variance of the trials' Sharpe ratios must be finite and not negative, got {variance}",
            fix="pass the variance over all evaluated sets, per period",
        )
    if n_trials == 1:
        return 0.0
    euler = 0.57721566490153286
    upper = -_NORMAL.inv_cdf(1.0 / n_trials)
    further = -_NORMAL.inv_cdf(1.0 / (n_trials * math.e))
    return math.sqrt(variance) * ((1.0 - euler) * upper + euler * further)


def deflated_sharpe_ratio(
    sharpe: float,
    n: int,
    *,
    n_trials: int,
    trials_variance: float,
    skew: float = 0.0,
    kurtosis: float = 3.0,
) -> float:
    """Probability that the best of `n_trials` has a true Sharpe ratio above what luck alone would have shown.

    `trials_variance` is the variance, over all trials, of their Sharpe ratios per period.

    >>> daily = 2.5 / 250**0.5
    >>> sought = {"n_trials": 100, "trials_variance": 0.5 / 250}
    >>> round(deflated_sharpe_ratio(daily, 1250, **sought, skew=-3.0, kurtosis=10.0), 4)
    0.9004
    """
    benchmark = expected_maximum_sharpe(n_trials, trials_variance)
    return probabilistic_sharpe_ratio(sharpe, n, skew=skew, kurtosis=kurtosis, benchmark=benchmark)


def minimum_track_record_length(
    sharpe: float,
    *,
    skew: float = 0.0,
    kurtosis: float = 3.0,
    benchmark: float = 0.0,
    confidence: float = 0.95,
    convention: Convention = "2012",
    autocorrelation: float = 0.0,
) -> float:
    """Periods needed before `sharpe` beats `benchmark` with `confidence`; infinite where it lies below.

    >>> round(minimum_track_record_length(0.036 / 0.079, skew=-2.448, kurtosis=10.164), 2)
    34.76
    """
    if not 0.0 < confidence < 1.0:
        raise InvalidInput(f"confidence must lie between 0 and 1, got {confidence}", fix="use 0.95")
    at, used = _convention(sharpe, 0, benchmark=benchmark, convention=convention)
    variance = variance_factor(at, skew, kurtosis, autocorrelation)
    if math.isnan(sharpe):
        return math.nan
    if sharpe <= benchmark:
        return math.inf
    return variance * (_NORMAL.inv_cdf(confidence) / (sharpe - benchmark)) ** 2 - used


def minimum_backtest_length(n_trials: int, *, sharpe: float = 1.0) -> float:
    """Years of data below which the best of `n_trials` worthless sets is expected to show `sharpe` a year.

    >>> round(minimum_backtest_length(45), 1)
    5.0
    """
    if not sharpe > 0.0:
        raise InvalidInput(f"sharpe must be above 0, got {sharpe}", fix="use the annual Sharpe ratio you would trust")
    return (expected_maximum_sharpe(n_trials, 1.0) / sharpe) ** 2


def _convention(sharpe: float, n: int, *, benchmark: float, convention: Convention) -> tuple[float, int]:
    """Where the variance is taken, and how many periods count."""
    if not math.isfinite(benchmark):
        raise InvalidInput(f"benchmark must be a finite Sharpe ratio per period, got {benchmark}", fix="use 0.0")
    if convention == "2012":
        return sharpe, n - 1
    if convention == "2026":
        return benchmark, n
    raise unknown_name("convention", convention, _CONVENTIONS)


def variance_factor(sharpe: float, skew: float, kurtosis: float, autocorrelation: float = 0.0) -> float:
    """Variance of an estimated Sharpe ratio times the number of periods (Mertens 2002).

    With `autocorrelation` that of returns which follow a first-order autoregression (Lopez de Prado, Lipton and
    Zoonekynd): each of the three terms grows by what the sums of returns, of their products with squares and of squares
    gain from memory.
    """
    if kurtosis < (1.0 + skew * skew) * (1.0 - _ROUNDING):
        raise InvalidInput(
            f"no returns have skew {skew} and kurtosis {kurtosis}: kurtosis is at least 1 + skew^2",
            fix="pass the plain kurtosis (3 for normal returns), not the excess kurtosis",
        )
    if not -1.0 < autocorrelation < 1.0:
        raise InvalidInput(
            f"autocorrelation must lie between -1 and 1, got {autocorrelation}", fix="pass that of lag 1, or 0.0"
        )
    first = autocorrelation / (1.0 - autocorrelation)
    second = autocorrelation**2 / (1.0 - autocorrelation**2)
    mean, mixed, square = 1.0 + 2.0 * first, 1.0 + first + second, 1.0 + 2.0 * second
    return mean - mixed * skew * sharpe + square * (kurtosis - 1.0) / 4.0 * sharpe * sharpe


def normal_probability(distance: float, variance: float) -> float:
    """Standard normal probability of distance / sqrt(variance); without variance the sign alone decides."""
    if math.isnan(distance) or math.isnan(variance):
        return math.nan
    if variance > 0.0:
        # erfc keeps its precision far out in the tail, where 1 - cdf would be 0
        return 0.5 * math.erfc(-distance / math.sqrt(2.0 * variance))
    return 0.5 if distance == 0.0 else float(distance > 0.0)


def _check_length(n: int) -> None:
    if n < 2:
        raise InvalidInput(f"a Sharpe ratio needs at least 2 periods, got {n}", fix="pass a longer return series")
