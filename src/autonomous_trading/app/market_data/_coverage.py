"""How much of a span a series has: days with bars beside the days there should be."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from autonomous_trading.app.market_data._catalogue import BarCatalogue
from autonomous_trading.core import BoolArray, DataNotFound, IntArray
from autonomous_trading.data import SeriesKey, Sessions, Span, merged_spans

__all__ = ["Coverage", "coverage", "coverage_of", "coverage_of_spans", "coverage_span"]

_DAY_NS: Final = 86_400_000_000_000
_YEARS_NS: Final = 730 * _DAY_NS


@final
@dataclass(frozen=True, slots=True)
class Coverage:
    """Days with bars, the days expected, and what was expected: the sessions of an exchange, weekdays, or all days."""

    days: int
    expected: int
    measure: str

    @property
    def share(self) -> float:
        """Days with bars as a fraction of those expected; 0.0 where none were."""
        return self.days / self.expected if self.expected else 0.0


def coverage(catalogue: BarCatalogue, key: SeriesKey, span: Span, sessions: Sessions | None = None) -> Coverage:
    """The coverage of a span by the bars that a catalogue holds: see `coverage_of`."""
    try:
        times = catalogue.read(key, Span(span.start // _DAY_NS * _DAY_NS, span.stop)).time
    except DataNotFound:
        times = np.empty(0, dtype=np.int64)
    return coverage_of(key, times, span, sessions)


def coverage_span(now: int) -> Span:
    """The two years before the day of `now` (UTC nanoseconds), which is left out."""
    stop = now // _DAY_NS * _DAY_NS
    return Span(stop - _YEARS_NS, stop)


def coverage_of(key: SeriesKey, times: IntArray, span: Span, sessions: Sessions | None = None) -> Coverage:
    """The coverage of a span by bars that start at these times.

    With sessions: those of the span in which a bar starts (bars of a day and longer: on whose date one lies). Without:
    weekdays (UTC), or all days where the series has bars on Saturdays and Sundays. Days are counted whole, from the one
    in which the span begins to the last that is over when it ends. A bar longer than a day stands for that many days.
    """
    if sessions is not None:
        inside = _inside(key, span, sessions)
        has = _with_bars(key, times, sessions)[inside]
        return Coverage(int(np.count_nonzero(has)), len(has), f"sessions of {sessions.exchange}")
    first = span.start // _DAY_NS
    days = np.arange(first, max(first + 1, span.stop // _DAY_NS), dtype=np.int64)
    with_bars = _days_with_bars(key, times)
    weekday = (days + 3) % 7  # 1970-01-01 was a Thursday; Monday is 0
    on_weekends = {5, 6} <= set(((with_bars + 3) % 7).tolist())
    expected = days if on_weekends else days[weekday < 5]
    found = np.intersect1d(with_bars, expected)
    return Coverage(len(found), len(expected), "all days" if on_weekends else "weekdays")


def coverage_of_spans(
    key: SeriesKey, times: IntArray, spans: Iterable[Span], sessions: Sessions | None = None
) -> Coverage | None:
    """The coverage of several spans together, no day counted twice; None where there are none. See `coverage_of`."""
    apart = merged_spans(spans if sessions is not None else map(_whole_days, spans))
    each = [coverage_of(key, times, span, sessions) for span in apart]
    if not each:
        return None
    return Coverage(sum(one.days for one in each), sum(one.expected for one in each), each[0].measure)


def _whole_days(span: Span) -> Span:
    """The days that `coverage_of` counts of a span where it knows of no sessions."""
    first = span.start // _DAY_NS
    return Span(first * _DAY_NS, max(first + 1, span.stop // _DAY_NS) * _DAY_NS)


def _inside(key: SeriesKey, span: Span, sessions: Sessions) -> BoolArray:
    """Which sessions a span holds: by their dates, or where bars are shorter than a day by the moments they end at."""
    if key.timeframe.is_intraday:
        return np.asarray((sessions.close > span.start) & (sessions.close <= span.stop), dtype=np.bool_)
    return np.asarray((sessions.date >= span.start) & (sessions.date < span.stop), dtype=np.bool_)


def _with_bars(key: SeriesKey, times: IntArray, sessions: Sessions) -> BoolArray:
    if key.timeframe.is_intraday:
        has = np.searchsorted(times, sessions.open) < np.searchsorted(times, sessions.close)
        return np.asarray(has, dtype=np.bool_)
    return np.isin(sessions.date // _DAY_NS, _days_with_bars(key, times))


def _days_with_bars(key: SeriesKey, times: IntArray) -> IntArray:
    """The numbers of the UTC days that bars lie in."""
    if key.timeframe.ns <= _DAY_NS:
        return np.unique(times // _DAY_NS)
    ends = key.timeframe.following(times)
    spans = [np.arange(start // _DAY_NS, end // _DAY_NS) for start, end in zip(times, ends, strict=True)]
    return np.unique(np.concatenate(spans)) if spans else np.empty(0, dtype=np.int64)
