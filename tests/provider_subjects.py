"""Every provider as the contract suite plays with it: one entry in SUBJECTS each."""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

import pandas as pd

from autonomous_trading.adapters import sample
from autonomous_trading.adapters.providers import FileProvider, Patience, SampleProvider
from autonomous_trading.adapters.providers.alpaca import AlpacaKeys, AlpacaPlace, AlpacaProvider
from autonomous_trading.adapters.providers.crypto import CryptoProvider, Exchange
from autonomous_trading.adapters.providers.yahoo import YahooProvider, YahooSession
from autonomous_trading.app.market_data import BarProvider
from autonomous_trading.core import SourceCorrupt
from autonomous_trading.data import RawBars
from autonomous_trading.testing.contracts.providers import ATTEMPTS, TIMEOUT, Scene, Subject
from autonomous_trading.testing.servers.alpaca import (
    BAD_RESPONSES,
    TEST_KEY_ID,
    TEST_SECRET_KEY,
    AlpacaMarket,
    AlpacaServer,
    WireAnswer,
    json_answer,
)
from autonomous_trading.testing.servers.answering import WebServer
from autonomous_trading.testing.servers.exchange import (
    BINANCE_LIES,
    KRAKEN_LIES,
    Market,
    binance_server,
    kraken_server,
)
from autonomous_trading.testing.servers.yahoo import YAHOO_LIES, YahooMarket, yahoo_server
from tests.file_lies import FILE_LIES, as_it_is, csv_text
from tests.table_source import PASSWORD, table_opener


@final
@dataclass(frozen=True, slots=True)
class Grounds:
    """What a subject may use: an empty folder, and a way to an empty database."""

    folder: Path
    database: Callable[[], str]


REMOTE: Final = frozenset({"fails_twice", "breaks_off", "down", "silent", "denied"})
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


def binance(_: Grounds) -> Subject:
    return Subject(
        exchange("binance", binance_server),
        symbols=("BTC/USDT", "ETH/USDT"),
        unknown="DOGE/EUR",
        troubles=REMOTE,
        lies=tuple(BINANCE_LIES),
    )


def kraken(_: Grounds) -> Subject:
    return Subject(
        exchange("kraken", kraken_server),
        symbols=("SOL/USD", "ETH/USD"),
        unknown="DOGE/CHF",
        troubles=REMOTE,
        lies=tuple(KRAKEN_LIES),
    )


def yahoo_of(timeframe: str) -> Callable[[Grounds], Subject]:
    """Yahoo with bars of a length."""

    @contextmanager
    def opened(scene: Scene) -> Iterator[BarProvider]:
        with yahoo_server(YahooMarket(scene.rows, scene.timeframe, scene.now), scene.trouble) as running:
            session = YahooSession(patience=PATIENCE, url=running.url, sleep=scene.sleep)
            provider = YahooProvider(session, window=4 if timeframe == "1h" else 100, now=lambda: scene.now)
            try:
                yield provider
            finally:
                provider.close()

    def subject(_: Grounds) -> Subject:
        return Subject(
            opened,
            symbols=("AAPL", "^GSPC"),
            unknown="NOSUCH",
            timeframe=timeframe,
            troubles=REMOTE,
            lies=tuple(YAHOO_LIES),
        )

    return subject


