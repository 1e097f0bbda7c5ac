"""Choosing on some folds and trading the others, in every combination: a spread of histories instead of one.

Every set is evaluated once, on all bars; what it earned on any part is then a sum over bars. So thousands of sets are
judged on dozens of splits in a second or two.

Training folds may lie after the tested ones: the spread says how much a result depends on which years were used for
choosing. It is no simulation of live use; walk-forward is.

Source: Lopez de Prado, "Advances in Financial Machine Learning" (2018), chapter 12.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from autonomous_trading.core import FloatArray, IntArray, InvalidInput
from autonomous_trading.validation._folds import CombinatorialPurgedCV
from autonomous_trading.validation._part_scores import PartSums, existing, sharpe_ratios


@final
@dataclass(frozen=True, slots=True)
class CombinatorialChoice:
    """What was chosen on the training folds of every split, and what that earned on the tested ones.

    `chosen` [splits] are columns; -1 where no set had a Sharpe ratio. `in_sample` and `out_of_sample` [splits] are
    Sharpe ratios per period. `paths` [paths, periods] are returns of whole histories: each period is traded with a set
    that was chosen without it.
    """

    chosen: IntArray
    in_sample: FloatArray
    out_of_sample: FloatArray
    paths: FloatArray

    @property
    def path_sharpes(self) -> FloatArray:
        """Sharpe ratio per period of every path; NaN for one that never moved."""
        return sharpe_ratios(self.paths.T)

    @property
    def efficiency(self) -> float:
        """Mean Sharpe ratio out of sample over that in sample; NaN where nothing was earned in sample."""
        kept = np.isfinite(self.in_sample) & np.isfinite(self.out_of_sample)
        earned = float(self.in_sample[kept].mean()) if kept.any() else np.nan
        return float(self.out_of_sample[kept].mean()) / earned if earned > 0.0 else float("nan")


def combinatorial_choice(returns: FloatArray, folds: CombinatorialPurgedCV) -> CombinatorialChoice:
    """The best set by Sharpe ratio on the training folds of every split, and its returns on the tested folds.

    `returns` [periods, sets]: simple returns of every set, in the order of time. Of several best sets the first.
    Raises InvalidInput for returns that are not finite, and for a split without two periods to train on.

    >>> returns = np.random.default_rng(0).normal(0.0, 0.01, (600, 30))
    >>> found = combinatorial_choice(returns, CombinatorialPurgedCV(6, 2, purge=1))
    >>> found.paths.shape, len(found.chosen)
    ((5, 600), 15)
    """
    if returns.ndim != 2 or not bool(np.isfinite(returns).all()):
        raise InvalidInput(
            f"returns must be finite and [periods, sets], got shape {returns.shape}", fix="leave out sets that failed"
        )
    n = len(returns)
    splits = list(folds.folds(n))
    inside = _scores(returns, [split.train for split in splits])
    best = inside.max(axis=1)
    chosen = np.where(np.isneginf(best), -1, np.argmax(inside, axis=1))
    traded = [np.zeros(n) if column < 0 else returns[:, column] for column in chosen.tolist()]
    outside = [sharpe_ratios(each[split.test, np.newaxis])[0] for each, split in zip(traded, splits, strict=True)]
    bounds = folds.fold_bounds(n)
    paths = np.empty((folds.n_paths, n))
    for path, used in zip(paths, folds.paths, strict=True):
        for fold, split in enumerate(used.tolist()):
            span = slice(int(bounds[fold]), int(bounds[fold + 1]))
            path[span] = traded[split][span]
    return CombinatorialChoice(chosen.astype(np.int64), existing(best), np.array(outside), paths)


def _scores(returns: FloatArray, parts: list[IntArray]) -> FloatArray:
    """Sharpe ratio of every set on each part of the periods, [parts, sets]; -inf where there is none."""
    weights = np.zeros((len(parts), len(returns)))
    for row, part in zip(weights, parts, strict=True):
        if len(part) < 2:
            raise InvalidInput(
                "a split leaves fewer than two periods: purge and embargo take the rest", fix="use fewer folds"
            )
        row[part] = 1.0
    return PartSums.of(returns, np.arange(len(returns) + 1)).scores(weights)
