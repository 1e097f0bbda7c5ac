"""The one promise every optimiser keeps, and the checks they share."""

from abc import ABC, abstractmethod
from collections import deque
from typing import Final, final

import numpy as np

from autonomous_trading.core import FloatArray, InvalidInput, ParameterTable

STARTUP: Final = 10
"""How many random sets come before a model, where nobody says how many."""
# Beyond this, differences and squares of values would overflow.
_LARGEST = 1e150


class Optimizer(ABC):
    """Proposes parameter sets in batches and learns from what they were worth.

    Ask and tell take turns: every batch is told before the next one is asked for.

        while len(batch := optimizer.ask()):
            optimizer.tell(batch, evaluate(batch))

    With `ahead` some batches more may be out, and they are told in the order in which they were asked for. What is
    proposed does not depend on when it is asked for.
    """

    @property
    def ahead(self) -> int:
        """How many more batches may be asked for while one is out."""
        return 0

    @abstractmethod
    def ask(self) -> ParameterTable:
        """The next batch: valid, feasible sets that were never proposed before. Length 0: the search is over.

        Raises InvalidInput while 1 + `ahead` batches are out, and when no feasible set can be found at all.
        """

    @abstractmethod
    def tell(self, table: ParameterTable, values: FloatArray) -> None:
        """Takes what the oldest batch that is out was worth: float64 [len(table), n_objectives], smaller is better.

        A row with a NaN counts as failed: the set is not proposed again and nothing near it is sought. Infinite
        values count as worse (or better) than all finite ones so far. Raises InvalidInput for any other table, and
        for any other shape.
        """


class Learner(Optimizer):
    """An optimiser that also takes results of sets that somebody else proposed."""

    @abstractmethod
    def learn(self, table: ParameterTable, values: FloatArray) -> None:
        """Takes what other sets of the same space were worth; they count as seen and use up no trials."""


@final
class Turns:
    """Lets ask and tell take turns, `ahead` batches apart, and checks what is told against what was asked."""

    def __init__(self, n_objectives: int, ahead: int = 0) -> None:
        self._n_objectives = whole_number(n_objectives, "n_objectives", least=1)
        self._ahead = whole_number(ahead, "ahead", least=0)
        self._asked: deque[ParameterTable] = deque()
        # The best and worst finite value told so far, per objective.
        self._low = np.full(self._n_objectives, np.inf)
        self._high = np.full(self._n_objectives, -np.inf)

    @property
    def n_objectives(self) -> int:
        """How many values every set is told with."""
        return self._n_objectives

    @property
    def ahead(self) -> int:
        """How many more batches may be asked for while one is out."""
        return self._ahead

    def open(self) -> None:
        """Refuses a new batch while as many as may be are out."""
        if len(self._asked) > self._ahead:
            raise InvalidInput(
                f"the last batch of {len(self._asked[0])} sets was not told yet"
                if not self._ahead
                else f"{len(self._asked)} batches are out, and the first of them was not told yet",
                fix="call tell(table, values) before the next ask()",
            )

    def asked(self, table: ParameterTable) -> ParameterTable:
        """The same table, remembered as the latest batch that is out; an empty one ends the search."""
        if len(table):
            self._asked.append(table)
        return table

    def told(self, table: ParameterTable, values: FloatArray) -> FloatArray:
        """The values as float64 [n, n_objectives], after the check that they belong to the oldest batch that is out.

        Infinities come back as numbers just beyond everything finite told so far: methods calculate.
        """
        if not self._asked:
            raise InvalidInput("nothing was asked, so nothing can be told", fix="call ask() first")
        oldest = self._asked[0]
        if table is not oldest and not _same(table, oldest):
            raise InvalidInput(
                f"the told table of {len(table)} sets is not the batch of {len(oldest)} that was asked"
                + (" first" if len(self._asked) > 1 else ""),
                fix="pass the table that ask() returned, rows in the same order, the oldest batch first",
            )
        told = self.learned(table, values)
        self._asked.popleft()
        return told

    def learned(self, table: ParameterTable, values: FloatArray) -> FloatArray:
        """The values as float64 [n, n_objectives] of any table, infinities replaced as in `told`."""
        told = np.asarray(values, dtype=np.float64)
        if told.shape != (len(table), self._n_objectives):
            raise InvalidInput(
                f"values must have shape [{len(table)}, {self._n_objectives}] (sets x objectives); "
                f"got {list(told.shape)}",
                fix="give one row per set and one column per objective",
            )
        return self._finite(told) if len(told) else told

    def _finite(self, told: FloatArray) -> FloatArray:
        finite = np.isfinite(told)
        told = np.where(finite, np.clip(told, -_LARGEST, _LARGEST), told)
        self._low = np.minimum(self._low, np.where(finite, told, np.inf).min(axis=0))
        self._high = np.maximum(self._high, np.where(finite, told, -np.inf).max(axis=0))
        known = np.isfinite(self._low)
        low, high = np.where(known, self._low, 0.0), np.where(known, self._high, 0.0)
        margin = np.where(high > low, high - low, 1.0)
        bounded: FloatArray = np.where(np.isposinf(told), high + margin, told)
        return np.where(np.isneginf(told), low - margin, bounded)


def whole_number(value: object, name: str, *, least: int) -> int:
    """The value as int, or InvalidInput naming argument, rule and value."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise InvalidInput(
            f"{name} must be a whole number of at least {least}; got {value!r}",
            fix=f"use {name}={max(least, 1)} or more",
        )
    return int(value)


def real_number(value: object, name: str, *, low: float, high: float, example: str) -> float:
    """The value as float, or InvalidInput naming argument, rule and value."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not low <= value <= high:
        raise InvalidInput(
            f"{name} must be a number from {low:g} to {high:g}; got {value!r}",
            fix=f"leave {name} out, or use {example}",
        )
    return float(value)


def _same(left: ParameterTable, right: ParameterTable) -> bool:
    return left.names == right.names and all(
        np.array_equal(left.column(name), right.column(name)) for name in left.names
    )
