"""Hand-worked examples of the fill contract: costs and partial fills (F3), financing (F4).

Every example starts with 1,000 of cash; a bar written as one number stands still at that price.
"""

from __future__ import annotations

from math import nan

import pytest

from tests.twins.engines import ENGINES, Engine, about, market, play
from tests.twins.records import TwinCosts, TwinRun

pytestmark = pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)

A_DAY = 0.365  # this rate per year is 0.001 a day


class TestF3Costs:
    def test_commission_and_per_unit_come_out_of_cash(self, engine: Engine) -> None:
        # 100 units at 10; 1 % of 1,000 + 0.1 x 100 = 20. The fee is not held back from the order: cash -20.
        costs = TwinCosts(commission=0.01, per_unit=0.1)
        result = play(engine, market(10, 10), [1, 1], costs=costs)
        assert result.units == about([0, 100])
        assert result.cash == about([1000, -20])
        assert result.equity == about([1000, 980])
        assert (result.costs_paid, result.turnover) == about((20, 1000))
        assert (result.trades[0].gross_profit, result.trades[0].net_profit) == about((0, -20))

    @pytest.mark.parametrize(("minimum", "fee"), [(5, 5), (0.5, 1)])
    def test_a_fee_is_at_least_the_minimum(self, engine: Engine, minimum: float, fee: float) -> None:
        # 0.1 % of 1,000 is 1: less than a minimum of 5, more than one of 0.5.
        costs = TwinCosts(commission=0.001, minimum=minimum)
        result = play(engine, market(10, 10), [1, 1], costs=costs)
        assert result.equity == about([1000, 1000 - fee])

    def test_a_flip_pays_the_minimum_twice(self, engine: Engine) -> None:
        # Bar 1: buy 100 at 10, fee 5: cash -5. Bar 2: sell 100, fee 5: cash 990; then sell 99 more, fee 5:
        # cash 990 + 990 - 5 = 1,975, equity 1,975 - 990 = 985.
        result = play(engine, market(10, 10, 10), [1, -1, -1], costs=TwinCosts(minimum=5))
        assert result.units == about([0, 100, -99])
        assert result.cash == about([1000, -5, 1975])
        assert result.equity == about([1000, 995, 985])
        assert (result.costs_paid, result.fills) == (about(15), 3)
        # The closing leg's fee belongs to the old trade, the opening leg's to the new one.
        assert [trade.costs for trade in result.trades] == about([10, 5])
        assert [trade.net_profit for trade in result.trades] == about([-10, -5])

    def test_half_spread_is_the_value_of_the_bar_of_the_fill(self, engine: Engine) -> None:
        # Buy at 10 x 1.25 = 12.5: 80 units. Sell at 10 x 0.5 = 5: cash 400.
        # Costs paid: 80 x 2.5 + 80 x 5 = 600; turnover 1,000 + 400.
        bars = market(10, 10, 10, half_spread=[0.9, 0.25, 0.5])
        result = play(engine, bars, [1, 0, 0])
        assert result.units == about([0, 80, 0])
        assert result.equity == about([1000, 800, 400])
        assert (result.costs_paid, result.turnover) == about((600, 1400))
        assert result.trades[0].costs == about(600)

    def test_slippage_adds_to_the_half_spread(self, engine: Engine) -> None:
        # Buy at 10 x (1 + 0.15 + 0.1) = 12.5: 80 units. Sell at 7.5: cash 600.
        bars = market(10, 10, 10, half_spread=0.15)
        result = play(engine, bars, [1, 0, 0], costs=TwinCosts(slippage=0.1))
        assert result.equity == about([1000, 800, 600])

    def test_atr_slippage_uses_the_atr_known_at_the_decision(self, engine: Engine) -> None:
        # Buy at 10 + 0.5 x 5 (ATR of bar 0) = 12.5: 80 units. Sell at 10 - 0.5 x 4 (bar 1) = 8: cash 640.
        bars = market(10, 10, 10, atr=[5, 4, 99])
        result = play(engine, bars, [1, 0, 0], costs=TwinCosts(slippage_atr=0.5))
        assert result.equity == about([1000, 800, 640])
        # Filled at the close of the decision itself, that bar's ATR is the known one: 10 + 2.5, then 10 - 2.
        same = play(
            engine,
            bars,
            [1, 0, 0],
            costs=TwinCosts(slippage_atr=0.5),
            run=TwinRun(stop=3, fill="same_close"),
        )
        assert same.equity == about([800, 640, 640])

    def test_an_unknown_atr_costs_nothing(self, engine: Engine) -> None:
        bars = market(10, 10, atr=[nan, 5])
        result = play(engine, bars, [1, 1], costs=TwinCosts(slippage_atr=0.5))
        assert result.equity == about([1000, 1000])

    @pytest.mark.parametrize(("volume", "price"), [(100, 10.5), (400, 10.25), (0, 10)])
    def test_impact_grows_with_the_root_of_the_share_of_volume(
        self, engine: Engine, volume: float, price: float
    ) -> None:
        # The order is sized before impact: 100 units. 0.5 x 0.1 x sqrt(100 / 100) = 5 %, of 400 half of that;
        # a bar without volume has no measured impact.
        bars = market(10, 10, volume=volume, sigma=[0.1, 0.9])
        result = play(engine, bars, [1, 1], costs=TwinCosts(impact=0.5))
        assert result.units == about([0, 100])
        assert result.cash == about([1000, 1000 - 100 * price])
        assert result.costs_paid == about(100 * (price - 10))

    def test_a_price_never_falls_below_zero(self, engine: Engine) -> None:
        # Buy at 10 x 2.5 = 25: 500 / 25 = 20 units. Sell at 10 x -0.5, which is floored at 0: cash stays 500.
        # Costs paid: 20 x 15 + 20 x 10 = 500.
        result = play(engine, market(10, 10, 10), [0.5, 0, 0], costs=TwinCosts(slippage=1.5))
        assert result.equity == about([1000, 700, 500])
        assert (result.costs_paid, result.turnover) == about((500, 500))

    def test_what_only_the_costs_would_turn_around_is_not_ordered(self, engine: Engine) -> None:
        # Bar 1: 0.5 x 1,000 / 12.5 = 40 units, cash 500. Bar 2, target 0.45: at the reference price, 10,
        # it is 0.45 x 900 / 10 = 40.5 units, a buy; at the price of a buy 0.45 x 1,000 / 12.5 = 36, a sale.
        costs = TwinCosts(slippage=0.25)
        result = play(engine, market(10, 10, 10), [0.5, 0.45, 0.45], costs=costs)
        assert result.units == about([0, 40, 40])
        assert (result.fills, result.signals) == (1, 2)

    @pytest.mark.parametrize("slippage", [1, 1.5])
    def test_at_a_price_of_nothing_no_order_can_be_sized(self, engine: Engine, slippage: float) -> None:
        result = play(engine, market(10, 10), [-1, -1], costs=TwinCosts(slippage=slippage))
        assert (result.fills, result.units) == (0, about([0, 0]))


