"""Which sets are given up: against a slow twin, against Optuna, and the same however a batch is cut."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autonomous_trading.app import (
    FOLDS_EVALUATED,
    Evaluator,
    Market,
    Reference,
    ResultConstraint,
    Robustness,
    Rules,
    Scorer,
    evaluate_within,
    fold_columns,
    pruned_rows,
    trial_sharpes,
    was_measured,
)
from autonomous_trading.app._pruning import MOST_COMPARED, given_up
from autonomous_trading.core import FloatArray, IntArray, InvalidInput, ParameterTable
from autonomous_trading.search import parse_constraint
from autonomous_trading.strategies import STRATEGIES
from autonomous_trading.testing import random_walk

CHOSEN = STRATEGIES["ma_cross"]
SPACE = CHOSEN.space()
SPAN = (0, 1_000)
EVALUATOR = Evaluator.of(CHOSEN, Market.of(random_walk(1_200, seed=5, volatility=0.004)), Rules())
TABLE = SPACE.from_unit(np.random.default_rng(1).random((150, SPACE.dimension)))
TABLE = TABLE.take(SPACE.feasible(TABLE))
OBJECTIVES = ("worst_fold_sharpe_ratio", "mean_fold_total_return", "median_fold_max_drawdown")
LOSSES = st.sampled_from([0.0, 1.0, 2.0, 3.0, np.inf])


def twin(losses: FloatArray, earlier: FloatArray, share: str, least: int) -> list[bool]:
    """The rule, set by set and number by number."""
    rivals = [row.tolist() for row in earlier if not any(np.isnan(row))]
    answer = []
    for own in losses.tolist():
        dominating = 0
        for rival in rivals:
            worse = any(theirs > ours for theirs, ours in zip(rival, own, strict=True))
            dominating += not worse and rival != own
        many = len(rivals) >= least and len(rivals) > 0
        answer.append(many and Fraction(dominating, max(len(rivals), 1)) > Fraction(share))
    return answer


@given(st.integers(1, 3), st.sampled_from(["0.1", "0.25", "0.3", "0.5", "0.7"]), st.integers(1, 6), st.data())
def test_the_rule_is_that_of_its_twin(objectives: int, share: str, least: int, data: st.DataObject) -> None:
    row = st.lists(LOSSES, min_size=objectives, max_size=objectives)
    missing = st.just([np.nan] * objectives)
    losses = np.array(data.draw(st.lists(row, max_size=8)), dtype=np.float64).reshape(-1, objectives)
    earlier = np.array(data.draw(st.lists(row | missing, max_size=30)), dtype=np.float64).reshape(-1, objectives)
    assert given_up(losses, earlier, float(share), least).tolist() == twin(losses, earlier, share, least)


@pytest.mark.parametrize("percentile", [50.0, 25.0, 75.0])
def test_with_one_objective_it_is_the_rule_of_optuna(percentile: float) -> None:
    """Optuna compares with a percentile of what is recorded at a step: an element of it where 4 n + 1 are recorded."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    rng = np.random.default_rng(3)
    recorded, tried = rng.normal(size=41), rng.normal(size=30)
    pruner = optuna.pruners.PercentilePruner(percentile, n_startup_trials=20, n_warmup_steps=0)
    if percentile == 50.0:
        pruner = optuna.pruners.MedianPruner(n_startup_trials=20, n_warmup_steps=0)
    study = optuna.create_study(direction="maximize", pruner=pruner)
    for value in recorded:
        made = optuna.trial.create_trial(value=value, intermediate_values={2: value})
        study.add_trial(made)
    decisions = []
    for value in tried:
        trial = study.ask()
        trial.report(value, 2)
        decisions.append(trial.should_prune())
        study.tell(trial, state=optuna.trial.TrialState.PRUNED)
    found = given_up(-tried[:, None], -recorded[:, None], percentile / 100.0, 20)
    assert found.tolist() == decisions
    assert 0 < found.sum() < len(found)


def test_two_objectives_give_up_only_what_is_dominated() -> None:
    earlier = np.array([[1.0, 1.0], [2.0, 0.0], [0.0, 2.0], [np.nan, np.nan]])
    losses = np.array([[2.0, 2.0], [1.0, 1.0], [3.0, -1.0], [np.inf, 0.5]])
    assert given_up(losses, earlier, 0.5, 3).tolist() == [True, False, False, False]
    assert given_up(losses, earlier, 0.2, 3).tolist() == [True, False, False, True]
    assert given_up(losses, earlier, 0.2, 4).tolist() == [False] * 4


