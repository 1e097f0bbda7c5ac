"""Target orders and protective exits of one slot on one bar (fill contract F2, F5, F6)."""

from __future__ import annotations

from autonomous_trading.backtest._fills import (
    decided,
    fill_at_limit,
    fill_at_market,
    price_before_impact,
)
from autonomous_trading.backtest._layout import (
    AT_OPEN,
    B_ATR,
    B_CLOSE,
    B_HIGH,
    B_LOW,
    B_OPEN,
    BY_PROFIT,
    BY_SIGNAL,
    BY_STOP,
    BY_TIME,
    BY_TRAIL,
    CASH,
    CLOSING,
    CUTS,
    ENTRY,
    ENTRY_BAR,
    EXITING,
    FRESH,
    GOAL,
    LIMIT,
    LOWER,
    MAX_BARS,
    NEAREST,
    NEXT_BAR,
    NOTHING,
    OPTIMISTIC,
    ORDERS,
    PENDING,
    REASON,
    RESTING_SINCE,
    SCALE,
    SIGNALS,
    STOP,
    STOP_LOSS,
    TAKE_PROFIT,
    TOWARD_GOAL,
    TRAIL_HIGH,
    TRAIL_HIGH_FACTOR,
    TRAIL_HIGH_OFFSET,
    TRAIL_LOW,
    TRAIL_LOW_FACTOR,
    TRAIL_LOW_OFFSET,
    TRAILING_STOP,
    UNITS,
    UPPER,
    WANTED,
    Scene,
    Slot,
)
from autonomous_trading.core import FloatArray
from autonomous_trading.core.jit import inlined

INFINITY = float("inf")
NAN = float("nan")


@inlined
def moved(price: float, direction: float, distance: float, atr: float, scene: Scene) -> float:
    """`price` moved by a fraction of itself, or by multiples of the ATR; NaN where the exit is off or its ATR not known."""
    if scene.options.atr_units:
        return price + direction * distance * atr
    return price * (1.0 + direction * distance)


@inlined
def set_levels(s: FloatArray, at: Slot, scene: Scene) -> None:
    """Protective levels of a slot anew, from its average entry price and the ATR known at the decision (F5)."""
    p = at.position
    entry = s[ENTRY + p]
    known = decided(at, scene)
    atr = scene.bars[known, B_ATR] if known >= 0 else NAN
    side = 1.0 if s[UNITS + p] > 0.0 else -1.0
    stop = moved(entry, -side, s[STOP_LOSS + p], atr, scene)
    profit = moved(entry, side, s[TAKE_PROFIT + p], atr, scene)
    trail = moved(entry, -side, s[TRAILING_STOP + p], atr, scene)
    in_atr = scene.options.atr_units
    factor = 1.0 if in_atr else 1.0 - side * s[TRAILING_STOP + p]
    offset = -side * s[TRAILING_STOP + p] * atr if in_atr else 0.0
    if side > 0.0:
        s[STOP + p] = stop if stop == stop else -INFINITY
        s[UPPER + p] = profit if profit == profit else INFINITY
        s[TRAIL_LOW + p] = max(s[TRAIL_LOW + p], trail) if trail == trail else s[TRAIL_LOW + p]
        s[LOWER + p] = max(s[STOP + p], s[TRAIL_LOW + p])
        s[TRAIL_LOW_FACTOR + p] = factor if trail == trail else 0.0
        s[TRAIL_LOW_OFFSET + p] = offset if trail == trail else 0.0
    else:
        s[STOP + p] = stop if stop == stop else INFINITY
        s[LOWER + p] = profit if profit == profit else -INFINITY
        s[TRAIL_HIGH + p] = min(s[TRAIL_HIGH + p], trail) if trail == trail else s[TRAIL_HIGH + p]
        s[UPPER + p] = min(s[STOP + p], s[TRAIL_HIGH + p])
        s[TRAIL_HIGH_FACTOR + p] = factor if trail == trail else INFINITY
        s[TRAIL_HIGH_OFFSET + p] = offset if trail == trail else 0.0


@inlined
def buy_or_sell(s: FloatArray, at: Slot, q: float, reference: float, scene: Scene) -> None:
    """Fill q units toward the goal of a slot; the rest waits for the next bar."""
    before = s[UNITS + at.position]
    rest = fill_at_market(s, at, q, reference, decided(at, scene), BY_SIGNAL, scene)
    s[PENDING + at.position] = TOWARD_GOAL if rest != 0.0 else NOTHING
    if rest != q and (before == 0.0 or (before > 0.0) == (q > 0.0)):
        set_levels(s, at, scene)
        if before == 0.0:
            s[FRESH + at.position] = -1.0 if scene.options.fill == AT_OPEN else float(at.bar)


@inlined
def order_exposure(s: FloatArray, at: Slot, reference: float, other: float, scene: Scene) -> None:
    """Order toward the wanted exposure of a slot: closing leg first, then a leg sized from what is left."""
    wanted = s[WANTED + at.position]
    units = s[UNITS + at.position]
    s[PENDING + at.position] = NOTHING
    if units != 0.0 and (wanted == 0.0 or (units > 0.0) != (wanted > 0.0)):
        rest = fill_at_market(s, at, -units, reference, decided(at, scene), BY_SIGNAL, scene)
        if rest != 0.0:
            s[PENDING + at.position] = CLOSING
            return
        units = 0.0
    if wanted == 0.0:
        return
    desired = wanted * (s[CASH + at.account] + other + units * reference) / reference
    if desired == units:
        return
    side = 1.0 if desired > units else -1.0
    price = price_before_impact(reference, side, decided(at, scene), at, scene)
    equity = s[CASH + at.account] + other + units * price
    if equity <= 0.0 or price <= 0.0:
        return
    q = wanted * equity / price - units
    if q * side <= 0.0:
        return
    s[GOAL + at.position] = units + q
    buy_or_sell(s, at, q, reference, scene)


