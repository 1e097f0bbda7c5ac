"""Where a labelled position begins, and the prices and rows that follow from it.

A decision at the close of bar i is filled at the open of bar i + 1 (docs/reference/fill-contract.md, F1). A position
of h bars then ends at the open of bar i + 1 + h, and earns the returns from open to open of the bars i + 1 ... i + h.
With "close" it begins at the close of bar i itself, which nobody can trade but much of the literature does, and ends
at the close of bar i + h: the returns from close to close of the same bars.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from autonomous_trading.core import Bars, BoolArray, FloatArray, IntArray, InvalidInput, unknown_name

Entry = Literal["next_open", "close"]
_ENTRIES = ("next_open", "close")


def checked_entry(entry: str) -> None:
    """Refuse an entry that is not one."""
    if entry not in _ENTRIES:
        raise unknown_name("entry", entry, _ENTRIES)


def lag_of(entry: Entry) -> int:
    """Bars between the decision and the fill."""
    checked_entry(entry)
    return 1 if entry == "next_open" else 0


def fill_prices(bars: Bars, entry: Entry) -> FloatArray:
    """The price of every bar at which positions begin, and end at their horizon."""
    return bars.open if lag_of(entry) else bars.close


def checked_horizon(horizon: object, least: int = 1) -> None:
    """Refuse what is no number of bars."""
    if isinstance(horizon, bool) or not isinstance(horizon, int | np.integer) or horizon < least:
        raise InvalidInput(f"horizon must be a whole number of bars from {least} on, got {horizon!r}", fix="use 20")


def label_rows(bars: Bars, rows: IntArray | None, reach: int, known: BoolArray) -> IntArray:
    """The rows to label: those asked for whose label is wholly in the data (`reach` bars on) and can be made."""
    n = len(bars)
    asked = np.arange(n) if rows is None else np.asarray(rows)
    if asked.ndim != 1 or asked.dtype.kind not in "iu" or bool((np.diff(asked) <= 0).any()):
        raise InvalidInput("rows must be whole numbers that increase", fix="pass np.flatnonzero(condition)")
    if len(asked) and not 0 <= int(asked[0]) <= int(asked[-1]) < n:
        raise InvalidInput(f"rows reach from {asked[0]} to {asked[-1]}, there are {n} bars", fix=f"use 0 to {n - 1}")
    kept: IntArray = asked[(asked + reach < n) & known[asked]].astype(np.int64)
    if not len(kept):
        raise InvalidInput(
            f"none of {len(asked)} rows of {n} bars has a label: it takes {reach} bars more, and known numbers",
            fix="shorten the horizon, or bring more bars",
        )
    return kept


def column_of(name: str, values: FloatArray | float, bars: Bars) -> FloatArray:
    """One number per bar; a single number holds for all."""
    column = np.asarray(values, dtype=np.float64)
    if column.shape not in ((), (len(bars),)):
        raise InvalidInput(f"{name} has shape {column.shape} for {len(bars)} bars", fix="give one number per bar")
    return np.broadcast_to(column, (len(bars),))
