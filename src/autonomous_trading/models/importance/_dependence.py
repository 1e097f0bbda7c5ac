"""How much a feature says about the target at all, whatever a model makes of it: mutual information."""

from __future__ import annotations

import numpy as np

from autonomous_trading.core import FloatArray, IntArray

_BINS = 8


def codes_of(values: FloatArray) -> IntArray:
    """The bin of each value: its own where there are few different ones, else one of eight of the same size."""
    distinct, inverse = np.unique(values, return_inverse=True)
    if len(distinct) <= _BINS:
        return np.asarray(inverse, dtype=np.int64)
    edges = np.quantile(values, np.arange(1, _BINS) / _BINS)
    return np.searchsorted(edges, values, side="right")


def mutual_information(features: IntArray, target: IntArray) -> FloatArray:
    """Of binned features [features, rows] and a binned target [rows], in nats; never below 0, and above it by chance.

    >>> round(float(mutual_information(np.array([[0, 1, 0, 1]]), np.array([0, 1, 0, 1]))[0]), 4)
    0.6931
    """
    count, rows = features.shape
    wide = int(target.max()) + 1
    offset = np.arange(count)[:, np.newaxis] * (_BINS * wide)
    table = np.bincount((features * wide + target + offset).ravel(), minlength=count * _BINS * wide)
    joint = table.reshape(count, _BINS, wide) / rows
    apart = joint.sum(axis=2, keepdims=True) * joint.sum(axis=1, keepdims=True)
    ratio = np.divide(joint, apart, out=np.ones_like(joint), where=joint > 0.0)
    information: FloatArray = (joint * np.log(ratio)).sum(axis=(1, 2))
    return information
