"""Columns of coarser bars seen from finer ones: a coarse bar is visible once it is closed, and not before."""

from dataclasses import dataclass
from typing import final

import numpy as np

from autonomous_trading.core import Bars, FloatArray, IntArray, InvalidExpression, Timeframe

_MARK = ":"
_CUSTOM = ("extra", "custom")


def on_timeframe(name: str, timeframe: str) -> str:
    """The name of a column computed on coarser bars: on_timeframe("rsi", "4h") is "4h:rsi"."""
    return f"{Timeframe.of(timeframe).text}{_MARK}{name}"


def split_timeframe(name: str) -> tuple[str, str]:
    """The timeframe of a name and the column it is of: ("4h", "rsi"), or ("", name) for the bars' own columns."""
    timeframe, mark, rest = name.partition(_MARK)
    return (timeframe, rest) if mark and timeframe not in _CUSTOM else ("", name)


@final
@dataclass(frozen=True, slots=True, eq=False)
class CoarseView:
    """The closed coarse bars that fine bars make, and which of them each fine bar can see.

    `bars` are None while none is closed. `closed_on` [coarse] is the fine row on whose close a coarse bar is complete;
    `latest` [fine] is the last coarse bar that is complete by the close of a fine bar, -1 before the first.
    """

    bars: Bars | None
    closed_on: IntArray
    latest: IntArray

    def sampled(self, values: FloatArray) -> FloatArray:
        """A series of the fine bars as the coarse bars saw it: its value when each of them closed."""
        return values[self.closed_on]

    def spread(self, values: FloatArray) -> FloatArray:
        """A column of the coarse bars on the fine ones: the value of the last closed bar, NaN before the first."""
        return np.where(self.latest >= 0, values[np.maximum(self.latest, 0)], np.nan) if len(values) else self.unknown()

    def unknown(self) -> FloatArray:
        """NaN for every fine bar."""
        return np.full(len(self.latest), np.nan)


def coarse_view(bars: Bars, timeframe: str) -> CoarseView:
    """The coarse bars of a timeframe ("4h", "1d", "1w", "1M") counted by the clock, as fine bars close them.

    A coarse bar is complete on the fine bar that reaches its end, where the length of fine bars is known by then (the
    shortest step so far, seen twice), and else on the first fine bar behind its end. What was decided on a row is not
    changed by any later one. Extra columns keep their last value. Raises InvalidExpression for a finer timeframe.
    """
    length = Timeframe.of(timeframe)
    step = _known_step(bars.time)
    if len(bars) > 1 and length.ns < int(np.diff(bars.time).min()):
        raise InvalidExpression(
            f"bars of {timeframe} are finer than the bars there are", fix="ask for a coarser timeframe"
        )
    start = length.starts(bars.time)
    first = np.flatnonzero(np.diff(start, prepend=start[0] - 1))
    behind = np.append(first[1:], len(bars))
    reached = bars.time + step >= length.following(start)
    # The first row of each coarse bar that reaches its end; `behind` where none does.
    reaching = np.flatnonzero(reached)
    place = np.searchsorted(reaching, first)
    found = np.append(reaching, len(bars))[place]
    inside = found < behind
    closed_on = np.where(inside, found, behind)
    whole = closed_on < len(bars)
    if not whole.any():
        return CoarseView(None, np.empty(0, dtype=np.int64), np.full(len(bars), -1))
    last = np.where(inside, found, behind - 1)
    closed_on = closed_on[whole]
    made = _aggregated(bars, start[first[whole]], first[whole], last[whole])
    latest = np.searchsorted(closed_on, np.arange(len(bars)), side="right") - 1
    return CoarseView(made, closed_on.astype(np.int64), latest.astype(np.int64))


def _known_step(time: IntArray) -> IntArray:
    """On every row: the shortest step between bars so far, once it was seen twice; 0 before."""
    steps = np.zeros(len(time), dtype=np.int64)
    if len(time) < 3:
        return steps
    differences = np.diff(time)
    shortest = np.minimum.accumulate(differences)
    fresh = np.append(True, shortest[1:] < shortest[:-1])
    group = np.cumsum(fresh)
    same = (differences == shortest).astype(np.int64)
    seen = np.cumsum(same)
    before = (seen - same)[fresh][group - 1]
    steps[1:] = np.where(seen - before >= 2, shortest, 0)
    return steps


def _aggregated(bars: Bars, time: IntArray, first: IntArray, last: IntArray) -> Bars:
    """First open, highest high, lowest low, last close, summed volume of the rows first..last of each coarse bar."""
    edges = np.column_stack((first, last + 1)).ravel()
    edges = edges[:-1] if edges[-1] == len(bars) else edges
    return Bars(
        time,
        bars.open[first],
        np.maximum.reduceat(bars.high, edges)[::2],
        np.minimum.reduceat(bars.low, edges)[::2],
        bars.close[last],
        np.add.reduceat(bars.volume, edges)[::2],
        bars.symbol,
        {name: values[last] for name, values in bars.extra.items()},
    )
