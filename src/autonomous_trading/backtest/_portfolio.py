"""Several instruments on one cash account: one parameter set at a time, the same fills as the lane kernel (F8).

State of a set: one group for the account (its lane 0), then groups of slots, one lane per instrument. An order sees the
equity of the whole account, re-read before each order; sells go before buys, in the order of the instruments.
"""

from __future__ import annotations

import numpy as np

from autonomous_trading.backtest._interpreter import evaluate_block
from autonomous_trading.backtest._lanes import (
    BLOCK,
    INFINITY,
    finish_slot,
    mark,
    mark_extended,
    raise_trail,
    ruin,
)
from autonomous_trading.backtest._layout import (
    AT_OPEN,
    AT_SAME_CLOSE,
    B_BENCHMARK,
    B_CLOSE,
    B_FUNDING,
    B_HIGH,
    B_LOW,
    B_OPEN,
    B_PRESENT,
    B_YEARS,
    CASH,
    CLOSING,
    DEFERRED,
    EQUITY,
    EXITING,
    FINAL_EQUITY,
    FINANCING,
    GOAL,
    GROUP,
    LANES,
    LAST_TARGET,
    LOWER,
    NEXT_BAR,
    NOTHING,
    PENDING,
    RUINED,
    TOWARD_GOAL,
    UNITS,
    UPPER,
    WANTED,
    Code,
    Scene,
    Slot,
)
from autonomous_trading.backtest._orders import owes, protect, schedule, take_signal, work_order
from autonomous_trading.core import FloatArray, IntArray
from autonomous_trading.core.jit import borrowed, inlined, kernel

NAN = float("nan")


