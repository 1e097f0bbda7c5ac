"""What choosing among sets is worth: every part is the statistic of its own module, and bad input is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autonomous_trading.core import FloatArray, InvalidInput
from autonomous_trading.validation import (
    CombinatorialPurgedCV,
    SelectionPlan,
    combinatorial_choice,
    deflated_sharpe_ratio,
    effective_trials,
    expected_maximum_sharpe,
    haircut_sharpe,
    probability_of_backtest_overfitting,
    return_moments,
    selection_evidence,
    superior_predictive_ability,
)

PLAN = SelectionPlan(folds=6, blocks=8, repetitions=200, seed=3)


def returns_of(seed: int, sets: int = 12, periods: int = 400) -> FloatArray:
    rng = np.random.default_rng(seed)
    shared = rng.normal(0.0, 0.01, (periods, 1))
    found: FloatArray = 0.8 * shared + 0.6 * rng.normal(0.0, 0.01, (periods, sets))
    return found


def test_every_part_is_the_statistic_of_its_module() -> None:
    returns = returns_of(1)
    sharpes = returns.mean(axis=0) / returns.std(axis=0, ddof=1)
    chosen = int(np.argmax(sharpes))
    found = selection_evidence(returns, chosen, n_trials=60, plan=PLAN)
    sharpe, n, skew, kurtosis = return_moments(returns[:, chosen])
    assert found.dsr == pytest.approx(
        deflated_sharpe_ratio(
            sharpe, n, n_trials=60, trials_variance=float(sharpes.var(ddof=1)), skew=skew, kurtosis=kurtosis
        )
    )
    groups = effective_trials(returns)
    assert found.n_effective == groups.number + 60 - 12
    assert found.haircut == pytest.approx(haircut_sharpe(sharpes, n, n_trials=60))
    assert found.ability == superior_predictive_ability(returns, seed=3, repetitions=200, studentized=True)
    overfitting = probability_of_backtest_overfitting(returns, n_blocks=8)
    assert found.overfitting is not None
    assert found.overfitting.pbo == overfitting.pbo
    assert found.choice is not None
    expected = combinatorial_choice(returns, CombinatorialPurgedCV(6, 2, purge=1))
    assert np.array_equal(found.choice.paths, expected.paths)


def test_more_trials_in_a_life_deflate_more() -> None:
    returns = returns_of(2)
    few, many = (selection_evidence(returns, 0, n_trials=count, plan=PLAN) for count in (12, 5_000))
    assert many.dsr < few.dsr
    assert many.dsr_effective < few.dsr_effective
    assert many.n_effective > few.n_effective
    assert many.psr == few.psr


def test_one_set_is_no_choice_but_earlier_trials_count() -> None:
    returns = returns_of(3, sets=1)
    alone, after = (selection_evidence(returns, 0, n_trials=count, plan=PLAN) for count in (1, 50))
    assert (alone.haircut, alone.overfitting, alone.choice) == (None, None, None)
    assert alone.dsr == alone.dsr_effective == alone.psr
    assert after.dsr_effective < alone.dsr
    assert alone.ability is not None
    assert alone.ability.consistent == pytest.approx(1.0 - alone.psr, abs=0.1)  # one test of one set
    assert 0.0 <= alone.losing <= 1.0


def test_sets_of_earlier_searches_count_as_ideas_of_their_own() -> None:
    returns = returns_of(8)
    first, later = (selection_evidence(returns, 0, n_trials=count, plan=PLAN) for count in (12, 112))
    assert later.n_effective == first.n_effective + 100
    assert later.luck_effective > first.luck_effective


def test_sets_that_are_alike_are_still_many_draws_of_what_they_do_not_share() -> None:
    rng = np.random.default_rng(0)
    returns = np.sqrt(0.8) * rng.normal(size=(800, 1)) + np.sqrt(0.2) * rng.normal(size=(800, 100))
    found = selection_evidence(returns, 0, n_trials=100, plan=PLAN)
    assert found.n_effective == 1
    assert found.luck_effective == pytest.approx(np.sqrt(0.2 / 799) * expected_maximum_sharpe(100, 1.0), rel=0.05)


def test_a_set_that_never_moved_has_nothing() -> None:
    returns = returns_of(4)
    returns[:, 5] = 0.0
    found = selection_evidence(returns, 5, n_trials=12, plan=PLAN)
    assert all(math.isnan(value) for value in (found.psr, found.dsr, found.dsr_effective))
    still = selection_evidence(np.zeros((100, 3)), 0, n_trials=3, plan=PLAN)
    assert still.overfitting is None


def test_few_periods_take_fewer_blocks_and_no_folds() -> None:
    found = selection_evidence(returns_of(5, periods=20), 0, n_trials=12, plan=PLAN)
    assert found.overfitting is not None
    assert found.overfitting.n_blocks == 8
    assert found.choice is None


def test_many_sets_are_grouped_by_a_part_of_them() -> None:
    returns = returns_of(6, sets=2_400, periods=60)
    found = selection_evidence(returns, 0, n_trials=2_400, plan=SelectionPlan(folds=6, blocks=4, repetitions=100))
    assert 1 <= found.n_effective <= 2_400


@pytest.mark.parametrize(
    ("trials", "periods", "message"),
    [(11, 400, "n_trials counts every set, and 12 are here; got 11"), (12, 15, "15 periods are too few")],
)
def test_what_cannot_be_judged_is_refused(trials: int, periods: int, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        selection_evidence(returns_of(7, periods=periods), 0, n_trials=trials, plan=PLAN)


@pytest.mark.parametrize("wrong", [{"blocks": 7}, {"blocks": 22}, {"folds": 1}, {"repetitions": 10}])
def test_a_plan_that_cannot_be_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(InvalidInput):
        SelectionPlan(**wrong)
