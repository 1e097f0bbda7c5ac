"""The search that every model of the results shares: learn, look where improvement is expected, ask for that."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import final

import numpy as np

from autonomous_trading.core import FloatArray, IntArray, ParameterTable, Space
from autonomous_trading.search._acquisition import (
    log_expected_improvement,
    model_targets,
    scalarised,
    with_failures,
)
from autonomous_trading.search._candidates import Candidates, model_features
from autonomous_trading.search._optimizer import STARTUP, Learner, Turns, whole_number
from autonomous_trading.search._sampling import FeasibleSampler, row_keys

_TRIALS = 200
_ROUNDS = 50
_LARGEST_BATCH = 16
# A model learns from so many sets at most: the best half of them, and the latest.
_MOST_POINTS = 300
# A model tunes itself again when it knows a seventh more sets than at the last time.
_GROWTH = 1.15
# Points judged per proposal: anywhere, around the best sets so far, and around the best points of the round before.
_ANYWHERE = 256
_NEAR_BEST = ((0.1, 128), (0.02, 128))
_REFINEMENTS = ((0.05, 64), (0.01, 64), (0.003, 64), (0.001, 64))
_ELITE = 5


class Surrogate(ABC):
    """A model of what sets are worth, standing in for evaluating them."""

    @abstractmethod
    def fit(self, features: FloatArray, targets: FloatArray, *, tune: bool) -> None:
        """Learns targets [n] (mean 0, deviation 1) of features [n, k]; `tune`: its own settings anew as well."""

    @abstractmethod
    def predict(self, features: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean and standard deviation of the guess, each [n]."""


