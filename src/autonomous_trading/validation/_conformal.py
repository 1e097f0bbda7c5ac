"""Intervals that hold a stated share of what comes, whatever the model: how wrong it was says how wide they have to be.

A score is how far a forecast was off, in any measure (|y - forecast| for symmetric intervals). The next score lies
below the k-th smallest of n earlier ones with probability of at least 1 - miss where scores are exchangeable. Returns
are not: there `adaptive_conformal` moves the level so that the share of misses comes out right over time in any case.

Sources: Vovk, Gammerman and Shafer, "Algorithmic Learning in a Random World" (2005); Lei et al., "Distribution-Free
Predictive Inference for Regression" (2018); Gibbs and Candes, "Adaptive Conformal Inference Under Distribution Shift"
(2021).
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from typing import NamedTuple

import numpy as np

from autonomous_trading.core import BoolArray, FloatArray, InvalidInput

_ROUNDING = 1e-9


class AdaptiveConformal(NamedTuple):
    """Per period: the level of misses aimed at, the reach of the interval (infinite: all), and whether it missed."""

    levels: FloatArray
    reach: FloatArray
    missed: BoolArray


def conformal_index(n: int, miss: float) -> int:
    """Which of `n` scores in rising order bounds the next one, counted from 1; above n: no bound, all values.

    >>> conformal_index(99, 0.1), conformal_index(18, 0.05)
    (90, 19)
    """
    if n < 0:
        raise InvalidInput(f"n must not be negative, got {n}", fix="pass the number of scores")
    _check_share("miss", miss)
    # (n + 1)(1 - miss) is often a whole number on paper and a hair more in floating point
    return math.ceil((n + 1) * (1.0 - miss) - _ROUNDING)


def adaptive_conformal(
    scores: FloatArray, *, miss: float = 0.1, rate: float = 0.01, window: int | None = None
) -> AdaptiveConformal:
    """Intervals for each of the scores [periods] from those before it, at a level that learns from its misses.

    After a miss the next interval is wider, otherwise a little narrower: level + rate x (miss - missed). The share of
    misses over T periods is within (1 + rate) / (rate x T) of `miss` for any scores, dependent or drifting. `window`:
    so many scores before are looked at (default: all). A level of 0 or less gives an interval of everything, one of 1
    or more an empty one, with reach -inf.

    >>> found = adaptive_conformal(np.random.default_rng(0).normal(size=5_000) ** 2, miss=0.1)
    >>> round(float(found.missed.mean()), 2)
    0.1
    """
    _check_share("miss", miss)
    if not rate > 0.0 or (window is not None and window < 1):
        raise InvalidInput(
            f"rate must be above 0 and window at least 1, got {rate} and {window}", fix="use rate=0.01, and no window"
        )
    if scores.ndim != 1 or not bool(np.isfinite(scores).all()):
        raise InvalidInput(f"scores must be finite, [periods], got shape {scores.shape}", fix="leave out what has none")
    n = len(scores)
    levels, reach, missed = np.empty(n), np.empty(n), np.zeros(n, dtype=np.bool_)
    known: list[float] = []
    level = miss
    for period, score in enumerate(scores.tolist()):
        levels[period], reach[period] = level, _reach(known, level)
        missed[period] = score > reach[period]
        level += rate * (miss - float(missed[period]))
        insort(known, score)
        if window is not None and len(known) > window:
            del known[bisect_left(known, float(scores[period - window]))]
    return AdaptiveConformal(levels, reach, missed)


def _reach(known: list[float], level: float) -> float:
    """The score that bounds the next one at this level, from those in rising order."""
    if level >= 1.0:
        return -math.inf
    index = len(known) + 1 if level <= 0.0 else conformal_index(len(known), level)
    if index > len(known):
        return math.inf
    return known[index - 1] if index else -math.inf


def _check_share(name: str, value: float) -> None:
    if not 0.0 < value < 1.0:
        raise InvalidInput(f"{name} must lie between 0 and 1, got {value}", fix=f"use {name}=0.1")
