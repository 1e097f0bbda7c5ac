"""Who market data comes from: brokers, exchanges, files and tables, each behind the one port of `app.market_data`."""

from autonomous_trading.adapters.providers._body import whole_body
from autonomous_trading.adapters.providers._files import FileProvider
from autonomous_trading.adapters.providers._named import PROVIDERS, is_provider, provider_named
from autonomous_trading.adapters.providers._patience import Patience, RateLimit, patiently
from autonomous_trading.adapters.providers._samples import SampleProvider
from autonomous_trading.adapters.providers._secret import Secret
from autonomous_trading.adapters.providers._settings import Factory, ProviderSettings

__all__ = [
    "PROVIDERS",
    "Factory",
    "FileProvider",
    "Patience",
    "ProviderSettings",
    "RateLimit",
    "SampleProvider",
    "Secret",
    "is_provider",
    "patiently",
    "provider_named",
    "whole_body",
]
