"""The numbers of the operations that compiled programs are made of: never renumber them.

The interpreter of the simulator switches on these numbers, in groups: loads, the shift, arithmetic, comparisons, logic,
operations of one operand, the choice. What each computes stands in the operation table (`_operations`).
"""

from typing import Final

__all__ = [
    "ABS",
    "ADD",
    "AND",
    "CEIL",
    "DIV",
    "EQ",
    "FLOOR",
    "GE",
    "GT",
    "ISNAN",
    "LE",
    "LOAD_COLUMN",
    "LOAD_SCALAR",
    "LT",
    "MAX",
    "MIN",
    "MUL",
    "NE",
    "NEG",
    "NOT",
    "OR",
    "SHIFT",
    "SIGN",
    "SQRT",
    "SUB",
    "WHERE",
    "XOR",
]

LOAD_COLUMN: Final = 0
LOAD_SCALAR: Final = 1
SHIFT: Final = 2
ADD: Final = 3
SUB: Final = 4
MUL: Final = 5
DIV: Final = 6
MIN: Final = 7
MAX: Final = 8
LT: Final = 9
LE: Final = 10
GT: Final = 11
GE: Final = 12
EQ: Final = 13
NE: Final = 14
AND: Final = 15
OR: Final = 16
XOR: Final = 17
NOT: Final = 18
NEG: Final = 19
ABS: Final = 20
SQRT: Final = 21
FLOOR: Final = 22
CEIL: Final = 23
SIGN: Final = 24
ISNAN: Final = 25
WHERE: Final = 26
