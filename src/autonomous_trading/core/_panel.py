"""A panel: several instruments on one clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np

from autonomous_trading.core._arrays import BoolArray, FloatArray, IntArray, closed, owned
from autonomous_trading.core._bars import COLUMN_NAMES, PRICE_NAMES, Bars, check_slice
from autonomous_trading.core._calendar import infer_bars_per_year
from autonomous_trading.core.errors import InvalidBars, unknown_name


@final
@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Bars of several instruments aligned on the union of their times.

    `time` has shape [n] (UTC nanoseconds), every other array [instruments, n], rows in the order of
    `symbols`; all are read-only. Where an instrument has no bar `present` is False, volume is 0, and
    its prices are its last close, so that a position can be marked; before its first bar they are NaN.
    Build one with `Panel.of`.
    """

    symbols: tuple[str, ...]
    time: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    present: BoolArray

    def __post_init__(self) -> None:
        shape = (len(self.symbols), len(self.time))
        for name in (*COLUMN_NAMES, "present"):
            if getattr(self, name).shape != shape:
                found = list(getattr(self, name).shape)
                raise InvalidBars(
                    f"panel column {name!r} must have shape {list(shape)}; got {found}",
                    fix="build the panel with Panel.of({symbol: bars})",
                )
        for name in ("time", *COLUMN_NAMES, "present"):
            object.__setattr__(self, name, owned(getattr(self, name)))

    @staticmethod
    def of(bars: Mapping[str, Bars]) -> "Panel":
        """The panel of these instruments, in this order."""
        if not bars:
            raise InvalidBars("a panel needs at least one instrument", fix='use Panel.of({"A": bars})')
        time = np.unique(np.concatenate([each.time for each in bars.values()]))
        rows = [np.searchsorted(time, each.time) for each in bars.values()]
        present = np.zeros((len(bars), len(time)), dtype=np.bool_)
        columns = {name: np.zeros((len(bars), len(time))) for name in COLUMN_NAMES}
        for number, (each, at) in enumerate(zip(bars.values(), rows, strict=True)):
            present[number, at] = True
            # Row of the latest bar at or before each time; -1 before the first.
            latest = np.cumsum(present[number]) - 1
            carried = np.where(latest >= 0, each.close[np.maximum(latest, 0)], np.nan)
            for name in PRICE_NAMES:
                columns[name][number] = carried
            for name in COLUMN_NAMES:
                columns[name][number, at] = getattr(each, name)
        shut = {name: closed(values) for name, values in columns.items()}
        return Panel(tuple(bars), closed(time), **shut, present=closed(present))

    def __reduce__(self) -> tuple[type["Panel"], tuple[object, ...]]:
        columns = [getattr(self, name) for name in COLUMN_NAMES]
        return Panel, (self.symbols, self.time, *columns, self.present)

    def __repr__(self) -> str:
        return f"Panel({', '.join(self.symbols)}; {len(self)} times)"

    def __len__(self) -> int:
        return len(self.time)

    def __getitem__(self, rows: slice) -> "Panel":
        """The same instruments on a slice of consecutive times; arrays are views."""
        check_slice(rows, len(self))
        columns = {name: getattr(self, name)[:, rows] for name in COLUMN_NAMES}
        return Panel(self.symbols, self.time[rows], **columns, present=self.present[:, rows])

    def row_of(self, symbol: str) -> int:
        """Which row of the arrays holds an instrument."""
        if symbol not in self.symbols:
            raise unknown_name("symbol", symbol, self.symbols)
        return self.symbols.index(symbol)

    def bars(self, symbol: str) -> Bars:
        """The bars of one instrument at the times it has any (extra columns are not part of a panel)."""
        row = self.row_of(symbol)
        there = self.present[row]
        columns = {name: getattr(self, name)[row, there] for name in COLUMN_NAMES}
        return Bars(self.time[there], **columns, symbol=symbol)

    @property
    def bars_per_year(self) -> float:
        """Bars per year of the common clock: see `infer_bars_per_year`."""
        return infer_bars_per_year(self.time)
