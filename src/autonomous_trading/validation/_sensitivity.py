"""How much of a metric is left when the parameters move a little, and which parameter moves it over the whole space.

Near a chosen set everything is told by the share of the metric that a neighbour keeps,

    kept = 1 + (neighbour - center) / |center|          (for a metric to minimise: 1 - (neighbour - center) / |center|)

which is 1 where the neighbour is as good, 0 where it is worse by as much as the center is worth, negative beyond, and
above 1 where it is better; for a center above 0 it is neighbour / center. The sign of the center does not matter: of a
loss of 1 a neighbour that loses 2 keeps 0. Multiplying the metric by a positive number changes nothing. A share of
something tiny says little: a center near 0 keeps nothing.

Over the whole space, Sobol indices split the variance of the metric: the first-order index is the share that a
parameter explains alone, the total index the share in which it has a part, interactions included.

Sources: "Variance based sensitivity analysis of model output", Saltelli et al. (2010), for the design and the
estimators, computed by scipy; Sobol (2001). The neighbourhood instead of the peak: the best of many noisy numbers is
too good on average (Smith and Winkler, "The Optimizer's Curse", 2006), while its neighbours were not picked.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import numpy as np

from autonomous_trading.core import FloatArray, IntArray, InvalidInput

_MOST_POINTS = 2**20
_ROUNDING = 1e-12
_CHUNK = 2**22
"""Numbers that a chunk of resamples may hold: 32 MiB."""


def kept_shares(center: float, neighbours: FloatArray, *, maximize: bool = True) -> FloatArray:
    """Share of the metric of the center that each neighbour keeps, [neighbours]; see the module for the formula.

    A neighbour whose metric is NaN or infinite keeps nothing at all: -inf. With a center of 0 an equal neighbour keeps
    1, a better one inf, a worse one -inf. NaN everywhere where the center itself is not finite.
    """
    values = np.asarray(neighbours, dtype=np.float64)
    if values.ndim != 1:
        raise InvalidInput(f"neighbours must be one row of numbers; got shape {list(values.shape)}", fix="flatten them")
    if not math.isfinite(center):
        return np.full(values.shape, np.nan)
    known = np.isfinite(values)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        gain = np.where(known, values - center, 0.0) * (1.0 if maximize else -1.0)
        share = np.where(gain == 0.0, 1.0, 1.0 + gain / abs(center))
    result: FloatArray = np.where(known, share, -np.inf)
    return result


def plateau_score(center: float, neighbours: FloatArray, *, maximize: bool = True) -> float:
    """What the middle neighbour keeps of the metric of the center: the median of `kept_shares`.

    1: the chosen set stands on a plateau. 0.5: on a peak twice as high as its surroundings. Above 1: its neighbours are
    better than it is. The median of the neighbours and never the best of them, which would be one more lucky peak. NaN
    without neighbours, without a center, and where the middle neighbour has no value or keeps no finite share.

    >>> round(plateau_score(1.0, np.array([0.9, 0.2, 0.8])), 2)
    0.8
    >>> plateau_score(0.2, np.array([0.25, 0.1, 0.2]), maximize=False)
    1.0
    """
    shares = kept_shares(center, neighbours, maximize=maximize)
    if not len(shares) or math.isnan(shares[0]):
        return math.nan
    low, high = np.sort(shares)[[(len(shares) - 1) // 2, len(shares) // 2]]
    middle = float(low if low == high else (low + high) / 2.0)
    return middle if math.isfinite(middle) else math.nan


def parameter_stability_score(center: float, neighbours: FloatArray, *, maximize: bool = True) -> float:
    """How much of the metric the neighbours keep on average: the mean of `kept_shares`, each put into 0 .. 1.

    1 only where every neighbour is at least as good as the center, 0 where all of them lose everything. A better
    neighbour counts 1, so that it does not hide one behind a cliff; one without a value counts 0. It is about the
    surroundings and not about worth: a set that loses money wherever it is moved is stable. NaN without neighbours or
    without a center.

    >>> round(parameter_stability_score(1.0, np.array([1.5, 0.8, -0.4])), 2)
    0.6
    """
    shares = kept_shares(center, neighbours, maximize=maximize)
    return float(np.clip(shares, 0.0, 1.0).mean()) if len(shares) else math.nan


def parameter_sensitivity(center: float, neighbours: FloatArray) -> float:
    """How much the metric moves, up or down: the mean of |neighbour - center| / |center|, each at most 1.

    0 only where nothing moves, 1 where every neighbour is off by the whole metric; one without a value counts 1.
    Together with `parameter_stability_score` it is 1 or more: exactly 1 where no neighbour is better than the center.
    NaN without neighbours or without a center.

    >>> round(parameter_sensitivity(1.0, np.array([1.5, 0.8, -0.4])), 2)
    0.57
    """
    moves = np.abs(kept_shares(center, neighbours) - 1.0)
    return float(np.minimum(moves, 1.0).mean()) if len(moves) else math.nan


@final
@dataclass(frozen=True, slots=True, eq=False)
class SobolIndices:
    """Shares of the variance of a function that its arguments explain, in their order.

    first_order: alone, [arguments]. total: in all it has a part in, [arguments]. The intervals, [arguments, 2], are
    those of the estimates at `confidence`. An estimate may miss 0 .. 1 by its error. All NaN for a function that does
    not vary by more than rounding.
    """

    first_order: FloatArray
    total: FloatArray
    first_order_interval: FloatArray
    total_interval: FloatArray
    confidence: float


def saltelli_points(dimension: int, base: int, *, seed: int = 0) -> FloatArray:
    """Where a function has to be known for `sobol_indices`: [base x (dimension + 2), dimension] in the unit cube.

    Two samples of `base` points from a scrambled Sobol sequence, and for every argument the first sample with that
    column taken from the second. `base` is a power of 2.
    """
    from scipy.stats import qmc

    if dimension < 1 or base < 2 or base & (base - 1) or base * (dimension + 2) > _MOST_POINTS:
        raise InvalidInput(
            f"base must be a power of 2 from 2 on, and base x (dimension + 2) at most {_MOST_POINTS:,}; "
            f"got base {base} and dimension {dimension}",
            fix="use base=256",
        )
    drawn = qmc.Sobol(2 * dimension, seed=np.random.default_rng(seed)).random(base)
    one, other = drawn[:, :dimension], drawn[:, dimension:]
    mixed = np.repeat(one[np.newaxis], dimension, axis=0)
    for argument in range(dimension):
        mixed[argument, :, argument] = other[:, argument]
    return np.concatenate([one, other, mixed.reshape(-1, dimension)])


def sobol_indices(
    values: FloatArray, dimension: int, *, confidence: float = 0.95, resamples: int = 500, seed: int = 0
) -> SobolIndices:
    """Sobol indices from the values of a function at `saltelli_points`, in their order.

    Intervals are quantiles of `resamples` bootstrap samples of the base points. The points of a Sobol sequence are
    spread more evenly than random ones, so the intervals are rather too wide than too narrow. Raises InvalidInput for
    values that are not finite: what stands for a missing one is the caller's to decide.

    >>> points = saltelli_points(2, 1024)
    >>> found = sobol_indices(points[:, 0] + 2.0 * points[:, 1], 2)  # variances 1 : 4
    >>> np.round(found.total, 2).tolist()
    [0.2, 0.8]
    """
    if dimension < 1 or values.ndim != 1 or not len(values) or len(values) % (dimension + 2):
        raise InvalidInput(
            f"values must be those of saltelli_points({dimension}, ...); got shape {list(values.shape)}",
            fix="evaluate the function once for every point, in order",
        )
    if not bool(np.isfinite(values).all()):
        raise InvalidInput("values must be finite", fix="say what a point without a value counts as")
    if not 0.0 < confidence < 1.0 or resamples < 2:
        raise InvalidInput(
            f"confidence must lie between 0 and 1 and resamples be at least 2; got {confidence} and {resamples}",
            fix="use confidence=0.95, resamples=500",
        )
    if np.ptp(values) <= _ROUNDING * np.abs(values).max():
        none, nowhere = np.full(dimension, np.nan), np.full((dimension, 2), np.nan)
        return SobolIndices(none, none, nowhere, nowhere, confidence)
    blocks = values.reshape(dimension + 2, -1)
    base = blocks.shape[1]
    picks = np.random.default_rng(seed).integers(base, size=(resamples, base))
    first, total = _estimates(blocks, np.concatenate([np.arange(base)[np.newaxis], picks]))
    edges = [(1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0]
    intervals = [np.quantile(each[1:], edges, axis=0).T for each in (first, total)]
    return SobolIndices(first[0], total[0], intervals[0], intervals[1], confidence)


def _estimates(blocks: FloatArray, picks: IntArray) -> tuple[FloatArray, FloatArray]:
    """First-order and total indices [samples, arguments] of the base points in `picks` [samples, base].

    scipy has a bootstrap of its own, which takes no seed; here every sample is one more output of the function.
    """
    from scipy import stats

    rows = max(4, _CHUNK // blocks.size)
    first: list[FloatArray] = []
    total: list[FloatArray] = []
    for part in np.array_split(picks, math.ceil(len(picks) / rows)):  # two rows and more: scipy fails on a lone number
        values = {"f_A": blocks[0][part], "f_B": blocks[1][part], "f_AB": blocks[2:][:, part]}
        found = stats.sobol_indices(func=values, n=part.shape[1])
        shape = (len(part), len(blocks) - 2)
        first.append(found.first_order.reshape(shape))
        total.append(found.total_order.reshape(shape))
    return np.concatenate(first), np.concatenate(total)
