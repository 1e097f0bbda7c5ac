"""An open store: transactions on one database, whichever it is."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple, final

from sqlalchemy import Connection, Engine, create_engine, select
from sqlalchemy.exc import ArgumentError, DBAPIError

from autonomous_trading.adapters.store._address import Address, address_of
from autonomous_trading.adapters.store._failures import RESTORE, explained
from autonomous_trading.adapters.store._lock import FileLock
from autonomous_trading.adapters.store._schema import found_revision, migrate, refuse_other_schema
from autonomous_trading.adapters.store._sqlite_file import check_content, file_engine
from autonomous_trading.adapters.store._tables import METADATA
from autonomous_trading.core import DataNotFound, InvalidInput, StoreDamaged, StoreUnavailable

__all__ = ["Moment", "Store", "connected", "moment", "open_store"]

_CONNECT_SECONDS: Final = 10
_SERVER_SETTINGS: Final = (
    "synchronous_commit=on",
    "timezone=UTC",
    "lock_timeout=30000",
    "idle_in_transaction_session_timeout=60000",  # a process that was stopped inside one holds nobody up for longer
)
_FILE_CLOCK: Final = "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), (julianday('now') - 2440587.5) * 86400.0"
_SERVER_CLOCK: Final = (
    "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),"
    " extract(epoch FROM clock_timestamp())::double precision"
)


@final
class Store:
    """One open database. Safe to share between threads; a forked process has to open its own.

    On SQLite there is one connection, and threads take turns; on PostgreSQL there is a pool of them.
    """

    def __init__(self, address: Address, engine: Engine, lock: FileLock | None, *, read_only: bool) -> None:
        self.name = address.name
        self.path = address.path
        self.engine = engine
        self.read_only = read_only
        self._lock = lock
        self._turn = threading.RLock()
        one_state = {} if self.path is not None else {"isolation_level": "REPEATABLE READ"}
        self._snapshots = engine.execution_options(**one_state)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that nobody else writes beside (SQLite), committed at the end, undone on an error."""
        if self.read_only:
            raise StoreUnavailable(f"{self.name} is open for reading only", fix="open it without read_only=True")
        with self._begun(self.engine, "BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the store, whatever others write meanwhile."""
        with self._begun(self._snapshots, "BEGIN") as connection:
            yield connection

    def close(self) -> None:
        """Lets go of the database, and of its lock. Twice is once."""
        self.engine.dispose()
        if self._lock is not None:
            self._lock.release()

    @contextmanager
    def _begun(self, engine: Engine, begin: str) -> Iterator[Connection]:
        if self.path is None:
            with explained(self.name), engine.begin() as connection:
                yield connection
            return
        with self._turn, explained(self.name), engine.begin() as connection:
            connection.exec_driver_sql(begin)
            yield connection


class Moment(NamedTuple):
    """Now, by the clock of the database: as ISO 8601 text, and as seconds since 1970."""

    text: str
    seconds: float


def moment(connection: Connection) -> Moment:
    """Now, by the clock of the database."""
    clock = _FILE_CLOCK if connection.dialect.name == "sqlite" else _SERVER_CLOCK
    text, seconds = connection.exec_driver_sql(clock).one()
    return Moment(str(text), float(seconds))


def open_store(place: str | os.PathLike[str], *, create: bool = True, read_only: bool = False) -> Store:
    """The store at a path ("trials.db") or URL ("sqlite:///trials.db", "postgresql://user@host/database").

    create: make it where there is none. read_only: look at it while another process writes; takes no lock.
    A process opens a file for writing once, and no other process may then. A file is checked for damage first.

    Raises DataNotFound, StoreUnavailable (in use, read-only, out of reach), StoreDamaged, and Refused for a schema
    that is not the one of this program.
    """
    address = address_of(place)
    with connected(address, create=create and not read_only, read_only=read_only) as store:
        found = _looked_over(store)
        if found is not None:
            refuse_other_schema(store.name, found)
            _read_no_row(store)
        elif create and not read_only:
            with store.write() as connection:
                migrate(connection)
        else:
            raise DataNotFound(f"{store.name} holds no store", fix="check its name: the first search makes it")
        return store


def _looked_over(store: Store) -> str | None:
    """The schema of a store in which no damage was found."""
    try:
        with store.read() as connection:
            if store.path is not None:
                check_content(connection, store.path)
            return found_revision(connection)
    except DBAPIError as error:
        raise _unreadable(store, error) from error


def _read_no_row(store: Store) -> None:
    """Nothing, or StoreDamaged where a table or a column is missing that its schema promises."""
    try:
        with store.read() as connection:
            for table in METADATA.sorted_tables:
                connection.execute(select(table).limit(0))
    except DBAPIError as error:
        raise _unreadable(store, error) from error


def _unreadable(store: Store, error: DBAPIError) -> StoreDamaged:
    return StoreDamaged(f"{store.name} is damaged: its tables cannot be read ({error.orig})", fix=RESTORE)


@contextmanager
def connected(address: Address, *, create: bool, read_only: bool) -> Iterator[Store]:
    """A store as it is, whatever it holds, locked where it will be written; closed again only on an error."""
    store = _file_store(address, create, read_only) if address.path is not None else _server_store(address, read_only)
    try:
        yield store
    except BaseException:
        store.close()
        raise


def _file_store(address: Address, create: bool, read_only: bool) -> Store:
    path = address.file
    if not path.exists() and not create:
        raise DataNotFound(f"{address.name} is not there", fix="check its name: the first search makes it")
    if not path.parent.is_dir():
        raise InvalidInput(
            f"{address.name} lies in a folder that is not there", fix="make the folder, or check the path"
        )
    lock = None if read_only else FileLock(path)
    return Store(address, file_engine(path, read_only=read_only), lock, read_only=read_only)


def _server_store(address: Address, read_only: bool) -> Store:
    options = " ".join(f"-c {setting}" for setting in _SERVER_SETTINGS)
    if read_only:
        options += " -c default_transaction_read_only=on"
    try:
        engine = create_engine(
            address.server,
            pool_pre_ping=True,  # a server that was restarted is noticed before a transaction, not inside it
            connect_args={"options": options, "connect_timeout": _CONNECT_SECONDS},
        )
    except (ArgumentError, ImportError) as error:
        raise InvalidInput(f"{address.name} cannot be opened: {error}", fix="check the URL of the store") from error
    return Store(address, engine, None, read_only=read_only)
