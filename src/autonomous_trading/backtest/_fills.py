"""How one order becomes a fill: price, fee, position and trade, for one slot of one account (fill contract F2, F3).

Scalar code, shared by the lane kernel and by the portfolio kernel. `account` and `position` are views of the state (see
`_layout`): the same one for a single instrument, two when several instruments share an account. Formulas are written in
the order of the contract, so that they round like its twin.
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
    T_INSTRUMENT,
    T_NET,
    T_REASON,
    T_SIDE,
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
    Fill,
    Order,
    Scene,
    Slot,
)
from autonomous_trading.core import FloatArray
from autonomous_trading.core.jit import inlined

INFINITY = float("inf")
NAN = float("nan")
DUST = 1e-12  # an investment of at most this is rounding


@inlined
def known_value(bars: FloatArray, t: int, field: int) -> float:
    """Value of a column known at bar t; 0 before the first bar and where it is not known."""
    if t < 0:
        return 0.0
    value: float = bars[field, t]
    return value if value == value else 0.0


@inlined
def decided(at: Slot, scene: Scene) -> int:
    """Bar whose close the decision behind an order at this bar could use."""
    return at.bar if scene.options.fill == AT_SAME_CLOSE else at.bar - 1


@inlined
def price_before_impact(reference: float, side: float, known: int, at: Slot, scene: Scene) -> float:
    """Reference price moved against the order by half the spread and the slippage; columns as of bar `known`."""
    moved = reference * (1.0 + side * (scene.bars[B_HALF_SPREAD, at.bar] + scene.costs.slippage))
    if scene.costs.slippage_atr != 0.0:
        moved += side * scene.costs.slippage_atr * known_value(scene.bars, known, B_ATR)
    price: float = max(moved, 0.0)
    return price


@inlined
def clear_levels(position: FloatArray) -> None:
    """No protective level can be touched until the next position."""
    position[LOWER] = -INFINITY
    position[UPPER] = INFINITY
    position[TRAIL_LOW] = -INFINITY
    position[TRAIL_HIGH] = INFINITY
    position[TRAIL_LOW_FACTOR] = 0.0
    position[TRAIL_LOW_OFFSET] = -INFINITY
    position[TRAIL_HIGH_FACTOR] = 0.0
    position[TRAIL_HIGH_OFFSET] = INFINITY


@inlined
def close_trade(account: FloatArray, position: FloatArray, reason: float, at: Slot, scene: Scene) -> None:
    """Count the finished trade of a slot and write it down where trades are recorded."""
    opened = int(position[ENTRY_BAR])
    net = position[TRADE_GROSS] - position[TRADE_FEES]
    invested = abs(position[LARGEST]) * position[ENTRY]
    row = int(account[TRADES])
    account[TRADES] = row + 1.0
    if net > 0.0:
        account[WINS] += 1.0
        account[GROSS_WIN] += net
    elif net < 0.0:
        account[LOSSES] += 1.0
        account[GROSS_LOSS] -= net
    account[SUM_TRADE_RETURN] += net / invested if invested > DUST else NAN
    account[HOLD_TIME] += scene.bars[B_DAYS, at.bar] - scene.bars[B_DAYS, opened]
    position[BARS_HELD] += at.bar - opened
    if at.account == 0 and row < scene.log.shape[0]:
        write_trade(scene.log[row], position, reason, at)
        scene.log[row, T_NET] = net


@inlined
def write_trade(line: FloatArray, position: FloatArray, reason: float, at: Slot) -> None:
    """Write the finished trade of a slot into one line of the log (its net profit is written by `close_trade`)."""
    line[T_ENTRY_BAR] = position[ENTRY_BAR]
    line[T_EXIT_BAR] = at.bar
    line[T_SIDE] = 1.0 if position[LARGEST] > 0.0 else -1.0
    line[T_UNITS] = abs(position[LARGEST])
    line[T_ENTRY_PRICE] = position[ENTRY]
    line[T_EXIT_PRICE] = position[EXIT_NOTIONAL] / position[EXIT_UNITS]
    line[T_COSTS] = position[TRADE_COSTS]
    line[T_GROSS] = position[TRADE_GROSS]
    line[T_REASON] = reason
    line[T_INSTRUMENT] = at.instrument


@inlined
def enter(position: FloatArray, q: float, price: float, at: Slot) -> None:
    """Open a position or add to it: average entry price, and on an opening the start of a new trade."""
    held = position[UNITS]
    if held == 0.0:
        position[ENTRY] = price
        position[ENTRY_BAR] = at.bar
        position[LARGEST] = 0.0
        position[TRADE_FEES] = 0.0
        position[TRADE_COSTS] = 0.0
        position[TRADE_GROSS] = 0.0
        position[EXIT_UNITS] = 0.0
        position[EXIT_NOTIONAL] = 0.0
    else:
        position[ENTRY] = (held * position[ENTRY] + q * price) / (held + q)
    position[UNITS] = held + q
    if abs(held + q) > abs(position[LARGEST]):
        position[LARGEST] = held + q


@inlined
def leave(position: FloatArray, q: float, price: float) -> None:
    """Reduce a position: realised profit against the average entry price."""
    position[TRADE_GROSS] += -q * (price - position[ENTRY])
    position[EXIT_UNITS] += abs(q)
    position[EXIT_NOTIONAL] += abs(q) * price
    position[UNITS] += q


@inlined
def settle(account: FloatArray, position: FloatArray, fill: Fill, at: Slot, scene: Scene) -> None:
    """Book a fill: cash, fee, position, trade."""
    costs, q, price = scene.costs, fill.q, fill.price
    size = abs(q)
    fee = max(costs.commission * size * price + costs.per_unit * size, costs.minimum)
    friction = fee + size * abs(price - fill.reference)
    account[CASH] -= q * price + fee
    account[TURNOVER] += size * price
    account[COSTS_PAID] += friction
    account[FILLS] += 1.0
    held = position[UNITS]
    if held == 0.0 or (held > 0.0) == (q > 0.0):
        enter(position, q, price, at)
    else:
        leave(position, q, price)
    position[TRADE_FEES] += fee
    position[TRADE_COSTS] += friction
    if position[UNITS] == 0.0:
        close_trade(account, position, fill.reason, at, scene)
        clear_levels(position)


@inlined
def fillable(q: float, at: Slot, scene: Scene) -> float:
    """The part of an order of q units that the participation cap lets through on this bar."""
    if scene.costs.participation == INFINITY:
        return q
    most: float = scene.costs.participation * scene.bars[B_VOLUME, at.bar]
    return q if abs(q) <= most else (most if q > 0.0 else -most)


@inlined
def fill_at_market(account: FloatArray, position: FloatArray, order: Order, at: Slot, scene: Scene) -> float:
    """Fill an order near its reference price and get what the participation cap leaves over (0 when all was filled)."""
    taken = fillable(order.q, at, scene)
    if taken == 0.0:
        return order.q
    side = 1.0 if order.q > 0.0 else -1.0
    price = price_before_impact(order.reference, side, order.known, at, scene)
    volume = scene.bars[B_VOLUME, at.bar]
    if scene.costs.impact != 0.0 and volume > 0.0:
        sigma = known_value(scene.bars, order.known, B_SIGMA)
        impact = scene.costs.impact * sigma * math.sqrt(abs(taken) / volume)
        price = max(price + side * order.reference * impact, 0.0)
    settle(account, position, Fill(taken, price, order.reference, order.reason), at, scene)
    return order.q - taken


@inlined
def fill_at_limit(account: FloatArray, position: FloatArray, price: float, at: Slot, scene: Scene) -> float:
    """Close a position exactly at `price` (a take-profit is a resting order); get what the participation cap leaves."""
    q: float = -position[UNITS]
    taken = fillable(q, at, scene)
    if taken == 0.0:
        return q
    settle(account, position, Fill(taken, price, price, BY_PROFIT), at, scene)
    return q - taken
