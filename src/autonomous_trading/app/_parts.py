"""What a metric on several parts of the bars is together: the worst, the middle one, or the mean."""

from __future__ import annotations

import warnings

import numpy as np

from autonomous_trading.core import FloatArray, metric_named


def worst_of(name: str) -> float:
    """What is worse than any value of a metric."""
    return -np.inf if metric_named(name).direction == "maximize" else np.inf


def together(how: str, name: str, values: FloatArray) -> FloatArray:
    """Worst, middle ("median") or mean over the first axis [parts, sets] of a metric; infinities may come out.

    A part without a value counts as the worst there is. The bits of a set do not depend on the sets beside it.
    """
    worst = worst_of(name)
    filled = np.where(np.isnan(values), worst, values)
    found: FloatArray
    with np.errstate(invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # infinities of both signs have no mean
        if how == "mean":
            # One part after the other: `mean` adds in another order where a table holds one set alone.
            found = np.add.accumulate(filled, axis=0)[-1] / len(filled)
        elif how == "median":
            found = np.median(filled, axis=0)
        else:
            found = filled.min(axis=0) if worst < 0.0 else filled.max(axis=0)
    result: FloatArray = np.where(np.isnan(found), worst, found)
    return result
