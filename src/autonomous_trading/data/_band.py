"""Which sound bars are too far from their neighbours to be believed: a band of robust local scale around them."""

from dataclasses import dataclass
from typing import Final, NamedTuple, final

import numpy as np

from autonomous_trading.core import BoolArray, FloatArray, IntArray, InvalidInput

__all__ = ["Band", "Verdicts", "local_scale", "verdicts"]

_CHUNK: Final = 20_000  # bars looked at together at most: memory does not grow with the history
_FEW: Final = 64  # bars looked at together behind a refusal, twice as many each time that there is none
_MAD: Final = 1.4826  # median absolute value to standard deviation, for a normal distribution
_UPPER_TENTH: Final = 1.645  # quantile 0.9 of the absolute value of a standard normal
_RANGE: Final = 0.6  # Parkinson (1980): 1 / (2 sqrt(ln 2)) of the log range is one standard deviation
_WITNESS: Final = 0.5  # of the range of the next bar, for a close: all of it hides one wild close in a hundred
_FEWEST_MOVES: Final = 0.5


@final
@dataclass(frozen=True, slots=True)
class Band:
    """How far a price may lie outside its neighbours, in local standard deviations, before its bar is put aside.

    A close is held against the close before and the open after it, an open against the close before and its own close,
    a high or low against all of them. A price that moved and stayed is beside its neighbours and never an outlier, so a
    crash is none; one that comes back at once is. Highs and lows have more room, because markets do reach such prices
    for a moment. `window` and `long_window` count the bars before, from which the scale is taken: bars that were put
    aside are not among them.

    How the scale of a close is made was chosen on simulated markets and on real bars of before 2010, and is measured on
    others: `proofs/data/bad_ticks.py` says which.
    """

    close: float = 6.0
    open: float = 10.0
    wick: float = 25.0
    window: int = 20
    long_window: int = 50

    def __post_init__(self) -> None:
        if min(self.close, self.open, self.wick) <= 0.0 or not 2 <= self.window <= self.long_window:
            raise InvalidInput(
                f"a band of {self.close}, {self.open}, {self.wick} over {self.window} and {self.long_window} bars",
                fix="give positive widths and windows of at least 2 bars, the shorter one first",
            )

    @property
    def reach(self) -> int:
        """How many believed bars before a bar its verdict looks at, at most: one more than it has moves to look at."""
        return self.long_window + 1


class Verdicts(NamedTuple):
    """What the band says of bars: which are outside it and refused, and which are outside it without a witness."""

    refused: BoolArray
    doubtful: BoolArray


class _Scales(NamedTuple):
    """One standard deviation of a bar's log return, of two kinds: as it just was, and as busy bars show it."""

    recent: FloatArray
    busy: FloatArray


def verdicts(prices: FloatArray, band: Band, *, believed: int = 0, witnessed: BoolArray | None = None) -> Verdicts:
    """The verdict on each bar. `prices` has the rows open, high, low, close, in order of time.

    A verdict looks at the believed bars before, the bar, and the next one, its witness; at nothing else. The first
    `believed` bars are believed already and not judged; of the others, those count that were not refused. A witness can
    only clear a bar: a bad price is alone, so where the next bar opens there, or moves as far, the market is moving.
    So who saw bars one by one, and withheld a doubtful one until the next, comes to the same verdicts.

    `witnessed` says which bars have a next one that counts (default: all but the last). A bar outside the band without
    one is doubtful, and not refused. The first `window` bars are not judged, nor is a bar before which the market
    hardly moved. Time is linear in the number of bars, also where many are refused.
    """
    n_bars = prices.shape[1]
    log = np.log(prices)
    has = np.arange(n_bars) < n_bars - 1 if witnessed is None else witnessed & (np.arange(n_bars) < n_bars - 1)
    after = np.where(has, np.append(log[0, 1:], np.nan), np.nan)
    moved = np.where(has, np.append((log[1] - log[2])[1:], np.nan), np.nan)
    outside = np.zeros(n_bars, dtype=np.bool_)
    trusted = np.arange(max(0, believed - band.reach), believed, dtype=np.int64)
    at, size = believed, _FEW
    while at < n_bars:
        stop = min(at + size, n_bars)
        rows = np.concatenate((trusted, np.arange(at, stop, dtype=np.int64)))
        far = _outside(log, rows, after, moved, band)[len(trusted) :]
        refused = np.flatnonzero(far & has[at:stop])
        good = int(refused[0]) if len(refused) else stop - at
        trusted = rows[: len(trusted) + good][-band.reach :]
        done = min(at + good + 1, stop)
        outside[at:done] = far[: done - at]
        at, size = done, _FEW if len(refused) else min(2 * size, _CHUNK)
    return Verdicts(outside & has, outside & ~has)


