"""Volumes, trend strength and oscillators against pandas and plain loops."""

import math

import numpy as np
import pandas as pd

from tests.unit.features.technical.test_charts import (
    CLOSE,
    FRAME,
    HIGH,
    LOW,
    OPEN,
    RANGE,
    STORE,
    TYPICAL,
    VOLUME,
    agree,
    column,
    ema,
    rma,
)

UP = np.sign(CLOSE.diff())


def test_volume_against_price() -> None:
    total = VOLUME.rolling(20).sum()
    agree(column("rolling_vwap", 20), (TYPICAL * VOLUME).rolling(20).sum() / total)
    weighted = (CLOSE * VOLUME).rolling(20).sum() / total
    agree(column("vwma_ratio", 20), weighted / CLOSE.rolling(20).mean() - 1)
    agree(column("volume_zscore", 20), (VOLUME - VOLUME.rolling(20).mean()) / VOLUME.rolling(20).std(ddof=0))
    agree(column("up_volume_share", 20), ((1 + UP) / 2 * VOLUME).rolling(20).sum() / total)
    level = VOLUME / VOLUME.rolling(20).mean()
    agree(column("volume_price_correlation", 20), np.log(CLOSE).diff().rolling(20).corr(level))
    way = ((HIGH + LOW) / 2).diff() * (HIGH - LOW) / (VOLUME / 1e8)
    agree(column("ease_of_movement", 14, 1e8), way.rolling(14).mean())
    short = (CLOSE * VOLUME).rolling(5).sum() / VOLUME.rolling(5).sum()
    share = VOLUME.rolling(5).mean() / VOLUME.rolling(20).mean()
    agree(
        column("volume_price_confirmation", 5, 20),
        (weighted - CLOSE.rolling(20).mean()) * short / CLOSE.rolling(5).mean() * share,
    )


def test_smoothed_volume() -> None:
    top, bottom = np.maximum(HIGH, CLOSE.shift()), np.minimum(LOW, CLOSE.shift())
    place = (2 * CLOSE - top - bottom) / (top - bottom)
    agree(column("twiggs_money_flow", 21), rma(place * VOLUME, 21) / rma(VOLUME, 21), after=600)
    agree(column("volume_zone_oscillator", 14), 100 * ema(UP * VOLUME, 14) / ema(VOLUME, 14), after=300)
    agree(column("price_zone_oscillator", 14), 100 * ema(UP * CLOSE, 14) / ema(CLOSE, 14), after=300)
    quiet = 0.2 * np.log(TYPICAL).diff().rolling(30).std(ddof=0) * CLOSE
    usual = VOLUME.rolling(130).mean().shift()
    cut = pd.Series(np.minimum(VOLUME, 2.5 * usual))
    signed = cut.where(TYPICAL.diff() > quiet, (-cut).where(TYPICAL.diff() < -quiet, 0.0 * cut))
    agree(column("volume_flow_indicator", 130, 0.2, 2.5), ema(signed.rolling(130).sum() / usual, 3), after=320)


def test_klinger_adds_ranges_while_the_trend_lasts() -> None:
    total, trend, measure, force = HIGH + LOW + CLOSE, 0.0, 0.0, [math.nan]
    for t in range(1, len(FRAME)):
        now = 1.0 if total.iloc[t] > total.iloc[t - 1] else -1.0
        width, before = HIGH.iloc[t] - LOW.iloc[t], HIGH.iloc[t - 1] - LOW.iloc[t - 1]
        measure = measure + width if now == trend else before + width
        trend = now
        force.append(VOLUME.iloc[t] * abs(2 * (width / measure - 1)) * now * 100)
    flow = pd.Series(force, FRAME.index)
    oscillator = ema(flow, 34) - ema(flow, 55)
    agree(column("klinger", 34, 55, 13, output="oscillator"), oscillator, after=700)
    agree(column("klinger", 34, 55, 13, output="signal_line"), ema(oscillator, 13), after=800)


