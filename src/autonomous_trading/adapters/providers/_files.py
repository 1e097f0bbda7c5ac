"""Files and folders as a source of bars: what lies in them goes the same way as what a broker sends."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, final

import numpy as np

from autonomous_trading.adapters._column_names import PRICES, assign_roles
from autonomous_trading.adapters._file_tables import SUFFIXES, read_file, stem_of
from autonomous_trading.adapters._folders import files_in
from autonomous_trading.adapters._instruments import instruments_of
from autonomous_trading.adapters._numbers import number_column, try_number_column
from autonomous_trading.adapters._ordinary import lies_inside
from autonomous_trading.adapters._raw_table import RawTable
from autonomous_trading.adapters._times import bar_times
from autonomous_trading.adapters.providers._offers import checked_request, due_rows
from autonomous_trading.adapters.providers._settings import ProviderSettings
from autonomous_trading.app.market_data import BarProvider, Capabilities
from autonomous_trading.core import (
    FloatArray,
    IntArray,
    InvalidBars,
    InvalidInput,
    SourceCorrupt,
    Timeframe,
    unknown_name,
)
from autonomous_trading.data import BarsRequest, RawBars

__all__ = ["ANY_TIMEFRAME", "FileProvider", "file_provider"]

ANY_TIMEFRAME: Final = (
    *("1s", "5s", "10s", "15s", "30s", "1m", "2m", "3m", "5m", "10m", "15m", "30m", "45m"),
    *("1h", "2h", "3h", "4h", "6h", "8h", "12h", "1d", "1w", "1M"),
)
"""The lengths of bars that files and tables may hold."""

_MONTH_DAYS: Final = (28, 31)
_DAY_NS: Final = 86_400_000_000_000


@final
class FileProvider(BarProvider):
    """Files by their paths: "file:prices/SPY.csv:1d". CSV (also packed), Parquet, Feather.

    A symbol is a path, below `folder` where one is given: then nothing outside it is read, and the ending may be left
    out ("SPY" is SPY.csv there). "prices.parquet#SPY" is one instrument of a file that holds several. An adjusted close
    is left aside; columns of numbers that are no prices come along as extra columns.
    """

    def __init__(self, folder: str = "", *, now: Callable[[], int] = time.time_ns) -> None:
        self._folder, self._now = folder, now

    @property
    def name(self) -> str:
        """What a data string calls it."""
        return "file"

    def capabilities(self) -> Capabilities:
        """Bars of any usual length, as they stand there."""
        return Capabilities(ANY_TIMEFRAME, ends_with_last=True)

    def symbols(self) -> tuple[str, ...]:
        """The files in the folder by their names without ending, in order. Raises InvalidInput without a folder."""
        if not self._folder:
            raise InvalidInput("files without a folder cannot be listed", fix="name a folder, or a file by its path")
        return tuple(stem_of(path) for path in files_in(Path(self._folder).expanduser()))

    def pages(self, request: BarsRequest) -> Iterator[RawBars]:
        """The rows asked for, one page a file: see `BarProvider`.

        InvalidInput where the bars of a file are of another length than was asked for.
        """
        checked_request(self.name, self.capabilities(), request)
        found = [(symbol, *self._found(symbol)) for symbol in request.symbols]
        now = self._now()
        for symbol, path, instrument in found:
            rows = raw_rows(_instrument(path, symbol, instrument), symbol, now)
            check_length(f"{self.name} {symbol}", rows.time, request.timeframe)
            page = rows.taken(due_rows(rows.time, request, now))
            if len(page):
                yield page

    def close(self) -> None:
        """Nothing is held open."""

    def _found(self, symbol: str) -> tuple[Path, str]:
        """The file that a symbol means, and the instrument in it ("" for its only one). Raises UnknownName."""
        named, _, instrument = symbol.partition("#")
        if not self._folder:
            return _existing(Path(named).expanduser()), instrument
        root = Path(self._folder).expanduser()
        inside = {stem_of(path): path for path in files_in(root)} | {path.name: path for path in files_in(root)}
        if named in inside:
            return inside[named], instrument
        if len(Path(named).parts) > 1 and lies_inside(root / named, root):
            return _existing(root / named), instrument
        raise unknown_name("file", symbol, inside)


def file_provider(name: str, settings: ProviderSettings) -> FileProvider:
    """Files. Options: "folder", below which symbols are looked for."""
    return FileProvider(settings.option(name, "folder"))


def raw_rows(table: RawTable, symbol: str, received_at: int) -> RawBars:
    """The rows of a table of one instrument, whatever they hold. Raises SourceCorrupt where it is no such table."""
    try:
        roles = assign_roles(table.source, table.labels)
        times, _ = bar_times(table, roles.time)
        prices = {name: number_column(table, roles.single[name]) for name in PRICES}
        at = roles.single.get("volume")
        volume = np.zeros(len(table)) if at is None else number_column(table, at)
    except InvalidBars as error:
        raise _as_corrupt(error) from error
    extra: dict[str, FloatArray] = {}
    for name, position in roles.extra.items():
        values, _ = try_number_column(table, position)
        if values is not None:
            extra[name] = values
    return RawBars(symbol, times, **prices, volume=volume, received_at=received_at, extra=extra)


def check_length(what: str, time_ns: IntArray, timeframe: Timeframe) -> None:
    """Nothing, or InvalidInput where bars mostly begin at other distances than those of a timeframe."""
    apart = np.diff(np.unique(time_ns))
    if not len(apart):
        return
    lengths, counts = np.unique(apart, return_counts=True)
    usual = int(lengths[np.argmax(counts)])
    least, most = (days * _DAY_NS * timeframe.count for days in _MONTH_DAYS)
    if usual == timeframe.ns or (timeframe.unit == "M" and least <= usual <= most):
        return
    raise InvalidInput(
        f"{what} holds bars that are {_length_text(usual)} apart, and bars of {timeframe.text} are asked for",
        fix="ask for bars of the length that it holds",
    )


def _length_text(ns: int) -> str:
    for unit, size in (("d", _DAY_NS), ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000)):
        if ns % size == 0:
            return f"{ns // size}{unit}"
    return f"{ns} ns"


def _existing(path: Path) -> Path:
    """The path of a file that is there; raises UnknownName with its nearest neighbours."""
    try:
        if path.is_file():
            return path
        beside = [str(each) for each in path.parent.iterdir() if each.name.lower().endswith(SUFFIXES)]
    except (OSError, ValueError):  # no folder, one that may not be read, or no path at all
        beside = []
    raise unknown_name("file", str(path), beside)


def _instrument(path: Path, symbol: str, instrument: str) -> RawTable:
    """The table of the one instrument that is meant. Raises UnknownName, SourceCorrupt."""
    try:
        tables = instruments_of(replace(read_file(path), symbol=stem_of(path)))
    except InvalidBars as error:
        raise _as_corrupt(error) from error
    if instrument in tables:
        return tables[instrument]
    if not instrument and len(tables) == 1:
        return next(iter(tables.values()))
    first = next(iter(tables))
    if not instrument:
        raise InvalidInput(
            f"{path.name} holds {len(tables)} instruments", fix=f'name one of them behind it: "{symbol}#{first}"'
        )
    raise unknown_name(f"instrument in {path.name}", instrument, tables)


def _as_corrupt(error: InvalidBars) -> SourceCorrupt:
    return SourceCorrupt(error.what, fix=error.fix)
