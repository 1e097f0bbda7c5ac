"""Everything that can be seen, by name: basic columns and TA-Lib's functions."""

from functools import cache

from autonomous_trading.core import unknown_name
from autonomous_trading.features._basic import BASIC
from autonomous_trading.features._entries import CatalogueEntry
from autonomous_trading.features._talib import entry_of, function_names


def catalogue() -> tuple[CatalogueEntry, ...]:
    """Every column there is: the basic ones first, then TA-Lib's functions in alphabetical order."""
    return tuple(find(name) for name in column_names())


@cache
def column_names() -> tuple[str, ...]:
    """The names of all of them, in the same order."""
    return (*BASIC, *function_names())


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
        )
    if name in function_names():
        return entry_of(name)
    raise unknown_name("column", name, column_names())
