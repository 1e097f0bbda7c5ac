"""Searches by a model of the results: the models, what they are taught and asked, and what they find."""

import builtins
import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from autonomous_trading.core import FloatArray, InvalidInput, ParameterTable, Space
from autonomous_trading.search import METHODS, SurrogateSearch, hypervolume, make_optimizer
from autonomous_trading.search._acquisition import (
    log_expected_improvement,
    model_targets,
    scalarised,
    with_failures,
)
from autonomous_trading.search._candidates import Candidates, model_features
from autonomous_trading.search._gp import GaussianProcess
from autonomous_trading.search._random_forest import RandomForest
from autonomous_trading.search._surrogate import Surrogate, _lesson_rows
from autonomous_trading.search._xgboost import BoostedTrees
from autonomous_trading.testing.contracts.optimizers import constrained, every_kind
from autonomous_trading.testing.objectives import BRANIN, HARTMANN6, SPHERE, ZDT1, Landscape

MODELS = ("gp", "random_forest", "xgboost")


def searched(method: str, landscape: Landscape, trials: int, **rest: int) -> tuple[FloatArray, list[int]]:
    n_objectives = rest.pop("n_objectives", 1)
    optimizer = make_optimizer(
        method, landscape.space, trials=trials, n_objectives=n_objectives, seed=rest.pop("seed", 0), options=rest
    )
    values = []
    while len(batch := optimizer.ask()):
        values.append(landscape(batch))
        optimizer.tell(batch, values[-1])
    return np.concatenate(values), [len(each) for each in values]


@pytest.mark.parametrize(("method", "regret"), [("gp", 0.001), ("random_forest", 0.3), ("xgboost", 0.5)])
def test_a_minimum_of_branin_is_found(method: str, regret: float) -> None:
    values, _ = searched(method, BRANIN, 60)
    assert values.min() - BRANIN.best < regret


@pytest.mark.slow
def test_a_gaussian_process_finds_the_minimum_of_six_numbers() -> None:
    best = [searched("gp", HARTMANN6, 80, seed=seed)[0].min() - HARTMANN6.best for seed in range(3)]
    assert np.median(best) < 0.13  # the second best of the six minima


@pytest.mark.parametrize("method", MODELS)
def test_random_sets_first_and_then_batches(method: str) -> None:
    _, sizes = searched(method, BRANIN, 20, startup=7, batch_size=4)
    assert sizes == [7, 4, 4, 4, 1]


@pytest.mark.parametrize("method", MODELS)
def test_the_sets_of_a_batch_differ(method: str) -> None:
    optimizer = make_optimizer(method, BRANIN.space, trials=20, options={"startup": 8, "batch_size": 6})
    first = optimizer.ask()
    optimizer.tell(first, BRANIN(first))
    unit = BRANIN.space.to_unit(optimizer.ask())
    apart = np.linalg.norm(unit[:, None] - unit[None, :], axis=2)[np.triu_indices(6, 1)]
    assert apart.max() > 0.05
    assert apart.min() > 0.0


@pytest.mark.parametrize("method", MODELS)
def test_failures_are_avoided(method: str) -> None:
    def half_fails(points: FloatArray) -> FloatArray:
        values: FloatArray = ((points[:, 1:] - 0.6) ** 2).sum(axis=1, keepdims=True)
        values[points[:, 0] > 0.5] = np.nan
        return values

    values, _ = searched(method, Landscape(SPHERE.space, half_fails, best=0.0), 50, batch_size=2)
    assert np.isnan(values[-30:]).mean() < 0.35
    assert np.nanmin(values) < 0.02


@pytest.mark.parametrize("method", MODELS)
def test_sets_are_random_while_all_fail(method: str) -> None:
    nothing = Landscape(SPHERE.space, lambda points: np.full((len(points), 1), np.nan), best=0.0)
    values, sizes = searched(method, nothing, 24, batch_size=7)
    assert len(values) == 24
    assert sizes == [10, 7, 7]


