"""Hand-worked examples of the fill contract: protective exits (F5).

Every example starts with 1,000 of cash and mostly buys (or sells) 10 units at 100 at the open of bar 1.
Bars are (open, high, low, close); a bar written as one number stands still at that price.
"""

from __future__ import annotations

from math import nan

import pytest

from tests.twins.engines import ENGINES, Engine, about, market, play
from tests.twins.records import TwinCosts, TwinExits, TwinResult, TwinRun

pytestmark = pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)

LONG = (1, 1, 1)
SHORT = (-1, -1, -1)


def left(result: TwinResult) -> tuple[str, int, float]:
    """Reason, bar and price of the only trade's exit."""
    (trade,) = result.trades
    return trade.reason, trade.exit_bar, trade.exit_price


class TestStopLoss:
    def test_touched_inside_a_bar_it_fills_at_its_level(self, engine: Engine) -> None:
        # 100 x (1 - 0.25) = 75; the low of 74 is beyond it, the open is not: 10 x 75.
        result = play(engine, market(100, 100, (100, 101, 74, 98)), LONG, exits=TwinExits(stop_loss=0.25))
        assert left(result) == ("stop_loss", 2, about(75))
        assert result.equity == about([1000, 1000, 750])

    def test_touched_exactly_is_touched_and_just_missed_is_not(self, engine: Engine) -> None:
        exits = TwinExits(stop_loss=0.25)
        assert left(play(engine, market(100, 100, (100, 100, 75, 90)), LONG, exits=exits))[2] == about(75)
        assert left(play(engine, market(100, 100, (100, 100, 75.01, 90)), LONG, exits=exits))[0] == "open"

    def test_a_bar_that_opens_beyond_it_fills_at_the_open(self, engine: Engine) -> None:
        result = play(engine, market(100, 100, (60, 80, 50, 70)), LONG, exits=TwinExits(stop_loss=0.25))
        assert left(result) == ("stop_loss", 2, about(60))

    def test_it_pays_slippage_from_its_level(self, engine: Engine) -> None:
        # Bought at 100 x 1.25 = 125: 8 units; level 62.5; sold at 62.5 x 0.75 = 46.875: 375.
        # Costs paid: 8 x 25 + 8 x 15.625 = 325.
        costs = TwinCosts(slippage=0.25)
        bars = market(100, 100, (100, 100, 60, 80))
        result = play(engine, bars, LONG, costs=costs, exits=TwinExits(stop_loss=0.5))
        assert result.equity == about([1000, 800, 375])
        assert (result.costs_paid, result.turnover) == about((325, 1375))

    def test_it_pays_slippage_from_the_atr_known_before_the_bar(self, engine: Engine) -> None:
        # Whatever the fill rule, a stop inside bar 2 knows the ATR of bar 1: 75 - 0.5 x 10 = 70.
        bars = market(100, 100, (100, 100, 74, 80), atr=[0, 10, 99])
        costs, exits = TwinCosts(slippage_atr=0.5), TwinExits(stop_loss=0.25)
        assert left(play(engine, bars, LONG, costs=costs, exits=exits)) == ("stop_loss", 2, about(70))
        run = TwinRun(stop=3, fill="same_close")
        same = play(engine, bars, LONG, costs=costs, exits=exits, run=run)
        assert left(same) == ("stop_loss", 2, about(70))

    def test_for_a_short_it_lies_above(self, engine: Engine) -> None:
        # -10 at 100, cash 2,000; level 125: bought back for 1,250.
        result = play(engine, market(100, 100, (100, 130, 95, 120)), SHORT, exits=TwinExits(stop_loss=0.25))
        assert left(result) == ("stop_loss", 2, about(125))
        assert result.equity == about([1000, 1000, 750])

    def test_a_level_of_zero_or_less_is_never_touched(self, engine: Engine) -> None:
        # 5 x ATR 30 below 100 is -50.
        bars = market(100, 100, (100, 100, 0.01, 50), atr=30)
        assert left(play(engine, bars, LONG, exits=TwinExits(stop_loss=5, unit="atr")))[0] == "open"


