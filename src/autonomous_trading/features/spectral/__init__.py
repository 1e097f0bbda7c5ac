"""Which rhythms are in it? Windowed Fourier power, dominant cycles and causal wavelets."""

from collections.abc import Mapping

from autonomous_trading.features._definitions import ColumnDefinition

__all__ = ["COLUMNS"]

COLUMNS: Mapping[str, ColumnDefinition] = {}
"""The columns of this group, by name."""
