"""Everything a person may hand over, read as Bars."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from autonomous_trading.adapters._data_strings import DataString, from_catalogue
from autonomous_trading.adapters._door import BarsReading, reading_of
from autonomous_trading.adapters._file_tables import read_file, stem_of
from autonomous_trading.adapters._instruments import instruments_of
from autonomous_trading.adapters._memory_tables import SEVERAL, from_memory, is_column
from autonomous_trading.adapters._places import files_in, place_of
from autonomous_trading.adapters._raw_table import RawTable
from autonomous_trading.adapters._samples import sample_reading
from autonomous_trading.adapters._terms import Terms
from autonomous_trading.core import Bars, InvalidBars, InvalidInput

__all__ = ["as_bars", "as_panel", "load_bars", "load_many", "read_bars", "read_many"]

_IN_MEMORY = "what is handed over in memory"


def as_bars(data: object, *, symbol: str | None = None, adjust: bool | str = False) -> Bars:
    """The Bars in anything that holds the prices of one instrument: see `read_bars`."""
    return read_bars(data, symbol=symbol, adjust=adjust).bars


def read_bars(
    data: object,
    *,
    symbol: str | None = None,
    adjust: bool | str = False,
    catalogue: str | os.PathLike[str] | None = None,
    known_at: object = None,
) -> BarsReading:
    """The Bars in anything that holds the prices of one instrument, and notes on what had to be assumed.

    `data` is Bars; a pandas or polars DataFrame, an Arrow table, a mapping of columns, ccxt rows
    [[ms, open, high, low, close, volume], ...], an array; a path or data string (see `load_bars`). Column
    names in any case, with the usual aliases; other columns of numbers are kept in `Bars.extra` under
    snake_case names.

    Times are the start of each bar: datetimes, ISO 8601 text, or numbers since 1970 whose unit (seconds, ms,
    us, ns) their size tells. Times without a zone are taken as UTC, and a missing volume is 0: notes say so.
    A row that repeats another one exactly counts once, with a note. An adjusted close is left aside;
    `adjust=True` scales the prices by it, right for total returns, wrong for stops and sizes, because the
    factors were not known at the time. `symbol` overrides what the data says. For series of a catalogue
    `adjust` and `known_at` are those of `load_bars`; nothing else can answer them.
    Raises InvalidBars naming place, row, rule and value; InvalidInput; DataNotFound.

    >>> reading = read_bars({"date": ["2024-03-28"], "o": [1.0], "h": [2.0], "l": [1.0], "c": [2.0]})
    >>> reading.bars
    Bars('', 1 bars, 2024-03-28T00:00:00Z to 2024-03-28T00:00:00Z)
    >>> reading.notes
    ('the mapping: times without a zone are taken as UTC',
     'the mapping: no volume column, so volume is 0 on every bar')
    """
    return _named(_one(data, Terms.of(adjust, known_at, catalogue)), symbol)


def as_panel(data: object, *, adjust: bool | str = False) -> dict[str, Bars]:
    """The Bars of each instrument in `data`, by symbol: see `read_many`."""
    return {symbol: reading.bars for symbol, reading in read_many(data, adjust=adjust).items()}


def read_many(
    data: object,
    *,
    adjust: bool | str = False,
    catalogue: str | os.PathLike[str] | None = None,
    known_at: object = None,
) -> dict[str, BarsReading]:
    """The Bars of each instrument in `data`, with notes, by symbol.

    `data` is anything `read_bars` takes; also a frame with several tickers (a second level of column names, a
    symbol column or index), a mapping {symbol: data}, a folder of files (one instrument each, named by the
    file). Raises what `read_bars` raises.
    """
    terms = Terms.of(adjust, known_at, catalogue)
    if isinstance(data, Mapping) and data and not any(is_column(values) for values in data.values()):
        named = {str(symbol): value for symbol, value in data.items()}
        return {symbol: _named(_one(value, terms), symbol) for symbol, value in named.items()}
    if isinstance(data, str | os.PathLike):
        place = place_of(data)
        if isinstance(place, DataString):
            return from_catalogue(place, terms)
        if isinstance(place, Path) and place.is_dir():
            return _from_folder(place, terms)
        if isinstance(place, Path):
            adjusted = terms.scaled_by_close(str(place))
            return {symbol: reading_of(table, adjust=adjusted) for symbol, table in _tables_in_file(place).items()}
    if isinstance(data, Bars | str | os.PathLike):
        reading = _one(data, terms)
        return {reading.bars.symbol: reading}
    adjusted = terms.scaled_by_close(_IN_MEMORY)
    return {symbol: reading_of(table, adjust=adjusted) for symbol, table in _tables_in_memory(data).items()}


def load_bars(
    text: str | os.PathLike[str],
    *,
    symbol: str | None = None,
    adjust: bool | str = False,
    catalogue: str | os.PathLike[str] | None = None,
    known_at: object = None,
) -> Bars:
    """The Bars that a data string names: a CSV, Parquet or Feather file, "sample:sp500", "sample:nasdaq", or a series
    of a provider such as "alpaca:AAPL:1h" ("alpaca:AAPL:1h@split" where the provider adjusted the prices).

    The symbol is the file's name unless the file or `symbol` says another. Series are read from the folder
    `catalogue` ("market-data" in this folder where it is None), where `at.fetch` and 'autotrade data fetch' keep them.

    Of a series, `adjust="splits"` or `"all"` (splits and dividends) gives prices and volumes in terms of one share of
    the first bar, by the corporate actions in the catalogue: `data.actions.carried`. No bar depends on a later action.
    `known_at` (ISO text or a datetime with its zone, or UTC nanoseconds) gives bars and actions as they were known
    then: without what was received or revised later. Of a file, `adjust=True` scales by its adjusted close.
    Raises DataNotFound with the nearest names, InvalidInput, InvalidBars.
    """
    return read_bars(text, symbol=symbol, adjust=adjust, catalogue=catalogue, known_at=known_at).bars


def load_many(
    text: str | os.PathLike[str],
    *,
    adjust: bool | str = False,
    catalogue: str | os.PathLike[str] | None = None,
    known_at: object = None,
) -> dict[str, Bars]:
    """The Bars of each instrument that a data string names, by symbol: a folder of files, one file, or several series
    of a provider ("alpaca:AAPL,MSFT:1h").

    Only files right in the folder are read. The rest is that of `load_bars`; errors name the file.
    """
    readings = read_many(text, adjust=adjust, catalogue=catalogue, known_at=known_at)
    return {symbol: found.bars for symbol, found in readings.items()}


def _one(data: object, terms: Terms) -> BarsReading:
    """The bars of one instrument, under the name they have themselves."""
    if isinstance(data, str | os.PathLike):
        place = place_of(data)
        if isinstance(place, DataString):
            return _only_series(from_catalogue(place, terms), place)
        return _from_place(place, terms)
    adjusted = terms.scaled_by_close(_IN_MEMORY)
    if isinstance(data, Bars):
        return BarsReading(data)
    return reading_of(_only_one(_tables_in_memory(data)), adjust=adjusted)


def _named(reading: BarsReading, symbol: str | None) -> BarsReading:
    if symbol is None or symbol == reading.bars.symbol:
        return reading
    return replace(reading, bars=replace(reading.bars, symbol=symbol))


def _only_series(readings: dict[str, BarsReading], wanted: DataString) -> BarsReading:
    if len(readings) > 1:
        raise InvalidInput(
            f"{wanted.text} names {len(readings)} instruments, and the bars of one are asked for",
            fix=f"name one of them; {SEVERAL}",
        )
    return next(iter(readings.values()))


def _from_place(place: Path | str, terms: Terms) -> BarsReading:
    if isinstance(place, str):
        terms.scaled_by_close(f"sample:{place}")
        return sample_reading(place)
    if place.is_dir():
        raise InvalidInput(
            f"{place} is a folder, and the bars of one instrument are asked for",
            fix=f"name a file in it; {SEVERAL}",
        )
    adjusted = terms.scaled_by_close(str(place))
    return reading_of(_only_one(_tables_in_file(place)), adjust=adjusted)


def _from_folder(folder: Path, terms: Terms) -> dict[str, BarsReading]:
    readings: dict[str, BarsReading] = {}
    origin: dict[str, Path] = {}
    for path in files_in(folder):
        reading = _from_place(path, terms)
        symbol = reading.bars.symbol
        if symbol in readings:
            raise InvalidBars(
                f"{folder}: {origin[symbol].name} and {path.name} both hold {symbol!r}",
                fix="keep one of the files",
            )
        readings[symbol], origin[symbol] = reading, path
    return readings


def _tables_in_file(path: Path) -> dict[str, RawTable]:
    return _labelled(replace(read_file(path), symbol=stem_of(path)))


def _tables_in_memory(data: object) -> dict[str, RawTable]:
    return _labelled(from_memory(data))


def _labelled(table: RawTable) -> dict[str, RawTable]:
    """The instruments of a table; when there are several, errors and notes say which one they speak of."""
    tables = instruments_of(table)
    if len(tables) == 1:
        return tables
    return {symbol: replace(each, source=f"{each.source} ({symbol})") for symbol, each in tables.items()}


def _only_one(tables: dict[str, RawTable]) -> RawTable:
    first, *others = tables.values()
    if not others:
        return first
    names = ", ".join(list(tables)[:8]) + (", ..." if len(tables) > 8 else "")
    raise InvalidBars(
        f"{first.source.rpartition(' (')[0]} holds {len(tables)} instruments ({names}), and one is asked for",
        fix=f"pick one of them; {SEVERAL}",
    )
