"""The door: a raw table becomes Bars, or is refused with the row, the rule and the value."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from autonomous_trading.adapters._column_names import PRICES, Roles, assign_roles
from autonomous_trading.adapters._numbers import number_column, try_number_column
from autonomous_trading.adapters._raw_table import RawTable, label_text
from autonomous_trading.adapters._times import bar_times
from autonomous_trading.core import Bars, FloatArray, IntArray, InvalidBars

__all__ = ["BarsReading", "reading_of"]

_ROW: Final = re.compile(r"^row (\d+)")


@final
@dataclass(frozen=True, slots=True)
class BarsReading:
    """Bars, and what had to be assumed to read them: one sentence each, worth showing to a person once."""

    bars: Bars
    notes: tuple[str, ...] = ()


def reading_of(table: RawTable, *, adjust: bool = False) -> BarsReading:
    """The bars in a table of one instrument.

    `adjust=True` scales prices by adjusted close / close. Raises InvalidBars.
    """
    roles = assign_roles(table.source, table.labels)
    if not len(table):
        raise InvalidBars(f"{table.source}: there are no rows", fix="give at least one bar")
    time, zoned = bar_times(table, roles.time)
    notes = [] if zoned else ["times without a zone are taken as UTC"]
    prices = {name: number_column(table, roles.single[name]) for name in PRICES}
    if adjust:
        prices = _adjusted(table, roles, prices)
    elif "adjusted" in roles.single:
        name = label_text(table.labels[roles.single["adjusted"]])
        notes.append(
            f"column {name!r} left aside, because it knows later dividends (at.load_bars: adjust=True scales by it)"
        )
    if "volume" in roles.single:
        volume = number_column(table, roles.single["volume"])
    else:
        volume = np.zeros(len(table))
        notes.append("no volume column, so volume is 0 on every bar")
    extra, ignored = _extra(table, roles)
    columns = {**prices, "volume": volume}
    once = _once(time, [*columns.values(), *extra.values()])
    if len(once) < len(table):
        count = len(table) - len(once)
        notes.append(
            f"{f'{count:,} rows repeat' if count > 1 else '1 row repeats'} another one exactly; each counts once"
        )
    bars = _checked(table, once, time, columns, extra)
    return BarsReading(bars, tuple(f"{table.source}: {note}" for note in (*table.notes, *notes, *ignored)))


def _extra(table: RawTable, roles: Roles) -> tuple[dict[str, FloatArray], list[str]]:
    kept: dict[str, FloatArray] = {}
    ignored: list[str] = []
    for name, position in roles.extra.items():
        values, problem = try_number_column(table, position)
        if values is None:
            ignored.append(f"column {label_text(table.labels[position])!r} ignored ({problem})")
        else:
            kept[name] = values
    return kept, ignored


def _adjusted(table: RawTable, roles: Roles, prices: dict[str, FloatArray]) -> dict[str, FloatArray]:
    if "adjusted" not in roles.single:
        raise InvalidBars(f"{table.source}: no adjusted close to adjust by", fix="leave adjust at False")
    close = number_column(table, roles.single["adjusted"])
    with np.errstate(all="ignore"):  # a zero or missing price is refused by its row below, with the other rules
        factor = close / prices["close"]
        scaled = {name: prices[name] * factor for name in ("open", "high", "low")}
    # Rounding may push a close that was the high one bit above the scaled high.
    scaled["high"] = np.maximum(scaled["high"], close)
    scaled["low"] = np.minimum(scaled["low"], close)
    return {**scaled, "close": close}


def _once(time: IntArray, columns: Sequence[FloatArray]) -> IntArray:
    """The rows without those that say of a time, to the last number, what an earlier row says of it.

    Rows of one time that differ are left: which of them is right cannot be known, so they are refused.
    """
    if bool((time[1:] > time[:-1]).all()):
        return np.arange(len(time), dtype=np.int64)
    order = np.argsort(time, kind="stable")
    ordered = time[order]
    first = order[np.searchsorted(ordered, ordered)]
    repeats = first != order
    for values in columns:
        ours, earlier = values[order], values[first]
        repeats &= (ours == earlier) | (np.isnan(ours) & np.isnan(earlier))
    return np.sort(order[~repeats])


def _checked(
    table: RawTable, rows: IntArray, time: IntArray, columns: dict[str, FloatArray], extra: dict[str, FloatArray]
) -> Bars:
    if len(rows) < len(time):
        time = time[rows]
        columns, extra = ({name: values[rows] for name, values in each.items()} for each in (columns, extra))
    try:
        return Bars(time=time, symbol=table.symbol, extra=extra, **columns)
    except InvalidBars as error:
        # The rules are those of Bars; the row is named as the person who handed it over counts it.
        problem, renamed = _ROW.subn(lambda row: table.row_name(int(rows[int(row[1])])), error.what)
        separator = ", " if renamed else ": "
        newest_first = len(time) > 1 and bool((np.diff(time) < 0).all())
        fix = "the rows are newest first: turn them round, oldest first" if newest_first else error.fix
        raise InvalidBars(f"{table.source}{separator}{problem}", fix=fix) from None