def scorer(folds: int = 5, **settings: Any) -> tuple[Scorer, tuple[str, ...]]:
    """A scorer of the objectives, their folds, and what is measured on all bars."""
    metrics = (*OBJECTIVES, "sharpe_ratio", "trade_count", "plateau_cagr", *fold_columns(OBJECTIVES, folds))
    return Scorer.of(EVALUATOR, SPAN, SPACE, Robustness(folds=folds, **settings), metrics), metrics


def told(folds: int = 5, **settings: Any) -> Reference:
    """What is known once the first hundred sets of the table were told."""
    measured, metrics = scorer(folds)
    reference = Reference(OBJECTIVES, folds, 20, **settings)
    assert reference.context() is None  # of the batch that is told now
    reference.tell(measured.measure(TABLE.take(slice(0, 100)), metrics))
    return reference


def test_a_set_that_survives_has_the_values_it_has_without_pruning() -> None:
    measured, metrics = scorer(prune=0.25)
    rest = TABLE.take(slice(100, None))
    found, whole = measured.measure(rest, metrics, told().context()), measured.measure(rest, metrics)
    pruned = pruned_rows(found)
    assert 0 < pruned.sum() < len(rest)
    assert not pruned_rows(whole).any()
    assert set(found[FOLDS_EVALUATED][pruned]) <= {1.0, 2.0, 3.0, 4.0}
    for name in metrics:
        assert found[name][~pruned].tobytes() == whole[name][~pruned].tobytes()
    for row in np.flatnonzero(pruned):
        for name, known in zip(metrics, was_measured(metrics, [found[each][row] for each in metrics]), strict=True):
            same = found[name][row] == whole[name][row] or (np.isnan(found[name][row]) and np.isnan(whole[name][row]))
            assert same if known else np.isnan(found[name][row]) or name == FOLDS_EVALUATED
    assert np.isnan(found["sharpe_ratio"][pruned]).all()
    assert np.isnan(found["plateau_cagr"][pruned]).all()


@pytest.mark.parametrize("folds", [3, 12])
def test_nothing_depends_on_how_a_batch_is_cut(folds: int) -> None:
    measured, metrics = scorer(folds, prune=0.2)
    rest, context = TABLE.take(slice(100, None)), told(folds).context()
    whole = measured.measure(rest, metrics, context)
    assert pruned_rows(whole).any()
    for size in (1, 7):
        pieces = [measured.measure(rest.take(slice(n, n + size)), metrics, context) for n in range(0, len(rest), size)]
        for name in metrics:
            assert np.concatenate([each[name] for each in pieces]).tobytes() == whole[name].tobytes(), name


@pytest.mark.parametrize("size", [1, 9, 100])
def test_what_is_known_does_not_depend_on_how_it_was_told(size: int) -> None:
    measured, metrics = scorer()
    values = measured.measure(TABLE.take(slice(0, 100)), metrics)
    reference = Reference(OBJECTIVES, 5, 20)
    for start in range(0, 100, size):
        assert (reference.context() is None) == (start < 20)
        reference.tell({name: each[start : start + size] for name, each in values.items()})
    known, expected = reference.context(), told().context()
    assert known is not None
    assert expected is not None
    for name in OBJECTIVES:
        assert known[name].tobytes() == expected[name].tobytes()
        last = values[name]
        finite = np.isfinite(last)
        np.testing.assert_array_equal(known[name][finite, -1], last[finite])


def test_only_the_last_sets_are_compared_with_and_what_was_given_out_stays() -> None:
    reference = Reference(("worst_fold_cagr",), 2, 1)
    first = None
    for number in range(MOST_COMPARED + 9):
        value = np.array([float(number)])
        context = reference.context()
        first = first or context
        reference.tell({"fold_1_cagr": value, "fold_2_cagr": value, FOLDS_EVALUATED: np.array([2.0])})
    known = reference.context()
    assert known is not None
    assert first is not None
    assert known["worst_fold_cagr"][:, 0].tolist() == [float(n) for n in range(9, MOST_COMPARED + 9)]
    assert first["worst_fold_cagr"].tolist() == [[0.0, 0.0]]


