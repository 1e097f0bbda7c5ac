"""Paths that could have been: against a slow twin, and what must not depend on how they are drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from autonomous_trading.core import FloatArray, InvalidInput
from autonomous_trading.validation import (
    PATH_METRICS,
    bootstrapped_paths,
    effective_trials,
    path_statistics,
    reordered_trades,
)
from autonomous_trading.validation._block_bootstrap import BlockScheme


def twin(returns: list[float]) -> dict[str, float]:
    """One path, period by period."""
    equity, highest, lowest, worst, run, longest = 1.0, 1.0, 1.0, 0.0, 0, 0
    for each in returns:
        equity *= max(1.0 + each, 0.0)
        highest, lowest = max(highest, equity), min(lowest, equity)
        worst = max(worst, 1.0 - equity / highest)
        run = run + 1 if equity < highest else 0
        longest = max(longest, run)
    return {
        "total_return": equity - 1.0,
        "max_drawdown": worst,
        "longest_drawdown": float(longest),
        "lowest_equity": lowest,
    }


@given(arrays(np.float64, (3, 12), elements=st.sampled_from([-1.2, -0.3, -0.05, 0.0, 0.05, 0.25])))
def test_statistics_are_those_of_the_twin(returns: FloatArray) -> None:
    found = path_statistics(returns).values
    for row, path in enumerate(returns):
        for name, value in twin(path.tolist()).items():
            assert found[name][row] == pytest.approx(value, abs=1e-12), name


def test_the_order_of_trades_changes_the_drawdown_and_not_the_result() -> None:
    returns = np.random.default_rng(0).normal(0.01, 0.05, 60)
    found = reordered_trades(returns, paths=2_000, rng=np.random.default_rng(1))
    assert len(found) == 2_000
    assert float(np.ptp(found.values["total_return"])) < 1e-9
    assert float(np.ptp(found.values["max_drawdown"])) > 0.1


@pytest.mark.parametrize("scheme", ["circular", "stationary"])
def test_drawn_paths_earn_what_the_record_did_on_average(scheme: BlockScheme) -> None:
    returns = np.random.default_rng(2).normal(0.0004, 0.01, 500)
    found = bootstrapped_paths(returns, paths=4_000, rng=np.random.default_rng(3), scheme=scheme)
    logs = np.log1p(found.values["total_return"])
    assert float(logs.mean()) == pytest.approx(float(np.log1p(returns).sum()), abs=4.0 * float(logs.std()) / 63.0)
    assert set(found.values) == set(PATH_METRICS)
    quantiles = found.quantiles("max_drawdown", (0.05, 0.5, 0.95))
    assert list(quantiles.values()) == sorted(quantiles.values())
    assert found.chance_of_drawdown(0.0) == 1.0
    assert found.chance_of_ruin() == 0.0
    assert 0.0 < found.chance_of_loss() < 1.0


def test_longer_paths_and_the_same_seed() -> None:
    returns = np.random.default_rng(2).normal(0.0, 0.01, 100)
    first, again = (
        bootstrapped_paths(returns, paths=50, periods=1_000, rng=np.random.default_rng(7)).values for _ in range(2)
    )
    assert all(np.array_equal(first[name], again[name], equal_nan=True) for name in PATH_METRICS)


def test_a_path_that_stands_still_has_no_sharpe_ratio() -> None:
    found = path_statistics(np.array([[0.0] * 5, [0.1] * 5]))
    assert bool(np.isnan(found.values["sharpe_ratio"]).all())
    assert all(math.isnan(each) for each in found.quantiles("sharpe_ratio").values())


def test_sets_that_do_the_same_are_one_trial() -> None:
    rng = np.random.default_rng(0)
    ideas = rng.normal(0.0, 0.01, (800, 4))
    returns = np.hstack([ideas[:, [k]] + 0.002 * rng.normal(size=(800, 25)) for k in range(4)])
    found = effective_trials(returns)
    assert found.number == 4
    assert len({tuple(found.groups[25 * k : 25 * (k + 1)].tolist()) for k in range(4)}) == 4
    assert found.variance > 0.0


def test_sets_that_have_nothing_in_common_are_all_trials() -> None:
    found = effective_trials(np.random.default_rng(1).normal(size=(500, 40)))
    assert found.number == 40
    assert found.average_correlation == pytest.approx(0.0, abs=0.02)


def test_sets_that_never_traded_are_no_trials() -> None:
    returns = np.zeros((50, 3))
    assert effective_trials(returns).number == 0
    returns[:, 1] = np.random.default_rng(0).normal(size=50)
    found = effective_trials(returns)
    assert (found.number, found.groups.tolist()) == (1, [-1, 0, -1])
    returns[:, 2] = returns[:, 1] * 3.0
    assert effective_trials(returns).number == 1


def test_what_makes_no_sense_is_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(InvalidInput, match="must be finite"):
        bootstrapped_paths(np.array([np.nan]), rng=rng)
    with pytest.raises(InvalidInput, match="paths must be at least 1"):
        reordered_trades(np.zeros(3), paths=0, rng=rng)
    with pytest.raises(InvalidInput, match="periods must be at least 1"):
        bootstrapped_paths(np.zeros(30), periods=0, rng=rng)
    with pytest.raises(InvalidInput, match="correlation must lie"):
        effective_trials(np.zeros((9, 2)), correlation=1.0)
    with pytest.raises(InvalidInput, match="up to 10,000 sets"):
        effective_trials(np.zeros((9, 10_001)))
    with pytest.raises(InvalidInput, match="must be finite"):
        effective_trials(np.full((9, 2), np.inf))
