"""How far, how fast and how high has it come? Returns, momentum and positions in ranges."""

from collections.abc import Mapping

from autonomous_trading.features._definitions import ColumnDefinition
from autonomous_trading.features.price import _extremes, _momentum, _returns, _streaks

__all__ = ["COLUMNS"]

COLUMNS: Mapping[str, ColumnDefinition] = {
    **_momentum.COLUMNS,
    **_returns.COLUMNS,
    **_extremes.COLUMNS,
    **_streaks.COLUMNS,
}
"""The columns of this group, by name."""
