"""How long a column depends on where the history begins: the same bars with some of the first ones left out."""

from collections.abc import Iterable, Mapping

import numpy as np

from autonomous_trading.app._cuts import equal_but_for_rounding
from autonomous_trading.app.evidence.look_ahead._comparison import Ask, Columns, Key, typical_size
from autonomous_trading.app.evidence.look_ahead._futures import World
from autonomous_trading.core import MISTAKES, FloatArray, TradingError

SHARES_LEFT_OUT = (0.02, 0.1, 0.25, 0.4)
TOLERANCE = 1e-4  # of the value and of the typical one: what a price is quoted to
_NEVER = 0.95  # a difference in the last twentieth of the bars is one that stays


def stable_after(ask: Ask, whole: Columns, world: World) -> Mapping[Key, int | None]:
    """For every column how many bars it needs before it no longer tells where the history begins.

    None where it still differs near the end, as a running sum does. Starts that its code cannot answer are passed over;
    a column that answered none of them is left out.
    """
    found: dict[Key, int | None] = {}
    for later in _later_starts(world):
        try:
            columns = ask(later)
        except (*MISTAKES, TradingError):
            continue
        for key in whole.keys() & columns.keys():
            needed = _needed(whole[key], columns[key], typical_size(whole[key]))
            known = found.get(key, 0)
            found[key] = None if needed is None or known is None else max(needed, known)
    return {key: found[key] for key in whole if key in found}


def _later_starts(world: World) -> Iterable[World]:
    for share in SHARES_LEFT_OUT:
        yield {symbol: bars[min(max(int(share * len(bars)), 1), len(bars) - 1) :] for symbol, bars in world.items()}


def _needed(values: FloatArray, part: FloatArray, scale: float) -> int | None:
    full = values[len(values) - len(part) :]
    differs = np.flatnonzero(~equal_but_for_rounding(full, part, scale, tolerance=TOLERANCE))
    if not len(differs):
        return 0
    last = int(differs[-1])
    return None if last >= _NEVER * len(part) else last + 1
