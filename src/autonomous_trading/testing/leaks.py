"""Planted leaks: the ways research has looked ahead, each small, named, and with the check that has to find it.

    for leak in LEAKS:
        print(leak.name, leak.found())

They are shown to be found by `proofs/validation/planted_leaks.py`. What looks like one of them and is none is in
`testing.look_alikes`.
"""

from collections.abc import Mapping

import numpy as np

from autonomous_trading.app.evidence import TrainingData
from autonomous_trading.core import Bars, BoolArray, FloatArray, FloatParameter, IntArray
from autonomous_trading.strategies import Columns, Signals, SignalsLike, Strategy
from autonomous_trading.testing.examples import (
    Example,
    LeastSquares,
    column,
    forward_probabilities,
    model,
    regime_likelihoods,
    return_to_come,
    returns_of,
    strategy,
    universe,
)

__all__ = ["LEAKS"]

_HORIZON = 10
_WEEK_NS = 7 * 86_400 * 1_000_000_000


def next_close(bars: Bars) -> FloatArray:
    """shift(-1)."""
    return np.append(bars.close[1:], np.nan)


def next_open_gap(bars: Bars) -> BoolArray:
    """Whether the next bar opens higher: only the last bar has a wrong answer, and it looks like an honest no."""
    higher: BoolArray = np.append(bars.open[1:] > bars.close[:-1], False)
    return higher


def centred_average(bars: Bars) -> FloatArray:
    """rolling(5, center=True)."""
    padded = np.pad(bars.close, 2, mode="edge")
    centred: FloatArray = np.lib.stride_tricks.sliding_window_view(padded, 5).mean(axis=1)
    return centred


def whole_zscore(bars: Bars) -> FloatArray:
    """Mean and deviation of the whole sample."""
    scored: FloatArray = (bars.close - bars.close.mean()) / bars.close.std()
    return scored


def whole_range(bars: Bars) -> FloatArray:
    """Minimum and maximum of the whole sample."""
    low, high = bars.low.min(), bars.high.max()
    scaled: FloatArray = (bars.close - low) / (high - low)
    return scaled


