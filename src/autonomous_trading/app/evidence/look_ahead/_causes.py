"""From changes to findings: one for each column and check, with what usually causes such a change."""

from typing import NamedTuple

import numpy as np

from autonomous_trading.app.evidence.look_ahead._comparison import Comparison, Key
from autonomous_trading.app.evidence.look_ahead._findings import CheckName, Finding, Severity
from autonomous_trading.app.evidence.look_ahead._futures import World
from autonomous_trading.core import FloatArray, time_text

_CHECKS: tuple[CheckName, ...] = ("universe", "scramble", "truncation")
_WHOLE = 0.5  # of the known rows: what reaches over more of them was computed from all bars


class Cause(NamedTuple):
    """What usually makes a column do this, and what to write instead."""

    words: str
    fix: str


NEXT_BAR = Cause(
    "it reads the bar after: shift(-1), np.roll(x, -1), x[1:] put beside x[:-1]",
    "use the bar itself and earlier ones (shift(1)); a decision is filled on the next bar anyway",
)
WINDOW = Cause(
    "it reads up to {reach} bars ahead: a centred window, a pivot stamped before it was confirmed, the unfinished bar"
    " of a higher timeframe, a backward fill",
    "end every window at the bar itself, stamp a pivot on the bar that confirms it, use the last finished bar of a"
    " higher timeframe, fill forward",
)
ALL_BARS = Cause(
    "it is computed from all bars at once: a mean, deviation, extreme, rank, filter or model of the whole sample, the"
    " last value carried back",
    "use rolling or expanding windows, filter forward only, fit on training bars and leave the rest out",
)
LENGTH = Cause(
    "it depends on where the data ends: len(bars), x[-1], the last bars treated in another way",
    "count from the first bar, and treat the last bar like every other",
)
UNIVERSE = Cause(
    "it depends on what other instruments do later, or on which there will be: chosen by the final return, ranked over"
    " the whole sample, scaled by all of them",
    "choose the universe at each bar from what was known at it, those included that were delisted later",
)
REPEAT = Cause(
    "asked twice for the same bars it gives two answers, so nothing else can be said of it",
    "draw from a generator with a fixed seed, and remember nothing between calls",
)
HISTORY = Cause(
    "its values depend on where the history begins, to the end of these bars: a running sum, an expanding window, a"
    " count of bars",
    "begin at the same bar in research and in trading, or use a window",
)
OUTSIDE = Cause(
    "other bars change nothing in it: it is made of row numbers, or was computed elsewhere from bars that cannot be"
    " changed here, so that look-ahead in it would not be seen",
    "compute it inside, from the bars it is given",
)


def findings_of(comparison: Comparison, world: World) -> tuple[Finding, ...]:
    """One finding for every column and check that found changes, the columns in their order."""
    return tuple(
        _finding(key, check, comparison, world)
        for key in comparison.whole
        for check in _CHECKS
        if (key, check) in comparison.changes
    )


def _finding(key: Key, check: CheckName, comparison: Comparison, world: World) -> Finding:
    changes = comparison.changes[key, check]
    shown = min(changes, key=lambda each: each.reach)
    reach = max(each.reach for each in changes)
    cause = _cause(key, comparison)
    return Finding(
        check=check,
        severity="leak",
        what=key.column,
        symbol=key.symbol,
        row=shown.row,
        time=time_text(int(world[key.symbol].time[shown.row])),
        value=shown.value,
        changed_value=shown.changed_value,
        change=shown.altered.change,
        cause=cause.words.format(reach=reach),
        fix=cause.fix,
        seen=len(changes),
        tried=comparison.tried.get(check, 0),
        reach=reach,
    )


def _cause(key: Key, comparison: Comparison) -> Cause:
    """One cause for all that the checks saw of a column."""
    seen = {check: comparison.changes.get((key, check), []) for check in _CHECKS}
    if seen["universe"]:
        return UNIVERSE
    if not seen["scramble"]:
        return LENGTH
    changes = [each for found in seen.values() for each in found]
    if max(each.reach for each in changes) == 1:
        return NEXT_BAR
    values = comparison.whole[key]
    first = int(np.argmax(np.isfinite(values)))
    whole = any(each.reach > _WHOLE * (each.known - first) for each in changes if each.known > len(values) // 5)
    return ALL_BARS if whole else WINDOW


def repeat_finding(key: Key, values: FloatArray, again: FloatArray | None, world: World) -> Finding:
    """A column that gives two answers to one question."""
    other = np.full(len(values), np.nan) if again is None else again
    row = int(np.argmax(~((values == other) | (np.isnan(values) & np.isnan(other)))))
    return _at("repeat", "leak", key, world, (row, float(values[row]), float(other[row])), REPEAT)


def start_note(key: Key, values: FloatArray, world: World) -> Finding:
    """A column that always tells where its history begins."""
    return _at("warm-up", "note", key, world, (len(values) - 1, float(values[-1]), np.nan), HISTORY)


def outside_note(key: Key, values: FloatArray, world: World) -> Finding:
    """A column that does not come from the bars."""
    return _at("scramble", "note", key, world, (len(values) - 1, float(values[-1]), float(values[-1])), OUTSIDE)


def _at(
    check: CheckName, severity: Severity, key: Key, world: World, place: tuple[int, float, float], cause: Cause
) -> Finding:
    row, value, changed = place
    time = time_text(int(world[key.symbol].time[row]))
    change = "when it is asked again" if check == "repeat" else ""
    return Finding(check, severity, key.column, key.symbol, row, time, value, changed, change, cause.words, cause.fix)
