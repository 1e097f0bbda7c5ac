"""Conditional parameters: some mean nothing unless another has a certain value, and then hold their default.

Two sets that differ only in what does not count are one set: the parameter that does not count is put back to its
default wherever a set or a table is made.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from autonomous_trading.core._arrays import BoolArray, closed
from autonomous_trading.core._parameter import Parameter
from autonomous_trading.core.errors import InvalidParameter, unknown_name

When = tuple[tuple[str, tuple[object, ...]], ...]
"""The other parameters and the values each must have, all of them: (("kind", ("ema", "sma")),)."""


def normal_when(when: object, subject: str) -> When:
    """A condition in its one form, from {"kind": "ema"} or {"kind": ["ema", "sma"]}. Raises InvalidParameter."""
    if when is None or when == ():
        return ()
    pairs = tuple(when.items()) if isinstance(when, Mapping) else when
    if not isinstance(pairs, tuple) or not pairs:
        raise InvalidParameter(
            f"{subject} when must name another parameter and its values; got {when!r}",
            fix='write when={"kind": "ema"} or when={"kind": ["ema", "sma"]}',
        )
    found = []
    for name, values in pairs:
        several = isinstance(values, list | tuple | set | frozenset | range)
        unordered = isinstance(values, set | frozenset)
        found.append((str(name), tuple(sorted(values, key=repr) if unordered else values) if several else (values,)))
    return tuple(found)


def check_conditions(parameters: Mapping[str, Parameter]) -> None:
    """Refuse conditions on parameters that are not there, come later, or never have these values."""
    before: list[str] = []
    for name, parameter in parameters.items():
        for other, values in parameter.when:
            if other not in parameters:
                raise unknown_name(f"parameter in when of {name!r}:", other, parameters)
            if other not in before:
                raise InvalidParameter(
                    f"when of {name!r} asks for {other!r}, which is not declared before it",
                    fix=f"declare {other!r} first",
                )
            if not values:
                raise InvalidParameter(f"when of {name!r} names no value of {other!r}", fix="name at least one")
            for value in values:
                parameters[other].validate(value)
        before.append(name)


def active(name: str, parameters: Mapping[str, Parameter], columns: Mapping[str, npt.NDArray[Any]]) -> BoolArray:
    """In which rows a parameter counts; one whose condition does not count itself does not count either."""
    rows = len(next(iter(columns.values())))
    found = np.ones(rows, dtype=np.bool_)
    for other, values in parameters[name].when:
        wanted = {parameters[other].validate(value) for value in values}
        found &= np.fromiter((value in wanted for value in columns[other].tolist()), dtype=np.bool_, count=rows)
        found &= active(other, parameters, columns)
    return found


def settled(
    parameters: Mapping[str, Parameter], columns: Mapping[str, npt.NDArray[Any]]
) -> dict[str, npt.NDArray[Any]]:
    """The columns with the default wherever a parameter does not count."""
    found = dict(columns)
    for name, parameter in parameters.items():
        if not parameter.when or not len(found[name]):
            continue
        off = ~active(name, parameters, found)
        if off.any():
            column = found[name].copy()
            column[off] = parameter.column([parameter.default])[0]
            found[name] = closed(column)
    return found


def check_inactive(parameters: Mapping[str, Parameter], values: Mapping[str, Any], given: Sequence[str]) -> None:
    """Refuse a value for a parameter that does not count beside the others."""
    columns = {name: parameters[name].column([values[name]]) for name in parameters}
    for name in given:
        parameter = parameters[name]
        if values[name] == parameter.default or active(name, parameters, columns)[0]:
            continue
        wanted = " and ".join(f"{other} is {' or '.join(map(repr, allowed))}" for other, allowed in parameter.when)
        raise InvalidParameter(
            f"parameter {name!r} counts only where {wanted}; it was given {values[name]!r}", fix=f"leave {name!r} out"
        )
