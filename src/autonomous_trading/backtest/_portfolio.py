"""Several instruments on one cash account: one parameter set at a time, the same fills as the lane kernel (F8).

State of a set: one group for the account (its lane 0), then groups of slots, one lane per instrument. An order sees the
equity of the whole account, re-read before each order; sells go before buys, in the order of the instruments.
"""

from __future__ import annotations

from autonomous_trading.backtest._fills import INFINITY, NAN
from autonomous_trading.backtest._interpreter import evaluate_block
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
    BARS_HELD,
    BLOCK,
    CASH,
    DEFERRED,
    EQUITY,
    FINAL_EQUITY,
    FINANCING,
    GOAL,
    GROUP,
    LANES,
    LAST_TARGET,
    LOWER,
    NEXT_BAR,
    NOTHING,
    ORIGIN,
    PENDING,
    RUINED,
    TOWARD_GOAL,
    UNITS,
    UPPER,
    WANTED,
    Code,
    Scene,
    Scratch,
    Slot,
)
from autonomous_trading.backtest._marking import (
    bury,
    close_position,
    end_count,
    mark,
    mark_extended,
    note_drawdown,
    raise_trail,
    settle_origin,
    write_off,
)
from autonomous_trading.backtest._orders import drifted, owes, protect, schedule, take_signal, work_order
from autonomous_trading.core import FloatArray, IntArray
from autonomous_trading.core.jit import inlined, kernel


