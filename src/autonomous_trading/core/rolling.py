"""Rolling and exponential statistics of one column: causal, exact on prefixes, a few passes for any window.

The value at bar t is computed from bars t - n + 1 .. t in an order that depends on n alone, never on how
many bars there are: f(x[:t])[t - 1] equals f(x)[t - 1] bit for bit. A window is merged from blocks of 1, 2,
4, ... bars, each computed once for all bars from two half blocks, so a window of 500 takes 16 passes
instead of 500, and rounding errors grow with log n. The first n - 1 values are NaN, and so is every window
that holds a NaN.
"""

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from autonomous_trading.core._arrays import FloatArray
from autonomous_trading.core.errors import InvalidExpression

# What is known about the blocks of one size: entry i of every array describes the block that starts at bar i.
_Blocks: TypeAlias = tuple[FloatArray, ...]
# (older blocks, their size, newer blocks that follow them, their size) -> the joined blocks.
_Merge: TypeAlias = Callable[[_Blocks, int, _Blocks, int], _Blocks]


def whole_number(value: float | str, what: str) -> int:
    """Get `value` as an int, or InvalidExpression naming `what`; floats that are whole numbers pass."""
    if isinstance(value, str) or not math.isfinite(value) or value != int(value):
        raise InvalidExpression(
            f"{what} is a number of bars and must be whole, got {value!r}",
            fix="use // instead of /, or np.floor(...)",
        )
    return int(value)


def checked_lag(value: float | str, what: str) -> int:
    """Get a number of bars to look back, 0 or more."""
    lag = whole_number(value, what)
    if lag < 0:
        raise InvalidExpression(
            f"{what} by {lag} bars would read the future", fix="use a positive number of bars: it looks back"
        )
    return lag


def checked_window(value: float | str, what: str) -> int:
    """Get a window length in bars, 1 or more."""
    window = whole_number(value, what)
    if window < 1:
        raise InvalidExpression(f"{what} needs a window of at least 1 bar, got {window}", fix="use 1 or more")
    return window


def checked_span(value: float | str, what: str) -> float:
    """Get the span of an exponential mean, 1 bar or more and not necessarily whole."""
    if isinstance(value, str) or not math.isfinite(value) or value < 1:
        raise InvalidExpression(f"{what} needs a span of at least 1 bar, got {value!r}", fix="use 1 or more")
    return float(value)


def shift(values: FloatArray, bars: float) -> FloatArray:
    """The value `bars` bars ago; NaN before there is one."""
    lag = checked_lag(bars, "shift")
    out = np.full(len(values), np.nan)
    if lag < len(values):
        out[lag:] = values[: len(values) - lag]
    return out


def rolling_sum(values: FloatArray, window: float) -> FloatArray:
    """Sum of the last `window` values."""
    return _rolled(values, checked_window(window, "rolling_sum"), _sums)


def rolling_mean(values: FloatArray, window: float) -> FloatArray:
    """Mean of the last `window` values; exactly c where all of them are c."""
    return _rolled(values, checked_window(window, "rolling_mean"), _means)


def rolling_std(values: FloatArray, window: float, ddof: float) -> FloatArray:
    """Standard deviation of the last `window` values with divisor window - ddof; exactly 0 when equal.

    Merged with the updates of Chan, Golub and LeVeque (1979), which do not cancel as a difference of sums
    does.
    """
    length = checked_window(window, "rolling_std")
    lost = whole_number(ddof, "the ddof of rolling_std")
    if not 0 <= lost < length:
        raise InvalidExpression(
            f"rolling_std with ddof={lost} needs a window longer than {max(lost, 0)} bars, got {length}",
            fix="use a longer window, or ddof=0",
        )
    return _rolled(values, length, lambda x, n: np.sqrt(_means_and_squares(x, n)[1] / (n - lost)))


def rolling_min(values: FloatArray, window: float) -> FloatArray:
    """Smallest of the last `window` values."""
    length = checked_window(window, "rolling_min")
    return _rolled(values, length, lambda x, n: _extremes(x, n, np.minimum))


