"""Money over time: equity beside the benchmark, the way down from each peak, and every month's return."""

from typing import NamedTuple

import numpy as np

from autonomous_trading.core import FloatArray, IntArray
from autonomous_trading.interfaces.report._content import ReportContent
from autonomous_trading.interfaces.report._downsample import extreme_rows
from autonomous_trading.interfaces.report._figures import (
    ChartFrame,
    button,
    card,
    chart_figure,
    legend,
    scrolling_table,
)
from autonomous_trading.interfaces.report._markup import JsonValue, Markup, Section, element, number_list, stepped
from autonomous_trading.interfaces.report._metric_words import in_sentence
from autonomous_trading.interfaces.report._numbers import (
    NOT_AVAILABLE,
    counted,
    date_text,
    format_number,
    is_daily,
)
from autonomous_trading.interfaces.report._price_section import MOST_POINTS, sample_spans, times
from autonomous_trading.interfaces.report._run_facts import EquityCurve, SamplePeriod
from autonomous_trading.interfaces.report._statistics import MonthlyReturns, drawdown, monthly_returns

__all__ = ["equity_section", "monthly_section"]

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class _Curves(NamedTuple):
    time: IntArray
    equity: FloatArray
    benchmark: FloatArray | None
    rows: IntArray
    daily: bool
    start: float | None


def equity_section(content: ReportContent) -> Section | None:
    """Equity against the benchmark with a log switch, and the underwater curve on the same time axis."""
    if content.equity is None:
        return None
    curves = _curves(content.equity)
    start = content.equity.start
    falls = drawdown(curves.equity, start), None if curves.benchmark is None else drawdown(curves.benchmark, start)
    charts: dict[str, JsonValue] = {
        "curves": _axis_payload(curves, content.samples),
        "equity": _lines(content.equity, (curves.equity, curves.benchmark), curves.rows, digits=7),
        "underwater": _lines(content.equity, falls, curves.rows, digits=4),
    }
    body = Markup(_equity_figure(content, curves) + _underwater_figure(content.equity, curves))
    return Section("equity", "Equity", body, charts)


def monthly_section(curve: EquityCurve | None) -> Section | None:
    """Year by month heat map of returns with each year's total, as a table anyone can read."""
    if curve is None:
        return None
    returns = monthly_returns(curve.time, curve.equity, curve.start)
    heads = [element("th", "Year", scope="col")]
    heads += [element("th", element("abbr", month, title=month), scope="col") for month in _MONTHS]
    heads.append(element("th", "Total", scope="col", class_="total"))
    scale = _heat_scale(returns)
    rows = [
        element(
            "tr",
            element("th", str(year), scope="row"),
            *(_heat_cell(value, scale) for value in returns.months[number]),
            _heat_cell(float(returns.totals[number]), 3.0 * scale, class_="total"),
        )
        for number, year in enumerate(returns.years)
    ]
    head, body = element("thead", element("tr", *heads)), element("tbody", *rows)
    table = scrolling_table("Monthly returns in per cent", head, body, class_="heat")
    months = returns.months[np.isfinite(returns.months)]
    flat = int((months == 0).sum())
    subtitle = f"Per cent, UTC months. Of {counted(len(months), 'month')}, {int((months > 0).sum())} gained"
    subtitle += f" and {flat} were flat." if flat else "."
    key = legend(("box gain", "Gain"), ("box loss", "Loss"))
    return Section("monthly", "Months", card("Monthly returns", subtitle, key, table), {})


def _curves(curve: EquityCurve) -> _Curves:
    time = np.asarray(curve.time, dtype=np.int64)
    equity = np.asarray(curve.equity, dtype=np.float64)
    benchmark = None if curve.benchmark is None else np.asarray(curve.benchmark, dtype=np.float64)
    series = [equity, drawdown(equity, curve.start)]
    if benchmark is not None:
        series += [benchmark, drawdown(benchmark, curve.start)]
    return _Curves(time, equity, benchmark, extreme_rows(series, MOST_POINTS), is_daily(time), curve.start)


def _axis_payload(curves: _Curves, samples: tuple[SamplePeriod, ...]) -> dict[str, JsonValue]:
    kept = curves.time[curves.rows]
    return {
        "row": stepped(curves.rows),
        "time": times(kept),
        "daily": curves.daily,
        "spans": sample_spans(samples, kept),
    }


def _lines(
    curve: EquityCurve, series: tuple[FloatArray, FloatArray | None], rows: IntArray, *, digits: int
) -> list[JsonValue]:
    names = ("Strategy", curve.benchmark_label)
    return [
        {"name": name, "values": number_list(values[rows], digits=digits)}
        for name, values in zip(names, series, strict=True)
        if values is not None
    ]