def backward_fill(bars: Bars) -> FloatArray:
    """A value that is published every tenth bar, filled backwards."""
    rows = np.arange(len(bars))
    following = np.minimum((rows + 9) // 10 * 10, len(bars) - 1)
    filled: FloatArray = bars.close[following]
    return filled


def smoothed_regime(bars: Bars) -> FloatArray:
    """The probability of a calm market given all returns, later ones included (forward and backward)."""
    likelihoods = regime_likelihoods(bars)
    forward = forward_probabilities(likelihoods, 0.95)
    change = np.array([[0.95, 0.05], [0.05, 0.95]])
    ahead = np.ones(2)
    smoothed = np.empty(len(bars))
    for row in range(len(bars) - 1, -1, -1):
        both = forward[row] * ahead
        smoothed[row] = both[0] / both.sum()
        ahead = change @ (likelihoods[row] * ahead)
        ahead = ahead / ahead.sum()
    return smoothed


def whole_fourier(bars: Bars) -> FloatArray:
    """The slow waves of the whole sample."""
    waves = np.fft.rfft(bars.close)
    waves[10:] = 0.0
    return np.fft.irfft(waves, len(bars))


def whole_trend(bars: Bars) -> FloatArray:
    """The trend of Hodrick and Prescott (1997), which weighs bars on both sides."""
    from scipy import sparse
    from scipy.sparse.linalg import spsolve

    n = len(bars)
    if n < 3:
        return bars.close
    second = sparse.diags([1.0, -2.0, 1.0], [0, 1, 2], shape=(n - 2, n))
    trend: FloatArray = spsolve(sparse.csc_matrix(sparse.eye(n) + 1_600.0 * second.T @ second), bars.close)
    return trend


def unfinished_week(bars: Bars) -> FloatArray:
    """The high of the week, on every day of that week."""
    week = bars.time // _WEEK_NS
    _, number = np.unique(week, return_inverse=True)
    highs = np.full(number.max() + 1, -np.inf)
    np.maximum.at(highs, number, bars.high)
    return highs[number]


def pivots(bars: Bars) -> BoolArray:
    """Lows that no bar within three is below, told on the day of the low."""
    padded = np.pad(bars.low, 3, mode="edge")
    lowest: BoolArray = bars.low == np.lib.stride_tricks.sliding_window_view(padded, 7).min(axis=1)
    return lowest


def relative_to_last(bars: Bars) -> FloatArray:
    """x / x[-1]: a back-adjusted price is one."""
    adjusted: FloatArray = bars.close / bars.close[-1]
    return adjusted


def second_half(bars: Bars) -> BoolArray:
    """A rule that asks how many bars there are."""
    later: BoolArray = np.arange(len(bars)) > len(bars) // 2
    return later


def winners(bars: Mapping[str, Bars]) -> dict[str, FloatArray]:
    """Only the half of the instruments that gained most in the end."""
    gains = {symbol: each.close[-1] / each.close[0] for symbol, each in bars.items()}
    median = float(np.median(list(gains.values())))
    return {symbol: np.full(len(each), float(gains[symbol] > median)) for symbol, each in bars.items()}


def survivors(bars: Mapping[str, Bars]) -> dict[str, FloatArray]:
    """The close beside the mean of those instruments alone that are still there on the last day."""
    last = max(int(each.time[-1]) for each in bars.values())
    alive = [each for each in bars.values() if int(each.time[-1]) == last]
    found = {}
    for symbol, each in bars.items():
        total, count = np.zeros(len(each)), np.zeros(len(each))
        for other in alive:
            at = np.searchsorted(other.time, each.time, side="right") - 1
            total += np.where(at >= 0, other.close[np.maximum(at, 0)], 0.0)
            count += at >= 0
        found[symbol] = each.close * count / np.where(count > 0, total, np.nan)
    return found


def all_rows(data: TrainingData, _: int) -> IntArray:
    """Every row with a label, those of the test among them."""
    return np.flatnonzero(np.isfinite(data.features).all(axis=1) & np.isfinite(data.labels))


def honest_data(bars: Bars) -> TrainingData:
    """Two past returns, the return to come, and where each label ends."""
    features = np.column_stack([returns_of(bars.close, 1), returns_of(bars.close, 5)])
    return TrainingData(features, return_to_come(bars.close, _HORIZON), np.arange(len(bars)) + _HORIZON)


def scaled_data(bars: Bars) -> TrainingData:
    """The same with features scaled by all of their rows."""
    data = honest_data(bars)
    scaled = (data.features - np.nanmean(data.features, axis=0)) / np.nanstd(data.features, axis=0)
    return TrainingData(scaled, data.labels, data.label_end)


def overlapping_data(bars: Bars) -> TrainingData:
    """The same without a word on where labels end, so that nothing is purged."""
    data = honest_data(bars)
    return TrainingData(data.features, data.labels)


class StopOfTheSample(Strategy):
    """Long above an average, with a stop as wide as the whole sample was restless."""

    factor = FloatParameter(1.0, 5.0, default=3.0)

    def signals(self, see: Columns) -> SignalsLike:
        """An honest target, and a setting that is none."""
        restless = float(np.std(np.diff(np.log(np.asarray(see.close)))))
        return Signals(see.close > see.sma(20), stop_loss=self.factor * restless)


LEAKS: tuple[Example, ...] = (
    column("next_close", "the close of the next bar", next_close, "scramble"),
    column("next_open_gap", "the next open, right but on the last bar", next_open_gap, "scramble"),
    column("centred_average", "a centred moving average", centred_average, "scramble"),
    column("whole_zscore", "a z-score over the whole sample", whole_zscore, "scramble"),
    column("whole_range", "a min-max scale over the whole sample", whole_range, "scramble"),
    column("backward_fill", "a backward fill", backward_fill, "scramble"),
    column("smoothed_regime", "smoothed (two-sided) regime labels", smoothed_regime, "scramble"),
    column("whole_fourier", "a Fourier filter over the whole sample", whole_fourier, "scramble"),
    column("whole_trend", "a Hodrick-Prescott trend over the whole sample", whole_trend, "scramble"),
    column("unfinished_week", "the high of an unfinished higher timeframe", unfinished_week, "scramble"),
    column("pivots", "pivots told before later bars confirm them", pivots, "scramble"),
    column("relative_to_last", "an index from the end: x[-1]", relative_to_last, "scramble"),
    column("second_half", "a rule that depends on len(bars)", second_half, "truncation"),
    universe("winners", "a universe chosen by its final return", winners, "universe"),
    universe("survivors", "a universe of those that survived", survivors, "universe"),
    strategy("stop_of_the_sample", "a stop made from the whole sample", StopOfTheSample(), "scramble"),
    model("fit_on_the_test", "a model fitted on the test", LeastSquares(), honest_data, rows=all_rows, check="fit"),
    model("scaler_on_all_rows", "a scaler fitted on training and test", LeastSquares(), scaled_data, check="fit"),
    model("overlapping_labels", "labels that overlap the test", LeastSquares(), overlapping_data, check="fit"),
    model(
        "scaled_predictions",
        "predictions scaled by all rows that are predicted",
        LeastSquares(scales_what_it_predicts=True),
        honest_data,
        check="scramble",
    ),
)
"""Every planted leak."""
