"""What a person reads: the table, what it is worth in words, what to know about the data, and what to do next."""

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from autonomous_trading.interfaces.cli._tables import (
    Measured,
    metrics_table,
    number,
    parameters_text,
    plain_table,
)

if TYPE_CHECKING:
    from rich.console import Console

    from autonomous_trading.app import Explanation
    from autonomous_trading.interfaces.cli._setup import Setup
    from autonomous_trading.interfaces.python import Result, Study, WalkForwardResult
    from autonomous_trading.validation import Verdict

__all__ = [
    "next_command",
    "show_closing",
    "show_funnel",
    "show_heading",
    "show_result",
    "show_study",
    "show_verdict",
    "show_walk_forward",
]

_FRONT_ROWS = 8
_FOLD_ROWS = 5
_WIDEST_PARAMETERS = 60


def show_heading(console: "Console", setup: "Setup", task: str) -> None:
    """What is done, with what, on which bars, at which costs."""
    costs, execution = setup.costs, setup.execution
    console.print(f"{task} {setup.strategy.name}", style="bold", soft_wrap=True)
    console.print(setup.market.describe(), soft_wrap=True)
    prices = f"commission {100.0 * costs.commission:g} %, slippage {100.0 * costs.slippage:g} %"
    account = f"filled at {execution.fill.replace('_', ' ')}, cash {execution.initial_cash:,.0f}"
    console.print(f"{prices}, {account}", style="dim", soft_wrap=True)
    if setup.assigned.settings:
        console.print(f"with {parameters_text(setup.assigned.settings)}", style="dim", soft_wrap=True)
    console.print()


def show_result(console: "Console", result: "Result") -> None:
    """The table of a backtest, and how its trades came about."""
    columns = [Measured("strategy", result.metrics, strong=True), Measured("buy and hold", result.benchmark)]
    console.print(metrics_table(columns))
    console.print()
    if result.parameters:
        console.print(f"Parameters: {parameters_text(result.parameters)}", soft_wrap=True)
    if result.trade_count:
        console.print(f"Trades: {result.explain().message}")
    else:
        show_funnel(console, result.explain())


def show_funnel(console: "Console", explanation: "Explanation") -> None:
    """From bars to fills: the first stage where nothing is left stands out, with a way to change that."""
    console.print("No trades. From bars to fills:", style="bold")
    lost = False
    for stage, count in explanation.stages:
        first_empty = count == 0 and not lost
        lost = lost or first_empty
        mark = "  <- nothing left here" if first_empty else ""
        console.print(f"{count:>12,}  {stage}{mark}", style="yellow" if first_empty else "")
    console.print(f"Why: {explanation.message}", soft_wrap=True)
    if explanation.fix:
        console.print(f"Fix: {explanation.fix}", soft_wrap=True)


def show_study(console: "Console", study: "Study") -> None:
    """The best set in sample, out of sample and beside buy-and-hold, with the verdict and the front."""
    benchmark = study.benchmark
    columns = [
        Measured("in-sample", study.in_sample),
        Measured("out-of-sample", study.out_of_sample, strong=True),
        Measured("hold (in)", benchmark["in_sample"]),
        Measured("hold (out)", benchmark.get("out_of_sample")),
    ]
    console.print(metrics_table(columns))
    console.print()
    console.print(f"Best set: {parameters_text(study.best().parameters)}", soft_wrap=True)
    rate = study.n_trials / max(study.seconds, 1e-9)
    console.print(f"Evaluated: {study.n_trials:,} sets in {study.seconds:.1f} s ({rate:,.0f}/s), {study.method}")
    show_verdict(console, study.verdict)
    if len(study.objectives) > 1:
        _show_front(console, study)


def show_verdict(console: "Console", verdict: "Verdict") -> None:
    """The verdict in words: green only when luck is unlikely."""
    from autonomous_trading.validation import Evidence

    style = "green" if verdict.evidence is Evidence.BEYOND_LUCK else "yellow"
    console.print(f"Verdict: {verdict.words}", style=style, soft_wrap=True)


