"""Stress: what random entries, costs, other paths and other data would have made of the strategy."""

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.interfaces.report._figures import (
    ChartFrame,
    card,
    chart_figure,
    legend,
    scrolling_table,
    side_by_side,
)
from autonomous_trading.interfaces.report._markup import JsonValue, Markup, Section, element, number_list
from autonomous_trading.interfaces.report._metric_words import in_sentence, metric_words
from autonomous_trading.interfaces.report._numbers import NumberKind, counted, format_number, is_daily, sentence_case
from autonomous_trading.interfaces.report._statistics import histogram
from autonomous_trading.interfaces.report._stress_facts import (
    CostCurve,
    EquityFan,
    RandomEntries,
    SimulatedDrawdowns,
    StressRow,
    StressTest,
)

__all__ = ["stress_section"]

_NS_PER_SECOND = 1_000_000_000
_HEADS = ("Sharpe 5%", "Median", "95%", "Drawdown 5%", "Median", "95%", "Losing")


def stress_section(stress: StressTest | None) -> Section | None:
    """Random entries, costs, a fan of equity paths, drawdowns and a table by kind of stress; None without facts."""
    if stress is None:
        return None
    charts: dict[str, JsonValue] = {}
    first, second = [], []
    if stress.entries is not None and np.isfinite(stress.entries.values).any():
        charts["entries"] = _entries_payload(stress.entries)
        first.append(_entries_figure(stress.entries))
    if stress.costs is not None:
        charts["cost-curve"] = _costs_payload(stress.costs)
        first.append(_costs_figure(stress.costs))
    if stress.fan is not None:
        charts["fan"] = _fan_payload(stress.fan)
        second.append(_fan_figure(stress.fan))
    if stress.drawdowns is not None and len(stress.drawdowns.values):
        charts["drawdowns"] = _drawdowns_payload(stress.drawdowns)
        second.append(_drawdowns_figure(stress.drawdowns))
    parts = [side_by_side(*pair) for pair in (first, second) if pair]
    if stress.rows:
        parts.append(_table(stress.rows))
    return Section("stress", "Stress", Markup("".join(parts)), charts) if parts else None


def _samples(values: FloatArray, own: float, *, kind: NumberKind, name: str, counts: str) -> dict[str, JsonValue]:
    """A histogram with one value of its own marked, as the page's script draws it."""
    bins = histogram(values[np.isfinite(values)])
    return {
        "edges": number_list(bins.edges),
        "counts": [int(count) for count in bins.counts],
        "own": number_list(np.array([own]))[0],
        "kind": kind,
        "name": name,
        "what": counts,
    }


def _entries_payload(entries: RandomEntries) -> dict[str, JsonValue]:
    words = metric_words(entries.metric)
    return _samples(entries.values, entries.own, kind=words.kind, name=words.label, counts="Random entries")


def _entries_figure(entries: RandomEntries) -> Markup:
    words = metric_words(entries.metric)
    tickets = counted(len(entries.values), "random entry", "random entries")
    text = (
        f"{tickets} with as many trades, as long, on the same side."
        f" The strategy's {in_sentence(words.label)} of {format_number(entries.own, words.kind)} has p ="
        f" {entries.p_value:.3f}: "
    )
    text += "chance rarely does as well." if entries.p_value < 0.05 else "chance does as well too often to rule it out."
    frame = ChartFrame("entries", "samples", "Against random entry", text, text)
    return chart_figure(frame, legend(("box random", "Random entries"), ("line strategy", "The strategy")))


def _costs_payload(costs: CostCurve) -> dict[str, JsonValue]:
    words = metric_words(costs.metric)
    return {
        "factors": number_list(costs.factors),
        "values": number_list(costs.values),
        "breakEven": number_list(np.array([costs.break_even]))[0],
        "kind": words.kind,
        "name": words.label,
    }


