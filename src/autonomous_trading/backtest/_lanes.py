"""The lane kernel: sixteen parameter sets abreast through one instrument, in blocks of bars.

Most bars change nothing but the mark: that part runs as vector instructions across the lanes. The rare bars on which a
target changes or a level is touched are *events*, handled lane by lane in scalar code that knows the whole fill contract.
Each lane's arithmetic is the same whatever its neighbours are, so results do not depend on grouping, threads or blocks.
"""

from __future__ import annotations

import numpy as np

from autonomous_trading.backtest._fills import clear_levels, close_trade, leave
from autonomous_trading.backtest._interpreter import evaluate_block
from autonomous_trading.backtest._layout import (
    AT_SAME_CLOSE,
    B_BENCHMARK,
    B_CLOSE,
    B_FUNDING,
    B_HIGH,
    B_LOW,
    B_YEARS,
    BARS_HELD,
    BY_RUIN,
    CASH,
    EQUITY,
    FINAL_EQUITY,
    FINANCING,
    FRESH,
    GROUP,
    KEPT,
    LANES,
    LAST_TARGET,
    LOWER,
    NEXT_BAR,
    NOTHING,
    PEAK,
    PENDING,
    RETURN,
    RUINED,
    STILL_OPEN,
    SUM_ACTIVE,
    SUM_ACTIVE_SQUARE,
    SUM_CUBE,
    SUM_DOWN,
    SUM_DOWN_SQUARE,
    SUM_FOURTH,
    SUM_RETURN,
    SUM_SQUARE,
    TRAIL_HIGH,
    TRAIL_HIGH_FACTOR,
    TRAIL_HIGH_OFFSET,
    TRAIL_LOW,
    TRAIL_LOW_FACTOR,
    TRAIL_LOW_OFFSET,
    UNITS,
    UPPER,
    WANTED,
    Code,
    Scene,
    Slot,
    Wishes,
)
from autonomous_trading.backtest._orders import take_signal, trade_slot
from autonomous_trading.core import FloatArray, IntArray
from autonomous_trading.core.jit import borrowed, inlined, kernel

BLOCK = 256
INFINITY = float("inf")


@kernel
def mark(s: FloatArray, close: float) -> bool:
    """Mark all lanes at the close, fold the return into the running statistics; true when a lane is ruined."""
    ruined = 0
    for j in range(LANES):
        equity = s[CASH + j] + s[UNITS + j] * close
        change = equity / s[EQUITY + j] - 1.0
        s[EQUITY + j] = equity
        s[RETURN + j] = change
        s[SUM_RETURN + j] += change
        s[SUM_SQUARE + j] += change * change
        peak = max(s[PEAK + j], equity)
        s[PEAK + j] = peak
        s[KEPT + j] = min(s[KEPT + j], equity / peak)
        ruined |= equity <= 0.0
    return ruined != 0


@kernel
def mark_extended(s: FloatArray, benchmark: float) -> None:
    """Fold the return just marked into the higher moments, the downside and the active return."""
    for j in range(LANES):
        change = s[RETURN + j]
        square = change * change
        s[SUM_CUBE + j] += square * change
        s[SUM_FOURTH + j] += square * square
        down = min(change, 0.0)
        s[SUM_DOWN + j] += down
        s[SUM_DOWN_SQUARE + j] += down * down
        active = change - benchmark
        s[SUM_ACTIVE + j] += active
        s[SUM_ACTIVE_SQUARE + j] += active * active


@inlined
def raise_trail(s: FloatArray, p: int, t: float, low: float, high: float) -> None:
    """Move slot p's trailing level with the bar that just ended; a position opened at this close waits for the next bar."""
    raised = max(s[TRAIL_LOW + p], high * s[TRAIL_LOW_FACTOR + p] + s[TRAIL_LOW_OFFSET + p])
    lowered = min(s[TRAIL_HIGH + p], low * s[TRAIL_HIGH_FACTOR + p] + s[TRAIL_HIGH_OFFSET + p])
    held = s[FRESH + p] < t
    raised = raised if held else s[TRAIL_LOW + p]
    lowered = lowered if held else s[TRAIL_HIGH + p]
    s[TRAIL_LOW + p] = raised
    s[TRAIL_HIGH + p] = lowered
    s[LOWER + p] = max(s[LOWER + p], raised)
    s[UPPER + p] = min(s[UPPER + p], lowered)


