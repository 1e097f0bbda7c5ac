"""How much does it move? Estimators from closes, ranges, models and intraday bars."""

from collections.abc import Mapping

from autonomous_trading.features._definitions import ColumnDefinition

__all__ = ["COLUMNS"]

COLUMNS: Mapping[str, ColumnDefinition] = {}
"""The columns of this group, by name."""
