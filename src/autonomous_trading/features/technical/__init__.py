"""What do chartists look at? Indicators that TA-Lib lacks."""

from collections.abc import Mapping

from autonomous_trading.features._definitions import ColumnDefinition
from autonomous_trading.features.technical import (
    _averages,
    _bands,
    _candles,
    _cycles,
    _momentum,
    _periods,
    _stops,
    _strength,
    _volume,
)

__all__ = ["COLUMNS"]

COLUMNS: Mapping[str, ColumnDefinition] = {
    **_averages.COLUMNS,
    **_bands.COLUMNS,
    **_candles.COLUMNS,
    **_cycles.COLUMNS,
    **_momentum.COLUMNS,
    **_periods.COLUMNS,
    **_stops.COLUMNS,
    **_strength.COLUMNS,
    **_volume.COLUMNS,
}
"""The columns of this group, by name."""
