"""The lane kernel: sixteen parameter sets abreast through one instrument, in blocks of bars.

Most bars change nothing but the mark: that part runs as vector instructions across the lanes. The rare bars on which a
target changes or a level is touched are *events*, handled lane by lane in scalar code that knows the whole contract.
Each lane's arithmetic is the same whatever its neighbours are, so results do not depend on grouping, threads or blocks.
"""

from __future__ import annotations

from typing import NamedTuple

from autonomous_trading.backtest._decisions import decide
from autonomous_trading.backtest._fills import INFINITY
from autonomous_trading.backtest._layout import (
    AT_OPEN,
    AT_SAME_CLOSE,
    B_BENCHMARK,
    B_CLOSE,
    B_HIGH,
    B_LOW,
    B_OPEN,
    BLOCK,
    CASH,
    EQUITY,
    FINAL_EQUITY,
    GROUP,
    LANES,
    LOWER,
    NEXT_BAR,
    ORIGIN,
    RUINED,
    UNITS,
    UPPER,
    Code,
    Scene,
    Scratch,
    Slot,
    Wishes,
)
from autonomous_trading.backtest._marking import (
    bury_ruined,
    close_position,
    count_from_origin,
    drop_offsets,
    end_count,
    finance,
    mark,
    mark_extended,
    note_drawdown,
    raise_trails,
    settle_origins,
)
from autonomous_trading.backtest._orders import drifted, owes, protect, schedule, take_signal, work_order
from autonomous_trading.core import FloatArray
from autonomous_trading.core.jit import inlined, kernel


class Watch(NamedTuple):
    """What a group waits for: a low at `lower`, a high at `upper`, a bar, or nothing while no lane holds anything.

    `unsettled`: a lane may have moved whose returns are not counted from an origin yet.
    """

    lower: float
    upper: float
    soonest: float
    active: bool
    unsettled: bool


@inlined
def watch_of(s: FloatArray, unsettled: bool) -> Watch:
    """The tightest of what the lanes of a group wait for."""
    soonest, lower, upper = s[NEXT_BAR], s[LOWER], s[UPPER]
    active = s[UNITS] != 0.0
    for j in range(1, LANES):
        soonest = min(soonest, s[NEXT_BAR + j])
        lower = max(lower, s[LOWER + j])
        upper = min(upper, s[UPPER + j])
        active |= s[UNITS + j] != 0.0
    return Watch(lower, upper, soonest, active, unsettled)


@inlined
def holds_unsettled(s: FloatArray) -> bool:
    """Whether a lane that holds something has no origin yet."""
    found = False
    for j in range(LANES):
        found |= (s[UNITS + j] != 0.0) & (s[ORIGIN + j] == 0.0)
    return found


@inlined
def due_lanes(s: FloatArray, t: int, scene: Scene) -> int:
    """Lanes that need a look at bar t whatever their target does: bit j for a touched level or a due bar."""
    low, high = scene.bars[B_LOW, t], scene.bars[B_HIGH, t]
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
            drifts |= (1 << j) if drifts_away(s[j:], t, scene) else 0
    return drifts


@inlined
def drifts_away(lane: FloatArray, t: int, scene: Scene) -> bool:
    """Whether a lane's exposure at the last close left the rebalance band."""
    if scene.options.band == INFINITY:
        return False
    return drifted(lane, lane[EQUITY], scene.bars[B_CLOSE, t - 1], scene.options.band)


@inlined
def trade_lane(lane: FloatArray, signal: bool, at: Slot, scene: Scene) -> None:
    """Everything that may happen to a lane on a bar, in the order of F6, and when it must be looked at again."""
    at_open = scene.options.fill == AT_OPEN
    if not at_open:
        protect(lane, lane, at, scene)
    fresh = signal or drifts_away(lane, at.bar, scene)
    if fresh or owes(lane, at):
        reference = scene.bars[B_OPEN if at_open else B_CLOSE, at.bar]
        work_order(lane, lane, fresh, reference, 0.0, at, scene)
    if at_open:
        protect(lane, lane, at, scene)
    schedule(lane)


@inlined
def trade_lanes(s: FloatArray, k: int, waiting: int, at: Slot, wishes: Wishes, scene: Scene) -> tuple[int, bool]:
    """Handle the lanes with a bit in `waiting` on a bar, the k-th decision of the block (k < 0: none yet).

    Lanes that stopped holding anything, a bit each; and is there one whose returns have no origin yet?
    """
    changed = wishes.changes[k] if k >= 0 else 0
    ended, unsettled = 0, False
    j = 0
    while waiting != 0:
        if waiting & 1 != 0 and s[RUINED + j] == 0.0:
            lane = s[j:]
            signal = (changed >> j) & 1 != 0
            if signal:
                target = float((wishes.levels[k] >> j) & 1) if wishes.is_condition else wishes.targets[j, k]
                take_signal(lane, lane, target)
            count_from_origin(lane, at.bar)
            trade_lane(lane, signal, Slot(at.bar, j, 0), scene)
            if lane[UNITS] == 0.0 and not scene.options.financing:
                end_count(lane, at.bar)
                ended |= 1 << j
            unsettled |= lane[ORIGIN] == 0.0
        waiting >>= 1
        j += 1
    return ended, unsettled


