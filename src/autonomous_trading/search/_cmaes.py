"""CMA-ES (pycma): the method for one objective, many numbers and thousands of evaluations."""

import math
from typing import NamedTuple, final

import numpy as np

from autonomous_trading.core import BoolArray, FloatArray, IntArray, InvalidInput, ParameterTable, Space
from autonomous_trading.search._optimizer import Learner, Turns, real_number, whole_number
from autonomous_trading.search._sampling import FeasibleSampler, row_keys

_TRIALS = 2500
_SIGMA = 0.3
# The deviation of a whole or stepped number never falls below this share of its step.
_MARGIN = 0.3
# How fast the frequencies of choices follow the better half of a generation, and how much stays for chance:
# on average half a choice per set, a fifth of the sets of one parameter at most.
_LEARNING_RATE = 0.2
_REDRAWN = 0.5
_MOST_REDRAWN = 0.2
# How often infeasible sets of a generation are drawn anew, and after how many generations without a new set the
# search starts again somewhere else.
_RESAMPLINGS = 20
_STALE_GENERATIONS = 10
# What keeps pycma from printing, from its clock, from the disk and from the global random state.
_QUIET = {"verbose": -10, "verb_log": 0, "verb_disp": 0, "seed": math.nan, "signals_filename": ""}


class _Generation(NamedTuple):
    """One sample of the distribution: what pycma drew, the whole points, their names, and which are feasible."""

    drawn: list[FloatArray]
    points: FloatArray
    keys: list[bytes]
    feasible: BoolArray


@final
class CMAES(Learner):
    """A normal distribution over the unit cube that learns its shape from the better half of every generation.

    `trials` sets (default 2,500) in generations of `population` (default: 4 + 3 log(numbers)), from a random set,
    `sigma` wide at first. When a run has converged the next one starts from another random set, by turns with a
    larger population and with a small one (BIPOP); when it only repeats itself, from the best of several. One
    objective only. Whole and stepped numbers keep a deviation of a third of a step, so that neighbours stay in
    reach. Choices and booleans have no axis: each is drawn with a frequency that follows the better half, a fifth
    at most of it kept for chance. Infeasible sets are drawn anew; one that was evaluated before counts as what it
    was worth and is not handed out again.
    Sources: Hansen (2016), Hansen (2009, BIPOP), Hamano et al. (2022, the margin).
    """

    def __init__(
        self,
        space: Space,
        *,
        n_objectives: int = 1,
        trials: int | None = None,
        seed: int = 0,
        population: int | None = None,
        sigma: float = _SIGMA,
    ) -> None:
        self._space = space
        self._turns = Turns(n_objectives)
        if self._turns.n_objectives > 1:
            raise InvalidInput(
                f"CMA-ES follows one objective; got {n_objectives}",
                fix='use method "nsga2" for several objectives, or name the one that counts',
            )
        self._left = whole_number(_TRIALS if trials is None else trials, "trials", least=1)
        self._axes = _Axes(space)
        if population is None:
            population = 4 + int(3 * math.log(self._axes.width))
        self._schedule = _Restarts(whole_number(population, "population", least=4))
        self._sigma = real_number(sigma, "sigma", low=0.01, high=1.0, example="0.3")
        self._rng = np.random.default_rng(whole_number(seed, "seed", least=0))
        self._sampler = FeasibleSampler(space, self._rng, expected=self._left)
        self._known: dict[bytes, float] = {}
        self._best = (math.inf, np.empty((0, space.dimension)))
        self._start: FloatArray | None = None
        self._run: _Run | None = None
        self._generation: _Generation | None = None

    def ask(self) -> ParameterTable:
        self._turns.open()
        points = self._next_points()[: self._left]
        table = self._space.from_unit(points)
        self._left = self._left - len(table) if len(table) else 0
        return self._turns.asked(table)

    def tell(self, table: ParameterTable, values: FloatArray) -> None:
        worth = self._turns.told(table, values)[:, 0]
        self._remember(table, worth)
        self._schedule.spent(len(table))
        if self._generation is None:
            if not np.isnan(worth).all():
                self._start = self._space.to_unit(table)[np.nanargmin(worth)]
        elif self._run is not None and self._left:
            self._run.learn(self._generation, self._known)

    def learn(self, table: ParameterTable, values: FloatArray) -> None:
        self._remember(table, self._turns.learned(table, values)[:, 0])
        if self._run is None and self._start is None and len(self._best[1]):
            self._start = self._best[1]

    def _remember(self, table: ParameterTable, worth: FloatArray) -> None:
        self._known.update(zip(row_keys(self._space, table), worth.tolist(), strict=True))
        known = np.where(np.isnan(worth), np.inf, worth)
        if len(known) and known.min() < self._best[0]:
            self._best = float(known.min()), self._space.to_unit(table)[known.argmin()]

    def _next_points(self) -> FloatArray:
        """The new sets of the next generation that has some, or random sets to start a run from."""
        stale = 0
        while self._left and self._space.dimension and stale < _STALE_GENERATIONS:
            if self._run is None or self._run.converged():
                if self._start is None:
                    break
                self._run = self._new_run(self._start)
                self._start = None
            self._generation = self._run.draw(self._space)
            new = _new_rows(self._generation, self._known)
            if len(new):
                return self._generation.points[new]
            self._run.learn(self._generation, self._known)
            stale += 1
        self._run = self._generation = None
        count = self._schedule.smallest if stale else 1
        return self._sampler.draw(min(count, self._left), self._known)

    def _new_run(self, start: FloatArray) -> "_Run":
        population, shrink = self._schedule.next(self._rng)
        return _Run(self._axes, start, population, self._sigma * shrink, self._rng)


