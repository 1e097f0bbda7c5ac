"""TPE and NSGA-II beyond the contract: batches, constraints, failures, unordered choices."""

import logging

import numpy as np
import pytest

from autonomous_trading.core import FloatArray, ParameterTable, Space
from autonomous_trading.search import NSGA2, Optimizer, TPESearch, hypervolume, make_optimizer
from autonomous_trading.testing.contracts.optimizers import constrained
from autonomous_trading.testing.objectives import BRANIN, SPHERE, ZDT1, Landscape


def searched(optimizer: Optimizer, landscape: Landscape) -> tuple[FloatArray, list[int]]:
    values = []
    while len(batch := optimizer.ask()):
        values.append(landscape(batch))
        optimizer.tell(batch, values[-1])
    return np.concatenate(values), [len(each) for each in values]


def test_tpe_starts_with_random_sets_and_goes_on_in_batches() -> None:
    _, sizes = searched(TPESearch(BRANIN.space, trials=30, startup=7, batch_size=4), BRANIN)
    assert sizes == [7, 4, 4, 4, 4, 4, 3]  # no longer than a batch, no more than the trials


@pytest.mark.parametrize(("trials", "batch"), [(20, 1), (400, 8), (5000, 16)])
def test_tpe_batches_grow_with_the_trials(trials: int, batch: int) -> None:
    optimizer = TPESearch(BRANIN.space, trials=trials, startup=2)
    first = optimizer.ask()
    optimizer.tell(first, BRANIN(first))
    assert len(optimizer.ask()) == batch


def test_tpe_finds_a_minimum_of_branin() -> None:
    values, _ = searched(TPESearch(BRANIN.space, trials=100, seed=0), BRANIN)
    assert values.min() - BRANIN.best < 0.5


def test_tpe_avoids_what_failed() -> None:
    def half_fails(points: FloatArray) -> FloatArray:
        values: FloatArray = ((points[:, 1:] - 0.6) ** 2).sum(axis=1, keepdims=True)
        values[points[:, 0] > 0.5] = np.nan
        return values

    landscape = Landscape(SPHERE.space, half_fails, best=0.0)
    values, _ = searched(TPESearch(landscape.space, trials=80, seed=1), landscape)
    assert np.isnan(values[:10]).mean() > 0.3
    assert np.isnan(values[-40:]).mean() < 0.2
    assert np.nanmin(values) < 0.02


def test_tpe_goes_on_at_random_where_the_model_repeats_itself() -> None:
    space = Space.of({"n": (1, 120)})
    landscape = Landscape(space, lambda points: np.abs(points - 40.0), best=0.0)
    values, sizes = searched(TPESearch(space, trials=100, seed=1, batch_size=10), landscape)
    assert sizes == [10] * 10
    assert values.min() == 0.0


def test_tpe_leaves_the_logging_of_optuna_as_it_was() -> None:
    optuna_logger = logging.getLogger("optuna")
    searched(TPESearch(BRANIN.space, trials=12), BRANIN)
    before = optuna_logger.level, list(optuna_logger.handlers)
    optuna_logger.setLevel(logging.DEBUG)
    try:
        searched(TPESearch(BRANIN.space, trials=12), BRANIN)
        assert optuna_logger.level == logging.DEBUG
    finally:
        optuna_logger.setLevel(before[0])
    assert (optuna_logger.level, optuna_logger.handlers) == before


@pytest.mark.parametrize(("trials", "population"), [(100, 20), (2000, 40), (20_000, 100)])
def test_nsga2_generations_grow_with_the_trials(trials: int, population: int) -> None:
    assert len(NSGA2(BRANIN.space, trials=trials).ask()) == population


def test_nsga2_fills_every_generation_in_spite_of_the_constraint() -> None:
    space = constrained()
    optimizer = NSGA2(space, trials=210, population=40, seed=2)
    sizes = []
    while len(batch := optimizer.ask()):
        optimizer.tell(batch, (batch.column("fast") - batch.column("slow")).reshape(-1, 1).astype(np.float64))
        sizes.append(len(batch))
    assert sizes == [40, 40, 40, 40, 40, 10]


def test_nsga2_approaches_the_front() -> None:
    values, _ = searched(NSGA2(ZDT1.space, n_objectives=2, trials=5000, population=50, seed=0), ZDT1)
    assert hypervolume(values, (1.1, 1.1)) > 0.7
    assert hypervolume(values[:50], (1.1, 1.1)) == 0.0


LETTERS = Space.of({f"c{k}": list("abcdefgh") for k in range(5)})


def letters_wrong(table: ParameterTable) -> FloatArray:
    wrong = [table.column(name) != letter for name, letter in zip(LETTERS.names, "hahcg", strict=True)]
    count: FloatArray = np.sum(wrong, axis=0).reshape(-1, 1).astype(np.float64)
    return count


@pytest.mark.parametrize(("method", "trials"), [("tpe", 200), ("nsga2", 600)])
def test_choices_are_tried_in_any_order(method: str, trials: int) -> None:
    """Two of three seeds find the one right combination of 32,768, although neighbours in the list mean nothing."""
    best = []
    for seed in range(3):
        optimizer, found = make_optimizer(method, LETTERS, trials=trials, seed=seed), []
        while len(batch := optimizer.ask()):
            found.append(letters_wrong(batch))
            optimizer.tell(batch, found[-1])
        best.append(np.concatenate(found).min())
    assert np.median(best) == 0.0


@pytest.mark.parametrize("method", ["tpe", "nsga2"])
def test_a_batch_of_failures_first_is_recovered_from(method: str) -> None:
    optimizer = make_optimizer(method, SPHERE.space, trials=200, seed=3)
    best, batches = np.inf, 0
    while len(batch := optimizer.ask()):
        values = SPHERE(batch) if batches else np.full((len(batch), 1), np.nan)
        best, batches = min(best, np.nan_to_num(values, nan=np.inf).min()), batches + 1
        optimizer.tell(batch, values)
    assert best < 0.01
