"""Questions in SQL to a catalogue: DuckDB reads its parts, and can reach nothing else and change nothing."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, final

from autonomous_trading.adapters.catalogue._catalogue import DamagedSeries, ParquetCatalogue, Survey
from autonomous_trading.adapters.catalogue._manifest import Manifest
from autonomous_trading.adapters.catalogue._names import series_folder
from autonomous_trading.adapters.catalogue._parts import checked_files
from autonomous_trading.adapters.catalogue._views import VIEWS, listed, views
from autonomous_trading.core import DataNotFound, InvalidInput, Refused, StoreDamaged, StoreUnavailable
from autonomous_trading.data import SeriesKey

if TYPE_CHECKING:
    import duckdb

__all__ = ["VIEWS", "Answer", "query"]

SECONDS: Final = 60.0
"""So long a question may take."""
MEMORY: Final = "1GB"
"""So much the engine may hold; what does not fit is not put on the disk either."""
_LESS: Final = "ask for less: a stretch of time (WHERE time >= '2024-01-01'), or some series (--series)"
_Found = TypeVar("_Found")


@final
@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of an answer, and whether there were more than asked for. Times are UTC without a zone.

    `left_out` are the series that could not be read, where none was named: the answer knows nothing of them.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    cut_off: bool
    left_out: tuple[DamagedSeries, ...] = ()


def query(
    catalogue: ParquetCatalogue,
    sql: str,
    *,
    keys: Iterable[SeriesKey] | None = None,
    known_at: int | None = None,
    most: int = 1_000,
    seconds: float = SECONDS,
) -> Answer:
    """What one SELECT finds in the views of a catalogue, at most so many rows.

    `bars` (source, symbol, timeframe, adjustment, time, open, high, low, close, volume, received_at) holds every bar as
    it is known now, `revisions` the values that came later, `refused` (and `reason`) what was put aside, `series` one
    row a series. Every part is checked by its sha256 first. `keys`: only these series; without them one that is damaged
    is left out and named in the answer.

    `known_at` (UTC nanoseconds): the views as they were then. `bars` holds what `ParquetCatalogue.read` would give for
    that time, `revisions` and `refused` what had been received by then, `series` counts these.

    Raises InvalidInput for SQL that does not run, or not within `seconds` and a GB of memory, Refused for anything but
    one SELECT, StoreDamaged for a series that was named.
    """
    import duckdb

    manifests, files, left_out = _sound(catalogue, keys)
    places = {manifest.key: series_folder(catalogue.root.resolve(), manifest.key) for manifest in manifests}
    with duckdb.connect(":memory:", config={"autoinstall_known_extensions": False}) as connection:
        _close_everything_but(connection, files)
        for name, text in views(manifests, places, known_at).items():
            connection.execute(f"CREATE VIEW {name} AS {text}")
        _refuse_all_but_one_select(connection, sql)
        try:
            columns, rows = _in_time(connection, seconds, lambda: _asked(connection, sql, most + 1))
        except (duckdb.PermissionException, duckdb.IOException) as error:
            if not all(file.exists() for file in files):
                raise StoreUnavailable("the catalogue changed while it was read", fix="ask again") from error
            raise Refused(f"a question reads the catalogue alone: {_first_line(error)}", fix=_views_words()) from error
        except duckdb.OutOfMemoryException as error:
            raise InvalidInput(f"that SQL needs more than {MEMORY} of memory", fix=_LESS) from error
        except duckdb.Error as error:
            raise InvalidInput(f"that SQL does not run: {_first_line(error)}", fix=_views_words()) from error
    return Answer(columns, tuple(rows[:most]), len(rows) > most, tuple(left_out))


def _asked(
    connection: "duckdb.DuckDBPyConnection", sql: str, most: int
) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    found = connection.execute(sql)
    return tuple(str(each[0]) for each in found.description or ()), found.fetchmany(most)


def _in_time(connection: "duckdb.DuckDBPyConnection", seconds: float, ask: Callable[[], _Found]) -> _Found:
    """What `ask` returns, unless it takes too long: then the engine is stopped, as it is by Ctrl-C.

    It works in a thread beside this one, because while it works it hears nothing.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="query") as beside:
        answer = beside.submit(ask)
        try:
            return answer.result(seconds)
        except TimeoutError:
            raise InvalidInput(f"that SQL takes more than {seconds:g} s", fix=_LESS) from None
        finally:
            connection.interrupt()


def _close_everything_but(connection: "duckdb.DuckDBPyConnection", files: Sequence[Path]) -> None:
    """From here on the engine opens these files, for reading, and no other; and its settings cannot be changed."""
    connection.execute(f"SET allowed_paths = {listed(files)}")
    for setting in (
        "autoload_known_extensions = false",
        "allow_community_extensions = false",
        "python_enable_replacements = false",
        "python_scan_all_frames = false",
        "temp_directory = ''",
        f"memory_limit = '{MEMORY}'",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        connection.execute(f"SET {setting}")


def _refuse_all_but_one_select(connection: "duckdb.DuckDBPyConnection", sql: str) -> None:
    import duckdb

    try:
        statements = connection.extract_statements(sql)
    except duckdb.Error as error:
        raise InvalidInput(f"that SQL cannot be read: {_first_line(error)}", fix=_views_words()) from error
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise Refused("a catalogue is asked, never changed: only one SELECT at a time", fix=_views_words())


def _sound(
    catalogue: ParquetCatalogue, keys: Iterable[SeriesKey] | None
) -> tuple[list[Manifest], list[Path], list[DamagedSeries]]:
    """The manifests and the files of what can be read, and what cannot; the latter raises where it was asked for."""
    survey = catalogue.survey() if keys is None else Survey(tuple(keys), ())
    manifests: list[Manifest] = []
    files: list[Path] = []
    left_out = list(survey.damaged)
    for key in survey.keys:
        folder = series_folder(catalogue.root.resolve(), key)
        try:
            found = checked_files(folder, key)
        except (StoreDamaged, StoreUnavailable) as error:
            if keys is not None:
                raise
            left_out.append(DamagedSeries(folder, key, error))
            continue
        if found is None:
            raise DataNotFound(f"{catalogue.root} holds nothing of {key.text}", fix="see 'autotrade data list'")
        manifests.append(found[0])
        files += found[1]
    return manifests, files, left_out


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _views_words() -> str:
    return f"ask the views {', '.join(VIEWS)}, for example: SELECT symbol, count(*) FROM bars GROUP BY symbol"
