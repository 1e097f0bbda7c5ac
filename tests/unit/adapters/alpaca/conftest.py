"""A local Alpaca, and what asks it without ever waiting."""

from collections.abc import Iterator

import pytest

from autonomous_trading.adapters.providers.alpaca import AlpacaProvider
from autonomous_trading.testing.servers.alpaca import AlpacaMarket, AlpacaServer, demo_market
from tests.unit.adapters.alpaca.places import ns, provider_of


@pytest.fixture(scope="session")
def market() -> AlpacaMarket:
    """Sixty days of AAPL, MSFT and BTC/USD."""
    return demo_market(days=60)


@pytest.fixture
def server(market: AlpacaMarket) -> Iterator[AlpacaServer]:
    with AlpacaServer(market, now=lambda: ns("2024-01-01")) as running:
        yield running


@pytest.fixture
def waits() -> list[float]:
    """How long was waited, had anybody waited."""
    return []


@pytest.fixture
def provider(server: AlpacaServer, waits: list[float]) -> Iterator[AlpacaProvider]:
    made = provider_of(server, sleep=waits.append)
    yield made
    made.close()
