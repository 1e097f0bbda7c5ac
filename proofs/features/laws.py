"""The laws of columns over the whole catalogue, found by discovery: 200 random cuts of each, and no violation.

Every output of every column, those of our own and TA-Lib's: cut the bars at 200 random times and nothing before the cut
changes by a bit; replace the future by scrambled rows or by extreme ones and nothing before it changes; the warm-up is
as long as declared, and the value from the declared memory alone agrees with that from all bars; finite or missing on
every kind of bars. Each law is tried with bars and arguments that no test uses.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autonomous_trading.core import InvalidExpression, InvalidParameter
from autonomous_trading.features import catalogue
from autonomous_trading.testing.contracts.features import (
    COLUMN_MARKETS,
    ColumnSubject,
    catalogue_column,
    check_described,
    check_memory,
    check_other_futures,
    check_truncation,
    check_values,
    check_warm_up,
    column_market,
    late_column,
    other_arguments,
    random_cuts,
)
from proofs.claims import Figure, at_least, holds, run

TITLE = "The laws of columns"
SEED = 20_261
BARS = 500
CUTS = 200
FUTURES = 6
SETS = 10
SERIES = 5
ENDS = (0, 61, 203, 377)
KINDS = ("clean", "coarse", "gappy", "tiny", "huge")  # a fifth of the cuts each


def measure() -> list[Figure]:
    """One figure per law: how much was compared, and how often it did not hold."""
    entries = catalogue()
    columns = [catalogue_column(entry.name) for entry in entries]
    outputs = sum(max(1, len(entry.outputs)) for entry in entries)
    print(f"{len(columns)} columns with {outputs} outputs")
    return [
        at_least("columns of the catalogue", len(columns), 222),
        _law("names, formula, units and source", columns, _described),
        _law(f"{CUTS} random cuts of each column, five kinds of bars", columns, _cut),
        _law("cuts while the inputs warm up", [each for each in columns if _has_inputs(each)], _late),
        _law(f"{FUTURES} other futures of each column, scrambled and extreme", columns, _futures),
        _law("first known value where the warm-up ends", columns, _first_value),
        _law("values from the declared memory, and from the last 199 to 1,999 bars", columns, _remembered),
        _law("finite or missing, no warning, bars untouched, the same twice", columns, _values),
        _law(f"all of it under {SETS} other sets of arguments", [each for each in columns if _varies(each)], _others),
    ]


def _law(name: str, columns: list[ColumnSubject], law: Callable[[ColumnSubject], int]) -> Figure:
    compared, broken = 0, []
    for column in columns:
        try:
            compared += law(column)
        except (AssertionError, Warning, InvalidExpression, InvalidParameter) as violation:
            broken.append(str(violation))
            print(f"  {name}: {violation}")
    figure = f"{len(broken)} columns of {len(columns)} ({compared:,} comparisons)"
    return holds(f"violations: {name}", not broken and compared > 0, bound="0", figure=figure)


def _described(column: ColumnSubject) -> int:
    check_described(column)
    return 1


def _cut(column: ColumnSubject) -> int:
    for kind in KINDS:
        bars = column_market(kind, BARS, SEED)
        check_truncation(column, bars, CUTS // len(KINDS), seed=SEED)
    return CUTS


def _late(column: ColumnSubject) -> int:
    bars = column_market("clean", BARS, SEED)[:120]
    check_truncation(late_column(_name(column)), bars, range(1, 120, 3))
    return 40


def _futures(column: ColumnSubject) -> int:
    cuts = random_cuts(BARS, FUTURES, SEED)
    check_other_futures(column, "clean", BARS, cuts, SEED)
    return 2 * len(cuts)


def _first_value(column: ColumnSubject) -> int:
    check_warm_up(column, column_market("clean", max(BARS, column.reach.warm_up + 1), SEED))
    return 1


def _remembered(column: ColumnSubject) -> int:
    return sum(check_memory(column, ends=ENDS, seed=SEED + series) for series in range(SERIES))


def _values(column: ColumnSubject) -> int:
    for kind in COLUMN_MARKETS:
        check_values(column, column_market(kind, 2 * BARS, SEED), kind)
    return len(COLUMN_MARKETS)


def _others(column: ColumnSubject) -> int:
    rng = np.random.default_rng([SEED, *map(ord, _name(column))])
    for _ in range(SETS):
        other = catalogue_column(_name(column), other_arguments(_name(column), rng))
        check_truncation(other, column_market("coarse", BARS, SEED), 8, seed=SEED)
        check_other_futures(other, "clean", BARS, [BARS // 2], SEED)
        check_warm_up(other, column_market("clean", max(BARS, other.reach.warm_up + 1), SEED))
        check_values(other, column_market("huge", BARS, SEED), "huge")
        if other.reach.memory is not None:  # whether a column is anchored is shown for its defaults
            check_memory(other, ends=ENDS[:2])
    return SETS


def _name(column: ColumnSubject) -> str:
    if column.entry is None:
        raise ValueError(f"{column.name} is in no catalogue")
    return column.entry.name


def _has_inputs(column: ColumnSubject) -> bool:
    return column.entry is not None and bool(column.entry.inputs)


def _varies(column: ColumnSubject) -> bool:
    return column.entry is not None and bool(column.entry.parameters)


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
