"""Bars, what they were before they were revised, and corporate actions, as Parquet files below one folder."""

import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, final

import numpy as np

from autonomous_trading.adapters.catalogue._action_files import actions_kept, actions_known
from autonomous_trading.adapters.catalogue._manifest import MANIFEST, Manifest, damaged, read_manifest
from autonomous_trading.adapters.catalogue._names import actions_folder, inside, series_folder
from autonomous_trading.adapters.catalogue._parts import check_parts, checked_files, cleaned, read_parts, settled
from autonomous_trading.adapters.catalogue._rows import Rows, bars_of, raw_of, taken
from autonomous_trading.adapters.catalogue._versions import HELD, changed, times_in, values_at
from autonomous_trading.adapters.catalogue._writer import one_writer, write_whole
from autonomous_trading.app.market_data import (
    ActionCatalogue,
    ActionsCommitted,
    BarCatalogue,
    Committed,
    Delivery,
    Quarantined,
)
from autonomous_trading.core import (
    Bars,
    DataNotFound,
    IntArray,
    InvalidInput,
    StoreDamaged,
    StoreUnavailable,
    time_text,
)
from autonomous_trading.data import RawBars, SeriesKey, Span
from autonomous_trading.data.actions import CorporateAction

__all__ = ["DamagedSeries", "ParquetCatalogue", "SeriesSummary", "Survey"]


@final
@dataclass(frozen=True, slots=True)
class SeriesSummary:
    """What one series holds: bars, values that came later, rows put aside, files and their bytes.

    `first` and `last` are the starts of its first and last bar (None where it has none), `received_at` that of the last
    delivery that changed something, all UTC nanoseconds.
    """

    key: SeriesKey
    bars: int
    first: int | None
    last: int | None
    revisions: int
    refused: int
    spans: tuple[Span, ...]
    files: int
    size: int
    received_at: int


@final
@dataclass(frozen=True, slots=True)
class DamagedSeries:
    """A series that cannot be read: its folder, its key (None where nothing says it any more), and the error of it."""

    folder: Path
    key: SeriesKey | None
    error: StoreDamaged | StoreUnavailable


class Survey(NamedTuple):
    """The series of a catalogue whose manifests can be read, and those whose cannot; each in order."""

    keys: tuple[SeriesKey, ...]
    damaged: tuple[DamagedSeries, ...]


