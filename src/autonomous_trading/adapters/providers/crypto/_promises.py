"""Does an answer keep the promises of an exchange? ccxt turns what it cannot read into nothing; here it is an error."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from autonomous_trading.core import IntArray, SourceCorrupt, Timeframe

__all__ = ["ASCENDING", "KEPT", "check_rows", "rows_in"]

ASCENDING: Final = ("binance", "binancecoinm", "binanceus", "binanceusdm")
"""Exchanges that answer with the first rows at or after the time asked for: an empty answer is the end."""

KEPT: Final = {"kraken": 720}
"""Exchanges that answer with so many of their latest bars, whatever time is asked for."""

_DAY_NS: Final = 86_400_000_000_000
_DEEPEST: Final = 5


def rows_in(answer: Any, depth: int = _DEEPEST) -> Sequence[Any]:
    """The rows of an answer, wherever they lie in it: its longest list of lists or of mappings."""
    if isinstance(answer, list) and answer and all(isinstance(each, list | dict) for each in answer):
        return answer
    if depth == 0 or not isinstance(answer, list | dict):
        return ()
    inside = answer.values() if isinstance(answer, dict) else answer
    return max((rows_in(each, depth - 1) for each in inside), key=len, default=())


def _holds_a_list(answer: Any, depth: int = _DEEPEST) -> bool:
    """Whether there is a list in an answer, where it is not the list of its errors."""
    if isinstance(answer, list):
        return True
    if depth == 0 or not isinstance(answer, dict):
        return False
    return any(_holds_a_list(each, depth - 1) for name, each in answer.items() if name != "error")


def check_rows(name: str, answer: Any, rows: Sequence[Sequence[Any]], timeframe: Timeframe) -> None:
    """Nothing, or SourceCorrupt where an answer to a question for bars cannot be what it says.

    `rows` is what ccxt made of `answer`: [ms, open, high, low, close, volume] each, from the time asked for on.
    """
    if not _holds_a_list(answer):
        raise _corrupt(name, "its answer holds no list of bars")
    raw = rows_in(answer)
    if len({frozenset(row) if isinstance(row, dict) else len(row) for row in raw}) > 1:
        raise _corrupt(name, "the rows of its answer have different numbers of fields")
    if (raw and not rows) or (name in ASCENDING and len(raw) != len(rows)):
        raise _corrupt(name, f"{len(raw) - len(rows)} of {len(raw)} rows have a time before the one asked for, or none")
    if not rows:
        return
    if any(all(row[at] is None for row in rows) for at in range(1, 6)):
        raise _corrupt(name, "a column of its answer holds no numbers")
    time: IntArray = np.array([row[0] for row in rows], dtype=np.int64) * 1_000_000
    if timeframe.ns <= _DAY_NS and (timeframe.starts(time) != time).any():
        raise _corrupt(name, f"bars of {timeframe.text} begin at other times than whole {timeframe.text}")


def _corrupt(name: str, what: str) -> SourceCorrupt:
    return SourceCorrupt(f"{name}: {what}", fix="try again later; nothing of this answer was kept")
