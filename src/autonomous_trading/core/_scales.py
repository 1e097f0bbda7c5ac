"""How a number between 0 and 1 becomes a value on a scale, and back: the arithmetic behind parameters."""

import math

import numpy as np

from autonomous_trading.core._arrays import FloatArray, IntArray
from autonomous_trading.core.errors import InvalidInput

# A value is taken to lie on a step grid when it misses it by less than this share of a step ...
_STEP_TOLERANCE = 1e-9
# ... or by less than what float64 itself blurs at the size of the bounds.
_FLOAT_BLUR = 2.0**-50
# Above this, rounding to decimals would itself lose digits (2**53 counts exactly).
_LARGEST_EXACT = 2.0**53
_MOST_DECIMALS = 15


def checked_unit(unit: FloatArray) -> FloatArray:
    """The same numbers as float64, after a check that each lies in [0, 1]."""
    values = np.asarray(unit, dtype=np.float64)
    if not np.all((values >= 0.0) & (values <= 1.0)):
        worst = values[~((values >= 0.0) & (values <= 1.0))].flat[0]
        raise InvalidInput(
            f"unit coordinates must lie in [0, 1]; got {worst}",
            fix="clip the sample to [0, 1] before it is mapped",
        )
    return values


def index_from_unit(unit: FloatArray, count: int) -> IntArray:
    """Index 0 .. count-1 of the equal slice each unit coordinate falls in."""
    return np.minimum((unit * count).astype(np.int64), count - 1)


def unit_from_index(index: IntArray, count: int) -> FloatArray:
    """Middle of the slice of each index: `index_from_unit` gives the index back."""
    return (index.astype(np.float64) + 0.5) / count


def value_from_unit(unit: FloatArray, low: float, high: float, *, log: bool) -> FloatArray:
    """Value between low and high; evenly spread, or evenly spread in the logarithm."""
    if log:
        raw = np.exp((1.0 - unit) * math.log(low) + unit * math.log(high))
        raw = np.where(unit == 0.0, low, np.where(unit == 1.0, high, raw))  # exp(log(x)) may miss x
    else:
        raw = (1.0 - unit) * low + unit * high
    return np.clip(raw, low, high)


def unit_from_value(values: FloatArray, low: float, high: float, *, log: bool) -> FloatArray:
    """Share of the way from low to high; one half where low equals high."""
    if low == high:
        return np.full(values.shape, 0.5)
    if log:
        values, low, high = np.log(values), math.log(low), math.log(high)
    return np.clip((values - low) / (high - low), 0.0, 1.0)


def step_slack(low: float, high: float, step: float) -> float:
    """By how much of a step a value may miss the grid and still be meant to lie on it."""
    return _STEP_TOLERANCE + _FLOAT_BLUR * (abs(low) + abs(high)) / step


def step_count(low: float, high: float, step: float) -> int:
    """How many values low, low + step, ... do not exceed high."""
    return math.floor((high - low) / step + step_slack(low, high, step)) + 1


def step_values(index: IntArray, low: float, high: float, step: float) -> FloatArray:
    """Values low + index * step, written with the decimals of low and step (0.3, not 0.30000000000000004)."""
    raw = low + index.astype(np.float64) * step
    decimals = _decimals(low, step, limit=max(abs(low), abs(high)))
    if decimals is not None:
        scale = 10.0**decimals
        raw = np.rint(raw * scale) / scale
    return np.minimum(raw, high) + 0.0  # -0.0 becomes 0.0


def spread_indices(points: int, count: int) -> IntArray:
    """At most `points` distinct indices out of `count`, evenly spread, both ends included."""
    if points >= count:
        return np.arange(count, dtype=np.int64)
    return np.rint(np.linspace(0.0, count - 1.0, points)).astype(np.int64)


def spread_values(points: int, low: float, high: float, *, log: bool) -> list[float]:
    """At most `points` distinct values from end to end, written with 12 digits (0.01, not 0.00999...95)."""
    spaced = value_from_unit(np.linspace(0.0, 1.0, points), low, high, log=log)
    inner = [min(max(float(f"{value:.12g}"), low), high) for value in spaced[1:-1]]
    return list(dict.fromkeys([low, *inner, high]))


def _decimals(low: float, step: float, *, limit: float) -> int | None:
    """Decimals that write both numbers exactly, or None where rounding to them could lose digits."""
    decimals = max(_written_decimals(low), _written_decimals(step))
    if decimals > _MOST_DECIMALS or limit * 10.0**decimals >= _LARGEST_EXACT:
        return None
    return decimals


def _written_decimals(value: float) -> int:
    """Digits after the point in the shortest text of the number."""
    mantissa, _, exponent = repr(float(value)).partition("e")
    fraction = mantissa.partition(".")[2].rstrip("0")
    return max(0, len(fraction) - int(exponent or 0))
