"""Searches on functions with known optima, by our methods and by the libraries' own, at the same number of sets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.search import hypervolume, make_optimizer
from autonomous_trading.testing.objectives import (
    BRANIN,
    DTLZ2,
    HARTMANN6,
    ROSENBROCK10,
    SPHERE10,
    ZDT1,
    ZDT2,
    ZDT3,
    Landscape,
)

Evaluate = Callable[[FloatArray], FloatArray]
"""What points of the unit cube [n, dimension] are worth, [n, n_objectives]."""


class Problem(NamedTuple):
    """A landscape with its name and how many objectives it has."""

    name: str
    landscape: Landscape
    n_objectives: int = 1


class Case(NamedTuple):
    """One of our methods on one problem with so many sets, and the reference it is compared with."""

    problem: Problem
    method: str
    reference: str
    trials: int
    population: int | None = None


class Spread(NamedTuple):
    """The middle of several searches and the two quarters around it."""

    lower: float
    median: float
    upper: float

    @property
    def width(self) -> float:
        """The interquartile range."""
        return self.upper - self.lower


ONE: Final = (
    Problem("Branin", BRANIN),
    Problem("Hartmann6", HARTMANN6),
    Problem("sphere, 10", SPHERE10),
    Problem("Rosenbrock, 10", ROSENBROCK10),
)
SEVERAL: Final = (
    Problem("ZDT1", ZDT1, 2),
    Problem("ZDT2", ZDT2, 2),
    Problem("ZDT3", ZDT3, 2),
    Problem("DTLZ2, 3", DTLZ2, 3),
)


def spread(outcomes: list[float]) -> Spread:
    """Quartiles of what several seeds found."""
    lower, median, upper = np.percentile(outcomes, [25, 50, 75])
    return Spread(float(lower), float(median), float(upper))


def not_worse(ours: Spread, reference: Spread, n_objectives: int) -> bool:
    """Whether our median is at most the reference's interquartile range worse: more regret, or less hypervolume."""
    worse = ours.median - reference.median if n_objectives == 1 else reference.median - ours.median
    return worse <= reference.width


def ours(case: Case, seed: int) -> float:
    """Regret or hypervolume of all sets that our method evaluated."""
    problem = case.problem
    options = {} if case.population is None else {"population": case.population}
    optimizer = make_optimizer(
        case.method,
        problem.landscape.space,
        n_objectives=problem.n_objectives,
        trials=case.trials,
        seed=seed,
        options=options,
    )
    found = []
    while len(batch := optimizer.ask()):
        found.append(problem.landscape(batch))
        optimizer.tell(batch, found[-1])
    return worth(problem, np.concatenate(found))


def reference(case: Case, seed: int) -> float:
    """Regret or hypervolume of all sets that the reference evaluated."""
    space, found = case.problem.landscape.space, list[FloatArray]()

    def evaluate(unit: FloatArray) -> FloatArray:
        found.append(case.problem.landscape(space.from_unit(np.atleast_2d(unit))))
        return found[-1]

    REFERENCES[case.reference](evaluate, case, seed)
    return worth(case.problem, np.concatenate(found)[: case.trials])


def worth(problem: Problem, values: FloatArray) -> float:
    """Distance of the best from the minimum, or the hypervolume up to 1.1 in every objective."""
    if problem.n_objectives == 1:
        return float(values.min() - problem.landscape.best)
    return hypervolume(values, [1.1] * problem.n_objectives)


def _optuna(sampler: Callable[[int], Any]) -> Callable[[Evaluate, Case, int], None]:
    def search(evaluate: Evaluate, case: Case, seed: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        axes = {name: optuna.distributions.FloatDistribution(0.0, 1.0) for name in case.problem.landscape.space.names}
        study = optuna.create_study(sampler=sampler(seed))
        for _ in range(case.trials):
            trial = study.ask(dict(axes))
            study.tell(trial, float(evaluate(np.array(list(trial.params.values())))[0, 0]))

    return search


def _optuna_tpe(seed: int) -> Any:
    from optuna.samplers import TPESampler

    return TPESampler(seed=seed, multivariate=True)


def _optuna_gp(seed: int) -> Any:
    from optuna.samplers import GPSampler

    return GPSampler(seed=seed)


def _optuna_random(seed: int) -> Any:
    from optuna.samplers import RandomSampler

    return RandomSampler(seed=seed)


def _pycma(evaluate: Evaluate, case: Case, seed: int) -> None:
    """pycma's own loop with BIPOP restarts, from a random point."""
    import cma

    start = np.random.default_rng(seed).random(case.problem.landscape.space.dimension)
    options = {"bounds": [0.0, 1.0], "maxfevals": case.trials, "seed": seed + 1, "verbose": -9, "verb_log": 0}
    cma.fmin2(lambda unit: float(evaluate(unit)[0, 0]), start, 0.3, options, restarts=9, bipop=True)


def _pymoo(kind: str) -> Callable[[Evaluate, Case, int], None]:
    def search(evaluate: Evaluate, case: Case, seed: int) -> None:
        from pymoo.algorithms.moo.nsga2 import NSGA2
        from pymoo.algorithms.moo.nsga3 import NSGA3
        from pymoo.core.problem import Problem as PymooProblem
        from pymoo.optimize import minimize
        from pymoo.util.ref_dirs import get_reference_directions

        n_objectives, dimension = case.problem.n_objectives, case.problem.landscape.space.dimension

        class Wrapped(PymooProblem):  # type: ignore[misc]
            def _evaluate(self, x: FloatArray, out: dict[str, FloatArray], *_args: object, **_rest: object) -> None:
                out["F"] = evaluate(x)

        population = case.population or 100
        if kind == "nsga2":
            algorithm = NSGA2(pop_size=population)
        else:
            partitions = population - 1 if n_objectives == 2 else 12
            directions = get_reference_directions("das-dennis", n_objectives, n_partitions=partitions)
            algorithm = NSGA3(directions, pop_size=population)
        problem = Wrapped(n_var=dimension, n_obj=n_objectives, xl=0.0, xu=1.0)
        minimize(problem, algorithm, ("n_eval", case.trials), seed=seed)

    return search


REFERENCES: Final[dict[str, Callable[[Evaluate, Case, int], None]]] = {
    "Optuna random": _optuna(_optuna_random),
    "Optuna TPE": _optuna(_optuna_tpe),
    "Optuna GP": _optuna(_optuna_gp),
    "pycma BIPOP": _pycma,
    "pymoo NSGA-II": _pymoo("nsga2"),
    "pymoo NSGA-III": _pymoo("nsga3"),
}
