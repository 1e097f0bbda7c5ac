"""What is said of a series of returns, each number defined once: gains, losses, drawdowns and their ratios.

The numbers a run has too (Sharpe, Sortino, Calmar and omega ratio, largest drawdown) are the same ones; here they come
from any returns, those of a stitched walk-forward or of a record from elsewhere.

Sources: Bacon, "Practical Portfolio Performance Measurement and Attribution" (2008); Sharpe (1994); Sortino and Price
(1994); Young (1991); Keating and Shadwick (2002); Bernardo and Ledoit (2000); Kaplan and Knowles, "Kappa" (2004);
Lavinio, "The Hedge Fund Handbook" (2000) for the d ratio; Martin and McCann (1989); Pezier and White (2006).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import numpy as np

from autonomous_trading.core import FloatArray, InvalidInput

_NOTHING = 1e-12  # a divisor of at most this is rounding


@final
@dataclass(frozen=True, slots=True)
class ReturnMetrics:
    """Numbers of one series of returns. A ratio without meaning (no variance, no losses) is NaN.

    Per year: `annual_return` (the constant growth with the same end), `volatility` (ddof 1), the Sharpe, Sortino,
    Calmar, adjusted Sharpe and Martin ratio. Per period: all others. About the target: the downside and upside numbers,
    omega and Sortino ratio. Risks, drawdowns and potentials are positive fractions.

    `downside_deviation` and `upside_risk` are roots of mean squares, `downside_potential` and `upside_potential` means,
    over all periods. `pain_index` is the mean drawdown, `ulcer_index` the root of the mean squared one.
    """

    annual_return: float
    volatility: float
    sharpe_ratio: float
    sortino_ratio: float
    calmar_ratio: float
    omega_ratio: float
    adjusted_sharpe_ratio: float
    martin_ratio: float
    bernardo_ledoit_ratio: float
    d_ratio: float
    downside_deviation: float
    downside_potential: float
    downside_frequency: float
    upside_risk: float
    upside_potential: float
    mean_absolute_deviation: float
    max_drawdown: float
    pain_index: float
    ulcer_index: float


def return_metrics(returns: FloatArray, *, periods_per_year: float = 252.0, target: float = 0.0) -> ReturnMetrics:
    """Every number of simple returns [periods]; `target` is the return per period below which it counts as a loss.

    Risk-free rate 0: pass returns in excess of it, where there is one. Equity that reached zero has nothing after it.

    >>> round(return_metrics(np.array([0.1, -0.1, 0.1]), periods_per_year=12).max_drawdown, 12)
    0.1
    """
    _check(returns, periods_per_year, target)
    n, year = len(returns), math.sqrt(periods_per_year)
    mean, deviation = float(returns.mean()), float(returns.std(ddof=1))
    below, above = np.maximum(target - returns, 0.0), np.maximum(returns - target, 0.0)
    fall = _drawdowns(returns)
    growth = float(np.prod(np.maximum(1.0 + returns, 0.0))) ** (periods_per_year / n) - 1.0
    downside, largest = _root_mean_square(below), float(fall.max())
    gains, losses = float(returns[returns > 0.0].sum()), float(-returns[returns < 0.0].sum())
    up, down = int(np.count_nonzero(returns > 0.0)), int(np.count_nonzero(returns < 0.0))
    return ReturnMetrics(
        annual_return=growth,
        volatility=deviation * year,
        sharpe_ratio=_divide(mean, deviation) * year,
        sortino_ratio=_divide(mean - target, downside) * year,
        calmar_ratio=_divide(growth, largest),
        omega_ratio=_divide(float(above.mean()), float(below.mean())),
        adjusted_sharpe_ratio=_adjusted(returns, _divide(growth, deviation * year)),
        martin_ratio=_divide(growth, _root_mean_square(fall)),
        bernardo_ledoit_ratio=_divide(gains, losses),
        d_ratio=_divide(down * losses, up * gains),
        downside_deviation=downside,
        downside_potential=float(below.mean()),
        downside_frequency=float(np.mean(returns < target)),
        upside_risk=_root_mean_square(above),
        upside_potential=float(above.mean()),
        mean_absolute_deviation=float(np.mean(np.abs(returns - mean))),
        max_drawdown=largest,
        pain_index=float(fall.mean()),
        ulcer_index=_root_mean_square(fall),
    )


def kappa_ratio(returns: FloatArray, *, order: float = 2.0, target: float = 0.0) -> float:
    """Mean return above the target over the root of the mean power of what lies below, per period.

    Order 1 is the omega ratio less 1, order 2 the Sortino ratio of one period. NaN where nothing lies below.
    """
    _check(returns, 1.0, target)
    if not (math.isfinite(order) and order > 0.0):
        raise InvalidInput(f"order must be above 0, got {order}", fix="use 2.0")
    below = np.maximum(target - returns, 0.0)
    return _divide(float(returns.mean()) - target, float(np.mean(below**order)) ** (1.0 / order))


def _adjusted(returns: FloatArray, sharpe: float) -> float:
    """The Sharpe ratio with a penalty for skew below 0 and for kurtosis above 3."""
    centred = returns - returns.mean()
    deviation = float(centred.std())
    if deviation <= _NOTHING:
        return math.nan
    standard = centred / deviation
    skew, kurtosis = float(np.mean(standard**3)), float(np.mean(standard**4))
    return sharpe * (1.0 + skew / 6.0 * sharpe - (kurtosis - 3.0) / 24.0 * sharpe * sharpe)


def _drawdowns(returns: FloatArray) -> FloatArray:
    """How far equity lies below its highest mark so far, as a positive fraction; the start is the first mark."""
    equity = np.cumprod(np.maximum(1.0 + returns, 0.0))
    fall: FloatArray = 1.0 - equity / np.maximum(np.maximum.accumulate(equity), 1.0)
    return fall


def _root_mean_square(values: FloatArray) -> float:
    return math.sqrt(float(np.mean(values * values)))


def _divide(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator > _NOTHING else math.nan


def _check(returns: FloatArray, periods_per_year: float, target: float) -> None:
    if returns.ndim != 1 or len(returns) < 2 or not bool(np.isfinite(returns).all()):
        raise InvalidInput(
            f"metrics need two finite returns or more, [periods], got shape {returns.shape}",
            fix="leave out periods without a return",
        )
    if not (math.isfinite(periods_per_year) and periods_per_year > 0.0 and math.isfinite(target)):
        raise InvalidInput(
            f"periods_per_year must be above 0 and target finite, got {periods_per_year} and {target}",
            fix="use 252.0 for trading days, and target=0.0",
        )
