"""The efficient estimator of spreads from open, high, low and close: the best mix of four moments."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.features._definitions import ColumnDefinition, whole
from autonomous_trading.features.kernels._microstructure import rolling_edge
from autonomous_trading.features.microstructure._spreads import FLOOR, logarithm, root

__all__ = ["COLUMNS"]

_PRODUCTS: Final = 34  # of a pair of neighbours: see the kernel


def edge_spread(
    opening: FloatArray, high: FloatArray, low: FloatArray, close: FloatArray, period: int, negative: int
) -> FloatArray:
    """EDGE of the last `period` bars, which make period - 1 pairs of neighbours."""
    squared = np.full(len(close), np.nan)
    pairs = period - 1
    if pairs < len(close):
        o, h, lo, c = (logarithm(each) for each in (opening, high, low, close))
        rolling_edge((o, h, lo, c), pairs, np.empty((pairs, _PRODUCTS)), np.empty((2, _PRODUCTS)), squared)
    return root(squared, negative)


COLUMNS: Mapping[str, ColumnDefinition] = {
    "edge_spread": ColumnDefinition(
        edge_spread,
        group="Microstructure",
        description="Bid-ask spread from open, high, low and close, the most exact of its kind (EDGE)",
        formula="sqrt(max(0, (v2 e1 + v1 e2) / (v1 + v2))), e and v mean and variance over the pairs of neighbours of "
        "x1 = -4 d(m-o) (o-m1) / po - 4 d(m-c1) (c1-m1) / pc, x2 = -4 d(m-o) (o-c1) / po - 4 d(o-c1) (c1-m1) / pc; "
        "logs, 1 the bar before, d freed of its mean; po, pc: how often o, c1 are not high, and not low",
        units="fraction",
        source="Ardia, Guidotti and Kroencke (2024), J. Financial Economics 161",
        inputs=("open", "high", "low", "close"),
        parameters=(whole("period", 21, low=3), FLOOR),
        warm_up=lambda period, _: period - 1,
        memory=lambda period, _: period - 1,
        # Means of squares cancel: a difference of two of them keeps fewer digits than its parts.
        tolerance=1e-6,
    ),
}
