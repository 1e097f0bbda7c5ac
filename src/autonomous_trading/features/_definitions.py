"""How a column of our own is written down: what the catalogue says about it, and the function that computes it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, final

import numpy as np

from autonomous_trading.core import FloatArray, InvalidExpression
from autonomous_trading.features._entries import ArgumentRule, CatalogueEntry, ColumnInput, Reach

Computed: TypeAlias = FloatArray | tuple[FloatArray, ...]
"""What a column function returns: one array, or one for each of its outputs, in order."""

LONGEST_PERIOD = 100_000


@final
@dataclass(frozen=True, slots=True)
class ColumnDefinition:
    """A column of our own: `compute(*inputs, *arguments)` gives float64 arrays with one value a bar.

    `inputs` are catalogue names, or pairs (keyword, name) where a keyword reads better; an empty name means that the
    series has to be given. `warm_up` and `memory` are numbers of bars, or functions of the arguments that give them.
    A memory of None: everything since the first bar matters. A value that is not known is NaN, never a guess.
    `sparse`: a value is known on some bars only, after an event, so that `warm_up` is when the first one may come.
    The function must be causal to the last bit, leave its inputs alone, and pass NaN inputs on as NaN (or say how long
    they last).
    """

    compute: Callable[..., Computed]
    group: str
    description: str
    formula: str
    units: str
    source: str
    inputs: tuple[str | tuple[str, str], ...] = ("close",)
    parameters: tuple[ArgumentRule, ...] = ()
    outputs: tuple[str, ...] = ()
    warm_up: int | Callable[..., int] = 0
    memory: int | Callable[..., int | None] | None = 0
    tolerance: float = 0.0
    sparse: bool = False

    def entry(self, name: str) -> CatalogueEntry:
        """What the catalogue says about it, with warm-up and memory under the default arguments."""
        reach = self.reach([parameter.default for parameter in self.parameters])
        return CatalogueEntry(
            name=name,
            group=self.group,
            description=self.description,
            parameters=self.parameters,
            inputs=tuple(_input(each) for each in self.inputs),
            outputs=self.outputs,
            warm_up=reach.warm_up,
            formula=self.formula,
            units=self.units,
            source=self.source,
            memory=reach.memory,
            tolerance=reach.tolerance,
            sparse=self.sparse,
        )

    def reach(self, arguments: Sequence[int | float]) -> Reach:
        """How far back it looks under these arguments."""
        return Reach(
            warm_up=self.warm_up(*arguments) if callable(self.warm_up) else self.warm_up,
            memory=self.memory(*arguments) if callable(self.memory) else self.memory,
            tolerance=self.tolerance,
        )


def whole(name: str, default: int, low: int = 1, high: int = LONGEST_PERIOD) -> ArgumentRule:
    """A whole-number argument with inclusive bounds, such as a number of bars."""
    return ArgumentRule(name=name, kind="int", default=default, low=low, high=high)


def real(name: str, default: float, low: float, high: float) -> ArgumentRule:
    """A real argument with inclusive bounds."""
    return ArgumentRule(name=name, kind="float", default=float(default), low=low, high=high)


def choice(name: str, default: str, names: Sequence[str]) -> ArgumentRule:
    """An argument that is one of some names; the function gets the position of the name in the list."""
    numbered = {each: number for number, each in enumerate(names)}
    return ArgumentRule(name=name, kind="int", default=numbered[default], low=0, high=len(names) - 1, choices=numbered)


def compute_defined(
    name: str, definition: ColumnDefinition, arguments: Sequence[Any], inputs: Sequence[FloatArray]
) -> tuple[FloatArray, ...]:
    """The outputs of a column of our own as float64 of full length; InvalidExpression where it gave other shapes."""
    given = [np.ascontiguousarray(values, dtype=np.float64) for values in inputs]
    found = definition.compute(*given, *arguments)
    columns = found if isinstance(found, tuple) else (found,)
    lengths = {values.shape for values in given}
    for column in columns:
        if column.dtype != np.float64 or column.shape not in lengths or len(columns) != max(1, len(definition.outputs)):
            raise InvalidExpression(
                f"column {name} gave {len(columns)} arrays, one of {column.dtype} and shape {column.shape}",
                fix="return one float64 array per output, with one value per bar",
            )
    return columns


def _input(each: str | tuple[str, str]) -> ColumnInput:
    keyword, default = (each, each) if isinstance(each, str) else each
    return ColumnInput(keyword=keyword, default=default)
