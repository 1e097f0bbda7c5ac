"""Fold-wise pruning: a set that is clearly beaten on the first folds is not evaluated on the others.

After every fold but the last a set is compared with earlier sets by the objectives over the folds so far (the worst,
the middle one or the mean of them, as each objective says). It is given up when more than a share of those sets
dominate it. With one objective and a share of one half that is the median rule (Golovin et al. 2017, Vizier: A Service
for Black-Box Optimization, which Optuna's MedianPruner follows); with several, domination takes the place of "worse".
They compare the best value of a trial so far with what completed trials had there; here it is the score so far, and
sets that were given up later count, too: otherwise only the best would be left to compare with.

Compared is with sets that were told before the batch of a set was asked for, never with its own batch: what is given up
does not depend on who evaluates, in which order, or in how large tables.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, final

import numpy as np

from autonomous_trading.app._executor import Context
from autonomous_trading.app._parts import together
from autonomous_trading.app._result_constraints import ResultConstraint
from autonomous_trading.core import BoolArray, FloatArray, IntArray, metric_named, split_score

FOLDS_EVALUATED: Final = "folds_evaluated"
MOST_COMPARED: Final = 256
"""So many sets, the last ones told, are compared with."""
_TRIAL_SHARPE: Final = "sharpe_ratio"
_FOLD_COLUMN: Final = re.compile(r"fold_([1-9]\d*)_(.+)")


def fold_column(fold: int, metric: str) -> str:
    """What a metric on one fold is called among the columns of a trial; folds count from 1."""
    return f"fold_{fold}_{metric}"


def fold_columns(objectives: Sequence[str], folds: int) -> tuple[str, ...]:
    """What is recorded of every set beside its metrics: its objectives and its Sharpe ratio fold by fold."""
    metrics = dict.fromkeys((*(split_score(name)[1] for name in objectives), _TRIAL_SHARPE))
    return (*(fold_column(fold, each) for each in metrics for fold in range(1, folds + 1)), FOLDS_EVALUATED)


def fold_of(column: str) -> tuple[int, str] | None:
    """The fold and the metric of a column; None for one that is of no fold."""
    match = _FOLD_COLUMN.fullmatch(column)
    return None if match is None else (int(match[1]), match[2])


def given_up(losses: FloatArray, earlier: FloatArray, share: float, least: int) -> BoolArray:
    """Which sets of losses [n, objectives] more than a share of the earlier ones [m, objectives] dominate.

    A set dominates another when it is nowhere worse and somewhere better. Smaller is better, inf is no value; earlier
    rows with a NaN were not measured and do not count. None is given up where fewer than `least` of them count.
    """
    known = earlier[~np.isnan(earlier).any(axis=1)]
    if len(known) < max(least, 1):
        return np.zeros(len(losses), dtype=np.bool_)
    no_worse = np.ones((len(losses), len(known)), dtype=np.bool_)
    better = np.zeros((len(losses), len(known)), dtype=np.bool_)
    for own, others in zip(losses.T, known.T, strict=True):
        no_worse &= others[None, :] <= own[:, None]
        better |= others[None, :] < own[:, None]
    beaten: BoolArray = np.count_nonzero(no_worse & better, axis=1) / len(known) > share
    return beaten


def beaten_so_far(parts: Mapping[str, FloatArray], context: Context, share: float, least: int) -> BoolArray:
    """Which sets are given up after the folds in `parts`: every metric on each of them so far, [folds so far, sets].

    context: scores of earlier sets, see Reference.context.
    """
    losses, earlier = [], []
    for name, scores in context.items():
        how, metric, sign = _kind_of(name)
        losses.append(sign * together(how, metric, parts[metric]))
        earlier.append(sign * scores[:, len(parts[metric]) - 1])
    return given_up(np.stack(losses, axis=1), np.stack(earlier, axis=1), share, least)


@final
@dataclass(slots=True)
class Reference:
    """The sets told last, as those that come are compared with them.

    objectives: scores over folds, such as worst_fold_sharpe_ratio. least: sets that must have been measured on a fold
    before one is given up after it. A set that breaks a constraint is not compared with: it can beat nothing. ahead: as
    of the optimiser; batch n is compared with the batches up to n - 1 - ahead, also where later ones are told already.
    """

    objectives: tuple[str, ...]
    folds: int
    least: int
    constraints: tuple[ResultConstraint, ...] = ()
    ahead: int = 0
    _scores: dict[str, FloatArray] = field(default_factory=dict)
    _waiting: deque[Mapping[str, FloatArray]] = field(default_factory=deque)
    _asked: int = 0
    _learned: int = 0

    def context(self) -> Context | None:
        """What the next batch is compared with; None while there is too little. To be asked for once for each batch.

        For each objective its score over folds 1 .. j of every set, [sets, folds]; NaN where j was not measured,
        infinitely bad where it has no value.
        """
        while self._waiting and self._learned < self._asked - self.ahead:
            self._learn(self._waiting.popleft())
        self._asked += 1
        scores = self._scores
        measured = len(scores[self.objectives[0]]) if scores else 0
        return dict(scores) if measured >= self.least else None

    def tell(self, metrics: Mapping[str, FloatArray]) -> None:
        """Take what the sets of a batch were worth, batch by batch in trial order; those that failed say nothing."""
        self._waiting.append(metrics)

    def _learn(self, metrics: Mapping[str, FloatArray]) -> None:
        self._learned += 1
        rows = self._comparable(metrics)
        evaluated = metrics[FOLDS_EVALUATED][rows].astype(np.int64)
        for name in self.objectives:
            found = self._running(name, {column: values[rows] for column, values in metrics.items()}, evaluated)
            before = self._scores.get(name, np.empty((0, self.folds)))
            self._scores[name] = np.concatenate([before, found])[-MOST_COMPARED:]

    def _comparable(self, metrics: Mapping[str, FloatArray]) -> IntArray:
        """Rows that were measured on a fold at least and are not known to break a constraint; the last ones of them."""
        evaluated = metrics[FOLDS_EVALUATED]
        fine = evaluated >= 1.0
        for each in self.constraints:
            fine &= ~(each.broken(metrics) & (evaluated == self.folds))  # of others it is not known
        return np.flatnonzero(fine)[-MOST_COMPARED:]

    def _running(self, name: str, metrics: Mapping[str, FloatArray], evaluated: IntArray) -> FloatArray:
        how, metric, _ = _kind_of(name)
        values = np.stack([metrics[fold_column(fold, metric)] for fold in range(1, self.folds + 1)])
        scores = np.stack([together(how, metric, values[: fold + 1]) for fold in range(self.folds)], axis=1)
        scores[np.arange(self.folds)[None, :] >= evaluated[:, None]] = np.nan
        return scores


def pruned_rows(metrics: Mapping[str, FloatArray]) -> BoolArray:
    """Which sets were given up before their last fold; none where nothing is pruned."""
    folds = max((found[0] for found in map(fold_of, metrics) if found is not None), default=0)
    rows = len(next(iter(metrics.values()))) if metrics else 0
    # A set that failed has no number of folds, and was not given up.
    if not folds:
        return np.zeros(rows, dtype=np.bool_)
    return np.asarray(metrics.get(FOLDS_EVALUATED, np.full(rows, np.nan)) < folds, dtype=np.bool_)


def was_measured(names: Sequence[str], values: Sequence[float]) -> BoolArray:
    """Which values of one trial were measured: all, or those on its first folds where it was given up after them."""
    row = {name: np.array([value]) for name, value in zip(names, values, strict=True)}
    if not pruned_rows(row).any():
        return np.ones(len(names), dtype=np.bool_)
    folds = [fold_of(name) for name in names]
    return np.array([found is not None and found[0] <= row[FOLDS_EVALUATED][0] for found in folds], dtype=np.bool_)


def trial_sharpes(metrics: Mapping[str, FloatArray]) -> FloatArray:
    """The Sharpe ratio of every set; of one that was given up, what its folds say it would have been.

    That is the mean of the sets that were measured whole, and how far this one was from the mean of all sets on the
    folds it was measured on: a fold in which everything lost tells nothing about one set. A few bars make Sharpe ratios
    vary more than many do, so their variance is rather too large than too small. NaN where there is none.
    """
    pruned = pruned_rows(metrics)
    found = metrics.get(_TRIAL_SHARPE, np.full(len(pruned), np.nan)).copy()
    whole = found[~pruned & np.isfinite(found)]
    if pruned.any():
        known = [fold_of(name) for name in metrics]
        names = [fold_column(*each) for each in known if each is not None and each[1] == _TRIAL_SHARPE]
        distances = np.stack([_from_the_mean(metrics[name]) for name in names])[:, pruned]
        fine = np.isfinite(distances)
        with np.errstate(invalid="ignore"):
            mean_distances = np.where(fine, distances, 0.0).sum(axis=0) / np.count_nonzero(fine, axis=0)
        found[pruned] = mean_distances + (whole.mean() if len(whole) else 0.0)
    return found


def _from_the_mean(values: FloatArray) -> FloatArray:
    fine = np.isfinite(values)
    distances: FloatArray = values - values[fine].mean() if fine.any() else values
    return distances


def _kind_of(name: str) -> tuple[str, str, float]:
    """How an objective looks at folds, its metric, and what makes of it a number to minimise."""
    score, metric = split_score(name)
    return score.partition("_")[0], metric, -1.0 if metric_named(metric).direction == "maximize" else 1.0
