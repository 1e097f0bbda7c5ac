"""Tracing: one form for many sets where it can be, plain numbers where it must be, and the same result."""

import math

import numpy as np
import pytest

from autonomous_trading.core import (
    BoolArray,
    BoolParameter,
    CategoricalParameter,
    FloatArray,
    FloatParameter,
    IntParameter,
    InvalidExpression,
    ParameterTable,
    ParameterValue,
    evaluate,
    where,
)
from autonomous_trading.features import ColumnStore
from autonomous_trading.strategies import (
    Columns,
    Signals,
    SignalsLike,
    Strategy,
    TracedGroup,
    signals_of,
    trace_signals,
)
from autonomous_trading.testing.markets import random_walk

BARS = random_walk(300, seed=9)


@pytest.fixture
def see() -> Columns:
    return Columns(ColumnStore(BARS))


def some_sets(strategy: type[Strategy], count: int = 20) -> ParameterTable:
    space = strategy.space()
    return space.from_unit(np.random.default_rng(8).random((count, space.dimension)))


def assert_same_as_alone(strategy: type[Strategy], see: Columns) -> tuple[TracedGroup, ...]:
    table = some_sets(strategy)
    groups = trace_signals(strategy, table, see)
    assert sorted(int(row) for group in groups for row in group.rows) == list(range(len(table)))
    for group in groups:
        for row in group.rows if group.signals else ():
            values = table.row(int(row))
            alone = signals_of(strategy(**values), see)
            assert group.signals is not None
            np.testing.assert_array_equal(
                evaluate(group.signals.target, see.store, values), evaluate(alone.target, see.store)
            )
            for name, setting in alone.settings.items():
                assert evaluate(group.signals.settings[name], see.store, values)[0] == float(setting)
    return groups


