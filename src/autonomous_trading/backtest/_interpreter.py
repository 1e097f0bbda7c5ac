"""Evaluate a compiled expression for one parameter set over one block of bars, inside the compiled kernel.

Registers are rows of a small matrix that stays in the first-level cache; every operation is one loop over the block, so
dispatch is paid once per block and LLVM turns the loops into vector instructions. Only exactly rounded operations are
here (see `core.opcodes`): the result equals numpy's bit for bit.
"""

from __future__ import annotations

import math

import numpy as np

from autonomous_trading.backtest._layout import Bits, Code
from autonomous_trading.core import BoundProgram, FloatArray
from autonomous_trading.core.jit import inlined, kernel
from autonomous_trading.core.opcodes import (
    ABS,
    ADD,
    AND,
    CEIL,
    DIV,
    EQ,
    FLOOR,
    GE,
    GT,
    ISNAN,
    LE,
    LOAD_COLUMN,
    LOAD_SCALAR,
    LT,
    MAX,
    MIN,
    MUL,
    NE,
    NEG,
    NOT,
    OR,
    SHIFT,
    SIGN,
    SQRT,
    SUB,
    WHERE,
    XOR,
)

NAN = float("nan")
WHOLE = 2.0**52  # numbers from here on have no fraction


def linked(program: BoundProgram) -> Code:
    """Get a program ready for the kernel: columns are read where they lie instead of being copied to a register first.

    A line is (operation, register of the result, three operands, number), the number being that of the scalar or of the
    bars to shift by. An operand below zero is the column of leaf -1 - operand; 0 stands where there is none. Arrays are
    made writable: to numba a read-only array is another type, and a kernel for it another compilation.
    """
    place: dict[int, int] = {}
    lines: list[list[int]] = []
    for opcode, out, a, b, c in program.code.tolist():
        if opcode == LOAD_COLUMN:
            place[out] = -1 - a
            continue
        operands = [place[register] for register in (a, b, c)[: _registers_read(opcode)]]
        number = a if opcode == LOAD_SCALAR else b if opcode == SHIFT else 0
        lines.append([opcode, out, *operands, *[0] * (3 - len(operands)), number])
        place[out] = out
    if place[program.result] < 0:
        lines.append([LOAD_COLUMN, program.result, place[program.result], 0, 0, 0])
    return Code(
        np.array(lines, dtype=np.int64),
        program.n_registers,
        program.result,
        program.is_condition,
        program.halo,
        np.require(program.rows, np.int64, ["C", "W"]),
        np.require(program.scalars, np.float64, ["C", "W"]),
        np.require(program.matrix, np.float64, ["C", "W"]),
    )


def _registers_read(opcode: int) -> int:
    """How many operands of an operation are registers."""
    if opcode in (LOAD_COLUMN, LOAD_SCALAR):
        return 0
    if opcode == WHERE:
        return 3
    return 1 if opcode == SHIFT or NOT <= opcode <= ISNAN else 2


@inlined
def add_or_multiply(op: int, out: FloatArray, x: FloatArray, y: FloatArray) -> None:
    """+ - * /."""
    if op == ADD:
        for i in range(len(out)):
            out[i] = x[i] + y[i]
    elif op == SUB:
        for i in range(len(out)):
            out[i] = x[i] - y[i]
    elif op == MUL:
        for i in range(len(out)):
            out[i] = x[i] * y[i]
    else:
        for i in range(len(out)):
            out[i] = x[i] / y[i]


@inlined
def choose_extreme(op: int, out: FloatArray, x: FloatArray, y: FloatArray) -> None:
    """The smaller or the larger of two, the second when they are equal; NaN stays."""
    if op == MIN:
        for i in range(len(out)):
            out[i] = x[i] if (x[i] < y[i] or x[i] != x[i]) else y[i]
    else:
        for i in range(len(out)):
            out[i] = x[i] if (x[i] > y[i] or x[i] != x[i]) else y[i]


