"""The manifest of a series: which parts it is made of. Replacing it is the commit."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final, final

from autonomous_trading.adapters._ordinary import ordinary_bytes
from autonomous_trading.core import StoreDamaged, StoreUnavailable, Timeframe
from autonomous_trading.data import SeriesKey, Span

__all__ = [
    "MANIFEST",
    "PART_NAME",
    "Manifest",
    "Part",
    "checked_text",
    "damaged",
    "own_bytes",
    "read_manifest",
    "sealed_text",
]

MANIFEST: Final = "manifest.json"
_FORMAT: Final = 1
_MOST: Final = 1 << 28  # bytes: a manifest of a million parts
PART_NAME: Final = re.compile(r"(bars|sent|revised|refused)-\d{8,}-[0-9a-f]{8}\.parquet")


@final
@dataclass(frozen=True, slots=True)
class Part:
    """One Parquet file: its sha256, and what it holds.

    `kind` is "bars" (first values, known when the bar was over), "sent" (first values of live deliveries, known when
    they were received), "revised" (later ones, known when they were received) or "refused". `bucket` is the stretch of
    time that its rows lie in, `level` the power of its number of rows: parts of one level are put together.
    """

    name: str
    sha256: str
    size: int
    kind: str
    bucket: int
    level: int
    rows: int
    first: int
    last: int


@final
@dataclass(frozen=True, slots=True)
class Manifest:
    """What a series holds. `deliveries` counts those that changed something; `received_at` is the latest of all."""

    key: SeriesKey
    deliveries: int = 0
    received_at: int = 0
    bars: int = 0
    revisions: int = 0
    refused: int = 0
    spans: tuple[Span, ...] = ()
    parts: tuple[Part, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)

    def of_kind(self, kind: str, span: Span | None = None) -> tuple[Part, ...]:
        """The parts of a kind that may hold rows of a span."""
        return tuple(
            part
            for part in self.parts
            if part.kind == kind and (span is None or (part.first < span.stop and part.last >= span.start))
        )

    @property
    def text(self) -> str:
        """As it is written: the sha256 of what follows, and one JSON document."""
        key = self.key
        document = {
            "format": _FORMAT,
            "key": [key.source, key.symbol, key.timeframe.text, key.adjustment],
            **{name: getattr(self, name) for name in ("deliveries", "received_at", "bars", "revisions", "refused")},
            "spans": self.spans,
            "facts": dict(self.facts),
            "parts": [list(asdict(part).values()) for part in self.parts],
        }
        return sealed_text(document)


def read_manifest(folder: Path, key: SeriesKey | None = None) -> Manifest | None:
    """The manifest in a folder, None where there is none (yet).

    Raises StoreDamaged where it is not what was written, or that of another series.
    """
    path = folder / MANIFEST
    document = checked_text(path)
    if document is None:
        return None
    try:
        found = _manifest_of(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:  # sealed, and by somebody else than us
        raise damaged(path, "it is no manifest") from error
    if key is not None and found.key != key:
        raise damaged(path, f"it is that of {found.key.text}, not of {key.text}")
    return found


def _manifest_of(document: dict[str, Any]) -> Manifest:
    source, symbol, timeframe, adjustment = document.pop("key")
    document.pop("format")
    parts = tuple(Part(*values) for values in document.pop("parts"))
    if not all(PART_NAME.fullmatch(part.name) and isinstance(part.size, int) for part in parts):
        raise ValueError("a part lies elsewhere")
    spans = tuple(Span(*each) for each in document.pop("spans"))
    key = SeriesKey(source, symbol, Timeframe.of(timeframe), adjustment)
    return replace(Manifest(key, **document), parts=parts, spans=spans)


def sealed_text(document: Mapping[str, Any]) -> str:
    """A JSON document behind its own sha256."""
    body = json.dumps(document, separators=(",", ":"), allow_nan=False, sort_keys=True)
    return f"{hashlib.sha256(body.encode()).hexdigest()}\n{body}\n"


def checked_text(path: Path) -> dict[str, Any] | None:
    """The document of a sealed file, None where there is no such file. Raises StoreDamaged."""
    try:
        data = own_bytes(path, _MOST)
    except FileNotFoundError:
        return None
    seal, _, body = data.partition(b"\n")
    if not body.endswith(b"\n") or hashlib.sha256(body[:-1]).hexdigest().encode() != seal:
        raise damaged(path, "its checksum does not hold")
    try:
        document: dict[str, Any] = json.loads(body)
    except (ValueError, RecursionError) as error:  # sealed, and by somebody else than us
        raise damaged(path, "it holds something else") from error
    if not isinstance(document, dict):
        raise damaged(path, "it holds something else")
    if document.get("format") != _FORMAT:
        raise StoreUnavailable(
            f"{path} was written by another version of this package", fix="upgrade the package, or fetch the data again"
        )
    return document


def own_bytes(path: Path, most: int) -> bytes:
    """The bytes of a file that only we write, no more of them than show that it is another one.

    Raises FileNotFoundError, StoreUnavailable also where something else bears its name: a pipe, a device, a link.
    """
    try:
        return ordinary_bytes(path, links=False, most=most)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StoreUnavailable(f"cannot read {path}: {error.strerror}", fix="make it a file you may read") from error


def damaged(path: Path, what: str) -> StoreDamaged:
    """The error for a file that does not hold what was written to it."""
    return StoreDamaged(
        f"{path} is damaged: {what}",
        fix=f"put back {path.parent} from a backup, or remove that folder and fetch the data again",
    )
