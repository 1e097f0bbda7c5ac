"""Hand-worked examples of the fill contract: time, target, order, accounting, sameness (F1, F2, F6, F7, F9).

Every example starts with 1,000 of cash; a bar written as one number stands still at that price.
Costs and financing, protective exits, several instruments and statistics have their files beside this one.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from math import nan

import pytest

from tests.twins.engines import ENGINES, Engine, about, market, play
from tests.twins.records import TwinCosts, TwinExits, TwinRun

pytestmark = pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)

RISING = market((10, 16, 10, 15), (20, 25, 20, 25), (30, 40, 30, 40))


class TestF1Time:
    def test_a_decision_is_filled_at_the_next_open(self, engine: Engine) -> None:
        # Decided at the close of bar 0, filled at the open of bar 1: 1,000 / 20 = 50 units.
        result = play(engine, RISING, [1, 1, 1])
        assert result.units == about([0, 50, 50])
        assert result.cash == about([1000, 0, 0])
        assert result.equity == about([1000, 50 * 25, 50 * 40])
        (trade,) = result.trades
        assert (trade.entry_bar, trade.exit_bar, trade.side, trade.reason) == (1, 2, 1, "open")
        # Still open at the end: marked at the last close, 50 x (40 - 20) = 1,000.
        assert (trade.entry_price, trade.exit_price, trade.net_profit) == about((20, 40, 1000))

    def test_fill_close_waits_for_the_next_close(self, engine: Engine) -> None:
        # Filled at the close of bar 1: 1,000 / 25 = 40 units.
        result = play(engine, RISING, [1, 1, 1], run=TwinRun(stop=3, fill="close"))
        assert result.units == about([0, 40, 40])
        assert result.equity == about([1000, 1000, 1600])

    def test_fill_same_close_is_the_explicit_exception(self, engine: Engine) -> None:
        # Filled at the close that made the decision: 1,000 / 15 units at bar 0.
        result = play(engine, RISING, [1, 1, 1], run=TwinRun(stop=3, fill="same_close"))
        assert result.units == about([1000 / 15] * 3)
        assert result.equity == about([1000, 25_000 / 15, 40_000 / 15])
        assert result.trades[0].entry_bar == 0

    def test_the_last_decision_before_the_run_is_known_to_it(self, engine: Engine) -> None:
        # The run has bars 1 and 2; the target of bar 0 is executed at the open of bar 1.
        result = play(engine, RISING, [1, nan, nan], run=TwinRun(stop=3, start=1))
        assert result.equity == about([1250, 2000])
        assert result.trades[0].entry_bar == 1  # counted in bars of the market

    def test_older_decisions_are_not(self, engine: Engine) -> None:
        # The run has bar 2 only; the decision for it is the NaN of bar 1.
        result = play(engine, RISING, [1, nan, nan], run=TwinRun(stop=3, start=2))
        assert result.equity == about([1000])
        assert result.trades == []


class TestF2Target:
    def test_units_are_held_between_changes(self, engine: Engine) -> None:
        # 1,000 / 10 = 100 units, whatever the price does afterwards.
        result = play(engine, market(10, 10, 40, 5), [1, 1, 1, 1])
        assert result.units == about([0, 100, 100, 100])
        assert (result.fills, result.signals) == (1, 1)

    def test_a_smaller_target_sells_the_difference(self, engine: Engine) -> None:
        # Bar 2: equity 100 x 20 = 2,000; half of it is 1,000 / 20 = 50 units; 50 are sold for 1,000.
        result = play(engine, market(10, 10, 20), [1, 0.5, 0.5])
        assert result.units == about([0, 100, 50])
        assert result.cash == about([1000, 0, 1000])
        (trade,) = result.trades  # one trade from flat to flat: 50 sold and 50 marked, all at 20
        assert (trade.units, trade.exit_price, trade.gross_profit) == about((100, 20, 1000))

    def test_a_larger_target_averages_the_entry(self, engine: Engine) -> None:
        # Bar 1: 50 units at 10, cash 500. Bar 2: equity 500 + 1,000 = 1,500 -> 75 units, 25 bought at 20.
        result = play(engine, market(10, 10, 20), [0.5, 1, 1])
        assert result.units == about([0, 50, 75])
        assert result.cash == about([1000, 500, 0])
        (trade,) = result.trades  # entry (50 x 10 + 25 x 20) / 75 = 40 / 3; profit 75 x (20 - 40 / 3) = 500
        assert (trade.entry_bar, trade.entry_price, trade.net_profit) == (1, about(40 / 3), about(500))

    def test_nan_is_no_opinion_and_the_same_target_again_no_change(self, engine: Engine) -> None:
        # Bought at bar 1 (100 at 10); NaN and 1 change nothing; the 0 of bar 3 sells at bar 4 for 50.
        result = play(engine, market(10, 10, 20, 40, 50), [1, nan, 1, 0, 0])
        assert result.units == about([0, 100, 100, 100, 0])
        assert result.equity == about([1000, 1000, 2000, 4000, 5000])
        assert (result.fills, result.signals) == (2, 2)
        assert result.trades[0].reason == "signal"

    def test_a_first_target_of_zero_is_no_change(self, engine: Engine) -> None:
        result = play(engine, market(10, 10), [0, 0])
        assert (result.signals, result.fills, result.trades) == (0, 0, [])

    def test_a_flip_settles_the_closing_leg_first(self, engine: Engine) -> None:
        # Bar 1: long 100 at 10. Bar 2: 100 sold at 20, cash 2,000; then -2,000 / 20 = -100, cash 4,000.
        # Bar 3: 4,000 - 100 x 10 = 3,000.
        result = play(engine, market(10, 10, 20, 10), [1, -1, -1, -1])
        assert result.units == about([0, 100, -100, -100])
        assert result.cash == about([1000, 0, 4000, 4000])
        assert result.equity == about([1000, 1000, 2000, 3000])
        assert (result.fills, result.signals) == (3, 2)
        long, short = result.trades
        assert (long.side, long.exit_bar, long.reason, long.net_profit) == (1, 2, "signal", about(1000))
        assert (short.side, short.entry_bar, short.reason, short.net_profit) == (-1, 2, "open", about(1000))

    def test_exposure_is_target_times_scale(self, engine: Engine) -> None:
        # Position size 1 x leverage 2 = scale 2: a target of 0.5 is all of the equity, 100 units at 10.
        result = play(engine, market(10, 10), [0.5, 0.5], run=TwinRun(stop=2, leverage=2, scale=2))
        assert result.units == about([0, 100])
        assert result.cuts == 0

    def test_beyond_the_leverage_limit_the_order_is_cut_and_counted(self, engine: Engine) -> None:
        # 3 is cut to 2: 200 units for 2,000, cash -1,000. 2.5 is cut too: nothing is missing.
        run = TwinRun(stop=3, leverage=2)
        result = play(engine, market(10, 10, 10), [3, 2.5, 2.5], run=run)
        assert result.units == about([0, 200, 200])
        assert result.cash == about([1000, -1000, -1000])
        assert (result.cuts, result.signals, result.fills) == (2, 2, 1)

    def test_outside_the_rebalance_band_the_target_is_restored(self, engine: Engine) -> None:
        # Bar 1: 50 units at 10, cash 500. Its close is 30: exposure 1,500 / 2,000 = 0.75, 0.25 from 0.5.
        # Bar 2: 0.5 x 2,000 / 30 = 100 / 3 units; 50 / 3 sold for 500.
        bars = market(10, (10, 30, 10, 30), 30)
        run = TwinRun(stop=3, rebalance_band=0.2)
        result = play(engine, bars, [0.5, 0.5, 0.5], run=run)
        assert result.units == about([0, 50, 100 / 3])
        assert result.cash == about([1000, 500, 1000])
        assert (result.fills, result.signals) == (2, 1)
        # On the edge of the band (0.25 is not more than 0.25) nothing happens, and without a band never.
        for band in (0.25, None):
            still = play(engine, bars, [0.5, 0.5, 0.5], run=replace(run, rebalance_band=band))
            assert still.units == about([0, 50, 50])

    def test_without_equity_there_is_no_order_to_size(self, engine: Engine) -> None:
        # Long 200 at 10 with cash -1,000. Bar 2 opens at 4: equity 800 - 1,000 = -200, so 0.5 sizes nothing.
        # The bar closes at 10: equity 1,000, the 200 units are still there.
        bars = market(10, 10, (4, 10, 4, 10))
        result = play(engine, bars, [2, 0.5, 0.5], run=TwinRun(stop=3, leverage=2))
        assert result.units == about([0, 200, 200])
        assert (result.fills, result.signals, result.ruined) == (1, 2, False)


class TestF6OrderInsideABar:
    def test_financing_then_orders_then_exits_then_mark(self, engine: Engine) -> None:
        # Bar 1: 5 units at 100, cash 500.
        # Bar 2: funding 5 x 100 x 1 % = 5 leaves 495; equity 995 -> 9.95 units, 4.95 bought, cash 0;
        #        the stop at 75 is touched: 9.95 x 75 = 746.25; nothing is left to mark.
        bars = market(100, 100, (100, 100, 70, 90), funding=[0, 0, 0.01])
        result = play(engine, bars, [0.5, 1, 1], exits=TwinExits(stop_loss=0.25))
        assert result.units == about([0, 5, 0])
        assert result.equity == about([1000, 1000, 746.25])
        assert result.financing == about(-5)
        assert (result.fills, result.trades[0].reason) == (3, "stop_loss")

    def test_filled_at_a_close_the_exits_come_before_the_order(self, engine: Engine) -> None:
        # Bar 1 closes at 100: 10 units. Bar 2: the stop at 75 sells for 750; then at the close of 80 the new
        # target 0.5 buys 0.5 x 750 / 80 = 4.6875 units.
        bars = market(100, 100, (100, 100, 70, 80))
        run = TwinRun(stop=3, fill="close")
        result = play(engine, bars, [1, 0.5, 0.5], exits=TwinExits(stop_loss=0.25), run=run)
        assert result.units == about([0, 10, 4.6875])
        assert result.cash == about([1000, 0, 375])
        assert [trade.reason for trade in result.trades] == ["stop_loss", "open"]


class TestF7Accounting:
    def test_cash_and_units_at_the_close_are_equity(self, engine: Engine) -> None:
        bars = market((10, 11, 9, 10), (10, 12, 9, 11), (12, 14, 11, 13), (13, 13, 8, 9), (9, 12, 9, 12))
        costs = TwinCosts(commission=0.001, minimum=1, slippage=0.01, borrow_rate=0.1, cash_rate=0.05)
        result = play(engine, bars, [1, -1, 0.5, -0.5, 0], costs=costs, exits=TwinExits(stop_loss=0.2))
        assert len(result.equity) == 5
        for cash, units, close, equity in zip(result.cash, result.units, bars.close, result.equity, strict=True):
            assert abs(cash + units * close - equity) <= 1e-12 * equity

    @pytest.mark.parametrize(("close", "rate", "left"), [(70, 0, -200), (75, 0, 0), (70, 0.365, -203)])
    def test_ruin_closes_everything_and_equity_stays(
        self, engine: Engine, close: float, rate: float, left: float
    ) -> None:
        # 4,000 / 100 = 40 units, cash -3,000. Bar 2 closes at 70: 2,800 - 3,000 = -200 (at 75: exactly 0).
        # 36.5 % on leverage cost 3 on that one day. The rise to 200, the new target, the rate on the negative
        # cash: nothing changes any more, and closing cost nothing.
        bars = market(100, 100, (100, 100, close, close), 200, 200)
        costs = TwinCosts(leverage_rate=rate)
        result = play(engine, bars, [4, 4, 1, 1, -1], costs=costs, run=TwinRun(stop=5, leverage=4))
        assert result.ruined
        assert result.equity == about([1000, 1000, left, left, left])
        assert result.cash == about([1000, -3000, left, left, left])
        assert result.units == about([0, 40, 0, 0, 0])
        (trade,) = result.trades
        assert (trade.reason, trade.exit_bar, trade.exit_price) == ("ruin", 2, about(close))
        assert (result.fills, result.signals) == (1, 1)


class TestF9Determinism:
    BARS = market((10, 11, 9, 10), (10, 12, 9, 11), (12, 14, 11, 13), (13, 13, 8, 9), (9, 12, 9, 12), (12, 13, 10, 11))
    COSTS = TwinCosts(commission=0.001, slippage=0.01, participation=0.00002, borrow_rate=0.1)
    EXITS = TwinExits(stop_loss=0.1, trailing_stop=0.15, max_bars_held=3)
    TARGET = (1, 1, -1, -1, 0.5, 0.5)

    def test_the_same_inputs_give_the_same_bits(self, engine: Engine) -> None:
        first, second = (play(engine, self.BARS, self.TARGET, costs=self.COSTS, exits=self.EXITS) for _ in range(2))
        assert asdict(first) == asdict(second)

    @pytest.mark.parametrize("stop", [1, 2, 3, 4, 5])
    def test_what_comes_later_changes_nothing_before(self, engine: Engine, stop: int) -> None:
        whole = play(engine, self.BARS, self.TARGET, costs=self.COSTS, exits=self.EXITS)
        run = TwinRun(stop=stop)
        part = play(engine, self.BARS, self.TARGET, costs=self.COSTS, exits=self.EXITS, run=run)
        assert part.equity == whole.equity[:stop]
        assert part.cash == whole.cash[:stop]
        assert part.units == whole.units[:stop]
        closed = [trade for trade in part.trades if trade.reason != "open"]
        assert closed == whole.trades[: len(closed)]
