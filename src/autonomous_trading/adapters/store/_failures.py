"""What went wrong in a database, in words: every failure a person can cause says why, and what to do."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from autonomous_trading.core import StoreDamaged, StoreUnavailable, TradingError

__all__ = ["RESTORE", "explained", "story_of_file_error"]

RESTORE: Final = (
    "nothing was changed: restore a sound backup with 'autotrade store restore', or name another file to begin anew"
)
_ROOM: Final = "make room and run it again: everything that was committed is kept"
_PRIMARY: Final = 0xFF  # the low byte of an SQLite result code; the rest says where it happened

_FILE_STORIES: Final = {
    sqlite3.SQLITE_FULL: ("the disk is full", _ROOM),
    sqlite3.SQLITE_IOERR: ("the disk does not take or give the data (full, over its quota, or broken)", _ROOM),
    sqlite3.SQLITE_READONLY: ("it may not be written", "allow writing to the file and to its folder"),
    sqlite3.SQLITE_PERM: ("it may not be used", "allow reading and writing the file"),
    sqlite3.SQLITE_AUTH: ("it may not be used", "allow reading and writing the file"),
    sqlite3.SQLITE_CANTOPEN: ("it cannot be opened", "name a file that you may write, in a folder that you may write"),
    sqlite3.SQLITE_BUSY: ("another program kept it locked for half a minute", "close that program and run it again"),
    sqlite3.SQLITE_LOCKED: ("another program kept it locked for half a minute", "close that program and run it again"),
}
_DAMAGE: Final = {
    sqlite3.SQLITE_CORRUPT: "is damaged",
    sqlite3.SQLITE_NOTADB: "is not a database, or its beginning is damaged",
    sqlite3.SQLITE_FORMAT: "is damaged",
}
_SIGNS_OF_DAMAGE: Final = ("decode to UTF-8", "unsupported file format")
_SERVER_STORIES: Final = {
    "53100": ("the disk of the server is full", _ROOM),
    "53300": ("the server has no connection left", "run it again later, or allow more connections"),
    "25006": ("it is open for reading only", "open it for writing"),
    "42501": ("its user may not do this", "grant the user the rights to create and change tables in this database"),
    "3D000": ("there is no such database", "create it: createdb NAME"),
    "28000": ("the server refuses this user", "check user and password in the URL"),
    "28P01": ("the password is wrong", "check user and password in the URL"),
    "25P03": ("this process was stopped for too long inside a transaction", "run it again"),
    "40P01": ("two writers waited for each other", "run it again"),
    "55P03": ("another program kept it locked", "run it again"),
}
_UNREACHABLE: Final = "check that the server runs and can be reached, and run it again: what was committed is kept"


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Failures of the database inside become errors that teach; mistakes of our own pass as they are."""
    try:
        yield
    except DBAPIError as error:
        told = _story(name, error)
        if told is None:
            raise
        raise told from error
    except PoolTimeout as error:
        raise StoreUnavailable(f"{name} has no connection left", fix="run it again later") from error
    except UnicodeDecodeError as error:  # the library quotes a damaged schema, and Python cannot read the quotation
        raise StoreDamaged(f"{name} is damaged ({error})", fix=RESTORE) from error
    except sqlite3.Error as error:
        told = _story_of_file(name, error)
        if told is None:
            raise
        raise told from error


def story_of_file_error(name: str, error: OSError) -> TradingError:
    """The error for a file that could not be made, read or renamed."""
    fix = _ROOM if error.errno in {errno.ENOSPC, errno.EDQUOT} else "name a file in a folder that you may write to"
    return StoreUnavailable(f"{name} cannot be written: {error.strerror or error}", fix=fix)


def _story(name: str, error: DBAPIError) -> TradingError | None:
    origin = error.orig
    if isinstance(origin, sqlite3.Error):
        return _story_of_file(name, origin)
    state = str(getattr(origin, "sqlstate", None) or "")
    first_line = str(origin).partition("\n")[0]
    if state in {"XX001", "XX002"}:
        return StoreDamaged(f"{name} is damaged: {first_line}", fix="restore a backup into a new database")
    if state in _SERVER_STORIES:
        why, fix = _SERVER_STORIES[state]
        return StoreUnavailable(f"{name}: {why} ({first_line})", fix=fix)
    lost = error.connection_invalidated or state[:2] in {"08", "53", "57", "58"}
    if lost or (not state and isinstance(error, OperationalError | InterfaceError)):
        return StoreUnavailable(f"{name} is out of reach: {first_line}", fix=_UNREACHABLE)
    return None


def _story_of_file(name: str, error: sqlite3.Error) -> TradingError | None:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY
    if any(sign in str(error) for sign in _SIGNS_OF_DAMAGE):  # these two come without a code
        return StoreDamaged(f"{name} is damaged ({error})", fix=RESTORE)
    if code in _DAMAGE:
        return StoreDamaged(f"{name} {_DAMAGE[code]} ({error})", fix=RESTORE)
    if code in _FILE_STORIES:
        why, fix = _FILE_STORIES[code]
        return StoreUnavailable(f"{name}: {why} ({error})", fix=fix)
    return None
