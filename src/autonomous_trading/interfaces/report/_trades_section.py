"""How the trades turned out: their distribution and the list of them."""

import numpy as np

from autonomous_trading.core import FloatArray, IntArray
from autonomous_trading.interfaces.report._figures import ChartFrame, card, chart_figure, legend, scrolling_table
from autonomous_trading.interfaces.report._markup import JsonValue, Markup, Section, element, number_list
from autonomous_trading.interfaces.report._numbers import NumberKind, counted, date_text, format_number, is_daily
from autonomous_trading.interfaces.report._run_facts import Trades
from autonomous_trading.interfaces.report._statistics import Histogram, histogram

__all__ = ["LISTED_TRADES", "trades_section"]

LISTED_TRADES = 200
_HEADS = (
    ("#", "number"), ("Side", "text"), ("Entry", "number"), ("Exit", "number"), ("Entry price", "number"),
    ("Exit price", "number"), ("Units", "number"), ("Costs", "number"), ("Net profit", "number"), ("Net %", "number"),
    ("Closed by", "text"),
)  # fmt: skip


def trades_section(trades: Trades | None, *, on_price: bool) -> Section | None:
    """Histogram of net profit per trade and a sortable list; `on_price` adds a button to each that shows it there."""
    if trades is None or len(trades) == 0:
        return None
    returns = np.asarray(trades.net_return, dtype=np.float64)
    known = returns[np.isfinite(returns)]
    charts: dict[str, JsonValue] = {}
    parts: list[str] = []
    if known.size:
        counts = histogram(known)
        charts["distribution"] = {
            "edges": number_list(counts.edges),
            "counts": [int(count) for count in counts.counts],
            "mean": float(known.mean()),
            "median": float(np.median(known)),
        }
        parts.append(_distribution(known, counts))
    parts.append(_table(trades, on_price=on_price))
    return Section("trades", "Trades", Markup("".join(parts)), charts)


def _distribution(returns: FloatArray, counts: Histogram) -> Markup:
    won = int((returns > 0).sum())
    mean = format_number(float(returns.mean()), "fraction", signed=True)
    median = format_number(float(np.median(returns)), "fraction", signed=True)
    words = f"{won:,} of {counted(len(returns), 'trade')} made money; mean {mean}, median {median}."
    outside = counts.below + counts.above
    if outside:
        words += f" The end bars also hold {counted(outside, 'trade')} beyond the axis."
    frame = ChartFrame(
        name="distribution",
        kind="distribution",
        title="Net profit per trade",
        subtitle=words,
        summary=f"Histogram of net profit in per cent. {words}",
    )
    return chart_figure(
        frame, legend(("box gain", "Gain"), ("box loss", "Loss"), ("line mean", "Mean"), ("dash mean", "Median"))
    )


def _table(trades: Trades, *, on_price: bool) -> Markup:
    shown = min(len(trades), LISTED_TRADES)
    heads = [
        element(
            "th", element("button", label, type="button", data_action="sort", data_kind=kind), scope="col", class_=kind
        )
        for label, kind in _HEADS
    ]
    if on_price:
        heads.append(element("th", element("span", "Show on price", class_="hidden"), scope="col"))
    times = (np.asarray(trades.entry_time, dtype=np.int64), np.asarray(trades.exit_time, dtype=np.int64))
    daily = all(is_daily(column) for column in times)
    rows = [_row(trades, number, times, daily=daily, on_price=on_price) for number in range(shown)]
    head, body = element("thead", element("tr", *heads)), element("tbody", *rows)
    some = f"The first {shown:,} of {counted(len(trades), 'trade')}" if shown < len(trades) else counted(shown, "trade")
    table = scrolling_table(f"Trades: {some}", head, body, class_="trades sortable")
    return card("Trades", f"{some}. Times are UTC; select a heading to sort.", table)


def _row(trades: Trades, number: int, times: tuple[IntArray, IntArray], *, daily: bool, on_price: bool) -> Markup:
    side = int(trades.side[number])
    entered, left = (int(column[number]) for column in times)
    cells = [
        _number_cell(number + 1.0, "count"),
        element("td", "Long" if side > 0 else "Short"),
        element("td", date_text(entered, daily=daily), data_v=entered // 10**9, class_="time"),
        element("td", date_text(left, daily=daily), data_v=left // 10**9, class_="time"),
        _number_cell(float(trades.entry_price[number]), "price"),
        _number_cell(float(trades.exit_price[number]), "price"),
        _number_cell(float(trades.units[number]), "price"),
        _number_cell(float(trades.costs[number]), "money"),
        _number_cell(float(trades.net_profit[number]), "money", signed=True),
        _number_cell(float(trades.net_return[number]), "fraction", signed=True),
        element("td", trades.reason[number]),
    ]
    if on_price:
        label = f"Show trade {number + 1} on the price chart"
        show = element(
            "button", "Show", type="button", data_action="show-trade", data_value=number + 1, aria_label=label
        )
        cells.append(element("td", show))
    return element("tr", *cells)


def _number_cell(value: float, kind: NumberKind, *, signed: bool = False) -> Markup:
    tone = None if not signed or np.isnan(value) or value == 0 else "gain" if value > 0 else "loss"
    sort_key = "" if np.isnan(value) else f"{value:.8g}"
    return element("td", format_number(value, kind, signed=signed), data_v=sort_key, class_=tone)
