"""The door to the quality report: whatever holds prices, each instrument examined against a calendar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, final

import numpy as np

from autonomous_trading.adapters import RawReading, notes_together, raw_readings, sessions_of, write_text_atomic
from autonomous_trading.core import IntArray, Timeframe
from autonomous_trading.data import Sessions
from autonomous_trading.data.quality import Finding, QualityReport, examine, main_stretch, misfits, usual_timeframe

__all__ = ["DataCheck", "check_data"]

_CANDIDATES = ("XNYS", "XLON", "XETR", "CMES", "24/5", "24/7")
_EXCHANGES = ("XNYS", "XLON", "XETR")
_FIT = 0.05
_MARGIN_NS = 40 * 86_400_000_000_000  # a month and a weekend: the calendar reaches over the first and last bar
_ENOUGH = 200_000


@final
@dataclass(frozen=True, slots=True, eq=False)
class DataCheck:
    """A quality report for each instrument, by symbol, and what had to be assumed to read the data.

    `ok` says whether nothing was found that makes results wrong; `report("page.html")` writes a page with plots.
    """

    reports: Mapping[str, QualityReport]
    notes: tuple[str, ...] = ()
    source: str = ""

    @property
    def ok(self) -> bool:
        """Whether no instrument has an error."""
        return all(report.ok for report in self.reports.values())

    def to_dict(self) -> dict[str, Any]:
        """Plain values for a JSON document."""
        return {
            "ok": self.ok,
            "instruments": [report.to_dict() for report in self.reports.values()],
            "notes": list(self.notes),
        }

    def lines(self) -> list[str]:
        """The findings as text, one line each, below a line for each instrument."""
        return [line for symbol, report in self.reports.items() for line in _lines(symbol, report)]

    def report(self, path: str | Path) -> Path:
        """Write a self-contained HTML page with the findings and plots; the path written."""
        from autonomous_trading.interfaces.report import render_data_check

        return write_text_atomic(path, render_data_check(self.reports, self.notes, source=self.source))

    def __str__(self) -> str:
        return "\n".join(self.lines())


@final
@dataclass(slots=True)
class _Calendars:
    """Sessions that were asked for before: a folder of files mostly lies in one calendar and one time."""

    held: dict[tuple[str, int, int], Sessions] = field(default_factory=dict)

    def over(self, name: str, time: IntArray) -> Sessions:
        start, stop = int(time.min()) - _MARGIN_NS, int(time.max()) + _MARGIN_NS
        key = (name, start, stop)
        if key not in self.held:
            if len(self.held) > 2 * len(_CANDIDATES):
                self.held.clear()
            self.held[key] = sessions_of(name, start, stop)
        return self.held[key]


def check_data(
    data: object,
    *,
    calendar: str | None = None,
    timeframe: str | Timeframe | None = None,
    catalogue: str | Path | None = None,
    known_at: object = None,
) -> DataCheck:
    """What is wrong with the bars in `data`, instrument by instrument: gaps, wild prints, splits, zones, volume.

    data: what `load_bars` and the other functions take; rows that break the rules of bars are findings here, not
    refusals. calendar: a code of an exchange ("XNYS", "XLON", "CMES"), "24/7", "24/5" (foreign exchange), "" for none;
    without one the nearest of a few is taken and a note says which. timeframe: "1h"; without one, what the distances
    between bars mostly are. catalogue: the folder that series of a provider are read from; its splits are known ones,
    a note and no warning. known_at: what was known of such a series then, as for `load_bars`. Raises InvalidInput,
    InvalidBars where there are no times and prices to be read, UnknownName for a calendar.
    """
    length = None if timeframe is None else Timeframe.of(timeframe)
    readings = raw_readings(data, catalogue=catalogue, known_at=known_at)
    calendars = _Calendars()
    reports = {symbol: _examined(reading, calendar, length, calendars) for symbol, reading in readings.items()}
    notes = notes_together(note for reading in readings.values() for note in reading.notes)
    return DataCheck(reports, notes, data if isinstance(data, str) else "")


def _examined(
    reading: RawReading, calendar: str | None, timeframe: Timeframe | None, calendars: _Calendars
) -> QualityReport:
    rows, splits = reading.rows, np.array(reading.splits, dtype=np.int64)
    time = main_stretch(np.unique(rows.time[rows.time > 0]))
    length = timeframe or usual_timeframe(time)
    if not len(time) or calendar == "":
        return examine(rows, length, splits=splits)
    if calendar is not None:
        return examine(rows, length, calendars.over(calendar, time), splits=splits)
    name, share = _nearest(time, length, calendars)
    if share > _FIT:
        for exchange in _EXCHANGES:
            report = examine(rows, length, calendars.over(exchange, time), splits=splits)
            if any(each.code == "time_zone" for each in report.findings):
                return report
        report = examine(rows, length, splits=splits)
        message = f"no calendar fits: the nearest, {name}, differs on {min(share, 1.0):.0%} of the bars"
        fix = "name the calendar of the exchange, if there is one"
    else:
        report = examine(rows, length, calendars.over(name, time), splits=splits)
        message = f"held against the calendar {name}, which fits best ({share:.2%} of the bars differ)"
        fix = "name another calendar where this is not the exchange"
    note = Finding("calendar", "note", message, 0, fix=fix)
    return replace(report, findings=(*report.findings, note))


def _nearest(time: IntArray, timeframe: Timeframe, calendars: _Calendars) -> tuple[str, float]:
    """The calendar with the fewest bars missing or too many, and their share; the first of those that do as well."""
    seen = time[-_ENOUGH:]
    shares: dict[str, float] = {}
    for name in _CANDIDATES:
        shares[name] = misfits(seen, calendars.over(name, time), timeframe) / len(seen)
    best = min(shares, key=lambda name: shares[name])
    return best, shares[best]


def _lines(symbol: str, report: QualityReport) -> list[str]:
    bars = 0 if report.bars is None else len(report.bars)
    covered = (
        "" if report.coverage is None else f", {report.coverage.share:.2%} of those that {report.calendar} expects"
    )
    head = f"{symbol or 'data'}: {bars:,} bars of {report.timeframe.text}{covered}"
    if not report.findings:
        return [f"{head}: nothing found"]
    told = [f"  {each.severity} {each.code}: {each.message}{_advice(each)}" for each in report.findings]
    return [head, *told]


def _advice(finding: Finding) -> str:
    return f". Fix: {finding.fix}" if finding.fix and finding.severity != "note" else ""
