"""Labels that end after a fixed number of bars."""

from __future__ import annotations

import numpy as np

from autonomous_trading.core import Bars, FloatArray, IntArray, InvalidInput
from autonomous_trading.models.labels._entry import (
    Entry,
    checked_horizon,
    column_of,
    fill_prices,
    label_rows,
    lag_of,
)
from autonomous_trading.models.labels._labels import HORIZON, Labels


def fixed_horizon(
    bars: Bars,
    horizon: int,
    *,
    threshold: FloatArray | float = 0.0,
    rows: IntArray | None = None,
    entry: Entry = "next_open",
) -> Labels:
    """The sign of the return over the `horizon` bars after each decision; 0 where it is within `threshold`.

    `threshold`: a fraction, or one per bar that was known at its close (a row where it is NaN has no label).
    `rows`: the bars to label, all of them by default; a row whose label would reach beyond the data has none.
    `entry` "next_open": from the open of the next bar to the open `horizon` bars later, as the simulator fills;
    "close": from close to close. Raises InvalidInput for what cannot be labelled.

    Source: Lopez de Prado, "Advances in Financial Machine Learning" (2018), section 3.2.
    """
    checked_horizon(horizon)
    lag = lag_of(entry)
    level = column_of("threshold", threshold, bars)
    if bool((level < 0.0).any()):
        raise InvalidInput("threshold must not be negative", fix="use a fraction such as 0.01")
    chosen = label_rows(bars, rows, horizon + lag, ~np.isnan(level))
    ends = chosen + horizon + lag
    price = fill_prices(bars, entry)
    returns = price[ends] / price[chosen + lag] - 1.0
    return Labels(
        rows=chosen,
        ends=ends,
        held_to=ends - lag,
        time=bars.time[chosen],
        end_time=bars.time[ends],
        value=np.sign(returns) * (np.abs(returns) > level[chosen]),
        returns=returns,
        weight=np.ones(len(chosen)),
        barrier=np.full(len(chosen), HORIZON),
        entry=entry,
    )
