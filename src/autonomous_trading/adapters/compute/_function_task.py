"""A function of a person's own, called once per parameter set, as a task."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from autonomous_trading.adapters._own_code import function_named, reference_to
from autonomous_trading.app import Evaluate, Recipe, SharedArray, Task
from autonomous_trading.core import FloatArray, IntArray, InvalidInput, ParameterTable, code_of

__all__ = ["FunctionTask"]

_SEED: Final = "seed"


@final
@dataclass(frozen=True, slots=True)
class FunctionTask(Task):
    """What a function returns for every set: one number for each of the objectives.

    It is called with the parameters by name, and with `seed=` (a whole number, the set's own) where it has an argument
    of that name that is no parameter. function: a function, or the text `function_named` finds it by; to be sent
    elsewhere it must be defined in a file.
    """

    function: Callable[..., object] | str
    objectives: tuple[str, ...]

    def build(self) -> Evaluate:
        """The evaluation, in this process."""
        function = function_named(self.function) if isinstance(self.function, str) else self.function
        return _Calls(function, self.objectives, _takes_seed(function))

    def split(self, *, mapped: bool) -> tuple[Recipe, Mapping[str, SharedArray]]:  # noqa: ARG002 - no arrays either way
        """A record that names the function; there are no arrays."""
        text = self.function if isinstance(self.function, str) else reference_to(self.function)
        return _FunctionRecipe(text, self.objectives), {}


@final
@dataclass(frozen=True, slots=True)
class _FunctionRecipe(Recipe):
    function: str
    objectives: tuple[str, ...]

    def build_on(self, arrays: Mapping[str, SharedArray]) -> Evaluate:  # noqa: ARG002 - it needs none
        return FunctionTask(self.function, self.objectives).build()


@final
@dataclass(frozen=True, slots=True)
class _Calls:
    function: Callable[..., object]
    objectives: tuple[str, ...]
    seeded: bool

    def __call__(self, table: ParameterTable, seeds: IntArray) -> Mapping[str, FloatArray]:
        seeded = self.seeded and _SEED not in table.names
        values = np.empty((len(table), len(self.objectives)))
        for number, row in enumerate(table.rows()):
            extra = {_SEED: int(seeds[number])} if seeded else {}
            values[number] = self._values(row, extra)
        return {name: values[:, position].copy() for position, name in enumerate(self.objectives)}

    def _values(self, row: Mapping[str, object], extra: Mapping[str, int]) -> FloatArray:
        shown = ", ".join(f"{name}={value!r}" for name, value in row.items())
        with code_of(f"the objective at {shown}"):
            answer = self.function(**row, **extra)
        numbers = _numbers(answer)
        if numbers is None or numbers.shape != (len(self.objectives),):
            wanted = "one number" if len(self.objectives) == 1 else f"{len(self.objectives)} numbers"
            raise InvalidInput(
                f"the objective returned {answer!r} at {shown}, and {wanted} is what objectives name",
                fix="return one number for every name in objectives=[...]",
            )
        return numbers


def _numbers(answer: object) -> FloatArray | None:
    """An answer as a row of numbers; None when it is none."""
    try:
        found = np.atleast_1d(np.asarray(answer))
    except ValueError:  # rows of different lengths
        return None
    return found.astype(np.float64) if found.dtype.kind in "biuf" else None


def _takes_seed(function: Callable[..., object]) -> bool:
    try:
        accepted = inspect.signature(function).parameters
    except (TypeError, ValueError):  # written in C, without a signature
        return False
    return _SEED in accepted and accepted[_SEED].kind in (
        inspect.Parameter.KEYWORD_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
    )
