"""Parameters: what a strategy may be tuned by, declared once on its class.

    class SmaCross(Strategy):
        fast = IntParameter(5, 50, default=10)

`when={"kind": "ema"}` makes any of them count only where another parameter has that value, or one of several.
`SmaCross.fast` is the declaration; `SmaCross(fast=20).fast` is the value, 20.
"""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, Generic, TypeAlias, TypeVar, cast, final, overload

import numpy as np
import numpy.typing as npt

from autonomous_trading.core import _parameter_rules as rules
from autonomous_trading.core import _scales
from autonomous_trading.core._arrays import BoolArray, FloatArray, IntArray
from autonomous_trading.core._conditions import normal_when
from autonomous_trading.core._parameter import Parameter, held_value
from autonomous_trading.core.errors import InvalidParameter

Choice = TypeVar("Choice", bound=int | float | str | bool)
ObjectArray: TypeAlias = npt.NDArray[np.object_]

_FLOAT_GRID_POINTS = 5


@final
@dataclass(frozen=True, slots=True)
class IntParameter(Parameter):
    """A whole number from `low` to `high`, both included, in steps of `step` counted from `low`.

    `log` samples small numbers more often (needs low > 0 and step 1). `live_updatable` and `max_step`
    say whether a running strategy may be given a new value, and how far it may move at once. Bounds
    stay within 2**40.
    """

    low: int
    high: int
    _: KW_ONLY
    default: int
    step: int = 1
    log: bool = False
    live_updatable: bool = True
    max_step: int | None = None
    name: str = ""
    when: Any = ()

    def __post_init__(self) -> None:
        subject = rules.label("IntParameter", self.name)
        object.__setattr__(self, "when", normal_when(self.when, subject))
        for attribute in ("low", "high", "step", "max_step"):
            value = getattr(self, attribute)
            if value is not None:
                object.__setattr__(self, attribute, rules.whole_number(value, f"{subject} {attribute}"))
        rules.check_range(self.low, self.high, subject)
        rules.check_whole_range(self.low, self.high, subject)
        rules.check_steps(self.step, self.max_step, subject)
        if self.log:
            rules.check_log(self.low, stepped=self.step != 1, subject=subject)
        object.__setattr__(self, "default", self._checked(self.default, f"{subject} default"))

    @overload
    def __get__(self, instance: None, owner: type) -> "IntParameter": ...
    @overload
    def __get__(self, instance: object, owner: type) -> int: ...
    def __get__(self, instance: object | None, owner: type) -> "IntParameter | int":
        return self if instance is None else cast(int, held_value(instance, self.name))

    def named(self, name: str) -> "IntParameter":
        return replace(self, name=name)

    @property
    def is_numeric(self) -> bool:
        return True

    @property
    def cardinality(self) -> int:
        return (self.high - self.low) // self.step + 1

    def validate(self, value: object) -> int:
        return self._checked(value, rules.label("IntParameter", self.name))

    def from_unit(self, unit: FloatArray) -> IntArray:
        checked = _scales.checked_unit(unit)
        if self.log:
            # Half a unit more on each side, so that the two ends are drawn as often as their neighbours.
            raw = _scales.value_from_unit(checked, self.low - 0.5, self.high + 0.5, log=True)
            return np.clip(np.rint(raw), self.low, self.high).astype(np.int64)
        return self.low + self.step * _scales.index_from_unit(checked, self.cardinality)

    def to_unit(self, values: npt.NDArray[Any]) -> FloatArray:
        whole = np.asarray(values, dtype=np.int64)
        if self.log:
            real = whole.astype(np.float64)
            return _scales.unit_from_value(real, self.low - 0.5, self.high + 0.5, log=True)
        return _scales.unit_from_index((whole - self.low) // self.step, self.cardinality)

    def grid(self, points: int | None = None) -> list[int]:
        """Every value, or at most `points` of them from end to end (evenly in the logarithm when `log`)."""
        wanted = self.cardinality if points is None else rules.checked_points(points)
        if wanted == 1:
            return [self.default]
        if self.log and wanted < self.cardinality:
            spaced = np.rint(np.geomspace(self.low, self.high, wanted)).astype(np.int64)
            return [int(value) for value in np.unique(spaced)]
        return [int(self.low + self.step * k) for k in _scales.spread_indices(wanted, self.cardinality)]

    def column(self, values: Sequence[Any]) -> IntArray:
        return np.array(values, dtype=np.int64)

    def _checked(self, value: object, subject: str) -> int:
        number = rules.whole_number(value, subject)
        rules.check_bounds(number, self.low, self.high, subject)
        if (number - self.low) % self.step:
            raise rules.off_grid(number, self.low, self.step, subject)
        return number


@final
@dataclass(frozen=True, slots=True)
class FloatParameter(Parameter):
    """A number from `low` to `high`, both included; with `step`, only low, low + step, ...

    `log` samples small numbers more often (needs low > 0 and no step). `live_updatable` and `max_step` as for
    IntParameter. A value within a billionth of a step of the grid is moved onto it.
    """

    low: float
    high: float
    _: KW_ONLY
    default: float
    step: float | None = None
    log: bool = False
    live_updatable: bool = True
    max_step: float | None = None
    name: str = ""
    when: Any = ()

    def __post_init__(self) -> None:
        subject = rules.label("FloatParameter", self.name)
        object.__setattr__(self, "when", normal_when(self.when, subject))
        for attribute in ("low", "high", "step", "max_step"):
            value = getattr(self, attribute)
            if value is not None:
                object.__setattr__(self, attribute, rules.real_number(value, f"{subject} {attribute}"))
        rules.check_range(self.low, self.high, subject)
        rules.check_steps(self.step, self.max_step, subject)
        if self.step is not None:
            rules.check_fine_step(self.low, self.high, self.step, subject)
        if self.log:
            rules.check_log(self.low, stepped=self.step is not None, subject=subject)
        object.__setattr__(self, "default", self._checked(self.default, f"{subject} default"))

    @overload
    def __get__(self, instance: None, owner: type) -> "FloatParameter": ...
    @overload
    def __get__(self, instance: object, owner: type) -> float: ...
    def __get__(self, instance: object | None, owner: type) -> "FloatParameter | float":
        return self if instance is None else cast(float, held_value(instance, self.name))

    def named(self, name: str) -> "FloatParameter":
        return replace(self, name=name)

    @property
    def is_numeric(self) -> bool:
        return True

    @property
    def cardinality(self) -> int | None:
        if self.step is not None:
            return _scales.step_count(self.low, self.high, self.step)
        return 1 if self.low == self.high else None

    def validate(self, value: object) -> float:
        return self._checked(value, rules.label("FloatParameter", self.name))

    def from_unit(self, unit: FloatArray) -> FloatArray:
        checked = _scales.checked_unit(unit)
        if self.step is None:
            return _scales.value_from_unit(checked, self.low, self.high, log=self.log)
        count = _scales.step_count(self.low, self.high, self.step)
        return _scales.step_values(_scales.index_from_unit(checked, count), self.low, self.high, self.step)

    def to_unit(self, values: npt.NDArray[Any]) -> FloatArray:
        real = np.asarray(values, dtype=np.float64)
        if self.step is None:
            return _scales.unit_from_value(real, self.low, self.high, log=self.log)
        count = _scales.step_count(self.low, self.high, self.step)
        return _scales.unit_from_index(np.rint((real - self.low) / self.step).astype(np.int64), count)

    def grid(self, points: int | None = None) -> list[float]:
        """Every step, at most `points` of them; without a step `points` values end to end (None: 5)."""
        wanted = self.cardinality or _FLOAT_GRID_POINTS if points is None else rules.checked_points(points)
        if wanted == 1:
            return [self.default]
        if self.step is None:
            return _scales.spread_values(wanted, self.low, self.high, log=self.log)
        index = _scales.spread_indices(wanted, _scales.step_count(self.low, self.high, self.step))
        return [float(value) for value in _scales.step_values(index, self.low, self.high, self.step)]

    def column(self, values: Sequence[Any]) -> FloatArray:
        return np.array(values, dtype=np.float64)

    def _checked(self, value: object, subject: str) -> float:
        number = rules.real_number(value, subject)
        if self.step is None:
            rules.check_bounds(number, self.low, self.high, subject)
            return number
        position = (number - self.low) / self.step
        last = _scales.step_count(self.low, self.high, self.step) - 1
        nearest = min(max(round(position), 0), last)
        if abs(position - nearest) > _scales.step_slack(self.low, self.high, self.step):
            rules.check_bounds(number, self.low, self.high, subject)
            raise rules.off_grid(number, self.low, self.step, subject)
        return float(_scales.step_values(np.array([nearest]), self.low, self.high, self.step)[0])


@final
@dataclass(frozen=True, slots=True)
class CategoricalParameter(Parameter, Generic[Choice]):
    """One of several choices (text, numbers or booleans) that have no order."""

    choices: Sequence[Choice]
    _: KW_ONLY
    default: Choice
    live_updatable: bool = True
    name: str = ""
    when: Any = ()

    def __post_init__(self) -> None:
        subject = rules.label("CategoricalParameter", self.name)
        object.__setattr__(self, "when", normal_when(self.when, subject))
        object.__setattr__(self, "choices", rules.checked_choices(self.choices, subject))
        object.__setattr__(self, "default", self._checked(self.default, f"{subject} default"))

    @overload
    def __get__(self, instance: None, owner: type) -> "CategoricalParameter[Choice]": ...
    @overload
    def __get__(self, instance: object, owner: type) -> Choice: ...
    def __get__(self, instance: object | None, owner: type) -> "CategoricalParameter[Choice] | Choice":
        return self if instance is None else cast(Choice, held_value(instance, self.name))

    def named(self, name: str) -> "CategoricalParameter[Choice]":
        return replace(self, name=name)

    @property
    def is_numeric(self) -> bool:
        return False

    @property
    def cardinality(self) -> int:
        return len(self.choices)

    def validate(self, value: object) -> Choice:
        return self._checked(value, rules.label("CategoricalParameter", self.name))

    def from_unit(self, unit: FloatArray) -> ObjectArray:
        index = _scales.index_from_unit(_scales.checked_unit(unit), self.cardinality)
        return self.column(self.choices)[index]

    def to_unit(self, values: npt.NDArray[Any]) -> FloatArray:
        index = np.array([self.choices.index(self.validate(value)) for value in values], dtype=np.int64)
        return _scales.unit_from_index(index, self.cardinality)

    def grid(self, points: int | None = None) -> list[Choice]:
        """Every choice, whatever `points` says: choices cannot be thinned out."""
        if points is not None:
            rules.checked_points(points)
        return list(self.choices)

    def column(self, values: Sequence[Any]) -> ObjectArray:
        result: ObjectArray = np.empty(len(values), dtype=object)
        result[:] = list(values)
        return result

    def _checked(self, value: object, subject: str) -> Choice:
        plain = value.item() if isinstance(value, np.generic) else value
        for choice in self.choices:
            if isinstance(plain, bool) == isinstance(choice, bool) and choice == plain:
                return choice
        shown = ", ".join(repr(choice) for choice in self.choices)
        raise InvalidParameter(f"{subject} must be one of {shown}; got {plain!r}", fix=f"use one of {shown}")


@final
@dataclass(frozen=True, slots=True)
class BoolParameter(Parameter):
    """True or False."""

    _: KW_ONLY
    default: bool
    live_updatable: bool = True
    name: str = ""
    when: Any = ()

    def __post_init__(self) -> None:
        subject = rules.label("BoolParameter", self.name)
        object.__setattr__(self, "when", normal_when(self.when, subject))
        object.__setattr__(self, "default", self._checked(self.default, f"{subject} default"))

    @overload
    def __get__(self, instance: None, owner: type) -> "BoolParameter": ...
    @overload
    def __get__(self, instance: object, owner: type) -> bool: ...
    def __get__(self, instance: object | None, owner: type) -> "BoolParameter | bool":
        return self if instance is None else cast(bool, held_value(instance, self.name))

    def named(self, name: str) -> "BoolParameter":
        return replace(self, name=name)

    @property
    def is_numeric(self) -> bool:
        return False

    @property
    def cardinality(self) -> int:
        return 2

    def validate(self, value: object) -> bool:
        return self._checked(value, rules.label("BoolParameter", self.name))

    def from_unit(self, unit: FloatArray) -> BoolArray:
        return _scales.index_from_unit(_scales.checked_unit(unit), 2).astype(np.bool_)

    def to_unit(self, values: npt.NDArray[Any]) -> FloatArray:
        return _scales.unit_from_index(np.asarray(values, dtype=np.int64), 2)

    def grid(self, points: int | None = None) -> list[bool]:
        """False and True, whatever `points` says."""
        if points is not None:
            rules.checked_points(points)
        return [False, True]

    def column(self, values: Sequence[Any]) -> BoolArray:
        return np.array(values, dtype=np.bool_)

    def _checked(self, value: object, subject: str) -> bool:
        if isinstance(value, bool | np.bool_):
            return bool(value)
        raise InvalidParameter(f"{subject} must be True or False; got {value!r}", fix="use True or False")
