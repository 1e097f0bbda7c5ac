"""RSI reversion: buy weakness inside a rising market."""

from typing import final

from autonomous_trading.core import FloatParameter, IntParameter
from autonomous_trading.strategies._columns import Columns
from autonomous_trading.strategies._signals import Signals
from autonomous_trading.strategies._strategy import SignalsLike, Strategy


@final
class RsiReversion(Strategy):
    """Long from an oversold RSI, as long as the close is above its long average, until the RSI has recovered.

    Idea: in a market that rises, a few bad days are more often noise than a turn. Source: Wilder, "New
    Concepts in Technical Trading Systems" (1978), for the RSI; Connors and Alvarez, "Short Term Trading
    Strategies That Work" (2009), for the short period and the trend filter. It fails in crashes, which begin
    above the long average and are oversold all the way down: small gains, rare large losses.
    """

    period = IntParameter(2, 21, default=4)
    oversold = FloatParameter(5.0, 45.0, default=25.0)
    recovered = FloatParameter(40.0, 80.0, default=55.0)
    trend_window = IntParameter(50, 250, default=200)

    def constraint(self) -> bool:
        return self.oversold < self.recovered

    def signals(self, see: Columns) -> SignalsLike:
        strength = see.rsi(self.period)
        rising = see.close > see.sma(self.trend_window)
        return Signals(entries=(strength < self.oversold) & rising, exits=strength > self.recovered)
