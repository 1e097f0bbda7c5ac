"""Many tests: published cases, the library's own numbers, and how often worthless sets are called good."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from arch.bootstrap import SPA
from hypothesis import given
from hypothesis import strategies as st

from autonomous_trading.core import FloatArray, InvalidInput, UnknownName
from autonomous_trading.validation import (
    benjamini_hochberg,
    haircut_sharpe,
    model_confidence_set,
    superior_predictive_ability,
    superior_sets,
)

UNKNOWN: Any = "none"  # what a person may write
# Benjamini and Hochberg (1995), the thrombolysis example: 15 p-values, four discoveries at 5 %.
THROMBOLYSIS = np.array(
    [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1]
)


def noise(seed: int, periods: int = 400, sets: int = 20) -> FloatArray:
    return np.random.default_rng(seed).normal(0.0, 0.01, (periods, sets))


def test_the_example_of_benjamini_and_hochberg() -> None:
    assert int(benjamini_hochberg(THROMBOLYSIS).found.sum()) == 4
    assert int(benjamini_hochberg(THROMBOLYSIS, dependent=True).found.sum()) == 3


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=30), st.floats(0.01, 0.5))
def test_adjusting_never_makes_a_p_value_smaller(p_values: list[float], rate: float) -> None:
    given_values = np.array(p_values)
    adjusted, found = benjamini_hochberg(given_values, rate=rate)
    assert bool(np.all(adjusted >= given_values * (1.0 - 1e-12)))
    # By hand: the largest k whose k-th smallest p-value is at most k / n times the rate.
    ordered = np.sort(given_values)
    below = np.flatnonzero(ordered <= rate * np.arange(1, len(ordered) + 1) / len(ordered))
    expected = 0 if not len(below) else int(below[-1]) + 1
    slack = np.flatnonzero(np.isclose(adjusted, rate, rtol=1e-9))
    assert len(slack) or int(found.sum()) == expected


def test_a_haircut_grows_with_the_number_of_trials_and_falls_with_the_record() -> None:
    sharpes = np.concatenate([np.random.default_rng(0).normal(0.0, 0.02, 199), [0.09]])
    for method in ("bonferroni", "holm", "bhy"):
        few = haircut_sharpe(sharpes, 2500, method=method)
        many = haircut_sharpe(sharpes, 2500, n_trials=20_000, method=method)
        longer = haircut_sharpe(sharpes, 10_000, method=method)
        assert 0.0 < longer.haircut < few.haircut < many.haircut <= 1.0
        assert few.p_value < few.adjusted_p_value <= 1.0
        assert few.sharpe == pytest.approx(0.09 * (1.0 - few.haircut))


def test_bonferroni_by_hand() -> None:
    found = haircut_sharpe(np.array([0.0, 0.01, 0.1]), 2500, method="bonferroni")
    assert found.adjusted_p_value == pytest.approx(3.0 * found.p_value)
    assert haircut_sharpe(np.array([0.1]), 2500, n_trials=1).haircut == pytest.approx(0.0, abs=1e-9)


def test_what_lost_is_cut_to_nothing() -> None:
    found = haircut_sharpe(np.array([-0.1, -0.2, np.nan]), 500)
    assert (found.sharpe, found.haircut, found.adjusted_p_value) == (0.0, 1.0, 1.0)


def test_p_values_are_those_of_arch() -> None:
    returns = noise(3)
    returns[:, 4] += 0.001
    spa = SPA(np.zeros(400), -returns, block_size=12, reps=500, seed=9)
    spa.compute()
    found = superior_predictive_ability(returns, seed=9, block_length=12, repetitions=500)
    assert found[:3] == (spa.pvalues["lower"], spa.pvalues["consistent"], spa.pvalues["upper"])


@pytest.mark.parametrize("seed", range(5))
def test_bounds_are_in_order(seed: int) -> None:
    found = superior_predictive_ability(noise(seed), repetitions=300, seed=seed)
    assert found.lower <= found.consistent <= found.upper


def test_models_that_are_the_same_are_not_better_than_each_other() -> None:
    model = noise(4, sets=1)
    alike = model + np.random.default_rng(0).normal(0.0, 1e-9, (400, 5))
    found = superior_predictive_ability(alike - alike.mean(axis=0) + model.mean(), model[:, 0], repetitions=300)
    assert found.lower > 0.3
    assert found.upper > 0.9


def test_a_set_that_is_the_benchmark_is_not_better() -> None:
    held = noise(0, sets=1)
    assert superior_predictive_ability(held.repeat(3, axis=1), held[:, 0]) == (1.0, 1.0, 1.0, 1.0)
    assert superior_predictive_ability(np.zeros((50, 2))) == (1.0, 1.0, 1.0, 1.0)
    assert superior_predictive_ability(np.full((50, 2), 0.01)) == (0.0, 0.0, 0.0, 0.0)


def test_worthless_sets_are_seldom_called_good() -> None:
    called = sum(
        superior_predictive_ability(noise(seed, 250, 10), repetitions=199, seed=seed).consistent <= 0.05
        for seed in range(60)
    )
    assert called <= 8  # 3 expected; more than 8 happens once in 250 such runs


def test_a_good_set_is_found_by_all_three() -> None:
    returns = noise(1)
    returns[:, 7] += 0.004
    assert superior_predictive_ability(returns).consistent <= 0.01
    assert superior_sets(returns).tolist() == [7]
    found = model_confidence_set(returns)
    assert found.included.tolist() == [7]
    assert len(found.p_values) == 20


def test_with_nothing_to_tell_them_apart_all_may_be_the_best() -> None:
    assert len(model_confidence_set(noise(2, sets=5)).included) == 5
    assert superior_sets(noise(2)).tolist() == []


def test_the_same_seed_gives_the_same_answer() -> None:
    assert superior_predictive_ability(noise(5), seed=1) == superior_predictive_ability(noise(5), seed=1)


def test_what_cannot_be_tested_is_refused() -> None:
    returns = noise(0)
    with pytest.raises(InvalidInput, match="p-values must lie"):
        benjamini_hochberg(np.array([0.5, 1.5]))
    with pytest.raises(InvalidInput, match="rate must lie"):
        benjamini_hochberg(np.array([0.5]), rate=0.0)
    with pytest.raises(UnknownName, match="method"):
        haircut_sharpe(np.array([0.1]), 100, method=UNKNOWN)
    with pytest.raises(InvalidInput, match="n_trials of at least 2"):
        haircut_sharpe(np.array([0.1, 0.2]), 100, n_trials=1)
    with pytest.raises(InvalidInput, match="of two sets"):
        superior_predictive_ability(returns[:, 0])
    with pytest.raises(InvalidInput, match="benchmark must be finite and have 400 periods"):
        superior_predictive_ability(returns, np.zeros(3))
    with pytest.raises(InvalidInput, match="block_length"):
        superior_sets(returns, block_length=400)
