"""The space that is searched: declared bounds, some of them replaced, some parameters held still."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, final

from autonomous_trading.core import (
    BoolArray,
    Constraint,
    IntParameter,
    InvalidInput,
    InvalidParameter,
    ParameterTable,
    ParameterValue,
    Space,
    code_of,
    unknown_name,
)
from autonomous_trading.interfaces.python._checks import mapping
from autonomous_trading.interfaces.python._settings import SearchSettings, WalkForwardSettings, rules_from
from autonomous_trading.strategies import SETTING_NAMES, Strategy

_BOUNDS = '{"fast": (5, 50)}'
_FIXED = '{"fast": 10}'


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


def with_engine_parameters(strategy: type[Strategy], settings: SearchSettings | WalkForwardSettings) -> type[Strategy]:
    """The strategy, declaring those parameters of the engine that `space` and `fixed` name and it does not itself.

    Raises InvalidInput for what `Exits` or `Execution` would refuse as a value for all sets.
    """
    declared = strategy.space().parameters
    bounds, fixed = mapping("space", settings.get("space"), _BOUNDS), mapping("fixed", settings.get("fixed"), _FIXED)
    added = {name: _engine_bounds(name, bounds[name]) for name in SETTING_NAMES if name in bounds}
    added |= {name: (fixed[name], fixed[name]) for name in SETTING_NAMES if name in fixed and name not in added}
    found = Space.of({name: ends for name, ends in added.items() if name not in declared}).parameters
    rules = rules_from(settings)
    for name, parameter in found.items():
        for value in parameter.grid(2) if parameter.is_numeric else ():
            owner: Any = rules.exits if hasattr(rules.exits, name) else rules.execution
            replace(owner, **{name: value})
    return strategy.declaring(found) if found else strategy


def _engine_bounds(name: str, ends: object) -> object:
    """Bounds of a fraction are real numbers, however they are written: (1, 3) of leverage is not 1, 2 or 3."""
    if name == "max_bars_held":
        return _whole_bounds(name, ends)
    if not isinstance(ends, tuple):
        return ends
    return tuple(float(end) if isinstance(end, int) and not isinstance(end, bool) else end for end in ends)


def _whole_bounds(name: str, ends: object) -> object:
    """Bounds of a whole number are whole, however they are written: (5.0, 50.0) is (5, 50), and 5.5 is refused."""
    if not (isinstance(ends, tuple) and any(isinstance(end, float) and math.isfinite(end) for end in ends)):
        return ends
    if not all(isinstance(end, int | float) and not isinstance(end, bool) and float(end).is_integer() for end in ends):
        raise InvalidParameter(
            f"parameter {name!r} is a whole number, and so are its bounds; got {ends!r}",
            fix=f'pass whole bounds, such as space={{"{name}": (5, 50)}}',
        )
    return tuple(int(end) for end in ends)


def space_of(space: Space, bounds: object, fixed: object) -> Space:
    """A space with some bounds replaced and some parameters held still."""
    chosen = mapping("space", bounds, _BOUNDS)
    if chosen:
        replaced = dict(space.parameters)
        real = {name: _engine_bounds(name, ends) if name in SETTING_NAMES else ends for name, ends in chosen.items()}
        whole = {name for name, each in replaced.items() if isinstance(each, IntParameter)}
        real |= {name: _whole_bounds(name, real[name]) for name in real.keys() & whole}
        for name, parameter in Space.of(real).parameters.items():
            if name not in replaced:
                raise unknown_name("parameter", name, (*replaced, *SETTING_NAMES))
            replaced[name] = parameter
        space = Space(replaced, space.constraint, space.fixed)
    return space.fix(mapping("fixed", fixed, _FIXED))


def beyond_declared(strategy: type[Strategy], parameters: Mapping[str, ParameterValue]) -> tuple[str, ...]:
    """One sentence for each value of a set that a backtest would refuse, because the strategy does not allow it.

    `space` searches where it is told to, inside the declared bounds or not.
    """
    found = []
    for name, parameter in strategy.space().parameters.items():
        try:
            parameter.validate(parameters[name])
        except InvalidParameter as refusal:
            found.append(f"{name}={parameters[name]} was searched, and a backtest refuses it: {refusal.what}")
    return tuple(found)


def declared_space(space: object, fixed: object) -> Space:
    """The space of an objective of one's own."""
    declared = space if isinstance(space, Space) else Space.of(mapping("space", space, '{"x": (0.0, 1.0)}'))
    if not declared.parameters:
        raise InvalidInput("an objective of your own needs a space", fix='pass space={"x": (0.0, 1.0)}')
    return declared.fix(mapping("fixed", fixed, '{"x": 0.5}'))
