"""The views of a catalogue as SQL over its files: as it is now, or as it was known at a time."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from autonomous_trading.adapters.catalogue._manifest import Manifest
from autonomous_trading.adapters.catalogue._versions import HELD
from autonomous_trading.core import Timeframe
from autonomous_trading.data import SeriesKey

__all__ = ["VIEWS", "listed", "views"]

VIEWS: Final = ("bars", "revisions", "refused", "series")
_NUMBERS: Final = "open, high, low, close, volume"
_COLUMNS: Final = f"make_timestamp_ns(time) AS time, {_NUMBERS}, make_timestamp_ns(received_at) AS received_at"
_EMPTY: Final = (
    "SELECT ''::VARCHAR AS source, ''::VARCHAR AS symbol, ''::VARCHAR AS timeframe, ''::VARCHAR AS adjustment,"
    " NULL::TIMESTAMP_NS AS time, 0::DOUBLE AS open, 0::DOUBLE AS high, 0::DOUBLE AS low, 0::DOUBLE AS close,"
    " 0::DOUBLE AS volume, NULL::TIMESTAMP_NS AS received_at{more} WHERE false"
)
_NONE: Final[Mapping[str, str]] = {
    "bars": _EMPTY.format(more=""),
    "revisions": _EMPTY.format(more=""),
    "refused": _EMPTY.format(more=", ''::VARCHAR AS reason"),
    "series": "SELECT '' AS source, '' AS symbol, '' AS timeframe, '' AS adjustment, 0 AS bars, 0 AS revisions,"
    " 0 AS refused WHERE false",
}


def views(manifests: Sequence[Manifest], places: Mapping[SeriesKey, Path], known_at: int | None) -> dict[str, str]:
    """The SELECT behind each view; with `known_at`, of what counted at that time alone."""
    parts: dict[str, list[str]] = {name: [] for name in VIEWS}
    for manifest in manifests:
        own = _of_series(manifest, places[manifest.key], known_at)
        named = _named(manifest.key)
        for name, text in own.items():
            more = ", reason" if name == "refused" else ""
            parts[name].append(f"SELECT {named}, {_COLUMNS}{more} FROM ({text})")
        counts = {"bars": manifest.bars, "revisions": manifest.revisions, "refused": manifest.refused}
        told = ", ".join(f"{_count(own.get(name), count, known_at)} AS {name}" for name, count in counts.items())
        parts["series"].append(f"SELECT {named}, {told}")
    return {name: " UNION ALL ".join(texts) or _NONE[name] for name, texts in parts.items()}


def _count(rows: str | None, now: int, known_at: int | None) -> str:
    """How many rows there are: the manifest knows it of now, and the rows of any other time."""
    if known_at is None:
        return str(now)
    return "0" if rows is None else f"(SELECT count(*) FROM ({rows}))"


def _of_series(manifest: Manifest, folder: Path, known_at: int | None) -> dict[str, str]:
    """The rows of each view that holds some of a series, in the columns of its files."""
    files = {kind: [folder / part.name for part in manifest.of_kind(kind)] for kind in (*HELD, "refused")}
    found: dict[str, str] = {}
    if any(files[kind] for kind in HELD):
        latest = "QUALIFY row_number() OVER (PARTITION BY time ORDER BY delivery DESC) = 1" if files["revised"] else ""
        found["bars"] = f"SELECT * FROM ({_held(files, manifest.key.timeframe, known_at)}) {latest}"
    if files["revised"]:
        found["revisions"] = f"SELECT * FROM {_rows(files['revised'])}{_received(known_at)}"
    if files["refused"]:
        found["refused"] = f"SELECT * FROM {_rows(files['refused'])}{_received(known_at)}"
    return found


def _held(files: Mapping[str, Sequence[Path]], timeframe: Timeframe, known_at: int | None) -> str:
    """The rows that hold values of bars: the rule of `known_at` is that of `values_at`, in SQL."""
    if known_at is None:
        return f"SELECT * FROM {_rows([file for kind in HELD for file in files[kind]])}"
    over = _over(timeframe)
    found = []
    for kind in HELD:
        known = over if kind == "bars" else f"greatest({over}, received_at)"
        if files[kind]:
            found.append(
                f"SELECT time, {_NUMBERS}, received_at, delivery FROM {_rows(files[kind])} WHERE {known} <= {known_at}"
            )
    return " UNION ALL ".join(found)


def _over(timeframe: Timeframe) -> str:
    """When a bar is over, UTC nanoseconds, as `Timeframe.following` says it."""
    if timeframe.unit == "M":
        return f"epoch_ns(date_trunc('month', make_timestamp(time // 1000)) + INTERVAL {timeframe.count} MONTH)"
    return f"time + {timeframe.ns}"


def _received(known_at: int | None) -> str:
    return "" if known_at is None else f" WHERE received_at <= {known_at}"


def _named(key: SeriesKey) -> str:
    columns = (
        ("source", key.source),
        ("symbol", key.symbol),
        ("timeframe", key.timeframe.text),
        ("adjustment", key.adjustment),
    )
    return ", ".join(f"{_quoted(value)} AS {name}" for name, value in columns)


def _rows(files: Sequence[Path]) -> str:
    return f"read_parquet({listed(files)}, union_by_name = true)"


def listed(files: Sequence[Path]) -> str:
    """Files as a list of SQL."""
    return f"[{', '.join(_quoted(str(file)) for file in files)}]::VARCHAR[]"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
