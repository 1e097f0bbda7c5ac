"""What holds for every run of the kernel: neighbours, threads and cuts change no bit, and the books always balance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autonomous_trading.backtest import FILLS, Costs, Execution, Request, RunResult, SetOptions, Simulator
from autonomous_trading.backtest._interpreter import evaluate_block, linked
from autonomous_trading.core import (
    Bars,
    BoundProgram,
    ColumnSource,
    Expression,
    FloatArray,
    Operation,
    ParameterTable,
    bind,
    column,
    compile_expression,
    evaluate,
    where,
)
from tests.twins.expressions import (
    COMPARISONS,
    ELEMENTWISE_1,
    ELEMENTWISE_2,
    FAST,
    SPECIAL,
    WEIGHT,
    SeededColumns,
    expressions,
    tables,
)
from tests.twins.kernel import direct, portfolio_simulator_of, run_kernel, run_kernel_portfolio, simulator_of
from tests.twins.markets import (
    TARGETS,
    Case,
    PortfolioCase,
    cases,
    long_cases,
    long_portfolio_cases,
    markets,
    portfolio_cases,
)
from tests.twins.records import DAY_NS, TwinCosts, TwinMarket, TwinTotals

BARS_PER_BLOCK = 256
PRICES = ("open", "high", "low", "close")
UNWRITTEN = 1.25e300  # what a register holds before it is written: reading it shows
MOST_SETS = 40
FEWER = 60


@dataclass(frozen=True)
class Crowd:
    """Many sets on one market, each with targets, exits and a size of its own."""

    simulator: Simulator
    programs: list[BoundProgram]
    options: SetOptions
    start: int
    stop: int

    def __len__(self) -> int:
        return len(self.options.leverage)

    def only(self, rows: Sequence[int]) -> Crowd:
        """Some of the sets, in this order."""
        kept = list(rows)
        programs = [replace(each, rows=each.rows[kept], scalars=each.scalars[kept]) for each in self.programs]
        columns = {each.name: getattr(self.options, each.name)[kept] for each in fields(self.options)}
        return replace(self, programs=programs, options=SetOptions(**columns))

    def numbers(self, *, threads: int = 1, cuts: Sequence[int] = ()) -> FloatArray:
        """Every statistic of every set, then its equity, cash and units after every bar: [n_sets, numbers]."""
        request = Request(extended=True, curves=True, threads=threads)
        results = self._parts(cuts, request)
        statistics = results[-1].statistics
        curves = [each.curves for each in results if each.curves is not None]
        parts = [np.concatenate([each.equity[:, None], each.cash[:, None], each.units], axis=1) for each in curves]
        return np.concatenate([statistics.values, np.concatenate(parts, axis=2).reshape(len(self), -1)], axis=1)

    def trades(self, cuts: Sequence[int] = ()) -> FloatArray:
        """The trades of the first set; a position open at a cut is none yet, one open at the end is."""
        rows, before = [], 0
        for result in self._parts(cuts, Request(trades=True)):
            assert result.trades is not None
            after = len(result.trades) if result.state.stop == self.stop else result.state.closed_trades
            rows.append(result.trades[before:after])
            before = after
        return np.concatenate(rows)

    def _parts(self, cuts: Sequence[int], request: Request) -> list[RunResult]:
        """The run in parts that end before some bars, each going on from the state of the one before."""
        results: list[RunResult] = []
        for low, high in pairwise([self.start, *cuts, self.stop]):
            state = results[-1].state if results else None
            results.append(self.simulator.run(self.programs, self.options, low, high, request=request, state=state))
        return results


def same_bits(first: FloatArray, second: FloatArray) -> bool:
    return first.shape == second.shape and first.tobytes() == second.tobytes()


def own_options(n_sets: int, simulator: Simulator, rng: np.random.Generator) -> SetOptions:
    """Exits and sizes drawn for every set, in the unit of the market's exits."""
    distances = (np.nan, 0.05, 0.1, 0.5) if simulator.exits.unit == "fraction" else (np.nan, 0.5, 1.0, 2.0)
    overrides = {name: rng.choice(distances, n_sets) for name in ("stop_loss", "take_profit", "trailing_stop")}
    overrides["max_bars_held"] = rng.choice((np.nan, np.nan, 1.0, 2.0, 5.0), n_sets)
    overrides["position_size"] = rng.choice((1.0, 0.5, 0.1), n_sets)
    overrides["leverage"] = rng.choice((1.0, 2.0, 4.0), n_sets)
    return SetOptions.of(n_sets, simulator.exits, simulator.execution, overrides)


