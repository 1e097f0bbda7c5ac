"""One look at the rows of an instrument: everything that is known to go wrong with bars."""

from collections import Counter
from typing import Final

import numpy as np

from autonomous_trading.core import Bars, IntArray, Timeframe
from autonomous_trading.data._band import Band
from autonomous_trading.data._raw_bars import RawBars
from autonomous_trading.data._requests import Span
from autonomous_trading.data._screening import REASONS, Screened, screened
from autonomous_trading.data._sessions import Sessions
from autonomous_trading.data.quality._clock import daily_time_note, zone_findings
from autonomous_trading.data.quality._expected import (
    alignment_of,
    by_date,
    expected_starts,
    main_stretch,
    usual_timeframe,
)
from autonomous_trading.data.quality._findings import (
    Coverage,
    Finding,
    Gaps,
    QualityReport,
    Severity,
    shown_time,
    spans_at,
)
from autonomous_trading.data.quality._gaps import (
    alignment_note,
    coverage_of,
    extra_findings,
    gap_findings,
    gaps_of,
    inferred_gap_findings,
)
from autonomous_trading.data.quality._prices import leap_findings, still_findings
from autonomous_trading.data.quality._volumes import volume_findings

__all__ = ["examine"]

_ORDER: Final[tuple[Severity, ...]] = ("error", "warning", "note")
_NAMED: Final = 4
_FIXES: Final = {
    "conflicting_duplicate": "find out which of the two is right: neither is used",
    "outlier": "compare the bar with another source; a fetch leaves it out, a file is used as it is",
}
_NOTHING: Final = np.empty(0, dtype=np.int64)


def examine(
    raw: RawBars,
    timeframe: Timeframe | None = None,
    sessions: Sessions | None = None,
    *,
    splits: IntArray = _NOTHING,
    band: Band | None = None,
) -> QualityReport:
    """Everything found in the rows of one instrument, errors first.

    Rows are screened first (`data.screened`, with the band); all the rest is said of the bars that pass. `timeframe` is
    inferred where it is not given. `sessions` have to reach over the whole history; without them gaps are judged by the
    pauses between bars, and there is no coverage. `splits` are the times of splits that are known of (UTC ns).
    """
    sound = screened(raw, band=band or Band())
    whole = _NOTHING if sound.bars is None else sound.bars.time
    time = main_stretch(whole)
    length = timeframe or usual_timeframe(time)
    findings = [*_refused(sound, length), *_rows(raw, sound, length), *_strays(whole, time, length)]
    coverage, gaps, aligned = None, Gaps(_NOTHING, _NOTHING, _NOTHING), ""
    if sound.bars is not None and sessions is not None:
        found, coverage, gaps, aligned = _held_against(time, sound.refused.time, sessions, length)
        findings += found
    elif sound.bars is not None:
        findings += inferred_gap_findings(sound.bars)
    if sound.bars is not None:
        findings += _of_bars(sound.bars, length, splits, sessions)
    return QualityReport(
        symbol=raw.symbol,
        timeframe=length,
        calendar="" if sessions is None else sessions.exchange,
        alignment=aligned,
        rows=len(raw),
        bars=sound.bars,
        refused=sound.refused,
        reasons=sound.reasons,
        findings=tuple(sorted(findings, key=lambda finding: _ORDER.index(finding.severity))),
        coverage=coverage,
        gaps=gaps,
    )


def _of_bars(bars: Bars, timeframe: Timeframe, splits: IntArray, sessions: Sessions | None) -> list[Finding]:
    continuous = timeframe.is_intraday or (sessions is not None and _without_nights(sessions))
    return [
        *daily_time_note(bars.time, timeframe),
        *leap_findings(bars, timeframe, splits),
        *still_findings(bars, timeframe, continuous=continuous),
        *volume_findings(bars, timeframe),
    ]