class TestEntryBar:
    def test_filled_at_the_open_the_entry_bar_is_tested(self, engine: Engine) -> None:
        bars = market(100, (100, 100, 70, 90), 90)
        result = play(engine, bars, LONG, exits=TwinExits(stop_loss=0.25))
        assert left(result) == ("stop_loss", 1, about(75))
        assert result.trades[0].entry_bar == 1

    def test_filled_at_a_close_the_next_bar_is_the_first(self, engine: Engine) -> None:
        # Bar 1 fell to 70 before its close of 100 was bought; bar 2 touches 75.
        bars = market(100, (100, 100, 70, 100), (100, 100, 75, 90))
        run = TwinRun(stop=3, fill="close")
        result = play(engine, bars, LONG, exits=TwinExits(stop_loss=0.25), run=run)
        assert left(result) == ("stop_loss", 2, about(75))

    def test_an_open_below_the_stop_because_of_slippage_leaves_at_the_open(self, engine: Engine) -> None:
        # Bought at 80 x 1.25 = 100, stop 90: the open of 80 is beyond it: sold at 80 x 0.75 = 60, same bar.
        costs = TwinCosts(slippage=0.25)
        result = play(engine, market(80, 80, 80), LONG, costs=costs, exits=TwinExits(stop_loss=0.1))
        assert left(result) == ("stop_loss", 1, about(60))
        assert result.equity == about([1000, 600, 600])


class TestTakeProfit:
    def test_touched_inside_a_bar_it_fills_at_exactly_its_level(self, engine: Engine) -> None:
        # A limit order: no slippage on the way out. Bought at 80 x 1.25 = 100, level 125.
        bars = market(80, 80, (80, 130, 80, 100))
        costs = TwinCosts(slippage=0.25, minimum=1)
        result = play(engine, bars, LONG, costs=costs, exits=TwinExits(take_profit=0.25))
        assert left(result) == ("take_profit", 2, about(125))
        assert result.equity == about([1000, 799, 1248])  # the fee of 1 applies both times
        assert result.costs_paid == about(10 * 20 + 2)

    def test_touched_exactly_is_touched_and_just_missed_is_not(self, engine: Engine) -> None:
        exits = TwinExits(take_profit=0.25)
        assert left(play(engine, market(100, 100, (100, 125, 90, 90)), LONG, exits=exits))[2] == about(125)
        assert left(play(engine, market(100, 100, (100, 124.99, 90, 90)), LONG, exits=exits))[0] == "open"

    def test_a_bar_that_opens_beyond_it_fills_at_the_open(self, engine: Engine) -> None:
        bars = market(100, 100, (140, 150, 130, 135), half_spread=[0, 0, 0.1])
        result = play(engine, bars, LONG, exits=TwinExits(take_profit=0.25))
        assert left(result) == ("take_profit", 2, about(140))

    def test_for_a_short_it_lies_below(self, engine: Engine) -> None:
        result = play(engine, market(100, 100, (100, 101, 70, 90)), SHORT, exits=TwinExits(take_profit=0.25))
        assert left(result) == ("take_profit", 2, about(75))
        assert result.equity == about([1000, 1000, 1250])


class TestBothTouched:
    # Stop 75 and take-profit 150 are both inside (open, 160, 70).
    @pytest.mark.parametrize(
        ("path", "open_", "price"),
        [
            ("pessimistic", 100, 75),
            ("pessimistic", 130, 75),
            ("optimistic", 100, 150),
            ("nearest", 100, 75),  # 25 away against 50
            ("nearest", 130, 150),  # 55 away against 20
            ("nearest", 112.5, 75),  # 37.5 away both: the stop
        ],
    )
    def test_the_path_decides(self, engine: Engine, path: str, open_: float, price: float) -> None:
        exits = TwinExits(stop_loss=0.25, take_profit=0.5, path=path)
        result = play(engine, market(100, 100, (open_, 160, 70, 100)), LONG, exits=exits)
        assert left(result) == ("stop_loss" if price == 75 else "take_profit", 2, about(price))

    def test_no_path_undoes_a_gap(self, engine: Engine) -> None:
        exits = TwinExits(stop_loss=0.25, take_profit=0.5, path="optimistic")
        result = play(engine, market(100, 100, (70, 160, 70, 100)), LONG, exits=exits)
        assert left(result) == ("stop_loss", 2, about(70))


