"""How does it move with others? Betas, correlations, lead and lag, spreads."""

from collections.abc import Mapping

from autonomous_trading.features._definitions import ColumnDefinition

__all__ = ["COLUMNS"]

COLUMNS: Mapping[str, ColumnDefinition] = {}
"""The columns of this group, by name."""
