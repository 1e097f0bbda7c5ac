"""How many different things were tried? A thousand sets that do the same on the same days are not a thousand ideas.

Sets are put together from the bottom up, the closest two groups first, as long as the sets of the two correlate on
average with the correlation asked for. What is left are groups; their number is the effective number of trials. It is
shown beside the count of all sets and never instead of it: each of them could have been picked.

Source: Lopez de Prado and Lewis, "Detection of False Investment Strategies using Unsupervised Learning Methods" (2019),
who cluster by correlation as well; the fixed cut is ours, because it means the same in every search.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from autonomous_trading.core import FloatArray, IntArray, InvalidInput

_MOST_SETS = 10_000


class EffectiveTrials(NamedTuple):
    """The number of groups, the group of every set (-1: it never moved), and what the groups earned.

    `average_correlation` is the mean over all pairs of sets. `variance` is that of the groups' Sharpe ratios per
    period, each of the mean return of its sets: what deflating by `number` goes with. NaN where there are fewer than
    two.
    """

    number: int
    groups: IntArray
    average_correlation: float
    variance: float


def effective_trials(returns: FloatArray, *, correlation: float = 0.7) -> EffectiveTrials:
    """Groups of sets whose returns [periods, sets] correlate with each other, `correlation` and more on average.

    Raises InvalidInput for returns that are not finite, and for more than 10,000 sets.

    >>> rng = np.random.default_rng(1)
    >>> ideas = np.repeat(rng.normal(size=(500, 3)), 20, axis=1)
    >>> effective_trials(ideas + 0.3 * rng.normal(size=ideas.shape)).number
    3
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    if not 0.0 < correlation < 1.0:
        raise InvalidInput(f"correlation must lie between 0 and 1, got {correlation}", fix="use 0.7")
    if returns.ndim != 2 or len(returns) < 3 or not 1 <= returns.shape[1] <= _MOST_SETS:
        raise InvalidInput(
            f"returns must be [periods, sets] with up to {_MOST_SETS:,} sets, got shape {returns.shape}",
            fix="pass a column per set; of more sets a random part",
        )
    if not bool(np.isfinite(returns).all()):
        raise InvalidInput("returns must be finite", fix="leave out sets that failed")
    groups = np.full(returns.shape[1], -1, dtype=np.int64)
    moving = np.flatnonzero(np.ptp(returns, axis=0) > 0.0)
    if len(moving) < 2:
        groups[moving] = 0
        return EffectiveTrials(len(moving), groups, math.nan, math.nan)
    between = np.clip(np.corrcoef(returns[:, moving], rowvar=False), -1.0, 1.0)
    np.fill_diagonal(between, 1.0)
    distances = squareform(1.0 - (between + between.T) / 2.0, checks=False)
    tree = linkage(distances, method="average")
    groups[moving] = fcluster(tree, 1.0 - correlation, criterion="distance").astype(np.int64) - 1
    number = int(groups.max()) + 1
    return EffectiveTrials(number, groups, float(1.0 - distances.mean()), _variance(returns, groups, number))


def _variance(returns: FloatArray, groups: IntArray, number: int) -> float:
    if number < 2:
        return math.nan
    together = np.column_stack([returns[:, groups == group].mean(axis=1) for group in range(number)])
    deviation = together.std(axis=0, ddof=1)
    moved = deviation > 0.0
    sharpes = together.mean(axis=0)[moved] / deviation[moved]
    return float(sharpes.var(ddof=1)) if len(sharpes) > 1 else math.nan
