"""What a person reads: the table, what it is worth in words, what to know about the data, and what to do next."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from autonomous_trading.interfaces.cli._market import shown_moment
from autonomous_trading.interfaces.cli._records import typed
from autonomous_trading.interfaces.cli._tables import (
    Measured,
    number,
    parameters_text,
    plain_table,
    print_metrics,
    print_table,
)

if TYPE_CHECKING:
    from rich.console import Console

    from autonomous_trading.app import Explanation
    from autonomous_trading.interfaces.cli._setup import Setup
    from autonomous_trading.interfaces.python import Recording, Result, Study, WalkForwardResult
    from autonomous_trading.validation import Verdict

__all__ = [
    "next_command",
    "show_closing",
    "show_funnel",
    "show_result",
    "show_study",
    "show_verdict",
    "show_walk_forward",
]

_FRONT_ROWS = 8
_FOLD_ROWS = 5
_WIDEST_PARAMETERS = 60
_DAY_NS = 86_400_000_000_000


def show_result(console: "Console", result: "Result") -> None:
    """The table of a backtest, and how its trades came about."""
    columns = [Measured("strategy", result.metrics, strong=True), Measured("buy and hold", result.benchmark)]
    print_metrics(console, columns)
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


def show_study(console: "Console", study: "Study", speed: float) -> None:
    """The best set in sample, out of sample and beside buy-and-hold, with the verdict and the front.

    `speed`: sets evaluated a second; 0 when that is not known.
    """
    from autonomous_trading.core import split_score

    benchmark = study.benchmark
    columns = [
        Measured("in-sample", study.in_sample),
        Measured("out-of-sample", study.out_of_sample, strong=True),
        Measured("hold (in)", benchmark["in_sample"]),
        Measured("hold (out)", benchmark.get("out_of_sample")),
    ]
    print_metrics(console, columns)
    console.print()
    best = study.best()
    console.print(f"Best set: {parameters_text(best.parameters)}", soft_wrap=True)
    searched = [name for name in study.objectives if split_score(name)[0]]
    if searched:
        values = ", ".join(f"{name.replace('_', ' ')} {number(name, best.metrics[name])}" for name in searched)
        console.print(f"Searched for: {values}", soft_wrap=True)
    rate = f" ({speed:,.0f}/s)" if speed >= 1.0 else ""
    how = f"{study.method}{_seed_text(study.seed)}"
    console.print(f"Evaluated: {study.n_trials:,} sets in {study.seconds:.1f} s{rate}, {how}", soft_wrap=True)
    if study.n_pruned:
        console.print(f"Pruned: {study.n_pruned:,} of them, beaten on their first folds", soft_wrap=True)
    show_verdict(console, study.verdict)
    _show_recording(console, study.recording)
    if len(study.objectives) > 1:
        _show_front(console, study)


def _show_recording(console: "Console", found: "Recording | None") -> None:
    """Where the trials are, how many failed, and what counts for the verdict."""
    if found is None:
        return
    looks = f"{found.looks:,} look{'' if found.looks == 1 else 's'} at bars kept out of sight"
    console.print(
        f"Recorded: job {found.job} in {found.store}; project {found.project} tried {found.lifetime_trials:,} sets in"
        f" its life, {looks}",
        soft_wrap=True,
    )
    if found.failed:
        console.print(
            f"Failed: {found.failed:,} sets, the first with: {found.first_error}", style="yellow", soft_wrap=True
        )


def show_verdict(console: "Console", verdict: "Verdict") -> None:
    """The verdict in words: green only when luck is unlikely."""
    from autonomous_trading.validation import Evidence

    style = "green" if verdict.evidence is Evidence.BEYOND_LUCK else "yellow"
    console.print(f"Verdict: {verdict.words}", style=style, soft_wrap=True)


def _seed_text(seed: int) -> str:
    return f", seed {seed}" if seed else ""


def _show_front(console: "Console", study: "Study") -> None:
    front, shown = study.pareto_front, _points(study)
    table = plain_table()
    for name in study.objectives:
        table.add_column(name.replace("_", " "), justify="right", no_wrap=True)
    several = len(front) > len(shown)
    if several:
        table.add_column("sets", justify="right", no_wrap=True)
    # A strategy with many parameters would make a paragraph of every row.
    with_parameters = len(parameters_text(study.best().parameters)) <= _WIDEST_PARAMETERS
    if with_parameters:
        table.add_column("parameters of the first" if several else "parameters", overflow="fold")
    for values, sets in list(shown.items())[:_FRONT_ROWS]:
        count = [f"{len(sets):,}"] if several else []
        table.add_row(*values, *count, *([parameters_text(sets[0])] if with_parameters else []))
    console.print()
    points = f"{len(shown):,} {'point' if len(shown) == 1 else 'points'}, " if several else ""
    size = f"{points}{len(front):,} {'set' if len(front) == 1 else 'sets'}"
    console.print(f"Pareto front: {size} that no other set beats in everything", style="bold")
    print_table(console, table)
    if len(shown) > _FRONT_ROWS:
        console.print(f"... and {len(shown) - _FRONT_ROWS:,} more", style="dim")
    if several or len(shown) > _FRONT_ROWS or not with_parameters:
        console.print("--json lists all of them with their parameters", style="dim")


def _points(study: "Study") -> "dict[tuple[str, ...], list[Mapping[str, object]]]":
    """The sets of the front by what a person sees of them: sets that do the same thing are one point."""
    found: dict[tuple[str, ...], list[Mapping[str, object]]] = {}
    for point in study.pareto_front:
        seen = tuple(number(name, point.objectives[name]) for name in study.objectives)
        found.setdefault(seen, []).append(point.parameters)
    return found


def show_walk_forward(console: "Console", result: "WalkForwardResult") -> None:
    """The stitched record beside what was promised in sample and buy-and-hold, and the last folds."""
    columns = [
        Measured("in-sample (mean)", result.in_sample),
        Measured("out-of-sample", result.out_of_sample, strong=True),
        Measured("buy and hold", result.benchmark),
    ]
    print_metrics(console, columns)
    console.print()
    console.print(f"Efficiency: {_survived(result.efficiency)}", soft_wrap=True)
    how = f"{result.method}{_seed_text(result.seed)}"
    console.print(
        f"Evaluated: {result.n_trials:,} sets in {len(result.folds):,} folds, {result.seconds:.1f} s, {how}",
        soft_wrap=True,
    )
    show_verdict(console, result.verdict)
    _show_recording(console, result.recording)
    _show_folds(console, result)


def _survived(efficiency: float) -> str:
    if efficiency != efficiency:
        return "none, because there was no in-sample return to keep"
    if efficiency < 0.0:
        return "nothing of the in-sample return survived: out of sample the strategy lost money"
    return f"{efficiency:.0%} of the annualised in-sample return survived out of sample"


def _show_folds(console: "Console", result: "WalkForwardResult") -> None:
    table = plain_table()
    table.add_column("tested", no_wrap=True)
    table.add_column("in-sample", justify="right", no_wrap=True)
    table.add_column("out-of-sample", justify="right", no_wrap=True)
    table.add_column("parameters chosen", overflow="fold")
    intraday = _is_intraday(result)
    for fold in result.folds[-_FOLD_ROWS:]:
        table.add_row(
            _span(fold.test_start, fold.test_stop, to_the_minute=intraday),
            number(result.objective, fold.in_sample[result.objective]),
            number(result.objective, fold.out_of_sample[result.objective]),
            "none" if fold.parameters is None else parameters_text(fold.parameters),
        )
    console.print()
    shown = min(len(result.folds), _FOLD_ROWS)
    goal = result.objective.replace("_", " ")
    console.print(f"The last {shown} of {len(result.folds):,} folds by {goal}", style="bold")
    print_table(console, table)


def _is_intraday(result: "WalkForwardResult") -> bool:
    import numpy as np

    return bool(np.median(np.diff(result.evaluator.market.bars.time)) < _DAY_NS)


def _span(start: str, stop: str, *, to_the_minute: bool) -> str:
    """From when to when: dates, and for bars shorter than a day the times too."""
    if not to_the_minute:
        return f"{start[:10]} to {stop[:10]}"
    first, last = (f"{when[:10]} {when[11:] or '00:00:00'}" for when in (start, stop))
    if first.endswith(":00") and last.endswith(":00"):
        first, last = first[:-3], last[:-3]
    same = 11 if last[:10] == first[:10] else 5 if last[:4] == first[:4] else 0  # the day, the year, or nothing
    return f"{first} to {last[same:]}"


def next_command(name: str, setup: "Setup", *records: object) -> list[str]:
    """The arguments of a command that goes on from here: the same bars and strategy, and what these records hold."""
    dates = [("--start", setup.market.asked.start), ("--stop", setup.market.asked.stop)]
    cut = [text for option, when in dates if when for text in (option, shown_moment(when))]
    if setup.market.asked.adjust != "none":
        cut += ["--adjust", setup.market.asked.adjust]
    if setup.market.asked.known_at is not None:
        cut += ["--known-at", setup.market.asked.known_at]
    return [name, "--data", setup.market.asked.data, *cut, "--strategy", setup.strategy_text, *typed(*records)]


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
