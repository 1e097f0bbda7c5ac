"""What instruments are compared by: columns of a panel in which every value is of its own past."""

from dataclasses import dataclass
from typing import Final, NamedTuple, final

import numpy as np

from autonomous_trading.core import BoolArray, FloatArray, InvalidInput, Panel
from autonomous_trading.data.ranking._rolling import rolling_median, rolling_sum, shifted

__all__ = ["MomentumWindow", "RankingWindows", "illiquidity", "median_turnover", "momenta", "recently_there"]

_LEAST_PRESENT: Final = 0.8
_LEAST_VOLATILITY: Final = 1e-6


class MomentumWindow(NamedTuple):
    """The return over `bars` bars, which ended `skip` bars ago."""

    bars: int
    skip: int


@final
@dataclass(frozen=True, slots=True)
class RankingWindows:
    """How many bars each component looks back; the bars are those of the common clock.

    `absent` is how long an instrument may be without a bar and still be ranked.
    """

    momentum: tuple[MomentumWindow, ...] = (
        MomentumWindow(21, 5),
        MomentumWindow(63, 5),
        MomentumWindow(126, 21),
        MomentumWindow(252, 21),
    )
    volatility: int = 126
    liquidity: int = 63
    absent: int = 5

    def __post_init__(self) -> None:
        counts = [*(window.bars for window in self.momentum), self.volatility - 1, self.liquidity, self.absent]
        skips = [window.skip for window in self.momentum]
        if not self.momentum or min(counts) < 1 or min(skips) < 0:
            raise InvalidInput(
                "windows of a ranking are one bar or more, of volatility two, and skips not negative",
                fix="use RankingWindows(momentum=((252, 21),), volatility=126, liquidity=63, absent=5)",
            )

    @property
    def longest(self) -> int:
        """How many bars a row needs before it, itself included, for every component."""
        momentum = max(bars + skip + 1 for bars, skip in self.momentum)
        return max(momentum, self.volatility + 1, self.liquidity + 1, self.absent)


def recently_there(panel: Panel, absent: int) -> BoolArray:
    """Where an instrument had a bar at the row or at one of the `absent` - 1 before it."""
    there = panel.present.copy()
    for rows in range(1, min(absent, len(panel))):
        there[:, rows:] |= panel.present[:, :-rows]
    return there


def momenta(panel: Panel, windows: RankingWindows) -> list[FloatArray]:
    """For every window the log return over it, in units of what is usual in so many bars.

    Momentum with the last bars left out: Jegadeesh and Titman (1993). Divided by realised volatility, after Barroso
    and Santa-Clara (2015), here instrument by instrument. NaN where a window or the volatility is not known, four
    fifths of its bars were not there, or nothing moved.
    """
    level = np.log(panel.close)
    usual = _volatility(panel, level, windows.volatility)
    found = []
    for bars, skip in windows.momentum:
        moved = shifted(level, skip) - shifted(level, skip + bars)
        present = shifted(rolling_sum(panel.present.astype(np.float64), bars), skip)
        known = present >= _LEAST_PRESENT * bars
        found.append(np.where(known, moved / (usual * np.sqrt(bars)), np.nan))
    return found


def median_turnover(panel: Panel, window: int) -> FloatArray:
    """The log of the median money traded in a bar, over a window; a bar that is not there traded nothing.

    NaN where the median is 0.
    """
    if window > len(panel):
        return np.full(panel.close.shape, np.nan)
    median = rolling_median(_turnover(panel), window)
    return np.log(np.where(median > 0.0, median, np.nan))


def illiquidity(panel: Panel, window: int) -> FloatArray:
    """The log of Amihud's (2002) measure: the mean of |return| per money traded, over the bars with any.

    NaN where fewer than four fifths of a window had any, or no price moved.
    """
    money = _turnover(panel)
    steps = np.abs(_steps(np.log(panel.close)))
    traded = (money > 0.0) & np.isfinite(steps)
    impact = np.where(traded, steps / np.where(traded, money, 1.0), 0.0)
    count = rolling_sum(traded.astype(np.float64), window)
    total = rolling_sum(impact, window)
    known = (count >= _LEAST_PRESENT * window) & (total > 0.0)
    return np.log(np.where(known, total / np.where(known, count, 1.0), np.nan))


def _volatility(panel: Panel, level: FloatArray, window: int) -> FloatArray:
    """The deviation of log returns of the bars that were there, over a window."""
    steps = _steps(level)
    there = panel.present & np.isfinite(steps)
    moves = np.where(there, steps, 0.0)
    count = rolling_sum(there.astype(np.float64), window)
    total, squares = rolling_sum(moves, window), rolling_sum(moves * moves, window)
    enough = np.where(count >= max(2.0, _LEAST_PRESENT * window), count, np.nan)
    variance = (squares - total * total / enough) / (enough - 1.0)
    deviation = np.sqrt(np.maximum(variance, 0.0))
    # A price that does not move has the variance of rounding; divided by it everything would be the strongest.
    return np.asarray(np.where(deviation > _LEAST_VOLATILITY, deviation, np.nan), dtype=np.float64)


def _steps(level: FloatArray) -> FloatArray:
    return np.asarray(level - shifted(level, 1), dtype=np.float64)


def _turnover(panel: Panel) -> FloatArray:
    """Money traded at every bar: close times volume, 0 where there is no bar."""
    return np.asarray(np.where(panel.present, panel.close, 0.0) * panel.volume, dtype=np.float64)
