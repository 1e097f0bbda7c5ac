"""Everything a person may hand over, as rows that nobody has judged yet."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, final

import numpy as np

from autonomous_trading.adapters._arrow import matches, to_mask
from autonomous_trading.adapters._column_names import PRICES, Roles, assign_roles
from autonomous_trading.adapters._data_strings import DataString, from_catalogue
from autonomous_trading.adapters._file_tables import read_file, stem_of
from autonomous_trading.adapters._instruments import instruments_of
from autonomous_trading.adapters._memory_tables import from_memory, is_column
from autonomous_trading.adapters._numbers import try_number_column
from autonomous_trading.adapters._places import files_in, place_of
from autonomous_trading.adapters._raw_table import RawTable, label_text
from autonomous_trading.adapters._samples import sample
from autonomous_trading.adapters._terms import Terms
from autonomous_trading.adapters._times import bar_times
from autonomous_trading.core import Bars, FloatArray, IntArray, InvalidBars
from autonomous_trading.data import RawBars

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["RawReading", "raw_readings", "read_raw"]

_SPLITS_INSIDE = ("raw", "dividend")  # adjustments that leave a leap where a split is
_NUMBER = r"^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$"


@final
@dataclass(frozen=True, slots=True)
class RawReading:
    """Rows as they came, what had to be assumed to read them (one sentence each), and the times of splits that are
    known of and were not taken out of the prices (UTC nanoseconds)."""

    rows: RawBars
    notes: tuple[str, ...] = ()
    splits: tuple[int, ...] = ()


def read_raw(data: object) -> dict[str, RawBars]:
    """The rows of each instrument in `data`, by symbol, bad ones included: see `raw_readings`."""
    return {symbol: reading.rows for symbol, reading in raw_readings(data).items()}


def raw_readings(
    data: object, *, catalogue: str | os.PathLike[str] | None = None, known_at: object = None
) -> dict[str, RawReading]:
    """The rows of each instrument in `data`, with notes, by symbol; whether they may be believed is asked elsewhere.

    `data` is what `read_many` takes, and RawBars. Rows keep their order; a number that is missing or is none (text,
    "n/a") is NaN, a missing time is 0. In a folder a symbol that two files hold has the rows of both. Of a series of a
    provider the bars in the folder `catalogue` are read, as they were known at `known_at` (see `load_bars`), with the
    splits that the catalogue knows of; a note counts what was put aside when it was fetched. Raises InvalidBars where
    there are no columns of times and prices, or times that cannot be read; DataNotFound, InvalidInput.
    """
    return _readings(data, Terms.of(known_at=known_at, catalogue=catalogue))


def _readings(data: object, terms: Terms) -> dict[str, RawReading]:
    if isinstance(data, Mapping) and data and not any(is_column(values) for values in data.values()):
        return {str(symbol): _named(value, str(symbol), terms) for symbol, value in data.items()}
    place = place_of(data) if isinstance(data, str | os.PathLike) else None
    if isinstance(place, DataString):
        return _of_series(place, terms)
    terms.scaled_by_close("what is handed over in memory" if place is None else str(data))
    if isinstance(data, RawBars):
        return {data.symbol: RawReading(data)}
    if isinstance(data, Bars):
        return {data.symbol: RawReading(RawBars.of(data, time.time_ns()))}
    if place is None:
        return _of_tables(instruments_of(from_memory(data)))
    if isinstance(place, str):
        return _readings(sample(place), terms)
    return _of_folder(place) if place.is_dir() else _of_file(place)


def _of_folder(folder: Path) -> dict[str, RawReading]:
    found: dict[str, RawReading] = {}
    for path in files_in(folder):
        for symbol, reading in _of_file(path).items():
            found[symbol] = _together(found[symbol], reading) if symbol in found else reading
    return found


def _named(value: object, symbol: str, terms: Terms) -> RawReading:
    readings = list(_readings(value, terms).values())
    if len(readings) != 1:
        raise InvalidBars(f"{symbol!r} holds {len(readings)} instruments", fix="give one instrument for each symbol")
    return replace(readings[0], rows=replace(readings[0].rows, symbol=symbol))


def _together(one: RawReading, other: RawReading) -> RawReading:
    return RawReading(RawBars.joined([one.rows, other.rows]), tuple(dict.fromkeys((*one.notes, *other.notes))))


def _of_series(wanted: DataString, terms: Terms) -> dict[str, RawReading]:
    from autonomous_trading.adapters.catalogue import ParquetCatalogue

    kept, now = ParquetCatalogue(terms.catalogue), time.time_ns()
    found: dict[str, RawReading] = {}
    for key, reading in zip(wanted.keys, from_catalogue(wanted, terms).values(), strict=True):
        aside = kept.summary(key).refused
        note = f"{key.text}: {aside:,} rows were put aside when it was fetched, see 'autotrade data show {key.text}'"
        actions = kept.actions(key.source, key.symbol, known_at=terms.known_at)
        splits = tuple(each.ex_time for each in actions if each.kind == "split" and key.adjustment in _SPLITS_INSIDE)
        notes = (*reading.notes, note) if aside else reading.notes
        found[key.symbol] = RawReading(RawBars.of(reading.bars, now), notes, splits)
    return found


def _of_file(path: Path) -> dict[str, RawReading]:
    return _of_tables(instruments_of(replace(read_file(path), symbol=stem_of(path))))


def _of_tables(tables: dict[str, RawTable]) -> dict[str, RawReading]:
    return {symbol: _reading(table) for symbol, table in tables.items()}


def _reading(table: RawTable) -> RawReading:
    roles = assign_roles(table.source, table.labels)
    if not len(table):
        raise InvalidBars(f"{table.source}: there are no rows", fix="give at least one bar")
    moments, zoned = _times(table, roles)
    notes = [] if zoned else ["times without a zone are taken as UTC"]
    prices = {name: _numbers(table, roles.single[name], notes) for name in PRICES}
    if "volume" in roles.single:
        volume = _numbers(table, roles.single["volume"], notes)
    else:
        volume = np.zeros(len(table))
        notes.append("no volume column, so volume is 0 on every bar")
    extra = {name: try_number_column(table, position)[0] for name, position in roles.extra.items()}
    rows = RawBars(
        symbol=table.symbol,
        time=moments,
        volume=volume,
        received_at=time.time_ns(),
        extra={name: values for name, values in extra.items() if values is not None},
        **prices,
    )
    return RawReading(rows, tuple(f"{table.source}: {note}" for note in (*table.notes, *notes)))


def _times(table: RawTable, roles: Roles) -> tuple[IntArray, bool]:
    """The times of the rows, 0 where none is written."""
    missing = np.zeros(len(table), dtype=np.bool_)
    for position in roles.time:
        missing |= to_mask(table.columns[position].is_null())
    if not missing.any() or missing.all():
        return bar_times(table, roles.time)
    import pyarrow as pa

    kept = pa.array(np.flatnonzero(~missing))
    whole = replace(table, columns=tuple(column.take(kept) for column in table.columns))
    known, zoned = bar_times(whole, roles.time)
    moments = np.zeros(len(table), dtype=np.int64)
    moments[~missing] = known
    return moments, zoned


def _numbers(table: RawTable, position: int, notes: list[str]) -> FloatArray:
    """The numbers of a column, NaN where something else is written; a note says so."""
    values, problem = try_number_column(table, position)
    if values is not None:
        return values
    column = table.columns[position]
    import pyarrow as pa

    if not pa.types.is_string(column.type):
        raise InvalidBars(f"{table.source}, {problem}", fix="write plain numbers with a decimal point")
    notes.append(f"column {label_text(table.labels[position])!r} holds text where numbers belong ({problem})")
    return _readable(column)


def _readable(column: "pa.Array") -> FloatArray:
    import pyarrow.compute as pc

    filled = pc.fill_null(column, "")
    good = matches(filled, _NUMBER)
    values = np.full(len(column), np.nan)
    texts = filled.to_pylist()
    values[good] = [float(texts[row]) for row in np.flatnonzero(good)]
    return values