class TestF3PartialFills:
    def test_the_rest_is_filled_at_the_next_bars_toward_the_same_units(self, engine: Engine) -> None:
        # The goal is 1,000 / 10 = 100 units. A tenth of the volume: 40 at 10, 30 at 20, then the last 30 of
        # 100 allowed at 10: 400 + 600 + 300 = 1,300 and three fees of 1.
        bars = market(10, 10, 20, 10, 10, volume=[1000, 400, 300, 1000, 1000])
        costs = TwinCosts(participation=0.1, minimum=1)
        result = play(engine, bars, [1, 1, 1, 1, 1], costs=costs)
        assert result.units == about([0, 40, 70, 100, 100])
        assert result.cash == about([1000, 599, -2, -303, -303])
        assert (result.fills, result.signals, result.costs_paid) == (3, 1, about(3))
        assert (result.trades[0].entry_bar, result.trades[0].entry_price) == (1, about(13))

    def test_a_bar_without_volume_fills_nothing_and_costs_nothing(self, engine: Engine) -> None:
        bars = market(10, 10, 10, volume=[1000, 0, 1000])
        costs = TwinCosts(participation=0.1, minimum=1)
        result = play(engine, bars, [1, 1, 1], costs=costs)
        assert result.units == about([0, 0, 100])
        assert (result.fills, result.trades[0].entry_bar) == (1, 2)

    def test_a_flip_opens_when_its_capped_closing_leg_is_done(self, engine: Engine) -> None:
        # Bar 1: 100 at 10. Bar 2: 60 of the 100 sold at 12, cash 720. Bar 3: the last 40 sold at 10, cash
        # 1,120; flat, so the short is sized now: -112, of which 100 may be sold (cash 2,120).
        # Bar 4: the last 12 sold at 8, cash 2,216; equity 2,216 - 112 x 8 = 1,320.
        bars = market(10, 10, 12, 10, 8, volume=[1000, 1000, 600, 1000, 1000])
        result = play(engine, bars, [1, -1, -1, -1, -1], costs=TwinCosts(participation=0.1))
        assert result.units == about([0, 100, 40, -100, -112])
        assert result.cash == about([1000, 0, 720, 2120, 2216])
        assert result.equity == about([1000, 1000, 1200, 1120, 1320])
        assert (result.fills, result.signals) == (5, 2)
        long, short = result.trades
        assert (long.exit_bar, long.reason, long.exit_price) == (3, "signal", about(11.2))
        assert (short.entry_bar, short.side) == (3, -1)

    def test_a_new_target_replaces_the_rest(self, engine: Engine) -> None:
        # 50 of 100 units are filled when the target becomes 0: the 50 are sold and nothing is pending.
        bars = market(10, 10, 10, 10, volume=500)
        result = play(engine, bars, [1, 0, 0, 0], costs=TwinCosts(participation=0.1))
        assert result.units == about([0, 50, 0, 0])
        assert result.fills == 2

    def test_nan_lets_the_rest_go_on(self, engine: Engine) -> None:
        bars = market(10, 10, 10, 10, volume=500)
        result = play(engine, bars, [1, nan, nan, nan], costs=TwinCosts(participation=0.1))
        assert result.units == about([0, 50, 100, 100])