def rolling_max(values: FloatArray, window: float) -> FloatArray:
    """Largest of the last `window` values."""
    length = checked_window(window, "rolling_max")
    return _rolled(values, length, lambda x, n: _extremes(x, n, np.maximum))


def rolling_median(values: FloatArray, window: float) -> FloatArray:
    """Median of the last `window` values; the mean of the middle two for an even window."""
    return _rolled(values, checked_window(window, "rolling_median"), _medians)


def zscore(values: FloatArray, window: float) -> FloatArray:
    """Distance from the rolling mean in rolling standard deviations (ddof 0); NaN when all are equal."""

    def scores(x: FloatArray, n: int) -> FloatArray:
        mean, squares = _means_and_squares(x, n)
        return (x[n - 1 :] - mean) / np.sqrt(squares / n)

    return _rolled(values, checked_window(window, "zscore"), scores)


def rolling_regression(
    x: FloatArray, y: FloatArray, window: float, *, rounding: float = 0.0
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Slope, intercept and correlation of y on x over the last `window` bars.

    NaN where x does not vary, and the correlation also where y does not: where the deviation is no more than what the
    mean is rounded to, or than `rounding` times 1 + |mean|. Differences carry the rounding of what was subtracted,
    which their own size does not tell: give a `rounding` for them. Merged from blocks as `rolling_std` is, so products
    do not cancel as differences of sums do.
    """
    length = checked_window(window, "rolling_regression")
    slope, intercept, correlation = (np.full(len(x), np.nan) for _ in range(3))
    if length > len(x):
        return slope, intercept, correlation
    with np.errstate(all="ignore"):
        mean_x, mean_y, xx, xy, yy = _means_and_products(x + 0.0, y + 0.0, length)
        # A series that does not vary leaves nothing but the rounding of its mean.
        xx = np.where(xx > _rounding_squares(mean_x, length, rounding), xx, np.nan)
        yy = np.where(yy > _rounding_squares(mean_y, length, rounding), yy, np.nan)
        slope[length - 1 :] = xy / xx
        intercept[length - 1 :] = mean_y - xy / xx * mean_x
        correlation[length - 1 :] = np.clip(xy / np.sqrt(xx * yy), -1.0, 1.0)
    return slope, intercept, correlation


def _rounding_squares(mean: FloatArray, length: int, rounding: float) -> FloatArray:
    """The most that a sum of squared distances from the mean may be by rounding alone."""
    least = np.maximum(1e-14 * np.abs(mean), rounding * (1.0 + np.abs(mean)))
    return np.asarray(length * least * least)


def ewm_mean(values: FloatArray, span: float) -> FloatArray:
    """Exponential mean: y += weight * (x - y) on every bar, weight 2 / (span + 1), from the first x.

    A NaN gives NaN and leaves the mean as it was, so an input may warm up or pause. NaN until `span` values
    were seen.
    """
    checked = checked_span(span, "ewm_mean")
    # Imported where it is used: scipy.signal takes longer to import than everything else here together.
    from scipy.signal import lfilter

    seen = np.flatnonzero(~np.isnan(values))
    out = np.full(len(values), np.nan)
    warm_up = math.ceil(checked) - 1
    if len(seen) > warm_up:
        first = values[seen[0]]
        weight = 2.0 / (checked + 1.0)
        # Measured from the first value, the filter starts at rest and a constant input comes out exactly
        # constant.
        filtered = lfilter([weight], [1.0, weight - 1.0], values[seen] - first) + first
        out[seen[warm_up:]] = filtered[warm_up:]
    return out


def _rolled(values: FloatArray, window: int, statistic: Callable[[FloatArray, int], FloatArray]) -> FloatArray:
    """Full-length result of `statistic`, which answers for the bars from the first whole window on."""
    out = np.full(len(values), np.nan)
    if window <= len(values):
        with np.errstate(all="ignore"):
            # + 0.0 turns -0.0 into 0.0: which zero a minimum returns would otherwise depend on the vector
            # unit.
            out[window - 1 :] = statistic(values + 0.0, window)
    return out


def _sums(values: FloatArray, window: int) -> FloatArray:
    return _merged((values,), window, lambda old, _, new, __: (old[0] + new[0],))[0]


def _means(values: FloatArray, window: int) -> FloatArray:
    def merge(old: _Blocks, old_size: int, new: _Blocks, new_size: int) -> _Blocks:
        return (old[0] + (new[0] - old[0]) * (new_size / (old_size + new_size)),)

    return _merged((values,), window, merge)[0]


def _means_and_squares(values: FloatArray, window: int) -> _Blocks:
    """Mean, and sum of squared distances from it, of every window."""

    def merge(old: _Blocks, old_size: int, new: _Blocks, new_size: int) -> _Blocks:
        size = old_size + new_size
        gap = new[0] - old[0]
        mean = old[0] + gap * (new_size / size)
        return mean, old[1] + new[1] + gap * gap * (old_size * new_size / size)

    return _merged((values, values - values), window, merge)


def _means_and_products(x: FloatArray, y: FloatArray, window: int) -> _Blocks:
    """Means of x and y, and sums of the products of their distances from them: xx, xy, yy, of every window."""

    def merge(old: _Blocks, old_size: int, new: _Blocks, new_size: int) -> _Blocks:
        size = old_size + new_size
        gap_x, gap_y = new[0] - old[0], new[1] - old[1]
        share, weight = new_size / size, old_size * new_size / size
        return (
            old[0] + gap_x * share,
            old[1] + gap_y * share,
            old[2] + new[2] + gap_x * gap_x * weight,
            old[3] + new[3] + gap_x * gap_y * weight,
            old[4] + new[4] + gap_y * gap_y * weight,
        )

    # Nothing but a missing value is not 0 after it is taken from itself.
    return _merged((x, y, x - x, (x - x) + (y - y), y - y), window, merge)


def _merged(blocks: _Blocks, window: int, merge: _Merge) -> _Blocks:
    """Join blocks of one bar into windows: one block per bit of `window`, the smallest the newest."""
    size, joined_size = 1, 0
    joined: _Blocks = ()
    while True:
        if window & size:
            if joined_size:
                older = tuple(part[: len(part) - joined_size] for part in blocks)
                newer = tuple(part[size:] for part in joined)
                joined = merge(older, size, newer, joined_size)
            else:
                joined = blocks
            joined_size += size
        if joined_size == window:
            return joined
        older = tuple(part[: len(part) - size] for part in blocks)
        newer = tuple(part[size:] for part in blocks)
        blocks, size = merge(older, size, newer, size), 2 * size


def _extremes(values: FloatArray, window: int, pick: np.ufunc) -> FloatArray:
    """Smallest or largest of every window: two blocks that may overlap cover it."""
    size = 1
    while 2 * size <= window:
        values, size = pick(values[: len(values) - size], values[size:]), 2 * size
    rest = window - size
    best: FloatArray = pick(values[: len(values) - rest], values[rest:]) if rest else values
    return best


def _medians(values: FloatArray, window: int) -> FloatArray:
    # Imported where it is used: scipy.ndimage is slow to import and few strategies need a median.
    from scipy.ndimage import rank_filter

    missing = np.isnan(values)
    known = np.where(missing, 0.0, values)
    lower, upper = (window - 1) // 2, window // 2

    def ranked(rank: int) -> FloatArray:
        # The origin moves the window back so that it ends at its bar; the edge mode only touches bars cut off
        # here.
        found = rank_filter(known, rank=rank, size=window, mode="nearest", origin=(window - 1) // 2)
        return np.asarray(found, dtype=np.float64)[window - 1 :]

    middle = ranked(lower)
    if upper != lower:
        middle = (middle + ranked(upper)) / 2.0
    middle[_extremes(missing.astype(np.float64), window, np.maximum) > 0.0] = np.nan
    return middle
