"""What every strategy must be: described, feasible by default, causal, and the same when traced."""

import pickle

import numpy as np
import pytest

from autonomous_trading.core import Bars, FloatArray, ParameterTable, evaluate
from autonomous_trading.features import ColumnStore
from autonomous_trading.strategies import Columns, Strategy, signals_of, trace_signals
from autonomous_trading.testing.causality import check_causal, same_bits, target_of
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
        text = vars(strategy).get("__doc__") or ""
        assert text.split("\n")[0].strip().endswith("."), f"{strategy.__name__} needs a docstring"

    def test_declares_parameters(self, strategy: type[Strategy]) -> None:
        """At least one parameter is free, each with a default inside its bounds."""
        space = strategy.space()
        assert space.dimension > 0
        for name, value in space.defaults().items():
            assert space.parameters[name].validate(value) == value

    def test_defaults_are_feasible(self, strategy: type[Strategy]) -> None:
        """The strategy can be built without arguments, and from its own parameters again."""
        built = strategy()
        assert built.parameters == strategy.space().defaults()
        assert strategy(**built.parameters).parameters == built.parameters

    def test_travels_between_processes(self, strategy: type[Strategy]) -> None:
        """Pickling keeps the class and its values."""
        built = strategy()
        again = pickle.loads(pickle.dumps(built))
        assert type(again) is strategy
        assert again.parameters == built.parameters

    def test_answers_the_same_twice(self, strategy: type[Strategy], markets: list[Bars]) -> None:
        """Signals depend on the columns and the parameters, and on nothing that is remembered."""
        built = strategy()
        see = Columns(ColumnStore(markets[0]))
        assert signals_of(built, see).target.same(signals_of(built, see).target)

    def test_does_not_look_ahead(self, strategy: type[Strategy], markets: list[Bars]) -> None:
        """Cutting the bars changes nothing before the cut, with the defaults and with other sets."""
        check_causal(strategy(), markets[1])
        for row in _some_sets(strategy, 3, seed=4).rows():
            check_causal(strategy(**row), markets[0])

    def test_tracing_changes_nothing(self, strategy: type[Strategy], markets: list[Bars]) -> None:
        """Written down once for all sets or evaluated one by one: the same targets and settings, bit for bit."""
        table = _some_sets(strategy, _SETS, seed=5)
        see = Columns(ColumnStore(markets[2]))
        seen = 0
        for group in trace_signals(strategy, table, see):
            seen += len(group.rows)
            if group.signals is None:
                continue
            for row in group.rows:
                values = table.row(int(row))
                alone = signals_of(strategy(**values), see)
                pairs = [(group.signals.target, alone.target)]
                assert set(group.signals.settings) == set(alone.settings)
                pairs += [(group.signals.settings[name], alone.settings[name]) for name in alone.settings]
                for traced, plain in pairs:
                    expected = evaluate(plain, see.store)
                    assert same_bits(evaluate(traced, see.store, values), expected).all()
        assert seen == len(table)

    def test_trades(self, strategy: type[Strategy], markets: list[Bars]) -> None:
        """With its defaults it enters on some market, and does not simply stay in."""
        paths = [_held(target_of(strategy(), bars)) for bars in markets]
        assert any(np.any(path != 0.0) for path in paths), "no position on any market"
        assert any(np.any(np.diff(path) != 0.0) for path in paths), "the position never changes"


def _some_sets(strategy: type[Strategy], count: int, *, seed: int) -> ParameterTable:
    space = strategy.space()
    points = np.random.default_rng(seed).random((40 * count, space.dimension))
    table = space.from_unit(points)
    return table.take(np.flatnonzero(space.feasible(table))[:count])


def _held(target: FloatArray) -> FloatArray:
    """The target with NaN replaced by what was wanted before it, flat at first."""
    rows = np.maximum.accumulate(np.where(np.isnan(target), -1, np.arange(len(target))))
    return np.where(rows < 0, 0.0, target[rows])
