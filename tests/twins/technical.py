"""Twins of the kernels of charts: each rule followed bar by bar on plain lists, written from its definition."""

import math


def adaptive_average(values: list[float], weights: list[float]) -> list[float]:
    """Mean of the mean before and the value, by the weight; a bar that lacks one of both is skipped."""
    out: list[float] = []
    means: list[float] = []
    for value, weight in zip(values, weights, strict=True):
        if math.isnan(value) or math.isnan(weight):
            out.append(math.nan)
            continue
        means.append(value if not means else means[-1] + weight * (value - means[-1]))
        out.append(means[-1])
    return out


def limited_average(values: list[float], weight: float, decay: float, limit: float) -> list[float]:
    """weight value + decay times what was before, cut at both limits."""
    out, before = [], 0.0
    for value in values:
        if math.isnan(value):
            out.append(math.nan)
            continue
        before = sorted((-limit, weight * value + decay * before, limit))[1]
        out.append(before)
    return out


def mcginley_average(values: list[float], period: float) -> list[float]:
    """Goes to each value by 1 / (period (value / average) ** 4) of the way, and no farther than all of it."""
    out: list[float] = []
    known: list[float] = []
    for value in values:
        if math.isnan(value) or value <= 0.0:
            out.append(math.nan)
            continue
        if known:
            share = 1.0 / (period * (value / known[-1]) ** 4)
            known.append(known[-1] + (value - known[-1]) * min(1.0, share))
        else:
            known.append(value)
        out.append(known[-1])
    return out


def reset_sums(values: list[float], resets: list[float]) -> list[float]:
    """Sum of the known values since the last reset, this bar's included."""
    out = []
    for row, value in enumerate(values):
        begin = max((each for each in range(row + 1) if resets[each] != 0.0), default=0)
        known = [each for each in values[begin : row + 1] if not math.isnan(each)]
        out.append(math.nan if math.isnan(value) else sum(known))
    return out


def bars_since_highest(values: list[float], period: int) -> list[float]:
    """Looks through every window for its highest, from the newest back."""
    out = []
    for row in range(len(values)):
        window = values[row - period + 1 : row + 1] if row >= period - 1 else []
        if not window or any(math.isnan(each) for each in window):
            out.append(math.nan)
            continue
        out.append(float(window[::-1].index(max(window))))
    return out


def trailing_stop(close: list[float], lower: list[float], upper: list[float]) -> tuple[list[float], list[float]]:
    """Stop and side: levels are kept per position, and a position ends when the close is through its level."""
    stops, sides = [], []
    long, levels = True, list[float]()
    for price, low, high in zip(close, lower, upper, strict=True):
        if math.isnan(price) or math.isnan(low) or math.isnan(high):
            stops.append(math.nan)
            sides.append(math.nan)
            continue
        if long:
            levels.append(low)
            if price < max(levels):
                long, levels = False, [high]
        else:
            levels.append(high)
            if price > min(levels):
                long, levels = True, [low]
        stops.append(max(levels) if long else min(levels))
        sides.append(1.0 if long else -1.0)
    return stops, sides
