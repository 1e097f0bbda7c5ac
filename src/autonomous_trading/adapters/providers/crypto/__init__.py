"""Crypto exchanges by the library ccxt: bars, trades and order books, each exchange under its ccxt name."""

from autonomous_trading.adapters.providers.crypto._calls import Exchange
from autonomous_trading.adapters.providers.crypto._exchange import is_exchange
from autonomous_trading.adapters.providers.crypto._provider import CryptoProvider, crypto_provider

__all__ = ["CryptoProvider", "Exchange", "crypto_provider", "is_exchange"]