@inlined
def take_signal(s: FloatArray, at: Slot, target: float) -> None:
    """Remember a changed target as the wanted exposure, cut to the leverage limit."""
    limit = s[LIMIT + at.position]
    wanted = target * s[SCALE + at.position]
    if abs(wanted) > limit:
        wanted = limit if wanted > 0.0 else -limit
        s[CUTS + at.account] += 1.0
    s[WANTED + at.position] = wanted
    s[SIGNALS + at.account] += 1.0


@inlined
def work_order(s: FloatArray, at: Slot, reference: float, other: float, fresh: bool, scene: Scene) -> None:
    """Send the order that the slot owes at this bar: a fresh one, or what an earlier bar left over."""
    pending = s[PENDING + at.position]
    if fresh:
        s[ORDERS + at.account] += 1.0
        s[RESTING_SINCE + at.position] = -1.0
        if pending == EXITING:
            s[FRESH + at.position] = -1.0
        order_exposure(s, at, reference, other, scene)
    elif pending == CLOSING:
        order_exposure(s, at, reference, other, scene)
    elif pending == TOWARD_GOAL:
        q = s[GOAL + at.position] - s[UNITS + at.position]
        buy_or_sell(s, at, q, reference, scene)
    elif pending == EXITING:
        rest = fill_at_market(
            s, at, -s[UNITS + at.position], reference, decided(at, scene), s[REASON + at.position], scene
        )
        s[PENDING + at.position] = EXITING if rest != 0.0 else NOTHING


@inlined
def fill_to_exit(s: FloatArray, at: Slot, level: float, reason: float, scene: Scene) -> float:
    """Fill a protective exit: a take-profit rests at its level, everything else is a market order; the rest left over."""
    if reason == BY_PROFIT:
        return fill_at_limit(s, at, level, scene)
    return fill_at_market(s, at, -s[UNITS + at.position], level, at.bar - 1, reason, scene)


@inlined
def protective_exit(s: FloatArray, at: Slot, scene: Scene) -> tuple[float, float]:
    """Price and reason of the protective exit of a slot on bar t: time, gap, then what the bar touched; NaN for none (F5)."""
    long = s[UNITS + at.position] > 0.0
    stop = s[LOWER + at.position] if long else s[UPPER + at.position]
    profit = s[UPPER + at.position] if long else s[LOWER + at.position]
    trailed = stop > s[STOP + at.position] if long else stop < s[STOP + at.position]
    reason = BY_TRAIL if trailed else BY_STOP
    bars, path = scene.bars, scene.options.path
    opening, high, low = bars[at.bar, B_OPEN], bars[at.bar, B_HIGH], bars[at.bar, B_LOW]
    if at.bar >= s[ENTRY_BAR + at.position] + s[MAX_BARS + at.position]:
        return opening, BY_TIME
    if (opening <= stop) if long else (opening >= stop):
        return opening, reason
    if (opening >= profit) if long else (opening <= profit):
        return opening, BY_PROFIT
    stopped = low <= stop if long else high >= stop
    profited = high >= profit if long else low <= profit
    if stopped and profited:
        nearer = abs(profit - opening) < abs(opening - stop)
        stopped = not (path == OPTIMISTIC or (path == NEAREST and nearer))
    if stopped:
        return stop, reason
    return (profit, BY_PROFIT) if profited else (NAN, BY_STOP)


@inlined
def protect(s: FloatArray, at: Slot, scene: Scene) -> None:
    """Close the slot where a protective exit asks for it; what the participation cap leaves is sold at the following bars."""
    level, reason = protective_exit(s, at, scene)
    if level != level:
        return
    rest = fill_to_exit(s, at, level, reason, scene)
    s[PENDING + at.position] = NOTHING
    if rest != 0.0:
        s[PENDING + at.position] = EXITING
        s[REASON + at.position] = reason
        s[RESTING_SINCE + at.position] = at.bar
        s[FRESH + at.position] = INFINITY  # no level is active, so none is raised either


@inlined
def owes(s: FloatArray, at: Slot) -> bool:
    """Whether an earlier bar left a rest to fill; an exit cut short on this bar goes on with the next one."""
    return s[PENDING + at.position] != NOTHING and s[RESTING_SINCE + at.position] < at.bar


@inlined
def trade_slot(s: FloatArray, at: Slot, signal: bool, drift: bool, scene: Scene) -> None:
    """Everything that may happen to the slot on bar t, in the order of F6, and when it must be looked at again."""
    at_open = scene.options.fill == AT_OPEN
    if not at_open and s[UNITS + at.position] != 0.0 and s[PENDING + at.position] != EXITING:
        protect(s, at, scene)
    fresh = signal or (drift and s[UNITS + at.position] != 0.0 and s[PENDING + at.position] == NOTHING)
    if fresh or owes(s, at):
        reference = scene.bars[at.bar, B_OPEN if at_open else B_CLOSE]
        work_order(s, at, reference, 0.0, fresh, scene)
    if at_open and s[UNITS + at.position] != 0.0 and s[PENDING + at.position] != EXITING:
        protect(s, at, scene)
    schedule(s, at)


@inlined
def schedule(s: FloatArray, at: Slot) -> None:
    """When the slot needs attention even if no target changes and no level is touched."""
    if s[PENDING + at.position] != NOTHING:
        s[NEXT_BAR + at.position] = -1.0
    elif s[UNITS + at.position] != 0.0:
        s[NEXT_BAR + at.position] = s[ENTRY_BAR + at.position] + s[MAX_BARS + at.position]
    else:
        s[NEXT_BAR + at.position] = INFINITY
