"""Compilation: an expression as a short program over columns and numbers, run on one block of bars at a time.

Only what mixes columns with parameters runs there. Parts without parameters, and parts that need whole
columns at once, are computed beforehand and loaded (*leaves*); parts without columns are one number per set
(*scalars*). Registers hold one block of bars each, so there are as few of them as possible.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, final

import numpy as np

from autonomous_trading.core._arrays import IntArray
from autonomous_trading.core._expression import Expression, Operation
from autonomous_trading.core._node import Node, plain_value, postorder
from autonomous_trading.core.opcodes import LOAD_COLUMN, LOAD_SCALAR, SHIFT

_NEVER = -1


@final
@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """Register code for one expression. Rows of `code` [n, 5] are (opcode, register of the result, a, b, c).

    LOAD_COLUMN: a is an index into `leaves`; LOAD_SCALAR: a is an index into `scalars`; SHIFT: a is a
    register and b the number of bars; otherwise a, b, c are the registers of the operands (0 where there is
    none). The result never goes to the register of an operand. The value ends up in register `result`. `halo`
    is how many bars before a block have to be computed with it, so that shifts find what they look back on.
    `is_condition`: the value is 0.0 or 1.0 on every bar.
    """

    code: IntArray
    n_registers: int
    result: int
    is_condition: bool
    halo: int
    leaves: tuple[Expression, ...]
    scalars: tuple[Expression, ...]


class _Step(NamedTuple):
    """One instruction before it has registers: values are named by the keys of what they compute."""

    opcode: int
    key: bytes
    operands: tuple[bytes, ...]
    number: int = 0  # index of the leaf or scalar, or bars to shift by


def compile_expression(root: Expression) -> Program:
    """Get the program of an expression: equal parts computed once, nothing computed in vain."""
    leaves: dict[bytes, Expression] = {}
    scalars: dict[bytes, Expression] = {}
    steps: dict[bytes, _Step] = {}
    depths: dict[bytes, int] = {}
    for node in _in_order(root):
        if node.key not in steps:
            steps[node.key] = step = _step(node, leaves, scalars)
            lag = step.number if step.opcode == SHIFT else 0
            depths[node.key] = lag + max((depths[key] for key in step.operands), default=0)
    code, result = _allocate(list(steps.values()))
    return Program(
        code=code,
        n_registers=1 + int(code[:, 1].max()),
        result=result,
        is_condition=root.is_condition,
        halo=depths[root.key],
        leaves=tuple(leaves.values()),
        scalars=tuple(scalars.values()),
    )


def _computed_here(node: Node) -> tuple[Node, ...]:
    """Operands that must be in registers to compute `node`; none for leaves and scalars, which are loaded."""
    if not isinstance(node, Operation) or node.is_static or not node.parameters or node.rule.opcode is None:
        return ()
    if node.rule.opcode == SHIFT:
        return () if node.operands[1].parameters else node.operands[:1]
    return node.operands


def _in_order(root: Expression) -> list[Expression]:
    """Parts to compute, operands first; the operand that needs more registers goes before the others."""
    needs: dict[bytes, int] = {}
    for node in postorder(root, _computed_here):
        below = sorted((needs[child.key] for child in _computed_here(node)), reverse=True)
        needs[node.key] = max((need + held for held, need in enumerate(below)), default=1)

    def hungriest_first(node: Node) -> tuple[Node, ...]:
        return tuple(sorted(_computed_here(node), key=lambda child: -needs[child.key]))

    return [node for node in postorder(root, hungriest_first) if isinstance(node, Expression)]


def _step(node: Expression, leaves: dict[bytes, Expression], scalars: dict[bytes, Expression]) -> _Step:
    operands = _computed_here(node)
    if isinstance(node, Operation) and operands:
        opcode = -1 if node.rule.opcode is None else node.rule.opcode
        lag = int(plain_value(node.operands[1])) if opcode == SHIFT else 0
        return _Step(opcode, node.key, tuple(operand.key for operand in operands), lag)
    loaded, opcode = (scalars, LOAD_SCALAR) if node.is_static else (leaves, LOAD_COLUMN)
    loaded[node.key] = node
    return _Step(opcode, node.key, (), len(loaded) - 1)


def _allocate(steps: Sequence[_Step]) -> tuple[IntArray, int]:
    """Code with registers, and the register of the last step. A last use frees the register."""
    last_use = {steps[-1].key: _NEVER}
    for index in range(len(steps) - 1, -1, -1):
        for key in steps[index].operands:
            last_use.setdefault(key, index)
    code = np.zeros((len(steps), 5), dtype=np.int64)
    registers: dict[bytes, int] = {}
    free: list[int] = []
    made = 0
    for index, step in enumerate(steps):
        fields = [registers[key] for key in step.operands]
        dying = {registers[key] for key in step.operands if last_use[key] == index}
        # Operands are freed after the result has its place: an operation in place could not use vector instructions.
        if not free:
            heapq.heappush(free, made)
            made += 1
        registers[step.key] = heapq.heappop(free)
        for register in dying:
            heapq.heappush(free, register)
        if step.opcode in (LOAD_COLUMN, LOAD_SCALAR, SHIFT):
            fields.append(step.number)
        code[index, : 2 + len(fields)] = [step.opcode, registers[step.key], *fields]
    return code, registers[steps[-1].key]
