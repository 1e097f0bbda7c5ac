"""Coarser bars from finer ones, session by session: no bar holds the end of one day and the beginning of the next."""

from typing import NamedTuple

import numpy as np

from autonomous_trading.core import Bars, BoolArray, IntArray, InvalidInput, Timeframe
from autonomous_trading.data._sessions import Sessions

__all__ = ["resample_sessions"]

_DAY = Timeframe(1, "d")
_SHORTEST_MONTH = 28


class _Places(NamedTuple):
    """For every fine bar: whether it lies in a session, when its coarse bar begins, and when that one is over."""

    inside: BoolArray
    start: IntArray
    stop: IntArray


def resample_sessions(bars: Bars, timeframe: Timeframe | str, sessions: Sessions) -> Bars:
    """Bars of a coarser timeframe: first open, highest high, lowest low, last close, summed volume.

    Intraday bars count from the opening of the session, and again from the end of each break, so the last one of a
    session may be shorter; a fine bar that begins before the opening belongs to the first. A daily bar is a session and
    begins at 00:00 UTC of its date; weeks and months hold the sessions whose dates they hold. Fine bars outside all
    sessions are left out, and so are extra columns. The last coarse bar is left out while fine bars may still come to
    it; for weeks and months the sessions have to reach past its end. No bar changes when later ones arrive, where two
    of the fine bars are a step apart: bars with a hole after each of them look longer than they are.

    >>> import numpy as np
    >>> from autonomous_trading.data import around_the_clock
    >>> hours = np.arange(48, dtype=np.int64) * 3_600_000_000_000
    >>> price = np.arange(1.0, 49.0)
    >>> bars = Bars(hours, price, price, price, price, np.ones(48))
    >>> resample_sessions(bars, "1d", around_the_clock(0, int(hours[-1]) + 1)).close.tolist()
    [24.0, 48.0]

    Raises InvalidInput where the timeframe is finer than the bars, or nothing is left.
    """
    length, step = Timeframe.of(timeframe), _step(bars.time)
    if step < _DAY.ns and len(bars) > 1:
        # Where half of the minutes are missing most steps are two minutes long, and the bars are not.
        step = int(np.diff(bars.time).min())
    if length.ns < step:
        fix = "choose a timeframe that is not finer"
        raise InvalidInput(f"bars of {step / 1e9:g} s cannot become bars of {length.text}", fix=fix)
    if step > _DAY.ns and length.unit == "M" and step < _SHORTEST_MONTH * _DAY.ns:
        raise InvalidInput("weeks do not make whole months", fix="make months from daily bars or finer ones")
    places = (
        _intraday(bars.time, step, length, sessions) if step < _DAY.ns else _dated(bars.time, step, length, sessions)
    )
    rows = np.flatnonzero(places.inside)
    start, stop = places.start[rows], places.stop[rows]
    first = np.flatnonzero(np.diff(start, prepend=start[0] - 1)) if len(rows) else rows
    over = len(rows) > 0 and bool(bars.time[rows[-1]] + step >= stop[-1])
    if len(rows) and not over:
        rows, first = rows[: first[-1]], first[:-1]
    if not len(first):
        raise InvalidInput(
            f"{len(bars)} bars make no whole bar of {length.text} in the sessions of {sessions.exchange}",
            fix="give more bars, and sessions that reach past them",
        )
    last = np.append(first[1:], len(rows)) - 1
    return Bars(
        start[first],
        bars.open[rows[first]],
        np.maximum.reduceat(bars.high[rows], first),
        np.minimum.reduceat(bars.low[rows], first),
        bars.close[rows[last]],
        np.add.reduceat(bars.volume[rows], first),
        bars.symbol,
    )


def _step(time: IntArray) -> int:
    """The distance between bars that comes most often, the shortest of several; 0 for one bar."""
    steps, counts = np.unique(np.diff(time), return_counts=True)
    return int(steps[np.argmax(counts)]) if len(steps) else 0


def _intraday(time: IntArray, step: int, length: Timeframe, sessions: Sessions) -> _Places:
    """Places of fine bars that are shorter than a day: found by the moments at which the market is open."""
    opens = np.sort(np.concatenate((sessions.open, sessions.breaks[:, 1])))
    closes = np.sort(np.concatenate((sessions.close, sessions.breaks[:, 0])))
    if not len(opens):
        return _nowhere(time)
    part = np.searchsorted(closes, time, side="right")
    known = part < len(closes)
    part = np.minimum(part, len(closes) - 1)
    inside = known & (time + max(step, 1) > opens[part])
    if length.is_intraday:
        counted = np.maximum(time - opens[part], 0) // length.ns
        start = opens[part] + counted * length.ns
        return _Places(inside, start, np.minimum(start + length.ns, closes[part]))
    session = np.minimum(np.searchsorted(sessions.close, closes[part]), len(sessions) - 1)
    start = length.starts(sessions.date[session])
    return _Places(inside, start, _ends(start, length, sessions, sessions.close))


def _dated(time: IntArray, step: int, length: Timeframe, sessions: Sessions) -> _Places:
    """Places of daily and longer fine bars, which carry the date of a session."""
    if not len(sessions):
        return _nowhere(time)
    start = length.starts(time)
    date = _DAY.starts(time)
    inside = (date >= sessions.date[0]) & (date <= sessions.date[-1])
    if step == _DAY.ns:
        inside &= np.isin(date, sessions.date)
    # A fine bar that begins on the last session date of a coarse one reaches past the end of that date.
    return _Places(inside, start, _ends(start, length, sessions, sessions.date + 1))


def _ends(start: IntArray, length: Timeframe, sessions: Sessions, moments: IntArray) -> IntArray:
    """When the last session of each coarse bar is over; never, where the sessions do not reach to its end."""
    following = length.following(start)
    last = np.searchsorted(sessions.date, following) - 1
    reached = (sessions.date[-1] + _DAY.ns >= following) | (length == _DAY)
    never = np.iinfo(np.int64).max
    return np.where(reached, moments[np.maximum(last, 0)], never)


def _nowhere(time: IntArray) -> _Places:
    return _Places(np.zeros(len(time), dtype=np.bool_), time, time)