@inlined
def write_bar(s: FloatArray, first: int, row: int, curves: FloatArray) -> None:
    """Write equity, cash and units of every lane after bar `row` of this call into curves[lane, :, row]."""
    for j in range(LANES):
        lane = first + j
        if lane < curves.shape[0]:
            dead = s[RUINED + j] != 0.0
            curves[lane, 0, row] = s[FINAL_EQUITY + j] if dead else s[EQUITY + j]
            curves[lane, 1, row] = s[FINAL_EQUITY + j] if dead else s[CASH + j]
            curves[lane, 2, row] = s[UNITS + j]


@inlined
def mark_group(s: FloatArray, t: int, ended: int, watch: Watch, scene: Scene) -> Watch:
    """Mark all lanes at the close of bar t, after which those `ended` hold nothing; what to watch next."""
    ruined, sunk = mark(s, scene.bars[B_CLOSE, t])
    if watch.unsettled or scene.options.financing:
        watch = watch_of(s, settle_origins(s, t, scene.options.financing))
    drop_offsets(s, ended)
    if sunk:
        note_drawdown(s)
    if scene.options.extended:
        mark_extended(s, scene.bars[B_BENCHMARK, t])
    if ruined:
        bury_ruined(s, t, scene)
        watch = watch_of(s, watch.unsettled)
    if scene.options.trailing and watch.active:
        raise_trails(s, float(t), scene.bars[B_LOW, t], scene.bars[B_HIGH, t])
        watch = watch_of(s, watch.unsettled)
    return watch


@kernel
def run_block(
    s: FloatArray, first: int, span: tuple[int, int, int, int], wishes: Wishes, scene: Scene, curves: FloatArray
) -> None:
    """Take one group through the bars of one block, span = (run start, first bar of this call, block)."""
    begin, origin, low, high = span
    bars, options = scene.bars, scene.options
    skip = 1 if low == 0 and options.fill != AT_SAME_CLOSE else 0
    watch = watch_of(s, holds_unsettled(s))
    banded = options.band != INFINITY
    always = options.financing or options.extended
    for t in range(low, high):
        k = t - low - skip
        waiting = wishes.changes[k] if k >= 0 else 0
        if options.financing and t > begin:
            finance(s, t, scene)
        touched = bars[B_LOW, t] <= watch.lower or bars[B_HIGH, t] >= watch.upper or t >= watch.soonest
        if touched or (banded and watch.active):
            waiting |= due_lanes(s, t, scene) | drifted_lanes(s, t, scene)
        ended = 0
        if waiting != 0:
            ended, unsettled = trade_lanes(s, k, waiting, Slot(t, 0, 0), wishes, scene)
            watch = watch_of(s, watch.unsettled or unsettled)
        if waiting != 0 or watch.active or always:
            watch = mark_group(s, t, ended, watch, scene)
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
    scratch: Scratch,
) -> None:
    """Run groups[0] .. groups[1] - 1 over bars run[1] .. run[2] - 1 of the run that began at run[0]; state is carried.

    `scene.log` takes the trades of the first set only; `curves` is [sets, 3, bars of this call] or empty.
    """
    lag = 0 if scene.options.fill == AT_SAME_CLOSE else 1
    wishes = Wishes(scratch.targets, scratch.levels, scratch.changes, code.is_condition)
    for low in range(run[1], run[2], BLOCK):
        high = min(low + BLOCK, run[2])
        for group in range(groups[0], groups[1]):
            s = state[group * GROUP : (group + 1) * GROUP]
            place = Scene(scene.bars, scene.costs, scene.options, scene.log if group == 0 else scene.log[:0])
            decide(code, s, group * LANES, (max(low - lag, 0), max(high - lag, 0)), scratch.registers, wishes)
            run_block(s, group * LANES, (run[0], run[1], low, high), wishes, place, curves)


@kernel
def finish_lanes(state: FloatArray, t: int, scene: Scene) -> None:
    """Count the positions still open after bar t, in every lane of every group (call it on a copy of the state)."""
    for group in range(state.size // GROUP):
        s = state[group * GROUP : (group + 1) * GROUP]
        for j in range(LANES):
            number = j if group == 0 else group * LANES + j
            close_position(s[j:], s[j:], Slot(t, number, 0), scene)
            end_count(s[j:], t)
