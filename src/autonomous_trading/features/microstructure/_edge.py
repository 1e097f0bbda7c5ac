"""The efficient estimator of spreads from open, high, low and close: the best mix of four moments."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.features._definitions import ColumnDefinition, whole
from autonomous_trading.features._primitives import shift
from autonomous_trading.features.microstructure._spreads import FLOOR, logarithm, root
from autonomous_trading.features.microstructure._windows import sums

__all__ = ["COLUMNS"]


class _Leg(NamedTuple):
    """One product of a return d = r - a t, freed of its mean where the bar moved (t), with the return q before it."""

    r: FloatArray
    q: FloatArray
    a: FloatArray


def edge_spread(
    opening: FloatArray, high: FloatArray, low: FloatArray, close: FloatArray, period: int, negative: int
) -> FloatArray:
    """EDGE of the last `period` bars, which make period - 1 pairs of neighbours."""
    o, h, lo, c = (logarithm(each) for each in (opening, high, low, close))
    m = (h + lo) / 2.0
    h1, l1, c1, m1 = (shift(each, 1) for each in (h, lo, c, m))
    pairs = period - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = np.where(np.isnan(o + m + c1 + m1), np.nan, (h != lo) | (lo != c1))
        at_open = moved * (o != h) + moved * (o != lo)
        at_close = moved * (c1 != h1) + moved * (c1 != l1)
        firsts = sums(pairs, moved, at_open, at_close, m - o, m - c1, o - c1)
        known = (firsts[0] >= 2.0) & (firsts[1] > 0.0) & (firsts[2] > 0.0)
        a_open, a_close, a_night = firsts[3] / firsts[0], firsts[4] / firsts[0], firsts[5] / firsts[0]
        weights = -4.0 * pairs / firsts[1], -4.0 * pairs / firsts[2]
        # The two moment conditions: discrete and continuous changes of the mid between two bars.
        one = _moments(moved, _Leg(m - o, o - m1, a_open), _Leg(m - c1, c1 - m1, a_close), weights, pairs)
        two = _moments(moved, _Leg(m - o, o - c1, a_open), _Leg(o - c1, c1 - m1, a_night), weights, pairs)
        variance = one[1] + two[1]
        mixed = np.where(variance > 0.0, (two[1] * one[0] + one[1] * two[0]) / variance, (one[0] + two[0]) / 2.0)
    return root(np.where(known, mixed, np.nan), negative)


def _moments(
    t: FloatArray, x: _Leg, y: _Leg, weights: tuple[FloatArray, FloatArray], pairs: int
) -> tuple[FloatArray, FloatArray]:
    """Mean and variance of weights[0] (x.r - x.a t) x.q + weights[1] (y.r - y.a t) y.q over the last pairs.

    The means x.a and y.a differ from bar to bar, so the squares are multiplied out: t is 0 or 1, and t t = t.
    """
    xq2, yq2, both = x.q * x.q, y.q * y.q, x.q * y.q
    total = sums(
        pairs,
        x.r * x.q, t * x.q, y.r * y.q, t * y.q,
        x.r * x.r * xq2, t * x.r * xq2, t * xq2,
        y.r * y.r * yq2, t * y.r * yq2, t * yq2,
        x.r * y.r * both, t * x.r * both, t * y.r * both, t * both,
    ) / pairs  # fmt: skip
    u, v = weights
    mean = u * (total[0] - x.a * total[1]) + v * (total[2] - y.a * total[3])
    square = (
        u * u * (total[4] - 2.0 * x.a * total[5] + x.a * x.a * total[6])
        + v * v * (total[7] - 2.0 * y.a * total[8] + y.a * y.a * total[9])
        + 2.0 * u * v * (total[10] - y.a * total[11] - x.a * total[12] + x.a * y.a * total[13])
    )
    return mean, square - mean * mean


COLUMNS: Mapping[str, ColumnDefinition] = {
    "edge_spread": ColumnDefinition(
        edge_spread,
        group="Microstructure",
        description="Bid-ask spread from open, high, low and close, the most exact of its kind (EDGE)",
        formula="sqrt(max(0, (v2 e1 + v1 e2) / (v1 + v2))), e and v mean and variance over the pairs of neighbours of "
        "x1 = -4 d(m-o) (o-m1) / po - 4 d(m-c1) (c1-m1) / pc, x2 = -4 d(m-o) (o-c1) / po - 4 d(o-c1) (c1-m1) / pc; "
        "logs, 1 the bar before, d freed of its mean; po, pc: how often o, c1 are not high, and not low",
        units="fraction",
        source="Ardia, Guidotti and Kroencke (2024), J. Financial Economics 161",
        inputs=("open", "high", "low", "close"),
        parameters=(whole("period", 21, low=3), FLOOR),
        warm_up=lambda period, _: period - 1,
        memory=lambda period, _: period - 1,
        # Means of squares cancel: a difference of two of them keeps fewer digits than its parts.
        tolerance=1e-6,
    ),
}