class TestF4Financing:
    def test_a_short_pays_for_days_not_bars(self, engine: Engine) -> None:
        # A weekend without bars: bars at days 0, 1, 4, 5. Short 100 at 10, 1,000 x 0.001 a day:
        # nothing on the day it opens, 3 for the three days to bar 2, 1 for the next.
        bars = market(10, 10, 10, 10, days=[0, 1, 4, 5])
        result = play(engine, bars, [-1, -1, -1, -1], costs=TwinCosts(borrow_rate=A_DAY))
        assert result.cash == about([1000, 2000, 1997, 1996])
        assert result.equity == about([1000, 1000, 997, 996])
        assert result.financing == about(-4)
        assert result.trades[0].net_profit == about(0)  # financing belongs to the account, not to a trade

    def test_own_cash_earns_interest_and_short_proceeds_do_not(self, engine: Engine) -> None:
        # Bar 1: 1,000 x 0.001 = 1 on cash, then short 1,001 / 10 = 100.1 units: cash 2,002.
        # Bar 2: interest on min(2,002, 1,001) = 1.001, borrow on 1,001 = 1.001; bar 3: the same again.
        costs = TwinCosts(cash_rate=A_DAY, borrow_rate=A_DAY)
        result = play(engine, market(10, 10, 10, 10), [-1, -1, -1, -1], costs=costs)
        assert result.units == about([0, -100.1, -100.1, -100.1])
        assert result.cash == about([1000, 2002, 2002, 2002])
        assert result.financing == about(1)

    def test_borrowed_cash_costs_interest(self, engine: Engine) -> None:
        # 200 units at 10, cash -1,000: 1 a day, on the growing debt.
        run = TwinRun(stop=4, leverage=2)
        result = play(engine, market(10, 10, 10, 10), [2, 2, 2, 2], costs=TwinCosts(leverage_rate=A_DAY), run=run)
        assert result.cash == about([1000, -1000, -1001, -1002.001])

    def test_funding_is_paid_per_bar_by_longs_and_to_shorts(self, engine: Engine) -> None:
        # Long 100 at 10. Bar 1 opened the position: nothing. Bar 2: 1 % of 100 x 10 at the last close.
        # Bar 3: -2 % of 100 x 20 = 40 received. A weekend is still one bar.
        bars = market(10, 10, 20, 20, funding=[0.5, 0.5, 0.01, -0.02], days=[0, 1, 4, 5])
        long = play(engine, bars, [1, 1, 1, 1])
        assert long.cash == about([1000, 0, -10, 30])
        assert long.equity == about([1000, 1000, 1990, 2030])
        assert long.financing == about(30)
        # Short 50 at 10, cash 1,500: 5 received, then 2 % of 1,000 = 20 paid.
        short = play(engine, bars, [-0.5, -0.5, -0.5, -0.5])
        assert short.cash == about([1000, 1500, 1505, 1485])

    def test_a_run_owes_nothing_for_the_time_before_it(self, engine: Engine) -> None:
        run = TwinRun(stop=3, start=1)
        result = play(engine, market(10, 10, 10), [0, 0, 0], costs=TwinCosts(cash_rate=A_DAY), run=run)
        assert result.cash == about([1000, 1001])
