"""Copies of a store that can be trusted: made while it is in use, checked before they count, put back whole."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import URL, inspect, select

from autonomous_trading.adapters.store._address import Address, address_of
from autonomous_trading.adapters.store._failures import explained, story_of_file_error
from autonomous_trading.adapters.store._lock import FileLock
from autonomous_trading.adapters.store._schema import (
    found_revision,
    migrate,
    refuse_other_schema,
    standing,
)
from autonomous_trading.adapters.store._sqlite_file import check_content
from autonomous_trading.adapters.store._store import Store, connected
from autonomous_trading.adapters.store._tables import METADATA
from autonomous_trading.core import DataNotFound, InvalidInput, Refused, StoreDamaged, StoreUnavailable, TradingError

__all__ = ["backup", "restore", "upgrade"]

_Place = str | os.PathLike[str]
_DUMP_MAGIC: Final = b"PGDMP"
_FILE_MAGIC: Final = b"SQLite format 3\0"
_LEFTOVERS: Final = ("-journal", "-wal", "-shm")


def backup(place: _Place, target: _Place) -> Path:
    """The file that now holds a copy of the store, as it was at one moment; a search may run meanwhile.

    SQLite: a file that is a store itself. PostgreSQL: a dump of pg_dump, which has to be installed. The copy appears
    whole or not at all. Raises InvalidInput where the folder of the file is not there.
    """
    address, path = address_of(place), Path(target).expanduser().absolute()
    _refuse_missing_folder(path)
    with closing(_as_it_is(address)) as store:
        with store.read() as connection:
            found = found_revision(connection)
        if not found:
            raise DataNotFound(f"{store.name} holds no store", fix="name the store to copy")
        return _copy(store, address, path)


def restore(source: _Place, place: _Place, *, overwrite: bool = False) -> None:
    """Puts a backup in the place of a store: checked first, then whole or not at all.

    Raises Refused where the store holds something and `overwrite` was not said, or the backup is of a newer program.
    """
    address, path = address_of(place), Path(source).expanduser().absolute()
    magic = _beginning(path)
    if address.path is None:
        if not magic.startswith(_DUMP_MAGIC):
            raise InvalidInput(f"{path} is not a dump of PostgreSQL", fix="restore it to a file instead: trials.db")
        _restore_server(path, address, overwrite=overwrite)
    elif magic.startswith(_DUMP_MAGIC):
        raise InvalidInput(f"{path} is a dump of PostgreSQL", fix="restore it to postgresql://user@host/database")
    else:
        _restore_file(path, address.path, overwrite=overwrite)


def upgrade(place: _Place, *, backup_to: _Place | None = None) -> Path | None:
    """The backup that was made before the store got the schema of this program; None where it has it already.

    Without `backup_to` the backup of a file lies beside it ("trials.db.schema-0001.backup"), that of a server in the
    current folder.
    """
    address = address_of(place)
    with connected(address, create=False, read_only=False) as store, closing(store):
        with store.read() as connection:
            if store.path is not None:
                check_content(connection, store.path, whole=True)
            found = found_revision(connection)
        if not found:
            raise DataNotFound(f"{address.name} holds no store", fix="check its name: the first search makes it")
        if standing(found) != "older":
            refuse_other_schema(address.name, found)
            return None
        target = _free_name(address, found) if backup_to is None else Path(backup_to).expanduser().absolute()
        _refuse_missing_folder(target)
        kept = _copy(store, address, target)
        with store.write() as connection:
            migrate(connection)
        return kept


def _as_it_is(address: Address) -> Store:
    """A store of whatever schema, for reading, found sound from the first to the last page."""
    with connected(address, create=False, read_only=True) as store:
        if store.path is not None:
            with store.read() as connection:
                check_content(connection, store.path, whole=True)
        return store


def _refuse_missing_folder(path: Path) -> None:
    """Refuse a file in a folder that is not there: a mistyped path makes no folders."""
    folder = path.parent
    if not folder.is_dir():
        raise InvalidInput(f"{path}: the folder {folder} does not exist", fix=f"make it first: mkdir -p {folder}")


def _copy(store: Store, address: Address, target: Path) -> Path:
    if target.exists():
        raise Refused(f"{target} exists", fix="name another file: a backup is never written over another")
    with _appearing(target) as temporary:
        if store.path is None:
            _dump(address.server, temporary)
        else:
            with explained(str(target)):
                _copy_file(store, temporary)
    return target


def _copy_file(store: Store, temporary: Path) -> None:
    connection = store.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA query_only=OFF")  # it counts making another file as writing
        cursor.execute("VACUUM INTO ?", (str(temporary),))
    finally:
        connection.close()


def _dump(url: URL, temporary: Path) -> None:
    _run("pg_dump", ["--format=custom", "--no-owner", f"--file={temporary}"], url)


def _restore_file(source: Path, target: Path, *, overwrite: bool) -> None:
    _refuse_missing_folder(target)
    with closing(_as_it_is(address_of(source))) as store, store.read() as connection:
        _refuse_unusable(source, found_revision(connection))
    lock = FileLock(target)
    try:
        if not overwrite and _holds_something(target):
            raise Refused(
                f"{target} holds a store", fix="name another file, or overwrite it: overwrite=True, --overwrite"
            )
        with _appearing(target) as temporary:
            shutil.copyfile(source, temporary)
            for ending in _LEFTOVERS:  # of the old file: they would be played into the new one
                target.with_name(target.name + ending).unlink(missing_ok=True)
    finally:
        lock.release()


def _restore_server(source: Path, address: Address, *, overwrite: bool) -> None:
    with connected(address, create=False, read_only=False) as store, closing(store):
        with store.read() as connection:
            full = bool(inspect(connection).get_table_names())
            if full and not overwrite:
                raise Refused(
                    f"{address.name} holds something",
                    fix="name an empty database, or overwrite it: overwrite=True, --overwrite",
                )
        clean = ["--clean", "--if-exists"] if full else []
        _run(
            "pg_restore", ["--exit-on-error", "--single-transaction", "--no-owner", *clean, str(source)], address.server
        )
        with store.read() as connection:
            _refuse_unusable(source, found_revision(connection))


def _refuse_unusable(source: Path, found: str | None) -> None:
    if found is None or standing(found) == "foreign":
        raise InvalidInput(f"{source} is no backup of a store", fix="name a file that 'autotrade store backup' made")
    if standing(found) == "newer":
        refuse_other_schema(str(source), found)


def _holds_something(target: Path) -> bool:
    """Whether a file has rows; a damaged one counts: somebody may still want to look into it."""
    if not target.exists() or not target.stat().st_size:
        return False
    try:
        with closing(_as_it_is(address_of(target))) as store, store.read() as connection:
            found = found_revision(connection)
            here = set(inspect(connection).get_table_names())
            tables = [table for table in METADATA.sorted_tables if table.name in here]
            return found == "" or any(connection.execute(select(table).limit(1)).first() for table in tables)
    except (StoreDamaged, StoreUnavailable):
        return True


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(len(_FILE_MAGIC))
    except OSError as error:
        raise DataNotFound(f"{path} cannot be read: {error.strerror or error}", fix="name a backup") from error


def _free_name(address: Address, found: str) -> Path:
    beside = address.path if address.path is not None else Path(f"{address.server.database}").absolute()
    first = beside.with_name(f"{beside.name}.schema-{found}.backup")
    others = (beside.with_name(f"{first.name}-{k}") for k in range(2, 10_000))
    return next(path for path in (first, *others) if not path.exists())


@contextmanager
def _appearing(target: Path) -> Iterator[Path]:
    """A temporary name beside the target; what is written there takes its name at the end, flushed to the disk."""
    temporary = target.with_name(f".{target.name[:80]}.{secrets.token_hex(8)}.tmp")
    try:
        yield temporary
        _flush(temporary)
        temporary.replace(target)
        _flush(target.parent)
    except OSError as error:
        raise story_of_file_error(str(target), error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    if path.is_dir() and os.name != "posix":  # elsewhere a folder cannot be opened
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _run(program: str, arguments: Sequence[str], url: URL) -> None:
    """Runs a program of PostgreSQL on a database; the password travels where no list of processes shows it."""
    found = shutil.which(program)
    if found is None:
        raise InvalidInput(
            f"a store on PostgreSQL needs {program} for this, which is not installed",
            fix="install the client programs of PostgreSQL (Debian: apt install postgresql-client)",
        )
    named = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = {**os.environ, "PGPASSWORD": str(url.password)} if url.password else dict(os.environ)
    done = subprocess.run(
        [found, f"--dbname={named}", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise _failed(program, done.stderr)


def _failed(program: str, told: str) -> TradingError:
    lines = [line for line in told.splitlines() if line.strip()]
    why = lines[0] if lines else "no reason given"
    return StoreUnavailable(f"{program} failed: {why}", fix="correct what it says, and run it again")
