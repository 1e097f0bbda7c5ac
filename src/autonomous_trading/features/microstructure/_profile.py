"""At which prices was it traded? The volume profile of the last bars, its point of control and its value area."""

from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.features._definitions import ColumnDefinition, real, whole
from autonomous_trading.features._primitives import ratio, rolling_max, rolling_min
from autonomous_trading.features.kernels._microstructure import rolling_profile

__all__ = ["COLUMNS"]


def value_area(
    high: FloatArray, low: FloatArray, close: FloatArray, volume: FloatArray, period: int, levels: int, share: float
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Point of control, low and high of the value area of the last `period` bars, and where the close lies in it."""
    out = np.full((3, len(close)), np.nan)
    ranges = rolling_max(high, period), rolling_min(low, period)
    rolling_profile((high, low, volume), ranges, period, share, np.empty(levels), out)
    control, bottom, top = out
    return control, bottom, top, ratio(close - bottom, top - bottom)


COLUMNS: Mapping[str, ColumnDefinition] = {
    "value_area": ColumnDefinition(
        value_area,
        group="Microstructure",
        description="Volume profile of the last bars: the price level with most volume, and those around it with most "
        "of all volume",
        formula="volume of each bar spread evenly from its low to its high over equal levels between lowest low and "
        "highest high; control: middle of the fullest level (the lowest of several); the area grows from it by the "
        "fuller neighbour (the upper of two equal ones) until it holds share; position = (close - low) / (high - low)",
        units="price; position: 1",
        source="Steidlmayer and Koy (1986), Markets and Market Logic; value area of 70% as the CBOT taught it",
        inputs=("high", "low", "close", "volume"),
        parameters=(whole("period", 48), whole("levels", 24, low=2, high=1_000), real("share", 0.7, 0.05, 1.0)),
        outputs=("control", "low", "high", "position"),
        warm_up=lambda period, _levels, _share: period - 1,
        memory=lambda period, _levels, _share: period - 1,
    ),
}
