"""Evaluate a compiled expression for one parameter set over one block of bars, inside the compiled kernel.

Registers are rows of a small matrix that stays in the first-level cache; every operation is one loop over the block, so
dispatch is paid once per block and LLVM turns the loops into vector instructions. Only exactly rounded operations are
here (see `core._operations`): the result equals numpy's bit for bit.
"""

from __future__ import annotations

from autonomous_trading.core import FloatArray, IntArray
from autonomous_trading.core.jit import kernel

NAN = float("nan")


@kernel
def arithmetic(op: int, r: FloatArray, n: int, o: int, a: int, b: int) -> None:
    """+ - * / minimum maximum."""
    if op == 3:
        for i in range(n):
            r[o, i] = r[a, i] + r[b, i]
    elif op == 4:
        for i in range(n):
            r[o, i] = r[a, i] - r[b, i]
    elif op == 5:
        for i in range(n):
            r[o, i] = r[a, i] * r[b, i]
    elif op == 6:
        for i in range(n):
            r[o, i] = r[a, i] / r[b, i]
    elif op == 7:
        for i in range(n):
            r[o, i] = r[a, i] if (r[a, i] < r[b, i] or r[a, i] != r[a, i]) else r[b, i]
    else:
        for i in range(n):
            r[o, i] = r[a, i] if (r[a, i] > r[b, i] or r[a, i] != r[a, i]) else r[b, i]


@kernel
def compare(op: int, r: FloatArray, n: int, o: int, a: int, b: int) -> None:
    """< <= > >= == != as 0.0 and 1.0; NaN compares false except for !=."""
    if op == 9:
        for i in range(n):
            r[o, i] = 1.0 if r[a, i] < r[b, i] else 0.0
    elif op == 10:
        for i in range(n):
            r[o, i] = 1.0 if r[a, i] <= r[b, i] else 0.0
    elif op == 11:
        for i in range(n):
            r[o, i] = 1.0 if r[a, i] > r[b, i] else 0.0
    elif op == 12:
        for i in range(n):
            r[o, i] = 1.0 if r[a, i] >= r[b, i] else 0.0
    elif op == 13:
        for i in range(n):
            r[o, i] = 1.0 if r[a, i] == r[b, i] else 0.0
    else:
        for i in range(n):
            r[o, i] = 1.0 if r[a, i] != r[b, i] else 0.0


@kernel
def combine(op: int, r: FloatArray, n: int, o: int, a: int, b: int) -> None:
    """and, or, xor of conditions (0.0 and 1.0)."""
    if op == 15:
        for i in range(n):
            r[o, i] = r[a, i] * r[b, i]
    elif op == 16:
        for i in range(n):
            r[o, i] = max(r[a, i], r[b, i])
    else:
        for i in range(n):
            r[o, i] = abs(r[a, i] - r[b, i])


@kernel
def transform(op: int, r: FloatArray, n: int, o: int, a: int) -> None:
    """not, negative, absolute, square root, floor, ceil, sign, is-NaN."""
    if op == 18:
        for i in range(n):
            r[o, i] = 1.0 - r[a, i]
    elif op == 19:
        for i in range(n):
            r[o, i] = -r[a, i]
    elif op == 20:
        for i in range(n):
            r[o, i] = abs(r[a, i])
    elif op == 21:
        for i in range(n):
            r[o, i] = r[a, i] ** 0.5 if r[a, i] >= 0.0 else NAN
    else:
        round_or_test(op, r, n, o, a)


@kernel
def round_or_test(op: int, r: FloatArray, n: int, o: int, a: int) -> None:
    """floor, ceil, sign, is-NaN."""
    if op == 22:
        for i in range(n):
            r[o, i] = floor_of(r[a, i])
    elif op == 23:
        for i in range(n):
            r[o, i] = -floor_of(-r[a, i])
    elif op == 24:
        for i in range(n):
            r[o, i] = (
                1.0
                if r[a, i] > 0.0
                else (-1.0 if r[a, i] < 0.0 else (0.0 if r[a, i] == r[a, i] else r[a, i]))
            )
    else:
        for i in range(n):
            r[o, i] = 1.0 if r[a, i] != r[a, i] else 0.0


@kernel
def floor_of(x: float) -> float:
    """Largest whole number not above x (NaN and infinities stay)."""
    return x // 1.0 if abs(x) < 4503599627370496.0 else x


@kernel
def shift(r: FloatArray, n: int, o: int, a: int, k: int) -> None:
    """The value k bars earlier; NaN before the first one."""
    for i in range(n - 1, k - 1, -1):
        r[o, i] = r[a, i - k]
    for i in range(min(k, n)):
        r[o, i] = NAN


@kernel
def evaluate_block(
    instructions: IntArray,
    rows: IntArray,
    scalars: FloatArray,
    matrix: FloatArray,
    lane: int,
    span: tuple[int, int],
    r: FloatArray,
) -> None:
    """Fill the registers `r` with the values of every register on bars span[0] .. span[1] - 1 for set `lane`."""
    low = span[0]
    n = span[1] - low
    for i in range(instructions.shape[0]):
        op, o, a = instructions[i, 0], instructions[i, 1], instructions[i, 2]
        b = instructions[i, 3]
        if op == 0:
            column = matrix[rows[lane, a], low : low + n]  # a view: its indices are seen to be non-negative
            for k in range(n):
                r[o, k] = column[k]
        elif op == 1:
            value = scalars[lane, a]
            for k in range(n):
                r[o, k] = value
        elif op == 2:
            shift(r, n, o, a, b)
        elif op <= 8:
            arithmetic(op, r, n, o, a, b)
        elif op <= 14:
            compare(op, r, n, o, a, b)
        elif op <= 17:
            combine(op, r, n, o, a, b)
        elif op <= 25:
            transform(op, r, n, o, a)
        else:
            c = instructions[i, 4]
            for k in range(n):
                r[o, k] = r[b, k] if r[a, k] != 0.0 else r[c, k]
