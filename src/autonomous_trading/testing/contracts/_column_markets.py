"""The bars columns are tried on: clean ones, and every kind on which a formula may divide by nothing."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final

import numpy as np

from autonomous_trading.core import Bars, FloatArray, IntArray, unknown_name
from autonomous_trading.data import RawBars
from autonomous_trading.testing.corruption import corrupted
from autonomous_trading.testing.markets import random_walk

OTHER: Final = ("other_1", "other_2", "other_3")
"""Extra columns of these bars: prices of other instruments, for columns that look at several."""

_HOUR_NS: Final = 3_600_000_000_000
_SEED: Final = 11
_TICK: Final = 0.5
_JUMPS: Final = 40  # bars from one jump of half the price to the next, on average


@lru_cache(maxsize=64)
def column_market(kind: str, n: int = 600, seed: int = _SEED) -> Bars:
    """Bars of one of `COLUMN_MARKETS`: about `n` of them, the same for the same seed. Raises UnknownName."""
    if kind not in COLUMN_MARKETS:
        raise unknown_name("kind of bars", kind, COLUMN_MARKETS)
    return COLUMN_MARKETS[kind](n, seed)


@lru_cache(maxsize=512)
def other_future(kind: str, n: int, seed: int, cut: int, way: str) -> Bars:
    """The same bars up to row `cut`, and another future behind: "scrambled" rows, or "extreme" ones at odd times."""
    bars = column_market(kind, n, seed)
    rng = np.random.default_rng([seed, cut])
    rest = len(bars) - cut
    rows = np.concatenate((np.arange(cut), cut + rng.permutation(rest)))
    factor, volume, time = np.ones(len(bars)), bars.volume[rows], bars.time
    if way == "extreme":
        factor[cut:] = 10.0 ** rng.uniform(-8.0, 10.0, rest)
        volume[cut:] *= np.where(rng.random(rest) < 0.3, 0.0, 1e9)
        time = time.copy()
        time[cut:] += np.cumsum(rng.integers(0, 10**15, rest))
    return _with(bars, time, lambda values: values[rows] * factor, volume)


def _clean(n: int, seed: int) -> Bars:
    bars = random_walk(n, seed, timeframe="1h")
    others = {name: random_walk(n, seed + 1 + at, timeframe="1h").close for at, name in enumerate(OTHER)}
    return replace(bars, extra=others)


def _coarse(n: int, seed: int) -> Bars:
    """Prices in large ticks, so that equal prices are common, and volumes of 0 among others."""
    bars = _clean(n, seed)

    def rounded(values: FloatArray) -> FloatArray:
        return np.maximum(np.round(values / _TICK), 1.0) * _TICK

    return _with(bars, bars.time, rounded, np.floor(bars.volume / np.median(bars.volume)))


def _gappy(n: int, seed: int) -> Bars:
    bars = _clean(n, seed)
    found = corrupted(RawBars.of(bars, received_at=0), "gap", seed)
    kept = found.truth.source
    kept = kept[bars.time[kept] // _HOUR_NS % 24 >= 7]  # and no nights
    return _with(bars, bars.time[kept], lambda values: values[kept], bars.volume[kept])


def _constant(n: int, seed: int) -> Bars:
    bars = _clean(n, seed)
    price = np.full(n, 100.0)
    return replace(
        bars, open=price, high=price, low=price, close=price, volume=price, extra=dict.fromkeys(OTHER, price)
    )


def _no_volume(n: int, seed: int) -> Bars:
    return replace(_clean(n, seed), volume=np.zeros(n))


def _tiny(n: int, seed: int) -> Bars:
    return _scaled(_clean(n, seed), 1e-10 * _jumps(n, seed), np.full(n, 1e-6))


def _huge(n: int, seed: int) -> Bars:
    return _scaled(_clean(n, seed), 1e10 * _jumps(n, seed), np.full(n, 1e10))


COLUMN_MARKETS: Final[Mapping[str, Callable[[int, int], Bars]]] = {
    "clean": _clean,
    "coarse": _coarse,
    "gappy": _gappy,
    "constant": _constant,
    "no_volume": _no_volume,
    "tiny": _tiny,
    "huge": _huge,
}
"""Hourly bars by kind: a random walk, one in large ticks, one with bars missing and no nights, one price and volume,
no volume, prices around 1e-8 and around 1e12 with jumps of half the price."""


def _jumps(n: int, seed: int) -> FloatArray:
    """A factor that falls by a half or rises by one now and then, and comes back: prices stay in their range."""
    rng = np.random.default_rng(seed)
    states = np.array([1.0, 1.5, 0.75, 0.5])
    moves: IntArray = np.cumsum(rng.random(n) < 1.0 / _JUMPS)
    return np.asarray(states[moves % len(states)])


def _scaled(bars: Bars, factor: FloatArray, volume: FloatArray) -> Bars:
    return _with(bars, bars.time, lambda values: values * factor, bars.volume * volume)


def _with(bars: Bars, time: IntArray, price: Callable[[FloatArray], FloatArray], volume: FloatArray) -> Bars:
    """Bars with every price changed in the same way, those of the other instruments included."""
    return Bars(
        time=time,
        open=price(bars.open),
        high=price(bars.high),
        low=price(bars.low),
        close=price(bars.close),
        volume=volume,
        symbol=bars.symbol,
        extra={name: price(values) for name, values in bars.extra.items()},
    )
