"""How far do trades move the price? Amihud, Amivest, Kyle's and Hasbrouck's lambda, from bars."""

from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.features._definitions import ColumnDefinition, choice, whole
from autonomous_trading.features._primitives import change, log_change, ratio
from autonomous_trading.features.microstructure._flow import SPREAD_OF_CHANGES, bought_share
from autonomous_trading.features.microstructure._windows import moments, sums

__all__ = ["COLUMNS", "slope"]

_GROUP = "Microstructure"
_SIDE = choice("side", "tick", ("tick", "bulk"))
# A spread of signed volumes that is this small beside their size is rounding, and no slope comes of it.
_LEAST_VARIANCE = 1e-18


def slope(x: FloatArray, y: FloatArray, period: int) -> FloatArray:
    """Slope of the regression of y on x and a constant over the last `period` bars; NaN where x does not vary."""
    mean_x, _, squares, products, _ = moments(x, y, period)
    varies = squares > _LEAST_VARIANCE * period * mean_x * mean_x
    return np.where(varies, ratio(products, squares), np.nan)


def amihud_illiquidity(close: FloatArray, volume: FloatArray, period: int) -> FloatArray:
    """Mean size of the return per money traded, over the bars of the last `period` in which something was traded."""
    each = ratio(np.abs(log_change(close, 1)), close * volume)
    unknown = np.isnan(log_change(close, 1) + volume)
    traded = np.where(unknown, np.nan, volume > 0.0)
    total, count = sums(period, np.where(traded == 0.0, 0.0, each), traded)
    return ratio(total, count)


def amivest_liquidity(close: FloatArray, volume: FloatArray, period: int) -> FloatArray:
    """Money traded over the sum of the sizes of returns; NaN while the price stood still."""
    money, moved = sums(period, close * volume, np.abs(log_change(close, 1)))
    return ratio(money, moved)


def kyle_lambda(close: FloatArray, volume: FloatArray, period: int, side: int) -> FloatArray:
    """Change of the price per unit bought rather than sold: a slope over the last `period` bars."""
    moved = change(close, 1)
    if side == 1:
        return slope(volume * (2.0 * bought_share(close, SPREAD_OF_CHANGES) - 1.0), moved, period)
    return slope(np.sign(moved) * volume, moved, period)


def hasbrouck_lambda(close: FloatArray, volume: FloatArray, period: int) -> FloatArray:
    """Return per square root of money bought rather than sold: a slope over the last `period` bars."""
    returns = log_change(close, 1)
    with np.errstate(invalid="ignore"):
        flow = np.sign(returns) * np.sqrt(close * volume)
    return slope(flow, returns, period)


COLUMNS: Mapping[str, ColumnDefinition] = {
    "amihud_illiquidity": ColumnDefinition(
        amihud_illiquidity,
        group=_GROUP,
        description="Mean absolute return per unit of money traded; bars without volume do not count (Amihud)",
        formula="mean(|r| / (close volume)) over the last period bars, r the change of log(close)",
        units="1 / money",
        source="Amihud (2002), J. Financial Markets 5(1)",
        inputs=("close", "volume"),
        parameters=(whole("period", 20),),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
    "amivest_liquidity": ColumnDefinition(
        amivest_liquidity,
        group=_GROUP,
        description="Money traded per unit of absolute return: how much it takes to move the price (Amivest)",
        formula="sum(close volume) / sum(|r|) over the last period bars",
        units="money",
        source="Amivest ratio: Cooper, Groth and Avera (1985), J. Economics and Business 37(1)",
        inputs=("close", "volume"),
        parameters=(whole("period", 20),),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
    "kyle_lambda": ColumnDefinition(
        kyle_lambda,
        group=_GROUP,
        description="Price impact: change of the price per unit of signed volume, signed by the bar's own change or "
        "by bulk classification (Kyle)",
        formula="slope of close - close[-1] on s volume over the last period bars; side=tick: s = sign(close - "
        f"close[-1]), side=bulk: s = 2 b - 1 with b as in bulk_volume_imbalance over {SPREAD_OF_CHANGES} bars",
        units="price / unit",
        source="Kyle (1985), Econometrica 53(6); as a regression Hasbrouck (2007), Empirical Market Microstructure",
        inputs=("close", "volume"),
        parameters=(whole("period", 60, low=3), _SIDE),
        warm_up=lambda period, side: period + (SPREAD_OF_CHANGES - 1 if side == 1 else 0),
        memory=lambda period, side: period + (SPREAD_OF_CHANGES - 1 if side == 1 else 0),
    ),
    "hasbrouck_lambda": ColumnDefinition(
        hasbrouck_lambda,
        group=_GROUP,
        description="Price impact: return per square root of signed money traded (Hasbrouck)",
        formula="slope of r on sign(r) sqrt(close volume) over the last period bars, r the change of log(close)",
        units="1 / sqrt(money)",
        source="Hasbrouck (2009), J. Finance 64(3)",
        inputs=("close", "volume"),
        parameters=(whole("period", 60, low=3),),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
}
