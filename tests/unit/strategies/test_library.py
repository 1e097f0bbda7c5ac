"""The library: what its strategies do on bars where the answer can be computed another way, and on real ones."""

import numpy as np
import pytest
import talib
from arch.data import sp500

from autonomous_trading.core import Bars, BoolArray, FloatArray
from autonomous_trading.strategies import STRATEGIES, Strategy
from autonomous_trading.testing.causality import target_of
from autonomous_trading.testing.markets import random_walk

BARS = random_walk(700, seed=21, volatility=0.015)


def made(name: str, **parameters: float) -> Strategy:
    return STRATEGIES[name](**parameters)


def entered_and_left(entries: BoolArray, exits: BoolArray, size: float = 1.0) -> FloatArray:
    return np.where(entries, size, np.where(exits, 0.0, np.nan))


def test_ma_cross() -> None:
    expected = talib.SMA(BARS.close, 8) > talib.SMA(BARS.close, 30)
    np.testing.assert_array_equal(target_of(made("ma_cross", fast=8, slow=30), BARS), expected)


def test_donchian_breakout_compares_with_bars_before() -> None:
    target = target_of(made("donchian_breakout", entry_window=20, exit_window=10), BARS)
    for row in range(30, 700):
        entry = BARS.close[row] > BARS.high[row - 20 : row].max()
        leave = BARS.close[row] < BARS.low[row - 10 : row].min()
        expected = 1.0 if entry else 0.0 if leave else np.nan
        np.testing.assert_equal(target[row], expected)


def test_rsi_reversion() -> None:
    target = target_of(made("rsi_reversion", period=3, oversold=30.0, recovered=60.0, trend_window=50), BARS)
    rsi = talib.RSI(BARS.close, 3)
    entries = (rsi < 30.0) & (BARS.close > talib.SMA(BARS.close, 50))
    np.testing.assert_array_equal(target, entered_and_left(entries, rsi > 60.0))


def test_bollinger_reversion_uses_the_usual_bands() -> None:
    target = target_of(made("bollinger_reversion", window=20, width=1.7), BARS)
    _, middle, lower = talib.BBANDS(BARS.close, 20, 1.7, 1.7)
    np.testing.assert_array_equal(target, entered_and_left(BARS.close < lower, BARS.close > middle))


def test_macd_trend_equals_talib_after_a_while() -> None:
    target = target_of(made("macd_trend"), BARS)
    line, signal, _ = talib.MACD(BARS.close, 12, 26, 9)
    expected = (line > 0.0) & (line > signal)
    # The two lines start differently; what is left of it fades with the weights of the averages.
    np.testing.assert_array_equal(target[300:], expected[300:])


def test_atr_breakout() -> None:
    target = target_of(made("atr_breakout", window=30, atr_window=10, multiple=1.5), BARS)
    middle, reach = talib.EMA(BARS.close, 30), talib.ATR(BARS.high, BARS.low, BARS.close, 10)
    expected = entered_and_left(BARS.close > middle + 1.5 * reach, BARS.close < middle)
    np.testing.assert_array_equal(target, expected)


def test_momentum_aims_at_its_volatility() -> None:
    volatile = made("momentum", lookback=50, volatility_window=50, target_volatility=0.12)
    target = target_of(volatile, BARS)
    risen = np.flatnonzero(BARS.close[50:] > BARS.close[:-50]) + 50
    assert set(np.flatnonzero(target > 0.0)) == set(risen)
    # 1.5 % a day is 24 % a year: about half of the equity makes 12 %.
    assert 0.4 <= np.median(target[risen]) <= 0.6
    np.testing.assert_array_equal(target[risen] * 10.0, np.round(target[risen] * 10.0))


def test_momentum_measures_the_same_volatility_on_any_timeframe() -> None:
    hourly = random_walk(3_000, seed=2, volatility=0.2 / np.sqrt(365.25 * 24), timeframe="1h")
    target = target_of(made("momentum", target_volatility=0.15, volatility_window=100), hourly)
    assert 0.65 <= np.median(target[target > 0.0]) <= 0.85


def test_momentum_is_never_more_than_the_equity() -> None:
    quiet = random_walk(400, seed=2, volatility=0.001)
    assert np.nanmax(target_of(made("momentum"), quiet)) == 1.0


S4_SPACE = {
    "fast_ma_period": (5, 20),
    "slow_ma_period": (15, 50),
    "risk_per_trade": (0.005, 0.05),
    "confidence_threshold": (0.4, 0.8),
    "volume_threshold": (1.0, 3.0),
    "mfi_oversold": (10, 30),
    "mfi_overbought": (70, 90),
    "macd_fast": (8, 16),
    "macd_slow": (20, 35),
    "macd_signal": (5, 15),
    "bb_period": (15, 25),
    "bb_std": (1.5, 2.5),
    "rsi_threshold": (25, 35),
}


