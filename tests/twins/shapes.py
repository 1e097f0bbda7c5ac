"""Slow, obvious versions of the shapes that prices draw."""

import math

import numpy as np


def is_swing(values: list[float], at: int, left: int, right: int, sign: float) -> bool:
    """Whether a bar is beyond each of the bars before, and not behind one after."""
    if at < left or at + right >= len(values):
        return False
    before = max(sign * each for each in values[at - left : at])
    after = max(sign * each for each in values[at + 1 : at + right + 1])
    return sign * values[at] > before and sign * values[at] >= after


def last_swing(values: list[float], t: int, left: int, right: int, lookback: int, sign: float) -> tuple[float, float]:
    """Its price and age at row t, seen from the bars up to t only."""
    seen = values[: t + 1]
    for confirmed in range(t, max(-1, t - lookback), -1):
        at = confirmed - right
        if at >= 0 and is_swing(seen[: confirmed + 1], at, left, right, sign):
            return seen[at], float(t - at)
    return math.nan, math.nan


def swings(values: list[float], t: int, left: int, right: int, lookback: int, sign: float) -> list[int]:
    """Rows of the swings that were confirmed in the last `lookback` bars, latest first."""
    rows = range(t - right, max(-1, t - lookback - right), -1)
    return [at for at in rows if at >= 0 and is_swing(values[: at + right + 1], at, left, right, sign)]


def hurst(values: list[float], most: int) -> float:
    """Slope of log spread on log length."""
    lags = [2**power for power in range(20) if 2**power <= most]
    spreads = [float(np.std(np.subtract(values[lag:], values[:-lag]))) for lag in lags]
    return float(np.polyfit(np.log(lags), np.log(spreads), 1)[0])


def zigzag(high: list[float], low: list[float], close: list[float], share: float) -> tuple[float, float, float]:
    """Direction, last turning point and its age at the end of these bars."""
    direction, pivot, at = 0, math.nan, 0
    since = 0
    for k in range(len(close)):
        top = max(range(since, k + 1), key=lambda row: (high[row], -row))
        bottom = min(range(since, k + 1), key=lambda row: (low[row], row))
        if direction <= 0 and close[k] >= low[bottom] * (1.0 + share):
            direction, pivot, at, since = 1, low[bottom], bottom, k
        elif direction >= 0 and close[k] <= high[top] * (1.0 - share):
            direction, pivot, at, since = -1, high[top], top, k
    return (float(direction), pivot, float(len(close) - 1 - at)) if direction else (math.nan, math.nan, math.nan)