def test_straightness() -> None:
    width = HIGH.rolling(14).max() - LOW.rolling(14).min()
    agree(column("choppiness", 14), 100 * np.log10(RANGE.rolling(14).sum() / width) / math.log10(14))
    ways = [(HIGH - LOW.shift(k - 1)) / (RANGE.rolling(k).mean() * math.sqrt(k)) for k in range(2, 15)]
    agree(column("random_walk_index", 14, output="walk_high"), pd.concat(ways, axis=1).max(axis=1))
    ways = [(HIGH.shift(k - 1) - LOW) / (RANGE.rolling(k).mean() * math.sqrt(k)) for k in range(2, 15)]
    agree(column("random_walk_index", 14, output="walk_low"), pd.concat(ways, axis=1).max(axis=1))
    away = CLOSE - CLOSE.rolling(60).mean()
    above, below = away.clip(lower=0).rolling(30).sum(), (-away).clip(lower=0).rolling(30).sum()
    agree(column("trend_intensity", 60, 30), 100 * above / (above + below))
    straight = np.sqrt(CLOSE.diff(10) ** 2 + 100) / np.sqrt(CLOSE.diff() ** 2 + 1).rolling(10).sum()
    agree(column("polarized_fractal_efficiency", 10, 5), ema(100 * np.sign(CLOSE.diff(10)) * straight, 5), after=200)


def test_counts() -> None:
    agree(column("psychological_line", 12), 100 * (CLOSE.diff() > 0).rolling(12).mean())
    agree(column("trend_score", 11, 20), sum(np.sign(CLOSE.diff(k)) for k in range(11, 21)))
    run, expected = 0, []
    for sign in np.sign(CLOSE.diff(4)):
        run = 0 if math.isnan(sign) else int(sign) * min(9, abs(run) + 1 if run * sign > 0 else 1)
        expected.append(run)
    agree(column("td_setup", 4, 9), expected)


def test_rises_against_falls() -> None:
    ups, downs = HIGH.diff().clip(lower=0).rolling(14).sum(), (-LOW.diff()).clip(lower=0).rolling(14).sum()
    agree(column("demarker", 14), ups / (ups + downs))
    rise, fall = rma(CLOSE.diff(5).clip(lower=0), 20), rma((-CLOSE.diff(5)).clip(lower=0), 20)
    agree(column("relative_momentum_index", 20, 5), 100 * rise / (rise + fall), after=600)
    agree(column("pretty_good_oscillator", 14), (CLOSE - CLOSE.rolling(14).mean()) / ema(RANGE, 14), after=300)
    agree(column("disparity_index", 14), 100 * (CLOSE / ema(CLOSE, 14) - 1), after=300)
    agree(
        column("bull_bear_ratios", 26, output="ar"),
        100 * (HIGH - OPEN).rolling(26).sum() / (OPEN - LOW).rolling(26).sum(),
    )
    up, down = (HIGH - CLOSE.shift()).clip(lower=0), (CLOSE.shift() - LOW).clip(lower=0)
    agree(column("bull_bear_ratios", 26, output="br"), 100 * up.rolling(26).sum() / down.rolling(26).sum())


def test_wilders_swing() -> None:
    expected = [math.nan]
    for t in range(1, len(FRAME)):
        o, h, low, c = FRAME.iloc[t, :4]
        o1, c1 = OPEN.iloc[t - 1], CLOSE.iloc[t - 1]
        k = max(abs(h - c1), abs(low - c1))
        largest = max(abs(h - c1), abs(low - c1), h - low)
        if largest == abs(h - c1):
            r = abs(h - c1) - abs(low - c1) / 2 + abs(c1 - o1) / 4
        elif largest == abs(low - c1):
            r = abs(low - c1) - abs(h - c1) / 2 + abs(c1 - o1) / 4
        else:
            r = h - low + abs(c1 - o1) / 4
        expected.append(50 * (c - c1 + (c - o) / 2 + (c1 - o1) / 4) / r * k / 3)
    agree(column("swing_index", 3.0), expected)
    agree(column("accumulation_swing_index", 3.0), np.append(math.nan, np.cumsum(expected[1:])))


def test_vigor() -> None:
    def smooth(values: "pd.Series[float]") -> "pd.Series[float]":
        return (values + 2 * values.shift() + 2 * values.shift(2) + values.shift(3)) / 6

    vigor = smooth(CLOSE - OPEN).rolling(10).sum() / smooth(HIGH - LOW).rolling(10).sum()
    agree(column("vigor", 10, output="rvgi"), vigor)
    agree(column("vigor", 10, output="signal"), smooth(vigor))


