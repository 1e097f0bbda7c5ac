"""Hand-worked examples of the fill contract: statistics (F10).

Every example starts with 1,000 of cash, bars stand still at one price and there are 4 bars in a year, so the
square root of the year is 2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from math import isnan, nan, sqrt

import pytest

from autonomous_trading.core import METRICS
from tests.twins.engines import METRIC_ENGINES, MetricEngine, about, market
from tests.twins.records import TwinCosts, TwinExits, TwinMarket, TwinRun

pytestmark = pytest.mark.parametrize("engine", METRIC_ENGINES.values(), ids=METRIC_ENGINES)

BARS_PER_YEAR = 4.0


def measure(
    engine: MetricEngine,
    bars: TwinMarket,
    target: Sequence[float],
    *,
    costs: TwinCosts | None = None,
    run: TwinRun | None = None,
) -> dict[str, float]:
    settings = (costs or TwinCosts(), TwinExits(), run or TwinRun(stop=len(target)))
    return engine(bars, list(target), *settings, BARS_PER_YEAR)


class TestOneWinningPosition:
    # 10 units at 100. Equity 1000, 1000, 1100, 990, 1089; returns 0, 0, 0.1, -0.1, 0.1 with mean 0.02.
    BARS = market(100, 100, 110, 99, 108.9)
    YEARS = 5 / 4

    def test_growth(self, engine: MetricEngine) -> None:
        values = measure(engine, self.BARS, [1] * 5)
        assert values["net_profit"] == about(89)
        assert values["total_return"] == about(0.089)
        assert values["annualized_return"] == about(0.02 * 4)
        assert values["cagr"] == about(1.089 ** (4 / 5) - 1)
        assert values["turnover"] == about(1000 / 1000 / self.YEARS)
        assert values["costs_paid"] == about(0)

    def test_risk(self, engine: MetricEngine) -> None:
        # Squares about the mean: 0.0004 + 0.0004 + 0.0064 + 0.0144 + 0.0064 = 0.028, / 4 = 0.007.
        # Sorted returns -0.1 0 0 0.1 0.1: 5 % of the way is a fifth between the first two: -0.08.
        values = measure(engine, self.BARS, [1] * 5)
        assert values["volatility"] == about(sqrt(0.007) * 2)
        assert values["max_drawdown"] == about(0.1)
        assert values["value_at_risk"] == about(0.08)
        assert values["conditional_value_at_risk"] == about(0.1)

    def test_ratios(self, engine: MetricEngine) -> None:
        # Downside: the mean square of -0.1 over all five is 0.002. Gains 0.2 against a loss of 0.1.
        values = measure(engine, self.BARS, [1] * 5)
        assert values["sharpe_ratio"] == about(0.02 / sqrt(0.007) * 2)
        assert values["sortino_ratio"] == about(0.02 / sqrt(0.002) * 2)
        assert values["calmar_ratio"] == about((1.089 ** (4 / 5) - 1) / 0.1)
        assert values["omega_ratio"] == about(2)

    def test_holding_all_the_time_has_no_information_ratio(self, engine: MetricEngine) -> None:
        assert isnan(measure(engine, self.BARS, [1] * 5)["information_ratio"])

    def test_trades(self, engine: MetricEngine) -> None:
        # One trade from bar 1 to bar 4, still open; it lost nothing, so what needs a loss has no meaning.
        values = measure(engine, self.BARS, [1] * 5)
        assert (values["trade_count"], values["win_rate"]) == (1, 1)
        assert isnan(values["profit_factor"])
        assert isnan(values["average_win_loss_ratio"])
        assert values["expectancy"] == about(89 / 1000)
        assert values["average_hold_time"] == about(3)
        assert values["signal_frequency"] == about(1 / self.YEARS)
        assert values["exposure"] == about(4 / 5)
        assert values["consistency_score"] == about(1)  # January is the only month


class TestAWinAndALoss:
    # 10 at 100 sold at 110 (+100), 10 at 110 sold at 105 (-50).
    # Days 0 and 10 are in January, 31 and 40 in February, 60 is 1 March 2024.
    BARS = market(100, 100, 110, 110, 105, days=[0, 10, 31, 40, 60])
    TARGET = (1, 0, 1, 0, 0)

    def test_trades(self, engine: MetricEngine) -> None:
        values = measure(engine, self.BARS, self.TARGET)
        assert (values["trade_count"], values["win_rate"]) == (2, 0.5)
        assert values["profit_factor"] == about(2)
        assert values["average_win_loss_ratio"] == about(2)
        assert values["expectancy"] == about((100 / 1000 - 50 / 1100) / 2)
        assert values["average_hold_time"] == about((21 + 20) / 2)
        assert values["exposure"] == about(2 / 5)
        assert values["turnover"] == about((1000 + 1100 + 1100 + 1050) / 1000 / (5 / 4))
        assert values["signal_frequency"] == about(4 / (5 / 4))

    def test_months(self, engine: MetricEngine) -> None:
        # January 1,000 -> 1,000 no; February -> 1,100 yes; March -> 1,050 no.
        assert measure(engine, self.BARS, self.TARGET)["consistency_score"] == about(1 / 3)

    def test_only_losses(self, engine: MetricEngine) -> None:
        # A fee of 101 for each fill turns both trades into losses: nothing won is a profit factor of 0, and
        # an average win does not exist.
        values = measure(engine, self.BARS, self.TARGET, costs=TwinCosts(minimum=101))
        assert (values["win_rate"], values["profit_factor"]) == (0, 0)
        assert isnan(values["average_win_loss_ratio"])
        assert values["costs_paid"] == about(404)


class TestEdges:
    def test_the_benchmark_of_the_first_bar_knows_the_close_before(self, engine: MetricEngine) -> None:
        # The run has bars 1 and 2. Bought at 110: returns 0, 0.1; holding: 110 / 100 - 1 = 0.1, 0.1.
        # Active -0.1, 0: mean -0.05, deviation sqrt(0.005).
        run = TwinRun(stop=3, start=1)
        values = measure(engine, market(100, 110, 121), [1, 1, 1], run=run)
        assert values["information_ratio"] == about(-0.05 / sqrt(0.005) * 2)

    def test_the_initial_cash_is_the_first_peak(self, engine: MetricEngine) -> None:
        # The fee of 100 at bar 0 is a fall from 1,000 although no equity was ever that high.
        run = TwinRun(stop=2, fill="same_close")
        values = measure(engine, market(100, 100), [1, 1], costs=TwinCosts(minimum=100), run=run)
        assert values["max_drawdown"] == about(0.1)

    def test_without_a_trade_ratios_have_no_meaning(self, engine: MetricEngine) -> None:
        # Interest moves equity, but there is nothing to judge.
        values = measure(engine, market(100, 110, 99), [0, 0, 0], costs=TwinCosts(cash_rate=0.365))
        for name in ("sharpe_ratio", "sortino_ratio", "calmar_ratio", "information_ratio", "omega_ratio"):
            assert isnan(values[name]), name
        for name in ("win_rate", "profit_factor", "average_win_loss_ratio", "expectancy"):
            assert isnan(values[name]), name
        assert isnan(values["average_hold_time"])
        assert isnan(values["consistency_score"])
        assert values["total_return"] == about(1.001**2 - 1)
        assert (values["trade_count"], values["exposure"], values["turnover"]) == (0, 0, 0)

    def test_one_bar_has_no_deviation(self, engine: MetricEngine) -> None:
        run = TwinRun(stop=1, fill="same_close")
        values = measure(engine, market(100), [1], run=run)
        assert isnan(values["volatility"])
        assert isnan(values["sharpe_ratio"])

    def test_after_ruin_nothing_moves_and_nothing_compounds(self, engine: MetricEngine) -> None:
        # 40 units of 100, cash -3,000; at 70: -200, a return of -1.2, then 0.
        values = measure(engine, market(100, 100, 70, 70), [4] * 4, run=TwinRun(stop=4, leverage=4))
        assert values["annualized_return"] == about(-1.2 / 4 * 4)
        assert values["cagr"] == about(-1)
        assert values["total_return"] == about(-1.2)
        assert values["max_drawdown"] == about(1.2)
        assert values["calmar_ratio"] == about(-1 / 1.2)

    def test_never_infinite(self, engine: MetricEngine) -> None:
        for prices in ((100, 100, 100), (100, 110, 120), (100, 90, 80)):
            for target in ((nan,) * 3, (1,) * 3, (-1, 1, 0)):
                for name, value in measure(engine, market(*prices), target).items():
                    assert not math.isinf(value), name


METRICS_OF_A_RUN = set(METRICS) - {
    "parameter_sensitivity",  # of a search, not of a run
    "parameter_stability_score",
    "psr",
    "dsr",
    "pbo",
}


def test_every_metric_of_a_run_is_counted(engine: MetricEngine) -> None:
    assert METRICS_OF_A_RUN - set(measure(engine, market(100, 110), [1, 1])) == set()
