"""Stdout: one JSON document, or tables that fit a terminal."""

import json
import math
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["console", "plain", "print_document"]


def print_document(document: Mapping[str, Any]) -> None:
    """The document as JSON on stdout: exactly one, with null where a number is not a finite one."""
    text = json.dumps(plain(document), indent=2, allow_nan=False)
    sys.stdout.write(text + "\n")


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

    stream = sys.stderr if stderr else sys.stdout
    colors: Any = None if os.environ.get("NO_COLOR") else "auto"
    return Console(file=stream, color_system=colors, highlight=False, markup=False, emoji=False)
