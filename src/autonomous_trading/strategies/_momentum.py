"""Time-series momentum with a volatility target."""

from typing import final

import numpy as np

from autonomous_trading.core import FloatParameter, IntParameter, where
from autonomous_trading.strategies._columns import Columns
from autonomous_trading.strategies._strategy import SignalsLike, Strategy


@final
class Momentum(Strategy):
    """Long while the close is above that of `lookback` bars ago, as much as a target volatility allows.

    exposure = target volatility / realised volatility, at most 1, in steps of one tenth so that small changes
    of volatility do not trade. Volatility is annual: squared log returns over the time they took, which is
    causal and knows weekends, holidays and any bar length.

    Idea: what rose for months keeps rising, and risk held constant keeps one wild year from deciding the
    result. Source: Moskowitz, Ooi and Pedersen, "Time series momentum" (2012). It fails at turning points:
    after a crash it stays out while the market recovers.
    """

    lookback = IntParameter(20, 260, default=120)
    volatility_window = IntParameter(10, 100, default=20)
    target_volatility = FloatParameter(0.05, 0.5, default=0.15)

    def signals(self, see: Columns) -> SignalsLike:
        window = self.volatility_window
        elapsed = see.years - see.years.shift(window)
        volatility = np.sqrt((see.log_returns * see.log_returns).rolling_sum(window) / elapsed)
        exposure = np.floor(10.0 * np.minimum(self.target_volatility / volatility, 1.0)) / 10.0
        return where(see.close > see.close.shift(self.lookback), exposure, 0.0)
