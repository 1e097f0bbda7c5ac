"""A local Alpaca: its market data API on this machine, with markets of your own and thirty bad answers.

    with AlpacaServer(demo_market()) as server:
        provider = AlpacaProvider(AlpacaKeys.of(TEST_KEY_ID, TEST_SECRET_KEY), AlpacaPlace(server.url, server.url))

From a terminal: python -m autonomous_trading.testing.servers.alpaca --port 8080
"""

from autonomous_trading.testing.servers.alpaca._bad_responses import BAD_RESPONSES, BadResponse
from autonomous_trading.testing.servers.alpaca._market import AlpacaMarket, demo_market
from autonomous_trading.testing.servers.alpaca._server import (
    TEST_KEY_ID,
    TEST_SECRET_KEY,
    AlpacaServer,
    Seen,
    Subscription,
)
from autonomous_trading.testing.servers.alpaca._wire import WireAnswer, json_answer

__all__ = [
    "BAD_RESPONSES",
    "TEST_KEY_ID",
    "TEST_SECRET_KEY",
    "AlpacaMarket",
    "AlpacaServer",
    "BadResponse",
    "Seen",
    "Subscription",
    "WireAnswer",
    "demo_market",
    "json_answer",
]
