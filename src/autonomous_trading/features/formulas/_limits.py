"""What a formula may cost at most: its text, its numbers, and the work it makes."""

import math
from dataclasses import dataclass, fields
from typing import final

from autonomous_trading.core import InvalidInput

_DEEPEST = 100  # brackets are read by functions that call each other, and Python's stack is finite


@final
@dataclass(frozen=True, slots=True)
class FormulaLimits:
    """The largest formula that is read, and the most that its evaluation may take.

    `characters`, `tokens`, `nodes` and `depth` are of the text; `depth` counts what is nested: brackets, calls, signs,
    right-hand sides. `window` is in bars, for every window, lag and period; `constant` is the largest number, written
    or computed. `memory_bytes` and `steps` (values looked at) are of one evaluation, as `formula_cost` estimates them.

    >>> FormulaLimits(window=500).window
    500
    """

    characters: int = 4_000
    tokens: int = 1_000
    nodes: int = 400
    depth: int = 50
    window: int = 10_000
    constant: float = 1e18
    memory_bytes: int = 2**31
    steps: float = 2e10

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if not (math.isfinite(value) and value >= 1):
                raise InvalidInput(
                    f"the limit {each.name} of a formula must be at least 1, got {value!r}", fix="give a number above 0"
                )
        if self.depth > _DEEPEST:
            raise InvalidInput(
                f"the limit depth of a formula is at most {_DEEPEST}, got {self.depth}",
                fix="give names to parts of the formula instead of nesting them",
            )
