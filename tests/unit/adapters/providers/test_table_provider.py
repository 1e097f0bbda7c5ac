"""A PostgreSQL table as a provider: what the contract of providers does not ask for."""

import socket
from urllib.parse import urlsplit

import numpy as np
import psycopg
import pytest
from psycopg import sql

from autonomous_trading.adapters.providers import Patience, ProviderSettings, Secret, provider_named
from autonomous_trading.adapters.providers.table import TableProvider, TableShape
from autonomous_trading.adapters.providers.table._connection import connected
from autonomous_trading.core import (
    InvalidInput,
    SourceCorrupt,
    SourceDenied,
    SourceUnavailable,
    Timeframe,
    TradingError,
    UnknownName,
)
from autonomous_trading.data import BarsRequest, RawBars, Span
from autonomous_trading.testing.contracts.providers import Scene, made_rows
from tests.table_source import PASSWORD, SHAPE, fill, through

HOUR = Timeframe.of("1h")
ROWS = made_rows("AAPL", HOUR, count=40)
NOW = int(ROWS.time[-1]) + HOUR.ns
SPAN = Span(int(ROWS.time[0]), NOW)
HOSTILE = "x'; DROP TABLE prices; --", 'x"; DROP TABLE prices; --', "x\\'; --", "%s", "$1", "{}", "AAPL' OR '1'='1"


@pytest.fixture
def url(postgres_url: str) -> str:
    """A database with the table of SHAPE, and a plain one."""
    fill(postgres_url, Scene({"AAPL": ROWS}, HOUR, NOW))
    with psycopg.connect(postgres_url) as connection:
        connection.execute(
            "CREATE TABLE prices (symbol varchar, time timestamp, open float4, high int, low numeric, close float8,"
            " timeframe text, words text, day date, seconds bigint)"
        )
        for text in ("1h", "1d"):
            connection.execute(
                "INSERT INTO prices VALUES ('SPY', '2024-03-04 10:00', 1.5, 3, 1, 2, %s, 'w', '2024-03-04', 1)", [text]
            )
    return postgres_url


PLAIN = TableShape("prices", volume="", timeframe="timeframe")


def provider(url: str, shape: TableShape = SHAPE, **given: float) -> TableProvider:
    patience = Patience(attempts=int(given.get("attempts", 2)), timeout=given.get("timeout", 5.0))
    return TableProvider(Secret(url), shape, patience=patience, now=lambda: NOW, sleep=lambda _: None)


def read(one: TableProvider, symbol: str, timeframe: Timeframe = HOUR, span: Span = SPAN) -> RawBars:
    return RawBars.joined(list(one.pages(BarsRequest((symbol,), timeframe, span))))


def tables(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname IN ('public', 'market')"
        ).fetchall()
    return sorted(name for (name,) in found)


def test_a_plain_table_is_read(url: str) -> None:
    found = read(provider(url, PLAIN), "SPY")
    assert found.time.tolist() == [1_709_546_400_000_000_000]  # 2024-03-04T10:00:00Z: no zone is UTC
    assert (found.open[0], found.high[0], found.low[0], found.close[0], found.volume[0]) == (1.5, 3.0, 1.0, 2.0, 0.0)


