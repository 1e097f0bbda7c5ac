"""Questions in SQL to a catalogue: DuckDB reads its parts, and can reach nothing else and change nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final

from autonomous_trading.adapters.catalogue._catalogue import ParquetCatalogue
from autonomous_trading.adapters.catalogue._engine import Failure, Question, asked
from autonomous_trading.adapters.catalogue._manifest import Manifest, Part, read_manifest
from autonomous_trading.adapters.catalogue._names import series_folder
from autonomous_trading.adapters.catalogue._parts import PartGone, checked_bytes
from autonomous_trading.adapters.catalogue._versions import HELD
from autonomous_trading.core import DataNotFound, InvalidInput, Refused, StoreUnavailable
from autonomous_trading.data import SeriesKey

__all__ = ["VIEWS", "Answer", "query"]

SECONDS: Final = 60.0
"""So long a question may take."""
MEMORY: Final = 1_000
"""So many megabytes the engine may hold; what does not fit is not put on the disk either."""
VIEWS: Final = ("bars", "revisions", "refused", "series")
_NUMBERS: Final = "open, high, low, close, volume"
_COLUMNS: Final = f"make_timestamp_ns(time) AS time, {_NUMBERS}, make_timestamp_ns(received_at) AS received_at"
_EMPTY: Final = (
    "SELECT ''::VARCHAR AS source, ''::VARCHAR AS symbol, ''::VARCHAR AS timeframe, ''::VARCHAR AS adjustment,"
    " NULL::TIMESTAMP_NS AS time, 0::DOUBLE AS open, 0::DOUBLE AS high, 0::DOUBLE AS low, 0::DOUBLE AS close,"
    " 0::DOUBLE AS volume, NULL::TIMESTAMP_NS AS received_at{more} WHERE false"
)


@final
@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of an answer, and whether there were more than asked for. Times are UTC without a zone."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    cut_off: bool


def query(
    catalogue: ParquetCatalogue,
    sql: str,
    *,
    keys: Iterable[SeriesKey] | None = None,
    most: int = 1_000,
    seconds: float = SECONDS,
) -> Answer:
    """What one SELECT finds in the views of a catalogue, at most so many rows.

    `bars` (source, symbol, timeframe, adjustment, time, open, high, low, close, volume, received_at) holds every bar as
    it is known now, `revisions` the values that came later, `refused` (and `reason`) what was put aside, `series` one
    row a series. `keys`: only these series; every part of them is checked by its sha256 first.

    DuckDB runs in a process of its own, which is killed after `seconds` and gets a GB of memory: a third of a second is
    what that costs. Raises InvalidInput for SQL that does not run, or not within these, Refused for anything but
    one SELECT, StoreDamaged.
    """
    manifests = [_manifest(catalogue, key) for key in (catalogue.series() if keys is None else keys)]
    places = {manifest.key: series_folder(catalogue.root.resolve(), manifest.key) for manifest in manifests}
    files = [_checked(places[manifest.key], part) for manifest in manifests for part in manifest.parts]
    question = Question(sql, _views(manifests, places), tuple(map(str, files)), most + 1, MEMORY)
    found = asked(question, seconds)
    if isinstance(found, Failure):
        raise _refusal(found, files)
    return Answer(found.columns, found.rows[:most], len(found.rows) > most)


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


def _manifest(catalogue: ParquetCatalogue, key: SeriesKey) -> Manifest:
    manifest = read_manifest(series_folder(catalogue.root, key), key)
    if manifest is None:
        raise DataNotFound(f"{catalogue.root} holds nothing of {key.text}", fix="see 'autotrade data list'")
    return manifest


def _checked(folder: Path, part: Part) -> Path:
    try:
        checked_bytes(folder, part)
    except PartGone as gone:
        raise StoreUnavailable("the catalogue changed while it was read", fix="ask again") from gone
    return folder / part.name


def _views(manifests: Sequence[Manifest], places: dict[SeriesKey, Path]) -> dict[str, str]:
    """The views by name."""
    parts: dict[str, list[str]] = {name: [] for name in VIEWS}
    for manifest in manifests:
        folder, key = places[manifest.key], manifest.key
        named = ", ".join(
            f"{_quoted(value)} AS {name}"
            for name, value in (
                ("source", key.source),
                ("symbol", key.symbol),
                ("timeframe", key.timeframe.text),
                ("adjustment", key.adjustment),
            )
        )
        files = {kind: [folder / part.name for part in manifest.of_kind(kind)] for kind in (*HELD, "refused")}
        held = [file for kind in HELD for file in files[kind]]
        parts["series"].append(
            f"SELECT {named}, {manifest.bars} AS bars, {manifest.revisions} AS revisions, {manifest.refused} AS refused"
        )
        if held:
            latest = (
                "QUALIFY row_number() OVER (PARTITION BY time ORDER BY delivery DESC) = 1" if files["revised"] else ""
            )
            rows = f"SELECT * FROM {_rows(held)} {latest}"
            parts["bars"].append(f"SELECT {named}, {_COLUMNS} FROM ({rows})")
        if files["revised"]:
            parts["revisions"].append(f"SELECT {named}, {_COLUMNS} FROM {_rows(files['revised'])}")
        if files["refused"]:
            parts["refused"].append(f"SELECT {named}, {_COLUMNS}, reason FROM {_rows(files['refused'])}")
    empty = {
        "bars": _EMPTY.format(more=""),
        "revisions": _EMPTY.format(more=""),
        "refused": _EMPTY.format(more=", ''::VARCHAR AS reason"),
        "series": "SELECT '' AS source, '' AS symbol, '' AS timeframe, '' AS adjustment, 0 AS bars, 0 AS revisions,"
        " 0 AS refused WHERE false",
    }
    return {name: " UNION ALL ".join(texts) or empty[name] for name, texts in parts.items()}


def _rows(files: Sequence[Path]) -> str:
    return f"read_parquet({_listed(files)}, union_by_name = true)"


def _listed(files: Sequence[Path]) -> str:
    return f"[{', '.join(_quoted(str(file)) for file in files)}]::VARCHAR[]"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _views_words() -> str:
    return f"ask the views {', '.join(VIEWS)}, for example: SELECT symbol, count(*) FROM bars GROUP BY symbol"