@kernel
def raise_trails(s: FloatArray, t: float, low: float, high: float) -> None:
    """Move the trailing levels of all lanes."""
    for j in range(LANES):
        raise_trail(s, j, t, low, high)


@kernel
def finance(s: FloatArray, t: int, scene: Scene) -> None:
    """Pay and receive financing for the time since the last close (F4)."""
    bars, costs = scene.bars, scene.costs
    price, years, funding = bars[t - 1, B_CLOSE], bars[t, B_YEARS], bars[t, B_FUNDING]
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


@kernel
def drifted(s: FloatArray, j: int, t: int, scene: Scene) -> bool:
    """Whether the exposure at the last close left the rebalance band around the wanted one."""
    if t == 0 or s[UNITS + j] == 0.0 or s[PENDING + j] != NOTHING:
        return False
    return abs(s[UNITS + j] * scene.bars[t - 1, B_CLOSE] / s[EQUITY + j] - s[WANTED + j]) > scene.options.band


@kernel
def ruin(s: FloatArray, at: Slot, scene: Scene) -> None:
    """Close a slot at the close without cost: equity at or below zero stays where it is (F7)."""
    units, price = s[UNITS + at.position], scene.bars[at.bar, B_CLOSE]
    if units != 0.0:
        s[CASH + at.account] += units * price
        leave(s, at, -units, price)
        close_trade(s, at, BY_RUIN, scene)
    s[PENDING + at.position] = NOTHING
    s[NEXT_BAR + at.position] = INFINITY
    clear_levels(s, at)


@kernel
def bury_ruined(s: FloatArray, t: int, scene: Scene) -> None:
    """Freeze ruined lanes: their equity is kept, and the hot fields are set so that marking changes nothing."""
    for j in range(LANES):
        if s[EQUITY + j] <= 0.0:
            ruin(s, Slot(j, j, t), scene)
            s[FINAL_EQUITY + j] = s[EQUITY + j]
            s[RUINED + j] = 1.0
            s[CASH + j] = 1.0
            s[EQUITY + j] = 1.0


@kernel
def note_condition(r: FloatArray, row: int, part: tuple[int, int], j: int, levels: IntArray) -> None:
    """Set bit j of levels[k] where the condition in register `row` holds."""
    bit = 1 << j
    values = r[row, part[0] : part[0] + part[1]]  # a view: its indices are seen to be non-negative
    for k in range(part[1]):
        levels[k] |= bit if values[k] != 0.0 else 0


@kernel
def note_exposure(
    r: FloatArray, row: int, part: tuple[int, int], j: int, last: float, wishes: Wishes
) -> float:
    """Copy the targets of lane j, set bit j of changes[k] where they change (NaN is no opinion); the last opinion."""
    bit = 1 << j
    targets, changes, skip = wishes.targets, wishes.changes, part[0]
    for k in range(part[1]):
        value = r[row, skip + k]
        targets[j, k] = value
        if value == value and value != last:
            changes[k] |= bit
            last = value
    return last


@kernel
def decide(
    code: Code, s: FloatArray, first: int, span: tuple[int, int], registers: FloatArray, wishes: Wishes
) -> None:
    """Evaluate the targets of a group on bars span[0] .. span[1] - 1 into `wishes`."""
    rows, scalars, matrix, instructions = code.rows, code.scalars, code.matrix, code.instructions
    levels, changes = wishes.levels, wishes.changes
    start = max(span[0] - code.halo, 0)
    skip, n = span[0] - start, span[1] - span[0]
    if n <= 0:
        return
    levels[:n] = 0
    changes[:n] = 0
    before = 0
    for j in range(min(LANES, rows.shape[0] - first)):
        evaluate_block(instructions, rows, scalars, matrix, first + j, (start, span[1]), registers)
        if code.is_condition:
            before |= (1 << j) if s[LAST_TARGET + j] != 0.0 else 0
            note_condition(registers, code.result, (skip, n), j, levels)
            s[LAST_TARGET + j] = registers[code.result, skip + n - 1]
        else:
            s[LAST_TARGET + j] = note_exposure(
                registers, code.result, (skip, n), j, s[LAST_TARGET + j], wishes
            )
    if code.is_condition:
        changes[0] = levels[0] ^ before
        for k in range(1, n):
            changes[k] = levels[k] ^ levels[k - 1]