@pytest.mark.slow
def test_a_front_is_approached_by_changing_weights() -> None:
    values, _ = searched("gp", Landscape(Space.of({f"x{k}": (0.0, 1.0) for k in range(4)}), ZDT1.values, 0.0), 60,
                         n_objectives=2)  # fmt: skip
    assert hypervolume(values, (1.1, 1.1)) > 0.5  # of 0.877; random sets have less than 0.1


@pytest.mark.nightly
@pytest.mark.parametrize("method", MODELS)
def test_the_right_choices_are_found(method: str) -> None:
    space = Space.of({f"c{k}": list("abcd") for k in range(4)})

    def wrong(table: ParameterTable) -> FloatArray:
        count = np.sum([table.column(n) != c for n, c in zip(space.names, "dacb", strict=True)], axis=0)
        values: FloatArray = count.reshape(-1, 1).astype(np.float64)
        return values

    best = []
    for seed in range(3):
        optimizer, found = make_optimizer(method, space, trials=40, seed=seed, options={"batch_size": 2}), []
        while len(batch := optimizer.ask()):
            found.append(wrong(batch))
            optimizer.tell(batch, found[-1])
        best.append(np.concatenate(found).min())
    assert np.median(best) == 0.0  # one of 256 combinations


@pytest.mark.parametrize("model", [GaussianProcess(), RandomForest(1), BoostedTrees(1)])
def test_a_model_knows_what_it_was_taught_and_is_unsure_elsewhere(model: Surrogate) -> None:
    rng = np.random.default_rng(0)
    known = rng.random((40, 2)) * [0.5, 1.0]
    targets = model_targets(np.sin(6.0 * known[:, 0]) + known[:, 1])
    model.fit(known, targets, tune=True)
    mean, deviation = model.predict(known)
    assert np.corrcoef(mean, targets)[0, 1] > 0.95
    assert (deviation >= 0.0).all()
    again = model.predict(known)
    model.fit(known, targets, tune=False)
    assert all(np.array_equal(left, right) for left, right in zip(again, model.predict(known), strict=True))


def test_a_gaussian_process_is_unsure_far_from_its_data() -> None:
    process = GaussianProcess()
    known = np.linspace(0.0, 0.4, 12)[:, None]
    process.fit(known, model_targets(np.sin(9.0 * known[:, 0])), tune=True)
    _, deviation = process.predict(np.array([[0.2], [1.0]]))
    assert deviation[1] > 20.0 * deviation[0]


def test_boosting_without_its_package_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(
        name: str,
        globals_: Mapping[str, object] | None = None,
        locals_: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> object:
        if name == "xgboost":
            raise ImportError(name)
        return real(name, globals_, locals_, fromlist, level)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InvalidInput, match=r'not installed.*Fix: pip install "autonomous-trading\[boosting\]"'):
        make_optimizer("xgboost", SPHERE.space)


@given(
    values=arrays(np.float64, st.integers(2, 30), elements=st.floats(-1e150, 1e150)),
)
def test_targets_keep_the_order_and_are_finite(values: FloatArray) -> None:
    targets = model_targets(values)
    order = np.argsort(values, kind="stable")
    assert np.isfinite(targets).all()
    assert (np.diff(targets[order]) >= 0.0).all()


def test_the_tails_of_targets_are_pulled_in() -> None:
    targets = model_targets(np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 1e12]))
    assert targets.max() < 3.0
    assert abs(targets.mean()) < 1e-12
    assert targets.std() == pytest.approx(1.0)


def test_equal_values_teach_nothing() -> None:
    assert model_targets(np.full(5, 3.0)).tolist() == [0.0] * 5
    assert scalarised(np.full((5, 2), 3.0), np.array([0.5, 0.5])).tolist() == [0.0] * 5


