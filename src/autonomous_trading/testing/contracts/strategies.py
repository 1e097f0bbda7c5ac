"""What every strategy must be: described, feasible by default, causal, and the same when traced."""

import copy
from collections.abc import Mapping

import numpy as np
import pytest

from autonomous_trading.core import Bars, FloatArray, ParameterSet, ParameterTable, evaluate
from autonomous_trading.features import ColumnStore
from autonomous_trading.strategies import Columns, ResolvedSignals, Strategy, signals_of, trace_signals
from autonomous_trading.testing.causality import check_causal, same_bits, target_of
from autonomous_trading.testing.contracts._require import require
from autonomous_trading.testing.markets import mean_reverting, random_walk, trending

_BARS = 600
_SETS = 12


class StrategyContract:
    """The suite for one strategy class: inherit it in a test class, and give the class as the fixture `strategy`.

        class TestMyStrategy(StrategyContract):
            @pytest.fixture
            def strategy(self):
                return MyStrategy

    `markets` may be overridden too: bars on some of which the strategy with its defaults must trade.
    """

    @pytest.fixture
    def markets(self) -> list[Bars]:
        """Bars to look at: a random walk, trends, and prices that come back."""
        return [random_walk(_BARS, seed=1), trending(_BARS, seed=2), mean_reverting(_BARS, seed=3)]

    def test_says_what_it_does(self, strategy: type[Strategy]) -> None:
        """The class has a docstring of its own, beginning with a sentence."""
        first = (vars(strategy).get("__doc__") or "").split("\n")[0].strip()
        require(first.endswith("."), f"{strategy.__name__} has no docstring that begins with a sentence")

    def test_declares_parameters(self, strategy: type[Strategy]) -> None:
        """At least one parameter is free, each with a default inside its bounds."""
        space = strategy.space()
        require(space.dimension > 0, f"{strategy.__name__} declares no parameter")
        for name, value in space.defaults().items():
            kept = space.parameters[name].validate(value) == value
            require(kept, f"the default {value!r} of {name} is not a value of it")

    def test_defaults_are_feasible(self, strategy: type[Strategy]) -> None:
        """The strategy can be built without arguments, and from its own parameters again."""
        built = strategy()
        require(built.parameters == strategy.space().defaults(), "built without arguments it has other values")
        again = strategy(**built.parameters)
        require(again.parameters == built.parameters, "built from its own values it has other ones")

    def test_can_be_copied(self, strategy: type[Strategy]) -> None:
        """A copy is of the same class with the same values: so it can travel to another process."""
        built = strategy()
        again = copy.deepcopy(built)
        require(type(again) is strategy, f"a copy is a {type(again).__name__}")
        require(again.parameters == built.parameters, "a copy has other values")

    def test_answers_the_same_twice(self, strategy: type[Strategy], markets: list[Bars]) -> None:
        """Signals depend on the columns and the parameters, and on nothing that is remembered."""
        built = strategy()
        see = Columns(ColumnStore(markets[0]))
        first, second = signals_of(built, see), signals_of(built, see)
        require(first.target.same(second.target), "asked a second time it wants something else")

    def test_does_not_look_ahead(self, strategy: type[Strategy], markets: list[Bars]) -> None:
        """Cutting the bars changes nothing before the cut, with the defaults and with other sets."""
        check_causal(strategy(), markets[1])
        for row in _some_sets(strategy, 3, seed=4).rows():
            check_causal(strategy(**row), markets[0])

    def test_tracing_changes_nothing(self, strategy: type[Strategy], markets: list[Bars]) -> None:
        """Written down once for all sets or evaluated one by one: the same targets and settings, bit for bit."""
        table = _some_sets(strategy, _SETS, seed=5)
        see = Columns(ColumnStore(markets[2]))
        groups = trace_signals(strategy, table, see)
        covered = sorted(int(row) for group in groups for row in group.rows)
        require(covered == list(range(len(table))), "the groups do not cover every set once")
        traced = [(group.signals, row) for group in groups if group.signals for row in group.rows]
        for signals, row in traced:
            values = table.row(int(row))
            alone = signals_of(strategy(**values), see)
            _require_same(_columns_of(signals, see, values), _columns_of(alone, see, values), values)

    def test_trades(self, strategy: type[Strategy], markets: list[Bars]) -> None:
        """With its defaults it enters on some market, and does not simply stay in."""
        paths = [_held(target_of(strategy(), bars)) for bars in markets]
        require(any(np.any(path != 0.0) for path in paths), "it takes no position on any market")
        require(any(np.any(np.diff(path) != 0.0) for path in paths), "its position never changes on any market")


def _columns_of(signals: ResolvedSignals, see: Columns, values: ParameterSet) -> Mapping[str, FloatArray]:
    parts = {"the target": signals.target, **signals.settings}
    return {name: evaluate(part, see.store, values) for name, part in parts.items()}


def _require_same(traced: Mapping[str, FloatArray], plain: Mapping[str, FloatArray], values: ParameterSet) -> None:
    require(set(traced) == set(plain), f"traced it sets {sorted(traced)}, alone {sorted(plain)}")
    for name, expected in plain.items():
        require(same_bits(traced[name], expected).all(), f"{name} differs when traced, for {dict(values)}")


def _some_sets(strategy: type[Strategy], count: int, *, seed: int) -> ParameterTable:
    space = strategy.space()
    points = np.random.default_rng(seed).random((40 * count, space.dimension))
    table = space.from_unit(points)
    return table.take(np.flatnonzero(space.feasible(table))[:count])


def _held(target: FloatArray) -> FloatArray:
    """The target with NaN replaced by what was wanted before it, flat at first."""
    rows = np.maximum.accumulate(np.where(np.isnan(target), -1, np.arange(len(target))))
    return np.where(rows < 0, 0.0, target[rows])
