"""ATR breakout: a move larger than the usual range starts something."""

from typing import final

from autonomous_trading.core import FloatParameter, IntParameter
from autonomous_trading.strategies._columns import Columns
from autonomous_trading.strategies._signals import Signals
from autonomous_trading.strategies._strategy import SignalsLike, Strategy


@final
class AtrBreakout(Strategy):
    """Long from a close more than some average true ranges above its average, until one below the average.

    Idea: distances are measured in the market's own daily range, so the same multiple means the same surprise
    in calm and in wild times. Source: Keltner, "How to Make Money in Commodities" (1960), with Wilder's
    average true range (1978) as the unit. It fails when volatility expands without direction: entries come at
    the top of a range.
    """

    window = IntParameter(10, 100, default=40)
    atr_window = IntParameter(5, 40, default=14)
    multiple = FloatParameter(0.25, 4.0, default=1.0)

    def signals(self, see: Columns) -> SignalsLike:
        middle = see.ema(self.window)
        top = middle + self.multiple * see.atr(self.atr_window)
        return Signals(entries=see.close > top, exits=see.close < middle)