class Mixed(Strategy):
    """Numbers are symbols while it is traced; its choice and its switch are plain values."""

    window = IntParameter(2, 30, default=10)
    width = FloatParameter(0.0, 3.0, default=1.0)
    kind = CategoricalParameter(["sma", "ema"], default="sma")
    short = BoolParameter(default=False)
    stop_loss = FloatParameter(0.01, 0.2, default=0.05)
    max_bars_held = IntParameter(1, 50, default=20)

    def signals(self, see: Columns) -> SignalsLike:
        middle = see.sma(self.window) if self.kind == "sma" else see.ema(self.window)
        top = middle + self.width * see.stddev(self.window // 2 + 1 + 1)
        other = -1.0 if self.short else 0.0
        return Signals(where(see.close > top, 1.0, other), stop_loss=self.stop_loss * 2.0)


def test_groups_follow_choices_and_booleans(see: Columns) -> None:
    groups = assert_same_as_alone(Mixed, see)
    assert len(groups) == 4
    table = some_sets(Mixed)
    for group in groups:
        assert group.signals is not None
        assert len(set(table.column("kind")[group.rows])) == 1
        assert len(set(table.column("short")[group.rows])) == 1
        assert group.signals.target.parameters == {"window", "width"}
        assert group.signals.settings["stop_loss"].parameters == {"stop_loss"}
        assert group.signals.settings["max_bars_held"].parameters == {"max_bars_held"}


class Plain(Strategy):
    """Only a number."""

    window = IntParameter(2, 30, default=10)

    def signals(self, see: Columns) -> SignalsLike:
        return see.close > see.sma(self.window)


def test_numbers_alone_make_one_group(see: Columns) -> None:
    (group,) = assert_same_as_alone(Plain, see)
    assert group.signals is not None
    assert group.reason == ""
    assert trace_signals(Plain, Plain.space().table([]), see) == ()


class Branching(Plain):
    """Asks for the value of a number."""

    def signals(self, see: Columns) -> SignalsLike:
        if self.window > 10:
            return see.close > see.sma(self.window)
        return see.close > see.ema(self.window)


class Looping(Plain):
    """Counts to a number."""

    def signals(self, see: Columns) -> SignalsLike:
        total = see.close * 0.0
        for lag in range(self.window):
            total = total + see.close.shift(lag)
        return see.close > total / self.window


class WithNumpy(Plain):
    """Computes with arrays at once."""

    def signals(self, see: Columns) -> SignalsLike:
        average = np.asarray(see.sma(self.window), np.float64)
        above: BoolArray = np.asarray(see.close, np.float64) > average
        return above


class InATable(Plain):
    """Looks a number up."""

    def signals(self, see: Columns) -> SignalsLike:
        return see.close > {window: window * 10.0 for window in range(40)}[self.window]


class Bending(Plain):
    """Needs plain numbers for a function of Python's own."""

    def signals(self, see: Columns) -> SignalsLike:
        return see.close * 0.5 > 1.0 + math.sqrt(self.window)


@pytest.mark.parametrize("strategy", [Branching, Looping, WithNumpy, InATable, Bending])
def test_what_needs_plain_numbers_says_so(strategy: type[Strategy], see: Columns) -> None:
    (group,) = trace_signals(strategy, some_sets(strategy), see)
    assert group.signals is None
    assert "Untraceable" in group.reason
    target = signals_of(strategy(window=12), see).target
    assert set(evaluate(target, see.store)) <= {0.0, 1.0}


class PartlyBranching(Strategy):
    """Can be traced with one of its choices only."""

    window = IntParameter(2, 30, default=10)
    careful = BoolParameter(default=False)

    def signals(self, see: Columns) -> SignalsLike:
        if self.careful and self.window > 10:
            return see.close > see.ema(self.window)
        return see.close > see.sma(self.window)


def test_one_group_may_be_traced_and_another_not(see: Columns) -> None:
    groups = assert_same_as_alone(PartlyBranching, see)
    assert sorted(group.signals is None for group in groups) == [False, True]


class Initialised(Plain):
    """Has a constructor of its own."""

    def __init__(self, **parameters: ParameterValue) -> None:
        super().__init__(**parameters)
        self.doubled = self.window * 2

    def signals(self, see: Columns) -> SignalsLike:
        return see.close > see.sma(self.doubled)


def test_a_constructor_of_ones_own_is_respected(see: Columns) -> None:
    (group,) = trace_signals(Initialised, some_sets(Initialised), see)
    assert group.signals is None
    assert "has an __init__ of its own" in group.reason
    np.testing.assert_array_equal(
        evaluate(signals_of(Initialised(window=5), see).target, see.store),
        np.asarray(see.close > see.sma(10)),
    )


class Pretending(Plain):
    """Notices that it is traced."""

    def signals(self, see: Columns) -> SignalsLike:
        kind: type = type(self.window)
        return see.close > see.sma(self.window) if kind is int else see.close > see.open


class PretendingToStop(Plain):
    """Notices that it is traced, and leaves something out."""

    def signals(self, see: Columns) -> SignalsLike:
        kind: type = type(self.window)
        return Signals(see.close > see.sma(self.window), stop_loss=0.1 if kind is int else None)


class PretendingToMove(Plain):
    """Notices that it is traced, and compares with a number that is the same for every bar."""

    def signals(self, see: Columns) -> SignalsLike:
        kind: type = type(self.window)
        return see.close > (see.sma(self.window) if kind is int else self.window * 1.0)


@pytest.mark.parametrize("strategy", [Pretending, PretendingToStop, PretendingToMove])
def test_what_does_something_else_when_traced_is_found(strategy: type[Strategy], see: Columns) -> None:
    (group,) = trace_signals(strategy, some_sets(strategy), see)
    assert group.signals is None
    assert group.reason == f"{strategy.__name__} does something else with plain numbers"


class Lagging(Strategy):
    """Looks back by a number that may be zero, which makes another expression with the same values."""

    lag = IntParameter(0, 5, default=0)

    def signals(self, see: Columns) -> SignalsLike:
        return see.close.shift(self.lag) > see.open.shift(self.lag)


def test_another_form_with_the_same_values_is_the_same(see: Columns) -> None:
    table = ParameterTable({"lag": np.array([0, 1, 5])})
    (group,) = trace_signals(Lagging, table, see)
    assert group.signals is not None
    np.testing.assert_array_equal(
        evaluate(group.signals.target, see.store, {"lag": 5}),
        evaluate(signals_of(Lagging(lag=5), see).target, see.store),
    )


class Mistaken(Plain):
    """Returns something that is not a signal."""

    def signals(self, see: Columns) -> SignalsLike:
        return np.asarray(see.close, np.float64)[: self.window]


def test_a_mistake_shows_again_with_plain_numbers(see: Columns) -> None:
    (group,) = trace_signals(Mistaken, some_sets(Mistaken), see)
    assert group.signals is None
    with pytest.raises(InvalidExpression, match=r"shape \(10,\) for 300 bars"):
        signals_of(Mistaken(), see)


def test_arrays_without_parameters_can_be_traced(see: Columns) -> None:
    class Weighted(Plain):
        """Mixes an array computed at once with parameters."""

        def signals(self, see: Columns) -> SignalsLike:
            level: FloatArray = np.asarray(see.close, np.float64) * 0.5
            return level + see.sma(self.window) > 1.4 * see.close

    (group,) = assert_same_as_alone(Weighted, see)
    assert group.signals is not None
