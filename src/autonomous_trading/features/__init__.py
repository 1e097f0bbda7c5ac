"""What we see: causal columns of bars, by name, each computed once."""

from autonomous_trading.features._catalogue import catalogue, column_names, find, reach_of
from autonomous_trading.features._custom import UserFunction
from autonomous_trading.features._entries import ArgumentRule, CatalogueEntry, ColumnInput, Reach
from autonomous_trading.features._store import EXTRA_PREFIX, ColumnStore
from autonomous_trading.features._timeframes import on_timeframe, split_timeframe

__all__ = [
    "EXTRA_PREFIX",
    "ArgumentRule",
    "CatalogueEntry",
    "ColumnInput",
    "ColumnStore",
    "Reach",
    "UserFunction",
    "catalogue",
    "column_names",
    "find",
    "on_timeframe",
    "reach_of",
    "split_timeframe",
]
