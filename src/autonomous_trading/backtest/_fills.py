"""How one order becomes a fill: price, fee, position and trade, for one slot of one account (fill contract F2, F3).

Scalar code, shared by the lane kernel and by the portfolio kernel. `s` is the flat state (see `_layout`); a
`Slot` says where in it the account and the position are: the same place for one instrument, two places when several
instruments share an account.
"""

from __future__ import annotations

import math

from autonomous_trading.backtest._layout import (
    AT_SAME_CLOSE,
    B_ATR,
    B_DAYS,
    B_HALF_SPREAD,
    B_SIGMA,
    B_VOLUME,
    BARS_HELD,
    BY_PROFIT,
    CASH,
    COSTS_PAID,
    ENTRY,
    ENTRY_BAR,
    EXIT_NOTIONAL,
    EXIT_UNITS,
    FILLS,
    GROSS_LOSS,
    GROSS_WIN,
    HOLD_TIME,
    LARGEST,
    LOSSES,
    LOWER,
    SUM_TRADE_RETURN,
    T_COSTS,
    T_ENTRY_BAR,
    T_ENTRY_PRICE,
    T_EXIT_BAR,
    T_EXIT_PRICE,
    T_GROSS,
    T_NET,
    T_REASON,
    T_SIDE,
    T_SLOT,
    T_UNITS,
    TRADE_COSTS,
    TRADE_FEES,
    TRADE_GROSS,
    TRADES,
    TRAIL_HIGH,
    TRAIL_HIGH_FACTOR,
    TRAIL_HIGH_OFFSET,
    TRAIL_LOW,
    TRAIL_LOW_FACTOR,
    TRAIL_LOW_OFFSET,
    TURNOVER,
    UNITS,
    UPPER,
    WINS,
    Scene,
    Slot,
)
from autonomous_trading.core import FloatArray
from autonomous_trading.core.jit import inlined


@inlined
def known_value(bars: FloatArray, t: int, field: int) -> float:
    """Value of a column known at bar t; 0 before the first bar and where it is not known."""
    if t < 0:
        return 0.0
    value = bars[t, field]
    return value if value == value else 0.0


@inlined
def decided(at: Slot, scene: Scene) -> int:
    """Bar whose close the decision behind an order at this bar could use."""
    return at.bar if scene.options.fill == AT_SAME_CLOSE else at.bar - 1


@inlined
def price_before_impact(reference: float, side: float, known: int, at: Slot, scene: Scene) -> float:
    """Reference price moved against the order by half the spread and the slippage; columns as of bar `known`."""
    moved = reference * (1.0 + side * (scene.bars[at.bar, B_HALF_SPREAD] + scene.costs.slippage))
    if scene.costs.slippage_atr != 0.0:
        moved += side * scene.costs.slippage_atr * known_value(scene.bars, known, B_ATR)
    return max(moved, 0.0)


@inlined
def clear_levels(s: FloatArray, at: Slot) -> None:
    """No protective level can be touched until the next position."""
    s[LOWER + at.position] = -float("inf")
    s[UPPER + at.position] = float("inf")
    s[TRAIL_LOW + at.position] = -float("inf")
    s[TRAIL_HIGH + at.position] = float("inf")
    s[TRAIL_LOW_FACTOR + at.position] = 0.0
    s[TRAIL_LOW_OFFSET + at.position] = 0.0
    s[TRAIL_HIGH_FACTOR + at.position] = float("inf")
    s[TRAIL_HIGH_OFFSET + at.position] = 0.0


@inlined
def close_trade(s: FloatArray, at: Slot, reason: float, scene: Scene) -> None:
    """Count the finished trade of slot p and write it down where trades are recorded."""
    opened = int(s[ENTRY_BAR + at.position])
    net = s[TRADE_GROSS + at.position] - s[TRADE_FEES + at.position]
    row = int(s[TRADES + at.account])
    s[TRADES + at.account] = row + 1.0
    if net > 0.0:
        s[WINS + at.account] += 1.0
        s[GROSS_WIN + at.account] += net
    elif net < 0.0:
        s[LOSSES + at.account] += 1.0
        s[GROSS_LOSS + at.account] -= net
    s[SUM_TRADE_RETURN + at.account] += net / (abs(s[LARGEST + at.position]) * s[ENTRY + at.position])
    s[HOLD_TIME + at.account] += scene.bars[at.bar, B_DAYS] - scene.bars[opened, B_DAYS]
    s[BARS_HELD + at.account] += at.bar - opened
    log, a = scene.log, at.account
    if a < log.shape[0] and row < log.shape[1]:
        log[a, row, T_ENTRY_BAR] = opened
        log[a, row, T_EXIT_BAR] = at.bar
        log[a, row, T_SIDE] = 1.0 if s[LARGEST + at.position] > 0.0 else -1.0
        log[a, row, T_UNITS] = abs(s[LARGEST + at.position])
        log[a, row, T_ENTRY_PRICE] = s[ENTRY + at.position]
        log[a, row, T_EXIT_PRICE] = s[EXIT_NOTIONAL + at.position] / s[EXIT_UNITS + at.position]
        log[a, row, T_COSTS] = s[TRADE_COSTS + at.position]
        log[a, row, T_GROSS] = s[TRADE_GROSS + at.position]
        log[a, row, T_NET] = net
        log[a, row, T_REASON] = reason
        log[a, row, T_SLOT] = at.position


