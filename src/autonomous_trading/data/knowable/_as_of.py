"""What was known when: the one way from series to bars, and it cannot look ahead."""

from typing import Final, Literal

import numpy as np

from autonomous_trading.core import Bars, FloatArray, IntArray, InvalidBars, InvalidInput, Timeframe
from autonomous_trading.data._sessions import Sessions
from autonomous_trading.data.knowable._arrays import integers
from autonomous_trading.data.knowable._series import KnowableSeries

__all__ = ["DecideAt", "as_of", "decision_times", "join", "over_times"]

DecideAt = Literal["open", "close"]

_DAY_NS: Final = 86_400_000_000_000
_HOUR_NS: Final = 3_600_000_000_000
_WEEK_NS: Final = 7 * _DAY_NS
_UNEVEN: Final = 1.15  # months, quarters and years differ by less


def as_of(series: KnowableSeries, when: IntArray, max_age: int | None = None) -> FloatArray:
    """At each time the value that was known then: of the newest reference known, its latest vintage.

    A value counts from its `knowable_at` on, that moment included; a revision of an older reference changes nothing.
    NaN before the first, and where the value has been known for longer than `max_age` nanoseconds.
    """
    moments = integers("when", when)
    known = np.full(len(moments), np.nan)
    if not len(series):
        return known
    newest = np.maximum.accumulate(series.reference)
    # A row is current once it is known, unless a newer reference was known before it.
    rows = np.arange(len(series))
    current = np.maximum.accumulate(np.where(series.reference == newest, rows, 0))
    at = np.searchsorted(series.knowable_at, moments, side="right") - 1
    found = at >= 0
    row = current[at[found]]
    known[found] = series.value[row]
    if max_age is not None:
        if max_age < 0:
            raise InvalidInput(f"max_age is {max_age}", fix="give nanoseconds, 0 or more")
        age = moments[found] - series.knowable_at[row]
        known[np.flatnonzero(found)[age > max_age]] = np.nan
    return known


def decision_times(
    time: IntArray,
    *,
    decide_at: DecideAt = "close",
    timeframe: Timeframe | None = None,
    sessions: Sessions | None = None,
) -> IntArray:
    """When a strategy decides on each of the bars that start at `time` (UTC nanoseconds).

    "close": when the bar is over. An intraday bar ends a timeframe after its start, or with its session where that
    closes earlier; a daily or longer one at the close of the last session in it, and a timeframe after its start where
    no sessions are given. "open": at its start, or at the opening of its first session. Without a timeframe the
    smallest step between two bars is taken, which is never longer than a bar. A bar is over when the next one begins,
    whatever timeframe is given: one that its session cut short, or a timeframe that is too long, does not put a
    decision behind the opening it is carried out at. Of the last bar that is not known without sessions. With sessions
    the date of a daily bar is the UTC date of its time, whatever hour is written. Give sessions where the next one
    opens before midnight UTC: without them a decision on a daily bar would come after that opening.
    """
    starts = integers("time", time)
    if decide_at not in ("open", "close"):
        raise InvalidInput(f"decide_at is {decide_at!r}", fix='use "close", "open", or one time per bar')
    step = _smallest_step(starts) if timeframe is None else timeframe.ns
    ends = starts + step if timeframe is None else timeframe.following(starts)
    ends[:-1] = np.where(starts[1:] > starts[:-1], np.minimum(ends[:-1], starts[1:]), ends[:-1])
    short = step < _DAY_NS - _HOUR_NS  # the day on which clocks go forward has 23 hours from midnight to midnight
    if sessions is None or not len(sessions) or (short and decide_at == "open"):
        return starts if decide_at == "open" else ends
    if short:
        at = np.searchsorted(sessions.close, starts, side="right")
        closing = sessions.close[np.minimum(at, len(sessions) - 1)]
        return np.where(at < len(sessions), np.minimum(ends, closing), ends)
    # Local midnight or the hour of the close may be written: by the moment alone the date after it would count too.
    dates, reach = starts // _DAY_NS * _DAY_NS, np.maximum(ends, starts + _DAY_NS) // _DAY_NS * _DAY_NS
    first, after = np.searchsorted(sessions.date, dates), np.searchsorted(sessions.date, reach)
    if decide_at == "open":
        opening = sessions.open[np.minimum(first, len(sessions) - 1)]
        return np.where(first < after, opening, starts)
    # Where no session lies in a bar the last one before it counts: the bar knows less than it might, never more.
    return np.where(after > 0, sessions.close[np.maximum(after - 1, 0)], starts)


