"""What the simulator refuses, what it returns when asked for more, and how a run goes on from its state."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from autonomous_trading.backtest import (
    REASONS,
    Costs,
    Curves,
    Execution,
    Exits,
    Request,
    RunResult,
    SetOptions,
    Simulator,
)
from autonomous_trading.core import Bars, BoundProgram, FloatArray, InvalidInput, Panel
from autonomous_trading.core.errors import UnknownName
from autonomous_trading.testing import random_walk
from tests.twins.kernel import direct

N = 40
BARS = random_walk(N, 1)
PANEL = Panel.of({"A": BARS, "B": random_walk(N, 2)})
PLAIN = Simulator(BARS)
PAIR = Simulator(PANEL)
EXIT_BAR, SIDE, NET, REASON, INSTRUMENT = 1, 2, 8, 9, 10  # columns of the log of trades


def options(n_sets: int) -> SetOptions:
    """No exits, all of the equity, for every set."""
    return SetOptions.of(n_sets, Exits(), Execution())


def targets(n_sets: int, n_bars: int = N, seed: int = 3) -> BoundProgram:
    """A program of random targets for every set."""
    return direct(np.random.default_rng(seed).choice([-1.0, 0.0, 0.5, 1.0], (n_sets, n_bars)))


def flips(n_bars: int) -> BoundProgram:
    """Long and short in turn: one trade a bar."""
    return direct(np.where(np.arange(n_bars) % 2 == 0, 1.0, -1.0)[None, :])


def run(n_sets: int = 3, start: int = 0, stop: int = N, **more: Any) -> RunResult:
    """A run of the plain market."""
    return PLAIN.run([targets(n_sets)], options(n_sets), start, stop, **more)


def curves(result: RunResult) -> Curves:
    assert result.curves is not None
    return result.curves


def trades(result: RunResult) -> FloatArray:
    assert result.trades is not None
    return result.trades


def refusal(programs: list[BoundProgram], n_sets: int = 3, start: int = 0, stop: int = N, **more: Any) -> str:
    """The text with which a market with one program per instrument refuses a run."""
    simulator = more.pop("simulator", PLAIN)
    with pytest.raises(InvalidInput) as caught:
        simulator.run(programs, options(n_sets), start, stop, **more)
    return str(caught.value)


class TestRefusedRuns:
    @pytest.mark.parametrize(("start", "stop"), [(-1, 5), (0, N + 1), (5, 5), (6, 5), (N, N), (0, 0)])
    def test_a_span_without_bars_or_beyond_them(self, start: int, stop: int) -> None:
        expected = f"no bars from {start} to {stop} of {N}. Fix: use 0 <= start < stop <= bars"
        assert refusal([targets(3)], start=start, stop=stop) == expected

    def test_no_set_at_all(self) -> None:
        expected = "there is no parameter set to run. Fix: give at least one"
        assert refusal([targets(0)], n_sets=0) == expected

    @pytest.mark.parametrize("count", [0, 1, 3])
    def test_another_number_of_programs_than_instruments(self, count: int) -> None:
        expected = f"{count} program(s) for 2 instrument(s). Fix: give one program per instrument"
        assert refusal([targets(3)] * count, simulator=PAIR) == expected

    @pytest.mark.parametrize(("n_sets", "n_bars"), [(2, N), (4, N), (3, N - 1), (3, N + 1)])
    def test_a_program_of_other_sets_or_other_bars(self, n_sets: int, n_bars: int) -> None:
        assert refusal([targets(n_sets, n_bars)]) == (
            f"a program for {n_sets} sets on {n_bars} bars cannot run 3 sets on {N} bars."
            " Fix: bind it to the same table and the same market"
        )

    def test_only_one_of_the_programs_does_not_fit(self) -> None:
        assert "a program for 2 sets" in refusal([targets(3), targets(2)], simulator=PAIR)

    @pytest.mark.parametrize(
        "change",
        [
            {"rows": np.array([[0], [1], [1]])},
            {"code": np.ones((1, 5), dtype=np.int64)},
            {"scalars": np.ones((3, 1))},
        ],
        ids=["rows", "code", "scalars"],
    )
    def test_programs_that_are_not_one_program(self, change: dict[str, Any]) -> None:
        assert refusal([targets(3), replace(targets(3), **change)], simulator=PAIR) == (
            "the programs of the instruments differ in more than their columns."
            " Fix: bind one program to the columns of each instrument"
        )

    @pytest.mark.parametrize("start", [0, 9, 11])
    def test_a_state_that_stopped_at_another_bar(self, start: int) -> None:
        state = run(stop=10).state
        expected = f"the run stopped before bar 10, it cannot go on from {start}. Fix: start where it stopped"
        assert refusal([targets(3)], start=start, state=state) == expected

    @pytest.mark.parametrize("n_sets", [2, 4, 16, 17])
    def test_a_state_of_another_number_of_sets(self, n_sets: int) -> None:
        state = run(n_sets, stop=10).state
        assert refusal([targets(3)], start=10, state=state) == (
            f"the state holds {n_sets} set(s) on 1 instrument(s), the run 3 on 1."
            " Fix: go on with the sets and the instruments it was made with"
        )

    @pytest.mark.parametrize("n_sets", [1, 32])
    def test_a_state_of_one_instrument_in_a_run_of_two(self, n_sets: int) -> None:
        state = run(n_sets, stop=10).state
        expected = f"the state holds {n_sets} set(s) on 1 instrument(s), the run 1 on 2"
        assert expected in refusal([targets(1)] * 2, 1, 10, state=state, simulator=PAIR)

    def test_a_state_of_two_instruments_in_a_run_of_three(self) -> None:
        state = PAIR.run([targets(1)] * 2, options(1), 0, 10).state
        three = Simulator(Panel.of(dict.fromkeys("ABC", BARS)))
        expected = "the state holds 1 set(s) on 2 instrument(s), the run 1 on 3"
        assert expected in refusal([targets(1)] * 3, 1, 10, state=state, simulator=three)


class TestRefusedMarkets:
    def test_exits_in_atr_without_an_atr(self) -> None:
        with pytest.raises(InvalidInput, match=r"^exits or slippage in ATR units need the ATR column\. Fix"):
            Simulator(BARS, exits=Exits(stop_loss=2.0, unit="atr"))

    def test_slippage_in_atr_without_an_atr(self) -> None:
        with pytest.raises(InvalidInput, match="need the ATR column"):
            Simulator(BARS, Costs(slippage_atr=0.1))

    def test_impact_without_a_volatility(self) -> None:
        with pytest.raises(InvalidInput, match=r"^impact needs the volatility column\. Fix: pass sigma="):
            Simulator(BARS, Costs(impact=0.1), atr=np.ones(N))

    @pytest.mark.parametrize("shape", [(N - 1,), (N + 1,), (2, N), (N, 1), (1, 1, N)])
    @pytest.mark.parametrize("name", ["atr", "sigma"])
    def test_a_column_of_another_length(self, name: str, shape: tuple[int, ...]) -> None:
        columns: dict[str, Any] = {name: np.ones(shape)}
        with pytest.raises(InvalidInput) as caught:
            Simulator(BARS, **columns)
        assert str(caught.value) == (
            f"{name} has shape {list(shape)} for {N} bars of 1 instrument(s)."
            f" Fix: give {name} as one number, one value per bar [{N}], or one row per instrument [1, {N}]"
        )

    @pytest.mark.parametrize("name", ["atr", "sigma"])
    def test_a_column_of_anything_but_numbers(self, name: str) -> None:
        columns: dict[str, Any] = {name: np.array(["a"] * N)}
        with pytest.raises(
            InvalidInput, match=rf"^{name} must hold numbers; got an array of <U1\. Fix: give {name} as"
        ):
            Simulator(BARS, **columns)

    @pytest.mark.parametrize("name", ["half_spread", "funding_rate"])
    def test_a_cost_of_another_length(self, name: str) -> None:
        columns: dict[str, Any] = {name: np.zeros(N - 1)}
        with pytest.raises(InvalidInput, match=rf"^{name} has shape \[39\] for 40 bars of 1 instrument"):
            Simulator(BARS, Costs(**columns))

    @pytest.mark.parametrize("shape", [(N,), (2, N)])
    def test_a_panel_takes_one_column_for_all_or_one_each(self, shape: tuple[int, ...]) -> None:
        one = Simulator(PANEL, Costs(impact=0.1), sigma=np.full(shape, 0.01))
        other = Simulator(PANEL, Costs(impact=0.1), sigma=np.full((2, N), 0.01))
        first, second = (each.run([targets(2)] * 2, options(2), 0, N).state.values for each in (one, other))
        np.testing.assert_array_equal(first, second)


class TestRequests:
    def test_without_a_request_there_are_statistics_and_nothing_else(self) -> None:
        result = run()
        assert (result.curves, result.trades, result.statistics.extended) == (None, None, False)
        assert result.statistics["EQUITY"].shape == (3,)
        assert result.statistics["SUM_DOWN"].tolist() == [0.0, 0.0, 0.0]

    def test_extended_statistics_are_counted_when_asked_for(self) -> None:
        result = run(request=Request(extended=True))
        assert result.statistics.extended
        assert bool(np.all(result.statistics["SUM_DOWN"] < 0.0))
        assert bool(np.all(result.statistics["SUM_ACTIVE_SQUARE"] > 0.0))

    def test_curves_have_a_row_per_set_and_a_column_per_bar_of_the_call(self) -> None:
        found = curves(run(18, start=7, stop=30, request=Request(curves=True)))
        assert (found.equity.shape, found.cash.shape, found.units.shape) == ((18, 23), (18, 23), (18, 1, 23))

    def test_curves_of_a_panel_hold_the_units_of_every_instrument(self) -> None:
        result = PAIR.run([targets(5)] * 2, options(5), 2, N, request=Request(curves=True))
        assert curves(result).units.shape == (5, 2, N - 2)

    def test_the_last_value_of_a_curve_is_the_statistic(self) -> None:
        result = run(18, request=Request(curves=True))
        np.testing.assert_array_equal(curves(result).equity[:, -1], result.statistics["EQUITY"])

    def test_trades_are_those_of_the_first_set(self) -> None:
        result, alone = run(request=Request(trades=True)), targets(3)
        first = replace(alone, rows=alone.rows[:1], scalars=alone.scalars[:1])
        only = PLAIN.run([first], options(1), 0, N, request=Request(trades=True))
        np.testing.assert_array_equal(trades(result), trades(only))
        assert len(trades(result)) == result.statistics["TRADES"][0]
        assert trades(result).shape[1] == 11

    def test_trades_are_in_the_order_of_their_exits_and_open_ones_come_last(self) -> None:
        result = PAIR.run([targets(1, seed=4), targets(1, seed=5)], options(1), 0, N, request=Request(trades=True))
        rows = trades(result)
        reasons = [REASONS[int(number)] for number in rows[:, REASON]]
        assert bool(np.all(np.diff(rows[:, EXIT_BAR]) >= 0))
        assert set(rows[:, INSTRUMENT].tolist()) == {0.0, 1.0}
        assert set(rows[:, SIDE].tolist()) == {-1.0, 1.0}
        assert reasons == sorted(reasons, key="open".__eq__)
        assert set(reasons) == {"signal", "open"}

    def test_without_a_trade_the_log_is_empty(self) -> None:
        result = PLAIN.run([direct(np.zeros((1, N)))], options(1), 0, N, request=Request(trades=True))
        assert trades(result).shape == (0, 11)

    @pytest.mark.parametrize("threads", [1, 2, 5, 100])
    def test_any_number_of_threads_gives_the_same(self, threads: int) -> None:
        everything = Request(extended=True, curves=True, trades=True, threads=threads)
        one, many = run(70, request=replace(everything, threads=1)), run(70, request=everything)
        np.testing.assert_array_equal(one.statistics.values, many.statistics.values)
        np.testing.assert_array_equal(curves(one).equity, curves(many).equity)
        np.testing.assert_array_equal(trades(one), trades(many))

    def test_what_is_recorded_does_not_change_what_happens(self) -> None:
        names = ("EQUITY", "CASH", "TRADES", "SUM_SQUARE", "KEPT", "COSTS_PAID")
        bare = run(5)
        for request in (Request(curves=True), Request(trades=True), Request(extended=True)):
            for name in names:
                np.testing.assert_array_equal(run(5, request=request).statistics[name], bare.statistics[name])


class TestTheLogOfTrades:
    N_BARS = 2_500
    LONG = random_walk(N_BARS, 9)

    def test_it_grows_beyond_its_first_room(self) -> None:
        simulator = Simulator(self.LONG, Costs.free())
        result = simulator.run([flips(self.N_BARS)], options(1), 0, self.N_BARS, request=Request(trades=True))
        rows = trades(result)
        assert len(rows) == self.N_BARS - 1
        np.testing.assert_array_equal(rows[:, 0], np.arange(1, self.N_BARS))
        np.testing.assert_array_equal(rows[:-1, EXIT_BAR], np.arange(2, self.N_BARS))
        np.testing.assert_array_equal(rows[:, SIDE], np.where(np.arange(self.N_BARS - 1) % 2 == 0, 1.0, -1.0))
        assert math.isclose(rows[:, NET].sum(), result.statistics["EQUITY"][0] - 100_000.0, rel_tol=1e-9)

    def test_it_grows_in_a_run_that_goes_on_and_for_several_instruments(self) -> None:
        panel = Panel.of({"A": self.LONG, "B": random_walk(self.N_BARS, 10)})
        simulator = Simulator(panel, Costs.free())
        programs = [flips(self.N_BARS)] * 2
        whole = trades(simulator.run(programs, options(1), 0, self.N_BARS, request=Request(trades=True)))
        half = simulator.run(programs, options(1), 0, 1_000)
        rest = simulator.run(programs, options(1), 1_000, self.N_BARS, state=half.state, request=Request(trades=True))
        closed = half.state.closed_trades
        assert (len(whole), closed) == (2 * (self.N_BARS - 1), 2 * 998)
        assert not trades(rest)[:closed].any()
        np.testing.assert_array_equal(trades(rest)[closed:], whole[closed:])


class TestCarriedState:
    def test_a_run_says_where_it_began_and_stopped(self) -> None:
        first = run(start=3, stop=10)
        second = run(start=10, stop=25, state=first.state)
        assert (first.state.start, first.state.stop) == (3, 10)
        assert (second.state.start, second.state.stop) == (3, 25)
        assert (first.statistics.n_bars, second.statistics.n_bars) == (7, 22)

    def test_going_on_is_as_if_it_had_never_stopped(self) -> None:
        whole = run(start=3, request=Request(extended=True))
        half = run(start=3, stop=20, request=Request(extended=True))
        rest = run(start=20, state=half.state, request=Request(extended=True))
        np.testing.assert_array_equal(rest.statistics.values, whole.statistics.values)
        assert rest.statistics.years == whole.statistics.years

    def test_a_state_does_not_depend_on_the_neighbours(self) -> None:
        # The first set sells at bar 21 and then rests; beside one that holds on it is marked on every bar.
        sells, holds = np.where(np.arange(N) < 20, 1.0, 0.0), np.ones(N)
        alone = PLAIN.run([direct(sells[None])], options(1), 0, N).statistics
        beside = PLAIN.run([direct(np.array([sells, holds]))], options(2), 0, N).statistics
        np.testing.assert_array_equal(alone.values[0], beside.values[0])
        assert alone["RETURN"].tolist() == [0.0]

    def test_a_state_can_be_used_twice(self) -> None:
        half = run(stop=20)
        before = half.state.values.copy()
        once, again = (run(start=20, state=half.state).statistics.values for _ in range(2))
        np.testing.assert_array_equal(once, again)
        np.testing.assert_array_equal(half.state.values, before)

    def test_a_position_open_at_the_stop_is_counted_but_goes_on(self) -> None:
        program = direct(np.ones((1, N)))
        first = PLAIN.run([program], options(1), 0, 20, request=Request(trades=True))
        second = PLAIN.run([program], options(1), 20, N, state=first.state, request=Request(trades=True))
        assert (first.statistics["TRADES"][0], first.state.closed_trades) == (1.0, 0)
        assert REASONS[int(trades(first)[0, REASON])] == "open"
        assert trades(second)[:, :2].tolist() == [[1.0, N - 1.0]]


class TestStatistics:
    def test_years_follow_the_calendar_of_the_market(self) -> None:
        statistics = run().statistics
        assert statistics.years == N / BARS.bars_per_year
        assert statistics.at(10.0).years == N / 10.0
        assert (statistics.initial_cash, statistics.instruments) == (100_000.0, 1)

    def test_the_initial_cash_is_that_of_the_execution(self) -> None:
        simulator = Simulator(BARS, execution=Execution(initial_cash=500.0))
        result = simulator.run([direct(np.zeros((2, N)))], options(2), 0, N)
        assert result.statistics["EQUITY"].tolist() == [500.0, 500.0]

    def test_one_bar_is_a_run(self) -> None:
        one = Bars(BARS.time[:1], *(getattr(BARS, name)[:1] for name in ("open", "high", "low", "close", "volume")))
        result = Simulator(one).run([direct(np.ones((1, 1)))], options(1), 0, 1)
        assert result.statistics["TRADES"].tolist() == [0.0]


class TestSetOptions:
    def test_settings_are_repeated_for_every_set_and_what_is_off_is_nan(self) -> None:
        made = SetOptions.of(3, Exits(stop_loss=0.1, max_bars_held=5), Execution(leverage=2.0, position_size=0.5))
        assert made.stop_loss.tolist() == [0.1, 0.1, 0.1]
        assert made.max_bars_held.tolist() == [5.0, 5.0, 5.0]
        assert (made.leverage.tolist(), made.position_size.tolist()) == ([2.0] * 3, [0.5] * 3)
        assert bool(np.all(np.isnan(made.take_profit) & np.isnan(made.trailing_stop)))

    def test_a_parameter_may_decide_for_every_set(self) -> None:
        given = {"stop_loss": np.array([0.1, math.nan]), "leverage": np.array(3.0)}
        made = SetOptions.of(2, Exits(stop_loss=0.5), Execution(), given)
        np.testing.assert_array_equal(made.stop_loss, [0.1, math.nan])
        assert made.leverage.tolist() == [3.0, 3.0]
        assert made.stop_loss is not given["stop_loss"]

    def test_sets_may_share_an_account(self) -> None:
        assert options(2).scaled(0.25).position_size.tolist() == [1.0, 1.0]
        assert options(2).scaled(0.25).leverage.tolist() == [0.25, 0.25]

    def test_an_unknown_setting_is_refused(self) -> None:
        with pytest.raises(UnknownName, match=r"^unknown setting 'stop'\. Fix: "):
            SetOptions.of(2, Exits(), Execution(), {"stop": np.zeros(2)})

    @pytest.mark.parametrize("shape", [(1,), (3,), (2, 1)])
    def test_another_number_of_values_is_refused(self, shape: tuple[int, ...]) -> None:
        with pytest.raises(InvalidInput) as caught:
            SetOptions.of(2, Exits(), Execution(), {"stop_loss": np.zeros(shape)})
        expected = f"stop_loss has shape {list(shape)}, leverage [2]. Fix: give one number per parameter set"
        assert str(caught.value) == expected

    @pytest.mark.parametrize("name", ["stop_loss", "take_profit", "trailing_stop", "max_bars_held"])
    @pytest.mark.parametrize("bad", [-0.5, math.inf, -math.inf])
    def test_a_wrong_distance_is_refused_with_its_set(self, name: str, bad: float) -> None:
        with pytest.raises(InvalidInput) as caught:
            SetOptions.of(4, Exits(), Execution(), {name: np.array([math.nan, 0.5, bad, -1.0])})
        assert str(caught.value) == (
            f"{name} must be a finite number of at least 0 in every set; set 2 has {bad:g}."
            f" Fix: restrict {name} to 0 and more, NaN for no such exit"
        )

    @pytest.mark.parametrize("name", ["position_size", "leverage"])
    @pytest.mark.parametrize("bad", [-0.5, math.nan, math.inf])
    def test_a_size_is_a_finite_number(self, name: str, bad: float) -> None:
        with pytest.raises(InvalidInput) as caught:
            SetOptions.of(2, Exits(), Execution(), {name: np.array([0.5, bad])})
        assert str(caught.value) == (
            f"{name} must be a finite number of at least 0 in every set; set 1 has {bad:g}."
            f" Fix: restrict {name} to 0 and more"
        )

    def test_what_holds_no_numbers_is_refused(self) -> None:
        values: Any = np.array(["a", "b"])
        with pytest.raises(InvalidInput, match=r"^stop_loss must hold numbers; got an array of <U1\. Fix"):
            SetOptions.of(2, Exits(), Execution(), {"stop_loss": values})
