"""A table of bars on a real server, and the troubles it may be in."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Final
from urllib.parse import urlsplit

import numpy as np
import psycopg

from autonomous_trading.adapters.providers import Patience, Secret
from autonomous_trading.adapters.providers.table import TableProvider, TableShape
from autonomous_trading.app.market_data import BarProvider
from autonomous_trading.testing.contracts.providers import ATTEMPTS, TIMEOUT, Scene
from tests.relay import relay

__all__ = ["PASSWORD", "SHAPE", "fill", "table_opener", "through"]

PASSWORD: Final = "the-password-that-nobody-sees"
SHAPE: Final = TableShape(
    'market.Prices "daily" 1',
    time="begun",
    symbol="ticker",
    open="o",
    high="h",
    low="l",
    close="c",
    volume="v",
    bars="1h",
)
_TABLE: Final = 'market."Prices ""daily"" 1"'
_COLUMNS: Final = "ticker text, begun timestamptz, o numeric, h float8, l float8, c float8, v bigint"
_CREATE: Final = (
    f"CREATE SCHEMA IF NOT EXISTS market; DROP TABLE IF EXISTS {_TABLE}; CREATE TABLE {_TABLE} ({_COLUMNS})"
)
_INSERT: Final = f"INSERT INTO {_TABLE} VALUES (%s, %s, %s, %s, %s, %s, %s)"
_ENOUGH_FOR_A_PAGE: Final = 16_000


def fill(url: str, scene: Scene) -> None:
    """The rows of a scene in the table of SHAPE, the newest first."""
    # Where a session of the scene before is still open, this says so instead of waiting for it.
    with psycopg.connect(url, options="-c lock_timeout=30s") as connection, connection.cursor() as cursor:
        cursor.execute(_CREATE)
        for symbol, rows in scene.rows.items():
            times = rows.time.astype("datetime64[ns]").astype("datetime64[us]").tolist()
            columns = [getattr(rows, name).tolist() for name in ("open", "high", "low", "close", "volume")]
            lines = [
                (symbol, f"{time.isoformat()}Z", *(None if np.isnan(each[at]) else each[at] for each in columns))
                for at, time in enumerate(times)
            ]
            cursor.executemany(_INSERT, lines[::-1])


def table_opener(url: str) -> Callable[[Scene], AbstractContextManager[BarProvider]]:
    """How the provider of the table is opened for a scene."""

    @contextmanager
    def opened(scene: Scene) -> Iterator[BarProvider]:
        fill(url, scene)
        with ExitStack() as held:
            address = _in_trouble(held, url, scene.trouble)
            yield TableProvider(
                Secret(address),
                SHAPE,
                patience=Patience(attempts=ATTEMPTS, timeout=TIMEOUT),
                chunk=100,
                now=lambda: scene.now,
                sleep=scene.sleep,
            )

    return opened


def _in_trouble(held: ExitStack, url: str, trouble: str) -> str:
    port = int(urlsplit(url).port or 5432)
    if trouble == "down":
        with relay(port) as gone:
            pass
        return through(url, gone)
    if trouble == "fails_twice":
        return through(url, held.enter_context(relay(port, drops=2)))
    if trouble == "breaks_off":
        return through(url, held.enter_context(relay(port, most_bytes=_ENOUGH_FOR_A_PAGE)))
    if trouble == "silent":
        # Somebody holds the table: whoever asks for it gets no answer.
        connection = held.enter_context(psycopg.connect(url))
        connection.execute(f"LOCK TABLE {_TABLE} IN ACCESS EXCLUSIVE MODE")
    if trouble == "denied":
        with psycopg.connect(url) as connection:
            connection.execute("DROP ROLE IF EXISTS stranger")
            connection.execute("CREATE ROLE stranger LOGIN")
        return through(url, port, user="stranger")
    return through(url, port)


def through(url: str, port: int, user: str = "trader") -> str:
    """The address of the same database by another port, with a password that the server does not ask for."""
    return f"postgresql://{user}:{PASSWORD}@127.0.0.1:{port}{urlsplit(url).path}"
