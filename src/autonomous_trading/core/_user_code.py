"""Code that a person wrote, called with care: when it fails, one error says whose code, what, and where."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType

from autonomous_trading.core.errors import CodeFailed, TradingError

MISTAKES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    ImportError,
    LookupError,
    NameError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What code raises when it is wrong; an interrupt, a lack of memory or a warning is none of its mistakes."""

_OURS = __name__.partition(".")[0]


@contextmanager
def code_of(what: str) -> Iterator[None]:
    """Turns a mistake in a person's code into CodeFailed: `what` failed, how, and on which line of that code.

    Errors of this package pass as they are: they say all that already. The mistake stays chained to the new error.
    """
    try:
        yield
    except TradingError:
        raise
    except MISTAKES as error:
        raise CodeFailed(
            f"{what} failed: {type(error).__name__}: {error}{_place(error.__traceback__)}",
            fix="correct that code, then run it again",
        ) from error


def _place(trace: TracebackType | None) -> str:
    """File and line where the code we called went wrong, as words: the innermost line of the module it is in."""
    theirs = ""
    place = ""
    while trace is not None:
        module = _module(trace.tb_frame)
        if not theirs and module.partition(".")[0] not in (_OURS, "contextlib"):
            theirs = module
        if theirs and module == theirs:
            file = trace.tb_frame.f_code.co_filename.replace("\\", "/").rpartition("/")[2]
            place = f" ({file}, line {trace.tb_lineno})"
        trace = trace.tb_next
    return place


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "code"))
