"""The keyword settings that the doors share, typed once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, TypedDict

from autonomous_trading.app import Progress, Rules
from autonomous_trading.backtest import Costs, Execution, Exits
from autonomous_trading.core import InvalidInput, unknown_name
from autonomous_trading.interfaces.python._inputs import rules_of

RULE_NAMES = ("costs", "exits", "execution", "initial_cash", "threads")


class RuleSettings(TypedDict, total=False):
    """What every run shares: costs, protective exits, execution, the cash to start with, threads (default: cores)."""

    costs: Costs | None
    exits: Exits | None
    execution: Execution | None
    initial_cash: float | None
    threads: int | None


class SpanSettings(RuleSettings, total=False):
    """Rules, and the bars traded: ISO dates, datetimes or row numbers; `stop` is not included."""

    start: object
    stop: object


class SearchSettings(RuleSettings, total=False):
    """Rules, and how to search.

    fixed: parameters held still. space: bounds that replace the declared ones. metrics: numbers kept for every set.
    resolution: grid points per parameter. options: of the method. train_fraction: share of bars the search may see.
    """

    seed: int
    fixed: Mapping[str, object] | None
    space: object
    metrics: Iterable[str] | None
    resolution: int | None
    options: Mapping[str, object] | None
    train_fraction: float
    progress: Progress | None


class WalkForwardSettings(RuleSettings, total=False):
    """Rules, how the windows lie, and how each is searched."""

    unit: Literal["days", "bars"]
    expanding: bool
    objective: str
    method: str
    trials: int | None
    seed: int
    fixed: Mapping[str, object] | None
    space: Mapping[str, object] | None
    options: Mapping[str, object] | None
    progress: Progress | None


def refuse_unknown(door: str, settings: Mapping[str, object], known: Iterable[str]) -> None:
    """Refuse a keyword the door does not have, with the nearest one it has."""
    names = tuple(known)
    for name in settings:
        if name not in names:
            raise unknown_name(f"setting of {door}", name, names)


def rules_from(settings: RuleSettings) -> Rules:
    """The rules among the settings."""
    return rules_of(
        settings.get("costs"),
        settings.get("exits"),
        settings.get("execution"),
        settings.get("initial_cash"),
        settings.get("threads"),
    )


def whole(name: str, value: object) -> int:
    """A seed or count as a whole number of at least 0."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InvalidInput(f"{name} must be a whole number of at least 0; got {value!r}", fix=f"pass {name}=0")
    return value