def _without_nights(sessions: Sessions) -> bool:
    """Whether most sessions open where the one before closed: then an open is the close before, and rightly so."""
    return len(sessions) > 1 and float(np.mean(sessions.open[1:] == sessions.close[:-1])) > 0.5


def _held_against(
    time: IntArray, aside: IntArray, sessions: Sessions, timeframe: Timeframe
) -> tuple[list[Finding], Coverage, Gaps, str]:
    """What the calendar says about the times: another zone, gaps, bars that should not be there.

    A bar that came and was put aside is no gap, but it is not there for the coverage either.
    """
    dated, came = (
        each if timeframe.is_intraday else np.unique(by_date(each, timeframe))
        for each in (time, np.union1d(time, aside[(aside >= time[0]) & (aside <= time[-1])]))
    )
    span = Span(int(dated[0]), int(dated[-1]) + 1)
    aligned = alignment_of(dated, sessions, timeframe, span)
    expected = expected_starts(sessions, timeframe, span, aligned=aligned)
    gaps = gaps_of(came, expected)
    findings = [
        *zone_findings(dated, sessions, timeframe),
        *gap_findings(gaps, timeframe, sessions.exchange),
        *extra_findings(dated, expected, sessions, timeframe),
        *alignment_note(dated, sessions, timeframe),
    ]
    return findings, coverage_of(dated, expected), gaps, aligned


def _refused(sound: Screened, timeframe: Timeframe) -> list[Finding]:
    """One finding for each reason that rows were put aside for."""
    findings = []
    reasons = np.array(sound.reasons)
    for code, count in Counter(sound.reasons).items():
        times = np.sort(sound.refused.time[reasons == code])
        first = "" if code == "bad_time" else f", at {_dates(times, timeframe)}"
        rows = "1 row" if count == 1 else f"{count:,} rows"
        spans = () if code == "bad_time" else spans_at(times, timeframe)
        fix = _FIXES.get(code, "correct the row, or fetch it again: it is not used")
        findings.append(Finding(code, "error", f"{rows} put aside: {REASONS[code]}{first}", count, spans, fix))
    if sound.bars is None:
        findings.append(Finding("no_bars", "error", "no row can be used", len(sound.refused), fix="try another source"))
    return findings


def _strays(whole: IntArray, time: IntArray, timeframe: Timeframe) -> list[Finding]:
    """An error for times that lie years away from all others."""
    strays = np.setdiff1d(whole, time)
    if not len(strays):
        return []
    bars = "1 bar lies" if len(strays) == 1 else f"{len(strays):,} bars lie"
    message = f"{bars} years away from the others, at {_dates(strays, timeframe)}"
    fix = "correct the year, or leave the rows out"
    return [Finding("stray_time", "error", message, len(strays), spans_at(strays, timeframe), fix)]


def _dates(times: IntArray, timeframe: Timeframe) -> str:
    """The first few times, and how many more there are."""
    shown = [shown_time(int(time), timeframe) for time in times[:_NAMED]]
    more = len(times) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")


def _rows(raw: RawBars, sound: Screened, timeframe: Timeframe) -> list[Finding]:
    """Rows that came twice, and rows out of order."""
    findings = []
    if sound.duplicates:
        rows = "1 row repeats" if sound.duplicates == 1 else f"{sound.duplicates:,} rows repeat"
        message = f"{rows} another one exactly"
        findings.append(Finding("duplicate", "warning", message, sound.duplicates, fix="nothing: each counts once"))
    late = raw.time[1:] < np.maximum.accumulate(raw.time)[:-1]
    count = int(late.sum())
    if count:
        turned = count == len(raw) - 1 and count > 1
        first = shown_time(int(raw.time[1:][late][0]), timeframe)
        rows = "1 row comes" if count == 1 else f"{count:,} rows come"
        message = "rows are newest first" if turned else f"{rows} after a later one, the first {first}"
        spans = () if turned else spans_at(raw.time[1:][late], timeframe)
        findings.append(Finding("out_of_order", "warning", message, count, spans, "nothing: they are sorted by time"))
    return findings
