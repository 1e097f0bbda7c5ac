"""What runs in the process of the engine: one question in, one answer out. It imports nothing of this package.

It is started as a file, with the seconds that a question may take. In comes one line of JSON; out go `READY` and one
JSON document, in which a value that JSON does not have is {its kind: its text}. It ends when what it reads from ends:
whoever asked is gone then.
"""

import base64
import datetime
import decimal
import json
import math
import os
import sys
import threading
import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    import duckdb

__all__ = ["READY", "main", "value_of"]

READY: Final = b"ready\n"
_THREADS: Final = min(8, os.cpu_count() or 1)
_BESIDE: Final = 256_000_000  # bytes of memory that the engine does not count as its own
_MOST_BYTES: Final = 1 << 26
_MOST_WORDS: Final = 500
_DEPTH: Final = 100
_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "datetime": datetime.datetime.fromisoformat,
    "date": datetime.date.fromisoformat,
    "time": datetime.time.fromisoformat,
    "timedelta": lambda parts: datetime.timedelta(*parts),
    "Decimal": decimal.Decimal,
    "UUID": uuid.UUID,
    "bytes": base64.b64decode,
    "tuple": lambda items: tuple(map(value_of, items)),
    "dict": lambda pairs: {_key_of(value_of(key)): value_of(value) for key, value in pairs},
}


def main() -> None:
    """Answer one question."""
    import duckdb

    question = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_who_asked, daemon=True).start()
    with duckdb.connect(":memory:", config={"autoinstall_known_extensions": False, "threads": _THREADS}) as connection:
        _close_everything_but(connection, question["files"], question["megabytes"])
        connection.execute("SELECT count(*) FROM range(1000000)").fetchall()  # its threads are there from here on
        _limit(question["megabytes"] * 1_000_000, float(sys.argv[1]))
        sys.stdout.buffer.write(READY)
        sys.stdout.buffer.flush()
        try:
            answer = json.dumps(_answer(connection, question)).encode()
        except MemoryError:
            answer = _failure("memory")
        except (RecursionError, ValueError) as error:  # values nested too deep, or with too many digits
            answer = _failure("fails", error)
        if len(answer) > _MOST_BYTES:
            answer = _failure("size")
        sys.stdout.buffer.write(answer)
        sys.stdout.buffer.flush()
        os._exit(0)  # the engine may take its time to end, and has nothing to save


def _end_with_who_asked() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def _limit(memory: int, seconds: float) -> None:
    """No more memory than so many bytes from here on, and no more time of all processors together than can be used."""
    if sys.platform == "win32":
        return
    most = math.ceil(seconds * _THREADS) + 10
    resource.setrlimit(resource.RLIMIT_CPU, (most, most + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        with open("/proc/self/statm", encoding="ascii") as pages:
            held = int(pages.read().split()[0]) * resource.getpagesize()
        limit = held + memory + _BESIDE
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _close_everything_but(connection: "duckdb.DuckDBPyConnection", files: list[str], megabytes: int) -> None:
    """From here on the engine opens these files, for reading, and no other; and its settings cannot be changed."""
    named = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    connection.execute(f"SET allowed_paths = [{named}]::VARCHAR[]")
    for setting in (
        "autoload_known_extensions = false",
        "allow_community_extensions = false",
        "python_enable_replacements = false",
        "python_scan_all_frames = false",
        "temp_directory = ''",
        f"memory_limit = '{megabytes}MB'",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        connection.execute(f"SET {setting}")


def _answer(connection: "duckdb.DuckDBPyConnection", question: Mapping[str, Any]) -> dict[str, Any]:
    import duckdb

    try:
        for name, text in question["views"].items():
            connection.execute(f"CREATE VIEW {name} AS {text}")
        try:
            statements = connection.extract_statements(question["sql"])
        except duckdb.Error as error:
            return _told("unreadable", error)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            return _told("no_select")
        found = connection.execute(question["sql"])
        columns = [str(each[0]) for each in found.description or ()]
        return {"columns": columns, "rows": [list(map(_written, row)) for row in found.fetchmany(question["most"])]}
    except (duckdb.PermissionException, duckdb.IOException) as error:
        return _told("outside", error)
    except duckdb.OutOfMemoryException:
        return _told("memory")
    except (duckdb.Error, RuntimeError, OverflowError) as error:  # what the engine throws also comes as a RuntimeError
        return _told("memory" if "bad_alloc" in str(error) else "fails", error)


def _failure(kind: str, error: Exception | None = None) -> bytes:
    return json.dumps(_told(kind, error)).encode()


def _told(kind: str, error: Exception | None = None) -> dict[str, Any]:
    return {"failure": kind, "words": str(error or "").partition("\n")[0][:_MOST_WORDS]}


def _written(value: Any, depth: int = 0) -> Any:
    """A value as JSON has it, or as {kind: text}."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if depth > _DEPTH:
        raise ValueError("its values are nested too deep")
    if isinstance(value, list):
        return [_written(each, depth + 1) for each in value]
    kind = type(value).__name__
    if isinstance(value, tuple):
        return {"tuple": [_written(each, depth + 1) for each in value]}
    if isinstance(value, dict):
        return {"dict": [[_written(key, depth + 1), _written(each, depth + 1)] for key, each in value.items()]}
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return {kind: value.isoformat()}
    if isinstance(value, datetime.timedelta):
        return {kind: [value.days, value.seconds, value.microseconds]}
    if isinstance(value, bytes | bytearray | memoryview):
        return {"bytes": base64.b64encode(value).decode()}
    return {kind: str(value)} if kind in _READERS else str(value)


def value_of(written: Any) -> Any:
    """The value that was written so."""
    if isinstance(written, list):
        return list(map(value_of, written))
    if not isinstance(written, dict):
        return written
    ((kind, text),) = written.items()
    return _READERS[kind](text)


def _key_of(value: Any) -> Any:
    """A key of a map, which a list cannot be."""
    return tuple(value) if isinstance(value, list) else value


if __name__ == "__main__":
    main()
