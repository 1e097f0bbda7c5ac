"""Alpaca: bars, trades, quotes, options, corporate actions and news, read through alpaca-py with our own patience."""

from autonomous_trading.adapters.providers.alpaca._beside_bars import (
    corporate_actions,
    news,
    option_chain,
    quotes,
    trades,
)
from autonomous_trading.adapters.providers.alpaca._client import DATA_URL, TRADING_URL, AlpacaPlace, AlpacaReader
from autonomous_trading.adapters.providers.alpaca._clock import MarketClock, market_clock, require_open
from autonomous_trading.adapters.providers.alpaca._keys import KEY_VARIABLES, AlpacaKeys, keys_in
from autonomous_trading.adapters.providers.alpaca._provider import FEEDS, AlpacaProvider, alpaca_from

__all__ = [
    "DATA_URL",
    "FEEDS",
    "KEY_VARIABLES",
    "TRADING_URL",
    "AlpacaKeys",
    "AlpacaPlace",
    "AlpacaProvider",
    "AlpacaReader",
    "MarketClock",
    "alpaca_from",
    "corporate_actions",
    "keys_in",
    "market_clock",
    "news",
    "option_chain",
    "quotes",
    "require_open",
    "trades",
]
