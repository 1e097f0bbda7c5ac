"""What a round trip costs, from prices alone: Roll, Corwin and Schultz, Abdi and Ranaldo, Fong, Holden and Trzcinka."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.features._definitions import ColumnDefinition, choice, whole
from autonomous_trading.features._primitives import log_change, ratio, shift
from autonomous_trading.features.microstructure._windows import moments, sums

__all__ = ["COLUMNS", "FLOOR", "logarithm", "root"]

_GROUP = "Microstructure"
_THREE_LESS: Final = 3.0 - 2.0 * np.sqrt(2.0)
FLOOR = choice("negative", "zero", ("zero", "signed"))
"""What becomes of an estimate below 0, which chance brings where the spread is small: 0, or its own negative root."""


def logarithm(values: FloatArray) -> FloatArray:
    """Natural logarithm, NaN where a value is not positive."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.log(np.where(values > 0.0, values, np.nan)))


def root(squared: FloatArray, negative: int) -> FloatArray:
    """Square root of an estimate; of one below 0 it is 0, or (negative=signed) that of its size with a minus sign."""
    with np.errstate(invalid="ignore"):
        roots = np.sqrt(np.abs(squared))
        return np.asarray(np.where(squared < 0.0, -roots if negative else 0.0, roots))


def roll_spread(close: FloatArray, period: int, negative: int) -> FloatArray:
    """2 sqrt(-cov) of one change of the log price with the one before it."""
    changes = log_change(close, 1)
    products = moments(changes, shift(changes, 1), period)[3]
    return root(-4.0 * products / period, negative)


def corwin_schultz_spread(
    high: FloatArray, low: FloatArray, close: FloatArray, period: int, negative: int
) -> FloatArray:
    """Mean of the spreads that the ranges of two bars, alone and together, leave over."""
    before = shift(close, 1)
    gap = np.maximum(before - high, 0.0) + np.minimum(before - low, 0.0)
    highest = np.maximum(high + gap, shift(high, 1))
    lowest = np.minimum(low + gap, shift(low, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        single = logarithm(high / low) ** 2
        both = logarithm(highest / lowest)
    beta = single + shift(single, 1)
    alpha = (np.sqrt(2.0 * beta) - np.sqrt(beta)) / _THREE_LESS - np.sqrt(both**2 / _THREE_LESS)
    spread = 2.0 * np.tanh(alpha / 2.0)
    return np.asarray(sums(period, spread if negative else np.maximum(spread, 0.0))[0] / period)


def abdi_ranaldo_spread(high: FloatArray, low: FloatArray, close: FloatArray, period: int, negative: int) -> FloatArray:
    """Root of 4 times the mean product of a close's distances from the mid-ranges of its bar and of the next."""
    middle = (logarithm(high) + logarithm(low)) / 2.0
    before = shift(logarithm(close), 1)
    products = (before - shift(middle, 1)) * (before - middle)
    return root(4.0 * sums(period, products)[0] / period, negative)


def fht_spread(close: FloatArray, period: int) -> FloatArray:
    """The spread inside which a normal return would stay as often as the price did not change."""
    from scipy.special import ndtri

    changes = log_change(close, 1)
    with np.errstate(invalid="ignore"):
        still = sums(period, np.where(np.isnan(changes), np.nan, changes == 0.0))[0] / period
    squares = moments(changes, changes, period)[2]
    width = ndtri(np.where(still < 1.0, (1.0 + still) / 2.0, np.nan))
    return np.asarray(2.0 * np.sqrt(squares / period) * width)


def high_low_spread(high: FloatArray, low: FloatArray, period: int) -> FloatArray:
    """Mean range of a bar over its middle: what a spread cannot exceed, and how wide a bar is."""
    return np.asarray(sums(period, ratio(high - low, (high + low) / 2.0))[0] / period)


COLUMNS: Mapping[str, ColumnDefinition] = {
    "roll_spread": ColumnDefinition(
        roll_spread,
        group=_GROUP,
        description="Effective bid-ask spread from the bounce of prices between bid and ask (Roll)",
        formula="2 sqrt(max(0, -cov(r, r[-1]))) over the last period pairs, r the change of log(close)",
        units="fraction",
        source="Roll (1984), J. Finance 39(4); estimates below 0 set to 0 as in Goyenko, Holden and Trzcinka (2009)",
        parameters=(whole("period", 60, low=3), FLOOR),
        warm_up=lambda period, _: period + 1,
        memory=lambda period, _: period + 1,
    ),
    "corwin_schultz_spread": ColumnDefinition(
        corwin_schultz_spread,
        group=_GROUP,
        description="Bid-ask spread from the highs and lows of two bars, gaps between bars taken out (Corwin, Schultz)",
        formula="mean of S = 2 (e^a - 1) / (1 + e^a), a = (sqrt(2b) - sqrt(b)) / (3 - 2 sqrt 2) - sqrt(g / "
        "(3 - 2 sqrt 2)), b = log(H/L)^2 + log(H[-1]/L[-1])^2, g = log(max H / min L)^2; S below 0 counts 0",
        units="fraction",
        source="Corwin and Schultz (2012), J. Finance 67(2), with their adjustment for overnight returns",
        inputs=("high", "low", "close"),
        parameters=(whole("period", 20), FLOOR),
        warm_up=lambda period, _: period,
        memory=lambda period, _: period + 1,
    ),
    "abdi_ranaldo_spread": ColumnDefinition(
        abdi_ranaldo_spread,
        group=_GROUP,
        description="Bid-ask spread from closes and the middles of two bars (Abdi and Ranaldo)",
        formula="sqrt(max(0, 4 mean((c[-1] - m[-1]) (c[-1] - m)))), c = log(close), m = (log(high) + log(low)) / 2",
        units="fraction",
        source="Abdi and Ranaldo (2017), Rev. Financial Studies 30(12)",
        inputs=("high", "low", "close"),
        parameters=(whole("period", 20), FLOOR),
        warm_up=lambda period, _: period,
        memory=lambda period, _: period,
    ),
    "fht_spread": ColumnDefinition(
        fht_spread,
        group=_GROUP,
        description="Bid-ask spread from how often the price did not change (Fong, Holden and Trzcinka)",
        formula="2 s N^-1((1 + z) / 2), z the share of returns that are 0, s the deviation of returns; NaN where z = 1",
        units="fraction",
        source="Fong, Holden and Trzcinka (2017), Rev. of Finance 21(4)",
        parameters=(whole("period", 60, low=2),),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
    "high_low_spread": ColumnDefinition(
        high_low_spread,
        group=_GROUP,
        description="Mean range of a bar as a share of its middle",
        formula="mean((high - low) / ((high + low) / 2)) over the last period bars",
        units="fraction",
        source="Chung and Zhang (2014), J. Financial Markets 17, with high and low for ask and bid",
        inputs=("high", "low"),
        parameters=(whole("period", 20),),
        warm_up=lambda period: period - 1,
        memory=lambda period: period - 1,
    ),
}
