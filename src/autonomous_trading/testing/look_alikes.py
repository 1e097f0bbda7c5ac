"""Honest look-alikes of the planted leaks: what a check for look-ahead must leave alone."""

from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import Bars, BoolArray, FloatArray, IntParameter
from autonomous_trading.strategies import Columns, Signals, SignalsLike, Strategy
from autonomous_trading.testing.examples import (
    Example,
    LeastSquares,
    column,
    forward_probabilities,
    model,
    regime_likelihoods,
    returns_of,
    strategy,
    universe,
)
from autonomous_trading.testing.leaks import honest_data

__all__ = ["LOOK_ALIKES"]

_WEEK_NS = 7 * 86_400 * 1_000_000_000
_WINDOW = 64


def expanding_zscore(bars: Bars) -> FloatArray:
    """Mean and deviation of the bars so far."""
    count = np.arange(1, len(bars) + 1)
    mean = np.cumsum(bars.close) / count
    variance = np.cumsum(bars.close**2) / count - mean**2
    scored: FloatArray = np.where(count > 20, (bars.close - mean) / np.sqrt(np.maximum(variance, 1e-12)), np.nan)
    return scored


def forward_fill(bars: Bars) -> FloatArray:
    """A value that is published every tenth bar, filled forwards."""
    return bars.close[np.arange(len(bars)) // 10 * 10]


def trailing_fourier(bars: Bars) -> FloatArray:
    """The last value of the slow waves of the last bars."""
    found = np.full(len(bars), np.nan)
    if len(bars) >= _WINDOW:
        waves = np.fft.rfft(np.lib.stride_tricks.sliding_window_view(bars.close, _WINDOW), axis=1)
        waves[:, 8:] = 0.0
        found[_WINDOW - 1 :] = np.fft.irfft(waves, _WINDOW, axis=1)[:, -1]
    return found


def filtered_regime(bars: Bars) -> FloatArray:
    """The probability of a calm market given the returns so far (forward only)."""
    return forward_probabilities(regime_likelihoods(bars), 0.95)[:, 0]


def convolved_average(bars: Bars) -> FloatArray:
    """A trailing average by Fourier transform of all bars: the past is the same but for rounding."""
    size = len(bars) + 16
    window = np.zeros(size)
    window[:10] = 0.1
    average: FloatArray = np.fft.irfft(np.fft.rfft(bars.close, size) * np.fft.rfft(window), size)[: len(bars)]
    return average


def exponential_average(bars: Bars) -> FloatArray:
    """An average that remembers its first value for a while."""
    found = np.empty(len(bars))
    value = float(bars.close[0])
    for row, close in enumerate(bars.close):
        value += 0.1 * (float(close) - value)
        found[row] = value
    return found


def running_sum(bars: Bars) -> FloatArray:
    """On-balance volume: what it is depends on where it began, for ever."""
    moved = np.sign(np.diff(bars.close, prepend=bars.close[0]))
    return np.cumsum(moved * bars.volume)


def finished_week(bars: Bars) -> FloatArray:
    """The high of the week before, known on every day of this one."""
    _, number = np.unique(bars.time // _WEEK_NS, return_inverse=True)
    highs = np.full(number.max() + 1, -np.inf)
    np.maximum.at(highs, number, bars.high)
    before: FloatArray = np.concatenate(([np.nan], highs))[number]
    return before


def confirmed_pivots(bars: Bars) -> BoolArray:
    """Lows that no bar within three was below, told three days later."""
    found = np.zeros(len(bars), dtype=np.bool_)
    if len(bars) >= 7:
        windows = np.lib.stride_tricks.sliding_window_view(bars.low, 7)
        found[6:] = windows[:, 3] == windows.min(axis=1)
    return found


def fixed_length(bars: Bars) -> FloatArray:
    """A function that was written for one number of bars, and looks back only."""
    return np.cumsum(bars.close.reshape(300)) / np.arange(1, 301)


def weekday(bars: Bars) -> FloatArray:
    """The calendar: it depends on times and on no price."""
    days: FloatArray = (bars.time // (86_400 * 1_000_000_000) % 7).astype(np.float64)
    return days


def momentum_rank(bars: Mapping[str, Bars]) -> dict[str, FloatArray]:
    """Whether the last month was better than the mean of those that were there."""
    past = {symbol: returns_of(each.close, 20) for symbol, each in bars.items()}
    found = {}
    for symbol, each in bars.items():
        others = []
        for name, other in bars.items():
            at = np.searchsorted(other.time, each.time, side="right") - 1
            others.append(np.where(at >= 0, past[name][np.maximum(at, 0)], np.nan))
        known = np.isfinite(others)
        total = np.where(known, others, 0.0).sum(axis=0)
        found[symbol] = np.where(np.isfinite(past[symbol]), past[symbol] > total / np.maximum(known.sum(axis=0), 1), 0)
    return found


class TrailingStop(Strategy):
    """Long above an average, with a stop of its own parameter."""

    window = IntParameter(5, 50, default=20)

    def signals(self, see: Columns) -> SignalsLike:
        """Columns and parameters only, one of them computed with plain numpy."""
        above = np.asarray(see.close) > np.asarray(see.sma(int(self.window)))
        return Signals(above, stop_loss=self.window / 1_000.0)


LOOK_ALIKES: tuple[Example, ...] = (
    column("expanding_zscore", "a z-score over the bars so far", expanding_zscore),
    column("forward_fill", "a forward fill", forward_fill),
    column("trailing_fourier", "a Fourier filter over the last bars", trailing_fourier),
    column("filtered_regime", "filtered (one-sided) regime probabilities", filtered_regime),
    column("convolved_average", "a trailing average that rounds otherwise for other lengths", convolved_average),
    column("exponential_average", "an average that depends on its start for a while", exponential_average),
    column("running_sum", "a sum that depends on its start for ever", running_sum),
    column("warm_up", "no value before there are enough bars", lambda bars: returns_of(bars.close, 50)),
    column("finished_week", "the high of the last finished bar of a higher timeframe", finished_week),
    column("confirmed_pivots", "pivots told when later bars have confirmed them", confirmed_pivots),
    column("fixed_length", "a function that takes one number of bars only", fixed_length),
    column("weekday", "a column of the calendar", weekday),
    universe("momentum_rank", "instruments compared by what they did so far", momentum_rank),
    strategy("trailing_stop", "a strategy on plain arrays with a stop of its parameter", TrailingStop()),
    model("purged_model", "a model with purged labels that scales what it was fitted on", LeastSquares(), honest_data),
)
"""Everything honest that looks like a leak."""
