"""Target orders and protective exits of one slot on one bar (fill contract F2, F5, F6)."""

from __future__ import annotations

from autonomous_trading.backtest._fills import (
    INFINITY,
    NAN,
    decided,
    fill_at_limit,
    fill_at_market,
    price_before_impact,
)
from autonomous_trading.backtest._layout import (
    AT_OPEN,
    B_ATR,
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
    LEVEL_ATR,
    LIMIT,
    LOWER,
    MAX_BARS,
    NEAREST,
    NEXT_BAR,
    NOTHING,
    ORDERS,
    PENDING,
    PESSIMISTIC,
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
    Order,
    Scene,
    Slot,
)
from autonomous_trading.core import FloatArray
from autonomous_trading.core.jit import inlined


@inlined
def moved(price: float, direction: float, distance: float, atr: float, scene: Scene) -> float:
    """`price` moved by a fraction of itself, or by multiples of the ATR; NaN where the exit is off or no ATR known."""
    if scene.options.atr_units:
        return price + direction * distance * atr
    return price * (1.0 + direction * distance)


@inlined
def set_levels(position: FloatArray, at: Slot, scene: Scene) -> None:
    """Protective levels anew, from the average entry price and the ATR known at the decision (F5)."""
    known = decided(at, scene)
    position[LEVEL_ATR] = scene.bars[B_ATR, known] if known >= 0 else NAN
    place_levels(position, scene)


@inlined
def place_levels(position: FloatArray, scene: Scene) -> None:
    """Protective levels where the settings say, from the average entry price and the ATR of the position."""
    entry, atr = position[ENTRY], position[LEVEL_ATR]
    side = 1.0 if position[UNITS] > 0.0 else -1.0
    stop = moved(entry, -side, position[STOP_LOSS], atr, scene)
    profit = moved(entry, side, position[TAKE_PROFIT], atr, scene)
    position[STOP] = stop if stop == stop else -side * INFINITY
    profit = profit if profit == profit else side * INFINITY
    set_trail(position, side, atr, scene)
    if side > 0.0:
        position[LOWER] = max(position[STOP], position[TRAIL_LOW])
        position[UPPER] = profit
    else:
        position[LOWER] = profit
        position[UPPER] = min(position[STOP], position[TRAIL_HIGH])


@inlined
def set_trail(position: FloatArray, side: float, atr: float, scene: Scene) -> None:
    """Start the trail at the entry price, unless it is tighter already; without one it stays where it is."""
    distance = position[TRAILING_STOP]
    trail = moved(position[ENTRY], -side, distance, atr, scene)
    there = trail == trail
    factor = 1.0 if scene.options.atr_units else 1.0 - side * distance
    offset = -side * distance * atr if scene.options.atr_units else 0.0
    if side > 0.0:
        position[TRAIL_LOW] = max(position[TRAIL_LOW], trail) if there else position[TRAIL_LOW]
        position[TRAIL_LOW_FACTOR] = factor if there else 0.0
        position[TRAIL_LOW_OFFSET] = offset if there else -INFINITY
    else:
        position[TRAIL_HIGH] = min(position[TRAIL_HIGH], trail) if there else position[TRAIL_HIGH]
        position[TRAIL_HIGH_FACTOR] = factor if there else 0.0
        position[TRAIL_HIGH_OFFSET] = offset if there else INFINITY


@inlined
def buy_or_sell(account: FloatArray, position: FloatArray, q: float, reference: float, at: Slot, scene: Scene) -> None:
    """Fill q units toward the goal of a slot; the rest waits for the next bar."""
    before = position[UNITS]
    rest = fill_at_market(account, position, Order(q, reference, BY_SIGNAL, decided(at, scene)), at, scene)
    position[PENDING] = TOWARD_GOAL if rest != 0.0 else NOTHING
    if rest != q and (before == 0.0 or (before > 0.0) == (q > 0.0)):
        set_levels(position, at, scene)
        if before == 0.0:
            position[FRESH] = -1.0 if scene.options.fill == AT_OPEN else float(at.bar)


@inlined
def order_exposure(
    account: FloatArray, position: FloatArray, reference: float, other: float, at: Slot, scene: Scene
) -> None:
    """Order toward the wanted exposure of a slot: closing leg first, then a leg sized from what is left."""
    wanted, units = position[WANTED], position[UNITS]
    position[PENDING] = NOTHING
    if units != 0.0 and (wanted == 0.0 or (units > 0.0) != (wanted > 0.0)):
        order = Order(-units, reference, BY_SIGNAL, decided(at, scene))
        if fill_at_market(account, position, order, at, scene) != 0.0:
            position[PENDING] = CLOSING
            return
        units = 0.0
    if wanted == 0.0:
        return
    side = 1.0 if wanted > 0.0 else -1.0
    if units != 0.0:
        desired = wanted * (account[CASH] + other + units * reference) / reference
        if desired == units:
            return
        side = 1.0 if desired > units else -1.0
    price = price_before_impact(reference, side, decided(at, scene), at, scene)
    equity = account[CASH] + other + units * price
    if equity <= 0.0 or price <= 0.0:
        return
    q = wanted * equity / price - units
    if q * side <= 0.0:
        return
    position[GOAL] = units + q
    buy_or_sell(account, position, q, reference, at, scene)


