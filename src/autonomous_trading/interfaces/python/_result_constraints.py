"""Constraints on results, as a person gives them: texts, or functions of the metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from autonomous_trading.app import ResultConstraint
from autonomous_trading.core import InvalidInput
from autonomous_trading.search import parse_constraint


def result_constraints(given: object, canonical: Callable[[str], str]) -> tuple[ResultConstraint, ...]:
    """The constraints that a person gave. `canonical`: the key of a result by any of its names.

    Raises InvalidInput for what is neither a text of the form NAME OPERATOR NUMBER nor a function.
    """
    if given is None:
        return ()
    several = [given] if isinstance(given, str) or callable(given) else given
    if not isinstance(several, Iterable):
        raise InvalidInput(f"constraints must be texts or functions; got {given!r}", fix='use ["trade_count >= 30"]')
    return tuple(_constraint(each, canonical) for each in several)


def _constraint(given: object, canonical: Callable[[str], str]) -> ResultConstraint:
    if isinstance(given, str):
        parsed = parse_constraint(given)
        return ResultConstraint.of_value(replace(parsed, name=canonical(parsed.name)))
    if callable(given):
        return ResultConstraint(str(getattr(given, "__name__", type(given).__name__)), (), given)
    raise InvalidInput(f"a constraint is a text or a function; got {given!r}", fix='use "trade_count >= 30"')


def one_of(names: Sequence[str]) -> Callable[[str], str]:
    """Refuses every name but these: what a function of one's own returns has no other names."""

    def canonical(name: str) -> str:
        if name not in names:
            raise InvalidInput(
                f"a constraint names {name!r}, and the objective returns {', '.join(names)}", fix=f"use {names[0]!r}"
            )
        return name

    return canonical
