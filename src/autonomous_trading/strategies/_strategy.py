"""The contract of a strategy: declared parameters, an optional constraint, and signals from columns."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeAlias, final

import numpy as np

from autonomous_trading.core import (
    BoolArray,
    Expression,
    FloatArray,
    InvalidExpression,
    InvalidParameter,
    Parameter,
    ParameterRef,
    ParameterSet,
    ParameterTable,
    ParameterValue,
    Space,
    code_of,
    evaluate_static,
)
from autonomous_trading.strategies._columns import Columns
from autonomous_trading.strategies._signals import Signals
from autonomous_trading.strategies._symbols import UNTRACEABLE, groups_of

SignalsLike: TypeAlias = Expression | BoolArray | FloatArray | Signals
"""What `signals` may return: a condition, an exposure, an array with one value per bar, or Signals."""


class Strategy(ABC):
    """Parameters declared on the class, and `signals` that turns columns into what to hold.

        class SmaCross(Strategy):
            fast = IntParameter(5, 50, default=10)
            slow = IntParameter(20, 200, default=50)

            def constraint(self) -> bool:
                return self.fast < self.slow

            def signals(self, see: Columns) -> SignalsLike:
                return see.sma(self.fast) > see.sma(self.slow)

    `SmaCross(fast=20)` is one strategy with one set of values; it never changes. Parameters named stop_loss,
    take_profit, trailing_stop, max_bars_held, position_size and leverage are understood by the engine.
    """

    name: ClassVar[str] = "strategy"
    """The class name in snake_case, unless the class says otherwise."""
    _declared: ClassVar[Mapping[str, Parameter]] = {}
    _values: Mapping[str, Any]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._declared = _declarations(cls)
        if "name" not in vars(cls):
            cls.name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", cls.__name__).lower()

    def __init__(self, **parameters: ParameterValue) -> None:
        self._values = type(self).space().choose(parameters)

    @abstractmethod
    def signals(self, see: Columns) -> SignalsLike:
        """What to hold, decided at the close of each bar from columns of that bar and earlier ones."""

    def constraint(self) -> bool:
        """Whether these values may be used together; sets that may not are never simulated."""
        return True

    @classmethod
    def space(cls) -> Space:
        """The declared parameters, in the order of declaration, with the constraint between them."""
        constrained = cls.constraint is not Strategy.constraint
        return Space(cls._declared, DeclaredConstraint(cls) if constrained else None)

    @classmethod
    def constraint_text(cls) -> str:
        """The constraint as an expression, such as "fast < slow"; empty where there is none, or it has no such form."""
        try:
            answer: object = cls.holding({name: ParameterRef(name) for name in cls._declared}).constraint()
        except UNTRACEABLE:
            return ""
        return str(answer) if isinstance(answer, Expression) else ""

    @property
    def parameters(self) -> ParameterSet:
        """The values of this strategy."""
        return ParameterSet(self._values)

    @classmethod
    def holding(cls, values: Mapping[str, object]) -> Self:
        """A strategy with these values unchecked: plain ones of a checked set, or symbols to trace with."""
        made = object.__new__(cls)
        made._values = values
        return made

    @classmethod
    def declaring(cls, parameters: Mapping[str, Parameter]) -> type[Self]:
        """The strategy with more declared parameters; its name, its words and its code are the same."""
        same = {name: getattr(cls, name) for name in ("__doc__", "__module__", "__qualname__", "name")}
        made: type[Self] = type(cls.__name__, (cls,), {**same, **parameters})
        return made

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self._values.items())
        return f"{type(self).__name__}({shown})"


@final
@dataclass(frozen=True, slots=True)
class DeclaredConstraint:
    """The `constraint` of a strategy class for whole tables: written down once, computed for all rows.

    A constraint that needs plain numbers (one with `and` or `if`) is called row by row, with the same answer.
    """

    strategy: type[Strategy]

    def __call__(self, table: ParameterTable) -> BoolArray:
        """One boolean per row."""
        allowed: BoolArray = np.empty(len(table), dtype=np.bool_)
        for rows, values in groups_of(self.strategy._declared, table):
            part = table.take(rows)
            try:
                answer: object = self.strategy.holding(values).constraint()
            except UNTRACEABLE:
                allowed[rows] = [self._one(row) for row in part.rows()]
            else:
                allowed[rows] = _truth(answer, part)
        return allowed

    def _one(self, row: ParameterSet) -> bool:
        with code_of(f"constraint of {self.strategy.__name__}"):
            return bool(self.strategy.holding(row).constraint())


def _truth(answer: object, table: ParameterTable) -> BoolArray | bool:
    if not isinstance(answer, Expression):
        return bool(answer)
    if not answer.is_static:
        raise InvalidExpression(
            f"the constraint {answer!s} looks at bars", fix="compare parameters with each other or with numbers"
        )
    truth: BoolArray = np.not_equal(evaluate_static(answer, table), 0)
    return truth


def _declarations(cls: type[Strategy]) -> dict[str, Parameter]:
    """Every declared parameter, those of base classes first; what a class declares again keeps its place."""
    found: dict[str, Parameter] = {}
    for base in reversed(cls.__mro__):
        for name, value in vars(base).items():
            if isinstance(value, Parameter):
                found[name] = value
            else:
                found.pop(name, None)
    for name in found:
        if name.startswith("_") or hasattr(Strategy, name):
            raise InvalidParameter(
                f"{cls.__name__} cannot have a parameter named {name!r}: strategies use that name themselves",
                fix="choose another name, without a leading underscore",
            )
    return found
