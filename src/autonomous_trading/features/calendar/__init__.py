"""What time is it? Sessions, weeks, months and holidays as columns."""

from collections.abc import Mapping

from autonomous_trading.features._definitions import ColumnDefinition
from autonomous_trading.features.calendar import _clock, _months, _new_york

__all__ = ["COLUMNS"]

COLUMNS: Mapping[str, ColumnDefinition] = {**_clock.COLUMNS, **_months.COLUMNS, **_new_york.COLUMNS}
"""The columns of this group, by name."""
