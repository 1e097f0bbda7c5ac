"""The slow twin of the compiled interpreter: one program, one set, one number at a time."""

import math
from collections.abc import Callable

from autonomous_trading.core import BoundProgram

NAN = float("nan")
GARBAGE = 1.25e300  # what a register holds before it is written: reading it shows


def divided(a: float, b: float) -> float:
    if b != 0.0:
        return a / b
    if a == 0.0 or math.isnan(a) or math.isnan(b):
        return NAN
    return math.copysign(math.inf, a) * math.copysign(1.0, b)


def smaller(a: float, b: float) -> float:
    return a if math.isnan(a) or a < b else b


def larger(a: float, b: float) -> float:
    return a if math.isnan(a) or a > b else b


def rooted(a: float) -> float:
    return math.sqrt(a) if a >= 0.0 else NAN


def rounded_down(a: float) -> float:
    return math.copysign(float(math.floor(a)), a) if math.isfinite(a) else a


def rounded_up(a: float) -> float:
    return math.copysign(float(math.ceil(a)), a) if math.isfinite(a) else a


def signed(a: float) -> float:
    if math.isnan(a):
        return a
    return 1.0 if a > 0.0 else -1.0 if a < 0.0 else 0.0


BINARY: dict[int, Callable[[float, float], float]] = {
    3: lambda a, b: a + b,
    4: lambda a, b: a - b,
    5: lambda a, b: a * b,
    6: divided,
    7: smaller,
    8: larger,
    9: lambda a, b: float(a < b),
    10: lambda a, b: float(a <= b),
    11: lambda a, b: float(a > b),
    12: lambda a, b: float(a >= b),
    13: lambda a, b: float(a == b),
    14: lambda a, b: float(a != b),
    15: lambda a, b: float(a == 1.0 and b == 1.0),
    16: lambda a, b: float(a == 1.0 or b == 1.0),
    17: lambda a, b: float(a != b),
}
UNARY: dict[int, Callable[[float], float]] = {
    18: lambda a: float(a == 0.0),
    19: lambda a: -a,
    20: abs,
    21: rooted,
    22: rounded_down,
    23: rounded_up,
    24: signed,
    25: lambda a: float(math.isnan(a)),
}


def interpret(bound: BoundProgram, lane: int, block: int) -> list[float]:
    """Values of set `lane` on all bars, computed `block` bars at a time, each with its halo before it."""
    values: list[float] = []
    n_bars = bound.matrix.shape[1]
    for low in range(0, n_bars, block):
        start = max(low - bound.halo, 0)
        high = min(low + block, n_bars)
        values += run_block(bound, lane, start, high)[low - start :]
    return values


def run_block(bound: BoundProgram, lane: int, start: int, stop: int) -> list[float]:
    """Register of the result on bars start .. stop - 1, knowing nothing of the bars before."""
    bars = range(stop - start)
    registers = [[GARBAGE] * len(bars) for _ in range(bound.n_registers)]
    for opcode, out, a, b, c in bound.code.tolist():
        target = registers[out]
        for i in reversed(bars) if opcode == 2 else bars:
            if opcode == 0:
                target[i] = float(bound.matrix[bound.rows[lane, a], start + i])
            elif opcode == 1:
                target[i] = float(bound.scalars[lane, a])
            elif opcode == 2:
                target[i] = registers[a][i - b] if i >= b else NAN
            elif opcode == 26:
                target[i] = registers[b][i] if registers[a][i] == 1.0 else registers[c][i]
            elif opcode in BINARY:
                target[i] = BINARY[opcode](registers[a][i], registers[b][i])
            else:
                target[i] = UNARY[opcode](registers[a][i])
    return registers[bound.result]
