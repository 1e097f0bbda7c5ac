"""TA-Lib behind one door: its functions as catalogue entries, and their columns.

TA-Lib is imported on first use, because its import pulls in data frame libraries and this package must stay
light.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from inspect import unwrap
from types import ModuleType
from typing import Any

import numpy as np

from autonomous_trading.core import BoolArray, FloatArray, InvalidParameter
from autonomous_trading.features._entries import ArgumentRule, CatalogueEntry, ColumnInput, Reach
from autonomous_trading.features._talib_facts import FACTS, MAY_BE_INFINITE, NEVER_ON_PRICES, ZERO_FIRST
from autonomous_trading.features._talib_memory import memory_of
from autonomous_trading.features._talib_ranges import MA_TYPES, integer_range, real_range

_POSITIONS = frozenset({"maxindex", "minindex", "minmaxindex"})  # their values are numbers of rows


@cache
def function_names() -> tuple[str, ...]:
    """TA-Lib's functions by lower-case name, in alphabetical order."""
    return tuple(sorted(name.lower() for name in _talib().get_functions()))


@cache
def entry_of(name: str) -> CatalogueEntry:
    """What TA-Lib tells about one of its functions, and what our tables add: formula, units, source and memory."""
    function = _abstract(name)
    information = function.info
    outputs = tuple(information["output_names"])
    reach = reach_of_function(name, tuple(information["parameters"].values()))
    formula, units, source = FACTS[name]
    return CatalogueEntry(
        name=name,
        group=information["group"],
        description=information["display_name"],
        parameters=tuple(_argument(name, argument, default) for argument, default in information["parameters"].items()),
        inputs=_inputs(information["input_names"]),
        outputs=outputs if len(outputs) > 1 else (),
        warm_up=reach.warm_up,
        formula=formula,
        units=units,
        source=source,
        memory=reach.memory,
        tolerance=reach.tolerance,
        zero_first=ZERO_FIRST.get(name, ()),
        sparse=name in NEVER_ON_PRICES,
    )


def reach_of_function(name: str, arguments: Sequence[float]) -> Reach:
    """How far back one of its functions looks under checked arguments."""
    warm_up = lookback(name, arguments)
    return Reach(warm_up, *memory_of(name, arguments, warm_up))


def lookback(name: str, arguments: Sequence[float]) -> int:
    """How many leading bars have no value under these arguments, as TA-Lib itself counts them."""
    function = _abstract(name)
    named = dict(zip(function.info["parameters"], arguments, strict=True))
    if named:
        function.set_parameters(named)
    return int(function.lookback)


def compute(entry: CatalogueEntry, arguments: Sequence[float], inputs: Sequence[FloatArray]) -> list[FloatArray]:
    """The outputs of a TA-Lib function in its own order, as float64 of full length, NaN during warm-up.

    Whole-number outputs (candlestick patterns, positions, modes) are 0 during warm-up, as TA-Lib gives them. What
    TA-Lib computes as infinite (a quotient by 0, the exponential of a price) is NaN: not known.
    """
    return call(entry.name, arguments, inputs)


def call(name: str, arguments: Sequence[float], inputs: Sequence[FloatArray]) -> list[FloatArray]:
    """The same for a function by its lower-case name.

    A row after the first known one that misses an input has no value, and what follows starts anew, warm-up and running
    totals included, as if the rows before were not there. TA-Lib itself carries a NaN along for ever, or makes a number
    of it. (Inputs without a value on their first rows are no such case: they start later.)
    """
    contiguous = [np.ascontiguousarray(values, dtype=np.float64) for values in inputs]
    runs = _known_runs(contiguous)
    if not runs or (len(runs) == 1 and runs[0][1] == len(contiguous[0])):
        found = _called(name, arguments, contiguous)
    else:
        found = _joined(name, arguments, contiguous, runs)
    return [_finite(column) for column in found] if name in MAY_BE_INFINITE else found


def _joined(
    name: str, arguments: Sequence[float], inputs: Sequence[FloatArray], runs: Sequence[tuple[int, int]]
) -> list[FloatArray]:
    """The outputs of every run of known rows on its own, NaN between them."""
    begin = runs[0][1]
    # The first run brings the rows before it along: the library tells what they are.
    joined = [
        np.concatenate((column, np.full(len(inputs[0]) - begin, np.nan)))
        for column in _called(name, arguments, [values[:begin] for values in inputs])
    ]
    settled = lookback(name, arguments)
    for start, stop in runs[1:]:
        if stop - start <= settled and name not in ZERO_FIRST:
            continue  # too short for a value
        for column, part in zip(joined, _called(name, arguments, [v[start:stop] for v in inputs]), strict=True):
            if name in _POSITIONS:
                part[settled:] += start
            column[start:stop] = part
    return joined