@inlined
def slot_of(i: int) -> int:
    """Offset of instrument i's position in the state of its set."""
    return GROUP * (1 + i // LANES) + i % LANES


@kernel
def value_of_others(s: FloatArray, skip: int, t: int, field: int, bars: FloatArray) -> float:
    """Value of all positions but one, at their reference prices of bar t (a carried close where there is no bar)."""
    total = 0.0
    for i in range(bars.shape[0]):
        units = s[UNITS + slot_of(i)]
        if i != skip and units != 0.0:
            total += units * bars[i, t, field]
    return total


@kernel
def finance_account(s: FloatArray, t: int, scene: Scene) -> None:
    """Pay and receive financing on all positions for the time since the last close (F4)."""
    bars, costs = scene.bars, scene.costs
    cash, years = s[CASH], bars[0, t, B_YEARS]
    net = 0.0
    for i in range(bars.shape[0]):
        units = s[UNITS + slot_of(i)]
        if units != 0.0:
            value = units * bars[i, t - 1, B_CLOSE]
            net -= max(-value, 0.0) * costs.borrow_rate * years
            if bars[i, t, B_PRESENT] != 0.0:
                net -= value * bars[i, t, B_FUNDING]
    net += max(min(cash, s[EQUITY]), 0.0) * costs.cash_rate * years
    net -= max(-cash, 0.0) * costs.leverage_rate * years
    s[CASH] += net
    s[FINANCING] += net


@kernel
def evaluate_targets(
    code: Code,
    matrices: FloatArray,
    s: FloatArray,
    lane: int,
    span: tuple[int, int],
    registers: FloatArray,
    targets: FloatArray,
) -> None:
    """Targets of every instrument on bars span[0] .. span[1] - 1: targets[i, k] where opinion changes, NaN elsewhere."""
    start = max(span[0] - code.halo, 0)
    skip, n, high = span[0] - start, span[1] - span[0], span[1]
    for i in range(matrices.shape[0]):
        evaluate_block(
            code.instructions, code.rows, code.scalars, matrices[i], lane, (start, high), registers
        )
        last = s[LAST_TARGET + slot_of(i)]
        for k in range(n):
            value = registers[code.result, skip + k]
            changed = value == value and value != last
            targets[i, k] = value if changed else NAN
            last = value if changed else last
        s[LAST_TARGET + slot_of(i)] = last


@kernel
def wishes_order(s: FloatArray, at: Slot, i: int, scene: Scene) -> bool:
    """Whether slot p sends a fresh order at bar t: a changed target, or a drift out of the rebalance band."""
    p, t, band = at.position, at.bar, scene.options.band
    if s[DEFERRED + p] == s[DEFERRED + p]:
        take_signal(s, at, s[DEFERRED + p])
        s[DEFERRED + p] = NAN
        return True
    if band == INFINITY or t == 0 or s[UNITS + p] == 0.0 or s[PENDING + p] != NOTHING:
        return False
    exposure = s[UNITS + p] * scene.bars[i, t - 1, B_CLOSE] / s[EQUITY]
    return abs(exposure - s[WANTED + p]) > band


@kernel
def sells(s: FloatArray, p: int, fresh: bool, reference: float, equity: float) -> bool:
    """Whether the order of slot p reduces or sells."""
    if not fresh and s[PENDING + p] == TOWARD_GOAL:
        return s[GOAL + p] < s[UNITS + p]
    if not fresh and s[PENDING + p] in (CLOSING, EXITING):
        return s[UNITS + p] > 0.0
    wanted, units = s[WANTED + p], s[UNITS + p]
    if wanted == 0.0 or wanted * units < 0.0:
        return units > 0.0
    return wanted * equity < units * reference


@inlined
def scene_of(scene: Scene, i: int) -> Scene:
    """The scene of one instrument."""
    return Scene(scene.bars[i], scene.costs, scene.options, scene.log)


@kernel
def send_orders(s: FloatArray, t: int, roles: IntArray, scene: Scene) -> None:
    """All orders of bar t: the sells in the order of the instruments, then the buys.

    roles: 0 no order, 1 and 2 a sell and a buy left over from earlier bars, 3 and 4 fresh ones.
    """
    bars = scene.bars
    field = B_OPEN if scene.options.fill == AT_OPEN else B_CLOSE
    equity = s[CASH] + value_of_others(s, -1, t, field, bars)
    for i in range(bars.shape[0]):
        p = slot_of(i)
        roles[i] = 0
        if bars[i, t, B_PRESENT] != 0.0:
            fresh = wishes_order(s, Slot(0, p, t), i, scene)
            if fresh or owes(s, Slot(0, p, t)):
                roles[i] = (1 if sells(s, p, fresh, bars[i, t, field], equity) else 2) + (2 if fresh else 0)
    for side in range(2):
        for i in range(bars.shape[0]):
            if roles[i] != 0 and (roles[i] - 1) % 2 == side:
                others = value_of_others(s, i, t, field, bars)
                at = Slot(0, slot_of(i), t)
                work_order(s, at, bars[i, t, field], others, roles[i] > 2, scene_of(scene, i))
                schedule(s, at)


@kernel
def protect_all(s: FloatArray, t: int, scene: Scene) -> None:
    """Protective exits of bar t, in the order of the instruments."""
    for i in range(scene.bars.shape[0]):
        p = slot_of(i)
        low, high = scene.bars[i, t, B_LOW], scene.bars[i, t, B_HIGH]
        due = low <= s[LOWER + p] or high >= s[UPPER + p] or t >= s[NEXT_BAR + p]
        if due and s[UNITS + p] != 0.0 and s[PENDING + p] != EXITING and scene.bars[i, t, B_PRESENT] != 0.0:
            at = Slot(0, p, t)
            protect(s, at, scene_of(scene, i))
            schedule(s, at)


@kernel
def mark_account(s: FloatArray, t: int, scene: Scene) -> None:
    """Mark the account at the close of bar t, fold its statistics, and end it when it is ruined."""
    s[UNITS] = value_of_others(s, -1, t, B_CLOSE, scene.bars)
    ruined = mark(s[:GROUP], 1.0)
    s[UNITS] = 0.0
    if scene.options.extended:
        mark_extended(s[:GROUP], scene.bars[0, t, B_BENCHMARK])
    if ruined:
        for i in range(scene.bars.shape[0]):
            ruin(s, Slot(0, slot_of(i), t), scene_of(scene, i))
        s[FINAL_EQUITY] = s[EQUITY]
        s[RUINED] = 1.0
        s[CASH] = 1.0
        s[EQUITY] = 1.0


@kernel
def write_account(s: FloatArray, lane: int, row: int, bars: FloatArray, curves: FloatArray) -> None:
    """Write equity, cash and the units of every instrument after bar `row` of the run."""
    dead = s[RUINED] != 0.0
    curves[lane, 0, row] = s[FINAL_EQUITY] if dead else s[EQUITY]
    curves[lane, 1, row] = s[FINAL_EQUITY] if dead else s[CASH]
    for i in range(bars.shape[0]):
        curves[lane, 2 + i, row] = s[UNITS + slot_of(i)]


@kernel
def trade_bar(s: FloatArray, t: int, k: int, targets: FloatArray, roles: IntArray, scene: Scene) -> None:
    """Orders and exits of one bar of the account, in the order of F6; k is the bar of the decision in the block."""
    for i in range(scene.bars.shape[0]):
        if k >= 0 and targets[i, k] == targets[i, k]:
            s[DEFERRED + slot_of(i)] = targets[i, k]
    if scene.options.fill == AT_OPEN:
        send_orders(s, t, roles, scene)
        protect_all(s, t, scene)
    else:
        protect_all(s, t, scene)
        send_orders(s, t, roles, scene)


@kernel
def raise_all(s: FloatArray, t: int, bars: FloatArray) -> None:
    """Move the trailing levels of all instruments that had a bar."""
    for i in range(bars.shape[0]):
        if bars[i, t, B_PRESENT] != 0.0:
            raise_trail(s, slot_of(i), float(t), bars[i, t, B_LOW], bars[i, t, B_HIGH])


@kernel
def simulate_accounts(
    sets: tuple[int, int],
    run: tuple[int, int, int],
    code: Code,
    matrices: FloatArray,
    state: FloatArray,
    scene: Scene,
    curves: FloatArray,
) -> None:
    """Run sets[0] .. sets[1] - 1 over bars run[1] .. run[2] - 1 of the run that began at run[0]; state is carried over."""
    lag = 0 if scene.options.fill == AT_SAME_CLOSE else 1
    instruments = scene.bars.shape[0]
    registers = np.empty((code.registers, BLOCK + code.halo), dtype=np.float64)
    targets = np.empty((instruments, BLOCK), dtype=np.float64)
    roles = np.zeros(instruments, dtype=np.int64)
    size = GROUP * (1 + (instruments + LANES - 1) // LANES)
    place = Scene(borrowed(scene.bars), scene.costs, scene.options, borrowed(scene.log))
    lines, lanes = borrowed(curves), borrowed(state)
    for low in range(run[1], run[2], BLOCK):
        high = min(low + BLOCK, run[2])
        first = max(low - lag, 0)
        for lane in range(sets[0], sets[1]):
            s = lanes[lane * size : (lane + 1) * size]
            evaluate_targets(code, matrices, s, lane, (first, max(high - lag, 0)), registers, targets)
            for t in range(low, high):
                if s[RUINED] == 0.0:
                    if place.options.financing and t > run[0]:
                        finance_account(s, t, place)
                    trade_bar(s, t, t - lag - first, targets, roles, place)
                mark_account(s, t, place)
                if place.options.trailing:
                    raise_all(s, t, place.bars)
                if lines.shape[0] > 0:
                    write_account(s, lane, t - run[1], place.bars, lines)


@kernel
def finish_accounts(state: FloatArray, t: int, scene: Scene) -> None:
    """Count the positions still open after bar t, in every account (call it on a copy of the state)."""
    size = GROUP * (1 + (scene.bars.shape[0] + LANES - 1) // LANES)
    for lane in range(state.size // size):
        s = state[lane * size : (lane + 1) * size]
        for i in range(scene.bars.shape[0]):
            finish_slot(s, Slot(0, slot_of(i), t), scene_of(scene, i))