class TestTrailingStop:
    def test_it_is_raised_only_by_the_bar_before(self, engine: Engine) -> None:
        # Bar 2 reaches 160 and falls to 90: its own high does not count, the trail is 75 there.
        # Bar 3 is tested against 160 x 0.75 = 120.
        bars = market(100, 100, (100, 160, 90, 150), (150, 150, 110, 140))
        result = play(engine, bars, [1, 1, 1, 1], exits=TwinExits(trailing_stop=0.25))
        assert left(result) == ("trailing_stop", 3, about(120))

    def test_it_never_falls(self, engine: Engine) -> None:
        bars = market(100, 100, (100, 160, 100, 130), (130, 140, 125, 130), (130, 130, 119, 125))
        result = play(engine, bars, [1] * 5, exits=TwinExits(trailing_stop=0.25))
        assert left(result) == ("trailing_stop", 4, about(120))

    def test_for_a_short_it_follows_the_low(self, engine: Engine) -> None:
        # Starts at 125; the low of 60 brings it to 75.
        bars = market(100, 100, (100, 110, 60, 70), (70, 80, 65, 75))
        result = play(engine, bars, [-1] * 4, exits=TwinExits(trailing_stop=0.25))
        assert left(result) == ("trailing_stop", 3, about(75))

    @pytest.mark.parametrize(("high", "reason"), [(100, "stop_loss"), (101, "trailing_stop")])
    def test_it_gets_the_credit_only_when_it_is_strictly_better(self, engine: Engine, high: float, reason: str) -> None:
        # Both start at 75; a high of 101 in bar 1 moves the trail to 75.75, a high of 100 does not.
        bars = market(100, (100, high, 100, 100), (100, 100, 70, 90))
        result = play(engine, bars, LONG, exits=TwinExits(stop_loss=0.25, trailing_stop=0.25))
        assert left(result) == (reason, 2, about(high * 0.75))

    def test_bought_at_a_close_it_ignores_the_high_of_that_bar(self, engine: Engine) -> None:
        # Bar 1 had reached 200 before its close of 100 was bought: the trail is 75, not 150.
        bars = market(100, (100, 200, 100, 100), (100, 100, 76, 100), (100, 100, 74, 100))
        run = TwinRun(stop=4, fill="close")
        result = play(engine, bars, [1] * 4, exits=TwinExits(trailing_stop=0.25), run=run)
        assert left(result) == ("trailing_stop", 3, about(75))


class TestTimeStop:
    def test_it_leaves_at_the_open_after_so_many_bars(self, engine: Engine) -> None:
        # Opened at bar 1, held for 2 bars, sold at the open of bar 3.
        bars = market(100, 100, 110, (120, 130, 110, 125))
        result = play(engine, bars, [1] * 4, exits=TwinExits(max_bars_held=2))
        assert left(result) == ("time_stop", 3, about(120))
        assert result.units == about([0, 10, 10, 0])

    def test_it_is_a_market_order_and_comes_before_the_levels(self, engine: Engine) -> None:
        # Sold at 150 x (1 - 0.1) = 135, although the take-profit of 125 would have given 150.
        bars = market(100, 100, 150, half_spread=[0, 0, 0.1])
        exits = TwinExits(take_profit=0.25, max_bars_held=1)
        assert left(play(engine, bars, LONG, exits=exits)) == ("time_stop", 2, about(135))

    def test_an_increase_does_not_restart_it(self, engine: Engine) -> None:
        bars = market(100, 100, 100, 100)
        result = play(engine, bars, [0.5, 1, 1, 1], exits=TwinExits(max_bars_held=2))
        assert left(result) == ("time_stop", 3, about(100))


