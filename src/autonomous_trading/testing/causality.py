"""The truncation law as a check: cut the bars anywhere, and what came before must not change.

    check_causal(lambda bars: my_indicator(bars.close, 20), random_walk(400, seed=1))
    check_causal(MyStrategy(fast=20), random_walk(400, seed=1))

A function that looks ahead (a centred window, a global scale, an index from the end) gives other values once
later bars are missing. The check says where, at the first place, and to the last bit: a law for tests. What a person
asks of a column (scrambled futures, warm-up, causes) is `app.evidence.check_columns`.
"""

from collections.abc import Sequence
from functools import partial
from typing import final

import numpy as np

from autonomous_trading.app.evidence import ColumnFunction, as_columns, same_bits, signal_columns
from autonomous_trading.core import Bars, FloatArray
from autonomous_trading.strategies import Strategy

__all__ = ["LooksAhead", "check_causal", "default_cuts", "same_bits", "target_of"]

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

    `subject` is a function of bars or a strategy, whose target and settings are compared.
    `cuts` are the lengths the bars are cut to, 1 to len(bars) - 1; by default 16 of them, spread evenly.
    """
    function = partial(signal_columns, subject) if isinstance(subject, Strategy) else subject
    name = name or (repr(subject) if isinstance(subject, Strategy) else "the function")
    whole = as_columns(function(bars), len(bars), name)
    lengths = default_cuts(len(bars)) if cuts is None else cuts
    for length in lengths:
        part = as_columns(function(bars[:length]), length, name)
        for column, full in whole.items():
            changed = np.flatnonzero(~same_bits(full[:length], part[column]))
            if len(changed):
                row = int(changed[0])
                raise LooksAhead(name, cut=length, row=row, full=float(full[row]), cut_off=float(part[column][row]))


def target_of(strategy: Strategy, bars: Bars) -> FloatArray:
    """What a strategy wants on every bar: its exposure as a fraction of equity, NaN where it holds."""
    return signal_columns(strategy, bars)["target"]


def default_cuts(n: int) -> list[int]:
    """Lengths to cut `n` bars to: the shortest, the longest, and others spread evenly between."""
    return [int(cut) for cut in np.unique(np.linspace(1, max(n - 1, 1), _CUTS).astype(np.int64))]
