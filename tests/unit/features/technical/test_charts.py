"""Bands, stops, levels, volumes and oscillators against pandas and plain loops."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from autonomous_trading.core import FloatArray
from autonomous_trading.features import ColumnStore
from autonomous_trading.testing.contracts.features import column_market
from autonomous_trading.testing.markets import random_walk

BARS = random_walk(900, seed=9, timeframe="1h")
STORE = ColumnStore(BARS)
TIMES = pd.DatetimeIndex(BARS.time.astype("datetime64[ns]"))
FRAME = pd.DataFrame(
    {name: STORE.column(name) for name in ("open", "high", "low", "close", "volume")},
    index=TIMES,
)
OPEN, HIGH, LOW, CLOSE, VOLUME = (FRAME[name] for name in FRAME)
TYPICAL = (HIGH + LOW + CLOSE) / 3
RANGE = pd.concat([HIGH - LOW, (HIGH - CLOSE.shift()).abs(), (LOW - CLOSE.shift()).abs()], axis=1).max(axis=1)[1:]
RANGE = RANGE.reindex(FRAME.index)


def column(name: str, *arguments: float, output: str = "") -> FloatArray:
    return STORE.column(name, arguments, None, output)


def agree(found: FloatArray, expected: "FloatArray | pd.Series[float] | Sequence[float]", *, after: int = 0) -> None:
    """The same on every bar where the column is known, which it is somewhere behind `after`."""
    wanted = np.asarray(expected, dtype=np.float64)
    known = ~np.isnan(found)
    known[:after] = False
    assert known.any()
    np.testing.assert_allclose(found[known], wanted[known], rtol=1e-7, atol=1e-7 * float(np.nanmean(np.abs(wanted))))


def atr(period: int) -> "pd.Series[float]":
    return pd.Series(STORE.column("atr", (period,)), FRAME.index)


def ema(values: "pd.Series[float]", period: int) -> "pd.Series[float]":
    return values.ewm(span=period, adjust=False).mean()


def rma(values: "pd.Series[float]", period: int) -> "pd.Series[float]":
    return values.ewm(alpha=1 / period, adjust=False).mean()


def test_positions_in_bands() -> None:
    middle, width = CLOSE.rolling(20).mean(), 2 * CLOSE.rolling(20).std(ddof=0)
    agree(column("percent_b", 20, 2.0), (CLOSE - middle + width) / (2 * width))
    agree(column("bandwidth", 20, 2.0), 2 * width / middle)
    low, high = LOW.rolling(20).min(), HIGH.rolling(20).max()
    agree(column("donchian_position", 20), (CLOSE - low) / (high - low))
    keltner = ema(TYPICAL, 20)
    agree(column("keltner_position", 20, 2.0, 10), (CLOSE - keltner + 2 * atr(10)) / (4 * atr(10)), after=400)
    agree(column("starc_bands", 6, 2.0, 15, output="upper"), CLOSE.rolling(6).mean() + 2 * atr(15))
    ranges = 1.5 * RANGE.rolling(20).mean()
    on = column("squeeze", 20, 2.0, 1.5, output="on")
    agree(on, (width < ranges).astype(float))
    assert set(on[~np.isnan(on)]) == {0.0, 1.0}
    centre = ((HIGH.rolling(20).max() + LOW.rolling(20).min()) / 2 + middle) / 2
    line = (
        (CLOSE - centre).rolling(20).apply(lambda x: float(np.polyval(np.polyfit(np.arange(20), x, 1), 19)), raw=True)
    )
    agree(column("squeeze", 20, 2.0, 1.5, output="momentum"), line)


def middle_of(period: int) -> "pd.Series[float]":
    return (HIGH.rolling(period).max() + LOW.rolling(period).min()) / 2


def test_ichimoku_and_alligator_show_what_was_drawn_before() -> None:
    def lines(output: str) -> FloatArray:
        return column("ichimoku", 9, 26, 52, 26, output=output)

    agree(lines("tenkan"), middle_of(9))
    agree(lines("kijun"), middle_of(26))
    agree(lines("senkou_a"), ((middle_of(9) + middle_of(26)) / 2).shift(25))
    agree(lines("senkou_b"), middle_of(52).shift(25))
    agree(lines("chikou_change"), CLOSE - CLOSE.shift(25))
    median = (HIGH + LOW) / 2
    for output, period, moved in (("jaw_line", 13, 8), ("teeth_line", 8, 5), ("lips_line", 5, 3)):
        agree(column("alligator", 13, 8, 5, output=output), rma(median, period).shift(moved), after=500)


def test_fractals_are_seen_when_their_right_side_is_over() -> None:
    upper, expected = math.nan, []
    for t in range(len(FRAME)):
        if t >= 4 and HIGH.iloc[t - 2] > max(HIGH.iloc[[t - 4, t - 3, t - 1, t]]):
            upper = HIGH.iloc[t - 2]
        expected.append(upper)
    agree(column("fractal_chaos_bands", 2, output="upper"), expected)


def test_exits() -> None:
    agree(column("chandelier_exit", 22, 3.0, output="long_exit"), HIGH.rolling(22).max() - 3 * atr(22))
    agree(column("chandelier_exit", 22, 3.0, output="short_exit"), LOW.rolling(22).min() + 3 * atr(22))
    stop = (HIGH.rolling(10).max() - atr(10)).rolling(9).max()
    agree(column("chande_kroll_stop", 10, 1.0, 9, output="short_stop"), stop)
    agree(column("ttm_trend", 6), np.sign(CLOSE - ((HIGH + LOW) / 2).rolling(6).mean().shift()))
    side, expected = math.nan, []
    for price, top, bottom in zip(CLOSE, HIGH.rolling(3).mean().shift(), LOW.rolling(3).mean().shift(), strict=True):
        side = 1.0 if price > top else -1.0 if price < bottom else side
        expected.append((bottom if side > 0 else top, side))
    agree(column("gann_hilo", 3, output="level"), [level for level, _ in expected], after=30)
    agree(column("gann_hilo", 3, output="side"), [way for _, way in expected], after=30)
    macd = ema(CLOSE, 12) - ema(CLOSE, 26)
    histogram, average = macd - ema(macd, 9), ema(CLOSE, 13)
    both = np.where(
        (average.diff() > 0) & (histogram.diff() > 0), 1, np.where((average.diff() < 0) & (histogram.diff() < 0), -1, 0)
    )
    agree(column("elder_impulse", 13, 12, 26, 9), both.astype(float), after=400)


def test_levels_of_the_day_before() -> None:
    days = FRAME.resample("D").agg({"high": "max", "low": "min", "close": "last"})
    before = days.shift().reindex(TIMES.floor("D"))
    top, low, last = (before[name].to_numpy() for name in ("high", "low", "close"))
    agree(column("previous_period", output="prior_high"), top)
    p = (top + low + last) / 3
    classic = {"pivot": p, "r1": 2 * p - low, "s1": 2 * p - top, "r2": p + top - low, "s2": p - top + low,
               "r3": top + 2 * (p - low), "s3": low - 2 * (top - p)}  # fmt: skip
    for output, expected in classic.items():
        agree(column("pivots", 0, 0, output=output), expected)
    agree(column("pivots", 0, 1, output="r2"), p + 0.618 * (top - low))
    agree(column("pivots", 0, 2, output="s3"), last - 1.1 / 4 * (top - low))
    agree(column("pivots", 0, 3, output="r1"), 2 * (top + low + 2 * last) / 4 - low)


@pytest.mark.parametrize(("period", "rule"), [(0, "D"), (1, "W"), (2, "M")])
def test_the_period_so_far(period: int, rule: str) -> None:
    key = TIMES.to_period(rule)
    total, value = VOLUME.groupby(key).cumsum(), (TYPICAL * VOLUME).groupby(key).cumsum()
    agree(column("anchored_vwap", period, output="vwap"), value / total)
    square = (TYPICAL**2 * VOLUME).groupby(key).cumsum() / total - (value / total) ** 2
    agree(column("anchored_vwap", period, output="deviation") ** 2, square.clip(lower=0))
    low, high = LOW.groupby(key).cummin(), HIGH.groupby(key).cummax()
    agree(column("period_position", period), (CLOSE - low) / (high - low))
    agree(column("period_return", period), CLOSE / OPEN.groupby(key).transform("first") - 1)


def test_the_opening_range_is_known_when_it_is_over() -> None:
    found, day = column("opening_range", 180, output="range_high"), TIMES.floor("D")
    hours = (TIMES - day).total_seconds() / 3600
    first = HIGH[hours < 3].groupby(day[hours < 3]).max().reindex(day).to_numpy()
    agree(found, first)
    assert np.isnan(found[hours < 3]).all()
    assert not np.isnan(found[hours >= 3]).any()


def test_candles() -> None:
    agree(column("candle_shares", output="body"), (CLOSE - OPEN) / (HIGH - LOW))
    parts = [column("candle_shares", output=part) for part in ("body", "upper_shadow", "lower_shadow")]
    np.testing.assert_allclose(np.abs(parts[0]) + parts[1] + parts[2], 1.0)
    agree(column("close_location"), (2 * CLOSE - HIGH - LOW) / (HIGH - LOW))
    agree(column("range_expansion", 14), RANGE / atr(14).shift())
    agree(column("gap_in_atr", 14), (OPEN - CLOSE.shift()) / atr(14).shift())
    agree(column("body_in_atr", 14), (CLOSE - OPEN) / atr(14).shift())
    smooth = [ema(each, 6) for each in (OPEN, HIGH, LOW, CLOSE)]
    candles = pd.Series(sum(smooth) / 4, FRAME.index)
    agree(column("smoothed_heikin_ashi", 6, 2, output="ha_close"), ema(candles, 2), after=200)


def test_what_has_no_size_is_not_known() -> None:
    flat = ColumnStore(column_market("constant"))
    for name in ("percent_b", "donchian_position", "close_location", "range_expansion", "choppiness", "demarker"):
        assert np.isnan(flat.column(name)).all(), name
    quiet = ColumnStore(column_market("no_volume"))
    for name in ("rolling_vwap", "volume_zscore", "up_volume_share", "ease_of_movement", "twiggs_money_flow"):
        assert np.isnan(quiet.column(name)).all(), name
