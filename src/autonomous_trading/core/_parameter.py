"""What every kind of parameter promises, and the descriptor that lets a strategy class declare it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Never, NoReturn, Protocol, TypeAlias, cast

import numpy.typing as npt

from autonomous_trading.core._arrays import FloatArray
from autonomous_trading.core.errors import InvalidParameter

ParameterValue: TypeAlias = int | float | str | bool


class _HoldsValues(Protocol):
    _values: Mapping[str, Any]


class Parameter(ABC):
    """One thing that may be tuned: its bounds, its default, and how it is sampled.

    Concrete parameters are immutable. Declared on a class they are descriptors: read on the class they give
    themselves, read on an instance they give the instance's value.
    """

    __slots__ = ()
    name: str
    default: ParameterValue
    live_updatable: bool
    when: tuple[tuple[str, tuple[object, ...]], ...]

    def __set_name__(self, owner: type, name: str) -> None:
        if self.name and self.name != name:
            raise InvalidParameter(
                f"one parameter cannot be both {self.name!r} and {name!r} of {owner.__name__}",
                fix="declare each parameter with its own IntParameter(...), FloatParameter(...), ...",
            )
        object.__setattr__(self, "name", name)

    def __set__(self, instance: object, value: Never) -> NoReturn:
        owner = type(instance).__name__
        raise InvalidParameter(
            f"parameter {self.name!r} of a {owner} cannot change once it is built",
            fix=f"build a new one: {owner}({self.name}={value!r})",
        )

    @abstractmethod
    def named(self, name: str) -> "Parameter":
        """The same declaration under another name."""

    @property
    @abstractmethod
    def is_numeric(self) -> bool:
        """Whether values have an order and a distance."""

    @property
    @abstractmethod
    def cardinality(self) -> int | None:
        """How many different values there are; None for a continuum."""

    @abstractmethod
    def validate(self, value: object) -> ParameterValue:
        """The value in its canonical type, or InvalidParameter naming parameter, rule and value."""

    @abstractmethod
    def from_unit(self, unit: FloatArray) -> npt.NDArray[Any]:
        """Values for coordinates in [0, 1]: a uniform sample becomes a fair sample of the parameter."""

    @abstractmethod
    def to_unit(self, values: npt.NDArray[Any]) -> FloatArray:
        """Coordinates in [0, 1] that `from_unit` maps back to these (valid) values."""

    @abstractmethod
    def grid(self, points: int | None = None) -> Sequence[ParameterValue]:
        """Distinct values in order, at most `points` of them where the parameter is numeric."""

    @abstractmethod
    def column(self, values: Sequence[Any]) -> npt.NDArray[Any]:
        """Canonical values as one array: int64, float64, bool, or object for choices."""


def held_value(instance: object, name: str) -> Any:
    """The value an instance carries: a number, or a symbol while its signals are being traced."""
    return cast(_HoldsValues, instance)._values[name]
