"""A file of SQLite: how it is opened, and how it is looked over before anybody trusts it."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote

from sqlalchemy import Connection, Engine, StaticPool, create_engine

from autonomous_trading.adapters.store._failures import RESTORE
from autonomous_trading.core import StoreDamaged, StoreUnavailable

__all__ = ["check_content", "file_engine", "journal_mode", "refuse_old_library"]

Version = tuple[int, ...]
_STRICT_SINCE: Final = (3, 37, 0)
_WAL_SOUND_SINCE: Final = (3, 51, 3)
_BUSY_SECONDS: Final = 30.0
MOST_BYTES_CHECKED: Final = 64 * 2**20
"""Up to here a file is checked whole when it is opened; a larger one without its trials, see `check_content`."""


def journal_mode(version: Version) -> Literal["WAL", "DELETE"]:
    """The journal that is safe with this version of the SQLite library.

    Before 3.51.3 a write-ahead log could be reset while a second connection still used it, which damaged the file.
    """
    return "WAL" if version >= _WAL_SOUND_SINCE else "DELETE"


def refuse_old_library(version: Version) -> None:
    """Nothing, or StoreUnavailable where the SQLite library knows no strict tables."""
    if version < _STRICT_SINCE:
        raise StoreUnavailable(
            f"the SQLite library is {'.'.join(map(str, version))}, and a store needs 3.37 or later",
            fix="use a newer Python, or a store on PostgreSQL",
        )


def file_engine(path: Path, *, read_only: bool) -> Engine:
    """One connection to a file, made when it is first needed. Whoever uses it takes turns.

    A reader may still write the file in one case: to roll back what a crash left half-written.
    """
    refuse_old_library(sqlite3.sqlite_version_info)
    return create_engine("sqlite://", creator=_connector(path, read_only=read_only), poolclass=StaticPool)


def _connector(path: Path, *, read_only: bool) -> Callable[[], sqlite3.Connection]:
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{quote(str(path))}?mode={'rw' if read_only else 'rwc'}",
            uri=True,
            timeout=_BUSY_SECONDS,
            isolation_level=None,  # transactions begin and end where we say
            check_same_thread=False,
        )
        try:
            _prepare(connection, path, read_only=read_only)
        except BaseException:
            connection.close()  # one that is left behind would keep its locks
            raise
        return connection

    return connect


def _prepare(connection: sqlite3.Connection, path: Path, *, read_only: bool) -> None:
    for pragma in ("foreign_keys=ON", "synchronous=FULL", "fullfsync=ON", "cache_size=-65536"):
        connection.execute(f"PRAGMA {pragma}")
    if read_only:
        connection.execute("PRAGMA query_only=ON")
    else:
        _set_journal(connection, path)


def _set_journal(connection: sqlite3.Connection, path: Path) -> None:
    wanted = journal_mode(sqlite3.sqlite_version_info)
    found = str(connection.execute(f"PRAGMA journal_mode={wanted}").fetchone()[0]).upper()
    if found == "WAL" and wanted != "WAL":
        raise StoreUnavailable(
            f"{path.name} keeps a write-ahead log, which SQLite {sqlite3.sqlite_version} cannot be trusted with",
            fix="close every other program that uses the file, and run it again",
        )


def check_content(connection: Connection, path: Path, *, whole: bool = False) -> None:
    """Nothing, or StoreDamaged where the file is not what SQLite wrote. Nothing is ever repaired.

    Up to 64 MiB (or where `whole`) every page, row and index is checked. In a larger file the table of trials, which is
    nearly all of it, is left out, so that a million trials open at once: `autotrade store check` reads everything, and
    so do backup and restore.
    """
    if whole or path.stat().st_size <= MOST_BYTES_CHECKED:
        checks = ["PRAGMA integrity_check(1)"]
    else:
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
        checks = [f'PRAGMA integrity_check("{name}")' for name in tables if name != "trial"]
    for check in checks:
        found = str(connection.exec_driver_sql(check).scalar())
        if found != "ok":
            first = " ".join(found.split())
            raise StoreDamaged(f"{path.name} is damaged: {first}", fix=RESTORE)
