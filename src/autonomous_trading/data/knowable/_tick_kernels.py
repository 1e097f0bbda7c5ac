"""Kernels that read ticks one after another. They allocate nothing: whoever calls them gives all arrays."""

from autonomous_trading.core import BoolArray, FloatArray, IntArray
from autonomous_trading.core.jit import inlined, kernel

__all__ = ["bar_numbers", "best_of_venues", "decayed_rate", "replay_levels"]

NAN = float("nan")
BIDS = 0
ASKS = 1


@inlined
def set_level(sizes: FloatArray, best: IntArray, side: int, level: int, size: float) -> None:
    """Write what rests at a level and find the best level of its side again: -1 without bids, n without asks."""
    sizes[side, level] = size
    levels = sizes.shape[1]
    if size > 0.0:
        if side == BIDS:
            best[BIDS] = max(best[BIDS], level)
        else:
            best[ASKS] = min(best[ASKS], level)
    elif level == best[side]:
        step = -1 if side == BIDS else 1
        at = level
        while 0 <= at < levels and sizes[side, at] == 0.0:
            at += step
        best[side] = at


@inlined
def clear_levels(sizes: FloatArray, best: IntArray) -> None:
    """Empty the book."""
    for level in range(sizes.shape[1]):
        sizes[BIDS, level] = 0.0
        sizes[ASKS, level] = 0.0
    best[BIDS] = -1
    best[ASKS] = sizes.shape[1]


@inlined
def resting(sizes: FloatArray, start: int, side: int, depth: int) -> float:
    """What rests on the `depth` best levels of a side."""
    step = -1 if side == BIDS else 1
    total, found, at = 0.0, 0, start
    while 0 <= at < sizes.shape[1] and found < depth:
        if sizes[side, at] > 0.0:
            total += sizes[side, at]
            found += 1
        at += step
    return total


@inlined
def farthest(sizes: FloatArray, start: int, side: int, depth: int) -> int:
    """The last of the `depth` best levels of a side on which something rests."""
    step = -1 if side == BIDS else 1
    last, found, at = start, 0, start
    while 0 <= at < sizes.shape[1] and found < depth:
        if sizes[side, at] > 0.0:
            last = at
            found += 1
        at += step
    return last


@inlined
def write_view(view: FloatArray, sizes: FloatArray, best: IntArray, prices: FloatArray, depth: int) -> None:
    """Best bid and its size, best ask and its size, what rests on the best levels of each, the price of the last one.

    NaN for an empty side.
    """
    levels = sizes.shape[1]
    for side in range(2):
        at = best[side]
        there = 0 <= at < levels
        view[2 * side] = prices[at] if there else NAN
        view[2 * side + 1] = sizes[side, at] if there else NAN
        view[4 + side] = resting(sizes, at, side, depth) if there else NAN
        view[6 + side] = prices[farthest(sizes, at, side, depth)] if there else NAN


@inlined
def starts_snapshot(time: IntArray, snapshot: BoolArray, row: int) -> bool:
    """Whether a row is the first of a snapshot."""
    return snapshot[row] and (row == 0 or not snapshot[row - 1] or time[row] != time[row - 1])


@inlined
def count_message(best: IntArray, levels: int, counts: IntArray) -> None:
    """Count a message, and whether the book is crossed after it."""
    counts[0] += 1
    if best[BIDS] >= 0 and best[ASKS] < levels and best[BIDS] >= best[ASKS]:
        counts[1] += 1


@kernel
def replay_levels(
    rows: tuple[IntArray, IntArray, IntArray, FloatArray, BoolArray],
    prices: FloatArray,
    sizes: FloatArray,
    best: IntArray,
    when: IntArray,
    views: FloatArray,
    settings: IntArray,
) -> None:
    """Replay a book and write what it looked like at each time of `when` (in order).

    `rows` are time, side (0 bids, 1 asks), place of the price among `prices`, size, snapshot. `sizes` [2, prices] and
    `best` [2] are the empty book. `settings` holds depth, 1 where the book is known to begin empty, and on return the
    messages and those after which it was crossed.
    """
    time, side, level, size, snapshot = rows
    known = settings[1] != 0
    asked = 0
    clear_levels(sizes, best)
    for row in range(len(time)):
        while asked < len(when) and when[asked] < time[row]:
            if known:
                write_view(views[asked], sizes, best, prices, settings[0])
            asked += 1
        if starts_snapshot(time, snapshot, row):
            clear_levels(sizes, best)
            known = True
        set_level(sizes, best, side[row], level[row], size[row])
        if known and (row + 1 == len(time) or time[row + 1] != time[row]):
            count_message(best, len(prices), settings[2:])
    while asked < len(when):
        if known:
            write_view(views[asked], sizes, best, prices, settings[0])
        asked += 1


