"""Parameters of the engine in a search: stop_loss and the like may be searched for every strategy."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from autonomous_trading.interfaces.cli._assignments import engine_bounds

if TYPE_CHECKING:
    from autonomous_trading.interfaces.cli._setup import Setup

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
    return replace(setup, strategy=setup.strategy.declaring(Space.of(found).parameters))


def _check(setup: "Setup", name: str, value: float) -> None:
    """Refuse what `Exits` or `Execution` would refuse as a value for all sets."""
    rules: Any = setup.exits if name in {field.name for field in fields(setup.exits)} else setup.execution
    replace(rules, **{name: value})