def _show_front(console: "Console", study: "Study") -> None:
    front = study.pareto_front
    table = plain_table()
    for name in study.objectives:
        table.add_column(name.replace("_", " "), justify="right", no_wrap=True)
    # A strategy with many parameters would make a paragraph of every row.
    with_parameters = len(parameters_text(study.best().parameters)) <= _WIDEST_PARAMETERS
    if with_parameters:
        table.add_column("parameters", overflow="fold")
    for point in front[:_FRONT_ROWS]:
        values = [number(name, point.objectives[name]) for name in study.objectives]
        table.add_row(*values, *([parameters_text(point.parameters)] if with_parameters else []))
    console.print()
    console.print(f"Pareto front: {len(front):,} sets that no other set beats in everything", style="bold")
    console.print(table)
    if len(front) > _FRONT_ROWS:
        console.print(f"... and {len(front) - _FRONT_ROWS:,} more", style="dim")
    if len(front) > _FRONT_ROWS or not with_parameters:
        console.print("--json lists all of them with their parameters", style="dim")


def show_walk_forward(console: "Console", result: "WalkForwardResult") -> None:
    """The stitched record beside what was promised in sample and buy-and-hold, and the last folds."""
    columns = [
        Measured("in-sample (mean)", result.in_sample),
        Measured("out-of-sample", result.out_of_sample, strong=True),
        Measured("buy and hold", result.benchmark),
    ]
    console.print(metrics_table(columns))
    console.print()
    if result.efficiency == result.efficiency:
        console.print(f"Efficiency: {result.efficiency:.0%} of the annualised in-sample return survived out of sample")
    else:
        console.print("Efficiency: none, because there was no in-sample return to keep")
    console.print(
        f"Evaluated: {result.n_trials:,} sets in {len(result.folds):,} folds, {result.seconds:.1f} s, {result.method}"
    )
    show_verdict(console, result.verdict)
    _show_folds(console, result)


def _show_folds(console: "Console", result: "WalkForwardResult") -> None:
    table = plain_table()
    table.add_column("tested", no_wrap=True)
    table.add_column("in-sample", justify="right", no_wrap=True)
    table.add_column("out-of-sample", justify="right", no_wrap=True)
    table.add_column("parameters chosen", overflow="fold")
    for fold in result.folds[-_FOLD_ROWS:]:
        table.add_row(
            f"{fold.test_start[:10]} to {fold.test_stop[:10]}",
            number(result.objective, fold.in_sample[result.objective]),
            number(result.objective, fold.out_of_sample[result.objective]),
            "none" if fold.parameters is None else parameters_text(fold.parameters),
        )
    console.print()
    shown = min(len(result.folds), _FOLD_ROWS)
    goal = result.objective.replace("_", " ")
    console.print(f"The last {shown} of {len(result.folds):,} folds by {goal}", style="bold")
    console.print(table)


def next_command(name: str, setup: "Setup") -> list[str]:
    """The arguments of a command that goes on from here, with the same bars and strategy."""
    dates = [("--start", setup.market.asked.start), ("--stop", setup.market.asked.stop)]
    cut = [text for option, when in dates if when for text in (option, f"{when:%Y-%m-%d}")]
    return [name, "--data", setup.market.asked.data, *cut, "--strategy", setup.strategy_text]


def show_closing(
    console: "Console", warnings: Iterable[str], written: Path | None, following: Sequence[Sequence[str]]
) -> None:
    """What to know about the data, where the report is, and the commands that come next."""
    known = list(dict.fromkeys(warnings))
    console.print()
    if known:
        console.print("To know about this run", style="bold")
        for warning in known:
            console.print(f"- {warning}", style="yellow")
        console.print()
    if written is not None:
        console.print(f"Report: {written}", style="bold", soft_wrap=True)
    for command in following:
        console.print(f"Next: autotrade {shlex.join(command)}", style="dim", soft_wrap=True)