@inlined
def best_side(last: FloatArray, seen: IntArray, now: int, oldest: int, side: int) -> int:
    """The venue with the best price of a side that is not too old; -1 where none has one."""
    found = -1
    for venue in range(last.shape[0]):
        price = last[venue, 2 * side]
        if price <= 0.0 or last[venue, 2 * side + 1] <= 0.0 or now - seen[venue, side] > oldest:
            continue
        better = found < 0 or (price > last[found, 0] if side == BIDS else price < last[found, 2])
        if better:
            found = venue
    return found


@inlined
def size_at(last: FloatArray, seen: IntArray, now: int, oldest: int, side: int, price: float) -> float:
    """What all venues together show at a price."""
    total = 0.0
    for venue in range(last.shape[0]):
        if last[venue, 2 * side] == price and now - seen[venue, side] <= oldest:
            total += last[venue, 2 * side + 1]
    return total


@inlined
def take_back_crossed(last: FloatArray, side: int, price: float) -> int:
    """Take back what stands on the other side beyond a new price, and say how many venues that were."""
    taken = 0
    for venue in range(last.shape[0]):
        other = last[venue, 2 - 2 * side]
        beyond = other < price if side == BIDS else other > price
        if other > 0.0 and beyond:
            last[venue, 2 - 2 * side] = 0.0
            taken += 1
    return taken


@inlined
def note_quote(last: FloatArray, seen: IntArray, venue: int, quote: FloatArray, now: int) -> None:
    """Remember the sides of a quote that changed."""
    for side in range(2):
        if quote[2 * side] > 0.0:
            last[venue, 2 * side] = quote[2 * side]
            last[venue, 2 * side + 1] = quote[2 * side + 1]
            seen[venue, side] = now


@kernel
def best_of_venues(
    time: IntArray,
    venue: IntArray,
    quotes: FloatArray,
    last: FloatArray,
    seen: IntArray,
    best: FloatArray,
    settings: IntArray,
) -> None:
    """After each row the best bid and ask over venues, with what they show there together; NaN where there is none.

    `quotes` and `best` [rows, 4] hold bid, its size, ask, its size; in `quotes` a price of 0 says "as before". `last`
    [venues, 4] and `seen` [venues, 2] are memory, zeros at the start. `settings` holds the age above which a quote does
    not count, 1 where a new quote takes back what it crosses, and on return how many were taken back.
    """
    oldest = settings[0]
    for row in range(len(time)):
        note_quote(last, seen, venue[row], quotes[row], time[row])
        for side in range(2):
            if settings[1] != 0 and quotes[row, 2 * side] > 0.0 and quotes[row, 2 * side + 1] > 0.0:
                settings[2] += take_back_crossed(last, side, quotes[row, 2 * side])
        for side in range(2):
            found = best_side(last, seen, time[row], oldest, side)
            if found < 0:
                best[row, 2 * side] = NAN
                best[row, 2 * side + 1] = NAN
                continue
            best[row, 2 * side] = last[found, 2 * side]
            best[row, 2 * side + 1] = size_at(last, seen, time[row], oldest, side, last[found, 2 * side])


@kernel
def bar_numbers(amount: FloatArray, size: float, number: IntArray) -> None:
    """The bar that each trade belongs to: one is full, and the next begins, when its amounts reach `size`."""
    bar, held = 0, 0.0
    enough = size * (1.0 - 1e-9)  # ten times 0.1 is a little less than 1
    for row in range(len(amount)):
        number[row] = bar
        held += amount[row]
        if held >= enough:
            bar += 1
            held = 0.0
    # What did not fill up is no bar yet.
    row = len(amount) - 1
    while row >= 0 and number[row] == bar:
        number[row] = -1
        row -= 1


@kernel
def decayed_rate(decay: FloatArray, step: float, rate: FloatArray) -> None:
    """rate[i] = rate[i-1] * decay[i] + step."""
    held = 0.0
    for row in range(len(decay)):
        held = held * decay[row] + step
        rate[row] = held
