"""Every provider as the contract suite plays with it: one entry in SUBJECTS each."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Final

from autonomous_trading.adapters.providers import Patience
from autonomous_trading.adapters.providers.crypto import CryptoProvider, Exchange
from autonomous_trading.app.market_data import BarProvider
from autonomous_trading.testing.contracts.providers import ATTEMPTS, TIMEOUT, Scene, Subject
from autonomous_trading.testing.servers.answering import WebServer
from autonomous_trading.testing.servers.exchange import (
    BINANCE_LIES,
    KRAKEN_LIES,
    Market,
    binance_server,
    kraken_server,
)

PATIENCE: Final = Patience(attempts=ATTEMPTS, timeout=TIMEOUT)


def exchange(
    name: str, server: Callable[[Market, str], AbstractContextManager[WebServer]]
) -> Callable[[Scene], AbstractContextManager[BarProvider]]:
    """How the provider of an exchange is opened over a server that speaks as the exchange does."""

    @contextmanager
    def opened(scene: Scene) -> Iterator[BarProvider]:
        with server(Market(scene.rows, scene.timeframe, scene.now), scene.trouble) as running:
            asked = Exchange(name, patience=PATIENCE, url=running.url, within_rate=False, sleep=scene.sleep)
            provider = CryptoProvider(asked, now=lambda: scene.now)
            try:
                yield provider
            finally:
                provider.close()

    return opened


REMOTE: Final = frozenset({"fails_twice", "breaks_off", "down", "silent", "denied"})


def binance() -> Subject:
    return Subject(
        exchange("binance", binance_server),
        symbols=("BTC/USDT", "ETH/USDT"),
        unknown="DOGE/EUR",
        troubles=REMOTE,
        lies=tuple(BINANCE_LIES),
    )


def kraken() -> Subject:
    return Subject(
        exchange("kraken", kraken_server),
        symbols=("SOL/USD", "ETH/USD"),
        unknown="DOGE/CHF",
        troubles=REMOTE,
        lies=tuple(KRAKEN_LIES),
    )


SUBJECTS: Final[Mapping[str, Callable[[], Subject]]] = {"binance": binance, "kraken": kraken}
