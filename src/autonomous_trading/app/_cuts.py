"""Where a market is cut to see whether the past changes with the future, and what counts as a change."""

from collections.abc import Iterator

import numpy as np

from autonomous_trading.core import BoolArray, FloatArray, IntArray

ROUNDING = 1e-9
_SPREAD = 8  # cuts spread over the market
_TURNS = 4  # changes of the values around whose bars the market is cut


def cuts_around(values: FloatArray) -> Iterator[int]:
    """Lengths to cut a market to: around some turns of the values, and spread over all bars, the longest first.

    Around turns, because a wrong last value hides where the values stand still.
    """
    n_bars = len(values)
    turns = some_of(turns_of(values), _TURNS)
    spread = np.linspace(n_bars / (_SPREAD + 1), n_bars - 1, _SPREAD).astype(np.int64)
    lengths = {n_bars - 1, *spread.tolist(), *(turns + 1).tolist(), *turns.tolist()}
    return iter(sorted((length for length in lengths if 0 < length < n_bars), reverse=True))


def turns_of(values: FloatArray) -> IntArray:
    """The rows on which the values differ from the row before."""
    return np.flatnonzero(~equal_but_for_rounding(values[1:], values[:-1])) + 1


def some_of(rows: IntArray, count: int) -> IntArray:
    """At most so many of the rows, the first and the last among them."""
    if not len(rows):
        return rows
    return rows[np.unique(np.linspace(0, len(rows) - 1, count).astype(np.int64))]


def equal_but_for_rounding(
    left: FloatArray, right: FloatArray, scale: float = 1.0, *, tolerance: float = ROUNDING
) -> BoolArray:
    """Equal but for rounding: a sum over a longer array may be added up in another order. NaN equals NaN.

    `scale`: what the values are typically as large as; differences of a billionth of it are rounding.
    """
    equal: BoolArray = np.isclose(left, right, rtol=tolerance, atol=tolerance * scale, equal_nan=True)
    return equal
