"""What a declaration or a value of a parameter must satisfy, each rule with its message."""

import math
import sys
from collections.abc import Sequence

import numpy as np

from autonomous_trading.core._parameter import ParameterValue
from autonomous_trading.core.errors import InvalidInput, InvalidParameter

# Whole numbers and counts of steps up to here survive every mapping (float64, logarithms) unharmed.
LARGEST_INT = 2**40


def label(kind: str, name: str) -> str:
    """How a message calls a parameter: by its name, or by its kind until it has one."""
    return f"parameter {name!r}" if name else kind


def whole_number(value: object, subject: str) -> int:
    """The value as an int; integral floats and numpy numbers are accepted, booleans and text are not."""
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, int) and not isinstance(plain, bool):
        return plain
    if isinstance(plain, float) and plain.is_integer():
        return int(plain)
    raise InvalidParameter(f"{subject} must be a whole number; got {plain!r}", fix="give an int, such as 10")


def real_number(value: object, subject: str) -> float:
    """The value as a finite float; whole and numpy numbers are accepted, booleans and text are not."""
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, int | float) and not isinstance(plain, bool) and abs(plain) <= sys.float_info.max:
        return float(plain) + 0.0  # -0.0 becomes 0.0: one value, one name
    raise InvalidParameter(f"{subject} must be a finite number; got {plain!r}", fix="give a number, such as 0.5")


def check_bounds(value: float, low: float, high: float, subject: str) -> None:
    """Refuse a value outside [low, high]."""
    if not low <= value <= high:
        raise InvalidParameter(
            f"{subject} must be between {low} and {high}; got {value}",
            fix=f"choose a value from {low} to {high}, or declare wider bounds",
        )


def off_grid(value: float, low: float, step: float, subject: str) -> InvalidParameter:
    """The error for a value between two steps."""
    below = low + math.floor((value - low) / step) * step
    return InvalidParameter(
        f"{subject} must be {low} plus a multiple of {step}; got {value}",
        fix=f"use {below:.12g} or {below + step:.12g}",
    )


def check_range(low: float, high: float, subject: str) -> None:
    """Refuse bounds in the wrong order, or further apart than a float can say."""
    if low > high:
        raise InvalidParameter(
            f"{subject}: low must not be above high; got low={low}, high={high}", fix="swap the two bounds"
        )
    if not math.isfinite(float(high) - float(low)):
        raise InvalidParameter(
            f"{subject}: high minus low must be a finite number; got low={low}, high={high}",
            fix="narrow the bounds",
        )


def check_whole_range(low: int, high: int, subject: str) -> None:
    """Refuse whole bounds that float64 arithmetic would blur."""
    largest = max(abs(low), abs(high))
    if largest > LARGEST_INT:
        raise InvalidParameter(
            f"{subject}: bounds must not exceed 2**40 = {LARGEST_INT}; got {largest}",
            fix="use a FloatParameter for numbers of this size",
        )


def check_steps(step: float | None, max_step: float | None, subject: str) -> None:
    """Refuse a step, or a largest live change, that is not positive."""
    for name, value in (("step", step), ("max_step", max_step)):
        if value is not None and value <= 0:
            raise InvalidParameter(
                f"{subject}: {name} must be positive; got {value}",
                fix=f"give {name} a positive number or leave it out",
            )


def check_fine_step(low: float, high: float, step: float, subject: str) -> None:
    """Refuse a step so small beside the bounds that float64 cannot count with it."""
    largest = max(abs(low), abs(high))
    if largest > step * LARGEST_INT:
        raise InvalidParameter(
            f"{subject}: step must be at least 2**-40 of the larger bound; got step={step}, bound={largest}",
            fix="leave step out: without one any number between the bounds is allowed",
        )


def check_log(low: float, *, stepped: bool, subject: str) -> None:
    """Refuse a logarithmic scale that starts at or below zero, or that also has steps."""
    if low <= 0:
        raise InvalidParameter(
            f"{subject}: log=True needs low above 0; got low={low}", fix="raise low above 0 or drop log=True"
        )
    if stepped:
        raise InvalidParameter(
            f"{subject}: log=True and step cannot be combined",
            fix="drop one of the two: steps are evenly spaced",
        )


def checked_choices(choices: object, subject: str) -> tuple[ParameterValue, ...]:
    """The choices as a tuple, after a check that they are distinct values of the four kinds."""
    if isinstance(choices, str) or not isinstance(choices, Sequence) or not choices:
        raise InvalidParameter(
            f"{subject}: choices must be a list with at least one value; got {choices!r}",
            fix='give a list, such as ["fast", "slow"]',
        )
    for choice in choices:
        if not isinstance(choice, int | float | str) or choice != choice:
            raise InvalidParameter(
                f"{subject}: a choice must be text, a number or a boolean; got {choice!r}",
                fix="name the choice with a text and translate it inside the strategy",
            )
    if len(set(choices)) != len(choices):
        raise InvalidParameter(
            f"{subject}: choices must differ from each other; got {list(choices)!r}",
            fix="remove the repeated choice (1, 1.0 and True count as the same)",
        )
    return tuple(choices)


def checked_points(points: int) -> int:
    """The number of grid points asked for, after a check that it is at least one."""
    if points < 1:
        raise InvalidInput(f"a grid needs at least 1 point per parameter; got {points}", fix="ask for 1 or more")
    return points