def own_targets(n_sets: int, n_bars: int, rng: np.random.Generator, *, condition: bool) -> BoundProgram:
    """Targets drawn for every set: held for some bars, then others; 0 and 1 only where they are a condition."""
    changed = rng.choice((0.0, 1.0) if condition else TARGETS, (n_sets, n_bars))
    since = np.maximum.accumulate(np.where(rng.random((n_sets, n_bars)) < 0.4, np.arange(n_bars), 0), axis=1)
    return replace(direct(np.take_along_axis(changed, since, axis=1)), is_condition=condition)


@st.composite
def crowds(draw: st.DrawFn, most: int = MOST_SETS) -> Crowd:
    """A market of the fill contract, short or longer than a block of bars, with up to `most` sets of their own."""
    case: Case | PortfolioCase = draw(
        st.one_of(
            cases(min_bars=2),
            long_cases(BARS_PER_BLOCK, 2 * BARS_PER_BLOCK + 2),
            portfolio_cases(min_bars=2),
            long_portfolio_cases(BARS_PER_BLOCK, BARS_PER_BLOCK + 20),
        )
    )
    if isinstance(case, Case):
        simulator = simulator_of(case.market, case.costs, case.exits, case.run)
    else:
        simulator = portfolio_simulator_of(case.markets, case.present, case.costs, case.exits, case.run)
    n_sets, condition = draw(st.integers(1, most)), draw(st.booleans())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = (n_sets, len(simulator.bars))
    programs = [own_targets(*shape, rng, condition=condition) for _ in range(simulator.instruments)]
    return Crowd(simulator, programs, own_options(n_sets, simulator, rng), case.run.start, case.run.stop)


@given(crowds(), st.data())
def test_a_set_alone_gives_the_bits_it_gives_among_others(crowd: Crowd, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(crowd) - 1))
    alone, among = crowd.only([place]), crowd.numbers()[place : place + 1]
    assert same_bits(alone.numbers(), among)


@settings(max_examples=FEWER)
@given(crowds(), st.data())
def test_the_order_of_the_sets_changes_no_bit(crowd: Crowd, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(crowd))))
    assert same_bits(crowd.only(order).numbers(), crowd.numbers()[order])


@settings(max_examples=FEWER)
@given(crowds(most=70), st.integers(2, 4))
def test_the_number_of_threads_changes_no_bit(crowd: Crowd, threads: int) -> None:
    assert same_bits(crowd.numbers(threads=threads), crowd.numbers())


@given(crowds(), st.data())
def test_a_run_cut_anywhere_gives_the_bits_of_the_whole(crowd: Crowd, data: st.DataObject) -> None:
    places = st.lists(st.integers(crowd.start + 1, crowd.stop - 1), unique=True, max_size=5)
    cuts = sorted(data.draw(places)) if crowd.stop - crowd.start > 1 else []
    assert same_bits(crowd.numbers(cuts=cuts), crowd.numbers())
    assert same_bits(crowd.trades(cuts), crowd.trades())


Answer = tuple[TwinTotals, list[list[float]], list[list[float]]]


def answered(case: Case | PortfolioCase) -> Answer:
    """What a run gives, with the units and the closes of every instrument on every bar of it."""
    run = case.run
    if isinstance(case, Case):
        single = run_kernel(case.market, case.target, case.costs, case.exits, run)
        return single, [single.units], [case.market.close[run.start : run.stop]]
    several = run_kernel_portfolio(case.markets, case.present, case.targets, case.costs, case.exits, run)
    return several, several.units, [market.close[run.start : run.stop] for market in case.markets]


EVERY_CASE = st.one_of(cases(max_bars=40), portfolio_cases(max_bars=20))


@given(EVERY_CASE)
def test_cash_and_units_at_the_close_are_equity(case: Case | PortfolioCase) -> None:
    totals, units, closes = answered(case)
    for t, equity in enumerate(totals.equity):
        values = [held[t] * close[t] for held, close in zip(units, closes, strict=True) if held[t] != 0.0]
        size = max(abs(equity), abs(totals.cash[t]), *map(abs, values), 0.0)
        assert abs(totals.cash[t] + sum(values) - equity) <= 1e-9 * size


