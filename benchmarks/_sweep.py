"""The sweep every engine here is timed on: all pairs of 40 moving averages, with stops and costs, statistics only."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, final

import numpy.typing as npt

import autonomous_trading as at
from autonomous_trading.testing import random_walk

PAIRS: Final = 780  # of the windows 5, 10 .. 200, the fast one shorter than the slow one
MANY_BARS: Final = 100_000
FEW_BARS: Final = 5_000
STOP_LOSS: Final = 0.02
TAKE_PROFIT: Final = 0.05
COMMISSION: Final = 0.0005
SLIPPAGE: Final = 0.0002
METRICS: Final = ("total_return", "sharpe_ratio", "max_drawdown", "win_rate")
VOLATILITY: Final = 0.005  # of one hour: events are about as frequent as on a lively market


class SmaCross(at.Strategy):
    """Long while the fast average is above the slow one."""

    fast = at.IntParameter(5, 200, default=10, step=5)
    slow = at.IntParameter(5, 200, default=50, step=5)

    def constraint(self) -> bool:
        return self.fast < self.slow

    def signals(self, see: at.Columns) -> at.Expression:
        return see.sma(self.fast) > see.sma(self.slow)


def hourly_bars(n: int) -> at.Bars:
    """The same synthetic hourly bars in every run."""
    return random_walk(n, seed=20, volatility=VOLATILITY, timeframe="1h")


def question_of(bars: at.Bars) -> dict[str, npt.ArrayLike]:
    """Bars, costs and exits as a peer is asked with them."""
    return {
        "time": bars.time,
        "open": bars.open,
        "high": bars.high,
        "low": bars.low,
        "close": bars.close,
        "stop_loss": STOP_LOSS,
        "take_profit": TAKE_PROFIT,
        "commission": COMMISSION,
        "slippage": SLIPPAGE,
    }


def sweep(bars: at.Bars, threads: int) -> at.Study:
    """All pairs through the public door, on all bars."""
    return at.optimize(
        SmaCross,
        bars,
        objectives=["sharpe_ratio"],
        method="grid",
        costs=at.Costs(commission=COMMISSION, slippage=SLIPPAGE),
        exits=at.Exits(stop_loss=STOP_LOSS, take_profit=TAKE_PROFIT),
        metrics=METRICS,
        train_fraction=1.0,
        threads=threads,
    )


@final
@dataclass(frozen=True, slots=True)
class Timing:
    """Wall time of each repetition in seconds, and how busy the machine was: running processes per core."""

    seconds: tuple[float, ...]
    load: float

    @property
    def median(self) -> float:
        """The middle repetition."""
        return statistics.median(self.seconds)

    @property
    def best(self) -> float:
        """The fastest repetition."""
        return min(self.seconds)

    def rate(self, n_bars: int, seconds: float) -> float:
        """Bar evaluations a second: parameter sets x bars."""
        return PAIRS * n_bars / seconds


def timed(work: Callable[[], object], repetitions: int) -> Timing:
    """Time some work after one call that is not counted (it compiles, or loads what was compiled)."""
    work()
    seconds = []
    for _ in range(repetitions):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return Timing(tuple(seconds), os.getloadavg()[0] / (os.cpu_count() or 1))
