"""Bars that are missing, and bars that should not be there."""

import numpy as np

from autonomous_trading.core import Bars, IntArray, Timeframe, inspect_bars
from autonomous_trading.data._requests import Span
from autonomous_trading.data._sessions import Sessions
from autonomous_trading.data.quality._expected import DAY_NS, inside
from autonomous_trading.data.quality._findings import MOST_SPANS, Coverage, Finding, Gaps, shown_time, spans_at

__all__ = ["alignment_note", "coverage_of", "extra_findings", "gap_findings", "gaps_of", "inferred_gap_findings"]

_DAYS_IN_YEAR = 365.25


def gaps_of(time: IntArray, expected: IntArray) -> Gaps:
    """The runs of expected starts (in order) that are not among `time`."""
    missing = np.flatnonzero(~np.isin(expected, time))
    if not len(missing):
        return Gaps(*(np.empty(0, dtype=np.int64) for _ in range(3)))
    new = np.flatnonzero(np.diff(missing, prepend=missing[0] - 2) > 1)
    last = np.append(new[1:], len(missing)) - 1
    return Gaps(expected[missing[new]], expected[missing[last]], np.asarray(last - new + 1, dtype=np.int64))


def coverage_of(time: IntArray, expected: IntArray) -> Coverage:
    """How many of the expected bars are there."""
    there = np.isin(expected, time)
    years = expected.astype("datetime64[ns]").astype("datetime64[Y]").astype(np.int64) + 1970
    by_year = {int(year): float(there[years == year].mean()) for year in np.unique(years)}
    recent = expected >= (expected[-1] - int(2 * _DAYS_IN_YEAR * DAY_NS) if len(expected) else 0)
    lately = float(there[recent].mean()) if recent.any() else 1.0
    return Coverage(len(expected), int(there.sum()), by_year, lately)


def gap_findings(gaps: Gaps, timeframe: Timeframe, calendar: str) -> list[Finding]:
    """One finding for all gaps: how many bars are missing, and the longest runs of them."""
    if not len(gaps):
        return []
    longest = np.argsort(-gaps.count, kind="stable")[:MOST_SPANS]
    top = longest[0]
    first, last = shown_time(int(gaps.first[top]), timeframe), shown_time(int(gaps.last[top]), timeframe)
    bars = "bar is" if gaps.missing == 1 else "bars are"
    several = len(gaps) > 1
    counted = f"{int(gaps.count[top]):,} from" if several else "from"
    where = f"at {first}" if first == last else f"{counted} {first} to {last}"
    runs = f" in {len(gaps):,} gaps, the longest" if several else ""
    thin = ", or leave it: a source that has no bar without a trade has such gaps" if timeframe.is_intraday else ""
    return [
        Finding(
            "gap",
            "warning",
            f"{gaps.missing:,} {bars} missing by the calendar {calendar}{runs} {where}",
            gaps.missing,
            tuple(Span(int(gaps.first[at]), int(gaps.last[at]) + timeframe.ns) for at in np.sort(longest)),
            f"fetch these times again{thin}",
        )
    ]


def inferred_gap_findings(bars: Bars) -> list[Finding]:
    """Gaps without a calendar: pauses that are unusual for these bars, and bars of several lengths."""
    return [
        Finding(
            warning.code,
            "warning",
            f"{warning.message} (judged by the pauses between the bars: no calendar was named)",
            warning.count,
            fix="name the calendar of the exchange to have them counted bar by bar",
        )
        for warning in inspect_bars(bars)
        if warning.code in ("gap", "mixed_bars")
    ]


def extra_findings(time: IntArray, expected: IntArray, sessions: Sessions, timeframe: Timeframe) -> list[Finding]:
    """Bars at times when the market is closed, and bars that begin between the others."""
    extra = time[~np.isin(time, expected)]
    if not len(extra):
        return []
    known = (extra >= sessions.open[0] - DAY_NS) & (extra < sessions.close[-1]) if len(sessions) else extra < 0
    extra = extra[known]
    open_then = inside(extra, sessions, timeframe) if timeframe.is_intraday else np.zeros(len(extra), dtype=np.bool_)
    return [
        *_outside(extra[~open_then], len(time), sessions.exchange, timeframe),
        *_between(extra[open_then], timeframe),
    ]


def _outside(extra: IntArray, bars: int, calendar: str, timeframe: Timeframe) -> list[Finding]:
    if not len(extra):
        return []
    mostly = len(extra) > bars / 4
    fix = f"is {calendar} the right calendar?" if mostly else "drop them, or name the calendar they belong to"
    first = shown_time(int(extra[0]), timeframe)
    count = "1 bar begins" if len(extra) == 1 else f"{len(extra):,} bars begin"
    message = f"{count} when {calendar} is closed, the first at {first}"
    return [Finding("outside_session", "warning", message, len(extra), spans_at(extra, timeframe), fix)]


def _between(extra: IntArray, timeframe: Timeframe) -> list[Finding]:
    if not len(extra):
        return []
    first = shown_time(int(extra[0]), timeframe)
    count = "1 bar begins" if len(extra) == 1 else f"{len(extra):,} bars begin"
    message = f"{count} where no bar of {timeframe.text} begins, the first at {first}: bars of several lengths"
    return [Finding("mixed_bars", "warning", message, len(extra), spans_at(extra, timeframe), "keep one length a file")]


def alignment_note(time: IntArray, sessions: Sessions, timeframe: Timeframe) -> list[Finding]:
    """A note where the first bar of a session begins before its opening."""
    if not timeframe.is_intraday or not len(sessions):
        return []
    session = np.minimum(np.searchsorted(sessions.close, time, side="right"), len(sessions) - 1)
    early = (time < sessions.open[session]) & (time + timeframe.ns > sessions.open[session])
    count = int(early.sum())
    if not count:
        return []
    message = f"the first bar of {count:,} sessions begins before {sessions.exchange} opens and covers a part of it"
    fix = "bars are aligned to the clock; nothing is missing, but the first bar of a day is shorter than the others"
    return [Finding("alignment", "note", message, count, spans_at(time[early][:1], timeframe), fix)]