@given(EVERY_CASE)
def test_what_was_gained_is_the_profit_of_the_trades_and_the_financing(case: Case | PortfolioCase) -> None:
    totals, _, _ = answered(case)
    gained = totals.equity[-1] - case.run.initial_cash
    earned = sum(trade.net_profit for trade in totals.trades) + totals.financing
    assert abs(gained - earned) <= 1e-9 * (case.run.initial_cash + totals.turnover + totals.costs_paid)


@given(EVERY_CASE)
def test_without_a_position_equity_stands_still(case: Case | PortfolioCase) -> None:
    totals, _, _ = answered(replace(case, costs=replace(case.costs, cash_rate=0.0)))
    busy = {bar for trade in totals.trades for bar in range(trade.entry_bar, trade.exit_bar + 1)}
    curve = [case.run.initial_cash, *totals.equity]
    for t, (before, now) in enumerate(pairwise(curve), start=case.run.start):
        assert now == before or t in busy


def in_other_units(market: TwinMarket, price: float, volume: float) -> TwinMarket:
    """The same market with its prices (and the ATR) and its volume counted in other units."""
    scaled = {name: [value * price for value in getattr(market, name)] for name in (*PRICES, "atr")}
    return replace(market, **scaled, volume=[value * volume for value in market.volume])


@given(cases(max_bars=40), st.integers(-30, 30))
def test_without_costs_prices_in_another_unit_change_no_bit_of_equity(case: Case, power: int) -> None:
    case, factor = replace(case, costs=TwinCosts()), 2.0**power
    totals, units, _ = answered(case)
    others, their_units, _ = answered(replace(case, market=in_other_units(case.market, factor, 1.0)))
    assert (others.equity, others.cash) == (totals.equity, totals.cash)
    assert [value * factor for value in their_units[0]] == units[0]


@given(cases(max_bars=40), st.integers(-30, 30))
def test_with_costs_prices_and_volume_in_other_units_change_no_bit_of_equity(case: Case, power: int) -> None:
    factor = 2.0**power
    costs = replace(case.costs, per_unit=case.costs.per_unit * factor)
    market = in_other_units(case.market, factor, 1.0 / factor)
    totals, others = answered(case)[0], answered(replace(case, market=market, costs=costs))[0]
    assert (others.equity, others.cash, others.costs_paid) == (totals.equity, totals.cash, totals.costs_paid)


@given(
    st.integers(2, 60),
    st.integers(0, 2**32 - 1),
    st.sampled_from(FILLS),
    st.lists(st.floats(0.0, 0.05), min_size=2, max_size=2).map(sorted),
)
def test_more_commission_never_leaves_more(n_bars: int, seed: int, fill: str, rates: list[float]) -> None:
    """All of the equity or none of it, no exits: every sale leaves r - c (1 + r) of the money, with r > 5 c here."""
    rng = np.random.default_rng(seed)
    opening, close = rng.uniform(50.0, 200.0, (2, n_bars))
    time = np.arange(n_bars) * DAY_NS
    bars = Bars(time, opening, np.maximum(opening, close), np.minimum(opening, close), close, np.ones(n_bars))
    program = direct(rng.integers(0, 2, (1, n_bars)).astype(np.float64))
    curves = []
    for rate in rates:
        simulator = Simulator(bars, Costs(commission=rate), execution=Execution(fill=fill))
        sets = SetOptions.of(1, simulator.exits, simulator.execution)
        result = simulator.run([program], sets, 0, n_bars, request=Request(curves=True))
        assert result.curves is not None
        curves.append(result.curves.equity[0])
    assert bool(np.all(curves[1] <= curves[0] * (1.0 + 1e-12)))


def spliced(market: TwinMarket, other: TwinMarket, after: int) -> TwinMarket:
    """One market up to a bar, another one after it, on the times of the first."""
    names = [each.name for each in fields(market) if each.name != "time"]
    return replace(
        market, **{name: getattr(market, name)[: after + 1] + getattr(other, name)[after + 1 :] for name in names}
    )


def assert_same_until(after: int, case: Case | PortfolioCase, other: Case | PortfolioCase) -> None:
    """Equity, cash, units and finished trades are the same up to a bar."""
    bars = max(after + 1 - case.run.start, 0)
    (first, first_units, _), (second, second_units, _) = answered(case), answered(other)
    assert first.equity[:bars] == second.equity[:bars]
    assert first.cash[:bars] == second.cash[:bars]
    assert [units[:bars] for units in first_units] == [units[:bars] for units in second_units]
    finished = [
        [trade for trade in each.trades if trade.exit_bar <= after and trade.reason != "open"]
        for each in (first, second)
    ]
    assert finished[0] == finished[1]


