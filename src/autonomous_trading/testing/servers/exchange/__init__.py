"""Servers that speak what Binance and Kraken speak, true and false."""

from autonomous_trading.testing.servers.exchange._binance import binance_server
from autonomous_trading.testing.servers.exchange._kraken import kraken_server
from autonomous_trading.testing.servers.exchange._lies import BINANCE_LIES, KRAKEN_LIES
from autonomous_trading.testing.servers.exchange._market import Market

__all__ = ["BINANCE_LIES", "KRAKEN_LIES", "Market", "binance_server", "kraken_server"]
