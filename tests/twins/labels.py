"""Labels made slowly, written from the words of the fill contract and of the books and not from the kernels."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from autonomous_trading.core import Bars
from autonomous_trading.models.labels import Barriers

__all__ = ["average_uniqueness", "barrier_of", "trend_of"]


def barrier_of(bars: Bars, row: int, rules: Barriers, width: float, side: int) -> tuple[int, float, int]:
    """Bar of the exit, its price, and the barrier (1, -1, 0) of one label."""
    opens = rules.entry == "next_open"
    entry = float(bars.open[row + 1] if opens else bars.close[row])
    gain = entry * (1.0 + side * (rules.upper * width))
    pain = entry * (1.0 - side * (rules.lower * width))
    for bar in range(row + 1, row + rules.horizon + 1):
        start, high, low = float(bars.open[bar]), float(bars.high[bar]), float(bars.low[bar])
        if start <= pain if side == 1 else start >= pain:
            return bar, start, -1
        if start >= gain if side == 1 else start <= gain:
            return bar, start, 1
        hurts = low <= pain if side == 1 else high >= pain
        pleases = high >= gain if side == 1 else low <= gain
        if hurts and pleases:
            nearer = abs(gain - start) < abs(start - pain)
            pleases = rules.path == "optimistic" or (rules.path == "nearest" and nearer)
            hurts = not pleases
        if hurts:
            return bar, pain, -1
        if pleases:
            return bar, gain, 1
    end = row + rules.horizon + (1 if opens else 0)
    return end, float(bars.open[end] if opens else bars.close[end]), 0


def trend_of(closes: Sequence[float], lengths: Sequence[int]) -> tuple[int, float]:
    """The length with the largest t-value of the slope, and that t-value, by least squares on a matrix."""
    best = (min(lengths), 0.0)
    for length in sorted(lengths):
        values = np.array(closes[:length])
        design = np.column_stack([np.ones(length), np.arange(length)])
        found, *_ = np.linalg.lstsq(design, values, rcond=None)
        left = values - design @ found
        error = float(left @ left) / (length - 2) * np.linalg.inv(design.T @ design)[1, 1]
        t_value = float(found[1]) / math.sqrt(error) if error > 0.0 else 0.0
        if abs(t_value) > abs(best[1]):
            best = (length, t_value)
    return best


def average_uniqueness(firsts: Sequence[int], lasts: Sequence[int]) -> list[float]:
    """Of each label, from the matrix that says which bars it covers."""
    covered = [set(range(first, last + 1)) for first, last in zip(firsts, lasts, strict=True)]
    return [sum(1.0 / sum(bar in other for other in covered) for bar in own) / len(own) for own in covered]
