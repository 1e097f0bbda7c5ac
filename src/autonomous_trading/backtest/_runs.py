"""What a run is asked for and what it answers: options per set; statistics, curves, trades, and where it stands."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import final

import numpy as np

from autonomous_trading.backtest import _layout as layout
from autonomous_trading.backtest._layout import LANES
from autonomous_trading.backtest._settings import Execution, Exits, numbers_of
from autonomous_trading.core import FloatArray, InvalidInput, unknown_name


@final
@dataclass(frozen=True, slots=True)
class SetOptions:
    """Exits and sizes of every parameter set: arrays [n_sets]; NaN stands for "no such exit".

    Raises InvalidInput naming the column where one has another length, a number below zero, or an unknown size.
    """

    stop_loss: FloatArray
    take_profit: FloatArray
    trailing_stop: FloatArray
    max_bars_held: FloatArray
    position_size: FloatArray
    leverage: FloatArray

    def __post_init__(self) -> None:
        for name in OPTION_NAMES:
            values = getattr(self, name)
            if values.shape != self.leverage.shape or values.ndim != 1:
                raise InvalidInput(
                    f"{name} has shape {list(values.shape)}, leverage {list(self.leverage.shape)}",
                    fix="give one number per parameter set",
                )
            may_be_off = name not in _SIZES
            wrong = ~((np.isfinite(values) & (values >= 0.0)) | (np.isnan(values) & may_be_off))
            if bool(np.any(wrong)):
                number = int(np.argmax(wrong))
                raise InvalidInput(
                    f"{name} must be a finite number of at least 0 in every set; set {number} has {values[number]:g}",
                    fix=f"restrict {name} to 0 and more{', NaN for no such exit' if may_be_off else ''}",
                )

    @staticmethod
    def of(n: int, exits: Exits, execution: Execution, overrides: Mapping[str, FloatArray] | None = None) -> SetOptions:
        """The same exits and sizes for n sets, with columns of `overrides` where a parameter decides."""
        columns = {name: np.full(n, math.nan) for name in OPTION_NAMES}
        for name in OPTION_NAMES:
            value = getattr(execution if name in _SIZES else exits, name)
            if value is not None:
                columns[name][:] = value
        for name, values in (overrides or {}).items():
            if name not in columns:
                raise unknown_name("setting", name, OPTION_NAMES)
            given = numbers_of(name, values)
            columns[name] = np.full(n, given) if given.ndim == 0 else given.copy()
        return SetOptions(**columns)

    def scaled(self, share: float) -> SetOptions:
        """The same sets with a share of the account: every position, and the leverage it may reach, times `share`."""
        return replace(self, leverage=self.leverage * share)


_SIZES = ("position_size", "leverage")
OPTION_NAMES = ("stop_loss", "take_profit", "trailing_stop", "max_bars_held", *_SIZES)


@final
@dataclass(frozen=True, slots=True)
class RunState:
    """Where a run stands after its last bar: feed it back to go on as if it had never stopped."""

    values: FloatArray
    start: int
    stop: int
    n_sets: int
    instruments: int

    @property
    def closed_trades(self) -> int:
        """Trades the first account has finished so far."""
        return int(self.values[layout.TRADES])


@final
@dataclass(frozen=True, slots=True)
class Statistics:
    """Running sums of every set over one run, by field of the kernel's state; `n_bars` bars, `years` long."""

    values: FloatArray  # [n_sets, fields]
    n_bars: int
    years: float
    initial_cash: float
    instruments: int
    extended: bool

    def at(self, bars_per_year: float) -> Statistics:
        """The same sums with years counted at this many bars."""
        return replace(self, years=self.n_bars / bars_per_year)

    def __getitem__(self, name: str) -> FloatArray:
        """One number per set, by the name of the field in the kernel's layout (for example "TRADES")."""
        column: FloatArray = self.values[:, getattr(layout, name) // LANES]
        return column


@final
@dataclass(frozen=True, slots=True)
class Curves:
    """Equity, cash and units after every bar of a call: [n_sets, bars] (units: [n_sets, instruments, bars])."""

    equity: FloatArray
    cash: FloatArray
    units: FloatArray


@final
@dataclass(frozen=True, slots=True)
class RunResult:
    """What came out of a run; curves and trades only when asked for.

    trades: [trades, fields of the log] of the first set, in the order they were closed, positions still open last. A
    run that went on from a state has empty rows for the trades that were closed before it.
    """

    statistics: Statistics
    state: RunState
    curves: Curves | None = None
    trades: FloatArray | None = None


@final
@dataclass(frozen=True, slots=True)
class Request:
    """What a run shall return beside the basic statistics, and on how many threads it may work."""

    extended: bool = False
    curves: bool = False
    trades: bool = False
    threads: int = 1
