"""The page of a data check: every finding in words, and where it is on the price."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from autonomous_trading.core import Bars, IntArray
from autonomous_trading.data.quality import Finding, QualityReport
from autonomous_trading.interfaces.report._downsample import extreme_rows
from autonomous_trading.interfaces.report._figures import (
    ChartFrame,
    card,
    chart_figure,
    legend,
    notes_list,
    scrolling_table,
)
from autonomous_trading.interfaces.report._markup import (
    JsonValue,
    Markup,
    Section,
    element,
    number_list,
    stepped,
)
from autonomous_trading.interfaces.report._numbers import counted, date_text, is_daily, period_text, sentence_case
from autonomous_trading.interfaces.report._page import assembled

__all__ = ["render_data_check"]

_MOST_POINTS: Final = 3_000
_MOST_DRAWN: Final = 12
_SECOND_NS: Final = 1_000_000_000
_MARKS: Final = (("diamond loss", "Error"), ("dot chosen", "Warning"), ("up benchmark", "Note"))


def render_data_check(reports: Mapping[str, QualityReport], notes: Sequence[str] = (), *, source: str = "") -> str:
    """The findings of a data check as one HTML page that needs nothing else. The same reports give the same page.

    Every instrument has its findings; the first twelve, those with errors before the others, are drawn.
    """
    ordered = sorted(reports.items(), key=lambda item: (item[1].ok, not item[1].findings))
    sections = [_overview(reports, notes)]
    sections += [_instrument(at, name, each, drawn=at < _MOST_DRAWN) for at, (name, each) in enumerate(ordered)]
    name = source.replace("\\", "/").rstrip("/").rpartition("/")[2]
    title = f"Data check of {name}" if name else "Data check"
    heading = element("div", element("h1", title), element("p", _lead(reports), class_="lead"), class_="title")
    return assembled(title, heading, _verdict(reports), sections, "")


def _lead(reports: Mapping[str, QualityReport]) -> str:
    bars = sum(0 if report.bars is None else len(report.bars) for report in reports.values())
    return f"{counted(len(reports), 'instrument')}, {counted(bars, 'bar')}"


def _verdict(reports: Mapping[str, QualityReport]) -> Markup:
    bad = [symbol or "the data" for symbol, report in reports.items() if not report.ok]
    if not bad:
        words, tone = "Nothing was found that makes results wrong", "good"
    else:
        names = ", ".join(bad[:6]) + (", ..." if len(bad) > 6 else "")
        words, tone = f"Errors in {names}: what is listed below makes results wrong until it is seen to", "bad"
    inside = element(
        "div", element("p", "Verdict", class_="eyebrow"), element("h2", words), class_=f"card verdict {tone}"
    )
    return element("section", inside, class_="hero", id="verdict", aria_label="Verdict")


def _overview(reports: Mapping[str, QualityReport], notes: Sequence[str]) -> Section:
    heads = ("Instrument", "Bars", "From", "To", "Bar", "Calendar", "Coverage", "Two years", "Errors", "Warnings")
    head = element("thead", element("tr", *(element("th", text, scope="col") for text in heads)))
    body = element("tbody", *(_row(symbol, report) for symbol, report in reports.items()))
    table = scrolling_table("Instruments", head, body)
    subtitle = "Coverage is the share of the bars the calendar expects that are there; two years: of the last two."
    return Section("overview", "Overview", card("Instruments", subtitle, table, notes_list(notes) or ""), {})


def _row(symbol: str, report: QualityReport) -> Markup:
    bars, covered = report.bars, report.coverage
    ends = ("", "") if bars is None else (date_text(int(bars.time[at]), daily=True) for at in (0, -1))
    shares = ("n/a", "n/a") if covered is None else (f"{covered.share:.2%}", f"{covered.last_two_years:.2%}")
    counts = [str(sum(each.severity == kind for each in report.findings)) for kind in ("error", "warning")]
    cells = (f"{0 if bars is None else len(bars):,}", *ends, report.timeframe.text, report.calendar or "none", *shares)
    row = (element("td", text) for text in (*cells, *counts))
    return element("tr", element("th", symbol or "data", scope="row"), *row)


def _instrument(at: int, symbol: str, report: QualityReport, *, drawn: bool) -> Section:
    name = symbol or "data"
    body: list[str] = [_findings(name, report)]
    charts: dict[str, JsonValue] = {}
    if drawn and report.bars is not None and len(report.bars) > 1:
        charts[f"checked-{at}"], frame = _checked(at, name, report, report.bars)
        body.append(chart_figure(frame, legend(("line strategy", "Close"), *_MARKS)))
    if drawn and report.coverage is not None and len(report.coverage.by_year) > 1:
        charts[f"coverage-{at}"], frame = _coverage(at, name, report)
        body.append(chart_figure(frame))
    return Section(f"instrument-{at}", name, Markup("".join(body)), charts)


def _findings(name: str, report: QualityReport) -> Markup:
    if not report.findings:
        return card(name, "", element("p", "Nothing was found."))
    items = (
        element(
            "li",
            element("strong", f"{sentence_case(each.severity)}: {each.message}"),
            element("span", each.fix, class_="detail") if each.fix else None,
            element("code", each.code),
        )
        for each in report.findings
    )
    tone = "bad" if not report.ok else "caution"
    return card(name, _subtitle(report), element("ul", *items, class_="warnings"), class_=tone)


def _subtitle(report: QualityReport) -> str:
    if report.bars is None:
        return f"{counted(report.rows, 'row')}, none of which can be used."
    time = report.bars.time
    period = period_text(int(time[0]), int(time[-1]), daily=is_daily(time))
    return f"{counted(report.rows, 'row')}, {counted(len(time), 'bar')} used, {period}."


def _checked(at: int, name: str, report: QualityReport, bars: Bars) -> tuple[dict[str, JsonValue], ChartFrame]:
    """The close, thinned so that every peak stays, and a mark for each place of each finding."""
    rows = _drawn_rows(report, bars)
    time = bars.time[rows]
    daily = not report.timeframe.is_intraday
    places = [
        (int(np.clip(np.searchsorted(time, span.start, side="right") - 1, 0, len(time) - 1)), number, span.start)
        for number, finding in enumerate(report.findings)
        for span in finding.spans
    ]
    payload: dict[str, JsonValue] = {
        "time": stepped(time // _SECOND_NS),
        "daily": daily,
        "close": number_list(bars.close[rows], digits=6),
        "findings": [_facts(finding) for finding in report.findings],
        "marks": {
            "row": [row for row, _, _ in places],
            "finding": [number for _, number, _ in places],
            "when": [date_text(start, daily=daily) for _, _, start in places],
        },
    }
    thinned = "" if len(rows) == len(bars) else f" {len(rows):,} of {len(bars):,} are drawn, peaks and troughs kept."
    subtitle = f"{counted(len(bars), 'bar')}, with the first or largest places of each finding.{thinned}"
    summary = f"The close of {name} with {counted(len(places), 'place')} marked."
    return payload, ChartFrame(f"checked-{at}", "checked", f"{name}: what was found where", subtitle, summary, True)


def _facts(finding: Finding) -> JsonValue:
    return {"severity": finding.severity, "code": finding.code, "message": finding.message}


def _drawn_rows(report: QualityReport, bars: Bars) -> IntArray:
    """Rows to draw: the line's peaks and troughs, and the bar of every finding."""
    starts = np.array([span.start for finding in report.findings for span in finding.spans], dtype=np.int64)
    marked = np.clip(np.searchsorted(bars.time, starts, side="right") - 1, 0, len(bars) - 1)
    return np.union1d(extreme_rows([bars.close], _MOST_POINTS), marked)


def _coverage(at: int, name: str, report: QualityReport) -> tuple[dict[str, JsonValue], ChartFrame]:
    by_year = {} if report.coverage is None else report.coverage.by_year
    least = min(by_year.values(), default=1.0)
    payload: dict[str, JsonValue] = {
        "years": [str(year) for year in by_year],
        "shares": [round(share, 6) for share in by_year.values()],
        "least": 0.0 if least < 0.8 else 0.8 if least < 0.98 else 0.98,
    }
    worst = min(by_year, key=lambda year: by_year[year], default=0)
    subtitle = (
        f"Share of the bars that {report.calendar} expects, year by year; the scale begins at {payload['least']:.0%}."
    )
    summary = f"The year with the smallest share is {worst}: {least:.2%}."
    return payload, ChartFrame(f"coverage-{at}", "coverage", f"{name}: coverage", subtitle, summary)
