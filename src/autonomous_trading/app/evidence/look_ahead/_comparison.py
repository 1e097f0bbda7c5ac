"""Columns of a world and of altered ones, compared row by row before the first bar that was changed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias, final

import numpy as np

from autonomous_trading.app._cuts import equal_but_for_rounding
from autonomous_trading.app.evidence.look_ahead._futures import Altered, World, rows_before
from autonomous_trading.core import MISTAKES, BoolArray, FloatArray, InvalidInput, TradingError


class Key(NamedTuple):
    """Whose column it is, and what it is called."""

    symbol: str
    column: str


Columns: TypeAlias = Mapping[Key, FloatArray]
Ask: TypeAlias = Callable[[World], Columns]
"""Every column of a world, one value for every bar of its instrument."""


class Change(NamedTuple):
    """The first row of a column that changed, and both values; `known` rows begin before the changed bars."""

    altered: Altered
    row: int
    known: int
    value: float
    changed_value: float

    @property
    def reach(self) -> int:
        """From the value that changed to the first bar that was changed."""
        return self.known - self.row


@final
@dataclass(slots=True)
class Comparison:
    """A world's columns beside those of altered worlds: what changed, and how many were compared."""

    ask: Ask
    whole: Columns
    tried: dict[str, int] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    changes: dict[tuple[Key, str], list[Change]] = field(default_factory=dict)
    exact: bool = True

    def __post_init__(self) -> None:
        self._scales = {key: typical_size(values) for key, values in self.whole.items()}

    _scales: dict[Key, float] = field(init=False, default_factory=dict)

    def run(self, altered_worlds: Iterable[Altered]) -> None:
        """Ask for the columns of each, and keep what changed where nothing may."""
        for altered in altered_worlds:
            try:
                columns = self.ask(altered.world)
            except (*MISTAKES, TradingError):
                self.failed[altered.check] = self.failed.get(altered.check, 0) + 1
                continue
            self.tried[altered.check] = self.tried.get(altered.check, 0) + 1
            self._compare(altered, columns)

    def _compare(self, altered: Altered, columns: Columns) -> None:
        for key, values in self.whole.items():
            if altered.only not in ("", key.symbol):
                continue
            change = self._change(altered, key, values, columns.get(key))
            if change is not None:
                self.changes.setdefault((key, altered.check), []).append(change)

    def _change(self, altered: Altered, key: Key, values: FloatArray, other: FloatArray | None) -> Change | None:
        bars = altered.world.get(key.symbol)
        known = 0 if bars is None else rows_before(bars, altered.moment)
        before = values[:known]
        after = np.full(known, np.nan) if other is None else other[:known]
        same = same_bits(before, after)
        if same.all():
            return None
        changed = np.flatnonzero(~same & ~equal_but_for_rounding(before, after, self._scales[key]))
        if not len(changed):
            self.exact = False
            return None
        row = int(changed[0])
        return Change(altered, row, known, float(before[row]), float(after[row]))


def same_bits(left: FloatArray, right: FloatArray) -> BoolArray:
    """Where two arrays hold the same number to the last bit; every NaN equals every other."""
    equal: BoolArray = left.view(np.int64) == right.view(np.int64)
    return equal | (np.isnan(left) & np.isnan(right))


def typical_size(values: FloatArray) -> float:
    """The median of what the values are as large as, zeros and unknown ones left out; 0 where there is none."""
    sizes = np.abs(values[np.isfinite(values) & (values != 0.0)])
    return float(np.median(sizes)) if len(sizes) else 0.0


def as_columns(answer: object, n_bars: int, name: str) -> dict[str, FloatArray]:
    """What a function gave, by name: one array of numbers or truths, several in a tuple or list, or a mapping of them.

    Raises InvalidInput where one does not have one value per bar.
    """
    if isinstance(answer, Mapping):
        named = {f"{name}.{key}": values for key, values in answer.items()}
    elif isinstance(answer, tuple | list):
        named = {f"{name}[{number}]": values for number, values in enumerate(answer)}
    else:
        named = {name: answer}
    return {label: _column(values, n_bars, label) for label, values in named.items()}


def _column(values: object, n_bars: int, label: str) -> FloatArray:
    array = np.asarray(values)
    if array.shape != (n_bars,) or array.dtype.kind not in "biuf":
        raise InvalidInput(
            f"{label} gave {array.dtype} of shape {array.shape} for {n_bars} bars",
            fix="give one number, or true or false, per bar",
        )
    return np.ascontiguousarray(array, dtype=np.float64)