def test_summed_rates_of_change() -> None:
    parts = ((10, 10, 1), (15, 10, 2), (20, 10, 3), (30, 15, 4))
    kst = sum(weight * (100 * CLOSE.pct_change(n)).rolling(m).mean() for n, m, weight in parts)
    total = pd.Series(kst, FRAME.index)
    agree(column("kst", 9, output="line"), total)
    agree(column("kst", 9, output="signal_line"), total.rolling(9).mean())


def rsi(values: "pd.Series[float]", period: int) -> "pd.Series[float]":
    ups, downs = rma(values.diff().clip(lower=0), period), rma((-values.diff()).clip(lower=0), period)
    return 100 * ups / (ups + downs)


def test_strength_of_strength() -> None:
    run, streak = 0, []
    for sign in UP:
        run = 0 if math.isnan(sign) else int(sign) * (abs(run) + 1 if run * sign > 0 else 1)
        streak.append(float(run))
    rank = CLOSE.pct_change().rolling(101).apply(lambda x: 100 * float((x[:-1] <= x[-1]).mean()), raw=True)
    agree(
        column("connors_rsi", 3, 2, 100), (rsi(CLOSE, 3) + rsi(pd.Series(streak, FRAME.index), 2) + rank) / 3, after=300
    )
    smooth = ema(ema(rsi(CLOSE, 14), 5), 3)
    agree(column("derivative_oscillator", 14, 5, 3, 9), smooth - smooth.rolling(9).mean(), after=600)


def place(values: "pd.Series[float]", low: "pd.Series[float]", high: "pd.Series[float]", n: int) -> "pd.Series[float]":
    bottom, top = low.rolling(n).min(), high.rolling(n).max()
    narrow = top - bottom <= 1e-9 * np.maximum(top.abs(), bottom.abs())
    return (100 * (values - bottom) / (top - bottom)).mask(narrow).ffill()


def test_stochastics_of_stochastics() -> None:
    line = ema(CLOSE, 23) - ema(CLOSE, 50)
    inner = place(line, line, line, 10).ewm(alpha=0.5, adjust=False).mean()
    outer = place(inner, inner, inner, 10).ewm(alpha=0.5, adjust=False).mean()
    agree(column("schaff_trend_cycle", 23, 50, 10, 0.5), outer, after=700)
    inner = ema(place(CLOSE, LOW, HIGH, 13), 8)
    agree(column("double_smoothed_stochastic", 13, 8), ema(place(inner, inner, inner, 13), 8), after=300)


def test_waves() -> None:
    middle = ema(TYPICAL, 10)
    wave = ema((TYPICAL - middle) / (0.015 * ema((TYPICAL - middle).abs(), 10)), 21)
    agree(column("wavetrend", 10, 21, output="wave"), wave, after=500)
    agree(column("wavetrend", 10, 21, output="signal"), wave.rolling(4).mean(), after=500)
    inner = (
        (10 * (100 * CLOSE.pct_change()).ewm(alpha=2 / 35, adjust=False).mean()).ewm(alpha=2 / 20, adjust=False).mean()
    )
    agree(column("price_momentum_oscillator", 35, 20, 10, output="line"), inner)
    agree(column("price_momentum_oscillator", 35, 20, 10, output="signal_line"), ema(inner, 10), after=500)


def test_qqe_trails_the_smoothed_rsi() -> None:
    strength = ema(rsi(CLOSE, 14), 5)
    width = 4.236 * ema(ema(strength.diff().abs(), 27), 27)
    line, side = [math.nan] * 2, column("qqe", 14, 5, 4.236, output="side")
    found = column("qqe", 14, 5, 4.236, output="line")
    agree(column("qqe", 14, 5, 4.236, output="strength"), strength, after=600)
    for t in range(601, len(FRAME)):
        stayed = side[t] == side[t - 1]
        step = strength.iloc[t] - side[t] * width.iloc[t]
        line.append((max if side[t] > 0 else min)(found[t - 1], step) if stayed else step)
        assert (strength.iloc[t] - found[t]) * side[t] >= 0.0
    np.testing.assert_allclose(found[601:], line[2:], rtol=1e-6)
    assert STORE.n_bars == len(FRAME)
