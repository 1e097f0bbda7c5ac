"""What sets did on bars they were not chosen on, against walk-forwards, backtests and formulas of their own."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from autonomous_trading.app import (
    Evaluator,
    Found,
    Market,
    Objective,
    Performance,
    ResultConstraint,
    Rules,
    Search,
    backtest,
    hold_performance,
    performance_of,
    run_one,
    run_search,
    walk_forward,
)
from autonomous_trading.app.evidence import Periods, Record
from autonomous_trading.app.evidence._out_of_sample import (
    holdout_figures,
    on_holdout,
    record_of,
    sharpes_of_both,
    walked_forward,
)
from autonomous_trading.core import FloatArray
from autonomous_trading.search import parse_constraint
from autonomous_trading.strategies import Strategy
from autonomous_trading.testing.markets import trending
from autonomous_trading.validation import beyond_market, sharpe_interval, walk_forward_windows
from tests.small_strategies import BranchingCross, Cross, Never, Sized, bars

ONE = Market.of(trending(500, seed=2, drift=0.004))
TWO = Market.of({"A": bars(seed=6, n=400), "B": bars(seed=7, n=400)[60:350]})
SHARPE = Objective.of("sharpe_ratio")
PARAMETERS = {"fast": 3, "slow": 20}


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def searched(strategy: type[Strategy], market: Market, search: Search, stop: int) -> tuple[Evaluator, Found]:
    """A search of the bars before a row."""
    evaluator = Evaluator.of(strategy, market, Rules())

    def measure(table: Any) -> dict[str, FloatArray]:
        return evaluator.measure(table, ("sharpe_ratio",), 0, stop)

    return evaluator, run_search(strategy.space(), measure, [SHARPE], search)


@pytest.mark.parametrize("market", [ONE, TWO], ids=["one", "two clocks"])
@pytest.mark.parametrize("strategy", [Cross, BranchingCross])
@pytest.mark.parametrize("search", [Search("random", 9, 3), Search("grid", None, 0, {"resolution": 3})])
def test_tried_sets_walk_forward_as_a_search_of_the_same_sets(
    market: Market, strategy: type[Strategy], search: Search
) -> None:
    windows = walk_forward_windows(market.bars.time[:300], train=120, test=40, step=40, unit="bars")
    evaluator, found = searched(strategy, market, search, 300)
    walked = walked_forward(evaluator, strategy.space(), found, windows, SHARPE)
    plain = walk_forward(evaluator, strategy.space(), windows, search, SHARPE)
    assert [fold.parameters for fold in walked.folds] == [fold.parameters for fold in plain.folds]
    assert len({str(fold.parameters) for fold in walked.folds}) > 1
    np.testing.assert_array_equal(walked.stitched.equity, plain.stitched.equity)
    np.testing.assert_array_equal(walked.benchmark.equity, plain.benchmark.equity)
    assert repr(walked.stitched.metrics) == repr(plain.stitched.metrics)
    assert (walked.evaluated, walked.efficiency) == (plain.evaluated, plain.efficiency)


def test_what_a_set_keeps_on_all_bars_is_not_known_in_a_window() -> None:
    """A constraint that was measured on later bars must not choose on earlier ones."""
    windows = walk_forward_windows(ONE.bars.time[:300], train=120, test=40, step=40, unit="bars")
    evaluator, found = searched(Cross, ONE, Search("random", 9, 3), 300)
    walked = walked_forward(evaluator, Cross.space(), found, windows, SHARPE)
    loser = walked.folds[0].parameters
    later = ResultConstraint.of_value(parse_constraint("sharpe_ratio >= 1e9"))
    bounded = Found(found.trials, (SHARPE,), (later,))
    assert not np.isfinite(bounded.losses()).any()
    again = walked_forward(evaluator, Cross.space(), bounded, windows, SHARPE)
    assert again.folds[0].parameters == loser
    np.testing.assert_array_equal(again.stitched.equity, walked.stitched.equity)


def record(strategy: Strategy, market: Market, span: tuple[int, int], each: int) -> tuple[Record, Performance]:
    """The record of a set on a span, and its plain backtest."""
    evaluator = Evaluator.of(type(strategy), market, Rules())
    return on_holdout(evaluator, strategy.parameters, span, each, rng()), backtest(
        strategy, market, Rules(), span
    ).performance


@pytest.mark.parametrize("market", [ONE, TWO], ids=["one", "two clocks"])
@pytest.mark.parametrize("each", [1, 4])
def test_a_record_is_the_backtest_on_its_span(market: Market, each: int) -> None:
    span = (250, 391)
    found, plain = record(Cross(**PARAMETERS), market, span, each)
    assert found.performance.metrics == pytest.approx(plain.metrics, nan_ok=True, rel=1e-12)
    evaluator = Evaluator.of(Cross, market, Rules())
    assert repr(found.benchmark.metrics) == repr(hold_performance(evaluator, span).metrics)
    np.testing.assert_array_equal(found.returns, Periods.each(*span, each).returns(plain.equity, 100_000.0))
    np.testing.assert_array_equal(found.left, beyond_market(found.returns, found.market))
    assert found.periods_per_year == market.bars.bars_per_year / each
    for interval, returns in ((found.traded, found.returns), (found.beyond, found.left)):
        sharpe = returns.mean() / returns.std(ddof=1) * math.sqrt(found.periods_per_year)
        assert interval.estimate == pytest.approx(sharpe, rel=1e-9)
        assert interval.lower < interval.estimate < interval.upper
    assert found.estimates == (found.traded.estimate, found.beyond.estimate)
    assert found.lower == (found.traded.lower, found.beyond.lower)


def test_the_lower_bound_holds_with_95_percent() -> None:
    found, _ = record(Cross(**PARAMETERS), ONE, (0, 500), 1)
    scale = math.sqrt(found.periods_per_year)
    wide, narrow = (
        sharpe_interval(found.returns, confidence=confidence, rng=rng(), repetitions=1_000)
        for confidence in (0.97, 0.80)
    )
    assert wide.lower * scale < found.traded.lower < narrow.lower * scale
    assert narrow.upper * scale < found.traded.upper < wide.upper * scale


def test_holding_has_nothing_beyond_the_market() -> None:
    evaluator = Evaluator.of(Sized, ONE, Rules())
    held = hold_performance(evaluator, (100, 400))
    found = record_of(evaluator, held, held, 1, rng())
    assert found.estimates.traded > 0.0
    assert found.beyond.estimate == 0.0
    assert math.isnan(found.beyond.lower)
    figures = holdout_figures(found, found, fresh=True)
    assert figures.sharpe.lowest() == 0.0  # a rising market alone passes nothing
    assert figures.odds.traded == pytest.approx(0.5)
    assert math.isnan(figures.odds.beyond)


def test_who_never_traded_has_no_record() -> None:
    found, _ = record(Never(), ONE, (250, 400), 1)
    assert math.isnan(found.traded.estimate)
    assert math.isnan(found.beyond.estimate)


@pytest.mark.parametrize(("bars_there", "known"), [(19, False), (20, True)])
def test_few_periods_have_an_estimate_and_no_errors(bars_there: int, known: bool) -> None:
    # Bars 150 to 170 fall while the averages are crossed: the account moves.
    span = (100, 100 + bars_there)
    found, _ = record(Cross(**PARAMETERS), ONE, span, 1)
    returns = found.returns
    expected = returns.mean() / returns.std(ddof=1) * math.sqrt(found.periods_per_year)
    assert found.traded.estimate == pytest.approx(expected)
    assert math.isfinite(found.traded.lower) is known
    long, _ = record(Cross(**PARAMETERS), ONE, (200, 400), 1)
    assert math.isfinite(holdout_figures(found, long, fresh=True).odds.traded) is known
    assert math.isfinite(holdout_figures(long, found, fresh=True).odds.traded) is known


def test_the_odds_are_those_of_a_difference_of_two_normal_numbers() -> None:
    before, _ = record(Cross(**PARAMETERS), ONE, (0, 300), 1)
    after, _ = record(Cross(**PARAMETERS), ONE, (300, 500), 1)
    figures = holdout_figures(after, before, fresh=False)
    assert figures.fresh is False
    assert figures.sharpe == after.estimates
    for odds, low, high in (
        (figures.odds.traded, after.traded, before.traded),
        (figures.odds.beyond, after.beyond, before.beyond),
    ):
        spread = math.hypot(low.standard_error, high.standard_error)
        assert odds == pytest.approx(NormalDist().cdf((low.estimate - high.estimate) / spread), rel=1e-3)
    swapped = holdout_figures(before, after, fresh=False)
    assert swapped.odds.traded == pytest.approx(1.0 - figures.odds.traded)


def test_odds_of_records_in_other_periods() -> None:
    """Sharpe ratios are annualised before they are compared."""
    before, _ = record(Cross(**PARAMETERS), ONE, (0, 300), 1)
    daily, weekly = (record(Cross(**PARAMETERS), ONE, (300, 500), each)[0] for each in (1, 5))
    odds = [holdout_figures(each, before, fresh=True).odds.traded for each in (daily, weekly)]
    assert odds[0] == pytest.approx(odds[1], abs=0.15)


def test_a_record_of_an_account_without_change_has_no_odds() -> None:
    still, _ = record(Never(), ONE, (300, 400), 1)
    before, _ = record(Cross(**PARAMETERS), ONE, (0, 300), 1)
    assert math.isnan(holdout_figures(still, before, fresh=True).odds.traded)


def test_two_records_are_one_after_the_other() -> None:
    first, _ = record(Cross(**PARAMETERS), ONE, (0, 300), 1)
    second, _ = record(Cross(**PARAMETERS), ONE, (300, 500), 1)
    traded, beyond = sharpes_of_both(first, second, rng())
    returns = np.concatenate([first.returns, second.returns])
    left = beyond_market(returns, np.concatenate([first.market, second.market]))
    for interval, each in ((traded, returns), (beyond, left)):
        assert interval.estimate == pytest.approx(each.mean() / each.std(ddof=1) * math.sqrt(252.0))
    assert traded.standard_error < min(first.traded.standard_error, second.traded.standard_error)


def test_the_same_stream_of_random_numbers_gives_the_same_record() -> None:
    span = (250, 400)
    evaluator = Evaluator.of(Cross, ONE, Rules())
    performance = performance_of(run_one(evaluator, PARAMETERS, span), evaluator.simulator, span)
    held = hold_performance(evaluator, span)
    both = [record_of(evaluator, performance, held, 1, rng()) for _ in range(2)]
    assert both[0].traded == both[1].traded
    assert both[0].beyond == both[1].beyond
