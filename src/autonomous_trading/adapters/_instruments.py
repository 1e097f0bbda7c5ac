"""Tables of several instruments, taken apart: tickers as a second level of names, or as a column."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from autonomous_trading.adapters._arrow import to_mask
from autonomous_trading.adapters._column_names import PRICES, is_symbol_name, role_of
from autonomous_trading.adapters._raw_table import Label, RawTable
from autonomous_trading.core import InvalidBars

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["instruments_of"]


def instruments_of(table: RawTable) -> dict[str, RawTable]:
    """One table per instrument by its symbol, in order of appearance.

    A table that names none is one instrument under the symbol it already has, perhaps "".
    """
    if any(isinstance(label, tuple) for label in table.labels):
        return _from_levels(table)
    named = [position for position, label in enumerate(table.labels) if is_symbol_name(label)]
    return _from_column(table, named[0]) if len(named) == 1 else {table.symbol: table}


def _from_levels(table: RawTable) -> dict[str, RawTable]:
    """Tables from names such as ("Close", "SPY"), in either order: yfinance writes both."""
    levels = {label: label for label in table.labels if isinstance(label, tuple)}
    if any(len(label) != 2 for label in levels):
        raise InvalidBars(
            f"{table.source}: column names with more than two levels", fix="keep two levels, price and ticker"
        )
    level = 0 if _speaks_of_prices(levels, 0) else 1
    if not _speaks_of_prices(levels, level):
        raise InvalidBars(
            f"{table.source}: neither level of the column names says open, high, low and close",
            fix="name the columns open, high, low, close, volume, with or without a level of tickers",
        )
    shared = [at for at, label in enumerate(table.labels) if not isinstance(label, tuple) or not label[1 - level]]
    found: dict[str, list[int]] = {}
    for at, label in enumerate(table.labels):
        if at not in shared:
            found.setdefault(label[1 - level], []).append(at)
    if not found:  # a level of empty tickers
        return {table.symbol: _columns(table, shared, level, table.symbol)}
    return {
        symbol: _without_absent_rows(_columns(table, [*shared, *positions], level, symbol), several=len(found) > 1)
        for symbol, positions in found.items()
    }


def _speaks_of_prices(labels: dict[tuple[str, ...], tuple[str, ...]], level: int) -> bool:
    return set(PRICES) <= {role_of(label[level]) for label in labels}


def _columns(table: RawTable, positions: list[int], level: int, symbol: str) -> RawTable:
    labels: list[Label] = [table.labels[at] for at in positions]
    plain = tuple(label if isinstance(label, str) else label[level] or label[1 - level] for label in labels)
    return replace(table, labels=plain, columns=tuple(table.columns[at] for at in positions), symbol=symbol)


def _without_absent_rows(table: RawTable, *, several: bool) -> RawTable:
    """A frame of several tickers has a row wherever any of them traded: the others hold nothing there."""
    import pyarrow.compute as pc

    prices = [column for label, column in zip(table.labels, table.columns, strict=True) if role_of(label) in PRICES]
    if not several:
        return table
    absent = np.logical_and.reduce([to_mask(pc.is_null(column, nan_is_null=True)) for column in prices])
    return _rows(table, np.flatnonzero(~absent)) if absent.any() else table


def _from_column(table: RawTable, position: int) -> dict[str, RawTable]:
    import pyarrow as pa
    import pyarrow.compute as pc

    names: pa.Array = table.columns[position]
    if names.type != pa.string():
        names = pc.cast(names, pa.string())
    found = pc.unique(names).to_pylist()
    keep = [at for at in range(len(table.labels)) if at != position]
    plain = replace(
        table, labels=tuple(table.labels[at] for at in keep), columns=tuple(table.columns[at] for at in keep)
    )
    if len(found) < 2:
        symbol = table.symbol if not found else found[0] or ""
        return {symbol: replace(plain, symbol=symbol)}
    return {
        symbol or "": _rows(replace(plain, symbol=symbol or ""), np.flatnonzero(to_mask(_equal(names, symbol))))
        for symbol in found
    }


def _equal(names: "pa.Array", symbol: str | None) -> "pa.Array":
    import pyarrow.compute as pc

    return names.is_null() if symbol is None else pc.fill_null(pc.equal(names, symbol), False)


def _rows(table: RawTable, rows: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> RawTable:
    import pyarrow as pa

    name = table.row_name
    kept = pa.array(rows)
    columns = tuple(column.take(kept) for column in table.columns)
    return replace(table, columns=columns, row_name=lambda row: name(int(rows[row])))
