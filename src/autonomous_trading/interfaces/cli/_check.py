"""`autotrade check`: whether a strategy, a column, or everything that comes with the package looks ahead."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from autonomous_trading.interfaces.cli._failures import REFUSED
from autonomous_trading.interfaces.cli._market import MarketData, read_market
from autonomous_trading.interfaces.cli._options import CheckOptions, MarketOptions, OutputOptions
from autonomous_trading.interfaces.cli._output import console, print_document
from autonomous_trading.interfaces.cli._setup import Defaults

if TYPE_CHECKING:
    from rich.console import Console

    from autonomous_trading.app.evidence import CausalityReport

__all__ = ["check"]


def check(asked: CheckOptions, market: MarketOptions, output: OutputOptions) -> int:
    """Whether a strategy or a column looks ahead: bars are taken away and replaced, and nothing before may change.

    Exit code 4 when a leak is found, 0 when none is.
    """
    _refuse_unclear(asked)
    bars = read_market(market, Defaults.read().data.get("catalogue"))
    reports = list(_library(asked, bars) if asked.library else _single(asked, bars))
    clean = all(report.clean for report in reports)
    if output.json:
        document = {
            "command": "check",
            "data": bars.to_dict(),
            "clean": clean,
            "checks": [report.to_dict() for report in reports],
            "notes": list(bars.notes),
        }
        print_document(document)
    else:
        screen = console()
        screen.print(bars.describe(), style="dim", soft_wrap=True)
        _show(screen, reports, alarms_only=asked.library)
    return 0 if clean else REFUSED


def _refuse_unclear(asked: CheckOptions) -> None:
    """InvalidInput unless there is exactly one thing to check."""
    from autonomous_trading.core import InvalidInput

    if (asked.strategy is not None) + (asked.column is not None) + asked.library != 1:
        raise InvalidInput(
            "check takes one of a strategy, --column and --library",
            fix="write autotrade check ma_cross, autotrade check --column rsi, or autotrade check --library",
        )
    if asked.assignments and asked.strategy is None:
        raise InvalidInput("--set gives values to a strategy, and none is checked", fix="leave --set out")


def _single(asked: CheckOptions, market: MarketData) -> "Iterable[CausalityReport]":
    from autonomous_trading.interfaces.python import check as run

    if asked.strategy is None:
        return (run(asked.column, market.bars, seed=asked.seed),)
    from autonomous_trading.adapters import strategy_named
    from autonomous_trading.core import InvalidInput
    from autonomous_trading.interfaces.cli._assignments import assigned

    strategy = strategy_named(asked.strategy)
    values = assigned(strategy, asked.assignments)
    if values.settings:
        names = ", ".join(values.settings)
        raise InvalidInput(f"{names} is no parameter of {strategy.name}: it cannot look ahead", fix="leave it out")
    return (run(strategy, market.bars, parameters=values.parameters, seed=asked.seed),)


def _library(asked: CheckOptions, market: MarketData) -> "Iterable[CausalityReport]":
    from autonomous_trading.interfaces.python import check_library

    return check_library(market.bars, seed=asked.seed)


def _show(screen: "Console", reports: "list[CausalityReport]", *, alarms_only: bool) -> None:
    """One line for the answer and one for every finding; of a library only what looks ahead."""
    for report in reports:
        if alarms_only and report.clean:
            continue
        for line in report.lines():
            screen.print(line, style="red" if line.startswith("  leak") else "", soft_wrap=True)
    if alarms_only:
        leaking = sum(not report.clean for report in reports)
        columns = sum(len(report.columns) for report in reports if report.kind == "column")
        strategies = sum(report.kind == "strategy" for report in reports)
        screen.print(f"{strategies} strategies and {columns} columns of the catalogue: {leaking} look ahead")
