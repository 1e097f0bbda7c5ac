"""What every lane of a group wants on every bar of a block: the targets, and the bars on which they change (F2)."""

from __future__ import annotations

from autonomous_trading.backtest._interpreter import evaluate_block, evaluate_condition
from autonomous_trading.backtest._layout import (
    LANES,
    LAST_TARGET,
    Bits,
    Code,
    Wishes,
)
from autonomous_trading.core import FloatArray
from autonomous_trading.core.jit import inlined, kernel


@inlined
def note_exposure(values: FloatArray, bit: int, last: float, targets: FloatArray, changes: Bits) -> float:
    """Copy the targets of a lane, set a bit of changes[k] where they change (NaN is no opinion); the last opinion."""
    for k in range(len(values)):
        value = values[k]
        targets[k] = value
        if value == value and value != last:
            changes[k] |= bit
            last = value
    return last


@kernel
def decide(code: Code, s: FloatArray, first: int, span: tuple[int, int], registers: FloatArray, wishes: Wishes) -> None:
    """Evaluate the targets of the group that begins with set `first`, on bars span[0] .. span[1] - 1, into `wishes`."""
    start, n = max(span[0] - code.halo, 0), span[1] - span[0]
    if n <= 0:
        return
    levels, changes = wishes.levels[:n], wishes.changes[:n]
    values = registers[code.result, span[0] - start : span[1] - start]
    levels[:] = 0
    changes[:] = 0
    before = 0
    skip = span[0] - start
    for j in range(min(LANES, code.rows.shape[0] - first)):
        if code.is_condition:
            before |= (1 << j) if s[LAST_TARGET + j] != 0.0 else 0
            evaluate_condition(code, first + j, (start, span[1]), skip, 1 << j, registers, levels)
            s[LAST_TARGET + j] = float((levels[n - 1] >> j) & 1)
        else:
            evaluate_block(code, first + j, (start, span[1]), registers)
            s[LAST_TARGET + j] = note_exposure(values, 1 << j, s[LAST_TARGET + j], wishes.targets[j], changes)
    if code.is_condition:
        changes[0] = levels[0] ^ before
        for k in range(1, n):
            changes[k] = levels[k] ^ levels[k - 1]