@inlined
def due_lanes(s: FloatArray, t: int, scene: Scene) -> int:
    """Lanes that need a look at bar t whatever their target does: bit j for a touched level or a due bar."""
    low, high = scene.bars[t, B_LOW], scene.bars[t, B_HIGH]
    due = 0
    for j in range(LANES):
        touched = (low <= s[LOWER + j]) | (high >= s[UPPER + j]) | (t >= s[NEXT_BAR + j])
        due |= (1 << j) if touched else 0
    return due


@inlined
def drifted_lanes(s: FloatArray, t: int, scene: Scene) -> int:
    """Lanes whose exposure left the rebalance band, bit j each."""
    drifts = 0
    if scene.options.band != INFINITY:
        for j in range(LANES):
            drifts |= (1 << j) if drifted(s, j, t, scene) else 0
    return drifts


@kernel
def events_of_bar(s: FloatArray, t: int, k: int, scan: bool, wishes: Wishes, scene: Scene) -> None:
    """Handle every lane that has an event on bar t, the k-th decision of the block (k < 0: none yet)."""
    changed = wishes.changes[k] if k >= 0 else 0
    drifts, due = 0, 0
    if scan:
        due = due_lanes(s, t, scene)
        drifts = drifted_lanes(s, t, scene)
    waiting = changed | due | drifts
    j = 0
    while waiting != 0:
        if waiting & 1 != 0 and s[RUINED + j] == 0.0:
            at = Slot(j, j, t)
            signal = (changed >> j) & 1 != 0
            if signal:
                target = float((wishes.levels[k] >> j) & 1) if wishes.is_condition else wishes.targets[j, k]
                take_signal(s, at, target)
            trade_slot(s, at, signal, (drifts >> j) & 1 != 0, scene)
        waiting >>= 1
        j += 1


@kernel
def attention(s: FloatArray) -> tuple[float, float, float, bool]:
    """What a group waits for: the first bar some lane is due, the highest lower level, the lowest upper one, any position."""
    soonest, lower, upper = s[NEXT_BAR], s[LOWER], s[UPPER]
    active = s[UNITS] != 0.0
    for j in range(1, LANES):
        soonest = min(soonest, s[NEXT_BAR + j])
        lower = max(lower, s[LOWER + j])
        upper = min(upper, s[UPPER + j])
        active |= s[UNITS + j] != 0.0
    return soonest, lower, upper, active


@kernel
def write_bar(s: FloatArray, first: int, row: int, curves: FloatArray) -> None:
    """Write equity, cash and units of every lane of the group after bar `row` of this call into curves[lane, :, row]."""
    for j in range(LANES):
        lane = first + j
        if lane < curves.shape[0]:
            dead = s[RUINED + j] != 0.0
            curves[lane, 0, row] = s[FINAL_EQUITY + j] if dead else s[EQUITY + j]
            curves[lane, 1, row] = s[FINAL_EQUITY + j] if dead else s[CASH + j]
            curves[lane, 2, row] = s[UNITS + j]


