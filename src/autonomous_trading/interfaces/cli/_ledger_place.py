"""Where the ledger is, how a search is recorded in it, and one of its trials evaluated once more."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from autonomous_trading.interfaces.cli._asked import asked
from autonomous_trading.interfaces.cli._failures import REFUSED
from autonomous_trading.interfaces.cli._ledger_options import LedgerOptions
from autonomous_trading.interfaces.cli._output import console, print_document
from autonomous_trading.interfaces.cli._setup import Defaults, given
from autonomous_trading.interfaces.cli._tables import parameters_text

if TYPE_CHECKING:
    from autonomous_trading.interfaces.cli._setup import Setup
    from autonomous_trading.interfaces.python import Replay

__all__ = ["LEDGER", "again", "ledger_place", "naming_the_job", "recorded", "show_replay", "without"]

LEDGER = ("--ledger",)


def ledger_place(named: str | None) -> str:
    """The file or URL of the ledger. InvalidInput where neither the command line nor the settings name one."""
    from autonomous_trading.core import InvalidInput

    place = named or Defaults.read().ledger.get("store")
    if place is None:
        raise InvalidInput(
            "no ledger is named", fix="add --ledger trials.db, or write [ledger] and store in autotrade.toml"
        )
    return str(place)


def without(arguments: Sequence[str], named: Sequence[str], flags: Sequence[str]) -> list[str]:
    """The arguments without some options: those with a value, and flags."""
    kept: list[str] = []
    skip = False
    for argument in arguments:
        if skip or argument in flags:
            skip = False
        elif argument in named:
            skip = True
        elif not argument.startswith(tuple(f"{name}=" for name in named)):
            kept.append(argument)
    return kept


def recorded(setup: "Setup", options: LedgerOptions) -> dict[str, Any]:
    """How a search is recorded, as the Python face takes it; empty where it is not."""
    found = given(
        ledger=options.ledger or setup.ledger.get("store"),
        project=options.project,
        executor=options.executor,
        workers=options.workers,
        resume=options.resume,
    )
    if "ledger" not in found:
        return found  # the Python face says what is missing
    project = found.get("project", setup.ledger.get("project"))
    return {
        **found,
        **given(project=project),
        "request": {"arguments": without(asked(), LEDGER, ())},
    }  # it may hold a password


def again(options: LedgerOptions) -> LedgerOptions:
    """How another search is recorded in the same place; a password is not shown."""
    from autonomous_trading.adapters.store import shown_name

    place = None if options.ledger is None else shown_name(options.ledger)
    return replace(options, ledger=place, resume=None, replay=None)


@contextmanager
def naming_the_job() -> Iterator[None]:
    """Whoever interrupts a search that is recorded reads which job it was, and how it goes on."""
    try:
        yield
    except KeyboardInterrupt as stop:
        for note in getattr(stop, "__notes__", ()):
            print(note, file=sys.stderr, flush=True)
        raise


def show_replay(
    replay: Callable[..., "Replay"], setup: "Setup", arguments: dict[str, Any], trial: int, *, as_json: bool
) -> int:
    """One trial of a recorded search evaluated once more by `replay`; exit code 4 where a bit differs."""
    from autonomous_trading.core import InvalidInput

    job = arguments.pop("resume", None)
    if job is None or "ledger" not in arguments:
        raise InvalidInput("a replay needs its job", fix="use autotrade runs replay JOB --ledger trials.db")
    found = replay(job, setup.strategy, setup.market.bars, trial=None if trial < 0 else trial, **arguments)
    if as_json:
        document = {
            "job": found.job,
            "trial": found.trial,
            "parameters": dict(found.parameters),
            "same": found.same,
            "recorded": dict(found.recorded),
            "again": dict(found.again),
        }
        print_document({"command": "runs replay", **document})
        return 0 if found.same else REFUSED
    screen = console()
    screen.print(f"Trial {found.trial} of {found.job}: {parameters_text(found.parameters)}", soft_wrap=True)
    if found.same:
        screen.print(f"The same bits again in all {len(found.recorded)} metrics.")
        return 0
    for name, old in found.recorded.items():
        if repr(old) != repr(found.again[name]):
            screen.print(f"  {name}: recorded {old!r}, now {found.again[name]!r}", soft_wrap=True)
    screen.print("It does not reproduce: it may not be called best.")
    return REFUSED