def _costs_figure(costs: CostCurve) -> Markup:
    label = metric_words(costs.metric).label
    text = f"{label} at multiples of the costs assumed. {sentence_case(costs.words)}."
    marks = [("line strategy", label), ("ring chosen", "Costs assumed")]
    if np.isfinite(costs.break_even) and costs.break_even <= float(np.max(costs.factors)):
        marks.append(("dash mean", "Nothing left"))
    return chart_figure(ChartFrame("cost-curve", "cost-curve", "What costs leave", text, text), legend(*marks))


def _fan_payload(fan: EquityFan) -> dict[str, JsonValue]:
    return {
        "time": [int(moment) // _NS_PER_SECOND for moment in fan.time],
        "daily": is_daily(fan.time),
        "curves": [number_list(fan.curves[share], digits=5) for share in (0.05, 0.25, 0.5, 0.75, 0.95)],
        "real": number_list(fan.real, digits=5),
    }


def _fan_figure(fan: EquityFan) -> Markup:
    low, middle, high = (float(fan.curves[share][-1]) for share in (0.05, 0.5, 0.95))
    text = (
        f"{counted(fan.paths, 'path')} made of the run's own returns in blocks, as multiples of the start."
        f" At the end the middle one stands at {format_number(middle, 'ratio')}, nine in ten between"
        f" {format_number(low, 'ratio')} and {format_number(high, 'ratio')}."
    )
    marks = legend(
        ("line strategy", "The run"),
        ("dash benchmark", "Median path"),
        ("box fan-middle", "Half of the paths"),
        ("box fan-wide", "Nine in ten"),
    )
    return chart_figure(ChartFrame("fan", "fan", "Where the equity could have gone", text, text), marks)


def _drawdowns_payload(drawdowns: SimulatedDrawdowns) -> dict[str, JsonValue]:
    return _samples(drawdowns.values, drawdowns.own, kind="fraction", name="Largest drawdown", counts="Paths")


def _drawdowns_figure(drawdowns: SimulatedDrawdowns) -> Markup:
    middle, deep = (float(value) for value in np.quantile(drawdowns.values, (0.5, 0.95)))
    text = (
        f"Half of the paths fall {format_number(middle, 'fraction')} or more, one in twenty"
        f" {format_number(deep, 'fraction')} or more; the run fell {format_number(drawdowns.own, 'fraction')}."
        f" {format_number(drawdowns.chance_of_ruin, 'probability')} of the paths once lose"
        f" {format_number(drawdowns.ruin, 'probability')} of the start."
    )
    frame = ChartFrame("drawdowns", "samples", "How deep it could fall", text, text)
    return chart_figure(frame, legend(("box random", "Paths"), ("line strategy", "The run")))


def _table(rows: tuple[StressRow, ...]) -> Markup:
    heads = (
        element("th", "Stress", scope="col"),
        *(element("th", name, scope="col", class_="number") for name in ("Runs", *_HEADS)),
    )
    body = [
        element(
            "tr",
            element("th", row.label, element("small", row.note) if row.note else None, scope="row"),
            element("td", format_number(row.runs, "count")),
            *_quantiles(row.sharpe_ratio, "ratio", alone=row.runs == 1),
            *_quantiles(row.max_drawdown, "fraction", alone=row.runs == 1),
            element("td", format_number(row.share_losing, "probability")),
        )
        for row in rows
    ]
    head = element("thead", element("tr", *heads))
    table = scrolling_table("Results by kind of stress", head, element("tbody", *body), class_="stress")
    return card("By kind of stress", "Values that 5, 50 and 95 % of the runs do not exceed, and how many lose.", table)


def _quantiles(values: tuple[float, float, float], kind: NumberKind, *, alone: bool) -> list[Markup]:
    """Three cells; of one run alone only the one in the middle says something."""
    shown = [format_number(value, kind) for value in values]
    return [element("td", text if place == 1 or not alone else "") for place, text in enumerate(shown)]
