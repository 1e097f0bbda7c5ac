"""Yahoo Finance: bars, dividends and splits of its chart interface, through the browser session of yfinance."""

from autonomous_trading.adapters.providers.yahoo._provider import YahooProvider, yahoo_provider
from autonomous_trading.adapters.providers.yahoo._session import YahooSession

__all__ = ["YahooProvider", "YahooSession", "yahoo_provider"]
