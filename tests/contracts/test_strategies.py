"""Every strategy of the library passes the contract suite."""

import pytest

from autonomous_trading.core import IntParameter
from autonomous_trading.strategies import STRATEGIES, Columns, SignalsLike, Strategy
from autonomous_trading.testing import random_walk
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


class Restless(Strategy):
    # No docstring, no number that is free to vary, and an answer that depends on how often it was asked.
    asked = 0

    def signals(self, see: Columns) -> SignalsLike:
        Restless.asked += 1
        return see.close > see.sma(Restless.asked)


@pytest.mark.parametrize(
    ("check", "message"),
    [
        ("test_says_what_it_does", "Restless has no docstring"),
        ("test_declares_parameters", "Restless declares no parameter"),
    ],
)
def test_the_suite_finds_what_is_missing(check: str, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        getattr(StrategyContract(), check)(Restless)


def test_the_suite_finds_what_is_remembered() -> None:
    markets = [random_walk(60, seed=1)]
    with pytest.raises(AssertionError, match="asked a second time it wants something else"):
        StrategyContract().test_answers_the_same_twice(Restless, markets)


def test_the_suite_finds_what_never_trades() -> None:
    flat = [random_walk(60, seed=1, volatility=0.0)]
    with pytest.raises(AssertionError, match="it takes no position on any market"):
        StrategyContract().test_trades(Branching, flat)
