"""The returns of every tried set: those of backtests of each set alone, put together period by period."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autonomous_trading.app import Evaluator, Market, Rules, Search, backtest, hold_performance
from autonomous_trading.app.evidence import Periods, market_returns, set_returns
from autonomous_trading.backtest import Execution
from autonomous_trading.core import FloatArray, ParameterTable
from autonomous_trading.strategies import Strategy
from autonomous_trading.testing.markets import trending
from tests.small_strategies import BranchingCross, Cross, Everything, Never, Sized, bars, spliced

ONE = Market.of(bars(seed=6))
TWO = Market.of({"A": bars(seed=6), "B": bars(seed=7)[60:250]})
SPAN = (20, 283)


def drawn(strategy: type[Strategy], count: int) -> ParameterTable:
    """Random sets of a strategy."""
    return Search("random", count, seed=3).optimizer(strategy.space(), 1).ask()


def compounded(equity: FloatArray, cash: float, start: int, stop: int, most: int) -> list[float]:
    """Returns of the last value of each period over that of the one before, by plain loops from the end."""
    width = -(-(stop - start) // most)
    ends: list[int] = []
    row = stop
    while row > start:
        ends.insert(0, row)
        row -= width
    found, before = [], cash
    for end in ends:
        after = float(equity[end - start - 1])
        found.append(after / before - 1.0 if before > 0.0 else 0.0)
        before = after
    return found


@pytest.mark.parametrize("market", [ONE, TWO], ids=["one", "two clocks"])
@pytest.mark.parametrize("strategy", [Cross, BranchingCross, Everything, Never])
@pytest.mark.parametrize("most", [10_000, 50])
def test_every_set_earns_what_it_earns_alone(market: Market, strategy: type[Strategy], most: int) -> None:
    rules = Rules()
    table = drawn(strategy, 6)
    evaluator = Evaluator.of(strategy, market, rules)
    periods = Periods.of(*SPAN, most)
    found = set_returns(evaluator, table, periods)
    assert found.shape == (len(periods.ends), len(table))
    for column, parameters in zip(found.T, table.rows(), strict=True):
        alone = backtest(strategy(**parameters), market, rules, SPAN).performance
        expected = compounded(alone.equity, rules.execution.initial_cash, *SPAN, most)
        np.testing.assert_allclose(column, expected, rtol=0.0, atol=1e-14)
        total = float(np.prod(1.0 + column)) - 1.0
        assert total == pytest.approx(alone.metrics["total_return"], abs=1e-12)


@given(start=st.integers(0, 40), length=st.integers(1, 400), most=st.integers(1, 500))
def test_periods_are_equal_but_for_the_first(start: int, length: int, most: int) -> None:
    periods = Periods.of(start, start + length, most)
    widths = np.diff([start, *periods.ends])
    assert len(periods.ends) <= most
    assert int(periods.ends[-1]) == start + length
    assert set(widths[1:].tolist()) <= {periods.bars}
    assert 1 <= widths[0] <= periods.bars
    # Never longer than it has to be: one bar less in each would be too many periods.
    assert periods.bars == 1 or -(-length // (periods.bars - 1)) > most


def test_a_first_period_that_is_shorter_starts_with_the_cash() -> None:
    periods = Periods.each(5, 12, 3)
    assert periods.ends.tolist() == [6, 9, 12]
    equity = np.array([110.0, 120.0, 130.0, 132.0, 100.0, 90.0, 99.0])
    np.testing.assert_allclose(periods.returns(equity, 100.0), [0.1, 0.2, -0.25])


@given(data=st.data(), bars_in=st.integers(1, 30))
def test_returns_compound_to_the_last_equity(data: st.DataObject, bars_in: int) -> None:
    equity = np.array(data.draw(st.lists(st.floats(0.5, 2e6), min_size=1, max_size=60)))
    periods = Periods.each(7, 7 + len(equity), bars_in)
    assert float(np.prod(1.0 + periods.returns(equity, 1e5))) == pytest.approx(equity[-1] / 1e5, rel=1e-9)


def test_after_ruin_nothing_is_earned() -> None:
    equity = np.array([[100.0, 50.0, 0.0, 0.0, 0.0], [100.0, 110.0, 110.0, 121.0, 121.0]])
    found = Periods.each(0, 5, 1).returns(equity, 100.0)
    np.testing.assert_allclose(found, [[0.0, -0.5, -1.0, 0.0, 0.0], [0.0, 0.1, 0.0, 0.1, 0.0]])


def test_a_ruined_account_in_a_market() -> None:
    """Ten times the equity in a market that falls by 15 % at once."""
    calm = bars(seed=6)
    broken = Market.of(spliced(calm, bars(seed=6, start=85.0), 150))
    rules = Rules(execution=Execution(leverage=10.0))
    evaluator = Evaluator.of(Sized, broken, rules)
    table = ParameterTable({"position_size": np.array([1.0, 0.05])})
    found = set_returns(evaluator, table, Periods.of(0, 300))
    assert backtest(Sized(position_size=1.0), broken, rules).performance.ruined
    lost = np.flatnonzero(found[:, 0] <= -1.0)
    assert len(lost) == 1
    np.testing.assert_array_equal(found[lost[0] + 1 :, 0], 0.0)
    assert np.isfinite(found).all()
    assert np.all(found[-20:, 1] != 0.0)  # the careful one goes on


@settings(max_examples=20)
@given(at_once=st.integers(1, 20_000))
def test_how_much_memory_there_is_changes_nothing(at_once: int) -> None:
    evaluator = Evaluator.of(Cross, TWO, Rules())
    table = drawn(Cross, 9)
    periods = Periods.of(*SPAN)
    whole = set_returns(evaluator, table, periods)
    assert (SPAN[1] - SPAN[0]) * 4 * 4 < 20_000 < (SPAN[1] - SPAN[0]) * 4 * 20  # one, several and nearly all at once
    np.testing.assert_array_equal(set_returns(evaluator, table, periods, at_once=at_once), whole)


def test_sets_keep_their_columns() -> None:
    evaluator = Evaluator.of(Cross, ONE, Rules())
    table = drawn(Cross, 5)
    periods = Periods.of(0, 300)
    order = np.array([3, 0, 4, 2, 1])
    whole = set_returns(evaluator, table, periods)
    assert len({column.tobytes() for column in whole.T}) > 1
    np.testing.assert_array_equal(set_returns(evaluator, table.take(order), periods), whole[:, order])


@pytest.mark.parametrize(("market", "most"), list(itertools.product([ONE, TWO], [10_000, 31])))
def test_the_market_earns_what_holding_earns(market: Market, most: int) -> None:
    rules = Rules()
    evaluator = Evaluator.of(Cross, market, rules)
    held = hold_performance(evaluator, SPAN)
    expected = compounded(held.equity, rules.execution.initial_cash, *SPAN, most)
    found = market_returns(evaluator, Periods.of(*SPAN, most))
    np.testing.assert_allclose(found, expected, rtol=0.0, atol=1e-14)
    assert float(np.prod(1.0 + found)) - 1.0 == pytest.approx(held.metrics["total_return"], abs=1e-12)


def test_bars_outside_the_periods_change_nothing() -> None:
    """Indicators see the bars before; those after are not there yet."""
    long, short = trending(400, seed=2), trending(400, seed=2)[:300]
    periods = Periods.of(50, 300)
    table = drawn(Cross, 5)
    both = [set_returns(Evaluator.of(Cross, Market.of(each), Rules()), table, periods) for each in (long, short)]
    np.testing.assert_array_equal(both[0], both[1])
