"""The truncation law as a check: cut the bars anywhere, and what came before must not change.

    check_causal(lambda bars: my_indicator(bars.close, 20), random_walk(400, seed=1))
    check_causal(MyStrategy(fast=20), random_walk(400, seed=1))

A function that looks ahead (a centred window, a global scale, an index from the end) gives other values once
later bars are missing. The check says where.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias, final

import numpy as np

from autonomous_trading.core import Bars, BoolArray, FloatArray, evaluate
from autonomous_trading.features import ColumnStore
from autonomous_trading.strategies import Columns, Strategy, signals_of

ColumnFunction: TypeAlias = Callable[[Bars], Any]
"""A function of bars that gives one array of their length, or several in a tuple or list."""

_CUTS = 16


@final
class LooksAhead(AssertionError):
    """A value changed when later bars were taken away: `row` of the bars cut at `cut`."""

    def __init__(self, name: str, *, cut: int, row: int, full: float, cut_off: float) -> None:
        self.cut = cut
        self.row = row
        super().__init__(
            f"{name} looks ahead: its value at row {row} is {full!r} with all bars, "
            f"but {cut_off!r} when the bars end before row {cut}"
        )


def check_causal(
    subject: ColumnFunction | Strategy,
    bars: Bars,
    *,
    cuts: Sequence[int] | None = None,
    name: str = "",
) -> None:
    """Nothing, or LooksAhead at the first row that changes; compared bit for bit, NaN equal to NaN.

    `subject` is a function of bars or a strategy, whose target is compared.
    `cuts` are the lengths the bars are cut to, 1 to len(bars) - 1; by default 16 of them, spread evenly.
    """
    function = partial(target_of, subject) if isinstance(subject, Strategy) else subject
    name = name or (repr(subject) if isinstance(subject, Strategy) else "the function")
    whole = _columns(function, bars, name)
    lengths = default_cuts(len(bars)) if cuts is None else cuts
    for length in lengths:
        part = _columns(function, bars[:length], name)
        for full, short in zip(whole, part, strict=True):
            changed = np.flatnonzero(~same_bits(full[:length], short))
            if len(changed):
                row = int(changed[0])
                raise LooksAhead(name, cut=length, row=row, full=float(full[row]), cut_off=float(short[row]))


def target_of(strategy: Strategy, bars: Bars) -> FloatArray:
    """What a strategy wants on every bar: its exposure as a fraction of equity, NaN where it holds."""
    see = Columns(ColumnStore(bars))
    return evaluate(signals_of(strategy, see).target, see.store)


def default_cuts(n: int) -> list[int]:
    """Lengths to cut `n` bars to: the shortest, the longest, and others spread evenly between."""
    return [int(cut) for cut in np.unique(np.linspace(1, max(n - 1, 1), _CUTS).astype(np.int64))]


def same_bits(left: FloatArray, right: FloatArray) -> BoolArray:
    """Where two arrays hold the same number to the last bit; every NaN equals every other."""
    equal: BoolArray = left.view(np.int64) == right.view(np.int64)
    return equal | (np.isnan(left) & np.isnan(right))


def _columns(column_function: ColumnFunction, bars: Bars, name: str) -> list[FloatArray]:
    result = column_function(bars)
    columns = list(result) if isinstance(result, tuple | list) else [result]
    arrays = [np.ascontiguousarray(column, dtype=np.float64) for column in columns]
    for array in arrays:
        if array.shape != (len(bars),):
            raise AssertionError(f"{name} gave shape {array.shape} for {len(bars)} bars: give one value per bar")
    return arrays