@final
class ParquetCatalogue(BarCatalogue, ActionCatalogue):
    """Bars below one folder: a folder per series, append-only Parquet parts, and a manifest that is the commit.

    Every byte read is checked against the sha256 that was written with it: StoreDamaged names the file. Several
    processes may write; a series has one writer at a time and the next one waits. Readers never wait. Nothing is kept
    in memory between calls.
    """

    def __init__(self, root: str | Path) -> None:
        """The folder need not exist; it is made by the first commit. Raises InvalidInput where there can be none."""
        self._root = Path(root)
        try:
            is_folder = stat.S_ISDIR(self._root.stat().st_mode)
        except (FileNotFoundError, NotADirectoryError):
            return
        except (OSError, ValueError) as error:  # too long a name, NUL in it, a link to itself, a folder that is shut
            reason = getattr(error, "strerror", None) or error
            raise InvalidInput(f"no catalogue can lie in {str(root)[:80]!r}: {reason}", fix="name a folder") from error
        if not is_folder:
            raise InvalidInput(f"{self._root} is a file, and a catalogue is a folder", fix="name a folder")

    @property
    def root(self) -> Path:
        """The folder."""
        return self._root

    def series(self) -> tuple[SeriesKey, ...]:
        """Every series that holds something, in order of source, symbol and length of the bars. Raises StoreDamaged."""
        found = self.survey()
        for each in found.damaged:
            raise each.error
        return found.keys

    def survey(self) -> Survey:
        """Every series, and what cannot be read beside them instead of an error; no part is read (see `verify`)."""
        keys: list[SeriesKey] = []
        unsound: list[DamagedSeries] = []
        for path in sorted(self._root.glob(f"*/*/*/{MANIFEST}")):
            try:
                manifest = self._manifest_at(path)
            except (StoreDamaged, StoreUnavailable) as error:
                unsound.append(DamagedSeries(path.parent, None, error))
                continue
            if manifest is not None:  # else it was taken away since the folder was listed
                keys.append(manifest.key)
        keys.sort(key=lambda key: (key.source, key.symbol, key.timeframe, key.adjustment))
        return Survey(tuple(keys), tuple(unsound))

    def verify(self, key: SeriesKey) -> DamagedSeries | None:
        """What is wrong with the manifest and the files of a series, every byte of which is read; None for nothing."""
        folder = self._folder(key)
        try:
            checked_files(folder, key)
        except (StoreDamaged, StoreUnavailable) as error:
            return DamagedSeries(folder, key, error)
        return None

    def spans(self, key: SeriesKey) -> tuple[Span, ...]:
        """For which times the source has answered, merged; () for a series that is not there."""
        manifest = read_manifest(self._folder(key), key)
        return () if manifest is None else manifest.spans

    def facts(self, key: SeriesKey) -> Mapping[str, str]:
        """The words about a series that came with its deliveries; none for a series that is not there."""
        manifest = read_manifest(self._folder(key), key)
        return {} if manifest is None else manifest.facts

    def summary(self, key: SeriesKey) -> SeriesSummary:
        """What a series holds, from its manifest alone: no part is read. Raises DataNotFound."""
        manifest = read_manifest(self._folder(key), key)
        if manifest is None:
            raise self._nothing(key)
        held = [part for kind in HELD for part in manifest.of_kind(kind)]
        return SeriesSummary(
            key=key,
            bars=manifest.bars,
            first=min((part.first for part in held), default=None),
            last=max((part.last for part in held), default=None),
            revisions=manifest.revisions,
            refused=manifest.refused,
            spans=manifest.spans,
            files=len(manifest.parts),
            size=sum(part.size for part in manifest.parts),
            received_at=manifest.received_at,
        )

    def commit(self, key: SeriesKey, delivery: Delivery) -> Committed:
        """Keep a delivery: all of it or, after a crash at any point, none."""
        folder = self._folder(key)
        with one_writer(folder):
            before = read_manifest(folder, key) or Manifest(key)
            after, told = changed(folder, before, delivery)
            if after is not before:
                write_whole(folder / MANIFEST, after.text.encode())
            cleaned(folder, after)
        return told

    def read(self, key: SeriesKey, span: Span | None = None, *, known_at: int | None = None) -> Bars:
        """The bars of a span, as they were known at a time (default: as they are known now)."""
        folder = self._folder(key)
        empty: Rows = {}
        rows = settled(folder, key, lambda manifest: values_at(folder, manifest, span, known_at), empty)
        if not rows:
            raise self._nothing(key, span, known_at)
        return bars_of(rows, key.symbol)

    def times(self, key: SeriesKey, span: Span | None = None) -> IntArray:
        """The starts of the bars of a span, in order: quicker than reading their values. None where there are none."""
        folder = self._folder(key)
        return settled(folder, key, lambda manifest: times_in(folder, manifest, span), np.empty(0, np.int64))

    def checked_times(self, key: SeriesKey) -> IntArray | DamagedSeries:
        """As `times`, after a look at every file as `verify` does, each of which is read once; or what is wrong."""
        folder = self._folder(key)

        def look(manifest: Manifest) -> IntArray:
            check_parts(folder, (part for part in manifest.parts if part.kind not in HELD))
            return times_in(folder, manifest, None)

        try:
            return settled(folder, key, look, np.empty(0, np.int64))
        except (StoreDamaged, StoreUnavailable) as error:
            return DamagedSeries(folder, key, error)

    def quarantined(self, key: SeriesKey) -> tuple[Quarantined, ...]:
        """What was put aside, delivery by delivery."""
        found = self._deliveries(key, "refused")
        return tuple(Quarantined(raw_of(rows, key.symbol), tuple(rows["reason"].tolist())) for rows in found)

    def revisions(self, key: SeriesKey) -> tuple[RawBars, ...]:
        """The values that came later than an earlier answer for their time, delivery by delivery."""
        return tuple(raw_of(rows, key.symbol) for rows in self._deliveries(key, "revised"))

    def actions(self, source: str, symbol: str, *, known_at: int | None = None) -> tuple[CorporateAction, ...]:
        """The corporate actions of a symbol in order of time, as they were known at a time."""
        return actions_known(actions_folder(self._root, source, symbol), known_at)

    def commit_actions(
        self, source: str, symbol: str, span: Span, actions: Sequence[CorporateAction], received_at: int
    ) -> ActionsCommitted:
        """Keep what a source answered for a span of ex times."""
        return actions_kept(actions_folder(self._root, source, symbol), (source, symbol), span, actions, received_at)

    def _folder(self, key: SeriesKey) -> Path:
        return series_folder(self._root, key)

    def _manifest_at(self, path: Path) -> Manifest | None:
        manifest = read_manifest(inside(self._root, path.parent))
        if manifest is not None and self._folder(manifest.key) != path.parent:
            raise damaged(path, f"it is that of {manifest.key.text}, which lies elsewhere")
        return manifest

    def _deliveries(self, key: SeriesKey, kind: str) -> list[Rows]:
        folder = self._folder(key)
        empty: Rows = {}
        rows = settled(folder, key, lambda manifest: read_parts(folder, manifest.of_kind(kind)), empty)
        if not rows:
            return []
        return [taken(rows, rows["delivery"] == number) for number in np.unique(rows["delivery"])]

    def _nothing(self, key: SeriesKey, span: Span | None = None, known_at: int | None = None) -> DataNotFound:
        when = "" if span is None else f" from {time_text(span.start)} to {time_text(span.stop)}"
        then = "" if known_at is None else f" that was known at {time_text(known_at)}"
        return DataNotFound(
            f"{self._root} holds nothing of {key.text}{when}{then}",
            fix="fetch it first ('autotrade data fetch'); 'autotrade data list' shows what is there",
        )
