"""The market a use case works on: one instrument or several, with the columns strategies see."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import final

import numpy as np

from autonomous_trading.backtest import Costs, Execution, Exits, Simulator
from autonomous_trading.core import Bars, BarWarning, FloatArray, IntArray, Panel, inspect_bars, mixed_bars
from autonomous_trading.features import ColumnStore
from autonomous_trading.strategies import Columns

SIGMA_WINDOW = 20


@final
@dataclass(frozen=True, slots=True)
class Instrument:
    """One instrument: its own bars, the columns computed from them, and the rows of the common clock they sit on."""

    bars: Bars
    store: ColumnStore
    see: Columns
    rows: IntArray


@final
@dataclass(frozen=True, slots=True)
class Market:
    """Bars to simulate on (a Panel when several instruments share the account) and what strategies see of them.

    `notes`: what had to be assumed to read the data, one sentence each. `trusted`: strategies, with their choices,
    that were found not to look ahead here.
    """

    bars: Bars | Panel
    instruments: tuple[Instrument, ...]
    notes: tuple[str, ...] = ()
    trusted: set[object] = field(default_factory=set, compare=False, repr=False)

    @staticmethod
    def of(data: Bars | Mapping[str, Bars], notes: tuple[str, ...] = ()) -> "Market":
        """The market of one instrument, or of several by symbol; one in a mapping counts as one."""
        given = {data.symbol: data} if isinstance(data, Bars) else data
        named = {name: bars if bars.symbol == name else replace(bars, symbol=name) for name, bars in given.items()}
        bars = next(iter(named.values())) if len(named) == 1 else Panel.of(named)
        instruments = []
        for each in named.values():
            store = ColumnStore(each)
            rows = np.searchsorted(bars.time, each.time)
            instruments.append(Instrument(each, store, Columns(store), rows))
        return Market(bars, tuple(instruments), notes)

    @property
    def n_bars(self) -> int:
        """Bars on the common clock."""
        return len(self.bars)

    @property
    def warnings(self) -> tuple[BarWarning, ...]:
        """What is suspicious about the bars, the symbol in front where there are several instruments."""
        if not isinstance(self.bars, Panel):
            return inspect_bars(self.bars)
        mixed = mixed_bars(self.bars.time)
        found = [] if mixed is None else [mixed]
        for symbol, each in zip(self.symbols, self.instruments, strict=True):
            found += [replace(warning, message=f"{symbol}: {warning.message}") for warning in inspect_bars(each.bars)]
        return tuple(found)

    @property
    def symbols(self) -> tuple[str, ...]:
        """Names of the instruments, in their order."""
        return self.bars.symbols if isinstance(self.bars, Panel) else (self.bars.symbol,)

    @property
    def one_clock(self) -> bool:
        """Whether every instrument has a bar at every time."""
        return all(len(each.rows) == self.n_bars for each in self.instruments)

    def on_clock(self, number: int, values: FloatArray) -> FloatArray:
        """A column of instrument `number` on the common clock: NaN where it has no bar."""
        spread = np.full(self.n_bars, np.nan)
        spread[self.instruments[number].rows] = values
        return spread

    def simulator(self, costs: Costs, exits: Exits, execution: Execution) -> Simulator:
        """The kernel's view of this market, with the columns that costs and exits need."""
        needs_atr = exits.unit == "atr" or costs.slippage_atr != 0.0
        atr = self._columns("atr", exits.atr_window) if needs_atr else None
        sigma = self._volatility() if costs.impact != 0.0 else None
        return Simulator(self.bars, costs, exits, execution, atr, sigma)

    def _columns(self, name: str, window: int) -> FloatArray:
        columns = [each.store.column(name, (window,)) for each in self.instruments]
        return np.stack([self._carried(number, column) for number, column in enumerate(columns)])

    def _volatility(self) -> FloatArray:
        """Standard deviation of the last returns, per bar."""
        columns = []
        for number, each in enumerate(self.instruments):
            returns = each.store.column("returns")
            columns.append(self._carried(number, each.store.column("stddev", (SIGMA_WINDOW, 1.0), (returns,))))
        return np.stack(columns)

    def _carried(self, number: int, values: FloatArray) -> FloatArray:
        """A column on the common clock, its last value carried over bars the instrument does not have."""
        latest = np.searchsorted(self.instruments[number].rows, np.arange(self.n_bars), side="right") - 1
        carried: FloatArray = np.where(latest >= 0, values[np.maximum(latest, 0)], np.nan)
        return carried
