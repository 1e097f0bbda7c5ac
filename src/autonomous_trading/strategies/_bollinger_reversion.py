"""Bollinger reversion: buy below the lower band, sell at the middle."""

from typing import final

from autonomous_trading.core import FloatParameter, IntParameter
from autonomous_trading.strategies._columns import Columns
from autonomous_trading.strategies._signals import Signals
from autonomous_trading.strategies._strategy import SignalsLike, Strategy


@final
class BollingerReversion(Strategy):
    """Long from a close under the lower Bollinger band until one above the average in the middle.

    Idea: a price several standard deviations under its average has moved more than usual, and part of the
    move is taken back. Source: Bollinger, "Bollinger on Bollinger Bands" (2001). It fails when volatility
    jumps: prices walk down the band, every bar a new bargain, and the middle comes to meet them at a loss.
    """

    window = IntParameter(10, 60, default=20)
    width = FloatParameter(1.0, 3.0, default=2.0)

    def signals(self, see: Columns) -> SignalsLike:
        middle = see.sma(self.window)
        # The band is arithmetic over two columns, so that its width costs no column of its own.
        lower = middle - self.width * see.stddev(self.window)
        return Signals(entries=see.close < lower, exits=see.close > middle)
