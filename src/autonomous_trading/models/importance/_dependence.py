"""How much a feature says about the target at all, whatever a model makes of it: mutual information."""

from __future__ import annotations

import numpy as np

from autonomous_trading.core import FloatArray, IntArray

_BINS = 8


def codes_of(values: FloatArray) -> IntArray:
    """The bin of each value: its own where there are few different ones, else one of about eight of the same size.

    A value that fills a whole bin, such as the zeros of a count, has its own bin, and so have unknown values (NaN).

    >>> codes_of(np.array([0.5, np.nan, 0.0, 0.5])).tolist()
    [1, 2, 0, 1]
    """
    unknown = np.isnan(values)
    known = values[~unknown]
    codes = np.empty(len(values), dtype=np.int64)
    codes[~unknown] = _codes_of_known(known)
    codes[unknown] = codes[~unknown].max(initial=-1) + 1
    return codes


def _codes_of_known(values: FloatArray) -> IntArray:
    distinct, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    if len(distinct) <= _BINS:
        return np.asarray(inverse, dtype=np.int64)
    tied = distinct[counts * _BINS >= len(values)]
    edges = np.concatenate((np.quantile(values, np.arange(1, _BINS) / _BINS), tied, np.nextafter(tied, np.inf)))
    # Bins that nothing falls into are not counted, so codes are below 3 * _BINS and without gaps.
    found = np.searchsorted(np.unique(edges), values, side="right")
    return np.asarray(np.unique(found, return_inverse=True)[1], dtype=np.int64)


def mutual_information(features: IntArray, target: IntArray) -> FloatArray:
    """Of binned features [features, rows] and a binned target [rows], in nats; never below 0, and above it by chance.

    >>> round(float(mutual_information(np.array([[0, 1, 0, 1]]), np.array([0, 1, 0, 1]))[0]), 4)
    0.6931
    """
    count, rows = features.shape
    bins, wide = int(features.max()) + 1, int(target.max()) + 1
    offset = np.arange(count)[:, np.newaxis] * (bins * wide)
    table = np.bincount((features * wide + target + offset).ravel(), minlength=count * bins * wide)
    joint = table.reshape(count, bins, wide) / rows
    apart = joint.sum(axis=2, keepdims=True) * joint.sum(axis=1, keepdims=True)
    ratio = np.divide(joint, apart, out=np.ones_like(joint), where=joint > 0.0)
    information: FloatArray = (joint * np.log(ratio)).sum(axis=(1, 2))
    return information
