"""Where trials are evaluated: here, in other processes, or on a cluster. An executor computes and remembers nothing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, final

import numpy.typing as npt

from autonomous_trading.core import FloatArray, IntArray, InvalidInput, ParameterTable

SharedArray: TypeAlias = npt.NDArray[Any]
"""Numbers or truth values; whoever gets one from a task does not write to it."""
Evaluate: TypeAlias = Callable[[ParameterTable, IntArray], Mapping[str, FloatArray]]
"""What parameter sets are worth: (table, one seed per set) -> one column per metric. The same call, the same bits."""
Context: TypeAlias = Mapping[str, FloatArray]
"""What was known before a table was asked for, as small arrays by name: the same for all tables of one batch."""


@final
@dataclass(frozen=True, slots=True)
class EvaluateInContext:
    """An evaluation that a context can change. Where there is none it is called with two arguments, as any other."""

    within: Callable[[ParameterTable, IntArray, Context | None], Mapping[str, FloatArray]]

    def __call__(self, table: ParameterTable, seeds: IntArray) -> Mapping[str, FloatArray]:
        """What the sets are worth without a context."""
        return self.within(table, seeds, None)


def evaluate_within(
    evaluate: Evaluate, table: ParameterTable, seeds: IntArray, context: Context | None
) -> Mapping[str, FloatArray]:
    """What the sets are worth in a context, or without one. InvalidInput for one that the evaluation cannot take."""
    if context is None:
        return evaluate(table, seeds)
    if not isinstance(evaluate, EvaluateInContext):
        raise InvalidInput("this evaluation takes no context, and got one", fix="make it an EvaluateInContext")
    return evaluate.within(table, seeds, context)


@final
@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one submitted table: its columns, or why there are none.

    error: a person's code raised, in words, with its line: it would again. lost: whoever computed it is gone (killed,
    out of memory, unplugged): somebody else may try; `cause` says in words how it was lost.
    """

    ticket: int
    columns: Mapping[str, FloatArray] | None = None
    error: str = ""
    lost: bool = False
    cause: str = ""


class Recipe(ABC):
    """The small part of a task: a frozen record that can be sent to another process as it is."""

    @abstractmethod
    def build_on(self, arrays: Mapping[str, SharedArray]) -> Evaluate:
        """What the task it came from would build, on the same arrays in this process. Nothing writes to them."""


class Task(ABC):
    """What is to be evaluated, and on what: enough to begin here or in another process."""

    @abstractmethod
    def build(self) -> Evaluate:
        """The evaluation, in this process."""

    @abstractmethod
    def split(self, *, mapped: bool) -> tuple[Recipe, Mapping[str, SharedArray]]:
        """The same in two parts: what is small, and the large arrays by name.

        mapped: the arrays will be one memory for all workers, so whatever saves them work belongs there; otherwise
        they are sent, and should be few.
        """


class Executor(ABC):
    """Evaluates tables of parameter sets, a few at a time. Tickets tell them apart; they may end in any order.

    A table that a person's code fails on ends with an `error`. Everything else that stops an evaluation here stops
    it there: a bad setting (InvalidInput), a guard (Refused), an interrupt are raised by `wait`.
    """

    @property
    @abstractmethod
    def slots(self) -> int:
        """How many tables may be out at once without one waiting for another."""

    @abstractmethod
    def submit(self, ticket: int, table: ParameterTable, seeds: IntArray, context: Context | None = None) -> None:
        """Begin to evaluate a table, in the light of a context where there is one."""

    @abstractmethod
    def wait(self, seconds: float) -> Outcome | None:
        """The next table that ended; None when none did in so many seconds, or none is out."""

    @abstractmethod
    def close(self) -> None:
        """Stop what is running and let go of it; nothing is left behind."""
