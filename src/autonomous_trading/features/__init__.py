"""What we see: causal columns of bars, by name, each computed once."""

from autonomous_trading.features._catalogue import catalogue, column_names, find, reach_of
from autonomous_trading.features._custom import UserFunction
from autonomous_trading.features._entries import ArgumentRule, CatalogueEntry, ColumnInput, Reach
from autonomous_trading.features._matrix import (
    FeatureList,
    FeatureMatrix,
    compute_features,
    feature_name,
    named_features,
)
from autonomous_trading.features._standard import STANDARD_FEATURES
from autonomous_trading.features._store import EXTRA_PREFIX, ColumnStore
from autonomous_trading.features._timeframes import on_timeframe, split_timeframe

__all__ = [
    "EXTRA_PREFIX",
    "STANDARD_FEATURES",
    "ArgumentRule",
    "CatalogueEntry",
    "ColumnInput",
    "ColumnStore",
    "FeatureList",
    "FeatureMatrix",
    "Reach",
    "UserFunction",
    "catalogue",
    "column_names",
    "compute_features",
    "feature_name",
    "find",
    "named_features",
    "on_timeframe",
    "reach_of",
    "split_timeframe",
]
