"""Who market data comes from: brokers, exchanges, files and tables, each behind the one port of `app.market_data`."""

from autonomous_trading.adapters.providers._patience import Patience, RateLimit, patiently

__all__ = ["Patience", "RateLimit", "patiently"]
