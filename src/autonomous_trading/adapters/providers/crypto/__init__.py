"""Crypto exchanges by the library ccxt: bars, trades and order books, each exchange under its ccxt name."""

from autonomous_trading.adapters.providers.crypto._exchange import EXCHANGES, is_exchange
from autonomous_trading.adapters.providers.crypto._provider import CryptoProvider, crypto_provider
from autonomous_trading.adapters.providers.crypto._records import BookSnapshot, TradeRecord

__all__ = ["EXCHANGES", "BookSnapshot", "CryptoProvider", "TradeRecord", "crypto_provider", "is_exchange"]
