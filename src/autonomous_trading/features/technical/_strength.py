"""Does it trend or wander? Straightness of the path, rises against falls, counts of bars."""

import math
from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.features._definitions import ColumnDefinition, real, whole
from autonomous_trading.features._forgetting import TOLERANCE, ema_tail, rma_tail
from autonomous_trading.features._primitives import (
    change,
    ema,
    ratio,
    rma,
    rolling_max,
    rolling_mean,
    rolling_min,
    rolling_sum,
    shift,
    sma,
)
from autonomous_trading.features.kernels._technical import reset_sums
from autonomous_trading.features.price._streaks import capped_run
from autonomous_trading.features.technical._shapes import true_range

_GROUP = "Technical"
_BARS = ("high", "low", "close")
_SOURCE = (("source", "close"),)


def choppiness(high: FloatArray, low: FloatArray, close: FloatArray, period: int) -> FloatArray:
    """Sum of true ranges against the range of the window on a logarithmic scale: 100 all noise, 0 a straight line."""
    quotient = ratio(
        rolling_sum(true_range(high, low, close), period), rolling_max(high, period) - rolling_min(low, period)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log10(np.where(quotient > 0.0, quotient, np.nan))
    return 100.0 * logs / math.log10(period)


def random_walk_index(
    high: FloatArray, low: FloatArray, close: FloatArray, period: int
) -> tuple[FloatArray, FloatArray]:
    """Largest way up, and down, over 2 to `period` bars in units of what a random walk would go."""
    width, n = true_range(high, low, close), len(close)
    total = width.copy()
    up, down = np.full(n, -np.inf), np.full(n, -np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        for back in range(1, min(period, n)):
            total[back:] += width[: n - back]
            usual = total[back:] / math.sqrt(back + 1.0)  # a mean range times the root of the number of bars
            usual[usual == 0.0] = np.nan
            up[back:] = np.maximum(up[back:], (high[back:] - low[: n - back]) / usual)
            down[back:] = np.maximum(down[back:], (high[: n - back] - low[back:]) / usual)
    up[:period], down[:period] = np.nan, np.nan
    return up, down


def trend_intensity(source: FloatArray, period: int, window: int) -> FloatArray:
    """Sum of distances above the average against all distances from it, in percent."""
    distance = source - sma(source, period)
    above = rolling_sum(np.maximum(distance, 0.0), window)
    return 100.0 * ratio(above, above + rolling_sum(np.maximum(-distance, 0.0), window))


def polarized_fractal_efficiency(source: FloatArray, period: int, smoothing: int) -> FloatArray:
    """Straight way over the way gone, in percent with the sign of the change, smoothed."""
    whole_change, step = change(source, period), change(source, 1)
    straight = np.sqrt(whole_change * whole_change + float(period) ** 2)
    gone = rolling_sum(np.sqrt(step * step + 1.0), period)
    return ema(100.0 * np.sign(whole_change) * straight / gone, smoothing)


def psychological_line(source: FloatArray, period: int) -> FloatArray:
    """Share of the last bars that rose, in percent."""
    before = shift(source, 1)
    return 100.0 * rolling_mean(np.where(np.isnan(before + source), np.nan, source > before), period)


def td_setup(source: FloatArray, lag: int, limit: int) -> FloatArray:
    """How many bars in a row closed above (or, negative, below) the close some bars before, up to a limit."""
    return capped_run(np.sign(change(source, lag)), limit)


def trend_score(source: FloatArray, shortest: int, longest: int) -> FloatArray:
    """Chande's score: how many of the closes of the past are below this one, minus those above."""
    score = np.zeros(len(source))
    for back in range(min(shortest, longest), max(shortest, longest) + 1):
        score += np.sign(source - shift(source, back))
    return score


def demarker(high: FloatArray, low: FloatArray, period: int) -> FloatArray:
    """New highs against new highs and new lows: 1 only highs, 0 only lows; NaN without either."""
    ups = rolling_sum(np.maximum(change(high, 1), 0.0), period)
    downs = rolling_sum(np.maximum(-change(low, 1), 0.0), period)
    return ratio(ups, ups + downs)


def relative_momentum_index(source: FloatArray, period: int, momentum: int) -> FloatArray:
    """RSI of changes over several bars."""
    moved = change(source, momentum)
    ups, downs = rma(np.maximum(moved, 0.0), period), rma(np.maximum(-moved, 0.0), period)
    return 100.0 * ratio(ups, ups + downs)


def pretty_good_oscillator(high: FloatArray, low: FloatArray, close: FloatArray, period: int) -> FloatArray:
    """Distance from the average in average true ranges."""
    return ratio(close - sma(close, period), ema(true_range(high, low, close), period))


def disparity_index(source: FloatArray, period: int) -> FloatArray:
    """Distance from the exponential average in percent of it."""
    return 100.0 * (ratio(source, ema(source, period)) - 1.0)


def swing_index(opening: FloatArray, high: FloatArray, low: FloatArray, close: FloatArray, limit: float) -> FloatArray:
    """Wilder's swing of the bar against the one before; 0 where nothing moved."""
    last, first = shift(close, 1), shift(opening, 1)
    up, down, body = np.abs(high - last), np.abs(low - last), np.abs(last - first)
    reach = (
        np.where(
            (up >= down) & (up >= high - low),
            up - 0.5 * down,
            np.where((down >= up) & (down >= high - low), down - 0.5 * up, high - low),
        )
        + 0.25 * body
    )
    moved = close - last + 0.5 * (close - opening) + 0.25 * (last - first)
    swing = 50.0 * ratio(moved, reach) * np.maximum(up, down) / limit
    return np.asarray(np.where(reach == 0.0, 0.0, swing))


def accumulation_swing_index(
    opening: FloatArray, high: FloatArray, low: FloatArray, close: FloatArray, limit: float
) -> FloatArray:
    """Sum of Wilder's swings since the first bar."""
    swing, out = swing_index(opening, high, low, close, limit), np.empty(len(close))
    reset_sums(swing, np.zeros(len(close)), out)
    return out


def bull_bear_ratios(
    opening: FloatArray, high: FloatArray, low: FloatArray, close: FloatArray, period: int
) -> tuple[FloatArray, ...]:
    """AR and BR: ways up from the open, and from the close before, against ways down, in percent."""
    last = shift(close, 1)
    mood = ratio(rolling_sum(high - opening, period), rolling_sum(opening - low, period))
    will = ratio(rolling_sum(np.maximum(high - last, 0.0), period), rolling_sum(np.maximum(last - low, 0.0), period))
    shown = np.where(np.isnan(shift(last, period - 1)), np.nan, mood)
    return 100.0 * shown, 100.0 * will


def vigor(
    opening: FloatArray, high: FloatArray, low: FloatArray, close: FloatArray, period: int
) -> tuple[FloatArray, FloatArray]:
    """Ehlers' relative vigor index and its signal: bodies against ranges, both smoothed over four bars."""

    def smooth(values: FloatArray) -> FloatArray:
        return (values + 2.0 * shift(values, 1) + 2.0 * shift(values, 2) + shift(values, 3)) / 6.0

    found = ratio(rolling_sum(smooth(close - opening), period), rolling_sum(smooth(high - low), period))
    return np.where(np.isnan(smooth(found)), np.nan, found), smooth(found)


COLUMNS: Mapping[str, ColumnDefinition] = {
    "choppiness": ColumnDefinition(
        choppiness,
        group=_GROUP,
        description="Choppiness index: how much of the way led nowhere",
        formula="100 log10(sum(true range, n) / (max(high, n) - min(low, n))) / log10(n)",
        units="percent",
        source="Dreiss (1993), in Kaufman (2013), Trading Systems and Methods",
        inputs=_BARS,
        parameters=(whole("period", 14, low=2),),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
    "random_walk_index": ColumnDefinition(
        random_walk_index,
        group=_GROUP,
        description="Random walk index of highs and of lows",
        formula="max over k = 2 .. n of (high - low[-(k - 1)]) / (mean(true range, k) sqrt(k)), and of"
        " (high[-(k - 1)] -"
        " low)",
        units="1",
        source="Poulos (1991), Of Trends and Random Walks, Stocks & Commodities 9(2)",
        inputs=_BARS,
        parameters=(whole("period", 14, low=2, high=500),),
        outputs=("walk_high", "walk_low"),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
    "trend_intensity": ColumnDefinition(
        trend_intensity,
        group=_GROUP,
        description="Trend intensity index: distances above the average in percent of all",
        formula="100 sum(max(x - sma(x, n), 0), m) / sum(|x - sma(x, n)|, m)",
        units="0..100",
        source="Pee (2002), Trend Intensity Index, Stocks & Commodities 20(6)",
        inputs=_SOURCE,
        parameters=(whole("period", 60, low=2), whole("window", 30)),
        warm_up=lambda period, window: period + window - 2,
        memory=lambda period, window: period + window - 2,
        tolerance=TOLERANCE,
    ),
    "polarized_fractal_efficiency": ColumnDefinition(
        polarized_fractal_efficiency,
        group=_GROUP,
        description="Polarized fractal efficiency: how straight the way was, with its direction",
        formula="ema(100 sign(x - x[-n]) sqrt((x - x[-n])^2 + n^2) / sum(sqrt((x - x[-1])^2 + 1), n), m)",
        units="percent",
        source="Hannula (1994), Polarized Fractal Efficiency, Stocks & Commodities 12(1)",
        inputs=_SOURCE,
        parameters=(whole("period", 10), whole("smoothing", 5)),
        warm_up=lambda period, smoothing: period + smoothing - 1,
        memory=lambda period, smoothing: period + smoothing + ema_tail(smoothing),
        tolerance=TOLERANCE,
    ),
    "psychological_line": ColumnDefinition(
        psychological_line,
        group=_GROUP,
        description="Share of rising bars",
        formula="100 mean(x > x[-1], n)",
        units="0..100",
        source="Kaufman (2013), Trading Systems and Methods; Japanese psychological line",
        inputs=_SOURCE,
        parameters=(whole("period", 12),),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
    "td_setup": ColumnDefinition(
        td_setup,
        group=_GROUP,
        description="DeMark's setup count: closes in a row above (positive) or below the close four bars before",
        formula="min(run of sign(x - x[-lag]), limit) with its sign",
        units="bars",
        source="DeMark (1994), The New Science of Technical Analysis",
        inputs=_SOURCE,
        parameters=(whole("lag", 4), whole("limit", 9)),
        warm_up=lambda lag, _limit: lag,
        memory=lambda lag, limit: lag + limit - 1,
    ),
    "trend_score": ColumnDefinition(
        trend_score,
        group=_GROUP,
        description="Chande's trend score: closes of the past below this one minus those above",
        formula="sum of sign(x - x[-k]), k = shortest .. longest",
        units="1",
        source="Chande (1993), Rating Trend Strength, Stocks & Commodities 11(9)",
        inputs=_SOURCE,
        parameters=(whole("shortest", 11, high=1_000), whole("longest", 20, high=1_000)),
        warm_up=max,
        memory=max,
    ),
    "demarker": ColumnDefinition(
        demarker,
        group=_GROUP,
        description="DeMarker: new highs against new highs and lows",
        formula="sum(max(high - high[-1], 0), n) / (that + sum(max(low[-1] - low, 0), n))",
        units="0..1",
        source="DeMark (1994), The New Science of Technical Analysis",
        inputs=("high", "low"),
        parameters=(whole("period", 14),),
        warm_up=lambda period: period,
        memory=lambda period: period,
        sparse=True,
    ),
    "relative_momentum_index": ColumnDefinition(
        relative_momentum_index,
        group=_GROUP,
        description="Relative momentum index: RSI of changes over several bars",
        formula="100 rma(max(x - x[-m], 0), n) / (that + rma(max(x[-m] - x, 0), n))",
        units="0..100",
        source="Altman (1993), Relative Momentum Index, Stocks & Commodities 11(2)",
        inputs=_SOURCE,
        parameters=(whole("period", 20), whole("momentum", 5)),
        warm_up=lambda period, momentum: period + momentum - 1,
        memory=lambda period, momentum: period + momentum + 2 * rma_tail(period),
        tolerance=TOLERANCE,
    ),
    "pretty_good_oscillator": ColumnDefinition(
        pretty_good_oscillator,
        group=_GROUP,
        description="Johnson's pretty good oscillator: distance from the average in average ranges",
        formula="(close - sma(close, n)) / ema(true range, n)",
        units="1",
        source="Johnson (1999), in Kaufman (2013), Trading Systems and Methods",
        inputs=_BARS,
        parameters=(whole("period", 14, low=2),),
        warm_up=lambda period: period,
        memory=lambda period: period + ema_tail(period),
        tolerance=TOLERANCE,
    ),
    "disparity_index": ColumnDefinition(
        disparity_index,
        group=_GROUP,
        description="Distance from the exponential average in percent",
        formula="100 (x / ema(x, n) - 1)",
        units="percent",
        source="Nison (1994), Beyond Candlesticks",
        inputs=_SOURCE,
        parameters=(whole("period", 14, low=2),),
        warm_up=lambda period: period - 1,
        memory=lambda period: period + 2 * ema_tail(period),
        tolerance=TOLERANCE,
    ),
    "swing_index": ColumnDefinition(
        swing_index,
        group=_GROUP,
        description="Wilder's swing index of the bar",
        formula="50 (c - c1 + (c - o) / 2 + (c1 - o1) / 4) / R max(|h - c1|, |l - c1|) / limit; R by the largest of the"
        " three distances",
        units="1",
        source="Wilder (1978), New Concepts in Technical Trading Systems, section 8",
        inputs=("open", *_BARS),
        parameters=(real("limit", 3.0, 1e-6, 1e9),),
        warm_up=1,
        memory=1,
    ),
    "accumulation_swing_index": ColumnDefinition(
        accumulation_swing_index,
        group=_GROUP,
        description="Sum of Wilder's swing index since the first bar",
        formula="sum of swing_index(limit)",
        units="1",
        source="Wilder (1978), New Concepts in Technical Trading Systems, section 8",
        inputs=("open", *_BARS),
        parameters=(real("limit", 3.0, 1e-6, 1e9),),
        warm_up=1,
        memory=None,
    ),
    "bull_bear_ratios": ColumnDefinition(
        bull_bear_ratios,
        group=_GROUP,
        description="AR and BR: ways up against ways down, from the open and from the close before",
        formula="100 sum(high - open, n) / sum(open - low, n); 100 sum(max(high - close[-1], 0), n) /"
        " sum(max(close[-1] -"
        " low, 0), n)",
        units="percent",
        source="AR and BR of Japanese charting, as charting programs draw them; no paper known",
        inputs=("open", *_BARS),
        parameters=(whole("period", 26, low=2),),
        outputs=("ar", "br"),
        warm_up=lambda period: period,
        memory=lambda period: period,
        sparse=True,
    ),
    "vigor": ColumnDefinition(
        vigor,
        group=_GROUP,
        description="Ehlers' relative vigor index and its signal",
        formula="sum(s(close - open), n) / sum(s(high - low), n), s = (x + 2 x[-1] + 2 x[-2] + x[-3]) / 6;"
        " signal s(it)",
        units="1",
        source="Ehlers (2002), Relative Vigor Index, Stocks & Commodities 20(1)",
        inputs=("open", *_BARS),
        parameters=(whole("period", 10),),
        outputs=("rvgi", "signal"),
        warm_up=lambda period: period + 5,
        memory=lambda period: period + 5,
    ),
}
