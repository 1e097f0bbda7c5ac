"""Kernels that read bars one label after another. They allocate nothing: whoever calls them gives all arrays."""

from autonomous_trading.core import FloatArray, IntArray
from autonomous_trading.core.jit import inlined, kernel

__all__ = ["scan_trends", "touch_barriers"]

PESSIMISTIC = 0
OPTIMISTIC = 1
NAN = float("nan")


@inlined
def touched(bar: FloatArray, side: float, profit: float, loss: float, path: int) -> int:
    """Which level the open, high and low of a bar reach first: 2 or -2 at the open, 1 or -1 inside, 0 for neither."""
    opened = side * bar[0]
    best = bar[1] if side > 0.0 else -bar[2]
    worst = bar[2] if side > 0.0 else -bar[1]
    if opened <= loss:
        return -2
    if opened >= profit:
        return 2
    if worst > loss:
        return 1 if best >= profit else 0
    if best < profit or path == PESSIMISTIC:
        return -1
    if path == OPTIMISTIC:
        return 1
    return 1 if profit - opened < opened - loss else -1


@kernel
def touch_barriers(
    prices: FloatArray,
    rows: IntArray,
    levels: FloatArray,
    settings: IntArray,
    ends: IntArray,
    exits: FloatArray,
    barrier: IntArray,
) -> None:
    """Where each label ends, at which price, and at which barrier.

    `prices` [bars, 4]: open, high, low, close. `levels` [labels, 3]: side (1 or -1), and profit and loss levels times
    it. `settings`: bars of the horizon, 1 where positions begin and end at opens, and the path inside a bar.
    """
    horizon, at_open, path = settings[0], settings[1] != 0, settings[2]
    for label in range(len(rows)):
        side, profit, loss = levels[label, 0], levels[label, 1], levels[label, 2]
        last = rows[label] + horizon
        end = last + 1 if at_open else last
        ends[label] = end
        exits[label] = prices[end, 0] if at_open else prices[end, 3]
        barrier[label] = 0
        for bar in range(rows[label] + 1, last + 1):
            found = touched(prices[bar], side, profit, loss, path)
            if found != 0:
                ends[label] = bar
                barrier[label] = 1 if found > 0 else -1
                level = profit if found > 0 else loss
                exits[label] = prices[bar, 0] if found in (2, -2) else side * level
                break


@inlined
def slope_t(values: FloatArray, first: int, length: int) -> float:
    """t-value of the slope of a straight line through `length` values from `first` on; 0 where nothing moves.

    Where the line is met exactly there is no error to divide by: the largest number there is, with its sign.
    """
    middle = 0.5 * (length - 1)
    base = values[first]  # differences from it keep the digits that sums of large prices lose
    total = 0.0
    for k in range(length):
        total += values[first + k] - base
    mean = total / length
    cross, squares, spread = 0.0, 0.0, 0.0
    for k in range(length):
        apart, value = k - middle, values[first + k] - base - mean
        cross += apart * value
        squares += apart * apart
        spread += value * value
    if spread == 0.0:
        return 0.0
    slope = cross / squares
    left = 0.0
    for k in range(length):
        apart = values[first + k] - base - mean - slope * (k - middle)
        left += apart * apart
    if left <= 1e-24 * spread:
        return 1e12 if slope > 0.0 else -1e12
    error: float = (left / (length - 2) / squares) ** 0.5
    return slope / error


@kernel
def scan_trends(
    values: FloatArray, firsts: IntArray, lengths: IntArray, chosen: IntArray, t_values: FloatArray
) -> None:
    """The length whose line has the largest t-value in size, the shortest of equals, and that t-value."""
    for label in range(len(firsts)):
        best, at = 0.0, 0
        for number in range(len(lengths)):
            found = slope_t(values, firsts[label], lengths[number])
            if abs(found) > abs(best):
                best, at = found, number
        chosen[label] = lengths[at]
        t_values[label] = best
