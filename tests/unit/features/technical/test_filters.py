"""Averages and cycle filters against their difference equations, followed bar by bar from the papers."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from autonomous_trading.core import FloatArray
from autonomous_trading.features import ColumnStore
from autonomous_trading.testing.contracts.features import column_market
from autonomous_trading.testing.markets import random_walk

BARS = random_walk(400, seed=9)
STORE = ColumnStore(BARS)
CLOSE = BARS.close
PRICES = pd.Series(CLOSE)


def column(name: str, *arguments: float, output: str = "") -> FloatArray:
    return STORE.column(name, arguments, None, output)


def agree(
    found: FloatArray,
    expected: "FloatArray | pd.Series[float] | Sequence[float]",
    *,
    after: int = 0,
    rtol: float = 1e-9,
) -> None:
    """The same from a bar on, whatever stands before it; and something is known there."""
    wanted = np.asarray(expected, dtype=np.float64)
    assert np.isfinite(found[after:]).any()
    known = ~np.isnan(found)
    known[:after] = False
    scale = float(np.nanmean(np.abs(wanted)))
    np.testing.assert_allclose(found[known], wanted[known], rtol=rtol, atol=rtol * scale)


def recursion(values: FloatArray, b: Sequence[float], a: Sequence[float]) -> FloatArray:
    """y[t] = b . x - a[1:] . y, as if the first value had stood for ever."""
    gain = sum(b) / sum(a)
    out: list[float] = []
    for t in range(len(values)):
        level = sum(weight * values[max(t - k, 0)] for k, weight in enumerate(b))
        level -= sum(weight * (out[t - k] if t >= k else gain * values[0]) for k, weight in enumerate(a) if k)
        out.append(level)
    return np.array(out)


def windowed(weights: FloatArray) -> FloatArray:
    return PRICES.rolling(len(weights)).apply(lambda x: float(np.average(x, weights=weights)), raw=True).to_numpy()


def test_windows() -> None:
    i = np.arange(9)
    agree(column("alma", 9, 0.85, 6.0), windowed(np.exp(-((i - 0.85 * 8) ** 2) / (2 * (9 / 6.0) ** 2))))
    agree(column("sine_average", 14), windowed(np.sin(np.pi * np.arange(1, 15) / 15)))
    agree(column("hann_average", 20), windowed(1 - np.cos(2 * np.pi * np.arange(1, 21) / 21)))


def test_vidya_follows_momentum() -> None:
    moved = PRICES.diff()
    ups, downs = moved.clip(lower=0).rolling(9).sum(), (-moved).clip(lower=0).rolling(9).sum()
    strength = ((ups - downs) / (ups + downs)).abs().to_numpy()
    level, expected = math.nan, []
    for price, share in zip(CLOSE, strength, strict=True):
        if not math.isnan(share):
            level = price if math.isnan(level) else level + 2 / 13 * share * (price - level)
        expected.append(level)
    agree(column("vidya", 12, 9), expected)


def test_frama_follows_the_dimension_of_the_path() -> None:
    level, expected = math.nan, [math.nan] * 15
    for t in range(15, 400):
        older, newer = CLOSE[t - 15 : t - 7], CLOSE[t - 7 : t + 1]
        both = CLOSE[t - 15 : t + 1]
        n1, n2, n3 = np.ptp(newer) / 8, np.ptp(older) / 8, np.ptp(both) / 16
        dimension = (math.log(n1 + n2) - math.log(n3)) / math.log(2)
        weight = min(1.0, max(2 / 199, math.exp(-4.6 * (dimension - 1))))
        level = CLOSE[t] if math.isnan(level) else level + weight * (CLOSE[t] - level)
        expected.append(level)
    agree(column("frama", 16, 198), expected)


def super_smoothed(values: FloatArray, period: float) -> FloatArray:
    a = math.exp(-1.414213562373095 * math.pi / period)
    c2, c3 = 2 * a * math.cos(math.sqrt(2) * math.pi / period), -a * a
    c1 = 1 - c2 - c3
    return recursion(values, [c1 / 2, c1 / 2], [1, -c2, -c3])


def test_two_pole_filters() -> None:
    agree(column("super_smoother", 10), super_smoothed(CLOSE, 10))
    angle = math.sqrt(2) * math.pi / 48
    alpha = (math.cos(angle) + math.sin(angle) - 1) / math.cos(angle)
    g = (1 - alpha / 2) ** 2
    high_pass = recursion(CLOSE, [g, -2 * g, g], [1, -2 * (1 - alpha), (1 - alpha) ** 2])
    agree(column("roofing_filter", 10, 48), super_smoothed(high_pass, 10))
    beta, gamma = math.cos(2 * math.pi / 20), 1 / math.cos(2 * math.pi * 0.3 / 20)
    alpha = gamma - math.sqrt(gamma**2 - 1)
    agree(
        column("bandpass", 20, 0.3),
        recursion(CLOSE, [(1 - alpha) / 2, 0, -(1 - alpha) / 2], [1, -beta * (1 + alpha), alpha]),
    )


def test_one_pole_filters() -> None:
    w = 2 * math.pi / 60
    a = (math.cos(w) + math.sin(w) - 1) / math.cos(w)
    high_pass = recursion(CLOSE, [1 - a / 2, -(1 - a / 2)], [1, -(1 - a)])
    agree(column("decycler", 60), CLOSE - high_pass)
    a = 0.07
    agree(
        column("instantaneous_trend", a),
        recursion(CLOSE, [a - a * a / 4, a * a / 2, -(a - 0.75 * a * a)], [1, -2 * (1 - a), (1 - a) ** 2]),
    )
    smooth = np.array([np.dot(CLOSE[t - 3 : t + 1], [1, 2, 2, 1]) / 6 if t >= 3 else np.nan for t in range(400)])
    cycle = recursion(smooth[3:], [(1 - a / 2) ** 2 * c for c in (1, -2, 1)], [1, -2 * (1 - a), (1 - a) ** 2])
    agree(column("cyber_cycle", a), np.append([np.nan] * 3, cycle))


def test_laguerre() -> None:
    g = 0.8
    l0, l1, l2, l3 = ([CLOSE[0]] for _ in range(4))
    for price in CLOSE[1:]:
        l0.append((1 - g) * price + g * l0[-1])
        l1.append(-g * l0[-1] + l0[-2] + g * l1[-1])
        l2.append(-g * l1[-1] + l1[-2] + g * l2[-1])
        l3.append(-g * l2[-1] + l2[-2] + g * l3[-1])
    stages = np.array([l0, l1, l2, l3])
    agree(column("laguerre_filter", g), (stages[0] + 2 * stages[1] + 2 * stages[2] + stages[3]) / 6)
    steps = stages[:3] - stages[1:]
    ups, downs = np.maximum(steps, 0).sum(axis=0), np.maximum(-steps, 0).sum(axis=0)
    with np.errstate(invalid="ignore"):
        agree(column("laguerre_rsi", g), ups / (ups + downs), after=4)


def test_transforms() -> None:
    middle = (BARS.high + BARS.low) / 2
    value = fisher = 0.0
    expected = []
    for t in range(400):
        if t >= 9:
            low, high = middle[t - 9 : t + 1].min(), middle[t - 9 : t + 1].max()
            value = min(0.999, max(-0.999, 0.66 * ((middle[t] - low) / (high - low) - 0.5) + 0.67 * value))
            fisher = 0.5 * math.log((1 + value) / (1 - value)) + 0.5 * fisher
        expected.append(fisher)
    agree(column("fisher_transform", 10, output="fisher"), expected, after=60)
    assert np.array_equal(
        column("fisher_transform", 10, output="trigger")[11:], column("fisher_transform", 10, output="fisher")[10:-1]
    )
    rsi = STORE.column("rsi", (5,))
    pressed = (
        pd.Series(0.1 * (rsi - 50)).rolling(9).apply(lambda x: float(np.average(x, weights=np.arange(1, 10))), raw=True)
    )
    agree(column("inverse_fisher_rsi", 5, 9), (np.exp(2 * pressed) - 1) / (np.exp(2 * pressed) + 1))


def test_windows_of_cycles() -> None:
    middle = pd.Series(STORE.column("median_price"))
    balance = middle.rolling(10).apply(lambda x: 5.5 - float(np.dot(x[::-1], np.arange(1, 11)) / x.sum()), raw=True)
    agree(column("center_of_gravity", 10), balance)
    line = PRICES.rolling(20).apply(lambda x: float(np.corrcoef(x, np.arange(20))[0, 1]), raw=True)
    agree(column("correlation_trend", 20), line)
    level, total = PRICES, 0.0 * PRICES
    for _ in range(10):
        level = level.rolling(2).mean()
        total = total + level
    spread = PRICES.rolling(10).max() - PRICES.rolling(10).min()
    agree(column("rainbow_position", 2), 100 * (PRICES - total / 10) / spread)


@pytest.mark.parametrize("name", ["reflex", "trendflex"])
def test_reflex_and_trendflex(name: str) -> None:
    smooth = super_smoothed(CLOSE, 10)
    mean, expected = math.nan, [math.nan] * 20
    for t in range(20, 400):
        slope = (smooth[t - 20] - smooth[t]) / 20 if name == "reflex" else 0.0
        distance = sum(smooth[t] + k * slope - smooth[t - k] for k in range(1, 21)) / 20
        mean = distance**2 if math.isnan(mean) else 0.04 * distance**2 + 0.96 * mean
        expected.append(distance / math.sqrt(mean))
    agree(column(name, 20), expected)


@pytest.mark.parametrize(
    "name", ["alma", "vidya", "frama", "mcginley_dynamic", "super_smoother", "decycler", "laguerre_filter"]
)
def test_a_constant_is_its_own_average(name: str) -> None:
    bars = column_market("constant")
    found = ColumnStore(bars).column(name)
    known = found[~np.isnan(found)]
    assert len(known) > 500
    assert (np.abs(known - 100.0) < 1e-9).all()
