"""Who pushes? Volume bought and sold by the tick rule and by bulk classification, and VPIN, from bars."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.features._definitions import ColumnDefinition, real, whole
from autonomous_trading.features._primitives import change, ratio, shift
from autonomous_trading.features.kernels._microstructure import volume_buckets
from autonomous_trading.features.microstructure._windows import moments, sums

__all__ = ["COLUMNS", "SPREAD_OF_CHANGES", "bought_share"]

_GROUP = "Microstructure"
SPREAD_OF_CHANGES: Final = 50
"""Bars over which the deviation of price changes is taken where no argument says it."""


def bought_share(close: FloatArray, deviation_period: int) -> FloatArray:
    """The part of each bar's volume that was bought, by the size of its price change; a half where none moved."""
    from scipy.special import ndtr

    moved = change(close, 1)
    deviation = np.sqrt(moments(moved, moved, deviation_period)[2] / deviation_period)
    share = ndtr(ratio(moved, deviation))
    return np.where((deviation == 0.0) & (moved == 0.0), 0.5, share)


def bulk_volume_imbalance(close: FloatArray, volume: FloatArray, period: int, deviation_period: int) -> FloatArray:
    """Volume bought minus volume sold over all of it, from -1 to 1; NaN without volume."""
    net, total = sums(period, volume * (2.0 * bought_share(close, deviation_period) - 1.0), volume)
    return ratio(net, total)


def tick_rule_imbalance(close: FloatArray, volume: FloatArray, period: int) -> FloatArray:
    """Volume of bars that rose minus that of bars that fell over all of it, from -1 to 1; NaN without volume."""
    net, total = sums(period, np.sign(change(close, 1)) * volume, volume)
    return ratio(net, total)


def vpin(
    close: FloatArray, volume: FloatArray, bucket: float, buckets: int, size_period: int, deviation_period: int
) -> FloatArray:
    """Mean share of the last full buckets of volume by which one side outweighed the other, from 0 to 1."""
    bought = volume * bought_share(close, deviation_period)
    size = bucket * shift(sums(size_period, volume)[0], 1) / size_period
    found = np.empty(len(close))
    volume_buckets(volume, bought, size, np.empty(buckets), found)
    return found


COLUMNS: Mapping[str, ColumnDefinition] = {
    "bulk_volume_imbalance": ColumnDefinition(
        bulk_volume_imbalance,
        group=_GROUP,
        description="Volume bought minus sold over all of it, bars split by the size of their change",
        formula="sum(volume (2 b - 1)) / sum(volume) over the last period bars, b = N((close - close[-1]) / s), s the "
        "deviation (divisor n) of close - close[-1] over deviation_period bars; b = 1/2 where s = 0",
        units="fraction",
        source="Easley, Lopez de Prado and O'Hara (2012), Rev. Financial Studies 25(5): bulk volume classification",
        inputs=("close", "volume"),
        parameters=(whole("period", 20), whole("deviation_period", SPREAD_OF_CHANGES, low=2)),
        warm_up=lambda period, deviation: period + deviation - 1,
        memory=lambda period, deviation: period + deviation - 1,
    ),
    "tick_rule_imbalance": ColumnDefinition(
        tick_rule_imbalance,
        group=_GROUP,
        description="Volume of bars that rose minus that of bars that fell, over all of it",
        formula="sum(sign(close - close[-1]) volume) / sum(volume) over the last period bars",
        units="fraction",
        source="tick rule: Lee and Ready (1991), J. Finance 46(2); a bar that did not change has no side",
        inputs=("close", "volume"),
        parameters=(whole("period", 20),),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
    "vpin": ColumnDefinition(
        vpin,
        group=_GROUP,
        description="Volume-synchronised probability of informed trading: mean imbalance of full buckets of volume",
        formula="mean(|bought - sold| / size) over the last full buckets; a bucket is as large as bucket times the "
        "mean volume of the size_period bars before the one in which it opens, split as in bulk_volume_imbalance",
        units="fraction",
        source="Easley, Lopez de Prado and O'Hara (2012), Rev. Financial Studies 25(5)",
        inputs=("close", "volume"),
        parameters=(
            real("bucket", 1.0, 0.01, 1_000.0),
            whole("buckets", 50),
            whole("size_period", 50),
            whole("deviation_period", SPREAD_OF_CHANGES, low=2),
        ),
        warm_up=lambda _bucket, _buckets, size, deviation: max(size + 1, deviation),
        memory=None,  # where buckets end depends on where the first one began
        sparse=True,  # the first value waits until so many buckets are full
    ),
}
