"""One run and everything asked about it: curves, trades, metrics, the market beside it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autonomous_trading.app import (
    Evaluator,
    Market,
    Rules,
    backtest,
    hold_performance,
    moments_of,
    performance_of,
    run_one,
    simulate,
)
from autonomous_trading.backtest import BACKTEST_METRICS, Costs, Execution, Exits, Request
from autonomous_trading.core import Bars, InvalidInput
from autonomous_trading.strategies import Columns, SignalsLike, Strategy
from autonomous_trading.validation import probabilistic_sharpe_ratio
from tests.small_strategies import Cross, Never, Sized, bars

MARKET = Market.of(bars(seed=8))
TWO = Market.of({"A": bars(seed=8), "B": bars(seed=9)[20:200]})


@pytest.mark.parametrize("market", [MARKET, TWO])
def test_curves_and_trades_tell_one_story(market: Market) -> None:
    outcome = backtest(Cross(), market, Rules(Costs(borrow_rate=0.1), Exits(stop_loss=0.02)))
    run = outcome.performance
    close = np.atleast_2d(market.bars.close)
    np.testing.assert_allclose(run.cash + np.nansum(run.units * close, axis=0), run.equity, rtol=1e-12)
    assert len(run.trades) == run.metrics["trade_count"] > 3
    assert run.equity[-1] - 100_000 == pytest.approx(run.trades.net_profit.sum() + run.financing)
    assert run.metrics["costs_paid"] == pytest.approx(run.trades.costs.sum())
    assert set(run.trades.instrument.tolist()) == set(range(len(market.instruments)))
    assert set(run.metrics) == {*BACKTEST_METRICS, "psr"}
    assert run.span == (0, 300)
    assert not run.ruined
    assert not outcome.same_bar


def test_a_span_trades_its_own_bars_and_sees_the_ones_before() -> None:
    whole, part = backtest(Cross(), MARKET, Rules()), backtest(Cross(), MARKET, Rules(), (100, 250))
    assert part.performance.span == (100, 250)
    assert len(part.performance.equity) == 150
    assert dict(part.explanation.stages)["bars after warm-up"] == 150
    held = whole.performance.units[0, 99] > 0
    assert (part.performance.units[0, 0] > 0) == held
    np.testing.assert_array_equal(part.performance.units[0] > 0, whole.performance.units[0, 100:250] > 0)


def test_the_probability_of_a_positive_sharpe_ratio_comes_from_the_curve() -> None:
    run = backtest(Cross(), MARKET, Rules()).performance
    moments = moments_of(run, 100_000.0)
    expected = probabilistic_sharpe_ratio(moments.sharpe, moments.n, skew=moments.skew, kurtosis=moments.kurtosis)
    assert run.metrics["psr"] == expected
    assert moments.sharpe * math.sqrt(252) == pytest.approx(run.metrics["sharpe_ratio"])


@pytest.mark.parametrize("stop", [1, 2])
def test_ratios_of_almost_no_bars_are_not_numbers(stop: int) -> None:
    run = backtest(Sized(), MARKET, Rules(execution=Execution(fill="same_close")), (0, stop)).performance
    assert math.isnan(run.metrics["psr"])
    assert run.metrics["trade_count"] == 1.0


def test_no_trades_give_no_ratios() -> None:
    outcome = backtest(Never(), MARKET, Rules(Costs(cash_rate=0.05)))
    metrics = outcome.performance.metrics
    for name in ("sharpe_ratio", "sortino_ratio", "profit_factor", "win_rate", "psr", "consistency_score"):
        assert math.isnan(metrics[name])
    assert metrics["total_return"] > 0.0
    assert metrics["trade_count"] == 0.0
    assert outcome.benchmark.metrics["trade_count"] == 1.0


def test_ruin_and_cuts_are_said() -> None:
    rules = Rules(Costs(), execution=Execution(leverage=5.0))
    outcome = simulate(np.full((1, 300), -9.0), Market.of(bars(seed=8)), rules)
    assert outcome.performance.cuts == 1
    doubled = Market.of(bars(seed=8, n=600))
    targets = np.full((1, 600), -5.0)
    ruined = simulate(targets, doubled, Rules(Costs(borrow_rate=9.0), execution=Execution(leverage=5.0)))
    assert ruined.performance.ruined
    assert ruined.performance.equity[-1] <= 0.0
    assert ruined.performance.trades.reason[-1] == "ruin"


def test_the_leverage_of_one_account_is_the_limit_of_all_its_instruments() -> None:
    several = Market.of({name: bars(seed=seed) for seed, name in enumerate("ABCD", start=1)})
    run = simulate(np.full((4, 300), 4.0), several, Rules(execution=Execution(leverage=2.0))).performance
    value = run.equity - run.cash
    assert run.cuts == 4
    assert value[1] / run.equity[1] == pytest.approx(2.0, rel=0.05)


def test_cuts_and_early_positions_are_warnings() -> None:
    outcome = simulate(np.full((1, 300), 3.0), MARKET, Rules())
    (cut,) = outcome.warnings
    assert cut.message.startswith("leverage: 1 change of the target asked for more than it allows")

    class Opposite(Strategy):
        def signals(self, see: Columns) -> SignalsLike:
            return ~(see.close > see.sma(50))

    (early,) = backtest(Opposite(), MARKET, Rules()).warnings
    assert early.message.startswith("positions are wanted on 49 bars before sma(50) has a value")
    assert backtest(Cross(), MARKET, Rules()).warnings == ()
    inside = backtest(Opposite(), MARKET, Rules(), (60, 200)).warnings
    assert inside == (), "the warm-up lies before the span"


def test_an_account_that_borrows_without_being_asked_to_says_so() -> None:
    time = np.arange(40) * 86_400_000_000_000
    grown = np.linspace(100.0, 400.0, 40)
    still = np.full(40, 100.0)
    market = Market.of(
        {name: Bars(time, p, p + 1, p - 1, p, np.full(40, 1e9)) for name, p in (("A", grown), ("B", still))}
    )
    late = np.where(np.arange(40) < 30, 0.0, 1.0)
    outcome = simulate(np.stack([np.ones(40), late]), market, Rules())
    assert any(each.code == "borrowed" for each in outcome.warnings)
    asked = simulate(np.stack([np.ones(40), late]), market, Rules(execution=Execution(leverage=1.5)))
    assert not any(each.code == "borrowed" for each in asked.warnings)


def test_filling_at_the_close_of_the_decision_is_marked() -> None:
    assert backtest(Cross(), MARKET, Rules(execution=Execution(fill="same_close"))).same_bar
    assert simulate(np.ones((1, 300)), MARKET, Rules(execution=Execution(fill="same_close"))).same_bar


@pytest.mark.parametrize("shape", [(300,), (2, 300), (1, 299), (0,)])
def test_targets_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InvalidInput, match=r"^target has shape .*, the market \[1, 300\] \(instruments x bars\)"):
        simulate(np.ones(shape), MARKET, Rules())


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinite_targets_are_refused(value: float) -> None:
    with pytest.raises(InvalidInput, match=r"^target holds an infinite value"):
        simulate(np.full((1, 300), value), MARKET, Rules())


def test_targets_of_several_instruments_are_equal_parts_of_one_account() -> None:
    targets = np.ones((2, 300))
    targets[1] = np.nan
    outcome = simulate(targets, TWO, Rules(Costs.free()))
    assert outcome.performance.units[0, 1] * TWO.bars.open[0, 1] == pytest.approx(50_000.0)
    assert (outcome.performance.units[1] == 0.0).all()


def test_a_run_without_curves_has_no_performance() -> None:
    evaluator = Evaluator.of(Cross, MARKET, Rules())
    (batch,) = evaluator.batches(Cross.space().table([{}]))
    for request in (Request(), Request(curves=True), Request(trades=True)):
        result = evaluator.run(batch, 0, 300, request)
        with pytest.raises(InvalidInput, match=r"^the run kept no curves and trades"):
            performance_of(result, evaluator.simulator, (0, 300))


def test_one_set_of_a_table_is_the_strategy_with_those_values() -> None:
    evaluator = Evaluator.of(Cross, MARKET, Rules())
    result = run_one(evaluator, Cross(fast=4).parameters, (0, 300))
    performance = performance_of(result, evaluator.simulator, (0, 300))
    np.testing.assert_array_equal(performance.equity, backtest(Cross(fast=4), MARKET, Rules()).performance.equity)


def test_a_market_without_parameters_is_run_too() -> None:
    evaluator = Evaluator.of(Cross, MARKET, Rules())
    np.testing.assert_array_equal(
        hold_performance(evaluator, (0, 300)).equity, backtest(Cross(), MARKET, Rules()).benchmark.equity
    )
