"""What do chartists look at? Indicators that TA-Lib lacks."""

from collections.abc import Mapping

from autonomous_trading.features._definitions import ColumnDefinition
from autonomous_trading.features.technical import _averages, _bands, _cycles

__all__ = ["COLUMNS"]

COLUMNS: Mapping[str, ColumnDefinition] = {**_averages.COLUMNS, **_bands.COLUMNS, **_cycles.COLUMNS}
"""The columns of this group, by name."""
