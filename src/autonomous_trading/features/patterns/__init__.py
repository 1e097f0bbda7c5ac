"""Which shapes do prices draw? Swings, levels, lines and self-similarity, known when confirmed."""

from collections.abc import Mapping

from autonomous_trading.features._definitions import ColumnDefinition
from autonomous_trading.features.patterns import _lines, _roughness, _swings

__all__ = ["COLUMNS"]

COLUMNS: Mapping[str, ColumnDefinition] = {**_swings.COLUMNS, **_lines.COLUMNS, **_roughness.COLUMNS}
"""The columns of this group, by name."""
