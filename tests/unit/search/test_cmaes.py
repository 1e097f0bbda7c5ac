"""CMA-ES beyond the contract: precision, restarts, whole numbers and choices."""

import numpy as np
import pytest

from autonomous_trading.core import FloatArray, InvalidInput, ParameterTable, Space
from autonomous_trading.search import CMAES
from autonomous_trading.search._cmaes import _Restarts
from autonomous_trading.testing.objectives import Landscape, sphere

CUBE = Space.of({f"x{k}": (0.0, 1.0) for k in range(10)})


def searched(optimizer: CMAES, landscape: Landscape) -> tuple[FloatArray, list[int]]:
    values = []
    while len(batch := optimizer.ask()):
        values.append(landscape(batch))
        optimizer.tell(batch, values[-1])
    return np.concatenate(values), [len(each) for each in values]


def test_ten_numbers_to_nine_digits() -> None:
    values, sizes = searched(CMAES(CUBE, trials=2500, seed=1), Landscape(CUBE, sphere, 0.0))
    assert values.min() < 1e-9
    assert len(values) == 2500
    assert sizes[:3] == [1, 10, 10]


def rastrigin(points: FloatArray) -> FloatArray:
    x = 10.24 * (points - 0.37)
    total: FloatArray = (x**2 - 10.0 * np.cos(2.0 * np.pi * x) + 10.0).sum(axis=1, keepdims=True)
    return total


def test_it_starts_again_when_a_run_has_converged() -> None:
    space = Space.of({f"x{k}": (0.0, 1.0) for k in range(2)})
    values, sizes = searched(CMAES(space, trials=4000, seed=2), Landscape(space, rastrigin, 0.0))
    assert values.min() < 1e-6  # the first run ends in one of a hundred valleys
    assert max(sizes) > sizes[1]  # with a larger population later
    assert sizes.count(1) > 1  # and from another random set


def test_large_and_small_runs_take_turns_by_effort() -> None:
    restarts, rng = _Restarts(8), np.random.default_rng(0)
    assert restarts.next(rng) == (8, 1.0)
    restarts.spent(500)
    assert restarts.next(rng) == (16, 1.0)
    restarts.spent(1000)
    population, shrink = restarts.next(rng)
    assert 8 <= population <= 16
    assert 0.01 <= shrink <= 1.0
    restarts.spent(2000)
    assert restarts.next(rng) == (32, 1.0)


def test_whole_numbers_do_not_freeze() -> None:
    space = Space.of({f"n{k}": (0, 40) for k in range(5)})
    target = np.array([3.0, 37.0, 20.0, 11.0, 29.0])
    landscape = Landscape(space, lambda p: ((p - target) ** 2).sum(axis=1, keepdims=True), 0.0)
    values, _ = searched(CMAES(space, trials=800, seed=0), landscape)
    assert values.min() == 0.0


def test_choices_follow_the_better_half() -> None:
    space = Space.of({"x": (0.0, 1.0), **{f"c{k}": list("abcd") for k in range(4)}})
    wanted = "dacb"

    def wrong(table: ParameterTable) -> FloatArray:
        count = np.sum([table.column(f"c{k}") != wanted[k] for k in range(4)], axis=0)
        total: FloatArray = (count + (table.column("x") - 0.3) ** 2).reshape(-1, 1)
        return total

    best = []
    for seed in range(3):
        optimizer, found = CMAES(space, trials=500, seed=seed), []
        while len(batch := optimizer.ask()):
            found.append(wrong(batch))
            optimizer.tell(batch, found[-1])
        best.append(np.concatenate(found).min())
    assert np.median(best) < 0.01


def test_only_choices_and_one_number_work_too() -> None:
    for space in (Space.of({"c": list("abcdefgh"), "d": [True, False]}), Space.of({"x": (0.0, 1.0)})):
        optimizer, found = CMAES(space, trials=40), 0
        while len(batch := optimizer.ask()):
            optimizer.tell(batch, np.arange(float(len(batch)))[:, None])
            found += len(batch)
        assert found == min(40, space.size() or 40)


def test_several_objectives_are_sent_to_another_method() -> None:
    with pytest.raises(InvalidInput, match=r'follows one objective; got 2\. Fix: use method "nsga2"'):
        CMAES(CUBE, n_objectives=2)


@pytest.mark.parametrize(
    ("option", "value", "rule"),
    [
        ("population", 3, "population must be a whole number of at least 4"),
        ("sigma", 0.0, "sigma must be a number from 0.01 to 1; got 0.0. Fix: leave sigma out, or use 0.3"),
        ("sigma", "wide", "sigma must be a number from 0.01 to 1; got 'wide'"),
    ],
)
def test_bad_options_are_refused(option: str, value: object, rule: str) -> None:
    with pytest.raises(InvalidInput, match=rule):
        CMAES(CUBE, **{option: value})  # type: ignore[arg-type]


def test_it_starts_from_the_best_of_others() -> None:
    optimizer = CMAES(CUBE, trials=50, sigma=0.01)
    known = CUBE.from_unit(np.vstack([np.full((1, 10), 0.3), np.full((1, 10), 0.9)]))
    optimizer.learn(known, sphere(CUBE.to_unit(known)))
    assert np.abs(CUBE.to_unit(optimizer.ask()) - 0.3).max() < 0.1


def test_a_start_that_fails_is_drawn_anew() -> None:
    optimizer = CMAES(CUBE, trials=40, seed=3)
    for _ in range(3):
        failed = optimizer.ask()
        optimizer.tell(failed, np.full((1, 1), np.nan))
    fine = optimizer.ask()
    optimizer.tell(fine, sphere(CUBE.to_unit(fine)))
    assert len(optimizer.ask()) == 10


def test_a_run_that_repeats_itself_goes_on_with_several_random_sets() -> None:
    space = Space.of({"n": (1, 60)})
    landscape = Landscape(space, lambda points: np.abs(points - 40.0), best=0.0)
    values, sizes = searched(CMAES(space, trials=60), landscape)
    assert len(np.unique(values, axis=0)) > 30
    assert sum(sizes) == 60
