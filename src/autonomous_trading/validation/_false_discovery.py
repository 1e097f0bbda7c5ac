"""Of the strategies that pass a test of their Sharpe ratio, how many are worth nothing?

A small p-value does not say: where few ideas are good, most of those that pass are bad ones in luck. It takes two more
numbers, the Sharpe ratio a good strategy has and the share of ideas that are good. Both are the reader's, not the
data's: give several and see how much hangs on them.

Everything is per period. The variance of a Sharpe ratio is taken under each hypothesis and n (convention "2026").

Source: Lopez de Prado, Lipton and Zoonekynd, "How to use the Sharpe ratio" (2025/26).
"""

from __future__ import annotations

import math
from statistics import NormalDist

from autonomous_trading.core import InvalidInput
from autonomous_trading.validation._moments import ReturnMoments
from autonomous_trading.validation._sharpe import normal_probability, variance_factor

_NORMAL = NormalDist()


def sharpe_power(
    alternative: float,
    n: int,
    *,
    benchmark: float = 0.0,
    skew: float = 0.0,
    kurtosis: float = 3.0,
    confidence: float = 0.95,
    autocorrelation: float = 0.0,
) -> float:
    """Probability that a strategy whose true Sharpe ratio is `alternative` passes a one-sided test after `n` periods.

    1 minus it is the chance of a miss (beta). `periods_to_tell` asks the other way round: how many periods for a given
    power.

    >>> shape = {"skew": -2.448, "kurtosis": 10.164}
    >>> round(1.0 - sharpe_power(0.5, 24, **shape), 3)
    0.315
    """
    _check_share("confidence", confidence)
    if n < 2:
        raise InvalidInput(f"a Sharpe ratio needs at least 2 periods, got {n}", fix="pass a longer record")
    _check_order(benchmark, alternative)
    spread = math.sqrt(variance_factor(benchmark, skew, kurtosis, autocorrelation) / n)
    critical = benchmark + _NORMAL.inv_cdf(confidence) * spread
    variance = variance_factor(alternative, skew, kurtosis, autocorrelation)
    return normal_probability((alternative - critical) * math.sqrt(n), variance)


def planned_false_discovery_rate(*, prior: float, power: float, size: float = 0.05) -> float:
    """Share of worthless strategies among those that will pass a test: known before there is any data.

    `prior`: the share of ideas that are good. `size`: the chance that a worthless one passes, `power`: that a good one
    does. pFDR = P(worthless | passed).

    >>> round(planned_false_discovery_rate(prior=0.05, power=1.0 - 0.315), 3)
    0.581
    """
    for name, value in (("prior", prior), ("power", power), ("size", size)):
        _check_share(name, value)
    worthless, good = size * (1.0 - prior), power * prior
    return worthless / (worthless + good)


def observed_false_discovery_rate(
    moments: ReturnMoments,
    *,
    alternative: float,
    prior: float,
    benchmark: float = 0.0,
    autocorrelation: float = 0.0,
) -> float:
    """Probability that a strategy is worthless, of those that show a Sharpe ratio as high as this one or higher.

    `moments` of the returns that were seen, `alternative`: the Sharpe ratio of a good strategy, `prior`: the share of
    ideas that are good. oFDR = P(worthless | as high as seen or higher). NaN where the Sharpe ratio is NaN, or where
    neither hypothesis could have shown it.

    >>> seen = ReturnMoments(0.036 / 0.079, 24, -2.448, 10.164)
    >>> round(observed_false_discovery_rate(seen, alternative=0.5, prior=0.05), 3)
    0.306
    """
    _check_share("prior", prior)
    _check_order(benchmark, alternative)
    sharpe, n, skew, kurtosis = moments
    worthless, good = (
        share * normal_probability((at - sharpe) * math.sqrt(n), variance_factor(at, skew, kurtosis, autocorrelation))
        for share, at in ((1.0 - prior, benchmark), (prior, alternative))
    )
    return worthless / (worthless + good) if worthless + good > 0.0 else math.nan


def _check_share(name: str, value: float) -> None:
    if not 0.0 < value < 1.0:
        raise InvalidInput(f"{name} must lie between 0 and 1, got {value}", fix=f"use {name}=0.05")


def _check_order(benchmark: float, alternative: float) -> None:
    if not (math.isfinite(benchmark) and math.isfinite(alternative) and benchmark < alternative):
        raise InvalidInput(
            f"alternative must be a Sharpe ratio above the benchmark of {benchmark:g}, got {alternative:g}",
            fix="pass what a good strategy has, per period",
        )
