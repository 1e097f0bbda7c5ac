"""How much of the last two years a series has: days with bars beside the days there should be."""

from dataclasses import dataclass
from typing import Final, final

import numpy as np

from autonomous_trading.app.market_data._catalogue import BarCatalogue
from autonomous_trading.core import DataNotFound, IntArray
from autonomous_trading.data import SeriesKey, Sessions, Span

__all__ = ["COVERAGE_NS", "Coverage", "coverage"]

_DAY_NS: Final = 86_400_000_000_000
COVERAGE_NS: Final = 730 * _DAY_NS
"""Two years."""


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


def coverage(catalogue: BarCatalogue, key: SeriesKey, now: int, sessions: Sessions | None = None) -> Coverage:
    """The coverage of the two years before `now` (UTC nanoseconds), the day of `now` left out.

    With sessions: those of them in which a bar starts (bars of a day and longer: whose date has one). Without: weekdays
    (UTC), or all days where the series has bars on Saturdays and Sundays. Bars longer than a day are counted as that
    many days each.
    """
    stop = now // _DAY_NS * _DAY_NS
    span = Span(stop - COVERAGE_NS, stop)
    try:
        times = catalogue.read(key, span).time
    except DataNotFound:
        times = np.empty(0, dtype=np.int64)
    if sessions is not None:
        inside = (sessions.date >= span.start) & (sessions.date < span.stop)
        begin, end = sessions.open[inside], sessions.close[inside]
        if not key.timeframe.is_intraday:
            begin, end = sessions.date[inside], sessions.date[inside] + _DAY_NS
        has = np.searchsorted(times, begin) < np.searchsorted(times, end)
        return Coverage(int(np.count_nonzero(has)), int(np.count_nonzero(inside)), f"sessions of {sessions.exchange}")
    days = np.arange(span.start // _DAY_NS, span.stop // _DAY_NS, dtype=np.int64)
    with_bars = _days_with_bars(key, times)
    weekday = (days + 3) % 7  # 1970-01-01 was a Thursday; Monday is 0
    on_weekends = {5, 6} <= set(((with_bars + 3) % 7).tolist())
    expected = days if on_weekends else days[weekday < 5]
    found = np.intersect1d(with_bars, expected)
    return Coverage(len(found), len(expected), "all days" if on_weekends else "weekdays")


def _days_with_bars(key: SeriesKey, times: IntArray) -> IntArray:
    """The numbers of the UTC days that bars lie in."""
    if key.timeframe.ns <= _DAY_NS:
        return np.unique(times // _DAY_NS)
    ends = key.timeframe.following(times)
    spans = [np.arange(start // _DAY_NS, end // _DAY_NS) for start, end in zip(times, ends, strict=True)]
    return np.unique(np.concatenate(spans)) if spans else np.empty(0, dtype=np.int64)
