"""What happens to all lanes of a group on every bar: financing, the mark at the close, trailing stops, ruin.

Every loop runs over the lanes with the same arithmetic in each: LLVM turns it into vector instructions, and no lane's
result depends on its neighbours.
"""

from __future__ import annotations

from autonomous_trading.backtest._fills import INFINITY, clear_levels, close_trade, leave
from autonomous_trading.backtest._layout import (
    ACTIVE_ORIGIN,
    B_CLOSE,
    B_FUNDING,
    B_YEARS,
    BARS_HELD,
    BY_RUIN,
    CASH,
    EQUITY,
    FINAL_EQUITY,
    FINANCING,
    FRESH,
    KEPT,
    LANES,
    LOWER,
    MOVES,
    NEXT_BAR,
    NOTHING,
    OFFSET,
    ORIGIN,
    PEAK,
    PENDING,
    RETURN,
    RUINED,
    SINCE,
    STILL_OPEN,
    SUM_ACTIVE,
    SUM_ACTIVE_AWAY,
    SUM_ACTIVE_SQUARE,
    SUM_AWAY,
    SUM_DOWN,
    SUM_DOWN_SQUARE,
    SUM_SQUARE,
    TRAIL_HIGH,
    TRAIL_HIGH_FACTOR,
    TRAIL_HIGH_OFFSET,
    TRAIL_LOW,
    TRAIL_LOW_FACTOR,
    TRAIL_LOW_OFFSET,
    UNITS,
    UPPER,
    Scene,
    Slot,
)
from autonomous_trading.core import FloatArray
from autonomous_trading.core.jit import inlined, kernel


@inlined
def mark(s: FloatArray, close: float) -> tuple[bool, bool]:
    """Mark all lanes at the close and fold the return into the statistics: is one ruined, has one sunk lower?"""
    ruined, sunk = 0, 0
    for j in range(LANES):
        equity = s[CASH + j] + s[UNITS + j] * close
        change = equity / s[EQUITY + j] - 1.0
        s[EQUITY + j] = equity
        s[RETURN + j] = change
        away = change - s[OFFSET + j]
        s[SUM_AWAY + j] += away
        s[SUM_SQUARE + j] += away * away
        peak = max(s[PEAK + j], equity)
        s[PEAK + j] = peak
        sunk |= equity < s[KEPT + j] * peak
        ruined |= equity <= 0.0
    return ruined != 0, sunk != 0


@inlined
def note_drawdown(s: FloatArray) -> None:
    """Remember how low each lane's equity fell from its peak; apart from `mark` because it divides, and is rare."""
    for j in range(LANES):
        equity, kept, peak = s[EQUITY + j], s[KEPT + j], s[PEAK + j]
        s[KEPT + j] = equity / peak if equity < kept * peak else kept


@inlined
def count_from_origin(lane: FloatArray, t: int) -> None:
    """Before the mark: something may happen to this lane on bar t, so its return is counted from the origin."""
    if lane[OFFSET] == 0.0 and lane[ORIGIN] != 0.0:
        lane[OFFSET] = lane[ORIGIN]
        lane[SINCE] = float(t)


@inlined
def end_count(lane: FloatArray, t: int) -> None:
    """Bar t is the last one that is counted from the origin; the mark of that bar needs the offset still."""
    if lane[OFFSET] != 0.0:
        lane[MOVES] += t - lane[SINCE] + 1.0


@inlined
def drop_offsets(s: FloatArray, lanes: int) -> None:
    """After the mark: count the lanes with a bit in `lanes` from 0."""
    j = 0
    while lanes != 0:
        if lanes & 1 != 0:
            s[OFFSET + j] = 0.0
        lanes >>= 1
        j += 1


@inlined
def settle_origin(lane: FloatArray, t: int, always: bool) -> bool:
    """After the mark: count from the first return that is not 0, while something is held; is there none yet?"""
    change = lane[RETURN]
    held = always or lane[UNITS] != 0.0
    settled: bool = lane[ORIGIN] != 0.0
    if settled or change == 0.0:
        return held and not settled
    lane[ORIGIN] = change
    lane[OFFSET] = change if held else 0.0
    lane[SINCE] = float(t)
    lane[MOVES] = 0.0 if held else 1.0
    lane[SUM_AWAY] = 0.0
    lane[SUM_SQUARE] = 0.0
    return False


@kernel
def settle_origins(s: FloatArray, t: int, always: bool) -> bool:
    """Settle all lanes: does one that holds something still have no origin?"""
    unsettled = False
    for j in range(LANES):
        unsettled |= settle_origin(s[j:], t, always)
    return unsettled


