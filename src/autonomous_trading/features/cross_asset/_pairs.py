"""Pairs: the hedge of one price in another, the spread that is left, and how fast it comes back."""

import math
from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.core.rolling import rolling_regression
from autonomous_trading.features._definitions import ColumnDefinition, whole
from autonomous_trading.features._primitives import (
    ROUNDING,
    beyond_rounding,
    change,
    ratio,
    rolling_mean,
    rolling_std,
    shift,
)
from autonomous_trading.features.cross_asset._relations import GROUP, INPUTS


def _logs(values: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(np.where(values > 0.0, values, np.nan)))


def hedge_ratio(close: FloatArray, reference: FloatArray, period: int) -> FloatArray:
    """Slope of the log price on that of the reference over the last `period` bars."""
    return rolling_regression(_logs(reference), _logs(close), period, rounding=ROUNDING)[0]


def pair_spread(close: FloatArray, reference: FloatArray, period: int) -> FloatArray:
    """The distance of the log price from the line of the last `period` bars: above 0 is dear against the reference."""
    own, other = _logs(close), _logs(reference)
    slope, intercept, _ = rolling_regression(other, own, period, rounding=ROUNDING)
    return np.asarray(own - slope * other - intercept)


def pair_zscore(close: FloatArray, reference: FloatArray, period: int, window: int) -> FloatArray:
    """The spread in standard deviations of its last `window` values, around their mean; NaN where it is rounding."""
    spread = pair_spread(close, reference, period)
    deviation = beyond_rounding(rolling_std(spread, window, 0), _logs(close))
    return ratio(spread - rolling_mean(spread, window), deviation)


def pair_half_life(close: FloatArray, reference: FloatArray, period: int, window: int) -> FloatArray:
    """Bars in which half of the spread is gone, by an AR(1) of its last `window` changes; NaN where it stays away."""
    spread = pair_spread(close, reference, period)
    back, _, _ = rolling_regression(shift(spread, 1), change(spread, 1), window, rounding=ROUNDING)
    returning = (back > -1.0) & (back < 0.0)
    return np.asarray(-math.log(2.0) / np.log1p(np.where(returning, back, np.nan)))


_PERIOD = whole("period", 120, low=3)
_WINDOW = whole("window", 60, low=3)
_COINTEGRATION = "Engle and Granger (1987), Econometrica 55(2); rolling first step"

COLUMNS: Mapping[str, ColumnDefinition] = {
    "hedge_ratio": ColumnDefinition(
        hedge_ratio,
        group=GROUP,
        description="Log price on another's log price: how much of it hedges one",
        formula="cov(log p, log p_ref) / var(log p_ref) over period bars",
        units="1",
        source=_COINTEGRATION,
        inputs=INPUTS,
        parameters=(_PERIOD,),
        warm_up=lambda period: period - 1,
        memory=lambda period: period - 1,
    ),
    "pair_spread": ColumnDefinition(
        pair_spread,
        group=GROUP,
        description="Log price beyond its line on another's: the cointegration spread",
        formula="log p - hedge log p_ref - intercept, fitted on the last period bars",
        units="log price",
        source=_COINTEGRATION,
        inputs=INPUTS,
        parameters=(_PERIOD,),
        warm_up=lambda period: period - 1,
        memory=lambda period: period - 1,
    ),
    "pair_zscore": ColumnDefinition(
        pair_zscore,
        group=GROUP,
        description="Cointegration spread in its own standard deviations",
        formula="(spread - mean(spread, window)) / std(spread, window)",
        units="standard deviations",
        source="Gatev, Goetzmann and Rouwenhorst (2006), Review of Financial Studies 19(3)",
        inputs=INPUTS,
        parameters=(_PERIOD, _WINDOW),
        warm_up=lambda period, window: period + window - 2,
        memory=lambda period, window: period + window - 2,
    ),
    "pair_half_life": ColumnDefinition(
        pair_half_life,
        group=GROUP,
        description="Half-life of the cointegration spread; unknown where it does not return",
        formula="-log 2 / log(1 + b), change(spread) = a + b spread[-1] over window bars",
        units="bars",
        source="Chan, Algorithmic Trading (2013), ch. 2",
        inputs=INPUTS,
        parameters=(_PERIOD, _WINDOW),
        warm_up=lambda period, window: period + window - 1,
        memory=lambda period, window: period + window - 1,
        sparse=True,
    ),
}
