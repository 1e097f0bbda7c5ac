"""The slow twin of the band: one bar after another, with sorted lists, written from the words of the docstrings."""

from __future__ import annotations

import math

from autonomous_trading.core import BoolArray, FloatArray
from autonomous_trading.data import Band

NAN = math.nan


def middle(values: list[float]) -> float:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2.0


def upper_tenth(values: list[float]) -> float:
    """Quantile 0.9 with a straight line between two values."""
    ordered = sorted(values)
    at = 0.9 * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


def scales(trusted: list[list[float]], band: Band) -> tuple[float, float]:
    """The recent and the busy scale behind some believed bars; NaN where they say nothing."""
    if len(trusted) < band.window:
        return NAN, NAN
    moves = [abs(math.log(bar[3]) - math.log(trusted[at - 1][3] if at else bar[0])) for at, bar in enumerate(trusted)]
    ranges = [math.log(bar[1]) - math.log(bar[2]) for bar in trusted]
    last, spans = moves[-band.window :], ranges[-band.window :]
    moving = sum(move > 0.0 or span > 0.0 for move, span in zip(last, spans, strict=True))
    recent = max(1.4826 * middle(last), 0.6 * middle(spans))
    if moving < band.window / 2 or recent == 0.0:
        return NAN, NAN
    if len(trusted) < band.long_window:
        return recent, recent
    return recent, max(recent, upper_tenth(moves[-band.long_window :]) / 1.645)


def leaves(
    bar: list[float], before: float, witness: list[float] | None, scale: tuple[float, float], band: Band
) -> bool:
    """Whether a bar is outside the band, before a witness or without one."""
    open_, high, low, close = (math.log(price) for price in bar)
    near, wide = scale
    marks = [math.log(before)]
    if witness is not None:
        marks.append(math.log(witness[0]))
        moved = math.log(witness[1]) - math.log(witness[2])
        near, wide = max(near, 0.3 * moved), max(wide, 0.6 * moved)
    if close > max(marks) + band.close * near or close < min(marks) - band.close * near:
        return True
    ends = [math.log(before), close]
    if open_ > max(ends) + band.open * wide or open_ < min(ends) - band.open * wide:
        return True
    every = [open_, close, *marks]
    return high > max(every) + band.wick * wide or low < min(every) - band.wick * wide


def slow_verdicts(prices: FloatArray, band: Band, believed: int, witnessed: BoolArray) -> tuple[list[bool], list[bool]]:
    """What `verdicts` says: which bars are refused, and which are doubtful."""
    bars = [[float(price) for price in prices[:, row]] for row in range(prices.shape[1])]
    trusted = bars[:believed]
    refused, doubtful = [False] * len(bars), [False] * len(bars)
    for row in range(believed, len(bars)):
        witness = bars[row + 1] if row + 1 < len(bars) and witnessed[row] else None
        scale = scales(trusted, band)
        out = not math.isnan(scale[0]) and leaves(bars[row], trusted[-1][3], witness, scale, band)
        refused[row], doubtful[row] = out and witness is not None, out and witness is None
        if not refused[row]:
            trusted.append(bars[row])
    return refused, doubtful
