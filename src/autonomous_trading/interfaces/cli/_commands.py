"""The commands by name, and the one function that runs them."""

import os
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Annotated, Final, NamedTuple

import typer

from autonomous_trading.interfaces.cli._asked import asked_with
from autonomous_trading.interfaces.cli._records import flattened

__all__ = ["run"]

_HELP = "Backtest, optimise and walk forward trading strategies, with an honest out-of-sample answer beside them."
_EPILOG = (
    "Exit codes: 0 ok, 1 failed, 2 usage or bad input, 3 nothing to report (no trades), 4 refused by a guard,"
    " 130 interrupted, 141 the reader of stdout left. Defaults come from autotrade.toml and AUTOTRADE__SECTION__KEY."
    " --install-completion teaches your shell the names."
)


class _Group(NamedTuple):
    """Commands under one word: what they are about, and where each is."""

    words: str
    commands: Mapping[str, str]


_COMMANDS: Final[Mapping[str, str]] = {
    "demo": "_demo.demo",
    "backtest": "_backtest.backtest",
    "optimize": "_optimize.optimize",
    "walk-forward": "_walk_forward.walk_forward",
    "validate": "_validate.validate",
    "check": "_check.check",
    "report": "_backtest.report",
    "doctor": "_doctor.doctor",
}
"""Each as module.function of this room: a module is imported when its command is asked for, or listed in a help."""
_GROUPS: Final[Mapping[str, _Group]] = {
    "data": _Group(
        "Market data: fetch, watch, list, show, query, check, join, rank.",
        {
            "fetch": "_data_fetch.fetch_data",
            "watch": "_data_watch.watch_data",
            "list": "_data_list.list_data",
            "show": "_data_show.show_data",
            "query": "_data_query.query_data",
            "check": "_data_check.check_market_data",
            "join": "_data_join.join_data",
            "rank": "_data_rank.rank_data",
        },
    ),
    "features": _Group(
        "What can be seen of bars: list, explain, compute, rank, plot.",
        {
            "list": "_features.list_features",
            "explain": "_features.explain_feature",
            "compute": "_features_compute.compute_features_of",
            "rank": "_features_rank.rank_features",
            "plot": "_features_compute.plot_features",
        },
    ),
    "strategies": _Group(
        "List the strategies of the library, or show one.",
        {"list": "_strategies.list_strategies", "show": "_strategies.show_strategy"},
    ),
    "runs": _Group(
        "The searches a ledger holds: list, show, replay, resume, cancel, export.",
        {
            "list": "_runs.list_runs",
            "show": "_runs.show_run",
            "replay": "_runs.replay_run",
            "resume": "_runs.resume_run",
            "cancel": "_runs.cancel_run",
            "export": "_export.export_run",
        },
    ),
    "store": _Group(
        "Keep a ledger: check, backup, restore, upgrade.",
        {
            "check": "_store.check_store",
            "backup": "_store.backup_store",
            "restore": "_store.restore_store",
            "upgrade": "_store.upgrade_store",
        },
    ),
}
_COMPLETION: Final = ("--install-completion", "--show-completion")


def run(arguments: list[str]) -> int:
    """Run the command that the arguments name and return its exit code; errors are raised as they are."""
    with asked_with(arguments, run):
        try:
            return _answered(_application(arguments), arguments)
        except typer.TyperException as error:
            if getattr(error, "option_name", None) is None:
                raise
            # An option that this command does not have: whose it is can be said beside all the others alone.
            return _answered(_application(arguments, whole=True), arguments)


def _answered(application: typer.Typer, arguments: list[str]) -> int:
    code = typer.main.get_command(application).main(arguments, prog_name="autotrade", standalone_mode=False)
    return code if isinstance(code, int) else 0


def _application(arguments: Sequence[str], *, whole: bool = False) -> typer.Typer:
    """The commands that these arguments may mean: one where it is named, all whose names are to be shown or guessed.

    Typer builds every option of every command it is given, and reads options that were not given (a `--help` too) with
    a large library: together more than half of what a `--help` takes. `whole`: all commands, whatever is named.
    """
    completing = "_AUTOTRADE_COMPLETE" in os.environ
    words = ["", ""] if completing or whole else [*arguments[:2], "", ""]
    named = words[0] in (*_COMMANDS, *_GROUPS)
    application = typer.Typer(
        help=_HELP,
        epilog=_EPILOG,
        pretty_exceptions_enable=False,
        invoke_without_command=True,
        add_completion=completing or words[0].startswith(_COMPLETION),
    )
    application.callback(add_help_option=not named)(_root)
    for name, place in _COMMANDS.items():
        if words[0] == name or not named:
            application.command(name)(flattened(_found(place)))
    for name, each in _GROUPS.items():
        if words[0] == name or not named:
            application.add_typer(_built(each, words[1], whole=completing or whole or named), name=name)
    return application


def _built(group: _Group, word: str, *, whole: bool) -> typer.Typer:
    """The group with the command of that word, with all of them where it is none; empty where it is only listed."""
    made = typer.Typer(help=group.words, invoke_without_command=True)
    named = whole and word in group.commands
    made.callback(add_help_option=not named)(_group)
    for name, place in group.commands.items():
        if whole and (word == name or not named):
            made.command(name)(flattened(_found(place)))
    return made


def _found(place: str) -> Callable[..., int]:
    module, _, name = place.partition(".")
    command: Callable[..., int] = getattr(import_module(f"autonomous_trading.interfaces.cli.{module}"), name)
    return command


def _root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", metavar="", help="Show the version and exit.", is_eager=True)
    ] = False,
) -> None:
    if version:
        print(f"autotrade {_installed_version()}")
        raise typer.Exit
    _group(context)


def _group(context: typer.Context) -> None:
    """Without a command there is one useful answer: which commands there are."""
    if context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit


def _installed_version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("autonomous-trading")
    except PackageNotFoundError:  # run from its sources
        return "(not installed)"
