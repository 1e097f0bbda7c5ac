"""Donchian channel breakout: buy the highest price of many bars, leave at the lowest of fewer."""

from typing import final

from autonomous_trading.core import IntParameter
from autonomous_trading.strategies._columns import Columns
from autonomous_trading.strategies._signals import Signals
from autonomous_trading.strategies._strategy import SignalsLike, Strategy


@final
class DonchianBreakout(Strategy):
    """Long from a close above the highest high of many bars, until one below the lowest low of fewer.

    Idea: a price no one has paid for weeks is news, and trends begin with it. Source: Richard Donchian's
    four-week rule; the "Turtle" rules in Curtis Faith, "Way of the Turtle" (2007). It fails where breakouts
    are sold (ranges, and stock indices over short windows): most trades lose a little, and one missed trend
    costs the year.
    """

    entry_window = IntParameter(10, 120, default=40)
    exit_window = IntParameter(5, 60, default=20)

    def constraint(self) -> bool:
        return self.exit_window <= self.entry_window

    def signals(self, see: Columns) -> SignalsLike:
        # The channel ends one bar ago: a close cannot be above a high that includes its own bar.
        top = see.max(self.entry_window, source=see.high).shift(1)
        bottom = see.min(self.exit_window, source=see.low).shift(1)
        return Signals(entries=see.close > top, exits=see.close < bottom)
