"""Coarser bars from finer ones: 5-minute bars from 1-minute bars, days from hours."""

from typing import Final

import numpy as np

from autonomous_trading.core._bars import Bars
from autonomous_trading.core._timeframe import Timeframe
from autonomous_trading.core.errors import InvalidInput

_NS: Final = 1_000_000_000


def timeframe_ns(timeframe: str) -> int:
    """Nanoseconds of a timeframe such as "30s", "5m" (or "5min"), "4h", "1d", "1w"; of "1M" the average month.

    Raises InvalidInput.
    """
    return Timeframe.of(timeframe).ns


def resample(bars: Bars, timeframe: str) -> Bars:
    """Bars of a coarser timeframe: first open, highest high, lowest low, last close, summed volume.

    A coarse bar begins at a multiple of the timeframe counted from 1970-01-01 UTC (weeks on Mondays, months on their
    first day) and is there where at least one fine bar lies in it; `data.resample_sessions` knows of sessions. The last
    one is left out when fine bars may still be missing from it. Extra columns are left out.
    Raises InvalidInput where the timeframe is finer than the bars, or nothing is left.
    """
    length, step = Timeframe.of(timeframe), _usual_step(bars)
    if length.ns < step:
        raise InvalidInput(
            f"bars of {step / _NS:g} s cannot become bars of {timeframe}", fix="choose a timeframe that is not finer"
        )
    start = length.starts(bars.time)
    first = np.flatnonzero(np.diff(start, prepend=start[0] - 1))
    if bars.time[-1] + step < length.following(start[-1:])[0]:
        first, rows = first[:-1], int(first[-1])
    else:
        rows = len(bars)
    if not len(first):
        raise InvalidInput(f"{len(bars)} bars make no whole bar of {timeframe}", fix="give more bars")
    last = np.append(first[1:], rows) - 1
    return Bars(
        start[first],
        bars.open[first],
        np.maximum.reduceat(bars.high[:rows], first),
        np.minimum.reduceat(bars.low[:rows], first),
        bars.close[last],
        np.add.reduceat(bars.volume[:rows], first),
        bars.symbol,
    )


def _usual_step(bars: Bars) -> int:
    """Time from one bar to the next, as it mostly is; 0 for one bar."""
    return int(np.median(np.diff(bars.time))) if len(bars) > 1 else 0
