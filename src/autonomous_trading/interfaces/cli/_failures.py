"""What went wrong, as one line and an exit code."""

import errno
from typing import NamedTuple

import typer

from autonomous_trading.interfaces.cli._usage import usage_line

__all__ = ["FAILED", "NOTHING_TO_REPORT", "REFUSED", "USAGE", "Failure", "failure_of", "one_line"]

FAILED = 1
USAGE = 2
NOTHING_TO_REPORT = 3
REFUSED = 4


class Failure(NamedTuple):
    """What a person is told, and what a script is told."""

    line: str
    exit_code: int


def failure_of(error: Exception) -> Failure:
    """The failure that an error stands for: expected ones say it themselves, others name their place."""
    from autonomous_trading.adapters import own_place
    from autonomous_trading.core import TradingError

    if isinstance(error, typer.TyperException):
        return Failure(one_line(f"error: {usage_line(error)}"), USAGE)
    if isinstance(error, TradingError):
        return Failure(one_line(f"error: {error}"), error.exit_code)
    if isinstance(error, MemoryError):
        return Failure("error: out of memory. Fix: evaluate fewer sets or fewer bars at once", FAILED)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return Failure("error: no space left to write to. Fix: make room, or write somewhere else", FAILED)
    kind = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    place = own_place(error, below=True)
    if place:
        return Failure(one_line(f"error: {place} failed with {kind}. Fix: correct it there"), FAILED)
    fix = "run it again with AUTOTRADE_DEBUG=1 and report the traceback"
    return Failure(one_line(f"error: this should not happen: {kind}. Fix: {fix}"), FAILED)


def one_line(text: str) -> str:
    """The text on one line, with control characters (they could rewrite a terminal) made visible."""
    flat = " ".join(text.split())
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in flat)
