"""From a strategy class and many parameter sets to expressions: written down once, evaluated for all."""

from dataclasses import dataclass
from typing import final

from autonomous_trading.core import IntArray, ParameterTable
from autonomous_trading.strategies._agreement import agree
from autonomous_trading.strategies._columns import Columns
from autonomous_trading.strategies._signals import SETTING_NAMES, ResolvedSignals, resolve
from autonomous_trading.strategies._strategy import Strategy
from autonomous_trading.strategies._symbols import UNTRACEABLE, Group, groups_of


@final
@dataclass(frozen=True, slots=True, eq=False)
class TracedGroup:
    """Rows of a table that share one form of the strategy, because their choices and booleans are equal.

    `signals` are expressions of the numeric parameters, good for all `rows`. None means that the strategy
    needs plain numbers (`reason` says where): take `signals_of` for each row instead. `alone` is what that gives
    for the first row, where tracing came so far.
    """

    rows: IntArray
    signals: ResolvedSignals | None
    reason: str = ""
    alone: ResolvedSignals | None = None


def trace_signals(strategy: type[Strategy], table: ParameterTable, see: Columns) -> tuple[TracedGroup, ...]:
    """What a strategy does, written down once for each combination of choices and booleans in `table`.

    The groups cover every row once, and each is compared with what its first row does alone. Evaluating a group's
    expressions for one of its rows gives, bit for bit, what `signals_of` gives for that row.
    """
    groups = groups_of(strategy.space().parameters, table)
    return tuple(_traced(strategy, table, group, see) for group in groups)


def signals_of(strategy: Strategy, see: Columns) -> ResolvedSignals:
    """What one strategy with plain values does, in the engine's form."""
    values = strategy._values
    declared = {name: values[name] for name in SETTING_NAMES if name in values}
    return resolve(strategy.signals(see), declared, see, type(strategy).__name__)


def _traced(strategy: type[Strategy], table: ParameterTable, group: Group, see: Columns) -> TracedGroup:
    rows = group.rows
    if strategy.__init__ is not Strategy.__init__:
        return TracedGroup(rows, None, f"{strategy.__name__} has an __init__ of its own, which tracing would skip")
    first = table.row(int(rows[0]))
    try:
        traced = signals_of(strategy.holding(group.values), see)
        alone = signals_of(strategy.holding(first), see)
        same = agree(traced, alone, see.store, first)
    except UNTRACEABLE as problem:
        return TracedGroup(rows, None, f"{type(problem).__name__}: {problem}")
    if not same:
        return TracedGroup(rows, None, f"{strategy.__name__} does something else with plain numbers", alone)
    return TracedGroup(rows, traced, alone=alone)
