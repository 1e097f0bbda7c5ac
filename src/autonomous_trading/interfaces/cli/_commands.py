"""The commands by name, and the one function that runs them."""

from collections.abc import Callable
from typing import Annotated

import typer

from autonomous_trading.interfaces.cli._asked import asked_with
from autonomous_trading.interfaces.cli._backtest import backtest, report
from autonomous_trading.interfaces.cli._check import check
from autonomous_trading.interfaces.cli._data_check import check_market_data
from autonomous_trading.interfaces.cli._data_fetch import fetch_data
from autonomous_trading.interfaces.cli._data_join import join_data
from autonomous_trading.interfaces.cli._data_list import list_data, query_data, show_data
from autonomous_trading.interfaces.cli._data_rank import rank_data
from autonomous_trading.interfaces.cli._data_watch import watch_data
from autonomous_trading.interfaces.cli._demo import demo
from autonomous_trading.interfaces.cli._doctor import doctor
from autonomous_trading.interfaces.cli._export import export_run
from autonomous_trading.interfaces.cli._optimize import optimize
from autonomous_trading.interfaces.cli._records import flattened
from autonomous_trading.interfaces.cli._runs import cancel_run, list_runs, replay_run, resume_run, show_run
from autonomous_trading.interfaces.cli._store import backup_store, check_store, restore_store, upgrade_store
from autonomous_trading.interfaces.cli._strategies import list_strategies, show_strategy
from autonomous_trading.interfaces.cli._validate import validate
from autonomous_trading.interfaces.cli._walk_forward import walk_forward

__all__ = ["run"]

_HELP = "Backtest, optimise and walk forward trading strategies, with an honest out-of-sample answer beside them."
_EPILOG = (
    "Exit codes: 0 ok, 1 failed, 2 usage or bad input, 3 nothing to report (no trades), 4 refused by a guard,"
    " 130 interrupted, 141 the reader of stdout left. Defaults come from autotrade.toml and AUTOTRADE__SECTION__KEY."
)
_COMMANDS: tuple[tuple[str, Callable[..., int]], ...] = (
    ("demo", demo),
    ("backtest", backtest),
    ("optimize", optimize),
    ("walk-forward", walk_forward),
    ("validate", validate),
    ("check", check),
    ("report", report),
    ("doctor", doctor),
)
_GROUPS: tuple[tuple[str, str, tuple[tuple[str, Callable[..., int]], ...]], ...] = (
    (
        "data",
        "Market data: fetch, watch, list, show, query, check, join, rank.",
        (
            ("fetch", fetch_data),
            ("watch", watch_data),
            ("list", list_data),
            ("show", show_data),
            ("query", query_data),
            ("check", check_market_data),
            ("join", join_data),
            ("rank", rank_data),
        ),
    ),
    (
        "strategies",
        "List the strategies of the library, or show one.",
        (("list", list_strategies), ("show", show_strategy)),
    ),
    (
        "runs",
        "The searches a ledger holds: list, show, replay, resume, cancel, export.",
        (
            ("list", list_runs),
            ("show", show_run),
            ("replay", replay_run),
            ("resume", resume_run),
            ("cancel", cancel_run),
            ("export", export_run),
        ),
    ),
    (
        "store",
        "Keep a ledger: check, backup, restore, upgrade.",
        (("check", check_store), ("backup", backup_store), ("restore", restore_store), ("upgrade", upgrade_store)),
    ),
)


def run(arguments: list[str]) -> int:
    """Run the command that the arguments name and return its exit code; errors are raised as they are."""
    command = typer.main.get_command(_application())
    with asked_with(arguments, run):
        code = command.main(arguments, prog_name="autotrade", standalone_mode=False)
    return code if isinstance(code, int) else 0


def _application() -> typer.Typer:
    application = typer.Typer(help=_HELP, epilog=_EPILOG, pretty_exceptions_enable=False, invoke_without_command=True)
    application.callback()(_root)
    for name, command in _COMMANDS:
        application.command(name)(flattened(command))
    for name, words, commands in _GROUPS:
        group = typer.Typer(help=words, invoke_without_command=True)
        group.callback()(_group)
        for part, command in commands:
            group.command(part)(flattened(command))
        application.add_typer(group, name=name)
    return application


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