class TestLevels:
    def test_in_atr_they_use_the_one_known_at_the_decision(self, engine: Engine) -> None:
        # 100 - 2 x 5 = 90 and 100 + 3 x 5 = 115; the ATR of bar 1 is not the one that decided.
        exits = TwinExits(stop_loss=2, take_profit=3, unit="atr")
        down = play(engine, market(100, 100, (100, 100, 89, 95), atr=[5, 50, 50]), LONG, exits=exits)
        assert left(down) == ("stop_loss", 2, about(90))
        up = play(engine, market(100, 100, (100, 116, 91, 95), atr=[5, 50, 50]), LONG, exits=exits)
        assert left(up) == ("take_profit", 2, about(115))

    def test_a_trail_in_atr_keeps_the_distance_of_the_entry(self, engine: Engine) -> None:
        # 100 - 2 x 5 = 90, raised by the high of 130 to 120.
        bars = market(100, 100, (100, 130, 95, 130), (130, 130, 119, 125), atr=[5, 50, 50, 50])
        result = play(engine, bars, [1] * 4, exits=TwinExits(trailing_stop=2, unit="atr"))
        assert left(result) == ("trailing_stop", 3, about(120))

    def test_without_a_known_atr_there_is_no_level(self, engine: Engine) -> None:
        exits = TwinExits(stop_loss=2, take_profit=3, trailing_stop=2, unit="atr")
        bars = market(100, 100, (100, 300, 1, 100), atr=[nan, 5, 5])
        assert left(play(engine, bars, LONG, exits=exits))[0] == "open"

    def test_an_increase_moves_them_to_the_new_average(self, engine: Engine) -> None:
        # 5 at 100, then 2.5 at 200 (equity 1,500, 7.5 units): average 400 / 3, stop 100.
        # Bar 2 falls to 110, bar 3 to 90.
        bars = market(100, 100, (200, 200, 110, 150), (150, 150, 90, 100))
        result = play(engine, bars, [0.5, 1, 1, 1], exits=TwinExits(stop_loss=0.25))
        assert left(result) == ("stop_loss", 3, about(100))
        assert result.trades[0].entry_price == about(400 / 3)

    def test_an_increase_never_loosens_the_trail(self, engine: Engine) -> None:
        # 5 at 100; the high of 200 in bar 2 brings the trail to 150. Bar 3: 3.125 more at 160 (equity 1,300)
        # make an average of 123, whose own trail would be 92: it stays at 150 and is touched.
        bars = market(100, 100, (100, 200, 100, 160), (160, 160, 140, 145))
        result = play(engine, bars, [0.5, 0.5, 1, 1], exits=TwinExits(trailing_stop=0.25))
        assert left(result) == ("trailing_stop", 3, about(150))
        assert result.equity[-1] == about(8.125 * 150)

    def test_a_reduction_leaves_them(self, engine: Engine) -> None:
        # 100 - 5 x 5 = 75. Half is sold at 120, when the ATR is 1: the stop stays at 75.
        bars = market(100, 100, 120, (120, 120, 70, 80), atr=[5, 1, 1, 1])
        exits = TwinExits(stop_loss=5, unit="atr")
        result = play(engine, bars, [1, 0.5, 0.5, 0.5], exits=exits)
        assert result.trades[0].reason == "stop_loss"
        assert result.equity[-1] == about(600 + 5 * 75)  # 1,200: half is 5 units, 5 sold for 600

    def test_an_increase_takes_the_atr_of_its_own_decision(self, engine: Engine) -> None:
        # 5 at 100, 5 more at 100 decided with an ATR of 5: the trail of 60 (2 x 20) is tightened to 90, and
        # the high of 130 raises it to 130 - 2 x 5 = 120.
        bars = market(100, 100, (100, 130, 100, 130), (130, 130, 119, 125), atr=[20, 5, 20, 20])
        exits = TwinExits(trailing_stop=2, unit="atr")
        result = play(engine, bars, [0.5, 1, 1, 1], exits=exits)
        assert left(result) == ("trailing_stop", 3, about(120))


