"""Asking a local Alpaca: providers that never wait, requests, and times."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autonomous_trading.adapters.providers import Patience
from autonomous_trading.adapters.providers.alpaca import AlpacaKeys, AlpacaPlace, AlpacaProvider
from autonomous_trading.core import Timeframe
from autonomous_trading.data import BarsRequest, RawBars, Span
from autonomous_trading.testing.servers.alpaca import TEST_KEY_ID, TEST_SECRET_KEY, AlpacaServer


def provider_of(server: AlpacaServer, **settings: Any) -> AlpacaProvider:
    """A provider for a server, patient for three attempts."""
    sleep: Callable[[float], None] = settings.pop("sleep", lambda _: None)
    keys = settings.pop("keys", AlpacaKeys.of(TEST_KEY_ID, TEST_SECRET_KEY))
    place = settings.pop("place", AlpacaPlace(server.url, server.url, patience=Patience(attempts=3, timeout=20.0)))
    now = settings.pop("now", lambda: ns("2024-01-01"))
    return AlpacaProvider(keys, place, sleep=sleep, now=now, **settings)


def asked(*symbols: str, timeframe: str = "1h", start: str = "2023-01-01", stop: str = "2023-06-01") -> BarsRequest:
    return BarsRequest(symbols, Timeframe.of(timeframe), Span(ns(start), ns(stop)))


def ns(text: str) -> int:
    """UTC nanoseconds of ISO text."""
    return int(np.datetime64(text, "ns").astype(np.int64))


def rows_of(provider: AlpacaProvider, request: BarsRequest) -> dict[str, RawBars]:
    """Everything a request yields, by symbol."""
    parts: dict[str, list[RawBars]] = {}
    for page in provider.pages(request):
        parts.setdefault(page.symbol, []).append(page)
    return {symbol: RawBars.joined(pages) for symbol, pages in parts.items()}