def test_a_failure_counts_as_the_worst() -> None:
    filled = with_failures(np.array([[1.0, 5.0], [np.nan, 2.0], [3.0, 4.0]]))
    assert filled.tolist() == [[1.0, 5.0], [3.0, 5.0], [3.0, 4.0]]


def test_a_weighting_prefers_its_corner_of_the_front() -> None:
    front = np.array([[0.0, 1.0], [0.3, 0.3], [1.0, 0.0]])
    assert scalarised(front, np.array([0.95, 0.05])).argmin() == 0
    assert scalarised(front, np.array([0.5, 0.5])).argmin() == 1
    assert scalarised(front, np.array([0.05, 0.95])).argmin() == 2


def test_expected_improvement_is_the_closed_form() -> None:
    mean, deviation, best = np.array([0.0, 0.5, 2.0, 5.0]), np.array([1.0, 0.3, 1.5, 1.0]), 0.4
    z = (best - mean) / deviation
    normal = np.array([0.5 * math.erfc(-each / math.sqrt(2.0)) for each in z])
    plain = deviation * (np.exp(-0.5 * z**2) / math.sqrt(2.0 * math.pi) + z * normal)
    assert log_expected_improvement(mean, deviation, best) == pytest.approx(np.log(plain), rel=1e-6)


def test_expected_improvement_is_finite_and_falls_with_the_mean_however_far() -> None:
    means = np.array([0.0, 1.0, 10.0, 100.0, 999.0, 1001.0, 1e4, 1e6])
    scores = log_expected_improvement(means, np.ones(8), 0.0)
    assert np.isfinite(scores).all()
    assert (np.diff(scores) < 0.0).all()


def test_a_lesson_is_the_best_and_the_latest() -> None:
    worth = np.concatenate([np.zeros(100), np.arange(1.0, 401.0)])
    rows = _lesson_rows(worth)
    assert len(rows) == 300
    assert set(range(150)) <= set(rows)
    assert set(range(350, 500)) <= set(rows)
    assert _lesson_rows(worth[:300]).tolist() == list(range(300))


def test_a_long_search_learns_from_a_part() -> None:
    values, _ = searched("random_forest", SPHERE, 340, startup=330, batch_size=5)
    assert values[330:].min() < np.sort(values[:330, 0])[3]


def test_candidates_stay_in_the_cube_and_near_their_parents() -> None:
    space = every_kind()
    candidates = Candidates(space, np.random.default_rng(0))
    parents = candidates.anywhere(3)
    near = candidates.around(parents, 200, 0.01)
    assert ((near >= 0.0) & (near <= 1.0)).all()
    moved = np.abs(near[:, None, :] - parents[None]).min(axis=1)
    continuous = [k for k, name in enumerate(space.names) if space.parameters[name].cardinality is None]
    assert moved[:, continuous].max() < 0.1
    assert (near != parents[0]).any()


def test_new_candidates_are_feasible_distinct_and_unseen() -> None:
    space = constrained()
    candidates = Candidates(space, np.random.default_rng(0))
    points = candidates.anywhere(50)
    new = candidates.new(np.concatenate([points, points]), frozenset())
    assert space.feasible(space.from_unit(new)).all()
    assert len(new) == len(np.unique(new, axis=0)) == space.feasible(space.from_unit(points)).sum()


def test_features_have_one_column_per_choice_beyond_two() -> None:
    space = Space.of({"n": (0, 10), "kind": ["a", "b", "c"], "side": ["x", "y"]})
    features = model_features(space, np.array([[0.25, 0.5, 0.75], [1.0, 1.0, 0.0]]))
    assert features.tolist() == [[0.25, 0.0, 1.0, 0.0, 0.75], [1.0, 0.0, 0.0, 1.0, 0.0]]


def test_models_are_searches_of_the_catalogue() -> None:
    built = [METHODS[name].build(SPHERE.space, trials=5) for name in MODELS]
    assert all(isinstance(each, SurrogateSearch) for each in built)
