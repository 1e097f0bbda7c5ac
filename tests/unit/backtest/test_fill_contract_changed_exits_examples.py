"""Hand-worked examples of the fill contract: exits that change between two parts of a run, with a position open (F5).

Every example has 1,000 of cash and no costs, and buys (or sells) 10 units at 100 at the open of bar 1. The run is cut
before bar 3; the exits of the first part hold up to there, those of the second from there on.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from autonomous_trading.backtest import REASONS, Costs, Execution, Exits, Request, SetOptions, Simulator
from autonomous_trading.core import Bars, FloatArray, Panel
from tests.twins.engines import about, market
from tests.twins.kernel import as_bars, direct

CUT = 3
Bar = float | tuple[float, float, float, float]
Left = tuple[str, float, float]
OPEN: Left = ("open", 5, 100)


def bars_of(*prices: Bar, volume: Sequence[float] | float = 1e6) -> Bars:
    """Bars (open, high, low, close); a bar written as one number stands still at that price."""
    return as_bars(market(*prices, volume=volume))


def left(
    bars: Bars | Panel, first: Exits, then: Exits, *, target: Sequence[float] = (1,) * 6, **more: object
) -> list[Left]:
    """Reason, bar and price of every exit, cut before bar 3 when `first` turns into `then`."""
    execution = Execution(fill=str(more.get("fill", "open")), initial_cash=1000.0)
    costs = Costs(commission=0.0, slippage=0.0, participation=0.01 if "capped" in more else None)
    atr = more.get("atr")
    column = None if atr is None else np.array(atr, dtype=np.float64)
    simulator = Simulator(bars, costs, then, execution, atr=column)
    programs = [direct(np.array([target], dtype=np.float64))] * simulator.instruments
    share = 1.0 / simulator.instruments
    before, after = (SetOptions.of(1, exits, execution).scaled(share) for exits in (first, then))
    half = simulator.run(programs, before, 0, CUT)
    rest = simulator.run(programs, after, CUT, len(bars), state=half.state, request=Request(trades=True))
    assert rest.trades is not None
    return exits_of(rest.trades)


def exits_of(trades: FloatArray) -> list[Left]:
    return [(REASONS[int(row[9])], float(row[1]), float(row[5])) for row in trades]


STILL = bars_of(100, 100, 100, 100, 100, 100)
RISEN = bars_of(100, 100, (100, 200, 100, 160), (160, 170, 149, 150), 150, 150)
NONE = Exits()


class TestATimeStop:
    def test_set_while_a_position_is_open_counts_from_its_opening(self) -> None:
        assert left(STILL, NONE, Exits(max_bars_held=3)) == [("time_stop", 4, 100)]
        assert left(STILL, Exits(max_bars_held=4), Exits(max_bars_held=3)) == [("time_stop", 4, 100)]

    def test_that_is_over_by_then_sells_at_the_next_open(self) -> None:
        assert left(STILL, Exits(max_bars_held=9), Exits(max_bars_held=1)) == [("time_stop", 3, 100)]

    def test_moved_away_or_taken_away_leaves_the_position(self) -> None:
        assert left(STILL, Exits(max_bars_held=3), Exits(max_bars_held=9)) == [OPEN]
        assert left(STILL, Exits(max_bars_held=3), NONE) == [OPEN]

    def test_set_later_holds_for_every_instrument(self) -> None:
        panel = Panel.of({"A": STILL, "B": STILL})
        assert left(panel, NONE, Exits(max_bars_held=3)) == [("time_stop", 4, 100)] * 2
        assert left(panel, Exits(max_bars_held=3), NONE) == [OPEN] * 2


class TestALevel:
    def test_set_later_is_measured_from_the_entry_price(self) -> None:
        # 100 x (1 - 0.25) = 75, though the price was 160 when the exit was set; 100 x (1 + 0.5) = 150.
        fallen = bars_of(100, 100, (100, 200, 100, 160), (160, 160, 76, 80), (80, 80, 74, 74), 74)
        assert left(fallen, NONE, Exits(stop_loss=0.25)) == [("stop_loss", 4, 75)]
        rising = bars_of(100, 100, 100, 100, (100, 151, 100, 120), 120)
        assert left(rising, NONE, Exits(take_profit=0.5)) == [("take_profit", 4, 150)]

    def test_moved_is_where_the_new_setting_says(self) -> None:
        # 75 becomes 50: the low of 74 touches nothing, that of 50 does.
        falling = bars_of(100, 100, 100, (100, 100, 74, 80), (80, 80, 50, 60), 60)
        assert left(falling, Exits(stop_loss=0.25), Exits(stop_loss=0.5)) == [("stop_loss", 4, 50)]
        assert left(falling, Exits(stop_loss=0.5), Exits(stop_loss=0.25)) == [("stop_loss", 3, 75)]

    def test_taken_away_is_not_touched(self) -> None:
        swinging = bars_of(100, 100, 100, (100, 160, 60, 100), 100, 100)
        assert left(swinging, Exits(stop_loss=0.25, take_profit=0.5), NONE) == [OPEN]

    def test_set_where_the_price_is_beyond_it_is_filled_at_the_open(self) -> None:
        # The profit of 150 lies under the open of 160, the stop of a short at 125 as well.
        assert left(RISEN, NONE, Exits(take_profit=0.5)) == [("take_profit", 3, 160)]
        assert left(RISEN, NONE, Exits(stop_loss=0.25), target=(-1,) * 6) == [("stop_loss", 3, 160)]

    def test_in_atr_takes_the_one_known_when_the_position_was_opened(self) -> None:
        # 100 - 2 x 10 = 80, whatever the ATR was since.
        falling = bars_of(100, 100, 100, 100, (100, 100, 79, 90), 90)
        atr = (10, 30, 40, 50, 60, 70)
        assert left(falling, Exits(unit="atr"), Exits(stop_loss=2.0, unit="atr"), atr=atr) == [("stop_loss", 4, 80)]

    def test_set_later_holds_for_every_instrument(self) -> None:
        falling = bars_of(100, 100, 100, (100, 100, 74, 80), 80, 80)
        assert left(Panel.of({"A": STILL, "B": falling}), NONE, Exits(stop_loss=0.25)) == [("stop_loss", 3, 75), OPEN]


class TestATrail:
    def test_set_later_hangs_from_the_best_price_since_the_opening(self) -> None:
        # The high of 200 came before the exit: 200 x (1 - 0.25) = 150, touched by the low of 149.
        assert left(RISEN, NONE, Exits(trailing_stop=0.25)) == [("trailing_stop", 3, 150)]
        atr = (20, 1, 1, 1, 1, 1)  # 200 - 2 x 20 = 160: bar 3 opens there
        in_atr = Exits(trailing_stop=2.0, unit="atr")
        assert left(RISEN, Exits(unit="atr"), in_atr, atr=atr) == [("trailing_stop", 3, 160)]

    def test_of_a_short_hangs_from_the_lowest(self) -> None:
        # 50 x (1 + 0.5) = 75.
        fallen = bars_of(100, 100, (100, 100, 50, 60), (60, 76, 60, 70), 70, 70)
        assert left(fallen, NONE, Exits(trailing_stop=0.5), target=(-1,) * 6) == [("trailing_stop", 3, 75)]

    def test_made_wider_is_loosened_and_tightened_where_it_is_narrower(self) -> None:
        # 200 x 0.75 = 150 becomes 200 x 0.5 = 100, or 200 x 0.9 = 180, above the open of 160.
        assert left(RISEN, Exits(trailing_stop=0.25), Exits(trailing_stop=0.5)) == [("open", 5, 150)]
        assert left(RISEN, Exits(trailing_stop=0.25), Exits(trailing_stop=0.1)) == [("trailing_stop", 3, 160)]

    def test_taken_away_leaves_the_stop(self) -> None:
        bars = bars_of(100, 100, (100, 200, 100, 160), (160, 160, 70, 80), 80, 80)
        first = Exits(trailing_stop=0.25, stop_loss=0.25)
        assert left(bars, first, Exits(stop_loss=0.25)) == [("stop_loss", 3, 75)]

    def test_that_stays_is_not_moved_by_another_exit_that_changes(self) -> None:
        first, then = Exits(trailing_stop=0.25), Exits(trailing_stop=0.25, stop_loss=0.5)
        assert left(RISEN, first, then) == [("trailing_stop", 3, 150)]

    @pytest.mark.parametrize(("fill", "price"), [("open", 150), ("close", 90)])
    def test_ignores_the_high_of_a_bar_at_whose_close_the_position_was_opened(self, fill: str, price: float) -> None:
        # Bar 1 reaches 200; bought at its close of 100 the best price after it is 120: 120 x 0.75 = 90.
        bars = bars_of(100, (100, 200, 100, 100), (100, 120, 100, 110), (155, 155, 80, 80), 80, 80)
        assert left(bars, NONE, Exits(trailing_stop=0.25), fill=fill) == [("trailing_stop", 3, price)]

    def test_set_later_hangs_from_the_best_price_of_each_instrument(self) -> None:
        # B has no bar 2. Of the 1,000 each takes half, and each hangs from its own best price: 150 and 75.
        whole = bars_of(100, 100, 100, (100, 100, 74, 80), 80, 80)
        kept = np.array([0, 1, 3, 4, 5])
        names = ("time", "open", "high", "low", "close", "volume")
        thin = Bars(*(getattr(whole, name)[kept] for name in names))
        found = left(Panel.of({"A": RISEN, "B": thin}), NONE, Exits(trailing_stop=0.25))
        assert found == [("trailing_stop", 3, 150), ("trailing_stop", 3, 75)]


class TestWhatDoesNotChange:
    def test_an_exit_that_was_cut_short_goes_on(self) -> None:
        # A hundredth of the volume: the stop sells 3 at 75, the next opens 3 at 70 and 4 at 60: 675 for 10.
        bars = bars_of(100, 100, (100, 100, 70, 70), 70, 60, 50, volume=(1000, 1000, 300, 300, 1000, 1000))
        found = left(bars, Exits(stop_loss=0.25), Exits(stop_loss=0.9, max_bars_held=1), capped=True)
        assert found == [("stop_loss", 4, 67.5)]

    def test_a_size_counts_from_the_next_changed_target_on(self) -> None:
        simulator = Simulator(STILL, Costs.free(), execution=Execution(initial_cash=1000.0))
        sets = SetOptions.of(1, simulator.exits, simulator.execution)
        programs = [direct(np.array([[1.0, 1.0, 1.0, 1.0, -1.0, -1.0]]))]
        half = simulator.run(programs, sets, 0, CUT)
        request = Request(curves=True)
        rest = simulator.run(programs, sets.scaled(0.5), CUT, 6, state=half.state, request=request)
        assert rest.curves is not None
        assert rest.curves.units[0, 0].tolist() == about([10, 10, -5])
