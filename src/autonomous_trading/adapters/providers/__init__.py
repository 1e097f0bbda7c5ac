"""Who market data comes from: brokers, exchanges, files and tables, each behind the one port of `app.market_data`."""

from autonomous_trading.adapters.providers._named import PROVIDERS, Factory, ProviderSettings, provider_named
from autonomous_trading.adapters.providers._patience import Patience, RateLimit, patiently
from autonomous_trading.adapters.providers._secret import Secret

__all__ = [
    "PROVIDERS",
    "Factory",
    "Patience",
    "ProviderSettings",
    "RateLimit",
    "Secret",
    "patiently",
    "provider_named",
]
