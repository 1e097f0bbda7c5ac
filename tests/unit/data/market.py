"""Sessions and bars for the tests of this room: a small exchange, and a market that is known through and through."""

from __future__ import annotations

import numpy as np

from autonomous_trading.core import IntArray
from autonomous_trading.data import RawBars, Sessions

DAY = 86_400 * 10**9
HOUR = 3_600 * 10**9
MINUTE = 60 * 10**9
MONDAY = int(np.datetime64("2024-01-01", "ns").astype(np.int64))


def ns(text: str) -> int:
    """A UTC time in nanoseconds."""
    return int(np.datetime64(text, "ns").astype(np.int64))


def weekday_sessions(
    days: int, *, opens: float = 14.5, closes: float = 21.0, start: int = MONDAY, lunch: bool = False
) -> Sessions:
    """Sessions on weekdays, at the same UTC hours each; with lunch from 17:00 to 18:00."""
    dates = start + np.arange(days, dtype=np.int64) * DAY
    dates = dates[(dates // DAY + 3) % 7 < 5]
    breaks = np.stack([dates + 17 * HOUR, dates + 18 * HOUR], axis=1) if lunch else np.empty((0, 2), dtype=np.int64)
    return Sessions("TEST", dates, dates + int(opens * HOUR), dates + int(closes * HOUR), breaks)


def walk(time: IntArray, *, seed: int = 0, volatility: float = 0.01, volume: float = 1000.0) -> RawBars:
    """A random walk on these times with sound bars, opens a little off the close before."""
    rng = np.random.default_rng(seed)
    n = len(time)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, volatility, n)))
    before = np.concatenate(([100.0], close[:-1]))
    open_ = before * np.exp(rng.normal(0.0, volatility / 5, n))
    high = np.maximum(open_, close) * np.exp(np.abs(rng.normal(0.0, volatility / 3, n)))
    low = np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0.0, volatility / 3, n)))
    return RawBars("X", time, open_, high, low, close, volume * rng.uniform(0.5, 1.5, n), 0)


def changed(raw: RawBars, rows: int | slice | IntArray, **columns: float) -> RawBars:
    """The same rows with some numbers of some columns multiplied."""
    names = ("time", "open", "high", "low", "close", "volume")
    arrays = {name: getattr(raw, name).copy() for name in names}
    for name, factor in columns.items():
        arrays[name][rows] = arrays[name][rows] * factor
    return RawBars(raw.symbol, **arrays, received_at=raw.received_at, extra=raw.extra)
