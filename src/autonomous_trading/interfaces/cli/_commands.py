"""The commands by name, and the one function that runs them."""

from collections.abc import Callable
from typing import Annotated

import typer

from autonomous_trading.interfaces.cli._backtest import backtest, report
from autonomous_trading.interfaces.cli._demo import demo
from autonomous_trading.interfaces.cli._doctor import doctor
from autonomous_trading.interfaces.cli._optimize import optimize
from autonomous_trading.interfaces.cli._records import flattened
from autonomous_trading.interfaces.cli._strategies import list_strategies, show_strategy
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
    ("report", report),
    ("doctor", doctor),
)
_STRATEGY_COMMANDS: tuple[tuple[str, Callable[..., int]], ...] = (
    ("list", list_strategies),
    ("show", show_strategy),
)


def run(arguments: list[str]) -> int:
    """Run the command that the arguments name and return its exit code; errors are raised as they are."""
    command = typer.main.get_command(_application())
    code = command.main(arguments, prog_name="autotrade", standalone_mode=False)
    return code if isinstance(code, int) else 0


def _application() -> typer.Typer:
    application = typer.Typer(help=_HELP, epilog=_EPILOG, pretty_exceptions_enable=False, invoke_without_command=True)
    application.callback()(_root)
    strategies = typer.Typer(help="List the strategies of the library, or show one.", invoke_without_command=True)
    strategies.callback()(_group)
    for name, command in _COMMANDS:
        application.command(name)(flattened(command))
    for name, command in _STRATEGY_COMMANDS:
        strategies.command(name)(flattened(command))
    application.add_typer(strategies, name="strategies")
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
