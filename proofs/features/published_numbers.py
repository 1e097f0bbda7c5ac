"""Indicators beside what others print: Wilder's RSI to the last digit, and two years of SPY from another vendor.

B1: RSI-14 of the 33 closes of StockCharts' lesson, to its four digits.
B2, B3: the test data of Stock.Indicators (502 days of SPY, 2017 and 2018) are not to be had here. The same days come
from the Lean project (Apache-2.0), with other roundings and volumes, and adjusted for dividends up to another day.
Figures without a unit are compared within a band, and prices after one common factor, taken from a single mean: that
shows the same definition, not the same digits. ADX as TA-Lib seeds it (a sum that lacks one bar) and as Wilder's
worksheet does (a mean) are two numbers at first, and one after 150 bars.
"""

from __future__ import annotations

import numpy as np

from autonomous_trading.core import Bars, FloatArray
from autonomous_trading.features import ColumnStore
from autonomous_trading.testing.markets import random_walk
from proofs.claims import Figure, at_most, equals, not_measured, run
from proofs.data._real_data import WHY_NOT, real_data

TITLE = "Indicators beside published numbers"
FILE = "equity/us_daily_lean_1998_2021.parquet"
CLOSES = (44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826, 45.8931, 46.0328,
          45.6140, 46.2820, 46.2820, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439, 46.2122, 46.2521, 45.7137, 46.4515,
          45.7835, 45.3548, 44.0288, 44.1783, 44.2181, 44.5672, 43.4205, 42.6628, 43.1314)  # fmt: skip
RSI = (70.5328, 66.3186, 66.5498, 69.4063, 66.3552, 57.9749, 62.9296, 63.2571, 56.0593, 62.3771, 54.7076, 50.4228,
       39.9898, 41.4605, 41.8689, 45.4632, 37.3040, 33.0795, 37.7730)  # fmt: skip

# Column, arguments, output, row, printed, how far away it may be.
UNITLESS: tuple[tuple[str, tuple[float, ...], str, int, float, float], ...] = (
    ("rsi", (14,), "", 14, 62.0541, 0.1),
    ("rsi", (14,), "", 249, 70.9368, 0.1),
    ("rsi", (14,), "", 501, 42.0773, 0.1),
    ("percent_b", (20, 2.0), "", 249, 0.803923, 0.002),
    ("willr", (14,), "", 343, -19.8211, 0.1),
    ("cci", (20,), "", 501, -52.9946, 0.2),
    ("mfi", (14,), "", 439, 69.0622, 1.0),
    ("mfi", (14,), "", 501, 39.9494, 1.0),
    ("aroon", (25,), "aroonup", 501, 28.0, 0.0),
    ("aroon", (25,), "aroondown", 501, 88.0, 0.0),
)
PRICES: tuple[tuple[str, tuple[float, ...], str, int, float], ...] = (
    ("ema", (20,), "", 501, 249.3519),
    ("bbands", (20, 2.0, 2.0, 0), "upperband", 249, 259.5642),
    ("bbands", (20, 2.0, 2.0, 0), "lowerband", 249, 251.5358),
    ("kama", (10,), "", 501, 240.1138),
    ("supertrend", (14, 3.0), "supertrend", 14, 210.6157),
    ("supertrend", (14, 3.0), "supertrend", 151, 232.8520),
    ("supertrend", (14, 3.0), "supertrend", 152, 237.6436),
)


def measure() -> list[Figure]:
    """Every figure beside what is printed."""
    return [*_wilder(), *_spy(), _seeding()]


def _wilder() -> list[Figure]:
    closes = np.array(CLOSES)
    found = ColumnStore(random_walk(len(CLOSES), 1)).column("rsi", (14,), (closes,))
    return [equals(f"B1 RSI-14 [{row}]", float(found[row]), RSI[row - 14], digits=4) for row in range(14, len(CLOSES))]


def _spy() -> list[Figure]:
    bars = _two_years()
    if bars is None:
        return [not_measured("B2 on SPY 2017 and 2018", "as printed", WHY_NOT)]
    store = ColumnStore(bars)
    figures = []
    for name, arguments, output, row, printed, band in UNITLESS:
        found = float(store.column(name, arguments, None, output)[row])
        figures.append(at_most(f"B2 {name}{arguments} {output} [{row}] = {found:.4f}, printed {printed}: distance",
                               abs(found - printed), band))  # fmt: skip
    factor = 216.6228 / float(store.column("ema", (20,))[29])
    for name, arguments, output, row, printed in PRICES:
        found = factor * float(store.column(name, arguments, None, output)[row])
        figures.append(at_most(f"B2 {name}{arguments} {output} [{row}] = {found:.4f} in its prices, printed {printed}:"
                               " distance in percent", 100.0 * abs(found / printed - 1.0), 0.05))  # fmt: skip
    return figures


def _two_years() -> Bars | None:
    file = real_data(FILE)
    if file is None:
        return None
    import pyarrow.compute as pc
    from pyarrow import parquet

    table = parquet.read_table(file)
    table = table.filter(pc.equal(table["symbol"], "SPY"))
    time = table["timestamp"].to_numpy().astype("datetime64[ns]").astype(np.int64)
    first, behind = (np.datetime64(day, "ns").astype(np.int64) for day in ("2017-01-01", "2019-01-01"))
    rows = (time >= first) & (time < behind)
    adjusted = table["adj_factor"].to_numpy()[rows]
    opening, high, low, close = (table[name].to_numpy()[rows] * adjusted for name in ("open", "high", "low", "close"))
    volume = table["volume"].to_numpy()[rows].astype(np.float64)
    return Bars(time=time[rows], open=opening, high=high, low=low, close=close, volume=volume, symbol="SPY")


def _seeding() -> Figure:
    """ADX with Wilder's seed (plain means), against the column: how far apart after 150 bars, in twenty walks."""
    worst = 0.0
    for seed in range(20):
        bars = random_walk(600, seed)
        found = ColumnStore(bars).column("adx", (14,))
        worst = max(worst, float(np.nanmax(np.abs(found - _wilders_adx(bars, 14))[150:])))
    return at_most(
        "B3 ADX-14 of TA-Lib and with Wilder's seed, from bar 150 on, 20 series: largest distance", worst, 0.05
    )


def _wilders_adx(bars: Bars, period: int) -> FloatArray:
    up, down = np.diff(bars.high), -np.diff(bars.low)
    plus, minus = np.where((up > down) & (up > 0), up, 0.0), np.where((down > up) & (down > 0), down, 0.0)
    width = np.maximum(bars.high[1:], bars.close[:-1]) - np.minimum(bars.low[1:], bars.close[:-1])

    def mean(values: FloatArray) -> FloatArray:
        out = np.full(len(values), np.nan)
        out[period - 1] = values[:period].mean()
        for t in range(period, len(values)):
            out[t] = out[t - 1] + (values[t] - out[t - 1]) / period
        return out

    strong, weak = mean(plus) / mean(width), mean(minus) / mean(width)
    index = 100.0 * np.abs(strong - weak) / (strong + weak)
    return np.concatenate((np.full(period, np.nan), mean(index[period - 1 :])))


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