@kernel
def run_block(
    s: FloatArray, first: int, span: tuple[int, int, int, int], wishes: Wishes, scene: Scene, curves: FloatArray
) -> None:
    """Take one group through the bars of one block, span = (run start, first bar of this call, block)."""
    begin, origin, low, high = span
    bars, options = scene.bars, scene.options
    skip = 1 if low == 0 and options.fill != AT_SAME_CLOSE else 0
    soonest, lower, upper, active = attention(s)
    banded = options.band != INFINITY
    always = options.financing or options.extended
    for t in range(low, high):
        k = t - low - skip
        changed = wishes.changes[k] if k >= 0 else 0
        if options.financing and t > begin:
            finance(s, t, scene)
        ruined = False
        scan = bars[t, B_LOW] <= lower or bars[t, B_HIGH] >= upper or t >= soonest or (banded and active)
        if scan or changed != 0:
            events_of_bar(s, t, k, scan, wishes, scene)
            soonest, lower, upper, active = attention(s)
            ruined = mark(s, bars[t, B_CLOSE])
        elif active or always:
            ruined = mark(s, bars[t, B_CLOSE])
        if options.extended:
            mark_extended(s, bars[t, B_BENCHMARK])
        if ruined:
            bury_ruined(s, t, scene)
            soonest, lower, upper, active = attention(s)
        if options.trailing and active:
            raise_trails(s, float(t), bars[t, B_LOW], bars[t, B_HIGH])
            soonest, lower, upper, active = attention(s)
        if curves.shape[0] > 0:
            write_bar(s, first, t - origin, curves)


@kernel
def simulate_lanes(
    groups: tuple[int, int],
    run: tuple[int, int, int],
    code: Code,
    state: FloatArray,
    scene: Scene,
    curves: FloatArray,
) -> None:
    """Run groups[0] .. groups[1] - 1 over bars run[1] .. run[2] - 1 of the run that began at run[0]; state is carried over.

    `scene.log` takes the trades of the first group only; `curves` is [sets, 3, bars of this call] or empty.
    """
    lag = 0 if scene.options.fill == AT_SAME_CLOSE else 1
    registers = np.empty((code.registers, BLOCK + code.halo), dtype=np.float64)
    targets = np.empty((LANES, BLOCK), dtype=np.float64)
    levels = np.zeros(BLOCK, dtype=np.int64)
    changes = np.zeros(BLOCK, dtype=np.int64)
    program = borrowed_code(code)
    place = Scene(borrowed(scene.bars), scene.costs, scene.options, borrowed(scene.log))
    wishes = Wishes(borrowed(targets), borrowed(levels), borrowed(changes), code.is_condition)
    lanes, lines, work = borrowed(state), borrowed(curves), borrowed(registers)
    for low in range(run[1], run[2], BLOCK):
        high = min(low + BLOCK, run[2])
        for group in range(groups[0], groups[1]):
            s = lanes[group * GROUP : (group + 1) * GROUP]
            decide(program, s, group * LANES, (max(low - lag, 0), max(high - lag, 0)), work, wishes)
            run_block(s, group * LANES, (run[0], run[1], low, high), wishes, place, lines)
    # The borrowed views must not outlive what they look at.
    registers[0, 0], targets[0, 0], levels[0], changes[0] = 0.0, 0.0, 0, 0


@inlined
def borrowed_code(code: Code) -> Code:
    """The same program without reference counts."""
    return Code(
        borrowed(code.instructions),
        code.registers,
        code.result,
        code.is_condition,
        code.halo,
        borrowed(code.rows),
        borrowed(code.scalars),
        borrowed(code.matrix),
    )


@kernel
def finish_slot(s: FloatArray, at: Slot, scene: Scene) -> None:
    """Count a position that is still open after a bar as a trade, marked at the close without exit cost."""
    if s[UNITS + at.position] != 0.0:
        leave(s, at, -s[UNITS + at.position], scene.bars[at.bar, B_CLOSE])
        close_trade(s, at, STILL_OPEN, scene)
        s[BARS_HELD + at.account] += 1.0


@kernel
def finish_lanes(state: FloatArray, t: int, scene: Scene) -> None:
    """Count the positions still open after bar t, in every lane of every group (call it on a copy of the state)."""
    for group in range(state.size // GROUP):
        s = state[group * GROUP : (group + 1) * GROUP]
        for j in range(LANES):
            finish_slot(s, Slot(j, j, t), scene)
