"""Features that resemble each other, found and asked together: alone, each hides behind the others.

Source: Lopez de Prado, "Machine Learning for Asset Managers" (2020), chapters 4 and 6.
"""

from __future__ import annotations

import numpy as np

from autonomous_trading.core import FloatArray, IntArray, InvalidInput


def feature_clusters(values: FloatArray, threshold: float = 0.7) -> IntArray:
    """The number of the cluster of each feature of [rows, features], from 0 in the order of the features.

    Hierarchical clustering (average linkage) on the distance 1 - |rank correlation|, cut where features of two clusters
    resemble each other by less than `threshold` on average. A feature that never changes is alone.

    >>> rng = np.random.default_rng(0)
    >>> one, other = rng.normal(size=(2, 200))
    >>> feature_clusters(np.column_stack([one, other, -one])).tolist()
    [0, 1, 0]
    """
    from scipy import stats
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    if not 0.0 < threshold <= 1.0:
        raise InvalidInput(f"threshold must be above 0 and at most 1, got {threshold}", fix="use 0.7")
    count = values.shape[1]
    if count == 1:
        return np.zeros(1, dtype=np.int64)
    ranks = stats.rankdata(values, axis=0)
    ranks -= ranks.mean(axis=0)
    scale = np.sqrt((ranks**2).sum(axis=0))
    ranks /= np.where(scale > 0.0, scale, 1.0)
    distance = np.clip(1.0 - np.abs(ranks.T @ ranks), 0.0, 1.0)
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform((distance + distance.T) / 2.0), method="average")
    numbers = fcluster(tree, 1.0 - threshold + 1e-12, criterion="distance")
    _, first, inverse = np.unique(numbers, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first))
    return np.asarray(order[inverse], dtype=np.int64)
