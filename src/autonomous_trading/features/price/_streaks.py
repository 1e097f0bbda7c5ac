"""Runs of bars that went the same way."""

from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.features._definitions import ColumnDefinition, whole
from autonomous_trading.features._primitives import change

_GROUP = "Price"


def capped_run(signs: FloatArray, limit: int) -> FloatArray:
    """Length of the run of equal signs that ends here, with that sign and no longer than `limit`; 0 where it is 0.

    A sign that is not known ends a run and gives NaN.
    """
    rows = np.arange(len(signs))
    begins = np.ones(len(signs), dtype=np.bool_)
    begins[1:] = signs[1:] != signs[:-1]
    length = rows - np.maximum.accumulate(np.where(begins, rows, 0)) + 1
    return np.minimum(length, limit) * signs


def streak(source: FloatArray, limit: int) -> FloatArray:
    """How many bars in a row rose, or fell (negative), up to a limit; 0 after a bar that stands still."""
    return capped_run(np.sign(change(source, 1)), limit)


COLUMNS: Mapping[str, ColumnDefinition] = {
    "streak": ColumnDefinition(
        streak,
        group=_GROUP,
        description="Bars in a row that rose (positive) or fell (negative), up to a limit",
        formula="min(run of sign(x - x[-1]), limit) with its sign",
        units="bars",
        source="Connors and Alvarez (2009), Short Term Trading Strategies That Work",
        inputs=(("source", "close"),),
        parameters=(whole("limit", 20),),
        warm_up=1,
        memory=lambda limit: limit,
    ),
}