def _equity_figure(content: ReportContent, curves: _Curves) -> Markup:
    curve = content.equity
    gained = format_number(_gain(curves.equity, curve), "fraction", signed=True)
    fitted = any(sample.kind == "in_sample" for sample in content.samples)
    words = (
        f"Over all bars, those it was fitted on included, the strategy made {gained}"
        if fitted
        else f"The strategy made {gained}"
    )
    if curve is not None and curves.benchmark is not None:
        other = format_number(_gain(curves.benchmark, curve), "fraction", signed=True)
        words += f", {in_sentence(curve.benchmark_label)} {other}"
    lowest = min(float(line.min()) for line in (curves.equity, curves.benchmark) if line is not None)
    marks = _line_legend(curve) + [(f"box {kind}", words) for kind, words in _span_words(content.samples)]
    controls = [legend(*marks)]
    if lowest > 0.0:
        controls.append(element("div", button("Log scale", "log", pressed=False), class_="buttons"))
    frame = ChartFrame(
        name="equity",
        kind="equity",
        title="Equity",
        subtitle=f"{words} from the first to the last bar.{_shown(curves)}",
        summary=words + ".",
        zoomable=True,
    )
    return chart_figure(frame, *controls)


def _underwater_figure(curve: EquityCurve, curves: _Curves) -> Markup:
    words = _worst_fall(curves)
    frame = ChartFrame(
        name="underwater",
        kind="underwater",
        title="Underwater",
        subtitle=words,
        summary=f"Fall from the highest equity so far. {words}",
        zoomable=True,
    )
    return chart_figure(frame, legend(*_line_legend(curve)))


def _line_legend(curve: EquityCurve | None) -> list[tuple[str, str]]:
    marks = [("line strategy", "Strategy")]
    return marks + (
        [("line benchmark", curve.benchmark_label)] if curve is not None and curve.benchmark is not None else []
    )


def _span_words(samples: tuple[SamplePeriod, ...]) -> list[tuple[str, str]]:
    words = {"warm_up": "Warm-up", "in_sample": "In-sample (fitted here)", "out_of_sample": "Out-of-sample"}
    kinds = {sample.kind for sample in samples}
    return [(kind.replace("_", "-"), text) for kind, text in words.items() if kind in kinds]


def _shown(curves: _Curves) -> str:
    if len(curves.rows) == len(curves.time):
        return ""
    return f" {len(curves.rows):,} of {len(curves.time):,} bars are drawn; every peak and trough is kept."


def _gain(line: FloatArray, curve: EquityCurve | None) -> float:
    """Total return of a curve from the money there was before its first bar."""
    start = line[0] if curve is None or curve.start is None else curve.start
    return float(line[-1] / start - 1.0)


def _worst_fall(curves: _Curves) -> str:
    falls = drawdown(curves.equity, curves.start)
    trough = int(np.argmin(falls))
    if falls[trough] == 0.0:
        return "The equity never fell below its peak."
    peak = int(np.argmax(curves.equity[: trough + 1]))
    after = np.flatnonzero(curves.equity[trough:] >= max(curves.equity[peak], curves.start or 0.0))
    peak_day, trough_day = (date_text(int(curves.time[row]), daily=True) for row in (peak, trough))
    back = (
        f"back at the peak on {date_text(int(curves.time[trough + after[0]]), daily=True)}"
        if after.size
        else "not yet recovered"
    )
    depth = format_number(float(falls[trough]), "fraction")
    return f"Deepest fall {depth}: from {peak_day} to {trough_day}, {back}."


def _heat_scale(returns: MonthlyReturns) -> float:
    """The return that gets the full colour: the 95th percentile of months, so one crash does not bleach the rest."""
    sizes = np.abs(returns.months[np.isfinite(returns.months)])
    return max(float(np.percentile(sizes, 95)), 1e-6) if sizes.size else 1.0


def _heat_cell(value: float, scale: float, *, class_: str = "") -> Markup:
    if np.isnan(value):
        return element("td", element("span", NOT_AVAILABLE, class_="hidden"), class_=f"none {class_}".strip())
    heat = min(1.0, abs(value) / scale)
    wide = format_number(100.0 * value, "tenths")
    short = format_number(float(np.round(100.0 * value)), "count")
    tone = "gain" if value > 0 else "loss" if value < 0 else "flat"
    return element(
        "td",
        element("span", wide, class_="wide"),
        element("span", short, class_="short", aria_hidden="true"),
        class_=f"{tone} {class_}".strip(),
        style=f"--heat:{heat:.2f}",
    )
