"""Loops over windows of bars and buckets of volume: sums, joint moments, EDGE, VPIN and volume profiles."""

from autonomous_trading.core import FloatArray
from autonomous_trading.core.jit import inlined, kernel

__all__ = ["rolling_edge", "rolling_profile", "volume_buckets", "window_moments", "window_sums"]

NAN = float("nan")
ENDLESS = float("inf")
MORE = 1.0 + 1e-9
COUNT, MEAN_X, MEAN_Y, SQUARES_X, PRODUCTS, SQUARES_Y = 0, 1, 2, 3, 4, 5


@kernel
def window_sums(rows: FloatArray, window: int, held: FloatArray, started: FloatArray, sums: FloatArray) -> None:
    """Sums of the last `window` rows [n, columns] into `sums`, which is NaN where there are fewer.

    Windows are put together from the end of one block of `window` rows and the beginning of the next (van Herk 1992):
    nothing is ever subtracted, so that a NaN or a huge value is gone with its window. `held` [window + 1, columns] and
    `started` [columns] are memory.
    """
    columns = rows.shape[1]
    place = window - 1
    for at in range(rows.shape[0]):
        place = place + 1 if place < window - 1 else 0
        for column in range(columns):
            started[column] = rows[at, column] if place == 0 else started[column] + rows[at, column]
        if place == window - 1:
            held[window, :] = 0.0
            for back in range(window - 1, -1, -1):
                for column in range(columns):
                    held[back, column] = held[back + 1, column] + rows[at - place + back, column]
            for column in range(columns):
                sums[at, column] = started[column]
        elif at >= window:
            for column in range(columns):
                sums[at, column] = held[place + 1, column] + started[column]


@inlined
def write_products(bars: tuple[FloatArray, FloatArray, FloatArray, FloatArray], at: int, row: FloatArray) -> None:
    """The products of a pair of neighbours that EDGE takes means of, from logs of open, high, low and close.

    Per condition 14 of them, from its returns x, y, those before them p, q, and t: 1 where the bar moved, else 0.
    """
    o, h, low, c1, h1, l1 = bars[0][at], bars[1][at], bars[2][at], bars[3][at - 1], bars[1][at - 1], bars[2][at - 1]
    m, m1 = (h + low) / 2.0, (h1 + l1) / 2.0
    t = 1.0 if h != low or low != c1 else 0.0
    row[0] = t if o + m + c1 + m1 == o + m + c1 + m1 else NAN
    row[1] = t * ((1.0 if o != h else 0.0) + (1.0 if o != low else 0.0))
    row[2] = t * ((1.0 if c1 != h1 else 0.0) + (1.0 if c1 != l1 else 0.0))
    row[3], row[4], row[5] = m - o, m - c1, o - c1
    for condition in range(2):
        x, y, q = m - o, (m - c1 if condition == 0 else o - c1), c1 - m1
        p = o - m1 if condition == 0 else o - c1
        base = 6 + 14 * condition
        row[base], row[base + 1], row[base + 2], row[base + 3] = x * p, t * p, y * q, t * q
        row[base + 4], row[base + 5], row[base + 6] = x * x * p * p, t * x * p * p, t * p * p
        row[base + 7], row[base + 8], row[base + 9] = y * y * q * q, t * y * q * q, t * q * q
        row[base + 10], row[base + 11] = x * y * p * q, t * x * p * q
        row[base + 12], row[base + 13] = t * y * p * q, t * p * q


@inlined
def condition_moments(totals: FloatArray, pairs: int, base: int, means: tuple[float, float]) -> tuple[float, float]:
    """Mean and variance over the pairs of u (x - a t) p + v (y - b t) q, multiplied out: t t = t."""
    u, v = -4.0 * pairs / totals[1], -4.0 * pairs / totals[2]
    a, b = means
    each = totals[base:]
    mean = (u * (each[0] - a * each[1]) + v * (each[2] - b * each[3])) / pairs
    square = (
        u * u * (each[4] - 2.0 * a * each[5] + a * a * each[6])
        + v * v * (each[7] - 2.0 * b * each[8] + b * b * each[9])
        + 2.0 * u * v * (each[10] - b * each[11] - a * each[12] + a * b * each[13])
    ) / pairs
    return mean, square - mean * mean


