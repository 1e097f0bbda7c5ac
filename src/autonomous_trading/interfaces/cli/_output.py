"""Stdout: one JSON document, or tables that fit a terminal."""

import json
import math
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["answers_apart", "console", "plain", "print_document"]


_ANSWERS: ContextVar[TextIO | None] = ContextVar("answers", default=None)


@contextmanager
def answers_apart() -> Iterator[None]:
    """Keeps stdout for our answers: what a person's strategy prints meanwhile goes to stderr."""
    token = _ANSWERS.set(answers())  # of a command that runs another: where the first one answers
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        _ANSWERS.reset(token)


def answers() -> TextIO:
    """The stream that answers go to."""
    return _ANSWERS.get() or sys.stdout


def print_document(document: Mapping[str, Any]) -> None:
    """The document as JSON on stdout: exactly one, with null where a number is not a finite one."""
    text = json.dumps(plain(document), indent=2, allow_nan=False)
    answers().write(text + "\n")


def plain(value: object) -> Any:
    """The value as JSON can say it: NaN and infinities are null, tuples are lists, numpy numbers are numbers."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, str | bool | int) or value is None:
        return value
    item = getattr(value, "item", None)
    number = item() if callable(item) else value
    if isinstance(number, float):
        return number if math.isfinite(number) else None
    return number if isinstance(number, bool | int) else str(number)


def console(*, stderr: bool = False) -> "Console":
    """A Rich console that prints text as it is; with NO_COLOR, or where nobody watches, without any codes."""
    from rich.console import Console

    stream = sys.stderr if stderr else answers()
    colors: Any = None if os.environ.get("NO_COLOR") else "auto"
    return Console(file=stream, color_system=colors, highlight=False, markup=False, emoji=False)
