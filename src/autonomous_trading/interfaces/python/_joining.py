"""Other data on bars: each value from the moment it could be known, and not before."""

from __future__ import annotations

import os

import numpy as np

from autonomous_trading.adapters.series import load_series
from autonomous_trading.core import Bars, IntArray, InvalidInput, Timeframe
from autonomous_trading.data import Sessions
from autonomous_trading.data import knowable as known
from autonomous_trading.data.knowable import DecideAt, KnowableSeries
from autonomous_trading.interfaces.python._inputs import bars_of

__all__ = ["join"]


def join(
    data: object,
    *series: KnowableSeries | str | os.PathLike[str],
    decide_at: DecideAt | IntArray = "close",
    timeframe: str | Timeframe | None = None,
    sessions: Sessions | None = None,
    max_age: str | Timeframe | None = None,
) -> Bars:
    """The bars with one more column per series: what was known when a strategy decides on each bar.

    `data` is anything bars are read from, a series a KnowableSeries or a text for `load_series`. A decision is made
    when the bar is over, a daily one at the close of its session (at the end of its UTC date without `sessions`);
    `decide_at="open"` makes it at the start, and an array says it for each bar. `timeframe` ("1h") is the length of the
    bars where their smallest step is not; `max_age` ("45d") how long a value counts. A strategy sees the column as
    see.NAME or see.extra("NAME"). Raises InvalidInput and what reading raises.

    >>> import autonomous_trading as at
    >>> import numpy as np
    >>> day = np.array(["2024-01-02", "2024-01-03"], dtype="datetime64[ns]").astype(np.int64)
    >>> bars = at.Bars(day, *(np.full(2, 9.0) for _ in range(4)), volume=np.zeros(2))
    >>> cpi = known.KnowableSeries("cpi", day[1:] + 1, day[:1], np.array([3.1]))
    >>> at.join(bars, cpi).extra["cpi"]
    array([nan, 3.1])
    """
    if not series:
        raise InvalidInput("there is no series to join", fix='give at least one: at.join(bars, "vix.csv")')
    return known.join(
        bars_of(data),
        *(_series(each) for each in series),
        decide_at=decide_at if isinstance(decide_at, str) else np.asarray(decide_at),
        timeframe=None if timeframe is None else Timeframe.of(timeframe),
        sessions=sessions,
        max_age=None if max_age is None else Timeframe.of(max_age).ns,
    )


def _series(given: object) -> KnowableSeries:
    if isinstance(given, KnowableSeries):
        return given
    if isinstance(given, str | os.PathLike):
        return load_series(given)
    raise InvalidInput(
        f"a series is a KnowableSeries or a text; got {type(given).__name__}",
        fix='read it first: at.load_series("macro.parquet:CPIAUC")',
    )
