"""Whether what was written down with symbols is what the strategy does with plain numbers.

A strategy can notice that it is traced (`isinstance(self.fast, int)` is false then) and do something else. Tracing
compares its result with what one of the sets does alone, so that such a strategy is not simulated wrongly.
"""

from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import ColumnSource, Expression, evaluate
from autonomous_trading.strategies._signals import ResolvedSignals
from autonomous_trading.strategies._symbols import NoColumns


def agree(traced: ResolvedSignals, alone: ResolvedSignals, source: ColumnSource, values: Mapping[str, object]) -> bool:
    """Whether `traced` with these values means the same as `alone`: target and settings, bit for bit."""
    if set(traced.settings) != set(alone.settings):
        return False
    pairs = [(traced.target, alone.target)]
    pairs += [(traced.settings[name], setting) for name, setting in alone.settings.items()]
    return all(_same_form(*pair, values) or _same_values(*pair, source, values) for pair in pairs)


def _same_form(traced: Expression, alone: Expression, values: Mapping[str, object]) -> bool:
    """Equal structure, where parts without columns only have to have equal values: no bar is looked at."""
    pairs = [(traced, alone)]
    seen: set[tuple[int, int]] = set()
    while pairs:
        left, right = pairs.pop()
        if (id(left), id(right)) in seen:
            continue
        seen.add((id(left), id(right)))
        if not left.parameters or left.is_static or right.is_static:
            if not left.same(right) and not _same_number(left, right, values):
                return False
        elif left.fingerprint() != right.fingerprint():
            return False
        else:
            below = zip(left.children, right.children, strict=True)
            pairs += [(a, b) for a, b in below if isinstance(a, Expression) and isinstance(b, Expression)]
    return True


def _same_number(left: Expression, right: Expression, values: Mapping[str, object]) -> bool:
    if not (left.is_static and right.is_static):
        return False
    return _same_values(left, right, NoColumns(1), values)


def _same_values(traced: Expression, alone: Expression, source: ColumnSource, values: Mapping[str, object]) -> bool:
    return np.array_equal(evaluate(traced, source, values), evaluate(alone, source), equal_nan=True)
