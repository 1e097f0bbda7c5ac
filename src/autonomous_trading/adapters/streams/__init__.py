"""Bars as they are made: who sends them, and one loop that makes of them the series the past goes on with."""

from autonomous_trading.adapters.streams._alpaca import STREAM_URL, AlpacaStream
from autonomous_trading.adapters.streams._exchange import ExchangeStream
from autonomous_trading.adapters.streams._live_bars import LiveFeed, live_bars
from autonomous_trading.adapters.streams._polling import PollingStream

__all__ = ["STREAM_URL", "AlpacaStream", "ExchangeStream", "LiveFeed", "PollingStream", "live_bars"]
