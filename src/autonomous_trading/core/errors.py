"""Every failure this package raises on purpose, in one tree.

TradingError                      exit code 1: it failed
├── InvalidInput (ValueError)     exit code 2: a bad argument, file or option
│   ├── InvalidBars                   market data that breaks a rule at the door
│   ├── InvalidParameter              a parameter declared or set outside its rules
│   ├── InvalidExpression             an expression that cannot mean what it says
│   ├── CodeFailed                    a person's code raised: which, how, and on which of its lines
│   ├── UnknownName                   no such strategy, metric, column, parameter, ...
│   ├── DataNotFound                  the file, folder or sample is not there
│   └── SourceDenied                  a source of market data wants other keys, or another subscription
├── NothingToReport               exit code 3: it ran, and there is nothing to show (no trades)
├── Refused                       exit code 4: a guard said no
├── SourceUnavailable             a source of market data cannot be reached, or asks for patience longer than we have
├── SourceCorrupt                 a source answered, and not with what it promises: nothing of it is kept
├── StoreUnavailable              the store cannot be used now: in use, full, read-only, out of reach
├── StoreDamaged                  the store does not hold what was written to it
└── Untraceable                   a strategy needs plain numbers: it is evaluated one set at a time instead

The text of every error says what happened, why, and how to fix it, on one line.
"""

import difflib
from collections.abc import Iterable
from typing import ClassVar, final

__all__ = [
    "CodeFailed",
    "DataNotFound",
    "InvalidBars",
    "InvalidExpression",
    "InvalidInput",
    "InvalidParameter",
    "NothingToReport",
    "Refused",
    "SourceCorrupt",
    "SourceDenied",
    "SourceUnavailable",
    "StoreDamaged",
    "StoreUnavailable",
    "TradingError",
    "UnknownName",
    "Untraceable",
    "unknown_name",
]

_NAMES_SHOWN = 12


class TradingError(Exception):
    """A failure with its reason and its remedy: `what` happened and why, `fix` says what to do about it."""

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, fix: str = "") -> None:
        self.what = what
        self.fix = fix
        super().__init__(what)

    def __str__(self) -> str:
        what = " ".join(self.what.split())
        if not self.fix:
            return what
        return f"{what.rstrip('.')}. Fix: {' '.join(self.fix.split())}"


class InvalidInput(TradingError, ValueError):
    """A bad argument, file or option."""

    exit_code: ClassVar[int] = 2


@final
class InvalidBars(InvalidInput):
    """Market data that breaks a rule: refused at the door, because corrupt data is worse than no data."""


@final
class InvalidParameter(InvalidInput):
    """A parameter declared or set outside its rules."""


@final
class InvalidExpression(InvalidInput):
    """An expression that cannot mean what it says."""


@final
class CodeFailed(InvalidInput):
    """A person's code that raised: whose, how, and on which of its lines."""


@final
class UnknownName(InvalidInput):
    """A name that nothing here answers to."""


@final
class DataNotFound(InvalidInput):
    """The file, folder or sample is not there."""


@final
class SourceDenied(InvalidInput):
    """A source of market data wants other keys, or a subscription that includes what was asked for."""


@final
class NothingToReport(TradingError):
    """It ran, and there is nothing to show."""

    exit_code: ClassVar[int] = 3


@final
class Refused(TradingError):
    """A guard said no."""

    exit_code: ClassVar[int] = 4


@final
class SourceUnavailable(TradingError):
    """A source of market data cannot be reached, or asks for more patience than was allowed."""


@final
class SourceCorrupt(TradingError):
    """A source answered, and not with what it promises (a page cut off, an error under status 200): nothing is kept."""


@final
class StoreUnavailable(TradingError):
    """The store cannot be used now: somebody else uses it, it is full or read-only, or the server is out of reach."""


@final
class StoreDamaged(TradingError):
    """The store does not hold what was written to it. Nothing repairs it: a backup does."""


@final
class Untraceable(TradingError):
    """A strategy that needs plain numbers: it is evaluated one parameter set at a time instead."""


def unknown_name(kind: str, name: object, known: Iterable[str]) -> UnknownName:
    """The error for a name that does not exist, with the nearest known names as the fix.

    `kind` is the noun a reader knows the family by: "metric", "strategy", "parameter".
    """
    names = sorted(known)
    lowered = {candidate.lower(): candidate for candidate in names}
    close = difflib.get_close_matches(str(name).lower(), lowered, n=3, cutoff=0.6)
    if close:
        fix = f"did you mean {' or '.join(repr(lowered[match]) for match in close)}?"
    elif names:
        shown = ", ".join(names[:_NAMES_SHOWN])
        more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
        fix = f"use one of {shown}{more}"
    else:
        fix = f"there is no {kind} to choose from here"
    return UnknownName(f"unknown {kind} {name!r}", fix=fix)