@inlined
def enter(s: FloatArray, at: Slot, q: float, price: float) -> None:
    """Open slot p or add to it: average entry price, and on an opening the start of a new trade."""
    held = s[UNITS + at.position]
    if held == 0.0:
        s[ENTRY + at.position] = price
        s[ENTRY_BAR + at.position] = at.bar
        s[LARGEST + at.position] = 0.0
        s[TRADE_FEES + at.position] = 0.0
        s[TRADE_COSTS + at.position] = 0.0
        s[TRADE_GROSS + at.position] = 0.0
        s[EXIT_UNITS + at.position] = 0.0
        s[EXIT_NOTIONAL + at.position] = 0.0
    else:
        s[ENTRY + at.position] = (held * s[ENTRY + at.position] + q * price) / (held + q)
    s[UNITS + at.position] = held + q
    if abs(held + q) > abs(s[LARGEST + at.position]):
        s[LARGEST + at.position] = held + q


@inlined
def leave(s: FloatArray, at: Slot, q: float, price: float) -> None:
    """Reduce slot p: realised profit against the average entry price."""
    s[TRADE_GROSS + at.position] += -q * (price - s[ENTRY + at.position])
    s[EXIT_UNITS + at.position] += abs(q)
    s[EXIT_NOTIONAL + at.position] += abs(q) * price
    s[UNITS + at.position] += q


@inlined
def settle(
    s: FloatArray, at: Slot, q: float, price: float, reference: float, reason: float, scene: Scene
) -> None:
    """Book a fill of q units at `price`: cash, fee, position, trade. `reference` is the price without frictions."""
    costs = scene.costs
    notional = abs(q) * price
    fee = max(costs.commission * abs(q) * price + costs.per_unit * abs(q), costs.minimum)
    friction = fee + abs(q) * abs(price - reference)
    s[CASH + at.account] -= q * price + fee
    s[TURNOVER + at.account] += notional
    s[COSTS_PAID + at.account] += friction
    s[FILLS + at.account] += 1.0
    held = s[UNITS + at.position]
    reducing = held != 0.0 and (held > 0.0) != (q > 0.0)
    if reducing:
        leave(s, at, q, price)
    else:
        enter(s, at, q, price)
    s[TRADE_FEES + at.position] += fee
    s[TRADE_COSTS + at.position] += friction
    if s[UNITS + at.position] == 0.0:
        close_trade(s, at, reason, scene)
        clear_levels(s, at)


@inlined
def fillable(q: float, at: Slot, scene: Scene) -> float:
    """The part of an order of q units that the participation cap lets through on this bar."""
    if scene.costs.participation == float("inf"):
        return q
    most = scene.costs.participation * scene.bars[at.bar, B_VOLUME]
    return q if abs(q) <= most else (most if q > 0.0 else -most)


@inlined
def fill_at_market(
    s: FloatArray, at: Slot, q: float, reference: float, known: int, reason: float, scene: Scene
) -> float:
    """Fill q units near `reference` and get what the participation cap leaves over (0 when all was filled)."""
    taken = fillable(q, at, scene)
    if taken == 0.0:
        return q
    side = 1.0 if q > 0.0 else -1.0
    price = price_before_impact(reference, side, known, at, scene)
    volume = scene.bars[at.bar, B_VOLUME]
    if scene.costs.impact != 0.0 and volume > 0.0:
        sigma = known_value(scene.bars, known, B_SIGMA)
        impact = scene.costs.impact * sigma * math.sqrt(abs(taken) / volume)
        price = max(price + side * reference * impact, 0.0)
    settle(s, at, taken, price, reference, reason, scene)
    return q - taken


@inlined
def fill_at_limit(s: FloatArray, at: Slot, price: float, scene: Scene) -> float:
    """Close a slot exactly at `price` (a take-profit is a resting order) and get what the participation cap leaves over."""
    q = -s[UNITS + at.position]
    taken = fillable(q, at, scene)
    if taken == 0.0:
        return q
    settle(s, at, taken, price, price, BY_PROFIT, scene)
    return q - taken