def over_times(time: IntArray, *, timeframe: Timeframe | None = None, sessions: Sessions | None = None) -> IntArray:
    """When bars that start at `time` (UTC nanoseconds) were over for certain: from then on their closes are known.

    Where `decision_times` is early in doubt, this is late: a decision may know less than there was, and a value must
    not be known before it was. Without a timeframe the step that comes most often is a bar's length, and of months,
    quarters and years the longest. With sessions a daily or longer bar is over at the close of the last one in it,
    where they reach past its end and hold one; a time in the second half of a UTC day may be the local midnight of the
    next date, and is taken for it.
    """
    starts = integers("time", time)
    step = _usual_step(starts) if timeframe is None else timeframe.ns
    ends = starts + step if timeframe is None else timeframe.following(starts)
    if step < _DAY_NS or sessions is None or not len(sessions):
        return ends
    dates = (starts + _DAY_NS // 2) // _DAY_NS * _DAY_NS
    reach = dates + -(-step // _DAY_NS) * _DAY_NS if timeframe is None else timeframe.following(dates)
    last = np.searchsorted(sessions.date, reach) - 1
    there = (last >= 0) & (sessions.date[last] >= dates) & (reach <= sessions.date[-1] + _DAY_NS)
    return np.where(there, sessions.close[np.maximum(last, 0)], np.maximum(ends, reach))


def join(
    bars: Bars,
    *series: KnowableSeries,
    decide_at: DecideAt | IntArray = "close",
    timeframe: Timeframe | None = None,
    sessions: Sessions | None = None,
    max_age: int | None = None,
) -> Bars:
    """The bars with one more column per series: what was known when the strategy decides on each bar.

    See `decision_times` for when that is (or give one time per bar), and `as_of` for what is known. Whatever becomes
    knowable after a decision changes nothing at it or before it. Raises InvalidInput where two columns would have one
    name.
    """
    names = [each.name for each in series]
    taken = [name for name in names if name in bars.extra or names.count(name) > 1]
    if taken:
        raise InvalidInput(f"there are two columns {taken[0]!r}", fix="give one of the series another name")
    if isinstance(decide_at, str):
        when = decision_times(bars.time, decide_at=decide_at, timeframe=timeframe, sessions=sessions)
    else:
        when = integers("decide_at", decide_at)
    columns = {each.name: as_of(each, when, max_age) for each in series}
    prices = {name: getattr(bars, name) for name in ("time", "open", "high", "low", "close", "volume")}
    return Bars(**prices, symbol=bars.symbol, extra={**bars.extra, **columns})


def _smallest_step(starts: IntArray) -> int:
    """Nanoseconds of the smallest step; months differ in length, and the shortest ends too early, never too late."""
    if len(starts) < 2:
        raise InvalidBars("one bar alone does not say how long it is", fix='give the timeframe: Timeframe.of("1d")')
    return int(np.diff(starts).min())


def _usual_step(starts: IntArray) -> int:
    """Nanoseconds of the step that comes most often; beyond a week the longest of about that length."""
    if len(starts) < 2:
        raise InvalidBars("one bar alone does not say how long it is", fix='give the timeframe: Timeframe.of("1d")')
    steps, counts = np.unique(np.diff(starts), return_counts=True)
    usual = int(steps[np.argmax(counts)])
    return usual if usual <= _WEEK_NS else int(steps[steps <= usual * _UNEVEN].max())