@inlined
def order(op: int, out: FloatArray, x: FloatArray, y: FloatArray) -> None:
    """< <= > >= as 0.0 and 1.0; NaN compares false."""
    if op == LT:
        for i in range(len(out)):
            out[i] = 1.0 if x[i] < y[i] else 0.0
    elif op == LE:
        for i in range(len(out)):
            out[i] = 1.0 if x[i] <= y[i] else 0.0
    elif op == GT:
        for i in range(len(out)):
            out[i] = 1.0 if x[i] > y[i] else 0.0
    else:
        for i in range(len(out)):
            out[i] = 1.0 if x[i] >= y[i] else 0.0


@inlined
def equate(op: int, out: FloatArray, x: FloatArray, y: FloatArray) -> None:
    """== != as 0.0 and 1.0; NaN equals nothing."""
    if op == EQ:
        for i in range(len(out)):
            out[i] = 1.0 if x[i] == y[i] else 0.0
    else:
        for i in range(len(out)):
            out[i] = 1.0 if x[i] != y[i] else 0.0


@inlined
def combine(op: int, out: FloatArray, x: FloatArray, y: FloatArray) -> None:
    """and, or, xor of conditions (0.0 and 1.0)."""
    if op == AND:
        for i in range(len(out)):
            out[i] = x[i] * y[i]
    elif op == OR:
        for i in range(len(out)):
            out[i] = max(x[i], y[i])
    else:
        for i in range(len(out)):
            out[i] = abs(x[i] - y[i])


@inlined
def transform(op: int, out: FloatArray, x: FloatArray) -> None:
    """not, negative, absolute, square root."""
    if op == NOT:
        for i in range(len(out)):
            out[i] = 1.0 - x[i]
    elif op == NEG:
        for i in range(len(out)):
            out[i] = -x[i]
    elif op == ABS:
        for i in range(len(out)):
            out[i] = abs(x[i])
    else:
        for i in range(len(out)):
            out[i] = math.sqrt(x[i])


@inlined
def round_or_test(op: int, out: FloatArray, x: FloatArray) -> None:
    """floor, ceil, sign, is-NaN."""
    if op == FLOOR:
        for i in range(len(out)):
            out[i] = floor_of(x[i])
    elif op == CEIL:
        for i in range(len(out)):
            out[i] = -floor_of(-x[i])
    elif op == SIGN:
        for i in range(len(out)):
            out[i] = sign_of(x[i])
    else:
        for i in range(len(out)):
            out[i] = 1.0 if x[i] != x[i] else 0.0


@inlined
def floor_of(x: float) -> float:
    """Largest whole number not above x (NaN and infinities stay)."""
    return x // 1.0 if abs(x) < WHOLE else x


@inlined
def sign_of(x: float) -> float:
    """1, -1 or 0 (NaN stays)."""
    if x > 0.0:
        return 1.0
    if x < 0.0:
        return -1.0
    return 0.0 if x == x else x


@inlined
def shift(out: FloatArray, x: FloatArray, k: int) -> None:
    """The value k bars earlier; NaN before the first one."""
    early = min(k, len(out))
    for i in range(early):
        out[i] = NAN
    for i in range(len(out) - early):
        out[early + i] = x[i]


@inlined
def fill(out: FloatArray, value: float) -> None:
    """The same value on every bar."""
    for i in range(len(out)):
        out[i] = value


@inlined
def copy(out: FloatArray, x: FloatArray) -> None:
    """The values of a column."""
    for i in range(len(out)):
        out[i] = x[i]


@inlined
def select(out: FloatArray, condition: FloatArray, chosen: FloatArray, other: FloatArray) -> None:
    """The first branch where the condition holds, else the second."""
    for i in range(len(out)):
        out[i] = chosen[i] if condition[i] != 0.0 else other[i]


