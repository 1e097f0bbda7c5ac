"""Bad rows are put aside with a reason, and good ones are left alone: 20 kinds of corruption, 500 times each.

The markets are simulated: fat tails, volatility that comes in waves, gaps overnight, and one fortnight in which
volatility rises eightfold, as in March 2020. "20 sigma" is twenty standard deviations of the returns of the 50 bars
before, for closes and for whole bars; a last figure takes the deviation that the bar was drawn with, which nobody can
see in a market whose volatility has just collapsed. Opens, highs and lows have a wider band, because markets do go
there for a moment: their kind is a slip of the decimal point. With the folder of real data, symbols of 2020 are
screened too.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from autonomous_trading.adapters import read_raw
from autonomous_trading.core import FloatArray, IntArray
from autonomous_trading.data import Band, RawBars, screened
from proofs.claims import Figure, at_least, at_most, holds, not_measured, run

TITLE = "Bad ticks put aside, good ones left alone"
DATA = Path(os.environ.get("AUTOTRADE_REAL_DATA") or "no-folder-named")
MARKETS, N_BARS, EACH = 10, 2_520, 50  # ten markets of ten years, fifty injections of a kind in each
FIRST, APART, _BEFORE = 150, 40, 50
DAY_NS = 86_400_000_000_000
_SYMBOLS = ("SPY", "QQQ", "IWM", "EEM", "AAPL", "IBM", "BAC", "FB", "WM", "GOOGL")

Columns = dict[str, FloatArray]


class Market(NamedTuple):
    """Sound bars, the standard deviation that each was drawn with, and that of the 50 returns before it."""

    columns: Columns
    time: IntArray
    sigma: FloatArray
    seen: FloatArray


def simulated(seed: int) -> Market:
    """Ten years of daily bars with fat tails, waves of volatility, overnight gaps, and a fortnight like March 2020."""
    rng = np.random.default_rng(seed)
    wave = np.empty(N_BARS)
    wave[0] = 0.0
    for at in range(1, N_BARS):
        wave[at] = 0.97 * wave[at - 1] + rng.normal(0.0, 0.1)
    sigma = 0.012 * np.exp(wave)
    calm = int(rng.integers(1_000, 2_000))
    sigma[calm : calm + 10] *= np.linspace(2.0, 8.0, 10)
    sigma[calm + 10 : calm + 60] *= np.linspace(8.0, 1.0, 50)
    drawn = rng.standard_t(5, N_BARS) * np.sqrt(3.0 / 5.0) * sigma
    night = rng.normal(0.0, 0.3, N_BARS) * sigma
    close = 100.0 * np.exp(np.cumsum(drawn + night))
    open_ = np.concatenate(([100.0], close[:-1])) * np.exp(night)
    high = np.maximum(open_, close) * np.exp(np.abs(rng.normal(0.0, 0.4, N_BARS)) * sigma)
    low = np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0.0, 0.4, N_BARS)) * sigma)
    volume = np.exp(rng.normal(13.0, 0.4, N_BARS))
    time = np.arange(N_BARS, dtype=np.int64) * DAY_NS + 10_000 * DAY_NS
    seen = np.full(N_BARS, np.nan)
    seen[_BEFORE + 1 :] = np.lib.stride_tricks.sliding_window_view(np.diff(np.log(close)), _BEFORE)[:-1].std(axis=1)
    return Market({"open": open_, "high": high, "low": low, "close": close, "volume": volume}, time, sigma, seen)


Corrupt = Callable[[Columns, IntArray, FloatArray], None]


def put(**values: float) -> Corrupt:
    """These columns get this value."""

    def change(columns: Columns, rows: IntArray, _sigma: FloatArray) -> None:
        for name, value in values.items():
            columns[name][rows] = value

    return change


def relative(name: str, to: str, factor: float) -> Corrupt:
    """One column becomes another one times a factor."""

    def change(columns: Columns, rows: IntArray, _sigma: FloatArray) -> None:
        columns[name][rows] = columns[to][rows] * factor

    return change


def times(factor: float, *names: str) -> Corrupt:
    """These columns are multiplied, and high and low made to hold the others."""

    def change(columns: Columns, rows: IntArray, _sigma: FloatArray) -> None:
        for name in names:
            columns[name][rows] *= factor
        _hold(columns, rows)

    return change


def sigmas(size: float, *names: str) -> Corrupt:
    """These columns are moved by so many standard deviations of their bar, beyond the close before and the close."""

    def change(columns: Columns, rows: IntArray, sigma: FloatArray) -> None:
        near = (columns["close"][rows - 1], columns["close"][rows], columns["open"][rows + 1])
        level = np.max(near, axis=0) if size > 0 else np.min(near, axis=0)
        for name in names:
            columns[name][rows] = level * np.exp(size * sigma[rows])
        _hold(columns, rows)

    return change


def _hold(columns: Columns, rows: IntArray) -> None:
    prices = [columns[name][rows] for name in ("open", "high", "low", "close")]
    columns["high"][rows] = np.max(prices, axis=0)
    columns["low"][rows] = np.min(prices, axis=0)


_ALL = ("open", "high", "low", "close")
RULES: dict[str, Corrupt] = {
    "close 0": put(close=0.0),
    "open negative": put(open=-5.0),
    "high missing": put(high=np.nan),
    "low infinite": put(low=-np.inf),
    "close infinite": put(close=np.inf),
    "all prices 0": put(open=0.0, high=0.0, low=0.0, close=0.0),
    "all prices missing": put(open=np.nan, high=np.nan, low=np.nan, close=np.nan),
    "high below low": relative("high", "low", 0.99),
    "close above the high": relative("close", "high", 1.001),
    "open below the low": relative("open", "low", 0.999),
    "volume negative": put(volume=-1.0),
    "volume missing": put(volume=np.nan),
}
SPIKES: dict[str, Corrupt] = {
    "close + 20 sigma": sigmas(20.0, "close"),
    "close - 20 sigma": sigmas(-20.0, "close"),
    "whole bar + 20 sigma": sigmas(20.0, *_ALL),
    "whole bar - 20 sigma": sigmas(-20.0, *_ALL),
    "open, decimal point slipped": times(10.0, "open"),
    "low, decimal point slipped": times(0.1, "low"),
}


def measure() -> list[Figure]:
    """What is caught of each kind, and what is put aside of clean bars."""
    markets = [simulated(seed) for seed in range(MARKETS)]
    caught = {name: _caught(markets, change) for name, change in RULES.items()}
    caught |= {"time missing": _moved(markets, to_zero=True), "two rows that disagree": _moved(markets, to_zero=False)}
    spikes = {name: _caught(markets, change) for name, change in SPIKES.items()}
    each = MARKETS * EACH
    figures = [
        holds(name, count == each, bound=f"{each} of {each}", figure=f"{count} of {each}")
        for name, count in caught.items()
    ]
    figures += [at_least(name, 100.0 * count / each, 99.0, "%") for name, count in spikes.items()]
    kinds = len(caught) + len(spikes)
    figures.append(holds("kinds x injections", kinds * each == 10_000, bound="10,000", figure=f"{kinds} x {each}"))
    hidden = sum(_caught([m._replace(seen=m.sigma) for m in markets], change) for change in list(SPIKES.values())[:4])
    figures.append(at_least("20 of the hidden sigmas, four kinds", 100.0 * hidden / (4 * each), 95.0, "%"))
    figures.append(_false_alarms("simulated, 10 x 10 years", [_raw(market) for market in markets]))
    return [*figures, *_real()]


def _rows(seed: int) -> IntArray:
    start = FIRST + seed
    return start + APART * np.arange(EACH, dtype=np.int64)


def _rows_of(time: IntArray, columns: Columns) -> RawBars:
    open_, high, low, close, volume = (columns[name] for name in (*_ALL, "volume"))
    return RawBars("X", time, open_, high, low, close, volume, 0)


def _raw(market: Market) -> RawBars:
    return _rows_of(market.time, market.columns)


def _caught(markets: list[Market], change: Corrupt) -> int:
    """How many of the injected rows are put aside."""
    count = 0
    for seed, market in enumerate(markets):
        rows = _rows(seed)
        columns = {name: values.copy() for name, values in market.columns.items()}
        change(columns, rows, market.seen)
        found = screened(_rows_of(market.time, columns), band=Band())
        count += int(np.isin(market.time[rows], found.refused.time).sum())
    return count


def _moved(markets: list[Market], *, to_zero: bool) -> int:
    """Rows without a time, or rows that come again with another close: how many are put aside."""
    count = 0
    for seed, market in enumerate(markets):
        rows, raw = _rows(seed), _raw(market)
        if to_zero:
            time = market.time.copy()
            time[rows] = 0
            count += screened(_rows_of(time, market.columns), band=Band()).reasons.count("bad_time")
            continue
        again = raw.taken(rows)
        again = RawBars("X", again.time, again.open, again.high, again.low, again.open, again.volume, 0)
        found = screened(RawBars.joined([raw, again]), band=Band())
        count += int(np.isin(market.time[rows], found.refused.time).sum())
    return count


def _false_alarms(what: str, clean: list[RawBars]) -> Figure:
    aside = sum(len(screened(raw, band=Band()).reasons) for raw in clean)
    bars = sum(len(raw) for raw in clean)
    return at_most(f"put aside of {bars:,} clean bars ({what})", 100.0 * aside / bars, 0.1, "%")


def _real() -> list[Figure]:
    daily = DATA / "equity" / "us_daily_lean_1998_2021.parquet"
    hourly = DATA / "equity" / "us_hourly_lean_1998_2021.parquet"
    figures = []
    for file, what in ((daily, "ten symbols, 2020, daily"), (hourly, "2020, hourly")):
        if not file.is_file():
            figures.append(not_measured(f"put aside of clean bars ({what})", "<= 0.1 %", "the data is not here"))
            continue
        start, stop = (int(np.datetime64(text, "ns").astype(np.int64)) for text in ("2019-07-01", "2021-01-01"))
        rows = [raw for symbol, raw in read_raw(str(file)).items() if symbol in _SYMBOLS]
        clean = [raw.taken((raw.time >= start) & (raw.time < stop)) for raw in rows]
        figures.append(_false_alarms(what, clean))
    return figures


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
