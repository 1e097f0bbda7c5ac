"""Bars as they are made: who sends them, and one loop that makes of them the series the past goes on with."""

from autonomous_trading.adapters.streams._alpaca import STREAM_URL, AlpacaStream
from autonomous_trading.adapters.streams._assembled import AssembledStream
from autonomous_trading.adapters.streams._clock import SystemClock
from autonomous_trading.adapters.streams._exchange import ExchangeStream
from autonomous_trading.adapters.streams._live_bars import LiveFeed, live_bars
from autonomous_trading.adapters.streams._named import ALPACA_FEED, stream_named
from autonomous_trading.adapters.streams._polling import PollingStream

__all__ = [
    "ALPACA_FEED",
    "STREAM_URL",
    "AlpacaStream",
    "AssembledStream",
    "ExchangeStream",
    "LiveFeed",
    "PollingStream",
    "SystemClock",
    "live_bars",
    "stream_named",
]
