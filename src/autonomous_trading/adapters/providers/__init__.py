"""Who market data comes from: brokers, exchanges, files and tables, each behind the one port of `app.market_data`."""

from autonomous_trading.adapters.providers._body import blotted, whole_body
from autonomous_trading.adapters.providers._files import FileProvider
from autonomous_trading.adapters.providers._named import PROVIDERS, is_provider, provider_named
from autonomous_trading.adapters.providers._patience import Patience, RateLimit, patiently
from autonomous_trading.adapters.providers._retry_after import seconds_asked
from autonomous_trading.adapters.providers._samples import SampleProvider
from autonomous_trading.adapters.providers._secret import Secret
from autonomous_trading.adapters.providers._settings import Factory, ProviderSettings
from autonomous_trading.adapters.providers._whole_answer import WholeAnswer, refused_redirect

__all__ = [
    "PROVIDERS",
    "Factory",
    "FileProvider",
    "Patience",
    "ProviderSettings",
    "RateLimit",
    "SampleProvider",
    "Secret",
    "WholeAnswer",
    "blotted",
    "is_provider",
    "patiently",
    "provider_named",
    "refused_redirect",
    "seconds_asked",
    "whole_body",
]
