"""Code that a person wrote, called with care: when it fails, one error says whose code, what, and where."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from autonomous_trading.core import InvalidInput, TradingError

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


@contextmanager
def code_of(what: str, module: str) -> Iterator[None]:
    """Turns a mistake in a person's code into InvalidInput: `what` failed, how, and on which line of `module`.

    Errors of this package pass as they are: they say all that already. The mistake stays chained to the new error.
    """
    try:
        yield
    except TradingError:
        raise
    except MISTAKES as error:
        place = _line_in(module, error.__traceback__)
        raise InvalidInput(
            f"{what} failed: {type(error).__name__}: {error}{place}", fix="correct that code, then run it again"
        ) from error


def _line_in(module: str, trace: TracebackType | None) -> str:
    """The innermost line of that module in a traceback, as words; nothing where it has none."""
    place = ""
    while trace is not None:
        frame = trace.tb_frame
        if frame.f_globals.get("__name__") == module:
            name = frame.f_code.co_filename.replace("\\", "/").rpartition("/")[2]
            place = f" ({name}, line {trace.tb_lineno})"
        trace = trace.tb_next
    return place
