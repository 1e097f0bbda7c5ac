"""One account through all folds: what it trades, what it carries over, and what is said when a fold has no answer."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autonomous_trading.app import (
    Evaluator,
    Fold,
    Market,
    Objective,
    Rules,
    Search,
    WalkForward,
    backtest,
    run_search,
    simulate,
    walk_forward,
)
from autonomous_trading.backtest import Costs, Execution, Exits
from autonomous_trading.core import FloatArray, FloatParameter, ParameterSet, ParameterTable, evaluate
from autonomous_trading.strategies import Columns, Signals, SignalsLike, Strategy, signals_of
from autonomous_trading.testing.markets import trending
from autonomous_trading.validation import Window, walk_forward_windows
from tests.small_strategies import BranchingCross, Cross, Never, Sized, bars

MARKET = Market.of(bars(seed=11))
TWO = Market.of({"A": bars(seed=11), "B": bars(seed=12)})
WINDOWS = walk_forward_windows(MARKET.bars.time, train=100, test=40, step=20, unit="bars")
SHARPE = Objective.of("sharpe_ratio")


def walked(
    strategy: type[Strategy],
    market: Market = MARKET,
    rules: Rules | None = None,
    windows: tuple[Window, ...] = WINDOWS,
    search: Search | None = None,
    objective: Objective = SHARPE,
) -> WalkForward:
    evaluator = Evaluator.of(strategy, market, rules or Rules())
    return walk_forward(evaluator, strategy.space(), windows, search or Search("random", 12, 3), objective)


def hand_made(result: WalkForward, strategy: type[Strategy], market: Market) -> FloatArray:
    """The targets [instruments, bars] of the newest set at every bar, each scaled by its own size."""
    targets = np.zeros((len(market.instruments), market.n_bars))
    for fold in result.folds:
        rows = slice(fold.window.stitched.start - 1, fold.window.stitched.stop - 1)
        if fold.parameters is None:
            targets[:, rows] = 0.0
            continue
        for number, each in enumerate(market.instruments):
            wanted = evaluate(signals_of(strategy(**fold.parameters), each.see).target, each.store)
            targets[number, rows] = wanted[rows] * float(fold.parameters.get("position_size", 1.0))
    return targets


@pytest.mark.parametrize("market", [MARKET, TWO], ids=["one", "two"])
@pytest.mark.parametrize("strategy", [Cross, BranchingCross, Sized])
@pytest.mark.parametrize(
    "rules",
    [Rules(), Rules(Costs.free(), Exits(stop_loss=0.02, trailing_stop=0.04)), Rules(Costs(funding_rate=0.001))],
    ids=["plain", "exits", "funding"],
)
def test_the_stitched_account_is_one_run_of_the_newest_targets(
    market: Market, strategy: type[Strategy], rules: Rules
) -> None:
    result = walked(strategy, market, rules)
    low, high = result.stitched.span
    assert (low, high) == (100, 300)
    whole = simulate(hand_made(result, strategy, market), market, rules).performance
    np.testing.assert_allclose(result.stitched.equity, whole.equity[low:high], rtol=1e-12)
    np.testing.assert_allclose(result.stitched.units, whole.units[..., low:high], rtol=1e-12)
    np.testing.assert_allclose(result.stitched.cash, whole.cash[low:high], rtol=1e-9)
    for name in ("entry_bar", "exit_bar", "side", "units", "entry_price", "exit_price", "net_profit", "instrument"):
        np.testing.assert_allclose(getattr(result.stitched.trades, name), getattr(whole.trades, name), rtol=1e-9)
    assert result.stitched.trades.reason == whole.trades.reason
    assert result.stitched.financing == pytest.approx(whole.financing)


def test_one_window_is_a_backtest_of_its_test_bars() -> None:
    (window,) = walk_forward_windows(MARKET.bars.time, train=200, test=100, step=100, unit="bars")
    result = walked(Cross, windows=(window,))
    (fold,) = result.folds
    assert fold.parameters is not None
    alone = backtest(Cross(**fold.parameters), MARKET, Rules(), (200, 300))
    np.testing.assert_array_equal(result.stitched.equity, alone.performance.equity)
    expected = {name: value for name, value in alone.performance.metrics.items() if name in result.stitched.metrics}
    np.testing.assert_equal(result.stitched.metrics, expected)
    np.testing.assert_equal(fold.out_of_sample, {name: expected[name] for name in fold.out_of_sample})
    np.testing.assert_equal(result.benchmark.metrics, alone.benchmark.metrics)
    inside = backtest(Cross(**fold.parameters), MARKET, Rules(), (0, 200)).performance.metrics
    np.testing.assert_equal(fold.in_sample, {name: inside[name] for name in fold.in_sample})
    assert result.efficiency == pytest.approx(expected["annualized_return"] / inside["annualized_return"], nan_ok=True)


@pytest.mark.parametrize("method", ["grid", "random", "tpe", "nsga2"])
def test_each_fold_holds_the_best_set_of_its_own_training_bars(method: str) -> None:
    search = Search(method, 12, 3)
    result = walked(Cross, search=search)
    evaluator = Evaluator.of(Cross, MARKET, Rules())
    assert result.evaluated == 12 * len(result.folds)
    for fold in result.folds:
        train = fold.window.train

        def measure(table: ParameterTable, train: slice = train) -> dict[str, FloatArray]:
            return evaluator.measure(table, ["sharpe_ratio"], train.start, train.stop)

        found = run_search(Cross.space(), measure, [SHARPE], search)
        best = found.best()
        assert fold.parameters == found.trials.parameters.row(best)
        assert fold.in_sample["sharpe_ratio"] == found.trials.metric("sharpe_ratio")[best]


def test_a_new_size_is_traded_even_where_the_target_reads_the_same() -> None:
    market = Market.of(trending(300, seed=3, drift=0.006, leg=50))
    rules = Rules(execution=Execution(leverage=2.0))
    windows = walk_forward_windows(market.bars.time, train=30, test=30, step=30, unit="bars")
    result = walked(Sized, market, rules, windows, Search("random", 8, 1), Objective("total_return", True))
    sizes = [float(fold.parameters["position_size"]) for fold in result.folds if fold.parameters is not None]
    assert len(set(sizes)) > 1, "the folds chose different sizes"
    equity, units = result.stitched.equity, result.stitched.units[0]
    opening = market.bars.open[slice(*result.stitched.span)]
    for before, after, fold in zip([0.0, *sizes], sizes, result.folds, strict=False):
        row = fold.window.stitched.start - result.stitched.span[0]
        if before != after:
            assert units[row] * opening[row] / equity[row] == pytest.approx(2.0 * after, rel=0.05)


class Geared(Strategy):
    """Says long with a leverage that may be 0."""

    leverage = FloatParameter(0.0, 3.0, default=1.0)
    position_size = FloatParameter(0.0, 1.0, default=1.0)

    def signals(self, see: Columns) -> SignalsLike:
        return Signals(see.close > 0.0)


@pytest.mark.parametrize(("leverage", "size", "exposure"), [(0.0, 1.0, 0.0), (3.0, 0.7, 2.1), (2.5, 1.0, 2.5)])
def test_leverage_and_size_of_a_set_reach_the_account(leverage: float, size: float, exposure: float) -> None:
    space = Geared.space().fix({"leverage": leverage, "position_size": size})
    evaluator = Evaluator.of(Geared, MARKET, Rules(Costs.free()))
    (window,) = walk_forward_windows(MARKET.bars.time, train=200, test=100, step=100, unit="bars")
    found = walk_forward(evaluator, space, (window,), Search("grid"), Objective("trade_count", True))
    stitched = found.stitched
    assert stitched.units[0, 0] * MARKET.bars.open[200] == pytest.approx(exposure * 100_000)
    assert stitched.cuts == 0


def test_a_target_beyond_the_limit_is_cut_and_counted() -> None:
    class Greedy(Strategy):
        def signals(self, see: Columns) -> SignalsLike:
            return np.full(see.n_bars, 5.0)

    result = walked(Greedy, rules=Rules(Costs.free(), execution=Execution(leverage=1.5)))
    assert result.stitched.cuts == 1
    assert result.stitched.units[0, 0] * MARKET.bars.open[100] == pytest.approx(150_000)


def test_a_fold_without_an_answer_leaves_the_account_flat() -> None:
    result = walked(Never)
    for fold in result.folds:
        assert fold.parameters is None
        assert all(math.isnan(value) for value in (*fold.in_sample.values(), *fold.out_of_sample.values()))
    assert math.isnan(result.efficiency)
    assert (result.stitched.equity == 100_000.0).all()
    assert len(result.stitched.trades) == 0
    assert math.isnan(result.stitched.metrics["sharpe_ratio"])


class Sometimes(Strategy):
    """Long in the first half of the bars only: later training windows see no trade."""

    exposure_wanted = FloatParameter(0.5, 1.0, default=1.0)

    def signals(self, see: Columns) -> SignalsLike:
        return np.where(np.arange(see.n_bars) < 130, 1.0, 0.0) * float(self.exposure_wanted)


def test_a_position_is_closed_when_the_next_fold_has_no_answer() -> None:
    result = walked(Sometimes, objective=SHARPE)
    answered = [fold.parameters is not None for fold in result.folds]
    assert answered[0]
    assert not answered[-1]
    assert result.stitched.units[0, 0] != 0.0
    assert result.stitched.units[0, -1] == 0.0
    expected = [fold.in_sample["annualized_return"] for fold in result.folds if fold.parameters is not None]
    wanted = result.stitched.metrics["annualized_return"] / float(np.mean(expected))
    assert result.efficiency == pytest.approx(wanted) or math.isnan(result.efficiency)


def test_progress_counts_the_folds() -> None:
    seen: list[tuple[int, int | None]] = []
    evaluator = Evaluator.of(Cross, MARKET, Rules())
    walk_forward(
        evaluator,
        Cross.space(),
        WINDOWS,
        Search("random", 3, 0),
        SHARPE,
        lambda done, total: seen.append((done, total)),
    )
    assert seen == [(number, len(WINDOWS)) for number in range(1, len(WINDOWS) + 1)]


def test_trades_that_cross_folds_are_counted_once() -> None:
    result = walked(Sized, rules=Rules(), objective=Objective("total_return", True), search=Search("grid"))
    assert isinstance(result.folds[0], Fold)
    assert isinstance(result.folds[0].parameters, ParameterSet)
    assert len(result.stitched.trades) == 1
    assert result.stitched.metrics["trade_count"] == 1.0
