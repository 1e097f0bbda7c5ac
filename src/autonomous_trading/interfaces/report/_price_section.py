"""Price candles with every trade marked where it was filled."""

import numpy as np

from autonomous_trading.core import FloatArray, IntArray
from autonomous_trading.interfaces.report._content import ReportContent
from autonomous_trading.interfaces.report._downsample import BarBuckets, bar_buckets
from autonomous_trading.interfaces.report._figures import ChartFrame, button, chart_figure, legend
from autonomous_trading.interfaces.report._markup import JsonValue, Section, element, number_list, stepped
from autonomous_trading.interfaces.report._numbers import counted, is_daily, period_text
from autonomous_trading.interfaces.report._run_facts import PriceBars, SamplePeriod, Trades

__all__ = ["MARKED_TRADES", "MOST_POINTS", "price_section", "sample_spans", "times"]

MOST_POINTS = 6_000
MARKED_TRADES = 1_500
_SAMPLE_WORDS = {"warm_up": "warm-up", "in_sample": "in-sample", "out_of_sample": "out-of-sample"}
_NS_PER_SECOND = 1_000_000_000


def price_section(content: ReportContent) -> Section | None:
    """The market and the trades on it, or None without price bars. More than 6,000 bars are grouped into candles."""
    bars = content.price
    if bars is None:
        return None
    buckets = bar_buckets(bars, MOST_POINTS)
    time = np.asarray(bars.time, dtype=np.int64)
    marked = _marked_rows(content.trades)
    payload: dict[str, JsonValue] = {
        "time": times(time[buckets.first]),
        "daily": is_daily(time),
        "open": number_list(buckets.open, digits=6),
        "high": number_list(buckets.high, digits=6),
        "low": number_list(buckets.low, digits=6),
        "close": number_list(buckets.close, digits=6),
        "symbol": bars.symbol,
        "spans": sample_spans(content.samples, time[buckets.first]),
        "trades": _trade_marks(content.trades, marked, time, buckets.size),
    }
    frame = ChartFrame(
        name="price",
        kind="price",
        title=f"{bars.symbol or 'Price'} and the trades" if len(marked) else bars.symbol or "Price",
        subtitle=_subtitle(bars, buckets, content.trades, len(marked)),
        summary=_summary(bars),
        zoomable=True,
    )
    ranges = element(
        "div",
        *(button(label, "range", value=value) for label, value in _ranges(time)),
        class_="buttons",
        role="group",
        aria_label="Visible range",
    )
    return Section("price", "Price", chart_figure(frame, _legend(content.trades), ranges), {"price": payload})


_RANGES = (("1 day", 1), ("1 week", 7), ("1 month", 30), ("3 months", 91), ("1 year", 365), ("5 years", 1826))
_FEWEST_BARS = 16


def sample_spans(samples: tuple[SamplePeriod, ...], time: IntArray) -> list[JsonValue]:
    """The samples as stretches of the drawn axis: from and to are positions in `time`.

    A sample ends where the next begins, so that no gap shows; samples outside the axis are left out.
    """
    spans: list[JsonValue] = []
    for sample in samples:
        start, stop = (int(place) for place in np.searchsorted(time, (sample.start, sample.stop)))
        if start < stop:
            label = sample.label or _SAMPLE_WORDS[sample.kind]
            spans.append({"kind": sample.kind, "label": label, "from": start, "to": min(stop, len(time) - 1)})
    return spans


def times(time: IntArray) -> dict[str, JsonValue]:
    """UTC nanoseconds as whole seconds for JSON."""
    return stepped(time // _NS_PER_SECOND)


def _ranges(time: IntArray) -> list[tuple[str, str]]:
    """Buttons for the visible range: the three longest that are shorter than the data and hold enough bars to see."""
    days = float(time[-1] - time[0]) / (86_400 * _NS_PER_SECOND)
    useful = [(label, str(span)) for label, span in _RANGES if span < days and span / days * len(time) >= _FEWEST_BARS]
    return [*useful[-3:], ("All", "all")]


def _marked_rows(trades: Trades | None) -> IntArray:
    """All trades, or the ones with the largest gain or loss when there are too many to mark, in order of entry."""
    if trades is None:
        return np.empty(0, dtype=np.int64)
    size = np.abs(np.asarray(trades.net_profit, dtype=np.float64))
    largest = np.argsort(-size, kind="stable")[:MARKED_TRADES]
    return np.sort(largest).astype(np.int64)


def _trade_marks(trades: Trades | None, rows: IntArray, time: IntArray, size: int) -> dict[str, JsonValue] | None:
    if trades is None or len(rows) == 0:
        return None

    def candle(moments: IntArray) -> list[JsonValue]:
        row = np.clip(np.searchsorted(time, moments, side="right") - 1, 0, len(time) - 1)
        return [int(value) for value in row // size]

    reasons = {reason: code for code, reason in enumerate(dict.fromkeys(str(trades.reason[int(row)]) for row in rows))}

    def picked(column: object) -> FloatArray:
        chosen: FloatArray = np.asarray(column, dtype=np.float64)[rows]
        return chosen

    return {
        "number": [int(row) + 1 for row in rows],
        "entry": candle(np.asarray(trades.entry_time, dtype=np.int64)[rows]),
        "exit": candle(np.asarray(trades.exit_time, dtype=np.int64)[rows]),
        "entryPrice": number_list(picked(trades.entry_price)),
        "exitPrice": number_list(picked(trades.exit_price)),
        "side": number_list(picked(trades.side)),
        "profit": number_list(picked(trades.net_return), digits=5),
        "reasons": list(reasons),
        "reason": [reasons[str(trades.reason[int(row)])] for row in rows],
    }


def _legend(trades: Trades | None) -> str:
    marks = [("candle rising", "Up"), ("candle falling", "Down")]
    if trades is not None and len(trades):
        side = np.asarray(trades.side, dtype=np.int64)
        marks += [("up strategy", "Long entry")] if np.any(side > 0) else []
        marks += [("down strategy", "Short entry")] if np.any(side < 0) else []
        marks += [("dot gain", "Exit with gain"), ("diamond loss", "Exit with loss")]
    return legend(*marks)


def _subtitle(bars: PriceBars, buckets: BarBuckets, trades: Trades | None, marked: int) -> str:
    n_bars = len(bars.time)
    text = counted(n_bars, "bar")
    if buckets.size > 1:
        grouped = f"{len(buckets.first):,} candles of {buckets.size} bars"
        text += f", grouped into {grouped} (highs and lows kept, times are the first bar's)"
    if trades is None or len(trades) == 0:
        return text + "." if trades is None else text + ". No trades."
    if marked < len(trades):
        return f"{text}. The {marked:,} largest gains and losses of {counted(len(trades), 'trade')} are marked."
    return f"{text}. {counted(len(trades), 'trade')}, marked where they were filled."


def _summary(bars: PriceBars) -> str:
    time = np.asarray(bars.time, dtype=np.int64)
    period = period_text(int(time[0]), int(time[-1]), daily=is_daily(time))
    return f"Candles of {bars.symbol or 'the market'}, {period}, from {bars.open[0]:,.6g} to {bars.close[-1]:,.6g}."