def _new_rows(generation: _Generation, known: dict[bytes, float]) -> IntArray:
    """Rows of a generation whose sets have to be evaluated, each set once."""
    first: dict[bytes, int] = {}
    for row, (key, feasible) in enumerate(zip(generation.keys, generation.feasible, strict=True)):
        if feasible and key not in known:
            first.setdefault(key, row)
    return np.array(list(first.values()), dtype=np.int64)


@final
class _Restarts:
    """Population and width of the next run: large ones doubling, small ones in between for the same effort."""

    def __init__(self, smallest: int) -> None:
        self.smallest = smallest
        self._large = smallest
        self._effort = {"large": 0, "small": 0}
        self._regime = ""

    def spent(self, evaluations: int) -> None:
        """Books evaluations on the run that goes on."""
        if self._regime:
            self._effort[self._regime] += evaluations

    def next(self, rng: np.random.Generator) -> tuple[int, float]:
        """Population, and the factor of the width; the first run is plain, the second has twice the population."""
        if not self._regime:
            self._regime = "large"
            return self.smallest, 1.0
        if self._effort["large"] <= self._effort["small"] or self._large == self.smallest:
            self._regime = "large"
            self._large *= 2
            return self._large, 1.0
        self._regime = "small"
        ratio = 0.5 * self._large / self.smallest
        return max(self.smallest, int(self.smallest * ratio ** (rng.random() ** 2))), float(10.0 ** (-2 * rng.random()))


@final
class _Axes:
    """Which axes of the cube are numbers, and how many choices the others have."""

    def __init__(self, space: Space) -> None:
        parameters = [space.parameters[name] for name in space.names]
        ordered = np.array([parameter.is_numeric for parameter in parameters], dtype=np.bool_)
        self.numbers = np.flatnonzero(ordered)
        self.choices = np.flatnonzero(~ordered)
        self.levels = [int(parameters[axis].cardinality or 1) for axis in self.choices]
        # pycma wants two axes at least: what is missing is drawn and ignored.
        self.width = max(len(self.numbers), 2)
        steps = [_MARGIN / (parameters[axis].cardinality or math.inf) for axis in self.numbers]
        self.least_deviations = np.array([*steps, 0.0, 0.0][: self.width])


@final
class _Run:
    """One run of CMA-ES from a start, with frequencies of choices beside it."""

    def __init__(self, axes: _Axes, start: FloatArray, population: int, sigma: float, rng: np.random.Generator) -> None:
        from cma import CMAEvolutionStrategy

        self._axes = axes
        self._rng = rng
        self._frequencies = [np.full(levels, 1.0 / levels) for levels in axes.levels]
        mean = np.full(axes.width, 0.5)
        mean[: len(axes.numbers)] = start[axes.numbers]
        options = {"popsize": population, "bounds": [0.0, 1.0], "minstd": axes.least_deviations, **_QUIET}
        self._strategy = CMAEvolutionStrategy(mean, sigma, {**options, "randn": self._normal})

    def converged(self) -> bool:
        """Whether pycma sees no point in going on."""
        return bool(self._strategy.stop())

    def draw(self, space: Space) -> _Generation:
        """A generation, infeasible sets drawn anew as long as that helps."""
        drawn = [np.asarray(x, dtype=np.float64) for x in self._strategy.ask()]
        points = self._whole(drawn, space.dimension)
        feasible = space.feasible(space.from_unit(points))
        for _ in range(_RESAMPLINGS):
            wrong = np.flatnonzero(~feasible)
            if not len(wrong):
                break
            again = [np.asarray(x, dtype=np.float64) for x in self._strategy.ask(len(wrong))]
            points[wrong] = self._whole(again, space.dimension)
            for row, x in zip(wrong, again, strict=True):
                drawn[row] = x
            feasible = space.feasible(space.from_unit(points))
        return _Generation(drawn, points, row_keys(space, space.from_unit(points)), feasible)

    def learn(self, generation: _Generation, known: dict[bytes, float]) -> None:
        """Moves the distribution and the frequencies towards the better half; what is not known is the worst."""
        worth = np.array([known.get(key, math.nan) for key in generation.keys])
        worth[~generation.feasible] = math.nan
        fine = ~np.isnan(worth)
        worth[~fine] = worth[fine].max() + 1.0 if fine.any() else 0.0
        self._strategy.tell(generation.drawn, worth.tolist())
        better = np.argsort(worth, kind="stable")[: max(len(worth) // 2, 1)]
        for k, (axis, levels) in enumerate(zip(self._axes.choices, self._axes.levels, strict=True)):
            positions = np.minimum((generation.points[better, axis] * levels).astype(np.int64), levels - 1)
            seen = np.bincount(positions, minlength=levels) / len(better)
            self._frequencies[k] += _LEARNING_RATE * (seen - self._frequencies[k])

    def _whole(self, drawn: list[FloatArray], dimension: int) -> FloatArray:
        """Points of the cube: numbers from pycma, choices by frequency."""
        points = np.empty((len(drawn), dimension))
        points[:, self._axes.numbers] = np.clip(np.array(drawn)[:, : len(self._axes.numbers)], 0.0, 1.0)
        chance = min(_MOST_REDRAWN, _REDRAWN / max(len(self._axes.levels), 1))
        for axis, levels, learned in zip(self._axes.choices, self._axes.levels, self._frequencies, strict=True):
            frequencies = (1.0 - chance) * learned + chance / levels
            positions = self._rng.choice(levels, size=len(drawn), p=frequencies / frequencies.sum())
            points[:, axis] = (positions + 0.5) / levels
        return points

    def _normal(self, *shape: int) -> FloatArray:
        return self._rng.standard_normal(shape)
