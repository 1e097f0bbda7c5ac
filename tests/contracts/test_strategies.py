"""Every strategy of the library passes the contract suite."""

import pytest

from autonomous_trading.core import IntParameter
from autonomous_trading.strategies import STRATEGIES, Columns, SignalsLike, Strategy
from autonomous_trading.testing.contracts.strategies import StrategyContract


class TestLibrary(StrategyContract):
    """The suite, once per strategy of the library."""

    @pytest.fixture(params=list(STRATEGIES.values()), ids=list(STRATEGIES))
    def strategy(self, request: pytest.FixtureRequest) -> type[Strategy]:
        found: type[Strategy] = request.param
        return found


class Branching(Strategy):
    """Long above an average, whose kind depends on a number."""

    window = IntParameter(2, 40, default=20)

    def signals(self, see: Columns) -> SignalsLike:
        return see.close > (see.sma(self.window) if self.window > 20 else see.ema(self.window))


class TestUntraceable(StrategyContract):
    """The suite also holds for a strategy that is evaluated one set at a time."""

    @pytest.fixture
    def strategy(self) -> type[Strategy]:
        return Branching


def test_the_library_names_strategies_as_they_name_themselves() -> None:
    assert list(STRATEGIES) == [strategy.name for strategy in STRATEGIES.values()]