@inlined
def slot_of(i: int) -> int:
    """Offset of instrument i's position in the state of its set."""
    return GROUP * (1 + i // LANES) + i % LANES


@inlined
def scene_of(scene: Scene, i: int) -> Scene:
    """The scene of one instrument."""
    return Scene(scene.bars[i], scene.costs, scene.options, scene.log)


@kernel
def value_of_others(s: FloatArray, skip: int, t: int, field: int, bars: FloatArray) -> float:
    """Value of all positions but one, at their reference prices of bar t (a carried close where there is no bar)."""
    total = 0.0
    for i in range(bars.shape[0]):
        units = s[UNITS + slot_of(i)]
        if i != skip and units != 0.0:
            total += units * bars[i, field, t]
    return total


@kernel
def finance_account(s: FloatArray, t: int, scene: Scene) -> None:
    """Pay and receive financing on all positions for the time since the last close (F4)."""
    bars, costs = scene.bars, scene.costs
    cash, years = s[CASH], bars[0, B_YEARS, t]
    net = 0.0
    for i in range(bars.shape[0]):
        units = s[UNITS + slot_of(i)]
        if units != 0.0:
            value = units * bars[i, B_CLOSE, t - 1]
            net -= max(-value, 0.0) * costs.borrow_rate * years
            if bars[i, B_PRESENT, t] != 0.0:
                net -= value * bars[i, B_FUNDING, t]
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
    """Targets of every instrument on bars span[0] .. span[1] - 1: NaN but where its opinion changes."""
    start = max(span[0] - code.halo, 0)
    skip, n, high = span[0] - start, span[1] - span[0], span[1]
    for i in range(matrices.shape[0]):
        evaluate_block(with_matrix(code, matrices[i]), lane, (start, high), registers)
        last = s[LAST_TARGET + slot_of(i)]
        for k in range(n):
            value = registers[code.result, skip + k]
            changed = value == value and value != last
            targets[i, k] = value if changed else NAN
            last = value if changed else last
        s[LAST_TARGET + slot_of(i)] = last


@inlined
def with_matrix(code: Code, matrix: FloatArray) -> Code:
    """The same program on the columns of another instrument."""
    return Code(
        code.instructions, code.registers, code.result, code.is_condition, code.halo, code.rows, code.scalars, matrix
    )


@kernel
def wishes_order(s: FloatArray, at: Slot, scene: Scene) -> bool:
    """Whether an instrument sends a fresh order: a changed target, or a drift out of the rebalance band."""
    position = s[slot_of(at.instrument) :]
    if position[DEFERRED] == position[DEFERRED]:
        take_signal(s, position, position[DEFERRED])
        position[DEFERRED] = NAN
        return True
    if scene.options.band == INFINITY:
        return False
    close = scene.bars[at.instrument, B_CLOSE, at.bar - 1]
    return drifted(position, s[EQUITY], close, scene.options.band)


@inlined
def sells(position: FloatArray, fresh: bool, reference: float, equity: float) -> bool:
    """Whether the order of a position reduces what is held, or sells short."""
    units: float = position[UNITS]
    wanted: float = position[WANTED]
    if not fresh and position[PENDING] == TOWARD_GOAL:
        goal: float = position[GOAL]
        return goal < units
    closes = wanted == 0.0 or wanted * units < 0.0
    if closes or (not fresh and position[PENDING] != NOTHING):
        return units > 0.0
    return wanted * equity / reference < units


@inlined
def role_of(s: FloatArray, at: Slot, field: int, scene: Scene) -> int:
    """What an instrument does on a bar: 0 nothing, 1 and 2 go on with a sell and a buy, 3 and 4 send a fresh one."""
    bars, i, t = scene.bars, at.instrument, at.bar
    if bars[i, B_PRESENT, t] == 0.0:
        return 0
    fresh = wishes_order(s, at, scene)
    position = s[slot_of(i) :]
    if not (fresh or owes(position, at)):
        return 0
    own = position[UNITS] * bars[i, field, t] if position[UNITS] != 0.0 else 0.0
    equity = s[CASH] + value_of_others(s, i, t, field, bars) + own
    role = 1 if sells(position, fresh, bars[i, field, t], equity) else 2
    return role + 2 if fresh else role


@kernel
def send_orders(s: FloatArray, t: int, account: int, roles: IntArray, scene: Scene) -> None:
    """All orders of bar t: the sells in the order of the instruments, then the buys."""
    bars = scene.bars
    field = B_OPEN if scene.options.fill == AT_OPEN else B_CLOSE
    for i in range(bars.shape[0]):
        roles[i] = role_of(s, Slot(t, account, i), field, scene)
    for side in range(2):
        for i in range(bars.shape[0]):
            if roles[i] != 0 and (roles[i] - 1) % 2 == side:
                others = value_of_others(s, i, t, field, bars)
                at, position = Slot(t, account, i), s[slot_of(i) :]
                work_order(s, position, roles[i] > 2, bars[i, field, t], others, at, scene_of(scene, i))
                schedule(position)


@kernel
def protect_all(s: FloatArray, t: int, account: int, scene: Scene) -> None:
    """Protective exits of bar t, in the order of the instruments."""
    for i in range(scene.bars.shape[0]):
        position = s[slot_of(i) :]
        low, high = scene.bars[i, B_LOW, t], scene.bars[i, B_HIGH, t]
        due = low <= position[LOWER] or high >= position[UPPER] or t >= position[NEXT_BAR]
        if due and scene.bars[i, B_PRESENT, t] != 0.0:
            protect(s, position, Slot(t, account, i), scene_of(scene, i))
            schedule(position)


@kernel
def mark_account(s: FloatArray, t: int, account: int, scene: Scene) -> None:
    """Mark the account at the close of bar t, fold its statistics, and end it when it is ruined."""
    instruments = scene.bars.shape[0]
    s[UNITS] = value_of_others(s, -1, t, B_CLOSE, scene.bars)
    ruined, sunk = mark(s[:GROUP], 1.0)
    s[UNITS] = 0.0
    if s[ORIGIN] == 0.0:
        settle_origin(s, t, True)
    if sunk:
        note_drawdown(s[:GROUP])
    if scene.options.extended:
        mark_extended(s[:GROUP], scene.bars[0, B_BENCHMARK, t])
    if ruined:
        for i in range(instruments):
            write_off(s, s[slot_of(i) :], Slot(t, account, i), scene_of(scene, i))
        bury(s, t)
    held = False
    for i in range(instruments):
        held = held or s[UNITS + slot_of(i)] != 0.0
    s[BARS_HELD] += 1.0 if held else 0.0


@kernel
def write_account(s: FloatArray, lane: int, row: int, bars: FloatArray, curves: FloatArray) -> None:
    """Write equity, cash and the units of every instrument after bar `row` of the run."""
    dead = s[RUINED] != 0.0
    curves[lane, 0, row] = s[FINAL_EQUITY] if dead else s[EQUITY]
    curves[lane, 1, row] = s[FINAL_EQUITY] if dead else s[CASH]
    for i in range(bars.shape[0]):
        curves[lane, 2 + i, row] = s[UNITS + slot_of(i)]


@inlined
def trade_bar(s: FloatArray, t: int, k: int, account: int, targets: FloatArray, roles: IntArray, scene: Scene) -> None:
    """Orders and exits of one bar of the account, in the order of F6; k is the bar of the decision in the block."""
    for i in range(scene.bars.shape[0]):
        if k >= 0 and targets[i, k] == targets[i, k]:
            s[DEFERRED + slot_of(i)] = targets[i, k]
    if scene.options.fill == AT_OPEN:
        send_orders(s, t, account, roles, scene)
        protect_all(s, t, account, scene)
    else:
        protect_all(s, t, account, scene)
        send_orders(s, t, account, roles, scene)


@kernel
def raise_all(s: FloatArray, t: int, bars: FloatArray) -> None:
    """Move the trailing levels of all instruments that had a bar."""
    for i in range(bars.shape[0]):
        if bars[i, B_PRESENT, t] != 0.0:
            raise_trail(s, slot_of(i), float(t), bars[i, B_LOW, t], bars[i, B_HIGH, t])


@kernel
def run_bar(s: FloatArray, t: int, k: int, account: int, targets: FloatArray, roles: IntArray, scene: Scene) -> None:
    """One bar of one account, but for its financing."""
    if s[RUINED] == 0.0:
        trade_bar(s, t, k, account, targets, roles, scene)
    mark_account(s, t, account, scene)
    if scene.options.trailing:
        raise_all(s, t, scene.bars)


@kernel
def simulate_accounts(
    sets: tuple[int, int],
    run: tuple[int, int, int],
    programs: tuple[Code, FloatArray],
    state: FloatArray,
    scene: Scene,
    curves: FloatArray,
    scratch: Scratch,
) -> None:
    """Run sets[0] .. sets[1] - 1 over bars run[1] .. run[2] - 1 of the run that began at run[0]; state is carried.

    programs: the code, and the columns of all instruments [instruments, rows, bars].
    """
    lag = 0 if scene.options.fill == AT_SAME_CLOSE else 1
    code, matrices = programs
    size = GROUP * (1 + (scene.bars.shape[0] + LANES - 1) // LANES)
    for low in range(run[1], run[2], BLOCK):
        high = min(low + BLOCK, run[2])
        first = max(low - lag, 0)
        for lane in range(sets[0], sets[1]):
            s = state[lane * size : (lane + 1) * size]
            evaluate_targets(code, matrices, s, lane, (first, max(high - lag, 0)), scratch.registers, scratch.targets)
            for t in range(low, high):
                if scene.options.financing and t > run[0] and s[RUINED] == 0.0:
                    finance_account(s, t, scene)
                run_bar(s, t, t - lag - first, lane, scratch.targets, scratch.roles, scene)
                if curves.shape[0] > 0:
                    write_account(s, lane, t - run[1], scene.bars, curves)


@kernel
def finish_accounts(state: FloatArray, t: int, scene: Scene) -> None:
    """Count the positions still open after bar t, in every account (call it on a copy of the state)."""
    size = GROUP * (1 + (scene.bars.shape[0] + LANES - 1) // LANES)
    for lane in range(state.size // size):
        s = state[lane * size : (lane + 1) * size]
        for i in range(scene.bars.shape[0]):
            close_position(s, s[slot_of(i) :], Slot(t, lane, i), scene_of(scene, i))
        end_count(s, t)
