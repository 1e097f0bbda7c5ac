"""What every column must be: causal to the last bit, honest about warm-up and memory, finite or NaN on any data."""

import numpy as np
import pytest

from autonomous_trading.testing.contracts._column_laws import (
    FUTURES,
    ROUNDING,
    STARTS,
    check_described,
    check_memory,
    check_other_futures,
    check_truncation,
    check_values,
    check_warm_up,
    random_cuts,
)
from autonomous_trading.testing.contracts._column_markets import COLUMN_MARKETS, column_market, other_future
from autonomous_trading.testing.contracts._column_subject import (
    ColumnSubject,
    catalogue_column,
    late_column,
    made_up_inputs,
    other_arguments,
    user_column,
)

__all__ = [
    "COLUMN_MARKETS",
    "FUTURES",
    "ROUNDING",
    "STARTS",
    "ColumnContract",
    "ColumnSubject",
    "catalogue_column",
    "check_described",
    "check_memory",
    "check_other_futures",
    "check_truncation",
    "check_values",
    "check_warm_up",
    "column_market",
    "late_column",
    "made_up_inputs",
    "other_arguments",
    "other_future",
    "random_cuts",
    "user_column",
]

_BARS = 600
_SEED = 11
_CUTS = 12
_LATE_BARS = 80


class ColumnContract:
    """The suite for one column: inherit it in a test class, and give the column as the fixture `column`.

        class TestMyColumn(ColumnContract):
            @pytest.fixture
            def column(self):
                return user_column(my_column, 20, warm_up=19, memory=19)

    Columns of the catalogue (`catalogue_column(name)`) are tried under other arguments and with inputs that warm up
    as well, and must be described.
    """

    def test_is_described(self, column: ColumnSubject) -> None:
        """An entry of the catalogue has a formula, units and a source, and names that can be written."""
        if column.entry is not None:
            check_described(column)

    def test_does_not_look_ahead(self, column: ColumnSubject) -> None:
        """Cutting the bars changes nothing before the cut, to the last bit, at random times of several bars."""
        for kind, cuts in (("clean", _CUTS), ("gappy", 4), ("coarse", 4), ("huge", 4)):
            bars = column_market(kind, _BARS, _SEED)
            check_truncation(column, bars, [1, *random_cuts(len(bars), cuts, _SEED)])

    def test_another_future_changes_nothing(self, column: ColumnSubject) -> None:
        """Other rows after a time, scrambled or extreme and at other times, change nothing before it."""
        check_other_futures(column, "clean", _BARS, (150, 420), _SEED)

    def test_late_inputs_are_no_look_ahead(self, column: ColumnSubject) -> None:
        """Inputs that warm up themselves: the value on a bar is still the same whatever follows."""
        if column.entry is not None and column.entry.inputs:
            bars = column_market("clean", _BARS, _SEED)[:_LATE_BARS]
            check_truncation(late_column(column.entry.name), bars, range(1, _LATE_BARS))

    def test_warm_up_is_as_declared(self, column: ColumnSubject) -> None:
        """The first `warm_up` values are not known, and the next one is."""
        check_warm_up(column, column_market("clean", max(_BARS, column.reach.warm_up + 1), _SEED))

    def test_memory_is_as_declared(self, column: ColumnSubject) -> None:
        """Computed from its declared memory, or from the last 199 to 1,999 bars, a value agrees with that from all."""
        check_memory(column)

    @pytest.mark.parametrize("kind", COLUMN_MARKETS)
    def test_is_finite_or_missing(self, column: ColumnSubject, kind: str) -> None:
        """Never infinite, nothing warned about, bars left alone, the same when asked again: on every kind of bars."""
        check_values(column, column_market(kind, _BARS, _SEED), kind)

    def test_other_arguments_keep_the_laws(self, column: ColumnSubject) -> None:
        """Causal, warm-up and memory as declared, finite or NaN: for other arguments of the same column."""
        if column.entry is None or not column.entry.parameters:
            return
        rng = np.random.default_rng([ord(letter) for letter in column.entry.name])
        for _ in range(2):
            other = catalogue_column(column.entry.name, other_arguments(column.entry.name, rng))
            check_truncation(other, column_market("clean", _BARS, _SEED), 4)
            check_warm_up(other, column_market("clean", max(_BARS, other.reach.warm_up + 1), _SEED))
            if other.reach.memory is not None:  # whether it is anchored was shown for the defaults
                check_memory(other, ends=(0,))
            check_values(other, column_market("coarse", _BARS, _SEED), "coarse")