@given(cases(min_bars=2, max_bars=30), st.data())
def test_what_comes_later_changes_nothing_before(case: Case, data: st.DataObject) -> None:
    n_bars = len(case.market.time)
    after = data.draw(st.integers(0, n_bars - 2))
    market = spliced(case.market, data.draw(markets(n_bars, n_bars)), after)
    target = case.target[: after + 1] + data.draw(st.permutations(case.target[after + 1 :]))
    assert_same_until(after, case, replace(case, market=market, target=target))


@settings(max_examples=FEWER)
@given(portfolio_cases(min_bars=2, max_bars=12), st.data())
def test_what_comes_later_changes_nothing_before_on_several_instruments(
    case: PortfolioCase, data: st.DataObject
) -> None:
    n_bars = len(case.present[0])
    after = data.draw(st.integers(0, n_bars - 2))
    others = [spliced(market, data.draw(markets(n_bars, n_bars)), after) for market in case.markets]
    present = [seen[: after + 1] + [not there for there in seen[after + 1 :]] for seen in case.present]
    assert_same_until(after, case, replace(case, markets=others, present=present))


def bits(values: FloatArray) -> list[int]:
    """Bit patterns, with one pattern for all NaN."""
    found: list[int] = np.where(np.isnan(values), np.nan, values).view(np.int64).tolist()
    return found


def interpreted(expression: Expression, source: ColumnSource, table: ParameterTable, block: int) -> list[FloatArray]:
    """The values of an expression for every set, by the compiled interpreter, so many bars at a time."""
    bound = bind(compile_expression(expression), table, source)
    code, n_bars = linked(bound), source.n_bars
    registers = np.full((code.registers, code.halo + block), UNWRITTEN)
    found = []
    for row in range(len(table)):
        values = np.empty(n_bars)
        for low in range(0, n_bars, block):
            start, high = max(low - code.halo, 0), min(low + block, n_bars)
            evaluate_block(code, row, (start, high), registers)
            values[low:high] = registers[code.result, low - start : high - start]
        found.append(values)
    return found


@given(
    expression=expressions(),
    n_bars=st.integers(1, 60),
    rows=st.integers(1, 5),
    block=st.integers(1, 60),
    seed=st.integers(0, 10**6),
)
def test_the_compiled_interpreter_gives_the_bits_of_evaluation(
    expression: Expression, n_bars: int, rows: int, block: int, seed: int
) -> None:
    source, table = SeededColumns(n_bars, seed), tables(rows, seed)
    for row, values in enumerate(interpreted(expression, source, table, block)):
        assert bits(values) == bits(evaluate(expression, source, table.row(row)))


class EveryPair:
    """Two columns with every pair of special numbers."""

    n_bars = len(SPECIAL) ** 2

    def column(self, name: str, *_: object) -> FloatArray:
        return np.repeat(SPECIAL, len(SPECIAL)) if name == "left" else np.tile(SPECIAL, len(SPECIAL))


LEFT, RIGHT = column("left", [FAST]), column("right", [FAST])  # with a parameter: the kernel computes with them
TRUE_LEFT, TRUE_RIGHT = LEFT > 0.0, RIGHT > 0.0
OF_TWO = (*ELEMENTWISE_2, *COMPARISONS)
ON_EVERY_PAIR = (
    *(Operation(name, (LEFT, RIGHT)) for name in OF_TWO),
    *(Operation(name, (LEFT,)) for name in ELEMENTWISE_1),
    *(Operation(name, (TRUE_LEFT, TRUE_RIGHT)) for name in ("and", "or", "xor")),
    Operation("isnan", (LEFT,)),
    ~TRUE_LEFT,
    where(TRUE_LEFT, LEFT, RIGHT),
    LEFT.shift(3),
    LEFT + WEIGHT,
)


@pytest.mark.parametrize("expression", ON_EVERY_PAIR, ids=str)
def test_every_operation_gives_the_bits_of_evaluation_on_every_pair_of_special_numbers(expression: Expression) -> None:
    source, table = EveryPair(), tables(1, 0)
    (values,) = interpreted(expression, source, table, EveryPair.n_bars)
    assert bits(values) == bits(evaluate(expression, source, table.row(0)))
