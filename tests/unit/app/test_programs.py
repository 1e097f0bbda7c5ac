"""From parameter sets to programs: every set once, in pieces that fit, and mistakes of a strategy as one error."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from autonomous_trading.app import Evaluator, Market, Rules, _programs, backtest
from autonomous_trading.app._programs import Batch, batch_of, batches
from autonomous_trading.backtest import Costs, Exits
from autonomous_trading.core import (
    CategoricalParameter,
    FloatParameter,
    IntParameter,
    InvalidInput,
    ParameterTable,
    UnknownName,
)
from autonomous_trading.strategies import Columns, Signals, SignalsLike, Strategy
from tests.small_strategies import BranchingCross, Changeable, Cross, Everything, EverythingPlain, bars

MARKET = Market.of(bars(seed=4))
TWO = Market.of({"A": bars(seed=4), "B": bars(seed=5)})


def some_sets(strategy: type[Strategy], count: int = 40) -> ParameterTable:
    space = strategy.space()
    return space.from_unit(np.random.default_rng(8).random((count, space.dimension)))


def all_rows(found: list[Batch]) -> list[int]:
    return sorted(int(row) for batch in found for row in batch.rows)


@pytest.mark.parametrize("market", [MARKET, TWO])
@pytest.mark.parametrize("strategy", [Cross, BranchingCross, Everything, EverythingPlain, Changeable])
def test_every_set_is_in_one_batch(strategy: type[Strategy], market: Market) -> None:
    table = some_sets(strategy)
    found = list(batches(strategy, table, market))
    assert all_rows(found) == list(range(40))
    for batch in found:
        assert len(batch.programs) == len(market.instruments)
        assert all(len(program.rows) == len(batch.rows) for program in batch.programs)
        assert all(values.shape == batch.rows.shape for values in batch.settings.values())


def test_no_sets_make_no_batches() -> None:
    assert list(batches(Cross, some_sets(Cross, 0), MARKET)) == []


@pytest.mark.parametrize("strategy", [Cross, BranchingCross, Everything, Changeable])
def test_a_small_budget_of_memory_makes_more_batches_and_the_same_numbers(
    strategy: type[Strategy], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = some_sets(strategy)
    evaluator = Evaluator.of(strategy, MARKET, Rules())
    names = ("total_return", "sharpe_ratio", "trade_count")
    before, pieces = evaluator.measure(table, names, 0, 300), len(evaluator.batches(table))
    monkeypatch.setattr(_programs, "COLUMN_BUDGET", 300 * 8 * 6)
    assert len(evaluator.batches(table)) > pieces
    np.testing.assert_equal(evaluator.measure(table, names, 0, 300), before)
    monkeypatch.setattr(_programs, "COLUMN_BUDGET", 1)
    np.testing.assert_equal(evaluator.measure(table, names, 0, 300), before)


def test_sets_that_decide_different_settings_are_kept_apart() -> None:
    table = Changeable.space().table([{"window": 10}, {"window": 20}, {"window": 5}, {"window": 30}])
    found = list(batches(Changeable, table, MARKET))
    assert [sorted(batch.settings) for batch in found] == [[], ["stop_loss"]]
    assert [batch.rows.tolist() for batch in found] == [[0, 2], [1, 3]]
    np.testing.assert_allclose(found[1].settings["stop_loss"], [0.02, 0.03])
    evaluator = Evaluator.of(Changeable, MARKET, Rules(exits=Exits(stop_loss=0.004)))
    measured = evaluator.measure(table, ["total_return"], 0, 300)["total_return"]
    for row, value in enumerate(measured):
        alone = backtest(Changeable(**table.row(row)), MARKET, evaluator.rules)
        assert alone.performance.metrics["total_return"] == value


class PerInstrument(Strategy):
    """Says something else where prices are high: no single form fits two instruments."""

    window = IntParameter(2, 9, default=3)

    def signals(self, see: Columns) -> SignalsLike:
        if float(np.asarray(see.close)[0]) > 150.0:
            return see.close.shift(1) < see.sma(self.window) + 1.0
        return see.close > see.sma(self.window)


def test_instruments_with_different_forms_are_computed_set_by_set() -> None:
    market = Market.of({"A": bars(seed=4), "B": bars(seed=5, start=300.0)})
    table = PerInstrument.space().grid()
    found = list(batches(PerInstrument, table, market))
    assert all_rows(found) == list(range(8))
    assert all(batch.programs[0].matrix.shape == (8, 300) for batch in found)
    evaluator = Evaluator.of(PerInstrument, market, Rules())
    measured = evaluator.measure(table, ["total_return"], 0, 300)["total_return"]
    alone = backtest(PerInstrument(window=5), market, Rules()).performance.metrics["total_return"]
    assert measured[3] == alone


class Levelled(Strategy):
    """Exits and sizes that a search may push to and below zero."""

    stop_loss = FloatParameter(-1.0, 1.0, default=0.1)
    position_size = FloatParameter(-1.0, 1.0, default=1.0)
    leverage = FloatParameter(-1.0, 2.0, default=1.0)

    def signals(self, see: Columns) -> SignalsLike:
        return see.close > 0.0


def test_an_exit_of_zero_or_less_is_no_exit() -> None:
    off = backtest(Levelled(stop_loss=-0.5), MARKET, Rules(Costs.free(), Exits(stop_loss=0.001)))
    none = backtest(Levelled(stop_loss=0.0), MARKET, Rules(Costs.free()))
    assert off.performance.trades.reason == ("open",)
    np.testing.assert_array_equal(off.performance.equity, none.performance.equity)


@pytest.mark.parametrize("name", ["position_size", "leverage"])
@pytest.mark.parametrize("strategy_is", ["traced", "plain"])
def test_a_negative_size_is_refused(name: str, strategy_is: str) -> None:
    match = rf"^{name} of Levelled must be a finite number of at least 0; got -0\.5\. Fix: bound it below by 0"
    table = Levelled.space().table([{name: -0.5}])
    with pytest.raises(InvalidInput, match=match):
        _ = (
            batch_of(Levelled(**table.row(0)), MARKET)
            if strategy_is == "plain"
            else list(batches(Levelled, table, MARKET))
        )


def test_a_strategy_with_a_memory_of_its_own_is_asked_itself() -> None:
    class Remembering(Strategy):
        window = IntParameter(2, 9, default=3)

        def __init__(self, level: float, **parameters: int) -> None:
            super().__init__(**parameters)
            self.level = level

        def signals(self, see: Columns) -> SignalsLike:
            return see.sma(self.window) > self.level

    low, high = (backtest(Remembering(level), MARKET, Rules()).performance for level in (0.0, 1e9))
    assert len(low.trades) == 1
    assert len(high.trades) == 0


def failing(error: Callable[[], object], where: str) -> type[Strategy]:
    """A strategy whose code raises: in signals, in a column of its own, or for some values only."""

    class Failing(Strategy):
        window = IntParameter(2, 9, default=3)
        kind = CategoricalParameter(["a", "b"], default="a")

        def signals(self, see: Columns) -> SignalsLike:
            if where == "column":
                return see.custom(lambda *_: error(), self.window) > 0.0
            if where == "signals" or self.window > 4:
                error()
            return see.close > see.sma(self.window)

    return Failing


def undefined() -> object:
    return nothing_of_that_name  # type: ignore[name-defined]  # noqa: F821


def divided() -> object:
    return 1 / 0


def missing() -> object:
    columns: dict[str, object] = {}
    return columns["volume"]


def refused() -> object:
    raise RuntimeError("no\nluck")


@pytest.mark.parametrize("market", [MARKET, TWO])
@pytest.mark.parametrize("where", ["signals", "column", "some"])
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (undefined, "NameError: name 'nothing_of_that_name' is not defined"),
        (divided, "ZeroDivisionError: division by zero"),
        (missing, "KeyError: 'volume'"),
        (refused, "RuntimeError: no luck"),
    ],
)
def test_a_mistake_in_a_strategy_is_one_error_with_its_line(
    error: Callable[[], object], said: str, where: str, market: Market
) -> None:
    strategy = failing(error, where)
    with pytest.raises(InvalidInput) as raised:
        Evaluator.of(strategy, market, Rules()).measure(strategy.space().grid(), ["total_return"], 0, 300)
    assert f"of Failing failed: {said} (test_programs.py, line " in str(raised.value)
    assert str(raised.value).endswith("Fix: correct that code, then run it again")
    assert isinstance(raised.value.__cause__, NameError | ZeroDivisionError | KeyError | RuntimeError)


def test_errors_of_our_own_pass_as_they_are() -> None:
    class Misspelt(Strategy):
        def signals(self, see: Columns) -> SignalsLike:
            return see.smaa(3) > 0

    with pytest.raises(UnknownName, match=r"^unknown column 'smaa'. Fix: did you mean 'sma'"):
        batch_of(Misspelt(), MARKET)


def test_an_interrupt_is_no_mistake() -> None:
    class Stopped(Strategy):
        def signals(self, see: Columns) -> SignalsLike:
            raise KeyboardInterrupt(see)

    with pytest.raises(KeyboardInterrupt):
        batch_of(Stopped(), MARKET)


def test_signals_may_hold_arrays_and_sizes_per_bar() -> None:
    class Arrays(Strategy):
        def signals(self, see: Columns) -> SignalsLike:
            rising = np.asarray(see.returns) > 0
            return Signals(entries=rising, exits=~rising, size=np.linspace(0.1, 1.0, len(MARKET.bars))[: see.n_bars])

    assert backtest(Arrays(), MARKET, Rules()).performance.metrics["trade_count"] > 20


def test_instruments_of_one_account_share_their_exits() -> None:
    class OwnStop(Strategy):
        window = IntParameter(3, 9, default=5)

        def signals(self, see: Columns) -> SignalsLike:
            wide = float(np.asarray(see.close)[0])
            return Signals(see.close > see.sma(self.window), stop_loss=wide / 1000)

    expected = r"^stop_loss of OwnStop is .* for A and .* for B: instruments on one account share their exits"
    with pytest.raises(InvalidInput, match=expected):
        batch_of(OwnStop(), TWO)
    with pytest.raises(InvalidInput, match=expected):
        list(batches(OwnStop, some_sets(OwnStop, 3), TWO))
    assert len(list(batches(OwnStop, some_sets(OwnStop, 3), MARKET))) == 1


def test_a_number_made_from_one_instrument_is_its_own() -> None:
    class Above(Strategy):
        window = IntParameter(3, 9, default=5)

        def signals(self, see: Columns) -> SignalsLike:
            return see.sma(self.window) > float(np.asarray(see.close)[0])

    table = some_sets(Above, 3)
    (batch,) = batches(Above, table, TWO)
    for row in range(3):
        alone = batch_of(Above.holding(dict(table.row(row))), TWO)
        for found, expected in zip(batch.programs, alone.programs, strict=True):
            np.testing.assert_array_equal(found.matrix[found.rows[row, 0]], expected.matrix[expected.rows[0, 0]])
