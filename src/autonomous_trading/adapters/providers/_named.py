"""Providers by the name a data string gives them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from autonomous_trading.adapters.providers._settings import Factory, ProviderSettings
from autonomous_trading.app.market_data import BarProvider
from autonomous_trading.core import unknown_name

__all__ = ["PROVIDERS", "is_provider", "provider_named"]


def provider_named(name: str, settings: ProviderSettings | None = None) -> BarProvider:
    """The provider of this name. Raises UnknownName with the nearest ones, SourceDenied where its keys are missing."""
    if not is_provider(name):
        raise unknown_name("provider", name, PROVIDERS)
    return PROVIDERS.get(name, _exchange)(name, settings or ProviderSettings())


def is_provider(name: str) -> bool:
    """Whether there is a provider of this name: one of PROVIDERS, or any other exchange that ccxt has."""
    from autonomous_trading.adapters.providers.crypto import is_exchange

    return name in PROVIDERS or is_exchange(name)


def _alpaca(name: str, settings: ProviderSettings) -> BarProvider:
    from autonomous_trading.adapters.providers.alpaca import alpaca_from

    return alpaca_from(name, settings)


def _exchange(name: str, settings: ProviderSettings) -> BarProvider:
    from autonomous_trading.adapters.providers.crypto import crypto_provider

    return crypto_provider(name, settings)


def _yahoo(name: str, settings: ProviderSettings) -> BarProvider:
    from autonomous_trading.adapters.providers.yahoo import yahoo_provider

    return yahoo_provider(name, settings)


def _table(name: str, settings: ProviderSettings) -> BarProvider:
    from autonomous_trading.adapters.providers.table import table_provider

    return table_provider(name, settings)


def _files(name: str, settings: ProviderSettings) -> BarProvider:
    from autonomous_trading.adapters.providers._files import file_provider

    return file_provider(name, settings)


def _samples(name: str, settings: ProviderSettings) -> BarProvider:
    from autonomous_trading.adapters.providers._samples import sample_provider

    return sample_provider(name, settings)


PROVIDERS: Final[Mapping[str, Factory]] = MappingProxyType(
    {
        "alpaca": _alpaca,
        "binance": _exchange,
        "binancecoinm": _exchange,
        "binanceus": _exchange,
        "binanceusdm": _exchange,
        "bitfinex": _exchange,
        "bitget": _exchange,
        "bitmex": _exchange,
        "bitstamp": _exchange,
        "bybit": _exchange,
        "coinbase": _exchange,
        "cryptocom": _exchange,
        "deribit": _exchange,
        "file": _files,
        "gate": _exchange,
        "gemini": _exchange,
        "hyperliquid": _exchange,
        "kraken": _exchange,
        "krakenfutures": _exchange,
        "kucoin": _exchange,
        "mexc": _exchange,
        "okx": _exchange,
        "postgres": _table,
        "sample": _samples,
        "yahoo": _yahoo,
    }
)
"""Providers by name. Exchanges that ccxt knows beside these are opened as well. Libraries are imported when one is
built.
"""