def alpaca_of(timeframe: str, *symbols: str) -> Callable[[Grounds], Subject]:
    """Alpaca with bars of a length of two symbols."""
    failure = json_answer({"message": "service unavailable"}, status=503)

    def troubled(server: AlpacaServer, trouble: str) -> None:
        if trouble == "fails_twice":
            server.spoil([lambda _: failure] * 2)
        elif trouble == "breaks_off":
            server.spoil([lambda answer: answer])
        if trouble in ("down", "breaks_off"):
            server.spoil_always(lambda _: failure)
        elif trouble == "silent":
            server.spoil_always(lambda _: WireAnswer(seconds=math.inf))
        elif trouble in BAD_RESPONSES:
            server.spoil_always(BAD_RESPONSES[trouble].change)

    @contextmanager
    def opened(scene: Scene) -> Iterator[BarProvider]:
        market = AlpacaMarket({(symbol, timeframe): rows for symbol, rows in scene.rows.items()}, symbols=symbols)
        with AlpacaServer(market, now=lambda: scene.now) as server:
            troubled(server, scene.trouble)
            key = "another-secret-key" if scene.trouble == "denied" else TEST_SECRET_KEY
            rows = 100 if scene.trouble == "breaks_off" else 10_000
            # The time is that for a whole answer: a short one is for the source that never answers.
            patience = PATIENCE if scene.trouble == "silent" else Patience(attempts=ATTEMPTS, timeout=10.0)
            place = AlpacaPlace(server.url, server.url, rows=rows, patience=patience)
            keys = AlpacaKeys.of(TEST_KEY_ID, key)
            provider = AlpacaProvider(keys, place, feed="iex", now=lambda: scene.now, sleep=scene.sleep)
            try:
                yield provider
            finally:
                provider.close()

    def subject(_: Grounds) -> Subject:
        lies = [name for name, bad in BAD_RESPONSES.items() if bad.refused_with is SourceCorrupt]
        return Subject(
            opened,
            symbols=(symbols[0], symbols[1]),
            unknown="AAPPL" if "/" not in symbols[0] else "BTX/USD",
            timeframe=timeframe,
            troubles=REMOTE,
            lies=tuple(lies) if timeframe == "1h" else (),
            carries=frozenset({"duplicate", "negative"}),
            secret=TEST_SECRET_KEY,
        )

    return subject


def csv_files(grounds: Grounds) -> Subject:
    """Files by their paths."""

    @contextmanager
    def opened(scene: Scene) -> Iterator[BarProvider]:
        for path, rows in scene.rows.items():
            Path(path).write_text(FILE_LIES.get(scene.trouble, as_it_is)(csv_text(rows)), encoding="utf-8")
        yield FileProvider(now=lambda: scene.now)

    return Subject(
        opened,
        symbols=(str(grounds.folder / "one.csv"), str(grounds.folder / "two.csv")),
        unknown=str(grounds.folder / "three.csv"),
        troubles=frozenset(),
        lies=tuple(FILE_LIES),
    )


def parquet_folder(grounds: Grounds) -> Subject:
    """Names in a folder."""

    @contextmanager
    def opened(scene: Scene) -> Iterator[BarProvider]:
        for symbol, rows in scene.rows.items():
            columns = {name: getattr(rows, name) for name in ("open", "high", "low", "close", "volume")}
            frame = pd.DataFrame(columns, index=pd.DatetimeIndex(rows.time, name="time", tz="UTC"))
            frame.to_parquet(grounds.folder / f"{symbol}.parquet")
        yield FileProvider(str(grounds.folder), now=lambda: scene.now)

    return Subject(opened, symbols=("AAA", "BBB"), unknown="CCC", timeframe="1d", troubles=frozenset())


def samples(_: Grounds) -> Subject:
    """The bundled samples, which nobody can change."""

    @contextmanager
    def opened(scene: Scene) -> Iterator[BarProvider]:
        yield SampleProvider(now=lambda: scene.now)

    return Subject(
        opened,
        symbols=("sp500", "nasdaq"),
        unknown="dax",
        timeframe="1d",
        troubles=frozenset(),
        carries=frozenset(),
        holds={name: RawBars.of(sample(name), 1) for name in ("sp500", "nasdaq")},
    )


def postgres(grounds: Grounds) -> Subject:
    """A table behind a line that can be cut."""
    return Subject(
        table_opener(grounds.database()),
        symbols=("AAPL", "O'Neil; DROP TABLE prices"),
        unknown='x"; DROP TABLE prices; --',
        troubles=REMOTE,
        secret=PASSWORD,
    )


SUBJECTS: Final[Mapping[str, Callable[[Grounds], Subject]]] = {
    "alpaca": alpaca_of("1h", "BTC/USD", "ETH/USD"),
    "alpaca, daily": alpaca_of("1d", "AAPL", "MSFT"),
    "binance": binance,
    "kraken": kraken,
    "yahoo": yahoo_of("1h"),
    "yahoo, daily": yahoo_of("1d"),
    "file": csv_files,
    "folder": parquet_folder,
    "sample": samples,
    "postgres": postgres,
}