@final
class SurrogateSearch(Learner):
    """Seeks the largest expected improvement under a model of all results.

    `trials` sets (default 200) in batches of `batch_size` (default: a 50th of the trials, at most 16). The first
    `startup` sets (default 10), and all sets until one has a value, are random. A set that is proposed counts as
    worth what the model believes while the rest of its batch is chosen ("kriging believer", Ginsbourger et al.,
    2010). With several objectives every batch follows a random weighting of them (ParEGO, Knowles, 2006). A failed
    set counts as the worst one that did not fail. The model learns from 300 sets at most. Source of the scheme:
    Jones et al. (1998).
    """

    def __init__(
        self,
        space: Space,
        new_model: Callable[[int], Surrogate],
        *,
        n_objectives: int = 1,
        trials: int | None = None,
        seed: int = 0,
        batch_size: int | None = None,
        startup: int = STARTUP,
    ) -> None:
        self._space = space
        self._turns = Turns(n_objectives)
        self._left = whole_number(_TRIALS if trials is None else trials, "trials", least=1)
        if batch_size is None:
            batch_size = min(max(self._left // _ROUNDS, 1), _LARGEST_BATCH)
        self._batch_size = whole_number(batch_size, "batch_size", least=1)
        self._startup = whole_number(startup, "startup", least=1)
        seeds = np.random.SeedSequence(whole_number(seed, "seed", least=0)).generate_state(3)
        self._rng = np.random.default_rng(seeds[0])
        self._candidates = Candidates(space, self._rng)
        self._sampler = FeasibleSampler(space, np.random.default_rng(seeds[1]), expected=self._left)
        self._model = new_model(int(seeds[2] // 2))
        self._tuned_at = 0
        self._seen: set[bytes] = set()
        self._points = np.empty((0, space.dimension))
        self._values = np.empty((0, self._turns.n_objectives))

    def ask(self) -> ParameterTable:
        self._turns.open()
        missing = self._startup - len(self._points)
        wanted = min(missing if missing > 0 else self._batch_size, self._left)
        points = np.empty((0, self._space.dimension))
        if missing <= 0 and wanted and self._space.dimension and not np.isnan(self._values).any(axis=1).all():
            points = self._propose(wanted)
        known = self._seen.union(row_keys(self._space, self._space.from_unit(points)))
        points = np.concatenate([points, self._sampler.draw(wanted - len(points), known)])
        table = self._space.from_unit(points)
        self._left = self._left - len(table) if len(table) else 0
        return self._turns.asked(table)

    def tell(self, table: ParameterTable, values: FloatArray) -> None:
        self._remember(table, self._turns.told(table, values))

    def learn(self, table: ParameterTable, values: FloatArray) -> None:
        self._remember(table, self._turns.learned(table, values))

    def _remember(self, table: ParameterTable, told: FloatArray) -> None:
        self._seen.update(row_keys(self._space, table))
        self._points = np.concatenate([self._points, self._space.to_unit(table)])
        self._values = np.concatenate([self._values, told])

    def _propose(self, wanted: int) -> FloatArray:
        """Up to `wanted` new sets, one after the other, shape [n, dimension]."""
        points, targets = self._lesson()
        tune = len(self._points) >= _GROWTH * self._tuned_at
        self._tuned_at = len(self._points) if tune else self._tuned_at
        best = targets.min()
        taken = set(self._seen)
        self._model.fit(model_features(self._space, points), targets, tune=tune)
        proposed = np.empty((0, self._space.dimension))
        while (point := self._most_promising(points, targets, best, taken)) is not None:
            proposed = np.concatenate([proposed, point])
            if len(proposed) == wanted:
                break
            taken.update(row_keys(self._space, self._space.from_unit(point)))
            belief, _ = self._model.predict(model_features(self._space, point))
            points, targets = np.concatenate([points, point]), np.concatenate([targets, belief])
            self._model.fit(model_features(self._space, points), targets, tune=False)
        return proposed

    def _lesson(self) -> tuple[FloatArray, FloatArray]:
        """The points to learn from and what they were worth, one number each."""
        values = with_failures(self._values)
        if values.shape[1] == 1:
            worth = values[:, 0]
        else:
            worth = scalarised(values, self._rng.dirichlet(np.ones(values.shape[1])))
        rows = _lesson_rows(worth)
        return self._points[rows], model_targets(worth[rows])

    def _most_promising(
        self, points: FloatArray, targets: FloatArray, best: float, taken: set[bytes]
    ) -> FloatArray | None:
        """The new set with the largest expected improvement, shape [1, dimension]; None where none is new."""
        elite = points[np.argsort(targets, kind="stable")[:_ELITE]]
        drawn = [self._candidates.around(elite, count, scale) for scale, count in _NEAR_BEST]
        pool, scores = self._judged(np.concatenate([self._candidates.anywhere(_ANYWHERE), *drawn]), best, taken)
        for scale, count in _REFINEMENTS:
            if not len(pool):
                return None
            finer = self._judged(self._candidates.around(pool[:_ELITE], count, scale), best, taken)
            joined, scores = np.concatenate([pool, finer[0]]), np.concatenate([scores, finer[1]])
            order = np.argsort(-scores, kind="stable")[:_ELITE]
            pool, scores = joined[order], scores[order]
        return pool[:1]

    def _judged(self, points: FloatArray, best: float, taken: set[bytes]) -> tuple[FloatArray, FloatArray]:
        """The new ones among `points` and their logarithm of expected improvement, best first."""
        new = self._candidates.new(points, taken)
        if not len(new):
            return new, np.empty(0)
        scores = log_expected_improvement(*self._model.predict(model_features(self._space, new)), best)
        order = np.argsort(-scores, kind="stable")
        return new[order], scores[order]


def _lesson_rows(worth: FloatArray) -> IntArray:
    """Row numbers, ascending, of the best and of the latest results, 300 at most."""
    if len(worth) <= _MOST_POINTS:
        return np.arange(len(worth))
    best = np.argsort(worth, kind="stable")[: _MOST_POINTS // 2]
    others = np.setdiff1d(np.arange(len(worth)), best)
    return np.sort(np.concatenate([best, others[-(_MOST_POINTS - len(best)) :]]))
