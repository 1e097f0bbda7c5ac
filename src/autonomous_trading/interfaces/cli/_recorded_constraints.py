"""The constraints of a recorded search: bounds are read again from their texts, functions are known to Python only."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autonomous_trading.app import Job
    from autonomous_trading.search import ValueConstraint

__all__ = ["recorded_constraints"]


def recorded_constraints(job: "Job") -> "tuple[list[ValueConstraint], list[str]]":
    """The bounds that the results of a job have to keep, and the names of its rules that are functions."""
    from autonomous_trading.core import InvalidInput
    from autonomous_trading.search import parse_constraint

    bounds, functions = [], []
    for text in job.spec.search.get("constraints", []):
        try:
            bounds.append(parse_constraint(text))
        except InvalidInput:
            functions.append(str(text))
    return bounds, functions