@inlined
def take_signal(account: FloatArray, position: FloatArray, target: float) -> None:
    """Remember a changed target as the wanted exposure, cut to the leverage limit."""
    limit = position[LIMIT]
    wanted = target * position[SCALE]
    if abs(wanted) > limit:
        wanted = limit if wanted > 0.0 else -limit
        account[CUTS] += 1.0
    position[WANTED] = wanted
    account[SIGNALS] += 1.0


@inlined
def work_order(
    account: FloatArray, position: FloatArray, fresh: bool, reference: float, other: float, at: Slot, scene: Scene
) -> None:
    """Send the order that the slot owes at this bar: a fresh one, or what an earlier bar left over."""
    pending = position[PENDING]
    if fresh and pending == EXITING:
        position[FRESH] = -1.0  # levels are active again
    if fresh:
        account[ORDERS] += 1.0
    if fresh or pending == CLOSING:
        order_exposure(account, position, reference, other, at, scene)
    elif pending == TOWARD_GOAL:
        q = position[GOAL] - position[UNITS]
        buy_or_sell(account, position, q, reference, at, scene)
    elif pending == EXITING:
        order = Order(-position[UNITS], reference, position[REASON], decided(at, scene))
        rest = fill_at_market(account, position, order, at, scene)
        position[PENDING] = EXITING if rest != 0.0 else NOTHING


@inlined
def protective_exit(position: FloatArray, at: Slot, scene: Scene) -> tuple[float, float]:
    """Price and reason of the protective exit on a bar: time, gap, then what the bar touched; NaN for none (F5)."""
    long = position[UNITS] > 0.0
    stop = position[LOWER] if long else position[UPPER]
    profit = position[UPPER] if long else position[LOWER]
    trailed = stop > position[STOP] if long else stop < position[STOP]
    reason = BY_TRAIL if trailed else BY_STOP
    opening, high, low = scene.bars[B_OPEN, at.bar], scene.bars[B_HIGH, at.bar], scene.bars[B_LOW, at.bar]
    if at.bar >= position[ENTRY_BAR] + position[MAX_BARS]:
        return opening, BY_TIME
    if (opening <= stop) if long else (opening >= stop):
        return opening, reason
    if (opening >= profit) if long else (opening <= profit):
        return opening, BY_PROFIT
    stopped = low <= stop if long else high >= stop
    profited = high >= profit if long else low <= profit
    if stopped and profited:
        stopped = stop_comes_first(opening, stop, profit, scene.options.path)
    if stopped:
        return stop, reason
    return (profit, BY_PROFIT) if profited else (NAN, BY_STOP)


@inlined
def stop_comes_first(opening: float, stop: float, profit: float, path: int) -> bool:
    """Which level counts as touched first when one bar touched both; as near as each other, the stop."""
    if path == NEAREST:
        return abs(opening - stop) <= abs(profit - opening)
    return path == PESSIMISTIC


@inlined
def protect(account: FloatArray, position: FloatArray, at: Slot, scene: Scene) -> None:
    """Close the slot where a protective exit asks for it; what the participation cap leaves is sold later."""
    if position[UNITS] == 0.0 or position[PENDING] == EXITING:
        return
    level, reason = protective_exit(position, at, scene)
    if level != level:
        return
    if reason == BY_PROFIT:
        rest = fill_at_limit(account, position, level, at, scene)
    else:
        order = Order(-position[UNITS], level, reason, at.bar - 1)
        rest = fill_at_market(account, position, order, at, scene)
    position[PENDING] = NOTHING
    if rest != 0.0:
        position[PENDING] = EXITING
        position[REASON] = reason
        position[RESTING_SINCE] = at.bar
        position[FRESH] = INFINITY  # no level is active, so none is raised either


@inlined
def owes(position: FloatArray, at: Slot) -> bool:
    """Whether an earlier bar left a rest to fill; an exit cut short on this bar goes on with the next one."""
    pending: float = position[PENDING]
    since: float = position[RESTING_SINCE]
    return pending != NOTHING and not (pending == EXITING and since >= at.bar)


@inlined
def drifted(position: FloatArray, equity: float, last_close: float, band: float) -> bool:
    """Whether the exposure at the last close left the rebalance band around the wanted one."""
    if position[UNITS] == 0.0 or position[PENDING] != NOTHING:
        return False
    exposure: float = position[UNITS] * last_close / equity
    away: float = abs(exposure - position[WANTED])
    return away > band


@inlined
def schedule(position: FloatArray) -> None:
    """When the slot needs attention even if no target changes and no level is touched."""
    if position[PENDING] != NOTHING:
        position[NEXT_BAR] = -1.0
    elif position[UNITS] != 0.0:
        position[NEXT_BAR] = position[ENTRY_BAR] + position[MAX_BARS]
    else:
        position[NEXT_BAR] = INFINITY