@inlined
def edge_of(totals: FloatArray, pairs: int) -> float:
    """The squared spread from the sums of the products; NaN where too few bars moved or none shows a bounce."""
    if not (totals[0] >= 2.0 and totals[1] > 0.0 and totals[2] > 0.0):
        return NAN
    a, b, c = totals[3] / totals[0], totals[4] / totals[0], totals[5] / totals[0]
    e1, v1 = condition_moments(totals, pairs, 6, (a, b))
    e2, v2 = condition_moments(totals, pairs, 20, (a, c))
    return (v2 * e1 + v1 * e2) / (v1 + v2) if v1 + v2 > 0.0 else (e1 + e2) / 2.0


@kernel
def rolling_edge(
    bars: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
    pairs: int,
    held: FloatArray,
    work: FloatArray,
    squared: FloatArray,
) -> None:
    """EDGE's squared spread of each last `pairs` pairs of neighbours, into `squared`, NaN before.

    `bars` are logs of open, high, low and close. Sums are put together as in `window_sums`; `held` [pairs, 34] and
    `work` [2, 34] are memory: the ends of the last block, overwritten place by place by the products of this one.
    """
    started, totals = work[0], work[1]
    place = pairs - 1
    for at in range(1, len(squared)):
        place = place + 1 if place < pairs - 1 else 0
        if place == 0:
            started[:] = 0.0
        write_products(bars, at, held[place])
        for part in range(34):
            started[part] += held[place, part]
        if at >= pairs:
            for part in range(34):
                totals[part] = started[part] + (held[place + 1, part] if place < pairs - 1 else 0.0)
            squared[at] = edge_of(totals, pairs)
        if place == pairs - 1:
            for back in range(pairs - 2, -1, -1):
                for part in range(34):
                    held[back, part] += held[back + 1, part]


@inlined
def add_pair(state: FloatArray, x: float, y: float) -> None:
    """Count one more pair in (count, mean x, mean y, squares of x, products, squares of y), after Welford (1962)."""
    state[COUNT] += 1.0
    weight = 1.0 / state[COUNT]
    gap_x, gap_y = x - state[MEAN_X], y - state[MEAN_Y]
    state[MEAN_X] += gap_x * weight
    state[MEAN_Y] += gap_y * weight
    state[SQUARES_X] += gap_x * (x - state[MEAN_X])
    state[PRODUCTS] += gap_x * (y - state[MEAN_Y])
    state[SQUARES_Y] += gap_y * (y - state[MEAN_Y])


@inlined
def write_joined(older: FloatArray, newer: FloatArray, out: FloatArray, at: int) -> None:
    """The moments of two blocks together (Chan, Golub and LeVeque 1979): means, squares and products of each pair."""
    count = older[COUNT] + newer[COUNT]
    gap_x, gap_y = newer[MEAN_X] - older[MEAN_X], newer[MEAN_Y] - older[MEAN_Y]
    weight = newer[COUNT] / count
    shared = older[COUNT] * weight
    out[0, at] = older[MEAN_X] + gap_x * weight
    out[1, at] = older[MEAN_Y] + gap_y * weight
    out[2, at] = older[SQUARES_X] + newer[SQUARES_X] + gap_x * gap_x * shared
    out[3, at] = older[PRODUCTS] + newer[PRODUCTS] + gap_x * gap_y * shared
    out[4, at] = older[SQUARES_Y] + newer[SQUARES_Y] + gap_y * gap_y * shared


@kernel
def window_moments(
    x: FloatArray, y: FloatArray, window: int, held: FloatArray, state: FloatArray, out: FloatArray
) -> None:
    """Mean of x and of y, and sums of squared distances, of products and of squared distances, of each last `window`.

    `out` [5, n] is NaN where there are fewer. Blocks are joined as in `window_sums`; `held` [window, 6] and `state`
    [6] are memory.
    """
    place = -1
    for at in range(len(x)):
        place = place + 1 if place < window - 1 else 0
        if place == 0:
            state[:] = 0.0
        add_pair(state, x[at], y[at])
        if place == window - 1:
            for part in range(5):
                out[part, at] = state[part + 1]
            state[:] = 0.0
            for back in range(window - 1, -1, -1):
                add_pair(state, x[at - place + back], y[at - place + back])
                for part in range(6):
                    held[back, part] = state[part]
        elif at >= window:
            write_joined(held[place + 1], state, out, at)


