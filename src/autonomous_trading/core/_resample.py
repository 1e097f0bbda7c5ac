"""Coarser bars from finer ones: 5-minute bars from 1-minute bars, days from hours."""

import re
from typing import Final

import numpy as np

from autonomous_trading.core._bars import Bars
from autonomous_trading.core.errors import InvalidInput

_UNITS: Final = {"s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400}
_NS: Final = 1_000_000_000


def timeframe_ns(timeframe: str) -> int:
    """Nanoseconds of a timeframe such as "30s", "5m" (or "5min"), "4h", "1d". Raises InvalidInput."""
    found = re.fullmatch(r"([1-9]\d{0,4})(s|m|min|h|d)", timeframe)
    if found is None:
        raise InvalidInput(f"{timeframe!r} is no timeframe", fix='write a number and s, m, h or d: "15m"')
    return int(found[1]) * _UNITS[found[2]] * _NS


def resample(bars: Bars, timeframe: str) -> Bars:
    """Bars of a coarser timeframe: first open, highest high, lowest low, last close, summed volume.

    A coarse bar begins at a multiple of the timeframe counted from 1970-01-01 UTC and is there where at least one fine
    bar lies in it. The last one is left out when fine bars may still be missing from it. Extra columns are left out.
    Raises InvalidInput where the timeframe is finer than the bars, or nothing is left.
    """
    length, step = timeframe_ns(timeframe), _usual_step(bars)
    if length < step:
        raise InvalidInput(
            f"bars of {step / _NS:g} s cannot become bars of {timeframe}", fix="choose a timeframe that is not finer"
        )
    group = bars.time // length
    first = np.flatnonzero(np.diff(group, prepend=group[0] - 1))
    if bars.time[-1] + step < (group[-1] + 1) * length:
        first, rows = first[:-1], int(first[-1])
    else:
        rows = len(bars)
    if not len(first):
        raise InvalidInput(f"{len(bars)} bars make no whole bar of {timeframe}", fix="give more bars")
    last = np.append(first[1:], rows) - 1
    return Bars(
        group[first] * length,
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
