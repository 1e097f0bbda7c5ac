"""What do chartists look at? Indicators that TA-Lib lacks."""

from collections.abc import Mapping

from autonomous_trading.features._definitions import ColumnDefinition

__all__ = ["COLUMNS"]

COLUMNS: Mapping[str, ColumnDefinition] = {}
"""The columns of this group, by name."""
