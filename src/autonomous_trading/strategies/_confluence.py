"""Confluence: several weak confirmations vote, and only their agreement is traded."""

from typing import final

import numpy as np

from autonomous_trading.core import Expression, FloatParameter, IntParameter, where
from autonomous_trading.strategies._columns import Columns
from autonomous_trading.strategies._signals import Signals
from autonomous_trading.strategies._strategy import SignalsLike, Strategy

# What each confirmation counts in the confidence; together they make 1.
_TREND, _MACD, _BANDS, _RSI, _MONEY_FLOW, _VOLUME = 0.25, 0.20, 0.15, 0.10, 0.15, 0.15
_RSI_WINDOW = 14
_MONEY_FLOW_WINDOW = 14
_VOLUME_WINDOW = 20


@final
class Confluence(Strategy):
    """Long when the confidence reaches its threshold, until the vote turns against the position.

    Six confirmations vote between 0 (against), 0.5 (nothing to say) and 1 (for), and their weighted mean is
    the confidence in 0..1: the fast average above the slow one; MACD above its signal line; the close outside
    the Bollinger bands (under the lower one is cheap); RSI and money flow index oversold or overbought; and a
    bar with unusual volume, which speaks for its own direction. A position ends when the confidence falls
    under one half (or under the threshold, where that is lower), or at its stop or target.

    The size risks `risk_per_trade` of the equity between entry and stop: exposure = risk_per_trade /
    stop_loss, at most 1, of which `position_size` is used.

    Idea: confirmations that err for different reasons err together less often. It fails when they err for the
    same reason: in a crash everything is oversold at once, and in a quiet bull market nothing ever confirms.
    With this many parameters it is also the easiest strategy here to fit to noise: believe its out-of-sample
    results only.
    """

    fast_ma_period = IntParameter(5, 20, default=10)
    slow_ma_period = IntParameter(15, 50, default=30)
    risk_per_trade = FloatParameter(0.005, 0.05, default=0.02)
    confidence_threshold = FloatParameter(0.4, 0.8, default=0.6)
    volume_threshold = FloatParameter(1.0, 3.0, default=1.5)
    mfi_oversold = IntParameter(10, 30, default=20)
    mfi_overbought = IntParameter(70, 90, default=80)
    macd_fast = IntParameter(8, 16, default=12)
    macd_slow = IntParameter(20, 35, default=26)
    macd_signal = IntParameter(5, 15, default=9)
    bb_period = IntParameter(15, 25, default=20)
    bb_std = FloatParameter(1.5, 2.5, default=2.0)
    rsi_threshold = IntParameter(25, 35, default=30)
    stop_loss = FloatParameter(0.005, 0.15, default=0.05)
    take_profit = FloatParameter(0.01, 0.5, default=0.15)
    position_size = FloatParameter(0.01, 1.0, default=1.0)

    def constraint(self) -> bool:
        return self.fast_ma_period < self.slow_ma_period

    def signals(self, see: Columns) -> SignalsLike:
        fast, slow = see.sma(self.fast_ma_period), see.sma(self.slow_ma_period)
        histogram = self._macd_histogram(see)
        middle, spread = see.sma(self.bb_period), self.bb_std * see.stddev(self.bb_period)
        rsi = see.rsi(_RSI_WINDOW)
        usual = see.sma(_VOLUME_WINDOW, source=see.volume)
        # Where nothing is traded the money flow index is 0, which means nothing.
        flow = where(usual > 0.0, see.mfi(_MONEY_FLOW_WINDOW), 50.0)
        busy = see.volume > self.volume_threshold * usual
        # A confirmation that may have nothing to say counts half, and half more for or against.
        confidence = (
            (_BANDS + _RSI + _MONEY_FLOW + _VOLUME) / 2.0
            + _TREND * (fast > slow)
            + _MACD * (histogram > 0.0)
            + _BANDS / 2.0 * ((see.close < middle - spread) - (see.close > middle + spread))
            + _RSI / 2.0 * ((rsi < self.rsi_threshold) - (rsi > 100 - self.rsi_threshold))
            + _MONEY_FLOW / 2.0 * ((flow < self.mfi_oversold) - (flow > self.mfi_overbought))
            + _VOLUME / 2.0 * (busy * np.sign(see.returns))
        )
        # Comparisons with an unknown value are false and would count as a vote. The other windows are
        # shorter.
        known = ~np.isnan(slow + histogram + middle)
        return Signals(
            entries=known & (confidence >= self.confidence_threshold),
            exits=known & (confidence < np.minimum(self.confidence_threshold, 0.5)),
            size=self.position_size * np.minimum(self.risk_per_trade / self.stop_loss, 1.0),
        )

    def _macd_histogram(self, see: Columns) -> Expression:
        # As in macd_trend: averages of averages depend on two parameters each, a signal line on three.
        fast, slow = see.ema(self.macd_fast), see.ema(self.macd_slow)
        signal = see.ema(self.macd_signal, source=fast) - see.ema(self.macd_signal, source=slow)
        return fast - slow - signal
