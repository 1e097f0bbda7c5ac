"""Bars of a PostgreSQL table."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final, final

import numpy as np

from autonomous_trading.adapters.providers._files import ANY_TIMEFRAME
from autonomous_trading.adapters.providers._offers import checked_request, due_rows
from autonomous_trading.adapters.providers._patience import Patience, patiently
from autonomous_trading.adapters.providers._secret import Secret
from autonomous_trading.adapters.providers._settings import ProviderSettings
from autonomous_trading.adapters.providers.table._connection import checked_address, connected, failures_told
from autonomous_trading.adapters.providers.table._shape import TableShape
from autonomous_trading.app.market_data import BarProvider, Capabilities
from autonomous_trading.core import SourceUnavailable, UnknownName
from autonomous_trading.data import BarsRequest, RawBars

if TYPE_CHECKING:
    import psycopg

__all__ = ["TableProvider", "table_provider"]

_CHUNK: Final = 10_000  # rows a page: a table of any size is read in the memory of one page


@final
class TableProvider(BarProvider):
    """One table as a source: "postgres:AAPL:1h". Symbols are what stands in its symbol column.

    All symbols of a request are read in one transaction, so that they belong together; it can only read. Times without
    a zone are UTC. A wait for the server is limited by `patience`, and only what comes before the first row is tried
    again: after it, a failure ends the request.
    """

    def __init__(
        self,
        url: Secret,
        shape: TableShape,
        *,
        patience: Patience | None = None,
        chunk: int = _CHUNK,
        now: Callable[[], int] = time.time_ns,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        checked_address(url)
        self._url, self._shape, self._chunk = url, shape, chunk
        self._patience = patience or Patience()
        self._now, self._sleep = now, sleep

    @property
    def name(self) -> str:
        """What a data string calls it."""
        return "postgres"

    def capabilities(self) -> Capabilities:
        """The length of the table's bars, or any usual one where a column says it; as they stand there."""
        return Capabilities((self._shape.bars,) if self._shape.bars else ANY_TIMEFRAME, ends_with_last=True)

    def pages(self, request: BarsRequest) -> Iterator[RawBars]:
        """The rows asked for: see `BarProvider`."""
        checked_request(self.name, self.capabilities(), request)
        now = self._now()
        with ExitStack() as held, failures_told(self._url, self._shape.table):
            connection = patiently(
                lambda: self._opened(held, request),
                self._patience,
                failures=SourceUnavailable,
                again=lambda _: 0.0,
                sleep=self._sleep,
            )
            for symbol in request.symbols:
                for rows in self._chunks(connection, symbol, request):
                    page = _page(symbol, rows, self._now(), has_volume=bool(self._shape.volume))
                    due = page.taken(due_rows(page.time, request, now))
                    if len(due):
                        yield due

    def close(self) -> None:
        """Nothing is held open between requests."""

    def __repr__(self) -> str:
        return f"TableProvider({self._shape.table!r})"

    def _opened(self, held: ExitStack, request: BarsRequest) -> "psycopg.Connection[Any]":
        """A connection to a table that has the columns and the symbols."""
        from autonomous_trading.adapters.providers.table._queries import check_columns, holds_query

        with ExitStack() as tried, failures_told(self._url, self._shape.table):
            connection = tried.enter_context(connected(self._url, self._patience.timeout))
            check_columns(connection, self._shape)
            for symbol in request.symbols:
                answer = connection.execute(holds_query(self._shape), [symbol]).fetchone()
                if not answer or not answer[0]:
                    raise UnknownName(
                        f"{self._shape.table} has no rows of {symbol!r}",
                        fix=f"name a symbol as it stands in the column {self._shape.symbol!r}",
                    )
            held.push(tried.pop_all())
        return connection

    def _chunks(
        self, connection: "psycopg.Connection[Any]", symbol: str, request: BarsRequest
    ) -> Iterator[Sequence[Sequence[Any]]]:
        """The rows of one symbol, so many at a time, from a cursor that stays on the server."""
        from autonomous_trading.adapters.providers.table._queries import bars_query

        query, values = bars_query(self._shape, symbol, request)
        with connection.cursor(name="autotrade_bars") as cursor:
            cursor.execute(query, values)
            while rows := cursor.fetchmany(self._chunk):
                yield rows


def table_provider(_: str, settings: ProviderSettings) -> TableProvider:
    """The table that the settings describe: "table", its columns by what they hold, and "timeframe" or "bars".

    The address of the database, which may hold a password, is read from AUTOTRADE_BARS_DATABASE.
    """
    shape = TableShape.of(settings.options.get("postgres", {}))
    return TableProvider(settings.key("AUTOTRADE_BARS_DATABASE"), shape, patience=settings.patience)


def _page(symbol: str, rows: Sequence[Sequence[Any]], received_at: int, *, has_volume: bool) -> RawBars:
    time_ns = np.array([row[0] for row in rows], dtype=np.int64) * 1_000
    columns = [
        np.array([np.nan if row[at] is None else row[at] for row in rows], dtype=np.float64)
        for at in range(1, 6 if has_volume else 5)
    ]
    volume = columns[4] if has_volume else np.zeros(len(rows))
    first, high, low, last = columns[:4]
    return RawBars(symbol, time_ns, first, high, low, last, volume, received_at=received_at)