def _known_runs(inputs: Sequence[FloatArray]) -> list[tuple[int, int]]:
    """First row and the one behind the last of every stretch of rows that have all inputs."""
    missing: BoolArray = np.isnan(inputs[0])
    for values in inputs[1:]:
        missing |= np.isnan(values)
    if not missing.any():
        return [(0, len(missing))] if len(missing) else []
    edges = np.flatnonzero(np.diff(missing, prepend=True, append=True))
    return [(int(start), int(stop)) for start, stop in zip(edges[::2], edges[1::2], strict=True)]


def _called(name: str, arguments: Sequence[float], inputs: Sequence[FloatArray]) -> list[FloatArray]:
    function = _function(name)
    try:
        result = function(*inputs, *arguments)
    except Exception as error:  # TA-Lib raises bare Exception; anything else goes on untouched
        if type(error) is not Exception:
            raise
        raise InvalidParameter(
            f"TA-Lib refused {name}{tuple(arguments)}: {error}",
            fix="check that the arguments fit together (a minimum not above its maximum)",
        ) from error
    columns = result if isinstance(result, tuple) else (result,)
    known = _any_row_known(inputs)
    return [_as_column(values, known=known) for values in columns]


def _as_column(values: Any, *, known: bool) -> FloatArray:
    column = np.asarray(values, dtype=np.float64)
    # TA-Lib takes the last bar for the first one when no bar has all its inputs. Without this line
    # accumulating functions (ad, nvi, pvi, vwap, wad) would give a value there that one more bar takes away
    # again.
    if not known and np.issubdtype(np.asarray(values).dtype, np.floating):
        return np.full(len(column), np.nan)
    return column


def _finite(column: FloatArray) -> FloatArray:
    """The column with NaN where it is infinite: not known."""
    endless = np.isinf(column)
    return np.where(endless, np.nan, column) if endless.any() else column


def _any_row_known(inputs: Sequence[FloatArray]) -> bool:
    if all(values[-1] == values[-1] for values in inputs):
        return True  # the usual case, without looking at every bar
    known: BoolArray = np.ones(len(inputs[0]), dtype=np.bool_)
    for values in inputs:
        known &= ~np.isnan(values)
    return bool(known.any())


@cache
def _talib() -> ModuleType:
    import talib

    return talib


@cache
def _function(name: str) -> Callable[..., Any]:
    """The compiled function itself, without the wrapper that looks for data frames in every argument."""
    function: Callable[..., Any] = unwrap(getattr(_talib(), name.upper()))
    return function


def _abstract(name: str) -> Any:
    abstract: Any = import_module("talib.abstract")  # its type stub leaves Function out
    return abstract.Function(name.upper())


def _argument(function: str, name: str, default: int | float) -> ArgumentRule:
    if "matype" in name:
        top = max(MA_TYPES.values())
        return ArgumentRule(name=name, kind="int", default=int(default), low=0, high=top, choices=MA_TYPES)
    if isinstance(default, int):
        low, high = integer_range(function, name)
        return ArgumentRule(name=name, kind="int", default=default, low=low, high=high)
    least, most = real_range(name)
    return ArgumentRule(name=name, kind="float", default=float(default), low=least, high=most)


def _inputs(names: Mapping[str, str | list[str]]) -> tuple[ColumnInput, ...]:
    """TA-Lib's inputs as keywords: `source` for a single series, column names for several."""
    if list(names) == ["price"]:
        return (ColumnInput(keyword="source", default=str(names["price"])),)
    found: list[ColumnInput] = []
    for key, value in names.items():
        if isinstance(value, list):
            found += [ColumnInput(keyword=column, default=column) for column in value]
        elif key == "periods":
            found.append(ColumnInput(keyword="periods", default=""))
        elif key == "price":
            found.append(ColumnInput(keyword=value, default=value))
        else:  # price0 and price1: any two series
            found.append(ColumnInput(keyword=key, default=value))
    return tuple(found)