@inlined
def mean_of(values: FloatArray) -> float:
    """The mean of all values."""
    total = 0.0
    for at in range(len(values)):
        total += values[at]
    return total / len(values)


@kernel
def volume_buckets(
    volume: FloatArray, bought: FloatArray, size: FloatArray, last: FloatArray, vpin: FloatArray
) -> None:
    """After each row the mean imbalance of the last full buckets of volume, NaN before there are enough.

    `volume` and the part of it that was `bought` fill one bucket after another: of `size` as it stands when one opens,
    and what is too much goes into the next. `last` [buckets] is memory. Rows in which one of the three is not known,
    or nothing was traded, fill nothing.
    """
    buckets = len(last)
    full, held, held_bought, wanted, mean = 0, 0.0, 0.0, NAN, NAN
    for row in range(len(volume)):
        rest = volume[row]
        if 0.0 < rest < ENDLESS and bought[row] == bought[row] and (wanted > 0.0 or size[row] > 0.0):
            share = bought[row] / rest
            before = full
            if wanted != wanted:
                wanted = size[row]
            while held + rest >= wanted:
                part = wanted - held
                last[full % buckets] = abs(2.0 * (held_bought + share * part) - wanted) / wanted
                full += 1
                rest = max(rest - part, 0.0)
                held, held_bought = 0.0, 0.0
                if size[row] > 0.0:
                    wanted = size[row]
                # More buckets than are remembered, all of them alike, leave the same behind.
                rest = min(rest, rest % wanted + buckets * wanted)
            held += rest
            held_bought += share * rest
            if full > before and full >= buckets:
                mean = mean_of(last)
        vpin[row] = mean


@inlined
def spread_volume(low: float, high: float, volume: float, density: FloatArray) -> None:
    """Spread the volume of a bar evenly over the levels between its low and its high, both counted in levels.

    No level is known any more after a bar whose low is above its high.
    """
    top = len(density) - 1
    if not 0.0 <= low <= high:
        density[0] = NAN
        return
    first, final = min(int(low), top), min(int(high), top)
    if first == final:
        density[first] += volume
        return
    each = volume / (high - low)
    density[first] += each * (first + 1 - low)
    density[final] += each * (high - final)
    for level in range(first + 1, final):
        density[level] += each


@inlined
def write_value_area(density: FloatArray, share: float, edges: tuple[float, float], out: FloatArray, at: int) -> None:
    """The middle of the fullest level, and the edges of the levels around it that hold `share` of the volume.

    Levels that bars cover in whole hold the same but for rounding, and count as equal.
    """
    levels = len(density)
    bottom, width = edges
    middle, total = 0, 0.0
    for level in range(levels):
        total += density[level]
        if density[level] > density[middle] * MORE:
            middle = level
    low, high, held = middle, middle, density[middle]
    while held * MORE < share * total and (low > 0 or high < levels - 1):
        above = density[high + 1] if high < levels - 1 else -1.0
        below = density[low - 1] if low > 0 else -1.0
        if above * MORE >= below:
            high += 1
            held += above
        else:
            low -= 1
            held += below
    if total > 0.0:
        out[0, at] = bottom + (middle + 0.5) * width
        out[1, at] = bottom + low * width
        out[2, at] = bottom + (high + 1) * width


@kernel
def rolling_profile(
    bars: tuple[FloatArray, FloatArray, FloatArray],
    ranges: tuple[FloatArray, FloatArray],
    window: int,
    share: float,
    density: FloatArray,
    out: FloatArray,
) -> None:
    """Point of control, low and high of the value area of each last `window` bars, into `out` [3, n], NaN before.

    `bars` are high, low and volume, `ranges` highest high and lowest low of each window, cut into as many levels as
    `density` has. A window with a bar that is not known, or without volume, stays NaN; one without range is at its
    price.
    """
    high, low, volume = bars
    tops, bottoms = ranges
    levels = len(density)
    for at in range(window - 1, len(high)):
        bottom, top = bottoms[at], tops[at]
        width = (top - bottom) / levels
        density[:] = 0.0
        if width > 0.0:
            scale = 1.0 / width
            for bar in range(at - window + 1, at + 1):
                spread_volume((low[bar] - bottom) * scale, (high[bar] - bottom) * scale, volume[bar], density)
        elif top == bottom:
            for bar in range(at - window + 1, at + 1):
                density[0] += volume[bar]
        write_value_area(density, share, (bottom, width), out, at)
