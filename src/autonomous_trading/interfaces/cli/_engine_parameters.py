"""Parameters of the engine in a search: stop_loss and the like may be searched for every strategy."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from autonomous_trading.interfaces.cli._assignments import engine_bounds

if TYPE_CHECKING:
    from autonomous_trading.interfaces.cli._setup import Setup
    from autonomous_trading.strategies import Strategy

__all__ = ["searchable"]


def searchable(setup: "Setup", texts: Sequence[str]) -> "Setup":
    """The setup with a strategy that declares what --space names of the engine, too, between those bounds.

    A declared stop_loss is a parameter like any other: it is searched, shown and reported. Raises InvalidInput.
    """
    from autonomous_trading.core import Space

    found = engine_bounds(setup.strategy, texts)
    for name, ends in found.items():
        for value in ends:
            _check(setup, name, value)
    if not found:
        return setup
    return replace(setup, strategy=_declaring(setup.strategy, dict(Space.of(found).parameters)))


def _check(setup: "Setup", name: str, value: float) -> None:
    """Refuse what `Exits` or `Execution` would refuse as a value for all sets."""
    rules: Any = setup.exits if name in {field.name for field in fields(setup.exits)} else setup.execution
    replace(rules, **{name: value})


def _declaring(strategy: "type[Strategy]", parameters: dict[str, object]) -> "type[Strategy]":
    """The strategy with more declared parameters; its name, its words and its code are the same."""
    own = {"__doc__": strategy.__doc__, "__module__": strategy.__module__, "name": strategy.name}
    return type(strategy.__name__, (strategy,), {**own, **parameters})