def test_what_failed_or_breaks_a_constraint_beats_nothing() -> None:
    rule = ResultConstraint.of_value(parse_constraint("trade_count >= 30"))
    reference = Reference(("mean_fold_cagr",), 2, 1, (rule,))
    metrics = {
        "fold_1_cagr": np.array([1.0, 9.0, np.nan, 3.0, np.nan]),
        "fold_2_cagr": np.array([2.0, 9.0, np.nan, np.nan, 4.0]),
        "trade_count": np.array([40.0, 2.0, np.nan, np.nan, 50.0]),
        FOLDS_EVALUATED: np.array([2.0, 2.0, np.nan, 1.0, 2.0]),  # whole, broken, failed, pruned, without a value
    }
    assert reference.context() is None
    reference.tell(metrics)
    known = reference.context()
    assert known is not None
    np.testing.assert_array_equal(known["mean_fold_cagr"], [[1.0, 1.5], [3.0, np.nan], [-np.inf, -np.inf]])
    assert pruned_rows(metrics).tolist() == [False, False, False, True, False]


def test_a_mean_of_many_folds_has_the_same_bits_alone() -> None:
    measured = Scorer.of(EVALUATOR, SPAN, SPACE, Robustness(folds=12), ["mean_fold_sharpe_ratio"])
    whole = measured.measure(TABLE, ["mean_fold_sharpe_ratio"])["mean_fold_sharpe_ratio"]
    alone = [measured.measure(TABLE.take([row]), ["mean_fold_sharpe_ratio"]) for row in range(len(TABLE))]
    assert np.concatenate([each["mean_fold_sharpe_ratio"] for each in alone]).tobytes() == whole.tobytes()


@given(st.integers(0, 4), st.lists(st.integers(0, 3), min_size=12, max_size=12))
def test_a_context_does_not_depend_on_when_batches_are_told(ahead: int, pauses: list[int]) -> None:
    """Batch n is compared with the batches up to n - 1 - ahead, as soon as they are told or later."""

    def batch(number: int) -> dict[str, FloatArray]:
        values = np.random.default_rng(number).normal(size=(3, 8))
        return {"fold_1_cagr": values[0], "fold_2_cagr": values[1], FOLDS_EVALUATED: np.full(8, 2.0)}

    prompt = Reference(("mean_fold_cagr",), 2, 1, ahead=ahead)
    lazy = Reference(("mean_fold_cagr",), 2, 1, ahead=ahead)
    told = 0
    for number, pause in enumerate(pauses):
        while told < max(number - ahead, number - pause):  # no later than it must be
            lazy.tell(batch(told))
            told += 1
        found, expected = lazy.context(), prompt.context()
        assert (found is None) == (expected is None) == (number - ahead <= 0)
        if found is not None and expected is not None:
            assert found["mean_fold_cagr"].tobytes() == expected["mean_fold_cagr"].tobytes()
            assert len(found["mean_fold_cagr"]) == min(8 * (number - ahead), MOST_COMPARED)
        prompt.tell(batch(number))


def test_a_context_is_not_lost_on_an_evaluation_that_takes_none() -> None:
    def plain(table: ParameterTable, _seeds: IntArray) -> dict[str, FloatArray]:
        return {"value": np.zeros(len(table))}

    seeds = np.zeros(len(TABLE), dtype=np.int64)
    assert len(evaluate_within(plain, TABLE, seeds, None)["value"]) == len(TABLE)
    with pytest.raises(InvalidInput, match="takes no context, and got one"):
        evaluate_within(plain, TABLE, seeds, {})


def test_a_pruned_set_counts_with_what_its_folds_say() -> None:
    metrics = {
        "sharpe_ratio": np.array([0.5, np.nan, np.nan, np.nan]),
        "fold_1_sharpe_ratio": np.array([0.1, -1.0, np.nan, np.nan]),
        "fold_2_sharpe_ratio": np.array([0.9, -2.0, np.nan, np.nan]),
        "fold_3_sharpe_ratio": np.array([0.7, np.nan, np.nan, np.nan]),
        FOLDS_EVALUATED: np.array([3.0, 2.0, 1.0, np.nan]),
    }
    # From the means of both folds, -0.45 and -0.55, it is 0.55 and 1.45 away; whole sets have 0.5 on average.
    np.testing.assert_allclose(trial_sharpes(metrics), [0.5, 0.5 - 1.0, np.nan, np.nan], rtol=1e-15)
    assert np.isnan(trial_sharpes({"value": np.ones(2)})).all()
    assert trial_sharpes({"sharpe_ratio": np.ones(2)}).tolist() == [1.0, 1.0]
