"""When bars should begin: from the sessions of an exchange and the length of a bar."""

from typing import Final

import numpy as np

from autonomous_trading.core import BoolArray, IntArray, InvalidInput, Timeframe
from autonomous_trading.data._requests import Span
from autonomous_trading.data._sessions import Sessions

__all__ = [
    "ALIGNMENTS",
    "DAY_NS",
    "alignment_of",
    "by_date",
    "expected_starts",
    "inside",
    "main_stretch",
    "misfits",
    "usual_timeframe",
]

DAY_NS: Final = 86_400_000_000_000
ALIGNMENTS: Final = ("open", "clock")
"""Where bars begin: counted from the opening of a session, or at whole multiples of their length in UTC."""

_FAR_NS: Final = 5 * 366 * DAY_NS
_DAY: Final = Timeframe(1, "d")
_KNOWN: Final = ("1s", "5s", "15s", "30s", "1m", "2m", "3m", "5m", "10m", "15m", "30m", "1h", "2h", "3h", "4h", "6h")
_LENGTHS: Final = tuple(Timeframe.of(text) for text in (*_KNOWN, "8h", "12h", "1d", "1w", "1M", "3M", "12M"))


def usual_timeframe(time: IntArray) -> Timeframe:
    """The length of bar that the distances between these times (in order) mostly are; daily for fewer than three."""
    steps = np.diff(time)
    steps = steps[steps > 0]
    if len(steps) < 2:
        return _DAY
    return min(_LENGTHS, key=lambda each: abs(float(np.log(each.ns / np.median(steps)))))


def main_stretch(time: IntArray) -> IntArray:
    """The times (in order) without those that lie more than five years from the others: a slip of a digit in a year.

    Of several stretches with such holes between them it is the one with the most bars.
    """
    holes = np.flatnonzero(np.diff(time) > _FAR_NS) + 1
    return max(np.split(time, holes), key=len) if len(holes) else time


def expected_starts(
    sessions: Sessions, timeframe: Timeframe, span: Span | None = None, *, aligned: str = "open"
) -> IntArray:
    """The starts of all bars that lie in the sessions, in order, with span.start <= start < span.stop.

    Intraday bars count from the opening of each session and of each part after a break. Daily bars begin at 00:00 UTC
    of the session date, weekly and monthly ones where the timeframe begins that holds a session date. With
    `aligned="clock"` bars begin at whole multiples of their length in UTC: the first one of a session may begin before
    it opens and cover a part of it (09:00 for a market that opens at 09:30), and a day is there when any part of a
    session lies in it.
    """
    if aligned not in ALIGNMENTS:
        raise InvalidInput(f"bars aligned to {aligned!r}", fix=f"use one of {', '.join(ALIGNMENTS)}")
    opens, closes, dates = _parts(sessions, timeframe, span)
    if timeframe.is_intraday:
        first = timeframe.starts(opens) if aligned == "clock" else opens
        starts = _counted(first, closes, timeframe.ns)
    elif aligned == "clock":
        starts = timeframe.starts(_counted(_DAY.starts(opens), closes, DAY_NS))
    else:
        starts = timeframe.starts(dates)
    # Parts begin in order, so only neighbours can be the same bar.
    starts = np.unique(starts)
    if span is None:
        return starts
    return starts[(starts >= span.start) & (starts < span.stop)]


def _parts(sessions: Sessions, timeframe: Timeframe, span: Span | None) -> tuple[IntArray, IntArray, IntArray]:
    """Opening and closing of every stretch of trading near the span, and the session dates."""
    opens = np.sort(np.concatenate((sessions.open, sessions.breaks[:, 1])))
    closes = np.sort(np.concatenate((sessions.close, sessions.breaks[:, 0])))
    dates = sessions.date
    if span is not None:
        margin = max(timeframe.ns, DAY_NS) + DAY_NS
        near = (closes > span.start - margin) & (opens < span.stop + margin)
        opens, closes = opens[near], closes[near]
        dates = dates[(dates >= span.start - margin) & (dates < span.stop + margin)]
    return opens, closes, dates


def _counted(first: IntArray, stop: IntArray, step: int) -> IntArray:
    """first, first + step, ... below stop, for every pair, one after another."""
    counts = -(-(stop - first) // step)
    within = np.arange(counts.sum(), dtype=np.int64) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.asarray(np.repeat(first, counts) + step * within, dtype=np.int64)


def inside(time: IntArray, sessions: Sessions, timeframe: Timeframe) -> BoolArray:
    """Which bars that begin at these times share a moment with a session, breaks taken out."""
    opens, closes, _ = _parts(sessions, timeframe, None)
    if not len(opens):
        return np.zeros(len(time), dtype=np.bool_)
    part = np.searchsorted(closes, time, side="right")
    known = part < len(closes)
    opening = opens[np.minimum(part, len(opens) - 1)]
    return np.asarray(known & (time + timeframe.ns > opening), dtype=np.bool_)


def by_date(time: IntArray, timeframe: Timeframe) -> IntArray:
    """Where the bars begin by the rule for daily and longer bars: 00:00 UTC of a date, whatever midnight was meant.

    Bars stamped with the local midnight of a place west of Greenwich begin in the first half of the UTC day, those of a
    place east of it in the second half of the day before.
    """
    late = (time % DAY_NS) >= DAY_NS // 2
    return timeframe.starts(time // DAY_NS * DAY_NS + np.where(late, DAY_NS, 0))


def alignment_of(time: IntArray, sessions: Sessions, timeframe: Timeframe, span: Span) -> str:
    """The alignment under which fewer bars are missing or begin where none should; "open" where both do as well."""
    return min(
        ALIGNMENTS, key=lambda aligned: _misfits(time, expected_starts(sessions, timeframe, span, aligned=aligned))
    )


def misfits(time: IntArray, sessions: Sessions, timeframe: Timeframe) -> int:
    """How many bars are missing or too many among those that begin at these times, by the better alignment."""
    dated = time if timeframe.is_intraday else np.unique(by_date(time, timeframe))
    span = Span(int(dated[0]), int(dated[-1]) + 1)
    return min(_misfits(dated, expected_starts(sessions, timeframe, span, aligned=aligned)) for aligned in ALIGNMENTS)


def _misfits(time: IntArray, expected: IntArray) -> int:
    return len(np.setxor1d(time, expected, assume_unique=True))
