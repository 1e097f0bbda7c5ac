"""MACD trend: the difference of two averages, against its own average."""

from typing import final

from autonomous_trading.core import IntParameter
from autonomous_trading.strategies._columns import Columns
from autonomous_trading.strategies._strategy import SignalsLike, Strategy


@final
class MacdTrend(Strategy):
    """Long while MACD is above zero and above its signal line: the trend is up and gaining.

    Idea: the distance of two exponential averages measures a trend, and its own average tells whether the
    trend grows. Source: Appel, "Technical Analysis: Power Tools for Active Investors" (2005), who asks for
    both conditions. It fails in steady slow trends, which do not gain, and in choppy markets, where the lines
    cross for nothing.

    An exponential average of a difference is the difference of exponential averages, so the signal line is
    built from columns that each depend on two parameters, not three. It equals TA-Lib's after the first few
    signal periods.
    """

    fast = IntParameter(5, 25, default=12)
    slow = IntParameter(15, 60, default=26)
    signal = IntParameter(3, 20, default=9)

    def constraint(self) -> bool:
        return self.fast < self.slow

    def signals(self, see: Columns) -> SignalsLike:
        fast, slow = see.ema(self.fast), see.ema(self.slow)
        line = fast - slow
        signal = see.ema(self.signal, source=fast) - see.ema(self.signal, source=slow)
        return (line > 0.0) & (line > signal)
