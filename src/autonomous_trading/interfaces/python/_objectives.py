"""What is searched for: metrics by name, or what a function of one's own returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from autonomous_trading.app import Objective
from autonomous_trading.core import (
    METRIC_ALIASES,
    InvalidInput,
    direction,
    is_metric,
    unknown_name,
)
from autonomous_trading.interfaces.python._checks import listed, text

_BARE = ("minimize", "minimise", "maximize", "maximise")


def objective_names(names: object, default: str) -> tuple[object, ...]:
    """The names asked for, at least one."""
    found = (default,) if names is None else listed("objectives", names, default)
    if not found:
        raise InvalidInput("there is nothing to optimise", fix=f'pass objectives=["{default}"]')
    return found


def goals_of(names: Sequence[object]) -> tuple[Objective, ...]:
    """Goals of a function of one's own: "minimize" or "minimize_loss" push down, known metrics as declared, others up.

    Several that are called only "minimize" or "maximize" are numbered in their order.
    """
    labels = [text("objectives", name, "minimize") for name in names]
    counts = Counter(labels)
    seen: Counter[str] = Counter()
    goals = []
    for label in labels:
        seen[label] += 1
        if counts[label] > 1 and label not in _BARE:
            raise InvalidInput(f"objective {label!r} is named twice", fix="give every number its own name")
        name = f"{label}_{seen[label]}" if counts[label] > 1 else label
        goals.append(Objective(name, goes_up(label)))
    return tuple(goals)


def goes_up(label: str) -> bool:
    """Whether more of it is better: metrics as declared, what is called "minimize" down, everything else up."""
    if label.startswith(("minimi", "maximi")):
        return label.startswith("maximi")
    known = is_metric(label) or label in METRIC_ALIASES
    return direction(label) == "maximize" if known else True


def chosen_objective(name: object, objectives: Sequence[str]) -> str:
    """The objective of a study by any name of its metric."""
    if not isinstance(name, str) or METRIC_ALIASES.get(name, name) not in objectives:
        raise unknown_name("objective of this study", name, objectives)
    return METRIC_ALIASES.get(name, name) if name not in objectives else name
