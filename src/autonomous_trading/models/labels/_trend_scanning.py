"""Labels by the trend that followed: the sign of the straight line that fits best, over several lengths.

Source: Lopez de Prado, "Machine Learning for Asset Managers" (2020), section 5.4.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autonomous_trading.core import Bars, IntArray
from autonomous_trading.models.labels._entry import Entry, checked_horizon, fill_prices, label_rows, lag_of
from autonomous_trading.models.labels._labels import HORIZON, Labels

_LEAST_POINTS = 3
_USUAL = (5, 10, 15, 20)


def trend_scanning(
    bars: Bars, horizons: Sequence[int] = _USUAL, *, rows: IntArray | None = None, entry: Entry = "next_open"
) -> Labels:
    """The direction of the clearest trend after each decision; its t-value, in size, is the weight.

    For every length of `horizons` (bars, 3 or more) a straight line is drawn through so many closes that follow; the
    length whose slope has the largest t-value in size is taken. The closes are those of the bars that the position is
    held: from the bar of the entry on ("next_open"), or from the close of the decision itself ("close", the book's).
    `returns` and `ends` are those of a position held over the chosen length.

    `end_time` is the end of the **longest** length, whichever was chosen: all of it was read to choose. (The book ends
    a label with the chosen one, which leaves in the training what had looked into the test.) Rows whose longest length
    is not in the data have no label. Raises InvalidInput for what cannot be labelled.
    """
    from autonomous_trading.models.labels._kernels import scan_trends

    lag = lag_of(entry)
    lengths = np.array(sorted(set(horizons)), dtype=object)
    for length in lengths if len(lengths) else [0]:
        checked_horizon(length, _LEAST_POINTS)
    spans = lengths.astype(np.int64)
    reach = int(spans[-1]) - 1 + 2 * lag
    chosen_rows = label_rows(bars, rows, reach, np.ones(len(bars), dtype=np.bool_))
    length, t_value = np.empty(len(chosen_rows), dtype=np.int64), np.empty(len(chosen_rows))
    scan_trends(bars.close, chosen_rows + lag, spans, length, t_value)
    ends = chosen_rows + length - 1 + 2 * lag
    price = fill_prices(bars, entry)
    return Labels(
        rows=chosen_rows,
        ends=ends,
        held_to=ends - lag,
        time=bars.time[chosen_rows],
        end_time=bars.time[chosen_rows + reach],
        value=np.sign(t_value),
        returns=price[ends] / price[chosen_rows + lag] - 1.0,
        weight=np.abs(t_value),
        barrier=np.full(len(chosen_rows), HORIZON),
        entry=entry,
    )
