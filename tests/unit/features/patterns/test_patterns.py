"""Shapes: against slow twins that look at the bars up to each row only, and on shapes drawn by hand."""

from itertools import pairwise

import numpy as np
import pytest

from autonomous_trading.core import Bars, FloatArray
from autonomous_trading.features import ColumnStore
from autonomous_trading.features.patterns._swings import confirmed_swings
from autonomous_trading.testing.markets import random_walk
from tests.twins import shapes as twin

BARS = random_walk(260, seed=17)
HIGH, LOW, CLOSE = BARS.high.tolist(), BARS.low.tolist(), BARS.close.tolist()
ROWS = range(0, 260, 7)


def column(name: str, *arguments: float, output: str = "", bars: Bars = BARS) -> FloatArray:
    return ColumnStore(bars).column(name, arguments, None, output)


def drawn(*prices: float) -> Bars:
    """Bars that go in straight lines from price to price, five bars each."""
    close = np.concatenate([np.linspace(a, b, 5, endpoint=False) for a, b in pairwise(prices)])
    time = np.arange(len(close), dtype=np.int64) * 10**12
    return Bars(time, close, close * 1.001, close * 0.999, close, np.ones(len(close)))


def test_swings_equal_their_twin() -> None:
    for name, values, sign in (("swing_high", HIGH, 1.0), ("swing_low", LOW, -1.0)):
        price, age = (column(name, 3, 2, 40, output=each) for each in ("price", "bars"))
        expected = np.array([twin.last_swing(values, t, 3, 2, 40, sign) for t in ROWS])
        np.testing.assert_array_equal(np.column_stack((price[ROWS], age[ROWS])), expected)


def test_levels_and_lines_equal_their_twin() -> None:
    resistance, support = (column("support_resistance", 2, 2, 3, 60, output=e) for e in ("resistance", "support"))
    upper = column("trend_lines", 2, 2, 60, output="upper")
    for t in ROWS:
        tops, bottoms = twin.swings(HIGH, t, 2, 2, 60, 1.0), twin.swings(LOW, t, 2, 2, 60, -1.0)
        levels = [HIGH[at] for at in tops[:3]] + [LOW[at] for at in bottoms[:3]]
        above = min((each for each in levels if each > CLOSE[t]), default=np.nan)
        below = max((each for each in levels if each <= CLOSE[t]), default=np.nan)
        np.testing.assert_allclose([resistance[t], support[t]], [above / CLOSE[t] - 1.0, 1.0 - below / CLOSE[t]])
        line = np.nan
        if len(tops) > 1:
            line = HIGH[tops[0]] + (HIGH[tops[0]] - HIGH[tops[1]]) / (tops[0] - tops[1]) * (t - tops[0])
        np.testing.assert_allclose(upper[t], (CLOSE[t] - line) / CLOSE[t], rtol=1e-9, atol=1e-12)


def test_zigzag_equals_its_twin() -> None:
    found = np.column_stack([column("zigzag", 0.02, 50, output=each) for each in ("direction", "distance", "bars")])
    for t in range(49, 260, 7):
        rows = slice(t - 49, t + 1)
        direction, pivot, bars = twin.zigzag(HIGH[rows], LOW[rows], CLOSE[rows], 0.02)
        np.testing.assert_allclose(found[t], [direction, CLOSE[t] / pivot - 1.0, bars])


def test_a_double_top_and_a_double_bottom_that_were_drawn() -> None:
    top = drawn(100, 110, 104, 110.5, 100, 95)
    assert column("double_top", 3, 3, 100, 0.02, bars=top)[-1] == 1.0
    assert column("double_bottom", 3, 3, 100, 0.02, bars=drawn(100, 90, 96, 89.5, 100, 104))[-1] == 1.0
    assert column("double_top", 3, 3, 100, 0.001, bars=top)[-1] == 0.0
    assert np.isnan(column("double_top", 3, 3, 100, 0.02, bars=drawn(100, 110, 104))[-1])


def test_what_rests_on_a_bar_that_is_not_known_is_not_known() -> None:
    bars = drawn(100, 110, 104, 110.5, 100, 95)
    high, low, close = bars.high.copy(), bars.low.copy(), bars.close.copy()
    for hole in (high, low):
        holed = hole.copy()
        holed[12] = np.nan
        store = ColumnStore(bars)
        pair = (holed, low) if hole is high else (high, holed)
        inside = store.column("inside_bar", (), pair)
        assert np.isnan(inside[[0, 12, 13]]).all()
        assert np.isfinite(inside[[11, 14]]).all()
    # The top at row 5 is confirmed by rows 6 to 8, of which one is missing.
    assert confirmed_swings(high, 3, 3, 1.0)[8] == high[5]
    holed = high.copy()
    holed[7] = np.nan
    assert np.isnan(confirmed_swings(holed, 3, 3, 1.0)[:11]).all()
    for values in (low, close):
        holed = values.copy()
        holed[10 if values is low else -1] = np.nan
        given = (high, holed, close) if values is low else (high, low, holed)
        assert np.isnan(ColumnStore(bars).column("double_top", (3, 3, 100, 0.02), given)[-1])


def test_channels_and_small_shapes() -> None:
    position, slope = (column("regression_channel", 30, output=each) for each in ("position", "slope"))
    for t in (29, 100, 259):
        x, y = np.arange(30.0), BARS.close[t - 29 : t + 1]
        rise, level = np.polyfit(x, y, 1)
        spread = np.std(y - level - rise * x)
        assert position[t] == pytest.approx((y[-1] - level - rise * 29.0) / spread, rel=1e-7)
        assert slope[t] == pytest.approx(rise / spread, rel=1e-7)
    width = BARS.high - BARS.low
    narrow = column("narrow_range", 7)
    assert all(narrow[t] == float(width[t] == min(width[t - 6 : t + 1])) for t in range(6, 260))
    inside = column("inside_bar")
    for t in range(1, 260):
        within = HIGH[t] <= HIGH[t - 1] and LOW[t] >= LOW[t - 1]
        beyond = HIGH[t] > HIGH[t - 1] and LOW[t] < LOW[t - 1]
        assert inside[t] == float(within) - float(beyond)


def test_roughness() -> None:
    found = column("hurst", 64)
    for t in (63, 200):
        assert found[t] == pytest.approx(twin.hurst(np.log(CLOSE[t - 63 : t + 1]).tolist(), 16), rel=1e-9)
    walk = random_walk(4_000, seed=5)
    assert np.nanmean(column("hurst", 500, bars=walk)) == pytest.approx(0.5, abs=0.06)
    line = drawn(100, 120, 140)
    assert column("katz_dimension", 5, bars=line)[-1] == pytest.approx(1.0)
    logs = np.log(BARS.close)
    length, reach = np.abs(np.diff(logs[100:151])).sum(), np.abs(logs[100:151] - logs[100]).max()
    expected = np.log(50.0) / (np.log(50.0) + np.log(reach / length))
    assert column("katz_dimension", 50)[150] == pytest.approx(expected, rel=1e-9)
    for rate in (0.01, 0.02):  # to and fro: the path is as long as n times its reach
        fro = np.where(np.arange(60) % 2, 100.0 * (1.0 + rate), 100.0)
        bars = Bars(np.arange(60, dtype=np.int64) * 10**12, fro, fro, fro, fro, np.ones(60))
        assert np.isnan(column("katz_dimension", 50, bars=bars)).all()
