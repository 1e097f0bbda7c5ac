"""Everything that can be seen, by name: basic columns, columns of our own by group, and TA-Lib's functions."""

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType

from autonomous_trading.core import unknown_name
from autonomous_trading.features import (
    calendar,
    cross_asset,
    microstructure,
    patterns,
    price,
    spectral,
    technical,
    volatility,
)
from autonomous_trading.features._basic import BASIC
from autonomous_trading.features._definitions import ColumnDefinition
from autonomous_trading.features._entries import ArgumentValue, CatalogueEntry, Reach
from autonomous_trading.features._talib import entry_of, function_names, reach_of_function

_GROUPS = (price, volatility, technical, microstructure, patterns, spectral, cross_asset, calendar)

DEFINED: Mapping[str, ColumnDefinition] = MappingProxyType(
    {name: definition for group in _GROUPS for name, definition in group.COLUMNS.items()}
)
"""The columns of our own, by name: no name stands in two groups."""


def catalogue() -> tuple[CatalogueEntry, ...]:
    """Every column there is: the basic ones, those of our own by group, then TA-Lib's in alphabetical order."""
    return tuple(find(name) for name in column_names())


@cache
def column_names() -> tuple[str, ...]:
    """The names of all of them, in the same order."""
    return (*BASIC, *DEFINED, *function_names())


@cache
def find(name: str) -> CatalogueEntry:
    """One entry of the catalogue, or UnknownName with the nearest names."""
    if name in BASIC:
        basic = BASIC[name]
        return CatalogueEntry(
            name=name,
            group=basic.group,
            description=basic.description,
            warm_up=basic.warm_up,
            callable=False,
            formula=basic.description,
            units=basic.units,
            source="the bars themselves",
            memory=basic.warm_up,
        )
    if name in DEFINED:
        return DEFINED[name].entry(name)
    if name in function_names():
        return entry_of(name)
    raise unknown_name("column", name, column_names())


def reach_of(name: str, arguments: Sequence[ArgumentValue] = ()) -> Reach:
    """How far back a column looks under these arguments, defaults filled in: warm-up, memory and its tolerance.

    Raises UnknownName and InvalidParameter as the column itself would.
    """
    entry = find(name)
    checked = entry.canonical(arguments)
    if name in DEFINED:
        return DEFINED[name].reach(checked)
    if name in BASIC:
        return Reach(entry.warm_up, entry.memory, entry.tolerance)
    return reach_of_function(name, checked)
