"""The contract of a strategy: declared parameters, constraint, construction."""

import copy

import numpy as np
import pytest

from autonomous_trading.core import (
    BoolParameter,
    CategoricalParameter,
    FloatParameter,
    IntParameter,
    InvalidExpression,
    InvalidInput,
    InvalidParameter,
    ParameterTable,
    UnknownName,
)
from autonomous_trading.features import ColumnStore
from autonomous_trading.strategies import Columns, SignalsLike, Strategy
from autonomous_trading.testing.markets import random_walk


class Cross(Strategy):
    """Long while one average is above the other."""

    fast = IntParameter(5, 50, default=10)
    slow = IntParameter(20, 200, default=50)

    def constraint(self) -> bool:
        return self.fast < self.slow

    def signals(self, see: Columns) -> SignalsLike:
        return see.sma(self.fast) > see.sma(self.slow)


class CrossWithStop(Cross):
    """The same with a stop, and a smaller slow average."""

    stop_loss = FloatParameter(0.01, 0.1, default=0.02)
    slow = IntParameter(20, 100, default=40)


class RSIFilterABTest(Cross):
    """Named to see what becomes of its name; the slow average is fixed."""

    slow = 60


def test_values_come_from_arguments_and_defaults() -> None:
    built = Cross(fast=20)
    assert (built.fast, built.slow) == (20, 50)
    assert built.parameters == {"fast": 20, "slow": 50}
    assert repr(built) == "Cross(fast=20, slow=50)"


def test_parameters_are_inherited_in_order_and_can_be_declared_again() -> None:
    assert Cross.space().names == ("fast", "slow")
    assert CrossWithStop.space().names == ("fast", "slow", "stop_loss")
    assert CrossWithStop().parameters == {"fast": 10, "slow": 40, "stop_loss": 0.02}
    assert RSIFilterABTest.space().names == ("fast",)
    assert RSIFilterABTest().slow == 60


def test_names() -> None:
    assert Cross.name == "cross"
    assert CrossWithStop.name == "cross_with_stop"
    assert RSIFilterABTest.name == "rsi_filter_ab_test"

    class Named(Cross):
        """Says itself what it is called."""

        name = "my_cross"

    assert Named.name == "my_cross"


def test_values_are_checked() -> None:
    with pytest.raises(InvalidParameter, match="fast"):
        Cross(fast=1)
    with pytest.raises(UnknownName, match=r"unknown parameter 'fats'.*did you mean 'fast'"):
        Cross(fats=20)
    with pytest.raises(InvalidParameter, match="the constraint refuses fast=50, slow=20"):
        Cross(fast=50, slow=20)
    with pytest.raises(TypeError):
        Cross(20)  # type: ignore[call-arg]


def test_values_never_change() -> None:
    built = Cross()
    with pytest.raises(InvalidParameter, match="cannot change once it is built"):
        built.fast = 20  # type: ignore[assignment]


def test_signals_must_be_written() -> None:
    class Silent(Strategy):
        """Has nothing to say."""

        fast = IntParameter(1, 5, default=2)

    with pytest.raises(TypeError, match="abstract"):
        Silent()  # type: ignore[abstract]


@pytest.mark.parametrize("name", ["name", "parameters", "signals", "space", "constraint", "holding", "_hidden"])
def test_names_that_strategies_use_themselves(name: str) -> None:
    with pytest.raises(InvalidParameter, match=f"cannot have a parameter named '{name}'"):
        type("Clashing", (Strategy,), {name: IntParameter(1, 5, default=2)})


def test_the_constraint_is_computed_for_whole_tables() -> None:
    table = ParameterTable({"fast": np.array([10, 20, 30]), "slow": np.array([20, 20, 40])})
    np.testing.assert_array_equal(Cross.space().feasible(table), [True, False, True])
    grid = Cross.space().grid()
    fast, slow = grid.column("fast"), grid.column("slow")
    assert (fast < slow).all()
    assert len(grid) == sum(f < s for f in range(5, 51) for s in range(20, 201))


def test_a_strategy_without_constraint_allows_everything() -> None:
    class Free(Cross):
        """No constraint."""

        constraint = Strategy.constraint

    assert Free.space().constraint is None
    assert Free().constraint() is True
    assert Free.space().grid(3).column("fast").tolist() == [5, 5, 5, 27, 27, 27, 50, 50, 50]


class Choosy(Strategy):
    """Has a constraint that branches, so that it is called row by row."""

    fast = IntParameter(1, 9, default=2)
    slow = IntParameter(1, 9, default=5)
    kind = CategoricalParameter(["sma", "ema"], default="sma")
    strict = BoolParameter(default=True)

    def constraint(self) -> bool:
        if self.kind == "ema" and not self.strict:
            return True  # traced: choices and booleans are plain while tracing
        if self.strict:
            return self.fast < self.slow and self.slow < 8
        return self.fast != self.slow

    def signals(self, see: Columns) -> SignalsLike:
        return see.close > 0.0


def test_any_constraint_gives_the_answer_it_gives_alone() -> None:
    space = Choosy.space()
    table = space.from_unit(np.random.default_rng(3).random((300, 4)))
    allowed = space.feasible(table)
    assert allowed.tolist() == [Choosy.holding(row).constraint() for row in table.rows()]
    assert 0 < allowed.sum() < 300


def test_a_space_with_its_constraint_travels_between_processes() -> None:
    again = copy.deepcopy(Cross.space())
    with pytest.raises(InvalidParameter, match="the constraint refuses"):
        again.choose({"fast": 50, "slow": 20})


def test_a_strategy_without_parameters() -> None:
    class Always(Strategy):
        """Long on every bar."""

        def signals(self, see: Columns) -> SignalsLike:
            return see.close > 0.0

    assert Always.space().names == ()
    assert dict(Always().parameters) == {}


def test_a_constraint_on_an_empty_table() -> None:
    space = Choosy.space()
    assert space.feasible(space.table([])).shape == (0,)
    assert Cross.space().feasible(Cross.space().table([])).shape == (0,)


def test_a_constraint_cannot_look_at_bars() -> None:
    see = Columns(ColumnStore(random_walk(30, seed=1)))

    class Peeking(Cross):
        """Compares a parameter with a price."""

        def constraint(self) -> bool:
            return see.close > self.fast  # type: ignore[return-value]

    with pytest.raises(InvalidExpression, match=r"the constraint .* looks at bars"):
        Peeking()


def test_a_constraint_that_fails_says_where() -> None:
    class Failing(Strategy):
        window = IntParameter(1, 9, default=5)

        def constraint(self) -> bool:
            return bool(1 / (int(self.window) - int(self.window)))

        def signals(self, see: Columns) -> SignalsLike:
            return see.close > see.sma(self.window)

    with pytest.raises(InvalidInput, match=r"^constraint of Failing failed: ZeroDivisionError.*test_strategy.py, line"):
        Failing(window=3)
