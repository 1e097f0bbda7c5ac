"""Moving average crossover: the oldest way to follow a trend."""

from typing import final

from autonomous_trading.core import IntParameter
from autonomous_trading.strategies._columns import Columns
from autonomous_trading.strategies._strategy import SignalsLike, Strategy


@final
class MaCross(Strategy):
    """Long while the fast average of the close is above the slow one, flat otherwise.

    Idea: averages of different length agree on the direction of a trend that outlasts both. Source: Brock,
    Lakonishok and LeBaron (1992), "Simple technical trading rules and the stochastic properties of stock
    returns". It fails in sideways markets, where every crossing is late and the next one takes the loss, and
    after sharp reversals that the slow average needs weeks to see.
    """

    fast = IntParameter(2, 100, default=20)
    slow = IntParameter(5, 250, default=100)

    def constraint(self) -> bool:
        return self.fast < self.slow

    def signals(self, see: Columns) -> SignalsLike:
        return see.sma(self.fast) > see.sma(self.slow)
