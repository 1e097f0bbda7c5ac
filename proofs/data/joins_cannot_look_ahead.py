"""Nothing that becomes knowable after a decision changes what was joined at it or before it.

Random bars (minutes to months, with gaps) and random series (released late, revised, out of order) are joined, then
everything knowable after a moment is dropped, or replaced by other values, dates and times. Joins that make the usual
mistakes are held to the same law, which has to find each of them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autonomous_trading.adapters import sessions_of
from autonomous_trading.core import Bars, FloatArray, IntArray, Timeframe
from autonomous_trading.data.knowable import (
    KnowableSeries,
    as_of,
    currency_strength,
    decision_times,
    join,
    sentiment_series,
    year_on_year,
)
from autonomous_trading.data.quality import expected_starts
from autonomous_trading.testing.joins import JoinCheck, check_join, random_series
from proofs.claims import Figure, equals, holds, run

TITLE = "Joins cannot look ahead"
MARKETS = 50
CUTS = 20
DAY_NS = 86_400_000_000_000
STEPS = (60_000_000_000, 3_600_000_000_000, DAY_NS, 7 * DAY_NS)


def measure() -> list[Figure]:
    """The join as it is, series made of series, a twin, and planted leaks."""
    honest = _checked(_joined)
    total = sum(check.cuts for check in honest)
    return [
        equals("truncations that changed the past", sum(c.changed_by_dropping for c in honest), 0, digits=0),
        equals("scrambled futures that changed the past", sum(c.changed_by_replacing for c in honest), 0, digits=0),
        holds("moments cut", total >= 1_000, bound=">= 1,000 each way", figure=f"{total:,}"),
        _same_as_pandas(),
        *(_found(words, leak) for words, leak in LEAKS),
        *_derived(),
        _in_time(),
    ]


def _in_time() -> Figure:
    """Decisions held against the sessions themselves: what is joined at them is no proof of when they are."""
    late = counted = 0
    for calendar, length in (("XNYS", "1d"), ("XASX", "1d"), ("CMES", "1d"), ("24/5", "7h"), ("XNYS", "4h")):
        sessions = sessions_of(
            calendar, *(int(np.datetime64(f"{year}", "ns").astype(np.int64)) for year in (2023, 2025))
        )
        timeframe = Timeframe.of(length)
        for hour in (0, 4, 5, 14, 21) if length == "1d" else (0,):
            starts = expected_starts(sessions, timeframe) + hour * 3_600_000_000_000
            when = decision_times(starts, timeframe=timeframe, sessions=sessions)
            # The session that holds a bar: by the date written, or by the moment.
            held = sessions.date if length == "1d" else sessions.close
            at = np.searchsorted(held, starts, side="right") - (length == "1d")
            late += int((when > sessions.close[at]).sum())
            counted += len(starts)
    return holds(
        "decisions after the close of their own session", late == 0, bound="0", figure=f"{late} of {counted:,}"
    )


def _market(number: int) -> tuple[Bars, KnowableSeries]:
    rng = np.random.default_rng(number)
    step = STEPS[number % len(STEPS)]
    rows = np.flatnonzero(rng.random(300) < 0.8)
    close = np.exp(np.cumsum(rng.normal(0.0, 0.01, len(rows)))) * 100.0
    bars = Bars(time=20_000 * DAY_NS + rows * step, open=close, high=close, low=close, close=close, volume=close)
    begin = int(bars.time[0]) + (number % 3 - 1) * 30 * step  # before the bars, with them, after them
    return bars, random_series(rng, begin, int(bars.time[-1]), 80)


def _joined(bars: Bars, series: KnowableSeries) -> FloatArray:
    values: FloatArray = join(bars, series).extra["x"]
    return values


def _checked(how: Callable[[Bars, KnowableSeries], FloatArray]) -> list[JoinCheck]:
    checks = []
    for number in range(MARKETS):
        bars, series = _market(number)
        rng = np.random.default_rng(1_000 + number)
        checks.append(check_join(how, bars, decision_times(bars.time), series, rng, CUTS))
    return checks


def _on_the_reference_date(bars: Bars, series: KnowableSeries) -> FloatArray:
    at_once = KnowableSeries("x", *_first_of_each(series.reference, series.reference, series.value))
    return as_of(at_once, decision_times(bars.time))


def _last_revision(bars: Bars, series: KnowableSeries) -> FloatArray:
    final = dict(zip(series.reference.tolist(), series.value.tolist(), strict=True))
    known, dates, _ = _first_of_each(series.knowable_at, series.reference, series.value)
    values = np.array([final[date] for date in dates.tolist()], dtype=np.float64)
    return as_of(KnowableSeries("x", known, dates, values), decision_times(bars.time))


def _a_bar_too_late(bars: Bars, series: KnowableSeries) -> FloatArray:
    when = decision_times(bars.time)
    return as_of(series, when + int(np.diff(bars.time).min()))


def _nearest(bars: Bars, series: KnowableSeries) -> FloatArray:
    when = decision_times(bars.time)
    if not len(series):
        return np.full(len(bars), np.nan)
    nearest: FloatArray = series.value[np.abs(series.knowable_at[None, :] - when[:, None]).argmin(axis=1)]
    return nearest


def _filled_backwards(bars: Bars, series: KnowableSeries) -> FloatArray:
    values = as_of(series, decision_times(bars.time))
    first = np.flatnonzero(~np.isnan(values))
    return np.where(np.isnan(values), values[first[0]] if len(first) else np.nan, values)


def _scaled_by_all(bars: Bars, series: KnowableSeries) -> FloatArray:
    values = as_of(series, decision_times(bars.time))
    return values - (series.value.mean() if len(series) else 0.0)


LEAKS: tuple[tuple[str, Callable[[Bars, KnowableSeries], FloatArray]], ...] = (
    ("leak: joined on the date it is about", _on_the_reference_date),
    ("leak: last revision at the first release", _last_revision),
    ("leak: decided at the end of the next bar", _a_bar_too_late),
    ("leak: nearest release", _nearest),
    ("leak: filled backwards", _filled_backwards),
    ("leak: centred by the mean of the whole series", _scaled_by_all),
)


def _first_of_each(known: IntArray, dates: IntArray, values: FloatArray) -> tuple[IntArray, IntArray, FloatArray]:
    _, rows = np.unique(dates, return_index=True)
    return known[rows], dates[rows], values[rows]


def _found(words: str, leak: Callable[[Bars, KnowableSeries], FloatArray]) -> Figure:
    found = sum(check.looks_ahead for check in _checked(leak))
    return holds(words, found > 0, bound="found", figure=f"in {found} of {MARKETS} markets")


def _same_as_pandas() -> Figure:
    import pandas as pd

    differing = 0
    for number in range(200):
        bars, series = _market(number)
        newest = np.maximum.accumulate(series.reference)
        kept = series.reference == newest
        right = pd.DataFrame({"at": series.knowable_at[kept], "value": series.value[kept]})
        left = pd.DataFrame({"at": decision_times(bars.time)})
        twin = pd.merge_asof(left, right.drop_duplicates("at", keep="last"), on="at")["value"]
        differing += not np.array_equal(twin.to_numpy(), _joined(bars, series), equal_nan=True)
    return equals("of 200 joins, other than pandas.merge_asof on the newest vintages", differing, 0, digits=0)


def _derived() -> list[Figure]:
    """Series made of series: those of what was known by a moment are what was known of them by then."""
    rng = np.random.default_rng(7)
    months = np.arange(480, 540).astype("datetime64[M]").astype("datetime64[ns]").astype(np.int64)
    prices = KnowableSeries(
        "cpi",
        np.tile(months, 2) + rng.permutation(2 * len(months)) * 9 * DAY_NS,
        np.tile(months, 2),
        rng.uniform(80, 120, 120),
    )
    news = np.sort(rng.integers(0, 1_000, 500)) * DAY_NS
    score = rng.uniform(-1.0, 1.0, 500)
    pairs = [_pair(rng, name) for name in ("EURUSD", "GBPUSD", "EURGBP", "USDJPY")]
    wrong = {"year on year": 0, "sentiment": 0, "currency strength": 0}
    for cut in rng.integers(0, 1_000, 200).tolist():
        moment = int(months[0]) + cut * 2 * DAY_NS
        short = year_on_year(prices.known_by(moment), "y")
        wrong["year on year"] += not _equal(short, year_on_year(prices, "y").known_by(moment))
        early = news <= cut * DAY_NS
        part = sentiment_series(news[early], score[early], 5 * DAY_NS)
        wrong["sentiment"] += not _equal(part, sentiment_series(news, score, 5 * DAY_NS).known_by(cut * DAY_NS))
        known = currency_strength([pair.known_by(cut) for pair in pairs if len(pair.known_by(cut))])
        whole = currency_strength(pairs)
        wrong["currency strength"] += any(not _equal(known[name], whole[name].known_by(cut)) for name in known)
    return [
        equals(f"{name}: of 200 truncations, changed the past", count, 0, digits=0) for name, count in wrong.items()
    ]


def _pair(rng: np.random.Generator, name: str) -> KnowableSeries:
    time = np.unique(rng.integers(0, 1_000, 400))
    return KnowableSeries(name, time, time, np.exp(np.cumsum(rng.normal(0.0, 0.01, len(time)))))


def _equal(one: KnowableSeries, other: KnowableSeries) -> bool:
    """The same rows; where one began earlier its index starts from 0 there, too."""
    return np.array_equal(one.knowable_at, other.knowable_at) and np.array_equal(one.value, other.value, equal_nan=True)


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
