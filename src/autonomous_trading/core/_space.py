"""A space: the parameters of a strategy together, and every way to draw sets from them."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, final

import numpy as np
import numpy.typing as npt

from autonomous_trading.core._arrays import BoolArray, FloatArray, closed
from autonomous_trading.core._conditions import check_conditions, check_inactive, settled
from autonomous_trading.core._parameter import Parameter, ParameterValue
from autonomous_trading.core._parameter_sets import ParameterSet, ParameterTable
from autonomous_trading.core._parameters import (
    CategoricalParameter,
    FloatParameter,
    IntParameter,
)
from autonomous_trading.core.errors import InvalidInput, InvalidParameter, unknown_name

Constraint = Callable[[ParameterTable], BoolArray]

_LARGEST_GRID = 10_000_000


@final
@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """All parameters, those held still (`fixed`), and which combinations are allowed (`constraint`).

    `constraint` gets a table and answers one boolean per row. Every set and table that a space hands
    out names all parameters, in declaration order, the fixed ones included; one that does not count
    (`when`) has its default.
    """

    parameters: Mapping[str, Parameter]
    constraint: Constraint | None = None
    fixed: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        named = {str(name): _named(str(name), parameter) for name, parameter in self.parameters.items()}
        check_conditions(named)
        fixed = _validated(named, self.fixed)
        object.__setattr__(self, "parameters", MappingProxyType(named))
        object.__setattr__(self, "fixed", MappingProxyType(fixed))

    def __reduce__(
        self,
    ) -> tuple[type["Space"], tuple[dict[str, Parameter], Constraint | None, dict[str, object]]]:
        return Space, (dict(self.parameters), self.constraint, dict(self.fixed))

    @staticmethod
    def of(declarations: Mapping[str, object]) -> "Space":
        """A space from plain Python: {"x": (0.0, 1.0), "n": range(5, 50), "kind": ["a", "b"]}.

        A tuple is a float, or a whole number when both ends are; it includes both. A range excludes its
        stop, as everywhere in Python. A list holds choices. Defaults are the middle of a range and the
        first choice. A ready-made parameter is taken as it is.
        """
        return Space({name: _declared(name, declaration) for name, declaration in declarations.items()})

    @property
    def names(self) -> tuple[str, ...]:
        """Parameters that are free to vary, in declaration order."""
        return tuple(name for name in self.parameters if name not in self.fixed)

    @property
    def dimension(self) -> int:
        """How many parameters are free to vary."""
        return len(self.names)

    def size(self) -> int | None:
        """Number of combinations before the constraint; None when a free parameter is continuous."""
        counts = [self.parameters[name].cardinality for name in self.names]
        return None if None in counts else math.prod(count for count in counts if count is not None)

    def defaults(self) -> ParameterSet:
        """The declared defaults, with the fixed values in place of theirs."""
        return ParameterSet({name: self.fixed.get(name, p.default) for name, p in self.parameters.items()})

    def fix(self, values: Mapping[str, object]) -> "Space":
        """The same space with these parameters held still (besides those that already are)."""
        return Space(self.parameters, self.constraint, {**self.fixed, **values})

    def choose(self, values: Mapping[str, object]) -> ParameterSet:
        """A complete, valid set: these values, and the default of every parameter not named.

        Raises UnknownName or InvalidParameter; several problems are told in one InvalidParameter.
        """
        chosen = _validated(self.parameters, values, self.fixed)
        complete = ParameterSet({**self.defaults(), **chosen})
        check_inactive(self.parameters, complete, tuple(chosen))
        if self.constraint is not None and not self.feasible(self.table([complete]))[0]:
            shown = ", ".join(f"{name}={value!r}" for name, value in complete.items())
            raise InvalidParameter(
                f"the constraint refuses {shown}", fix="change the parameters that the constraint compares"
            )
        return complete

    def table(self, rows: Sequence[Mapping[str, object]]) -> ParameterTable:
        """Complete, valid sets as one table, typed as each parameter says (constraint not applied)."""
        sets = [{**self.defaults(), **_validated(self.parameters, row, self.fixed)} for row in rows]
        columns = {name: parameter.column([row[name] for row in sets]) for name, parameter in self.parameters.items()}
        return ParameterTable(settled(self.parameters, columns), len(sets))

    def from_unit(self, matrix: FloatArray) -> ParameterTable:
        """Sets for points of the unit cube, shape [n, dimension], columns in the order of `names`."""
        unit = np.asarray(matrix, dtype=np.float64)
        if unit.ndim != 2 or unit.shape[1] != self.dimension:
            raise InvalidInput(
                f"unit coordinates must have shape [n, {self.dimension}]; got {list(unit.shape)}",
                fix="give one column per free parameter",
            )
        free = {name: self.parameters[name].from_unit(unit[:, k]) for k, name in enumerate(self.names)}
        return self._complete(free, len(unit))

    def to_unit(self, table: ParameterTable) -> FloatArray:
        """Points of the unit cube, shape [n, dimension], that `from_unit` maps back to these sets."""
        unit = np.empty((len(table), self.dimension))
        for k, name in enumerate(self.names):
            unit[:, k] = self.parameters[name].to_unit(table.column(name))
        return unit

    def feasible(self, table: ParameterTable) -> BoolArray:
        """Which rows the constraint allows; all of them where there is none."""
        if self.constraint is None:
            return np.ones(len(table), dtype=np.bool_)
        allowed = np.asarray(self.constraint(table))
        if allowed.shape != (len(table),) or allowed.dtype != np.bool_:
            raise InvalidInput(
                f"a constraint must give one boolean per set, {len(table)} here; "
                f"got {allowed.dtype} of shape {list(allowed.shape)}",
                fix="compare columns, such as table.column('fast') < table.column('slow')",
            )
        return allowed

    def grid(self, resolution: int | None = None) -> ParameterTable:
        """Every feasible combination, the last parameter varying fastest.

        `resolution` is the most points a numeric parameter gets; without it whole numbers and steps are
        taken in full, and floats without a step at 5 points. Raises InvalidInput above 10 million points,
        or when the constraint leaves none.
        """
        self._check_grid_size(resolution)
        axes = [self.parameters[name].column(self.parameters[name].grid(resolution)) for name in self.names]
        mesh = np.meshgrid(*axes, indexing="ij", copy=False)
        rows = math.prod(len(axis) for axis in axes)
        free = {name: column.reshape(rows) for name, column in zip(self.names, mesh, strict=True)}
        table = self._complete(free, rows)
        if any(parameter.when for parameter in self.parameters.values()):
            table = table.take(_first_of_each(table))
        if self.constraint is None:
            return table
        allowed = self.feasible(table)
        if not allowed.any():
            raise InvalidInput(
                f"the constraint refuses all {len(table)} points of the grid",
                fix="widen the bounds or relax the constraint",
            )
        return table.take(allowed)

    def _complete(self, free: Mapping[str, npt.NDArray[Any]], rows: int) -> ParameterTable:
        columns = {}
        for name, parameter in self.parameters.items():
            column = free[name] if name in free else np.repeat(parameter.column([self.fixed[name]]), rows)
            columns[name] = closed(column)
        return ParameterTable(settled(self.parameters, columns), rows)

    def _check_grid_size(self, resolution: int | None) -> None:
        points = math.prod(_grid_points(self.parameters[name], resolution) for name in self.names)
        if points > _LARGEST_GRID:
            raise InvalidInput(
                f"a grid of {points:,} points is more than {_LARGEST_GRID:,}",
                fix='set resolution to fewer points per parameter, or use method "random" or "tpe"',
            )


def _first_of_each(table: ParameterTable) -> list[int]:
    """The first row of all that are the same set."""
    first: dict[tuple[object, ...], int] = {}
    for row, values in enumerate(zip(*(table.column(name).tolist() for name in table.names), strict=True)):
        first.setdefault(values, row)
    return list(first.values())


def _grid_points(parameter: Parameter, resolution: int | None) -> int:
    """At most how many points one axis of a grid has, without building it."""
    if parameter.cardinality is None:
        return len(parameter.grid()) if resolution is None else resolution
    if resolution is None or not parameter.is_numeric:
        return parameter.cardinality
    return min(parameter.cardinality, resolution)


def _named(name: str, parameter: object) -> Parameter:
    if not isinstance(parameter, Parameter):
        raise InvalidParameter(
            f"{name!r} is not a parameter but a {type(parameter).__name__}",
            fix="declare it with IntParameter(...), FloatParameter(...), or build the space with Space.of",
        )
    if parameter.name == name:
        return parameter
    return parameter.named(name)


def _validated(
    parameters: Mapping[str, Parameter],
    values: Mapping[str, object],
    fixed: Mapping[str, object] = MappingProxyType({}),
) -> dict[str, ParameterValue]:
    """These values in canonical form; every unknown name and invalid value is told, not only the first."""
    valid: dict[str, ParameterValue] = {}
    problems: list[InvalidInput] = []
    for name, value in values.items():
        try:
            valid[name] = _validated_one(parameters, name, value, fixed)
        except InvalidInput as problem:
            problems.append(problem)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise InvalidParameter(
            f"{len(problems)} problems: " + "; ".join(problem.what for problem in problems),
            fix="; ".join(problem.fix for problem in problems),
        )
    return valid


def _validated_one(
    parameters: Mapping[str, Parameter], name: str, value: object, fixed: Mapping[str, object]
) -> ParameterValue:
    if name not in parameters:
        raise unknown_name("parameter", name, parameters)
    canonical = parameters[name].validate(value)
    if name in fixed and canonical != fixed[name]:
        raise InvalidParameter(
            f"parameter {name!r} is fixed at {fixed[name]!r}; got {value!r}",
            fix=f"leave {name!r} out, or do not fix it",
        )
    return canonical


def _declared(name: str, declaration: object) -> Parameter:
    match declaration:
        case Parameter():
            return declaration
        case range() if len(declaration) > 0:
            ends = sorted((declaration[0], declaration[-1]))
            return _whole(name, ends[0], ends[1], abs(declaration.step))
        case tuple((bool(), _)) | tuple((_, bool())):
            pass
        case tuple((int() as low, int() as high)):
            return _whole(name, low, high, 1)
        case tuple((int() | float() as low, int() | float() as high)):
            return FloatParameter(low, high, default=low + (high - low) / 2.0, name=name)
        case list() if declaration:
            return CategoricalParameter(declaration, default=declaration[0], name=name)
    raise InvalidParameter(
        f"parameter {name!r} cannot be declared as {declaration!r}",
        fix='use (0.0, 1.0) for a float, (5, 50) or range(5, 50) for a whole number, ["a", "b"] for choices',
    )


def _whole(name: str, low: int, high: int, step: int) -> IntParameter:
    middle = low + (high - low) // (2 * step) * step if low <= high else low
    return IntParameter(low, high, default=middle, step=step, name=name)