def _outside(log: FloatArray, rows: IntArray, after: FloatArray, moved: FloatArray, band: Band) -> BoolArray:
    """Which of these rows leave the band, each with the one before it as the bar before."""
    open_, high, low, close = log[:, rows]
    before, after = np.concatenate(([np.nan], close[:-1])), after[rows]
    scales = _scales(log[:, rows], band)
    near = np.fmax(scales.recent, _WITNESS * _RANGE * np.nan_to_num(moved[rows]))
    wide = np.fmax(np.fmax(scales.recent, scales.busy), _RANGE * np.nan_to_num(moved[rows]))
    judged = ~np.isnan(scales.recent)
    highest, lowest = np.maximum(open_, close), np.minimum(open_, close)
    far = _beyond(close, before, after) > band.close * near
    far |= _beyond(open_, before, close) > band.open * wide
    far |= high - np.fmax(highest, np.fmax(before, after)) > band.wick * wide
    far |= np.fmin(lowest, np.fmin(before, after)) - low > band.wick * wide
    return far & judged


def local_scale(prices: FloatArray, band: Band) -> FloatArray:
    """One standard deviation of a bar's log return as the bars before it show it; NaN where they do not.

    The largest of three robust measures: the median absolute return and the median range over `window` bars, and the
    upper tenth of absolute returns over `long_window`, which keeps the busy hours of a day in sight at a quiet one.
    """
    scales = _scales(np.log(prices), band)
    return np.where(np.isnan(scales.recent), np.nan, np.fmax(scales.recent, scales.busy))


def _scales(log: FloatArray, band: Band) -> _Scales:
    """Both scales at each bar from the bars before it; `recent` is NaN where the market hardly moved."""
    n_bars = log.shape[1]
    size = np.abs(np.diff(log[3], prepend=log[0, :1]))
    ranges = log[1] - log[2]
    recent, busy = np.full(n_bars, np.nan), np.full(n_bars, np.nan)
    for start in range(band.window, n_bars, _CHUNK):
        stop = min(start + _CHUNK, n_bars)
        steps, spans = _windows(size, start, stop, band.window), _windows(ranges, start, stop, band.window)
        scale = np.maximum(_MAD * np.median(steps, axis=1), _RANGE * np.median(spans, axis=1))
        moving = np.mean((steps > 0.0) | (spans > 0.0), axis=1) >= _FEWEST_MOVES
        recent[start:stop] = np.where(moving & (scale > 0.0), scale, np.nan)
        first = max(start, band.long_window)
        if first < stop:
            tenth = np.quantile(_windows(size, first, stop, band.long_window), 0.9, axis=1)
            busy[first:stop] = tenth / _UPPER_TENTH
    return _Scales(recent, busy)


def _windows(values: FloatArray, start: int, stop: int, length: int) -> FloatArray:
    """The `length` values before each position from `start` to `stop`, one row each."""
    return np.lib.stride_tricks.sliding_window_view(values[start - length : stop - 1], length)


def _beyond(value: FloatArray, one: FloatArray, other: FloatArray) -> FloatArray:
    """How far a value lies outside two others, or away from the one that is there; negative between them."""
    return np.maximum(value - np.fmax(one, other), np.fmin(one, other) - value)
