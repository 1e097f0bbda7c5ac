"""Bars as a pandas frame, in the one convention of this package."""

from typing import TYPE_CHECKING

from autonomous_trading.core import Bars

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["bars_to_frame"]


def bars_to_frame(bars: Bars) -> "pd.DataFrame":
    """A DataFrame of the bars: open, high, low, close, volume, then the extra columns.

    The index is `timestamp`, the start of each bar, UTC with its zone, in nanoseconds. The frame owns its
    values: changing it leaves the bars as they are. `as_bars` of it gives the same bars back.
    """
    import pandas as pd

    index = pd.DatetimeIndex(bars.time.view("datetime64[ns]"), name="timestamp").tz_localize("UTC")
    columns = {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
    return pd.DataFrame({**columns, **bars.extra}, index=index, copy=True)
