"""A column under test: how it is computed from bars, and what is declared about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from autonomous_trading.core import Bars, FloatArray, InvalidExpression, InvalidParameter
from autonomous_trading.features import (
    ArgumentRule,
    CatalogueEntry,
    ColumnStore,
    Reach,
    UserFunction,
    find,
    reach_of,
)
from autonomous_trading.testing.contracts._column_markets import OTHER, column_market

_LONGEST: Final = 60  # of numbers of bars that are drawn: the bars of the suite are some hundred
_LARGEST: Final = 4.0
_DRAWS: Final = 50

Inputs = Callable[[ColumnStore], tuple[FloatArray, ...] | None]


@final
@dataclass(frozen=True, slots=True)
class ColumnSubject:
    """One column with its arguments: `compute(bars)` gives its outputs by name, "" for a single one.

    `reach` is what is declared about warm-up and memory, `zero_first` the outputs that are 0 while they warm up, and
    `sparse` that a value is known on some bars only. `entry` is None for a column that is in no catalogue.
    """

    name: str
    compute: Callable[[Bars], Mapping[str, FloatArray]]
    reach: Reach
    zero_first: tuple[str, ...] = ()
    sparse: bool = False
    entry: CatalogueEntry | None = None


def catalogue_column(name: str, arguments: tuple[int | float, ...] = (), inputs: Inputs | None = None) -> ColumnSubject:
    """A column of the catalogue under these arguments; series it has to be given are made up.

    `inputs` gives its input series from the store of the bars, None for its own.
    """
    entry = find(name)
    series = made_up_inputs(entry) if inputs is None else inputs

    def compute(bars: Bars) -> Mapping[str, FloatArray]:
        store = ColumnStore(bars)
        given = series(store)
        return {output: store.column(name, arguments, given, output) for output in entry.outputs or ("",)}

    return ColumnSubject(
        name=f"{name}{arguments or ''}",
        compute=compute,
        reach=reach_of(name, arguments),
        zero_first=entry.zero_first,
        sparse=entry.sparse,
        entry=entry,
    )


def user_column(
    function: Callable[..., object],
    *arguments: int | float,
    warm_up: int = 0,
    memory: int | None = None,
    tolerance: float = 0.0,
) -> ColumnSubject:
    """A function of bars and numbers, as `see.custom` takes it, with what its author says about it.

    `warm_up`, `memory` and `tolerance` mean what they mean in the catalogue: see `CatalogueEntry`.
    """
    name = UserFunction(function)

    def compute(bars: Bars) -> Mapping[str, FloatArray]:
        return {"": ColumnStore(bars).column(name, arguments)}

    return ColumnSubject(name.place, compute, Reach(warm_up, memory, tolerance))


def late_column(name: str) -> ColumnSubject:
    """The same with inputs that are unknown on the first bars, as the output of another indicator is."""
    entry = find(name)
    return catalogue_column(
        name, (), lambda store: tuple(store.column("rsi", (5 + position,)) for position, _ in enumerate(entry.inputs))
    )


def made_up_inputs(entry: CatalogueEntry) -> Inputs:
    """Its own inputs, and for each that has to be given a series made from the bars: see `_STAND_INS`."""
    if all(each.default for each in entry.inputs):
        return lambda _: None

    def series(store: ColumnStore) -> tuple[FloatArray, ...]:
        return tuple(
            store.column(each.default)
            if each.default
            else _STAND_INS.get(each.keyword, _other_instrument)(store.bars, position)
            for position, each in enumerate(entry.inputs)
        )

    return series


def other_arguments(name: str, rng: np.random.Generator) -> tuple[int | float, ...]:
    """Arguments inside the ranges of a column, drawn until they fit together; none for a column without."""
    entry = find(name)
    bars = column_market("clean", 200)
    for _ in range(_DRAWS):
        drawn = tuple(_drawn(rule, rng) for rule in entry.parameters)
        try:
            catalogue_column(name, drawn).compute(bars)
        except (InvalidParameter, InvalidExpression):  # such as a slow average that is faster than the fast one
            continue
        return drawn
    raise InvalidParameter(
        f"{name}: none of {_DRAWS} random sets of arguments was accepted",
        fix="make the ranges of its parameters say what fits",
    )


def _drawn(rule: ArgumentRule, rng: np.random.Generator) -> int | float:
    if rule.kind == "int":
        most = max(int(rule.low), min(int(rule.high), _LONGEST))
        return int(rng.integers(int(rule.low), most + 1))
    low = max(rule.low, -_LARGEST)
    return float(rng.uniform(low, max(low, min(rule.high, _LARGEST))))


def _other_instrument(bars: Bars, position: int) -> FloatArray:
    """The price of another instrument: that of the bars where they carry one, else one that follows their own."""
    name = OTHER[position % len(OTHER)]
    return bars.extra[name] if name in bars.extra else (bars.high + bars.low) / (2.0 + position)


def _whole_numbers(bars: Bars, _: int) -> FloatArray:
    """Numbers of bars from 2 to 8 that vary."""
    return 2.0 + (bars.time // 3_600_000_000_000 % 7).astype(np.float64)


_STAND_INS: Final[Mapping[str, Callable[[Bars, int], FloatArray]]] = {"periods": _whole_numbers}
"""Series for inputs that have to be given, by keyword; other keywords get the price of another instrument."""
