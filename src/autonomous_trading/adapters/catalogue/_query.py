"""Questions in SQL to a catalogue: DuckDB reads its parts, and can reach nothing else and change nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final

from autonomous_trading.adapters.catalogue._catalogue import DamagedSeries, ParquetCatalogue, Survey
from autonomous_trading.adapters.catalogue._engine import Failure, Question, asked
from autonomous_trading.adapters.catalogue._manifest import Manifest
from autonomous_trading.adapters.catalogue._names import series_folder
from autonomous_trading.adapters.catalogue._parts import checked_files
from autonomous_trading.adapters.catalogue._views import VIEWS, views
from autonomous_trading.core import DataNotFound, InvalidInput, Refused, StoreDamaged, StoreUnavailable
from autonomous_trading.data import SeriesKey

__all__ = ["VIEWS", "Answer", "query"]

SECONDS: Final = 60.0
"""So long a question may take."""
MEMORY: Final = 1_000
"""So many megabytes the engine may hold; what does not fit is not put on the disk either."""


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
    row a series. Every part is checked by its sha256 first. `keys`: only these series, each once; without
    them one that is damaged is left out and named in the answer.

    `known_at` (UTC nanoseconds): the views as they were then. `bars` holds what `ParquetCatalogue.read` would give for
    that time, `revisions` and `refused` what had been received by then, `series` counts these.

    DuckDB runs in a process of its own, which is killed after `seconds` and gets a GB of memory: a third of a second is
    what that costs. Raises InvalidInput for SQL that does not run, or not within these, Refused for anything but
    one SELECT, StoreDamaged for a series that was named.
    """
    manifests, files, left_out = _sound(catalogue, keys)
    places = {manifest.key: series_folder(catalogue.root.resolve(), manifest.key) for manifest in manifests}
    shown = views(manifests, places, known_at)
    found = asked(Question(sql, shown, tuple(map(str, files)), most + 1, MEMORY), seconds)
    if isinstance(found, Failure):
        raise _refusal(found, files)
    return Answer(found.columns, found.rows[:most], len(found.rows) > most, tuple(left_out))


def _refusal(failure: Failure, files: Sequence[Path]) -> Exception:
    """What the engine says, as one of our errors."""
    if failure.kind == "no_select":
        return Refused("a catalogue is asked, never changed: only one SELECT at a time", fix=_views_words())
    if failure.kind == "outside" and not all(file.exists() for file in files):
        return StoreUnavailable("the catalogue changed while it was read", fix="ask again")
    if failure.kind == "outside":
        return Refused(f"a question reads the catalogue alone: {failure.words}", fix=_views_words())
    cannot = "cannot be read" if failure.kind == "unreadable" else "does not run"
    return InvalidInput(f"that SQL {cannot}: {failure.words}", fix=_views_words())


def _sound(
    catalogue: ParquetCatalogue, keys: Iterable[SeriesKey] | None
) -> tuple[list[Manifest], list[Path], list[DamagedSeries]]:
    """The manifests and the files of what can be read, and what cannot; the latter raises where it was asked for."""
    survey = catalogue.survey() if keys is None else Survey(tuple(dict.fromkeys(keys)), ())
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


def _views_words() -> str:
    return f"ask the views {', '.join(VIEWS)}, for example: SELECT symbol, count(*) FROM bars GROUP BY symbol"