@inlined
def mark_extended(s: FloatArray, benchmark: float) -> None:
    """Fold the return just marked into the downside and the return in excess of buy-and-hold."""
    for j in range(LANES):
        change = s[RETURN + j]
        down = min(change, 0.0)
        s[SUM_DOWN + j] += down
        s[SUM_DOWN_SQUARE + j] += down * down
        active = change - benchmark
        origin = s[ACTIVE_ORIGIN + j]
        origin = active if origin != origin else origin
        away = active - origin
        s[ACTIVE_ORIGIN + j] = origin
        s[SUM_ACTIVE + j] += active
        s[SUM_ACTIVE_AWAY + j] += away
        s[SUM_ACTIVE_SQUARE + j] += away * away


@inlined
def raise_trail(s: FloatArray, p: int, t: float, low: float, high: float) -> None:
    """Move slot p's trailing level with the bar that just ended; one opened at this close waits for the next bar."""
    raised = max(s[TRAIL_LOW + p], high * s[TRAIL_LOW_FACTOR + p] + s[TRAIL_LOW_OFFSET + p])
    lowered = min(s[TRAIL_HIGH + p], low * s[TRAIL_HIGH_FACTOR + p] + s[TRAIL_HIGH_OFFSET + p])
    held = s[FRESH + p] < t
    raised = raised if held else s[TRAIL_LOW + p]
    lowered = lowered if held else s[TRAIL_HIGH + p]
    s[TRAIL_LOW + p] = raised
    s[TRAIL_HIGH + p] = lowered
    s[LOWER + p] = max(s[LOWER + p], raised)
    s[UPPER + p] = min(s[UPPER + p], lowered)


@inlined
def raise_trails(s: FloatArray, t: float, low: float, high: float) -> None:
    """Move the trailing levels of all lanes."""
    for j in range(LANES):
        raise_trail(s, j, t, low, high)


@inlined
def finance(s: FloatArray, t: int, scene: Scene) -> None:
    """Pay and receive financing for the time since the last close (F4)."""
    bars, costs = scene.bars, scene.costs
    price, years, funding = bars[B_CLOSE, t - 1], bars[B_YEARS, t], bars[B_FUNDING, t]
    for j in range(LANES):
        value = s[UNITS + j] * price
        cash = s[CASH + j]
        borrow = max(-value, 0.0) * costs.borrow_rate * years
        interest = max(min(cash, s[EQUITY + j]), 0.0) * costs.cash_rate * years
        leverage = max(-cash, 0.0) * costs.leverage_rate * years
        net = -borrow - value * funding + interest - leverage
        net = net if s[RUINED + j] == 0.0 else 0.0
        s[CASH + j] = cash + net
        s[FINANCING + j] += net


@inlined
def write_off(account: FloatArray, position: FloatArray, at: Slot, scene: Scene) -> None:
    """Close a position at the close without cost: equity at or below zero stays where it is (F7)."""
    units, price = position[UNITS], scene.bars[B_CLOSE, at.bar]
    if units != 0.0:
        account[CASH] += units * price
        leave(position, -units, price)
        close_trade(account, position, BY_RUIN, at, scene)
    position[PENDING] = NOTHING
    position[NEXT_BAR] = INFINITY
    clear_levels(position)


@inlined
def bury(account: FloatArray, t: int) -> None:
    """Keep the equity of an account ruined on bar t, and set what is marked so that marking changes nothing more."""
    end_count(account, t)
    account[OFFSET] = 0.0
    account[FINAL_EQUITY] = account[EQUITY]
    account[RUINED] = 1.0
    account[CASH] = 1.0
    account[EQUITY] = 1.0


@kernel
def bury_ruined(s: FloatArray, t: int, scene: Scene) -> None:
    """End the lanes whose equity is gone."""
    for j in range(LANES):
        if s[EQUITY + j] <= 0.0:
            lane = s[j:]
            write_off(lane, lane, Slot(t, j, 0), scene)
            bury(lane, t)


@inlined
def close_position(account: FloatArray, position: FloatArray, at: Slot, scene: Scene) -> None:
    """Count a position that is still open after a bar as a trade, marked at the close without exit cost."""
    if position[UNITS] != 0.0:
        leave(position, -position[UNITS], scene.bars[B_CLOSE, at.bar])
        close_trade(account, position, STILL_OPEN, at, scene)
        position[BARS_HELD] += 1.0
