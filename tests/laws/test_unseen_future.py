"""Nothing sees the future: bars the search may not see change nothing in it, bars after a fold change nothing before.

The real functions, from the door down, on bars whose later part is replaced.
"""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autonomous_trading as at
from autonomous_trading.strategies import Strategy
from tests.small_strategies import BranchingCross, Cross, Everything, bars, spliced

METHODS = ("grid", "random", "tpe", "nsga2")


def searched(strategy: type[Strategy], data: at.Bars, method: str, fraction: float) -> at.Study:
    trials = 12 if method == "nsga2" else 25
    return at.optimize(
        strategy,
        data,
        objectives=["sharpe_ratio", "max_drawdown"],
        method=method,
        trials=trials,
        seed=5,
        train_fraction=fraction,
        metrics=["total_return", "trade_count", "conditional_value_at_risk", "consistency_score"],
        resolution=3 if method == "grid" else None,
        threads=1,
    )


@pytest.mark.parametrize("strategy", [Cross, BranchingCross, Everything])
@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=3)
@given(seed=st.integers(0, 10**6), fraction=st.floats(0.4, 0.9))
def test_bars_from_the_split_on_change_nothing_in_a_search(
    strategy: type[Strategy], method: str, seed: int, fraction: float
) -> None:
    whole = bars(seed=7)
    study = searched(strategy, whole, method, fraction)
    split = round(len(whole) * fraction)
    other = searched(strategy, spliced(whole, bars(seed=seed, start=30.0), split), method, fraction)
    pd.testing.assert_frame_equal(study.trials, other.trials, check_exact=True)
    assert study.best() == other.best()
    assert study.pareto_front == other.pareto_front
    np.testing.assert_equal(study.in_sample, other.in_sample)
    np.testing.assert_equal(study.benchmark["in_sample"], other.benchmark["in_sample"])
    assert study.verdict == other.verdict
    assert study.out_of_sample != other.out_of_sample


@pytest.mark.parametrize("strategy", [Cross, BranchingCross])
@pytest.mark.parametrize("method", ["random", "tpe"])
@settings(max_examples=3)
@given(seed=st.integers(0, 10**6), cut=st.integers(0, 5))
def test_bars_after_a_fold_change_nothing_in_it_or_before_it(
    strategy: type[Strategy], method: str, seed: int, cut: int
) -> None:
    whole = bars(seed=11)

    def walked(data: at.Bars) -> at.WalkForwardResult:
        return at.walk_forward(
            strategy, data, train=100, test=40, step=30, unit="bars", method=method, trials=10, seed=3, threads=1
        )

    before = walked(whole)
    window = before.outcome.folds[cut].window
    after = walked(spliced(whole, bars(seed=seed, start=20.0), window.test.stop))
    for one, other in zip(before.folds[: cut + 1], after.folds[: cut + 1], strict=True):
        np.testing.assert_equal(asdict(one), asdict(other))
    known = window.stitched.stop - before.outcome.stitched.span[0]
    pd.testing.assert_series_equal(before.equity[:known], after.equity[:known], check_exact=True)
    assert not before.equity.equals(after.equity)
