"""What a run assumes about the world: costs (F3, F4), protective exits (F5) and execution (F1, F2)."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any, Final, final

import numpy as np

from autonomous_trading.backtest._layout import CostTerms
from autonomous_trading.core import FloatArray, InvalidInput, unknown_name

FILLS: Final = ("open", "close", "same_close")
PATHS: Final = ("pessimistic", "optimistic", "nearest")
UNITS_OF_EXITS: Final = ("fraction", "atr")
MOST_BARS: Final = 1e9
_NUMBERS: Final = "fiu"  # kinds of array that hold numbers


def _check(owner: str, name: str, value: Any, low: float, high: float) -> None:
    """Refuse what is not a number between low and high."""
    is_number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not is_number or not low <= value <= high:
        raise InvalidInput(
            f"{owner}: {name} must be a number between {low:g} and {high:g}; got {value!r}",
            fix=f"pass {name}={low:g} or more"
            if not is_number or not value > high
            else f"pass {name}={high:g} or less",
        )


def _check_whole(owner: str, name: str, value: Any) -> None:
    """Refuse what is not a whole number of bars, at least 1."""
    _check(owner, name, value, 1, MOST_BARS)
    if value != int(value):
        raise InvalidInput(f"{owner}: {name} must be a whole number; got {value!r}", fix=f"pass {name}={int(value)}")


def _check_column(owner: str, name: str, value: float | FloatArray, low: float, high: float) -> None:
    """Refuse a constant or a column with a value outside [low, high]."""
    if not isinstance(value, np.ndarray):
        _check(owner, name, value, low, high)
        return
    problem = _problem_of_column(value, low, high)
    if problem:
        raise InvalidInput(
            f"{owner}: {name} must be one number or one column of numbers between {low:g} and {high:g}; got {problem}",
            fix=f"pass {name}=0.0, or an array with one finite value per bar",
        )


def _problem_of_column(column: FloatArray, low: float, high: float) -> str:
    """What is wrong with a column, and where; empty when nothing is."""
    if column.dtype.kind not in _NUMBERS:
        return f"an array of {column.dtype}"
    if column.ndim not in (1, 2):
        return f"an array of shape {list(column.shape)}"
    wrong = ~((column >= low) & (column <= high))
    if not bool(np.any(wrong)):
        return ""
    place = np.unravel_index(int(np.argmax(wrong)), column.shape)
    instrument = f" of instrument {place[0]}" if column.ndim == 2 else ""
    return f"{column[place]:g} at bar {place[-1]}{instrument}"


def numbers_of(name: str, values: float | FloatArray) -> FloatArray:
    """A number or a column as an array; raises InvalidInput for what holds no numbers."""
    column = np.asarray(values)
    if column.dtype.kind not in _NUMBERS:
        raise InvalidInput(f"{name} must hold numbers; got an array of {column.dtype}", fix=f"give {name} as floats")
    return np.asarray(column, dtype=np.float64)


def _check_word(kind: str, word: Any, known: tuple[str, ...]) -> None:
    """Refuse what is not one of the known words."""
    if not isinstance(word, str) or word not in known:
        raise unknown_name(kind, word, known)


@final
@dataclass(frozen=True, slots=True)
class Costs:
    """What trading costs, on every fill; slippage is on by default.

    commission, slippage, half_spread: fractions (0.0005 = 5 basis points); half_spread may be a column.
    per_unit: currency per unit traded; minimum: smallest commission of an order, in currency.
    slippage_atr: slippage in multiples of the average true range; impact: k in k x sigma x sqrt(order / bar volume).
    participation: largest share of a bar's volume an order may take (None: no cap); the rest waits for the next bar.
    borrow_rate, cash_rate, leverage_rate: per year (365 days); funding_rate: per bar, paid by longs, may be a column.
    """

    commission: float = 0.0005
    slippage: float = 0.0002
    per_unit: float = 0.0
    minimum: float = 0.0
    half_spread: float | FloatArray = 0.0
    slippage_atr: float = 0.0
    impact: float = 0.0
    participation: float | None = None
    borrow_rate: float = 0.0
    funding_rate: float | FloatArray = 0.0
    cash_rate: float = 0.0
    leverage_rate: float = 0.0

    def __post_init__(self) -> None:
        for name in ("commission", "slippage"):
            _check("Costs", name, getattr(self, name), 0.0, 10.0)
        for name in ("per_unit", "minimum", "slippage_atr", "impact"):
            _check("Costs", name, getattr(self, name), 0.0, 1e9)
        for name in ("borrow_rate", "cash_rate", "leverage_rate"):
            _check("Costs", name, getattr(self, name), -1.0, 10.0)
        _check_column("Costs", "half_spread", self.half_spread, 0.0, 1.0)
        _check_column("Costs", "funding_rate", self.funding_rate, -1.0, 1.0)
        if self.participation is not None:
            _check("Costs", "participation", self.participation, 1e-9, 1.0)

    def __eq__(self, other: object) -> bool:
        """Whether every number and every column is the same."""
        if not isinstance(other, Costs):
            return NotImplemented
        pairs = ((getattr(self, field.name), getattr(other, field.name)) for field in fields(self))
        return all(np.array_equal(mine, theirs) for mine, theirs in pairs)

    def __hash__(self) -> int:
        """The same for equal costs: numbers count, of a column its shape."""
        values = (getattr(self, field.name) for field in fields(self))
        return hash(tuple(value.shape if isinstance(value, np.ndarray) else value for value in values))

    @staticmethod
    def free() -> Costs:
        """No costs at all: for checks against other engines, never for a decision."""
        return Costs(commission=0.0, slippage=0.0)

    def terms(self) -> CostTerms:
        """The plain numbers of the kernel."""
        return CostTerms(
            float(self.commission),
            float(self.per_unit),
            float(self.minimum),
            float(self.slippage),
            float(self.slippage_atr),
            float(self.impact),
            math.inf if self.participation is None else float(self.participation),
            float(self.borrow_rate),
            float(self.cash_rate),
            float(self.leverage_rate),
        )

    @property
    def finances(self) -> bool:
        """Whether holding a position (or cash) costs or earns anything."""
        rates = (self.borrow_rate, self.cash_rate, self.leverage_rate)
        return any(rate != 0.0 for rate in rates) or bool(np.any(np.asarray(self.funding_rate) != 0.0))

    def describe(self) -> dict[str, float | str]:
        """The settings that differ from zero, for a report."""
        shown: dict[str, float | str] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                shown[field.name] = "column"
            elif value:
                shown[field.name] = float(value)
        return shown


@final
@dataclass(frozen=True, slots=True)
class Exits:
    """Protective exits every position carries; None means none.

    stop_loss, take_profit, trailing_stop: fraction of the entry price, or multiples of the average true range known at
    the decision (unit="atr"). max_bars_held: closed at the open of that many bars later. path says which level counts
    first when one bar touches both: "pessimistic" the stop, "optimistic" the profit, "nearest" the nearer to the open.
    """

    stop_loss: float | None = None
    take_profit: float | None = None
    trailing_stop: float | None = None
    max_bars_held: int | None = None
    unit: str = "fraction"
    path: str = "pessimistic"
    atr_window: int = 14

    def __post_init__(self) -> None:
        _check_word("unit of exits", self.unit, UNITS_OF_EXITS)
        _check_word("path", self.path, PATHS)
        high = 1.0 if self.unit == "fraction" else 1e6
        for name, top in (("stop_loss", high), ("take_profit", 1e6), ("trailing_stop", high)):
            value = getattr(self, name)
            if value is not None:
                _check("Exits", name, value, 1e-12, top)
        if self.max_bars_held is not None:
            _check_whole("Exits", "max_bars_held", self.max_bars_held)
        _check_whole("Exits", "atr_window", self.atr_window)


@final
@dataclass(frozen=True, slots=True)
class Execution:
    """When decisions are filled and how much an account may hold.

    fill: "open" of the next bar (default), "close" of the next bar, or "same_close" (marks the result as same-bar).
    leverage: limit on |exposure| and factor on it; position_size: fraction of equity a full signal takes.
    rebalance_band: trade back when exposure drifted further than this from its target (None: never).
    """

    fill: str = "open"
    leverage: float = 1.0
    position_size: float = 1.0
    rebalance_band: float | None = None
    initial_cash: float = 100_000.0

    def __post_init__(self) -> None:
        _check_word("fill", self.fill, FILLS)
        _check("Execution", "leverage", self.leverage, 1e-9, 1e3)
        _check("Execution", "position_size", self.position_size, 1e-9, 1e3)
        _check("Execution", "initial_cash", self.initial_cash, 1e-9, 1e15)
        if self.rebalance_band is not None:
            _check("Execution", "rebalance_band", self.rebalance_band, 0.0, 1e3)
