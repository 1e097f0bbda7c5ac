"""The entry point: it runs one command, and whatever happens ends in one line and an exit code."""

import os
import signal
import sys
import traceback
import warnings
from collections.abc import Sequence
from contextlib import suppress

__all__ = ["main"]

_INTERRUPTED = 130
_READER_GONE = 128 + 13  # as a shell reports a program that SIGPIPE ended


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `autotrade` with these arguments (default: those of the process) and return its exit code.

    0 ok, 1 failed, 2 usage or bad input, 3 nothing to report (no trades), 4 refused by a guard, 130 interrupted,
    141 nobody reads stdout any more.
    Data goes to stdout; progress and the one line of an error go to stderr. AUTOTRADE_DEBUG=1 adds tracebacks.
    """
    argv = list(sys.argv[1:] if arguments is None else arguments)
    with warnings.catch_warnings():
        if not sys.warnoptions and not _debugging():
            # What a trader has to know is in the answer; a library's advice to programmers is not for him.
            warnings.simplefilter("ignore")
        try:
            code = _answer(argv)
            return _interrupted(ends_process=arguments is None) if code == _INTERRUPTED else code
        except KeyboardInterrupt:
            return _interrupted(ends_process=arguments is None)
        except BrokenPipeError:
            return _reader_gone()
        except SystemExit as end:
            if isinstance(end.__context__, BrokenPipeError):  # what Rich makes of it
                return _reader_gone()
            raise
        except Exception as error:  # noqa: BLE001 - the one place that owes an answer whatever happens
            return _failed(error)


def _answer(argv: list[str]) -> int:
    from autonomous_trading.interfaces.cli._commands import run

    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal cannot show is shown escaped instead of ending the run.
        if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
            reconfigure(errors="backslashreplace")
    code = run(argv)
    sys.stdout.flush()
    return code


def _failed(error: Exception) -> int:
    from autonomous_trading.interfaces.cli._failures import failure_of

    if _debugging():
        traceback.print_exception(error)
    failure = failure_of(error)
    print(failure.line, file=sys.stderr)
    return failure.exit_code


def _interrupted(*, ends_process: bool) -> int:
    """Say so and stop: at once where the process is ours, without waiting for threads that are still computing."""
    if ends_process:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C has nothing to add
    print("interrupted: nothing was left half-written", file=sys.stderr, flush=True)
    if ends_process:
        with suppress(OSError):
            sys.stdout.flush()
        os._exit(_INTERRUPTED)
    return _INTERRUPTED


def _reader_gone() -> int:
    """Whoever read stdout stopped (`| head`): there is nobody to tell, and nothing more to say at exit."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return _READER_GONE


def _debugging() -> bool:
    return os.environ.get("AUTOTRADE_DEBUG", "") not in ("", "0")
