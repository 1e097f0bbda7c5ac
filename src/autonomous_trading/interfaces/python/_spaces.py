"""The space that is searched: declared bounds, some of them replaced, some parameters held still."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from autonomous_trading.core import BoolArray, Constraint, InvalidInput, ParameterTable, Space, code_of, unknown_name
from autonomous_trading.interfaces.python._checks import mapping
from autonomous_trading.strategies import SETTING_NAMES, Strategy

_BOUNDS = '{"fast": (5, 50)}'


@final
@dataclass(frozen=True, slots=True)
class _CarefulConstraint:
    """A constraint that a person wrote, whose mistakes become one error."""

    constraint: Constraint
    name: str

    def __call__(self, table: ParameterTable) -> BoolArray:
        with code_of(f"constraint of {self.name}"):
            return self.constraint(table)


def strategy_space(strategy: type[Strategy], bounds: object, fixed: object) -> Space:
    """A strategy's space with some bounds replaced and some parameters held still."""
    space = strategy.space()
    if space.constraint is not None:
        careful = _CarefulConstraint(space.constraint, strategy.__name__)
        space = Space(space.parameters, careful, space.fixed)
    return space_of(space, bounds, fixed)


def with_engine_parameters(strategy: type[Strategy], bounds: object) -> type[Strategy]:
    """The strategy, declaring those parameters of the engine that the bounds name and it does not declare itself."""
    declared = strategy.space().parameters
    chosen = mapping("space", bounds, _BOUNDS)
    added = {name: ends for name, ends in chosen.items() if name in SETTING_NAMES and name not in declared}
    return strategy.declaring(Space.of(added).parameters) if added else strategy


def space_of(space: Space, bounds: object, fixed: object) -> Space:
    """A space with some bounds replaced and some parameters held still."""
    chosen = mapping("space", bounds, _BOUNDS)
    if chosen:
        replaced = dict(space.parameters)
        for name, parameter in Space.of(chosen).parameters.items():
            if name not in replaced:
                raise unknown_name("parameter", name, replaced)
            replaced[name] = parameter
        space = Space(replaced, space.constraint, space.fixed)
    return space.fix(mapping("fixed", fixed, '{"fast": 10}'))


def declared_space(space: object, fixed: object) -> Space:
    """The space of an objective of one's own."""
    declared = space if isinstance(space, Space) else Space.of(mapping("space", space, '{"x": (0.0, 1.0)}'))
    if not declared.parameters:
        raise InvalidInput("an objective of your own needs a space", fix='pass space={"x": (0.0, 1.0)}')
    return declared.fix(mapping("fixed", fixed, '{"x": 0.5}'))
