"""NSGA-III: its directions, and the fronts it keeps spread."""

import numpy as np
import pytest

from autonomous_trading.core import FloatArray, Space
from autonomous_trading.search import NSGA2, NSGA3, Optimizer, hypervolume
from autonomous_trading.search._nsga3 import direction_partitions
from autonomous_trading.testing.objectives import BRANIN, ZDT1, Landscape, dtlz2


@pytest.mark.parametrize(
    ("n_objectives", "population", "partitions"), [(2, 40, 39), (3, 100, 12), (3, 91, 12), (5, 100, 4), (8, 4, 1)]
)
def test_as_many_directions_as_fit_the_population(n_objectives: int, population: int, partitions: int) -> None:
    assert direction_partitions(n_objectives, population) == partitions


def searched(optimizer: Optimizer, landscape: Landscape) -> FloatArray:
    values = []
    while len(batch := optimizer.ask()):
        values.append(landscape(batch))
        optimizer.tell(batch, values[-1])
    return np.concatenate(values)


def test_the_front_of_two_objectives_is_approached() -> None:
    values = searched(NSGA3(ZDT1.space, n_objectives=2, trials=5000, population=50, seed=0), ZDT1)
    assert hypervolume(values, (1.1, 1.1)) > 0.65


def test_three_objectives_are_covered_well() -> None:
    space = Space.of({f"x{k}": (0.0, 1.0) for k in range(7)})
    landscape = Landscape(space, dtlz2, best=0.0)
    values = searched(NSGA3(space, n_objectives=3, trials=3000, population=60, seed=0), landscape)
    assert hypervolume(values, (1.1, 1.1, 1.1)) > 0.7  # the whole front has 0.8074


def test_more_objectives_than_members_get_a_direction_each() -> None:
    space = Space.of({f"x{k}": (0.0, 1.0) for k in range(5)})
    optimizer = NSGA3(space, n_objectives=5, trials=24, population=4)
    while len(batch := optimizer.ask()):
        optimizer.tell(batch, space.to_unit(batch))


def test_one_objective_is_followed_too() -> None:
    assert searched(NSGA3(BRANIN.space, trials=600, seed=5), BRANIN).min() - BRANIN.best < 0.05


@pytest.mark.parametrize("kind", [NSGA2, NSGA3])
def test_results_of_others_become_parents(kind: type[NSGA2] | type[NSGA3]) -> None:
    space = ZDT1.space
    near = space.from_unit(np.random.default_rng(0).random((90, 30)) * np.r_[1.0, np.full(29, 1e-3)])
    optimizer = kind(space, n_objectives=2, trials=60, population=20, seed=0)
    optimizer.learn(near.take(slice(0, 10)), ZDT1(near.take(slice(0, 10))))
    optimizer.learn(near.take(slice(10, 90)), ZDT1(near.take(slice(10, 90))))
    assert hypervolume(ZDT1(optimizer.ask()), (1.1, 1.1)) > 0.3  # random sets have nothing here


def test_results_of_others_join_a_running_search() -> None:
    optimizer = NSGA2(ZDT1.space, n_objectives=2, trials=200, population=20, seed=0)
    first = optimizer.ask()
    optimizer.tell(first, ZDT1(first))
    near = ZDT1.space.from_unit(np.random.default_rng(0).random((30, 30)) * np.r_[1.0, np.full(29, 1e-3)])
    optimizer.learn(near, ZDT1(near))
    optimizer.learn(near.take(slice(0, 0)), np.empty((0, 2)))
    assert hypervolume(ZDT1(optimizer.ask()), (1.1, 1.1)) > 0.3
