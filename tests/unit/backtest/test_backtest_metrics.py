"""The numbers of tiny runs worked out by hand, several sets at a time, and where a number has no meaning.

Bars stand still at one price, orders fill at the close that decided them, and there are 4 bars in a year: the square
root of the year is 2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from math import sqrt
from typing import Any

import numpy as np
import pytest

from autonomous_trading.backtest import (
    BACKTEST_METRICS,
    Costs,
    Execution,
    Exits,
    Request,
    SetOptions,
    Simulator,
    bar_returns,
    curve_metrics,
    metrics_of,
    month_of,
    needs_curves,
    needs_extended,
)
from autonomous_trading.core import Bars, FloatArray, IntArray, Panel
from tests.twins.kernel import direct

DAY_NS = 86_400_000_000_000
MONDAY_NS = 1_704_067_200_000_000_000  # 2024-01-01
NAN = math.nan
FROM_TRADES = {"win_rate", "profit_factor", "average_win_loss_ratio", "expectancy", "average_hold_time"}
FROM_RETURNS = {"sharpe_ratio", "sortino_ratio", "calmar_ratio", "information_ratio", "omega_ratio"}


def days(*numbers: int) -> IntArray:
    """The starts of these days of 2024, counted from 0."""
    return MONDAY_NS + np.array(numbers, dtype=np.int64) * DAY_NS


def still(*prices: float, on: IntArray | None = None) -> Bars:
    """Bars that stand still at a price each, one a day unless other days are given."""
    column, time = np.array(prices), days(*range(len(prices))) if on is None else on
    return Bars(time, column, column, column, column, np.full(len(prices), 1e9))


def rising(*closes: float) -> Bars:
    """Bars that open where the one before closed."""
    close = np.array(closes)
    opening = np.append(close[0], close[:-1])
    return Bars(days(*range(len(closes))), opening, close, opening, close, np.full(len(closes), 1e9))


def about(expected: object) -> Any:
    """Equal up to the rounding of the last digits; NaN only where NaN is expected."""
    return pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True)


def measured(
    bars: Bars | Panel,
    *targets: Sequence[float],
    costs: Costs | None = None,
    execution: Execution | None = None,
    start: int = 0,
    fill: str = "same_close",
    bars_per_year: float = 4.0,
) -> dict[str, FloatArray]:
    """Every metric of every row of targets: 1,000 of cash, no costs."""
    execution = execution or Execution(fill=fill, initial_cash=1000.0)
    simulator = Simulator(bars, costs or Costs.free(), Exits(), execution)
    programs = [direct(np.array(targets, dtype=np.float64))] * simulator.instruments
    request = Request(extended=True, curves=True)
    sets = SetOptions.of(len(targets), Exits(), execution)
    result = simulator.run(programs, sets, start, len(bars), request=request)
    statistics = result.statistics.at(bars_per_year)
    assert result.curves is not None
    found = metrics_of(statistics, BACKTEST_METRICS)
    return found | curve_metrics(result.curves.equity, bars.time[start:], statistics, BACKTEST_METRICS)


def alone(bars: Bars | Panel, target: Sequence[float], **more: Any) -> dict[str, float]:
    """Every metric of one row of targets."""
    return {name: float(values[0]) for name, values in measured(bars, target, **more).items()}


class TestThreeSetsByHand:
    """The second buys 10 units at 100, sees 120 and sells at 90; the first turns round at 120; the third does nothing.

    Equity of the second 1000, 1200, 900, 900; returns 0, 0.2, -0.25, 0, so their mean is -0.0125.
    """

    VALUES = measured(still(100, 120, 90, 90, on=days(0, 20, 40, 70)), [1, -1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0])

    def value(self, name: str) -> float:
        """Of the second set."""
        return float(self.VALUES[name][1])

    def test_growth(self) -> None:
        assert self.value("total_return") == about(-0.1)
        assert self.value("net_profit") == about(-100)
        assert self.value("cagr") == about(0.9 - 1)
        assert self.value("annualized_return") == about(-0.0125 * 4)

    def test_risk(self) -> None:
        # Squares about the mean: 0.0125^2 x 2 + 0.2125^2 + 0.2375^2 = 0.101875; sorted -0.25 0 0 0.2, the 5 %
        # quantile lies 0.15 of the way from the first to the second: -0.2125.
        assert self.value("volatility") == about(sqrt(0.101875 / 3) * 2)
        assert self.value("max_drawdown") == about(0.25)
        assert self.value("value_at_risk") == about(0.2125)
        assert self.value("conditional_value_at_risk") == about(0.25)

    def test_ratios(self) -> None:
        # The only loss is -0.25: its square over four bars is 0.015625, the root of it 0.125.
        assert self.value("sharpe_ratio") == about(-0.0125 / sqrt(0.101875 / 3) * 2)
        assert self.value("sortino_ratio") == about(-0.0125 / 0.125 * 2)
        assert self.value("calmar_ratio") == about(-0.1 / 0.25)
        assert self.value("omega_ratio") == about(0.2 / 0.25)

    def test_holding_until_the_price_stands_still_adds_nothing_to_holding_for_ever(self) -> None:
        assert math.isnan(self.value("information_ratio"))

    def test_the_first_set_flips_into_a_short(self) -> None:
        # Long 10 from 100 to 120: +200. Short 10 from 120 to 90: +300. Equity 1000, 1200, 1500, 1500.
        found = {name: float(values[0]) for name, values in self.VALUES.items()}
        assert found["total_return"] == about(0.5)
        assert found["trade_count"] == 2
        assert found["win_rate"] == 1
        assert found["expectancy"] == about((200 / 1000 + 300 / 1200) / 2)
        assert found["average_hold_time"] == about(20)
        assert found["exposure"] == about(0.5)
        assert found["turnover"] == about((1000 + 1200 + 1200 + 900) / 1000 / 1.0)
        assert found["signal_frequency"] == about(3)
        assert math.isnan(found["profit_factor"])
        # Returns 0, 0.2, 0.25, 0 against 0, 0.2, -0.25, 0 of holding: 0.5 more on one of four bars.
        assert found["information_ratio"] == about(0.125 / sqrt((3 * 0.125**2 + 0.375**2) / 3) * 2)

    def test_months_are_counted_by_their_last_bar(self) -> None:
        # January ends at 1,200, February at 900 or 1,500, March where February ended.
        assert self.VALUES["consistency_score"] == about([2 / 3, 1 / 3, NAN])

    def test_a_set_without_a_target_has_growth_but_no_ratio(self) -> None:
        found = {name: float(values[2]) for name, values in self.VALUES.items()}
        unknown = {name for name, number in found.items() if math.isnan(number)}
        assert unknown == FROM_TRADES | FROM_RETURNS | {"consistency_score"}
        assert {number for name, number in found.items() if name not in unknown} == {0.0}


class TestTradesByHand:
    # 10 at 100, sold at 110: +100. 11 at 100, sold at 90: -110. 9.9 at 100, sold at 120: +198.
    BARS = still(100, 110, 100, 90, 100, 120)
    TARGET = (1, 0, 1, 0, 1, 0)

    def test_wins_against_losses(self) -> None:
        found = alone(self.BARS, self.TARGET)
        assert found["trade_count"] == about(3)
        assert found["win_rate"] == about(2 / 3)
        assert found["profit_factor"] == about(298 / 110)
        assert found["average_win_loss_ratio"] == about(149 / 110)
        assert found["expectancy"] == about((0.1 - 0.1 + 0.2) / 3)
        assert found["average_hold_time"] == about(1)
        assert found["exposure"] == about(0.5)

    def test_costs_are_fees_and_the_distance_from_the_price(self) -> None:
        # Bought at 100 x 1.01 = 101 with a fee of 2 % of 1,000; 1000 / 101 units, sold at 110 x 0.99 with 2 % of that.
        found = alone(still(100, 110), (1, 0), costs=Costs(commission=0.02, slippage=0.01))
        units, proceeds = 1000 / 101, 1000 / 101 * 108.9
        fees = 0.02 * 1000 + 0.02 * proceeds
        assert found["costs_paid"] == about(fees + units * 1 + units * 1.1)
        assert found["net_profit"] == about(proceeds - 1000 - fees)
        assert found["turnover"] == about((1000 + proceeds) / 1000 / 0.5)

    def test_a_position_still_open_counts_as_a_trade(self) -> None:
        found = alone(still(100, 110), (1, 1))
        assert (found["trade_count"], found["win_rate"], found["exposure"]) == about((1, 1, 1))
        assert found["turnover"] == about(1000 / 1000 / 0.5)

    def test_a_trade_that_gains_nothing_is_no_win_and_no_loss(self) -> None:
        found = alone(still(100, 100), (1, 0))
        assert (found["trade_count"], found["win_rate"]) == about((1, 0))
        assert math.isnan(found["profit_factor"])

    def test_two_instruments_share_the_numbers_of_one_account(self) -> None:
        # Half of 1,000 in each: 5 at 100 gain 100; the other, 5 at 100 as well, loses 50 on the last bar only.
        panel = Panel.of({"A": still(100, 120, 120), "B": still(100, 100, 90)})
        execution = Execution(fill="same_close", initial_cash=1000.0, position_size=0.5)
        found = alone(panel, (1, 1, 0), execution=execution)
        assert found["total_return"] == about(0.05)
        assert (found["trade_count"], found["win_rate"]) == about((2, 0.5))
        assert found["profit_factor"] == about(2)
        # Holding both: 0.1, then -0.05; the account: 0.1, then -50 / 1100.
        active = (0.0, 0.0, 0.05 - 50 / 1100)
        deviation = sqrt(sum((each - sum(active) / 3) ** 2 for each in active) / 2)
        assert found["information_ratio"] == about(sum(active) / 3 / deviation * 2)


class TestWithoutMeaning:
    def test_no_movement_is_no_variance(self) -> None:
        found = alone(still(100, 100, 100), (1, 1, 1))
        assert found["volatility"] == 0
        assert math.isnan(found["sharpe_ratio"])

    def test_the_same_gain_on_every_bar_is_no_variance(self) -> None:
        # Bought at the first open of the run, 100; every close doubles what is held.
        found = alone(rising(100, 200, 400), (1, 1, 1), start=1, fill="open")
        assert found["total_return"] == about(3)
        assert found["volatility"] == 0
        assert math.isnan(found["sharpe_ratio"])

    def test_no_loss_is_no_ratio_of_losses(self) -> None:
        found = alone(still(100, 110, 120), (1, 1, 1))
        for name in ("sortino_ratio", "calmar_ratio", "omega_ratio", "profit_factor", "average_win_loss_ratio"):
            assert math.isnan(found[name]), name
        assert found["max_drawdown"] == about(0)

    def test_growth_too_large_for_a_number_has_no_meaning(self) -> None:
        # 31 % in 30 minutes, after a fall of 10 %, as often as a year has half hours.
        bars = still(100, 90, *[131] * 28, on=days(0) + np.arange(30) * 60_000_000_000)
        found = alone(bars, (1,) * 30, bars_per_year=525_600.0)
        assert found["total_return"] == about(0.31)
        assert not any(math.isinf(number) for number in found.values())
        assert math.isnan(found["cagr"])
        assert math.isnan(found["calmar_ratio"])

    def test_a_ratio_too_large_for_a_number_has_no_meaning(self) -> None:
        # Growth of 1.31^2600 = 1e305 is a number; over a fall of 0.001 % it is none.
        found = alone(still(100, 99.999, 131), (1, 1, 1), bars_per_year=7_800.0)
        assert 1e304 < found["cagr"] < 1e306
        assert math.isnan(found["calmar_ratio"])

    def test_nothing_lost_is_a_risk_of_zero_without_a_sign(self) -> None:
        found = alone(still(100, 100, 100), (0, 0, 0))
        for name in ("value_at_risk", "conditional_value_at_risk"):
            assert math.copysign(1.0, found[name]) == 1.0, name
            assert found[name] == 0.0, name

    def test_one_bar_has_no_deviation_but_everything_else(self) -> None:
        found = alone(still(100), (1,))
        unknown = {name for name, number in found.items() if math.isnan(number)}
        assert {"volatility", "sharpe_ratio"} <= unknown
        assert {"total_return", "cagr", "exposure", "trade_count", "value_at_risk"}.isdisjoint(unknown)

    def test_interest_without_a_trade_is_growth_but_no_merit(self) -> None:
        # A tenth of a percent a day on 1,000, and no trade.
        found = alone(still(100, 100, 100), (0, 0, 0), costs=Costs(commission=0, slippage=0, cash_rate=0.365))
        assert found["total_return"] == about(1.001**2 - 1)
        assert found["cagr"] == about((1.001**2) ** (4 / 3) - 1)
        for name in sorted(FROM_TRADES | FROM_RETURNS | {"consistency_score"}):
            assert math.isnan(found[name]), name

    def test_after_ruin_equity_stays_and_growth_is_minus_one(self) -> None:
        # 40 units of 100 on 1,000; at 70 equity is -200: a return of -1.2 and nothing after it.
        execution = Execution(fill="same_close", initial_cash=1000.0, leverage=4.0)
        found = alone(still(100, 70, 200), (1, 1, 1), execution=execution)
        assert found["total_return"] == about(-1.2)
        assert found["cagr"] == about(-1)
        assert found["annualized_return"] == about(-1.2 / 3 * 4)
        assert found["max_drawdown"] == about(1.2)
        assert found["calmar_ratio"] == about(-1 / 1.2)
        assert (found["trade_count"], found["win_rate"]) == about((1, 0))
        assert found["expectancy"] == about(-1200 / 4000)
        # Sorted -1.2 0 0: a tenth of the way from the first to the second.
        assert found["value_at_risk"] == about(1.2 * 0.9)
        assert found["conditional_value_at_risk"] == about(1.2)

    def test_equity_of_exactly_nothing_is_ruin(self) -> None:
        execution = Execution(fill="same_close", initial_cash=1000.0, leverage=2.0)
        found = alone(still(100, 50, 100), (1, 1, 1), execution=execution)
        assert (found["total_return"], found["cagr"], found["max_drawdown"]) == about((-1, -1, 1))


class TestNames:
    def test_every_name_is_produced_with_a_number_per_set(self) -> None:
        found = measured(still(100, 110, 99), (1, 1, 1), (0, 1, 0))
        assert list(found) == list(BACKTEST_METRICS)
        assert {values.shape for values in found.values()} == {(2,)}
        assert len(set(BACKTEST_METRICS)) == len(BACKTEST_METRICS) == 24

    def test_only_what_is_asked_for_is_counted(self) -> None:
        simulator = Simulator(still(100, 110), Costs.free())
        options = SetOptions.of(1, Exits(), Execution())
        result = simulator.run([direct(np.ones((1, 2)))], options, 0, 2, request=Request(curves=True))
        names = ["win_rate", "value_at_risk", "cagr"]
        assert result.curves is not None
        assert list(metrics_of(result.statistics, names)) == ["win_rate", "cagr"]
        tail = curve_metrics(result.curves.equity, simulator.bars.time, result.statistics, names)
        assert list(tail) == ["value_at_risk"]
        assert curve_metrics(result.curves.equity, simulator.bars.time, result.statistics, ["cagr"]) == {}

    def test_each_name_says_what_has_to_be_recorded_for_it(self) -> None:
        curved = {name for name in BACKTEST_METRICS if needs_curves([name])}
        extended = {name for name in BACKTEST_METRICS if needs_extended([name])}
        assert curved == {"value_at_risk", "conditional_value_at_risk", "consistency_score"}
        assert extended == {"sortino_ratio", "information_ratio", "omega_ratio"}
        assert not needs_curves(["cagr", "omega_ratio"])
        assert needs_extended(["cagr", "omega_ratio"])


class TestReturns:
    def test_the_first_return_is_against_the_initial_cash(self) -> None:
        returns = bar_returns(np.array([[110.0, 99.0], [100.0, 150.0]]), 100.0)
        assert returns.tolist() == [about([0.1, -0.1]), about([0.0, 0.5])]

    def test_after_ruin_a_return_is_nothing(self) -> None:
        assert bar_returns(np.array([-20.0, -20.0, -20.0]), 100.0).tolist() == about([-1.2, 0.0, 0.0])

    def test_months_are_those_of_utc_whatever_the_year(self) -> None:
        moments = ["1970-01-31T23:59", "1970-02-01T00:00", "2023-12-31T23:59", "2024-01-01T00:00"]
        time = np.array(moments, dtype="datetime64[ns]").astype(np.int64)
        assert month_of(time).tolist() == [0, 1, 647, 648]
