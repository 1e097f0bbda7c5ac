"""Parts: written once, checked whenever they are read, put together when there are many of them."""

import hashlib
import math
import re
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, TypeVar, final

import numpy as np

from autonomous_trading.adapters.catalogue._manifest import (
    MANIFEST,
    PART_NAME,
    Manifest,
    Part,
    damaged,
    own_bytes,
    read_manifest,
)
from autonomous_trading.adapters.catalogue._rows import Rows, decoded, encoded, joined, order_of_delivery, taken
from autonomous_trading.adapters.catalogue._writer import write_whole
from autonomous_trading.core import IntArray, StoreUnavailable, Timeframe
from autonomous_trading.data import SeriesKey, Span

__all__ = ["buckets", "check_parts", "checked_files", "cleaned", "compacted", "read_parts", "settled", "write_parts"]

FAN: Final = 16
"""So many parts of one level are put together to one of the next."""
CLOSED: Final = 4
"""A stretch of time that newer rows have left behind keeps at most so many parts."""
MOST_ROWS: Final = 4_000_000
"""Parts are not put together beyond this: what a reader holds in memory at once is bounded."""
_LEFT: Final = re.compile(r"\..*\.tmp")
_LOOKS: Final = 20
_FIRST: Final = ("bars", "sent")

_Found = TypeVar("_Found")


@final
class PartGone(Exception):
    """A part was taken away between the reading of the manifest and its own: put together with others meanwhile."""


def settled(folder: Path, key: SeriesKey, look: Callable[[Manifest], _Found], none: _Found) -> _Found:
    """What `look` finds in a series, `none` where there is no series. A writer at work is never waited for.

    Where parts are put together while we read, the newer manifest is read instead. Raises StoreDamaged.
    """
    manifest = read_manifest(folder, key)
    for _ in range(_LOOKS):
        if manifest is None:
            return none
        try:
            return look(manifest)
        except PartGone as gone:
            newer = read_manifest(folder, key)
            if newer == manifest:
                raise damaged(folder / str(gone), "the file is gone") from gone
            manifest = newer
    raise StoreUnavailable(f"{folder} changes faster than it can be read", fix="try again when its sync is through")


def checked_files(folder: Path, key: SeriesKey) -> tuple[Manifest, tuple[Path, ...]] | None:
    """The manifest of a series and its files, every byte of which was looked at; None where there is no series.

    Raises StoreDamaged, also for a file that is gone: where parts were put together meanwhile, the newer ones are read.
    """

    def look(manifest: Manifest) -> tuple[Manifest, tuple[Path, ...]]:
        check_parts(folder, manifest.parts)
        return manifest, tuple(folder / part.name for part in manifest.parts)

    return settled(folder, key, look, None)


def check_parts(folder: Path, parts: Iterable[Part]) -> None:
    """Look at every byte of some parts, decoding none. Raises StoreDamaged, PartGone."""
    for part in parts:
        _checked_bytes(folder, part)


def _checked_bytes(folder: Path, part: Part) -> bytes:
    """The bytes of a part. Raises StoreDamaged where they are not those that were written, PartGone."""
    path = folder / part.name
    try:
        data = own_bytes(path, part.size)
    except FileNotFoundError as error:
        raise PartGone(part.name) from error
    if hashlib.sha256(data).hexdigest() != part.sha256:
        raise damaged(path, "its checksum does not hold")
    return data


def read_parts(
    folder: Path, parts: Iterable[Part], span: Span | None = None, columns: Sequence[str] | None = None
) -> Rows:
    """The rows of some parts, those of a span only, with all columns or these; {} where there are none."""
    found = []
    for part in parts:
        rows = decoded(_checked_bytes(folder, part), columns)
        if span is not None and (part.first < span.start or part.last >= span.stop):
            rows = taken(rows, (rows["time"] >= span.start) & (rows["time"] < span.stop))
        found.append(rows)
    return joined(found)


def write_parts(folder: Path, manifest: Manifest, kind: str, rows: Rows, *, level: int = 0) -> tuple[Part, ...]:
    """New files with these rows, one for each stretch of time; they count once a manifest names them.

    Their level is at least that of their number of rows: what came as one large part is not written again with small
    ones.
    """
    if not rows or not len(rows["time"]):
        return ()
    timeframe = manifest.key.timeframe
    stretch = np.zeros(len(rows["time"]), np.int64) if kind == "refused" else buckets(timeframe, rows["time"])
    written = []
    for bucket in np.unique(stretch):
        own = taken(rows, stretch == bucket)
        data = encoded(own)
        name = f"{kind}-{manifest.deliveries:08d}-{secrets.token_hex(4)}.parquet"
        write_whole(folder / name, data)
        times = own["time"]
        seal = hashlib.sha256(data).hexdigest()
        rank = max(level, int(math.log(len(times), FAN)))
        part = Part(name, seal, len(data), kind, int(bucket), rank, len(times), int(times.min()), int(times.max()))
        written.append(part)
    return tuple(written)


def buckets(timeframe: Timeframe, time: IntArray) -> IntArray:
    """In which stretch each time lies: a month for bars below a minute, a year below an hour, a decade below a day.

    Longer bars have one stretch for all of them. So a part holds up to some hundred thousand rows, whatever the length.
    """
    if not timeframe.is_intraday:
        return np.zeros(len(time), dtype=np.int64)
    unit = "M" if timeframe.ns < 60_000_000_000 else "Y"
    number = time.astype("datetime64[ns]").astype(f"datetime64[{unit}]").astype(np.int64)
    return np.asarray(number // (10 if timeframe.ns >= 3_600_000_000_000 else 1), dtype=np.int64)


def compacted(folder: Path, manifest: Manifest, parts: Sequence[Part]) -> tuple[Part, ...]:
    """The same rows in fewer parts where there are many; nothing is dropped, and the old files stay until cleaned.

    Rows are put together with others of about the same number, so each is written again a few times in its life.
    """
    groups: defaultdict[tuple[str, int], list[Part]] = defaultdict(list)
    for part in parts:
        groups[part.kind, part.bucket].append(part)
    newest = max((part.bucket for part in parts if part.kind in _FIRST), default=0)
    kept: list[Part] = []
    for (kind, bucket), own in groups.items():
        together = _together(own, closed=kind != "refused" and bucket < newest)
        kept += [part for part in own if part not in together]
        if together:
            rows = read_parts(folder, together)
            order = np.argsort(rows["time"], kind="stable") if kind in _FIRST else order_of_delivery(rows)
            level = max(part.level for part in together) + 1
            kept += write_parts(folder, manifest, kind, taken(rows, order), level=level)
    return tuple(kept)


def _together(parts: Sequence[Part], *, closed: bool) -> list[Part]:
    """Which of the parts of one stretch are put together now."""
    if closed and len(parts) > CLOSED and sum(part.rows for part in parts) <= MOST_ROWS:
        return list(parts)
    for level in sorted({part.level for part in parts}):
        same = [part for part in parts if part.level == level]
        if len(same) >= FAN and sum(part.rows for part in same) <= MOST_ROWS:
            return same
    return []


def cleaned(folder: Path, manifest: Manifest) -> None:
    """Take away what no manifest names: parts that were put together, and what a crash left. For the writer alone."""
    named = {part.name for part in manifest.parts} | {MANIFEST}
    for path in folder.iterdir():
        ours = PART_NAME.fullmatch(path.name) or _LEFT.fullmatch(path.name)
        if ours and path.name not in named and not path.is_dir():
            path.unlink(missing_ok=True)