class TestAfterAnExit:
    def test_the_same_target_does_not_come_back_a_changed_one_does(self, engine: Engine) -> None:
        # Stopped at 75 in bar 2. The target stays 1 (flat at bar 3), becomes 0.5 at bar 3: bar 4 buys
        # 0.5 x 750 / 100 = 3.75 units.
        bars = market(100, 100, (100, 100, 70, 100), 100, 100)
        result = play(engine, bars, [1, 1, 1, 0.5, 0.5], exits=TwinExits(stop_loss=0.25))
        assert result.units == about([0, 10, 0, 0, 3.75])
        assert [trade.reason for trade in result.trades] == ["stop_loss", "open"]
        assert (result.signals, result.fills) == (2, 3)

    def test_the_rebalance_band_does_not_come_back_either(self, engine: Engine) -> None:
        bars = market(100, 100, (100, 100, 70, 100), 100)
        run = TwinRun(stop=4, rebalance_band=0.1)
        result = play(engine, bars, [1] * 4, exits=TwinExits(stop_loss=0.25), run=run)
        assert result.units == about([0, 10, 0, 0])

    def test_a_capped_exit_goes_on_at_the_next_opens(self, engine: Engine) -> None:
        # A tenth of 60 is 6: sold at 75. The other 4 wait through bar 3, which has no volume (its high is
        # beyond the take-profit of 150, which is not active) and go at the open of bar 4, 70, with the same
        # reason. (6 x 75 + 4 x 70) / 10 = 73.
        volume = [1000, 1000, 60, 0, 1000]
        bars = market(100, 100, (100, 100, 74, 90), (90, 200, 80, 80), (70, 200, 70, 80), volume=volume)
        exits = TwinExits(stop_loss=0.25, take_profit=0.5)
        result = play(engine, bars, [1] * 5, costs=TwinCosts(participation=0.1), exits=exits)
        assert result.units == about([0, 10, 4, 4, 0])
        assert left(result) == ("stop_loss", 4, about(73))

    def test_filled_at_closes_a_capped_exit_waits_for_the_next_close(self, engine: Engine) -> None:
        # 6 at 75 in bar 2, not another 4 at its close of 90; those go at the close of bar 3, 80.
        bars = market(100, 100, (100, 100, 74, 90), (90, 90, 80, 80), volume=[1000, 1000, 60, 1000])
        costs, exits = TwinCosts(participation=0.1), TwinExits(stop_loss=0.25)
        run = TwinRun(stop=4, fill="close")
        result = play(engine, bars, [1] * 4, costs=costs, exits=exits, run=run)
        assert result.units == about([0, 10, 4, 0])
        assert left(result) == ("stop_loss", 3, about((450 + 320) / 10))

    def test_a_changed_target_takes_over_from_a_capped_exit(self, engine: Engine) -> None:
        # 4 units are left (cash 450) when the target becomes 0.5: at the open of bar 3 equity is
        # 450 + 4 x 50 = 650, 6.5 units, 2.5 bought at 50 (cash 325). The average is 525 / 6.5 = 80.77, its
        # stop of 60.58 is above the open: sold at 50, same bar. 325 + 325 = 650.
        bars = market(100, 100, (100, 100, 74, 90), 50, volume=[1000, 1000, 60, 1000])
        costs, exits = TwinCosts(participation=0.1), TwinExits(stop_loss=0.25)
        result = play(engine, bars, [1, 1, 0.5, 0.5], costs=costs, exits=exits)
        assert result.units == about([0, 10, 4, 0])
        assert (result.fills, result.equity[-1]) == (4, about(650))
        assert left(result)[:2] == ("stop_loss", 3)

    def test_a_capped_take_profit_goes_on_as_a_market_order(self, engine: Engine) -> None:
        # 6 at exactly 125, then 4 at the open of 100 less 10 % = 90: (750 + 360) / 10 = 111.
        bars = market(100, 100, (100, 130, 100, 100), 100, volume=[1000, 1000, 60, 1000], half_spread=[0, 0, 0.1, 0.1])
        costs, exits = TwinCosts(participation=0.1), TwinExits(take_profit=0.25)
        result = play(engine, bars, [1] * 4, costs=costs, exits=exits)
        assert left(result) == ("take_profit", 3, about(111))

    def test_an_exit_cancels_what_was_pending(self, engine: Engine) -> None:
        # Goal 10. Bar 1 (volume 50) fills 5. Bar 2 (volume 20) fills 2 more at its open, then the stop is
        # touched: 2 sold at 75 (the cap is per fill), 5 left. Bar 3 sells them at 80; nothing is bought.
        bars = market(100, 100, (100, 100, 70, 80), 80, 80, volume=[1000, 50, 20, 1000, 1000])
        costs, exits = TwinCosts(participation=0.1), TwinExits(stop_loss=0.25)
        result = play(engine, bars, [1] * 5, costs=costs, exits=exits)
        assert result.units == about([0, 5, 5, 0, 0])
        assert result.fills == 4
        assert result.equity[-1] == about(1000 - 700 + 150 + 400)
