"""Instruments compared with each other at one time."""

from typing import Final, Literal

import numpy as np

from autonomous_trading.core import BoolArray, FloatArray, IntArray

__all__ = ["Scale", "best_first", "mean_known", "mean_ranks", "scores_of"]

Scale = Literal["robust", "rank"]
_MOST: Final = 3.0
_MAD_TO_DEVIATION: Final = 1.4826
_MEAN_TO_DEVIATION: Final = 1.2533


def scores_of(values: FloatArray, eligible: BoolArray, scale: Scale) -> FloatArray:
    """How far each instrument stands from the others: [instruments, rows], NaN where unknown or not eligible.

    "robust": distance from the median in robust deviations (1.4826 times the median absolute deviation; 1.2533 times
    the mean one where half of the values are the same), cut at 3. "rank": the rank, spread evenly with mean 0 and
    variance 1; equal values have their mean rank. One value alone scores 0.
    """
    table = np.where(eligible & np.isfinite(values), values, np.nan).T
    found = _ranked(table) if scale == "rank" else _robust(table)
    return np.ascontiguousarray(found.T)


def mean_ranks(values: FloatArray) -> FloatArray:
    """Ranks from 1, the lowest first; equal values have the mean of theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - 0.5 * (count - 1))[place], dtype=np.float64)


def mean_known(parts: list[FloatArray]) -> FloatArray:
    """The mean of several scores, of those that are known; NaN where none is."""
    known = [np.isfinite(part) for part in parts]
    count = np.sum(known, axis=0)
    total = np.sum([np.where(there, part, 0.0) for part, there in zip(parts, known, strict=True)], axis=0)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan), dtype=np.float64)


def best_first(total: FloatArray) -> IntArray:
    """Ranks from 1, the highest total first and equal ones in the order of the instruments; 0 where NaN."""
    order = np.argsort(-total, axis=0, kind="stable")
    rank = np.empty(total.shape, dtype=np.int64)
    places = np.broadcast_to(np.arange(1, len(total) + 1, dtype=np.int64)[:, np.newaxis], total.shape)
    np.put_along_axis(rank, order, places, axis=0)
    rank[~np.isfinite(total)] = 0
    return rank


def _robust(table: FloatArray) -> FloatArray:
    away = table - _medians(table)[:, np.newaxis]
    size = np.abs(away)
    count = np.isfinite(size).sum(axis=1)
    mean = np.nansum(size, axis=1) / np.maximum(count, 1)
    deviation = _MAD_TO_DEVIATION * _medians(size)
    deviation = np.where(deviation > 0.0, deviation, _MEAN_TO_DEVIATION * mean)
    usable = np.where(deviation > 0.0, deviation, 1.0)  # all the same: everybody scores 0
    return np.clip(away / usable[:, np.newaxis], -_MOST, _MOST)


def _medians(table: FloatArray) -> FloatArray:
    """The median of the known values of each row; NaN where there is none."""
    ordered = np.sort(table, axis=1)  # NaN goes to the end
    count = np.isfinite(table).sum(axis=1)
    rows = np.arange(len(table))
    low = ordered[rows, np.maximum((count - 1) // 2, 0)]
    high = ordered[rows, np.minimum(count // 2, table.shape[1] - 1)]
    return np.asarray(np.where(count > 0, 0.5 * (low + high), np.nan), dtype=np.float64)


def _ranked(table: FloatArray) -> FloatArray:
    found = np.full(table.shape, np.nan)
    for row, known in enumerate(np.isfinite(table)):
        rank = mean_ranks(table[row, known])
        found[row, known] = (rank - 0.5 * (len(rank) + 1)) / np.sqrt(max(len(rank) ** 2 - 1.0, 1.0) / 12.0)
    return found