def test_dates_are_midnight_in_utc(url: str) -> None:
    shape = TableShape("public.prices", time="day", volume="", timeframe="timeframe")
    found = read(provider(url, shape), "SPY", Timeframe.of("1d"), Span(0, NOW))
    assert found.time.tolist() == [1_709_510_400_000_000_000]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_symbol_is_read_as_anything_else(url: str, text: str) -> None:
    before = tables(url)
    with pytest.raises(UnknownName, match="has no rows of"):
        read(provider(url, PLAIN), text)
    assert tables(url) == before


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("column", ["table", "time", "symbol", "open", "timeframe"])
def test_no_name_is_read_as_anything_else(url: str, text: str, column: str) -> None:
    before = tables(url)
    named = {"table": "prices", "volume": "", "timeframe": "timeframe"} | {column: text}
    with pytest.raises(InvalidInput, match=r"does not exist.*Fix: name the table and its columns as they are"):
        read(provider(url, TableShape(**named)), "SPY")
    assert tables(url) == before


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_that_are_there_are_read(url: str, text: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(sql.SQL("ALTER TABLE prices RENAME TO {}").format(sql.Identifier(text)))
        connection.execute(
            sql.SQL("ALTER TABLE {} RENAME COLUMN open TO {}").format(sql.Identifier(text), sql.Identifier(text))
        )
    shape = TableShape(text, open=text, volume="", timeframe="timeframe")
    assert read(provider(url, shape), "SPY").open.tolist() == [1.5]


def test_it_can_only_read(url: str) -> None:
    with (
        connected(Secret(url), 5.0) as connection,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        connection.execute("DELETE FROM prices")


def test_a_table_is_read_piece_by_piece(url: str) -> None:
    one = TableProvider(Secret(url), SHAPE, chunk=7, now=lambda: NOW)
    pages = list(one.pages(BarsRequest(("AAPL",), HOUR, SPAN)))
    assert [len(page) for page in pages] == [7, 7, 7, 7, 7, 5]
    assert np.array_equal(RawBars.joined(pages).time, ROWS.time)


def test_whoever_stops_early_leaves_no_connection(url: str) -> None:
    one = TableProvider(Secret(url), SHAPE, chunk=7, now=lambda: NOW)
    pages = one.pages(BarsRequest(("AAPL",), HOUR, SPAN))
    next(pages)
    pages.close()  # type: ignore[attr-defined]
    with psycopg.connect(url) as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'autotrade' AND state <> 'idle'"
        for _ in range(200):  # the server ends a session a moment after its client has left
            if connection.execute(query).fetchone() == (0,):
                break
            connection.execute("SELECT pg_sleep(0.05), pg_stat_clear_snapshot()")
        assert connection.execute(query).fetchone() == (0,)


WRONG = {
    "time": ("words", "is not a timestamp or a date"),
    "close": ("words", "is not a number"),
    "symbol": ("seconds", "is not a text"),
}


@pytest.mark.parametrize("column", WRONG)
def test_columns_of_the_wrong_kind_are_named(url: str, column: str) -> None:
    name, message = WRONG[column]
    shape = TableShape(**{"table": "prices", "volume": "", "timeframe": "timeframe", column: name})
    with pytest.raises(InvalidInput, match=f"column {name!r} of prices {message}.*make a view that casts it"):
        read(provider(url, shape), "SPY")


def test_a_column_of_seconds_is_no_time(url: str) -> None:
    shape = TableShape("prices", time="seconds", volume="", timeframe="timeframe")
    with pytest.raises(InvalidInput, match="is not a timestamp or a date"):
        read(provider(url, shape), "SPY")


REFUSED = {
    "user": ("postgresql://nobody@{place}", SourceDenied, 'role "nobody" does not exist'),
    "database": ("postgresql://trader@{host}/nothing", SourceDenied, 'database "nothing" does not exist'),
}


@pytest.mark.parametrize("case", REFUSED)
def test_who_may_not_come_in_is_told_at_once(url: str, case: str) -> None:
    address, kind, message = REFUSED[case]
    parts = urlsplit(url)
    host = f"127.0.0.1:{parts.port}"
    with pytest.raises(kind, match=f"{message}.*Fix: look at user, password and database"):
        read(provider(address.format(place=f"{host}{parts.path}", host=host)), "AAPL")


def test_the_password_is_in_no_text(url: str) -> None:
    one = provider(through(url, int(urlsplit(url).port or 0), user="nobody"))
    with pytest.raises(TradingError) as caught:
        read(one, "AAPL")
    for text in (
        str(caught.value),
        repr(caught.value),
        repr(one),
        repr(vars(one) if hasattr(one, "__dict__") else one),
    ):
        assert PASSWORD not in text


@pytest.mark.slow
def test_a_server_that_says_nothing_is_waited_for_two_seconds_at_most() -> None:
    """The library waits for a connection for two seconds or more, and then it is over."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"postgresql://trader:{PASSWORD}@127.0.0.1:{silent.getsockname()[1]}/prices"
        with pytest.raises(SourceUnavailable, match="no answer after 1 attempts: PostgreSQL"):
            read(provider(address, attempts=1, timeout=0.1), "AAPL")


def test_what_cannot_be_read_as_a_number_is_corrupt(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(
            "CREATE VIEW broken AS SELECT symbol, time, open / (high - 3) AS open, high, low, close FROM prices"
        )
    with pytest.raises(SourceCorrupt, match="division by zero"):
        read(provider(url, TableShape("broken", volume="", bars="1h")), "SPY")


BAD_SHAPES = {
    "no table": ({"table": ""}, "names no table"),
    "three parts": ({"table": "a.b.c"}, "names no table"),
    "no time": ({"table": "prices", "time": ""}, "no column is named for the time"),
    "no length": ({"table": "prices", "bars": ""}, 'give "timeframe" (a column) or "bars"'),
    "two lengths": ({"table": "prices", "timeframe": "tf"}, "and not both"),
    "a line break": ({"table": "pri\nces"}, "is no name of a table"),
}


@pytest.mark.parametrize("case", BAD_SHAPES)
def test_shapes_that_make_no_sense_are_refused(case: str) -> None:
    given, message = BAD_SHAPES[case]
    with pytest.raises(InvalidInput) as caught:
        TableShape(**({"table": "prices", "bars": "1h"} | given))
    assert message in str(caught.value)


@pytest.fixture
def settings(url: str) -> ProviderSettings:
    return ProviderSettings(
        environment={"AUTOTRADE_BARS_DATABASE": url},
        options={"postgres": {"table": "prices", "volume": "", "timeframe": "timeframe", "other": "x"}},
    )


def test_it_is_had_by_name(settings: ProviderSettings) -> None:
    found = provider_named("postgres", settings)
    assert isinstance(found, TableProvider)
    with pytest.raises(UnknownName):
        read(found, "QQQ")


def test_what_is_missing_is_named() -> None:
    with pytest.raises(InvalidInput, match=r'no table is named for bars from PostgreSQL. Fix: set its "table"'):
        provider_named("postgres")
    options = {"postgres": {"table": "prices", "bars": "1h"}}
    with pytest.raises(SourceDenied, match="in the environment variable AUTOTRADE_BARS_DATABASE"):
        provider_named("postgres", ProviderSettings(options=options))
    for bad in ("not an address =", "postgresql://user:the-password@host:port:1/x?what=%%%"):
        environment = {"AUTOTRADE_BARS_DATABASE": bad}
        with pytest.raises(InvalidInput, match="the address of the database of bars is none") as caught:
            provider_named("postgres", ProviderSettings(environment=environment, options=options))
        assert "the-password" not in str(caught.value)


def test_without_psycopg_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(InvalidInput, match=r"psycopg, which is not installed. Fix: pip install .*\[postgres\]"):
        TableProvider(Secret("postgresql://x@y/z"), PLAIN)
