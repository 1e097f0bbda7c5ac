"""The strategies that come with the package, by name."""

from collections.abc import Mapping

from autonomous_trading.strategies._atr_breakout import AtrBreakout
from autonomous_trading.strategies._bollinger_reversion import BollingerReversion
from autonomous_trading.strategies._confluence import Confluence
from autonomous_trading.strategies._donchian_breakout import DonchianBreakout
from autonomous_trading.strategies._ma_cross import MaCross
from autonomous_trading.strategies._macd_trend import MacdTrend
from autonomous_trading.strategies._momentum import Momentum
from autonomous_trading.strategies._rsi_reversion import RsiReversion
from autonomous_trading.strategies._strategy import Strategy

STRATEGIES: Mapping[str, type[Strategy]] = {
    "ma_cross": MaCross,
    "donchian_breakout": DonchianBreakout,
    "rsi_reversion": RsiReversion,
    "bollinger_reversion": BollingerReversion,
    "macd_trend": MacdTrend,
    "atr_breakout": AtrBreakout,
    "momentum": Momentum,
    "confluence": Confluence,
}
