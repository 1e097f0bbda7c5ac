"""A connection that can only read, gives up in time, and whose failures do not tell the password."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from autonomous_trading.adapters.providers._secret import Secret
from autonomous_trading.core import InvalidInput, SourceCorrupt, SourceDenied, SourceUnavailable, TradingError

if TYPE_CHECKING:
    import psycopg

__all__ = ["checked_address", "connected", "failures_told"]

_ADDRESS: Final = "postgresql://user@host/database"
_REFUSALS: Final = ("authentication failed", "no password supplied", "does not exist", "pg_hba.conf", "not permitted")


def checked_address(url: Secret) -> None:
    """Nothing, or the error where a URL is missing, is none, or where psycopg is not installed."""
    if not url:
        raise SourceDenied(
            "no database is named for bars from PostgreSQL",
            fix=f"put its address, such as {_ADDRESS}, in the environment variable AUTOTRADE_BARS_DATABASE",
        )
    try:
        from psycopg import ProgrammingError, conninfo
    except ImportError:
        raise InvalidInput(
            "PostgreSQL is asked through the package psycopg, which is not installed",
            fix='pip install "autonomous-trading[postgres]"',
        ) from None
    try:
        conninfo.conninfo_to_dict(url.reveal())
    except ProgrammingError:
        raise InvalidInput("the address of the database of bars is none", fix=f"write it as {_ADDRESS}") from None


@contextmanager
def connected(url: Secret, timeout: float) -> "Iterator[psycopg.Connection[Any]]":
    """A connection in one read-only transaction, in UTC; a statement ends after `timeout` seconds.

    Whoever sends it a write gets an error from the database: nothing here depends on our own queries being right.
    """
    import psycopg

    ms = max(1, round(timeout * 1000))
    connection: psycopg.Connection[Any] = psycopg.connect(
        url.reveal(),
        connect_timeout=max(2, round(timeout)),  # the library takes less for 2
        tcp_user_timeout=ms,
        options=f"-c statement_timeout={ms} -c default_transaction_read_only=on -c TimeZone=UTC -c DateStyle=ISO",
        application_name="autotrade",
    )
    try:
        connection.read_only = True
        yield connection
    finally:
        connection.close()


@contextmanager
def failures_told(url: Secret, table: str) -> Iterator[None]:
    """What psycopg raises inside, as the errors that every provider raises."""
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        raise _failure_of(error, url, table) from None


def _failure_of(error: "psycopg.Error", url: Secret, table: str) -> TradingError:
    from psycopg import OperationalError, conninfo, errors

    password = Secret(str(conninfo.conninfo_to_dict(url.reveal()).get("password") or ""))
    first = next(iter(str(error).splitlines()), "") or type(error).__name__
    said = f"PostgreSQL: {url.hidden_in(password.hidden_in(first))}"
    if isinstance(error, errors.UndefinedTable | errors.UndefinedColumn | errors.InvalidSchemaName):
        return InvalidInput(said, fix=f"name the table and its columns as they are; {table!r} was asked for")
    if isinstance(
        error, errors.InsufficientPrivilege | errors.InvalidPassword | errors.InvalidAuthorizationSpecification
    ):
        return SourceDenied(said, fix="use a user that may read the table")
    if isinstance(error, OperationalError):
        if error.sqlstate is None and any(refusal in str(error) for refusal in _REFUSALS):
            return SourceDenied(said, fix="look at user, password and database in the address")
        return SourceUnavailable(said, fix="look whether the server runs and answers in time")
    return SourceCorrupt(said, fix="look at what the table holds")
