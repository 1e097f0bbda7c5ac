"""What cannot be traced gives the same numbers as what can, and a set in a search the same as that set alone.

Bit for bit, from the door down: for any values, any rules, one instrument or two, on one thread or two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autonomous_trading as at
from autonomous_trading.app import _evaluator, checked_metrics
from autonomous_trading.backtest import BACKTEST_METRICS
from autonomous_trading.strategies import Strategy
from tests.small_strategies import BranchingCross, Changeable, Cross, Everything, EverythingPlain, Sized, bars

MARKETS: Mapping[str, object] = {
    "one": bars(seed=2),
    "two": {"A": bars(seed=2), "B": bars(seed=3)},
    "two clocks": {"A": bars(seed=2), "B": bars(seed=3)[40:220]},
}
RULES = st.fixed_dictionaries(
    {
        "costs": st.sampled_from(
            [at.Costs(), at.Costs.free(), at.Costs(borrow_rate=0.05, cash_rate=0.02, half_spread=0.001)]
        ),
        "exits": st.sampled_from(
            [at.Exits(), at.Exits(stop_loss=0.02, trailing_stop=0.05), at.Exits(take_profit=2.0, unit="atr")]
        ),
        "execution": st.sampled_from(
            [
                at.Execution(),
                at.Execution(fill="close", leverage=2.0),
                at.Execution(fill="same_close", rebalance_band=0.1),
            ]
        ),
    }
)
METRICS = checked_metrics(BACKTEST_METRICS)


@pytest.fixture(scope="module", autouse=True)
def threads_for_small_work_too() -> Iterator[None]:
    """Runs this small would otherwise stay on one thread."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_evaluator, "WORTH_THREADS", 0)
        yield


def searched(
    strategy: type[Strategy], data: object, rules: Mapping[str, object], seed: int, threads: int = 1
) -> at.Study:
    return at.optimize(
        strategy,
        data,
        method="random",
        trials=9,
        seed=seed,
        metrics=METRICS,
        threads=threads,
        **rules,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize(("traced", "plain"), [(Cross, BranchingCross), (Everything, EverythingPlain)])
@settings(max_examples=6)
@given(rules=RULES, seed=st.integers(0, 10**6))
def test_plain_numbers_give_the_bits_that_tracing_gives(
    market: str, traced: type[Strategy], plain: type[Strategy], rules: Mapping[str, object], seed: int
) -> None:
    one = searched(traced, MARKETS[market], rules, seed)
    other = searched(plain, MARKETS[market], rules, seed, threads=2)
    pd.testing.assert_frame_equal(one.trials, other.trials, check_exact=True)
    np.testing.assert_equal(one.benchmark, other.benchmark)


@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize("strategy", [Cross, BranchingCross, Everything, Changeable, Sized])
@settings(max_examples=4)
@given(rules=RULES, seed=st.integers(0, 10**6))
def test_a_row_of_the_trials_is_what_that_set_does_alone(
    market: str, strategy: type[Strategy], rules: Mapping[str, object], seed: int
) -> None:
    study = searched(strategy, MARKETS[market], rules, seed)
    assert study.sweep is not None
    table = study.found.trials
    for row in range(0, len(table), 4):
        alone = at.backtest(
            strategy(**table.parameters.row(row)),
            MARKETS[market],
            stop=study.sweep.in_sample[1],
            **rules,  # type: ignore[arg-type]
        )
        np.testing.assert_equal({name: table.metric(name)[row] for name in METRICS}, _of(alone.metrics))


@pytest.mark.parametrize("method", ["grid", "random", "tpe", "nsga2"])
@pytest.mark.parametrize("strategy", [Cross, EverythingPlain])
@settings(max_examples=2)
@given(seed=st.integers(0, 10**6))
def test_the_same_seed_gives_the_same_trials_on_any_number_of_threads(
    strategy: type[Strategy], method: str, seed: int
) -> None:
    studies = [
        at.optimize(strategy, MARKETS["one"], method=method, trials=40, seed=seed, threads=threads)
        for threads in (1, 2, 5)
    ]
    for other in studies[1:]:
        pd.testing.assert_frame_equal(studies[0].trials, other.trials, check_exact=True)
        assert studies[0].best() == other.best()


@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize("strategy", [Cross, Everything])
@settings(max_examples=4)
@given(rules=RULES, seed=st.integers(0, 10**6), fraction=st.floats(0.3, 0.9))
def test_what_a_study_says_is_what_separate_backtests_say(
    market: str, strategy: type[Strategy], rules: Mapping[str, object], seed: int, fraction: float
) -> None:
    study = at.optimize(
        strategy,
        MARKETS[market],
        method="random",
        trials=9,
        seed=seed,
        objectives="total_return",
        train_fraction=fraction,
        **rules,  # type: ignore[arg-type]
    )
    assert study.sweep is not None
    split = study.sweep.in_sample[1]
    best = strategy(**study.best().parameters)
    inside = at.backtest(best, MARKETS[market], stop=split, **rules)  # type: ignore[arg-type]
    outside = at.backtest(best, MARKETS[market], start=split, **rules)  # type: ignore[arg-type]
    np.testing.assert_equal(study.in_sample, inside.metrics)
    np.testing.assert_equal(study.out_of_sample, outside.metrics)
    np.testing.assert_equal(study.benchmark, {"in_sample": inside.benchmark, "out_of_sample": outside.benchmark})


def _of(metrics: Mapping[str, float]) -> dict[str, float]:
    return {name: metrics[name] for name in METRICS}