def test_confluence_has_the_whole_parameter_space() -> None:
    space = STRATEGIES["confluence"].space()
    bounds = {
        name: (parameter.from_unit(np.zeros(1)).item(), parameter.from_unit(np.ones(1)).item())
        for name, parameter in space.parameters.items()
    }
    assert {name: bounds[name] for name in S4_SPACE} == S4_SPACE
    assert set(space.names) == {*S4_SPACE, "stop_loss", "take_profit", "position_size"}


def confidence_of(bars: Bars) -> FloatArray:
    """The confidence with default parameters, bar by bar, voter by voter."""
    close = bars.close
    fast, slow = talib.SMA(close, 10), talib.SMA(close, 30)
    line = talib.EMA(close, 12) - talib.EMA(close, 26)
    signal = talib.EMA(talib.EMA(close, 12), 9) - talib.EMA(talib.EMA(close, 26), 9)
    upper, _, lower = talib.BBANDS(close, 20, 2.0, 2.0)
    rsi, flow = talib.RSI(close, 14), talib.MFI(bars.high, bars.low, close, bars.volume, 14)
    usual = talib.SMA(bars.volume, 20)
    confidence = np.full(len(bars), np.nan)
    for row in range(34, len(bars)):
        votes = {
            0.25: 1.0 if fast[row] > slow[row] else 0.0,
            0.20: 1.0 if line[row] > signal[row] else 0.0,
        }
        leaning = [(0.15, 1.0 if close[row] < lower[row] else 0.0 if close[row] > upper[row] else 0.5)]
        leaning.append((0.10, 1.0 if rsi[row] < 30 else 0.0 if rsi[row] > 70 else 0.5))
        if usual[row] > 0.0:
            leaning.append((0.15, 1.0 if flow[row] < 20 else 0.0 if flow[row] > 80 else 0.5))
        else:
            leaning.append((0.15, 0.5))
        unusual = bars.volume[row] > 1.5 * usual[row]
        up, down = close[row] > close[row - 1], close[row] < close[row - 1]
        leaning.append((0.15, 0.5 if not unusual else 1.0 if up else 0.0 if down else 0.5))
        confidence[row] = sum(k * v for k, v in votes.items()) + sum(k * v for k, v in leaning)
    return confidence


@pytest.mark.parametrize("traded", [True, False], ids=["with volume", "without volume"])
def test_confluence_votes(traded: bool) -> None:
    bars = (
        BARS
        if traded
        else Bars(
            time=BARS.time,
            open=BARS.open,
            high=BARS.high,
            low=BARS.low,
            close=BARS.close,
            volume=np.zeros(len(BARS)),
        )
    )
    # 0.6001 keeps away from ties, which the order of an addition would decide.
    target = target_of(made("confluence", confidence_threshold=0.6001), bars)
    confidence = confidence_of(bars)
    near = np.abs(confidence - 0.5) < 1e-9
    expected = entered_and_left(confidence >= 0.6001, confidence < 0.5, size=0.02 / 0.05)
    np.testing.assert_array_equal(target[34:][~near[34:]], expected[34:][~near[34:]])
    assert np.isnan(target[:33]).all(), "no vote before everything is known"
    assert np.sum(target > 0.0) > 50
    assert np.sum(target == 0.0) > 50


def test_confluence_sizes_by_risk() -> None:
    for risk, stop, used, expected in ((0.01, 0.05, 1.0, 0.2), (0.05, 0.02, 1.0, 1.0), (0.05, 0.02, 0.3, 0.3)):
        strategy = made("confluence", risk_per_trade=risk, stop_loss=stop, position_size=used)
        assert np.nanmax(target_of(strategy, BARS)) == pytest.approx(expected, rel=1e-15)


def real_bars() -> Bars:
    frame = sp500.load()
    return Bars(
        time=frame.index.to_numpy("datetime64[ns]").astype(np.int64),
        open=frame["Open"].to_numpy(np.float64),
        high=frame["High"].to_numpy(np.float64),
        low=frame["Low"].to_numpy(np.float64),
        close=frame["Close"].to_numpy(np.float64),
        volume=frame["Volume"].to_numpy(np.float64),
    )


@pytest.mark.parametrize("name", list(STRATEGIES))
def test_every_strategy_trades_on_the_sp500(name: str) -> None:
    target = target_of(made(name), real_bars())
    wanted = target[~np.isnan(target)]
    changes = int(np.sum(np.diff(wanted) != 0.0))
    assert changes >= 40, "twenty years of daily bars"
    assert 0.05 < np.mean(wanted > 0.0) < 0.95