@inlined
def combine_two(op: int, out: FloatArray, x: FloatArray, y: FloatArray) -> None:
    """Operations of two operands."""
    if op <= DIV:
        add_or_multiply(op, out, x, y)
    elif op <= MAX:
        choose_extreme(op, out, x, y)
    elif op <= GE:
        order(op, out, x, y)
    elif op <= NE:
        equate(op, out, x, y)
    else:
        combine(op, out, x, y)


@inlined
def evaluate_one(code: Code, line: int, lane: int, span: tuple[int, int], registers: FloatArray) -> None:
    """Carry out one instruction; operands are views of registers, or of the columns themselves."""
    rows, matrix, low, high, n = code.rows, code.matrix, span[0], span[1], span[1] - span[0]
    words = code.instructions[line]
    op, target, a, b, c, number = words[0], words[1], words[2], words[3], words[4], words[5]
    out = registers[target, :n]
    x = matrix[rows[lane, -1 - a], low:high] if a < 0 else registers[a, :n]
    y = matrix[rows[lane, -1 - b], low:high] if b < 0 else registers[b, :n]
    if op == LOAD_COLUMN:
        copy(out, x)
    elif op == LOAD_SCALAR:
        fill(out, code.scalars[lane, number])
    elif op == SHIFT:
        shift(out, x, number)
    elif op <= XOR:
        combine_two(op, out, x, y)
    elif op <= SQRT:
        transform(op, out, x)
    elif op <= ISNAN:
        round_or_test(op, out, x)
    else:
        select(out, x, y, matrix[rows[lane, -1 - c], low:high] if c < 0 else registers[c, :n])


@kernel
def evaluate_block(code: Code, lane: int, span: tuple[int, int], registers: FloatArray) -> None:
    """Fill the registers with the values of set `lane` on bars span[0] .. span[1] - 1, halo included."""
    for line in range(code.instructions.shape[0]):
        evaluate_one(code, line, lane, span, registers)


@inlined
def note_order(op: int, bit: int, levels: Bits, x: FloatArray, y: FloatArray) -> None:
    """Set a bit of levels[k] where x < <= > >= y on bar k; NaN compares false."""
    if op == LT:
        for k in range(len(levels)):
            levels[k] |= bit if x[k] < y[k] else 0
    elif op == LE:
        for k in range(len(levels)):
            levels[k] |= bit if x[k] <= y[k] else 0
    elif op == GT:
        for k in range(len(levels)):
            levels[k] |= bit if x[k] > y[k] else 0
    else:
        for k in range(len(levels)):
            levels[k] |= bit if x[k] >= y[k] else 0


@inlined
def note_condition(values: FloatArray, bit: int, levels: Bits) -> None:
    """Set a bit of levels[k] where the condition holds on bar k."""
    for k in range(len(levels)):
        levels[k] |= bit if values[k] != 0.0 else 0


@kernel
def evaluate_condition(
    code: Code, lane: int, span: tuple[int, int], skip: int, bit: int, registers: FloatArray, levels: Bits
) -> None:
    """Set a bit of levels[k] where the condition of set `lane` holds on bar span[0] + skip + k.

    Most conditions end in a comparison, whose answer goes straight into the bits instead of into a register first.
    """
    rows, matrix, last = code.rows, code.matrix, code.instructions.shape[0] - 1
    for line in range(last):
        evaluate_one(code, line, lane, span, registers)
    op, a, b = code.instructions[last, 0], code.instructions[last, 2], code.instructions[last, 3]
    n = span[1] - span[0]
    if LT <= op <= GE:
        x = matrix[rows[lane, -1 - a], span[0] + skip : span[1]] if a < 0 else registers[a, skip:n]
        y = matrix[rows[lane, -1 - b], span[0] + skip : span[1]] if b < 0 else registers[b, skip:n]
        note_order(op, bit, levels, x, y)
        return
    evaluate_one(code, last, lane, span, registers)
    note_condition(registers[code.result, skip:n], bit, levels)
