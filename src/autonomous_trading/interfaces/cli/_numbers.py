"""Numbers and dates as a person types them after an option."""

import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NoReturn

import typer

__all__ = ["amount", "fraction", "moment", "nanoseconds", "positive", "whole"]


def whole(option: str, *, least: int, example: int) -> Callable[[str], int]:
    """A reader of whole numbers from `least` on; it refuses other texts with the option's name and a fix."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = None
        if number is None or number < least:
            _refuse(option, f"a whole number of at least {least}", text, example)
        return number

    return read


def fraction(option: str, *, example: float, low: float = 0.0, top: float = 1.0) -> Callable[[str], float]:
    """A reader of fractions from `low` to `top`, both included; a percent sign is refused with the fraction meant."""

    def read(text: str) -> float:
        number = _number(text)
        if number is None and text.endswith("%") and (percent := _number(text[:-1])) is not None:
            _refuse(option, "a fraction, not a percentage", text, percent / 100.0)
        if number is None or not low <= number <= top:
            _refuse(option, f"a fraction from {low:g} to {top:g}", text, example)
        return number

    return read


def positive(option: str, *, example: float) -> Callable[[str], float]:
    """A reader of numbers above zero."""

    def read(text: str) -> float:
        number = _number(text)
        if number is None or number <= 0.0:
            _refuse(option, "a number above 0", text, example)
        return number

    return read


def amount(option: str, *, example: float) -> Callable[[str], float]:
    """A reader of numbers from zero on."""

    def read(text: str) -> float:
        number = _number(text)
        if number is None or number < 0.0:
            _refuse(option, "a number of at least 0", text, example)
        return number

    return read


def moment(option: str) -> Callable[[str], datetime]:
    """A reader of ISO 8601 dates and times; one without a zone is taken as UTC."""

    def read(text: str) -> datetime:
        try:
            when = datetime.fromisoformat(text.strip())
        except ValueError:
            raise typer.BadParameter(
                f"{option} takes a date such as 2010-01-31, got {text!r}. Fix: write {option} 2010-01-31"
            ) from None
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)

    return read


def nanoseconds(when: datetime) -> int:
    """UTC nanoseconds since 1970 of a zoned time, exactly."""
    since = when - datetime(1970, 1, 1, tzinfo=UTC)
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1_000


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _refuse(option: str, rule: str, text: str, example: float) -> NoReturn:
    raise typer.BadParameter(f"{option} takes {rule}, got {text!r}. Fix: write {option} {example:g}")
