"""How long exponential means remember: the bars after which what was before weighs next to nothing."""

import math
from typing import Final

TOLERANCE: Final = 1e-6
"""What the bars before a declared memory may change a value by, as a fraction."""

_LEFT_OVER: Final = 1e-8  # oscillators divide by values that may be a hundredth of their usual size


def forgotten(decay: float, means: int = 1) -> int:
    """Bars after which a cascade of so many means with this decay has forgotten what was before.

    Their weights are those of a negative binomial distribution: fewer than `means` successes in so many trials.
    """
    if decay <= 0.0:
        return 0
    bars = math.ceil(math.log(_LEFT_OVER) / math.log(decay))
    while means > 1 and _left_over(decay, means, bars) > _LEFT_OVER:
        bars += max(1, bars // 50)
    return bars


def ema_tail(*periods: float) -> int:
    """The same for exponential means of these periods one after the other: as slow as the slowest, so many times."""
    slowest = max(periods)
    return forgotten((slowest - 1.0) / (slowest + 1.0), sum(1 for period in periods if period > 1))


def rma_tail(period: float, means: int = 1) -> int:
    """The same for Wilder's mean of weight 1 / period."""
    return forgotten(1.0 - 1.0 / period, means)


def _left_over(decay: float, means: int, bars: int) -> float:
    return sum(math.comb(bars, hit) * (1.0 - decay) ** hit * decay ** (bars - hit) for hit in range(means))
