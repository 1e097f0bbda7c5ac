"""`autotrade validate`: is the best set of a search real, and if nobody can say, how much more data would tell?"""

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from autonomous_trading.interfaces.cli._cost_options import CostOptions
from autonomous_trading.interfaces.cli._engine_parameters import searchable
from autonomous_trading.interfaces.cli._failures import NOTHING_TO_REPORT
from autonomous_trading.interfaces.cli._heading import show_heading
from autonomous_trading.interfaces.cli._ledger_options import LedgerOptions
from autonomous_trading.interfaces.cli._ledger_place import again, naming_the_job, recorded
from autonomous_trading.interfaces.cli._optimize import search_arguments
from autonomous_trading.interfaces.cli._options import AnswerOptions, MarketOptions, StrategyOptions, fixed
from autonomous_trading.interfaces.cli._output import console, print_document
from autonomous_trading.interfaces.cli._progress import announce_first_run, progress
from autonomous_trading.interfaces.cli._run_document import run_document
from autonomous_trading.interfaces.cli._search_options import SearchOptions
from autonomous_trading.interfaces.cli._setup import Setup, given, prepared, report_path
from autonomous_trading.interfaces.cli._tables import Measured, parameters_text, print_metrics
from autonomous_trading.interfaces.cli._validation_options import ValidationOptions
from autonomous_trading.interfaces.cli._views import next_command, show_closing

if TYPE_CHECKING:
    from rich.console import Console

    from autonomous_trading.interfaces.python import Validation

__all__ = ["validate"]

_STYLES = {"reject": "bold red", "not enough evidence": "bold yellow", "worth paper trading": "bold green"}
_MARKS = {"+": "green", "?": "yellow", "-": "red"}


def validate(
    market: MarketOptions,
    strategy: StrategyOptions,
    costs: CostOptions,
    judging: ValidationOptions,
    search: SearchOptions,
    ledger: LedgerOptions,
    answer: AnswerOptions,
) -> int:
    """Say whether the best set of a search is real: reject, not enough evidence, or worth paper trading."""
    from autonomous_trading.validation import Outcome

    page = report_path(answer.report, "--report")
    setup = searchable(prepared(market, strategy, costs), search.space)
    _refuse_replay(ledger)
    arguments = {**search_arguments(setup, search), **_asked(judging), **recorded(setup, ledger)}
    result = _run(setup, arguments, quiet=answer.quiet)
    written = result.report(page) if page else None
    if answer.json:
        print_document(run_document("validate", setup, result.to_dict(), written))
    else:
        screen = console()
        show_heading(screen, setup, "Validated")
        _show(screen, result)
        command = next_command("validate", setup, fixed(strategy), costs, judging, search, again(ledger))
        opened = next_command(
            "validate", setup, fixed(strategy), costs, replace(judging, keep_closed=False), search, again(ledger)
        )
        waiting = judging.keep_closed and [each.rule for each in result.judgement.of(Outcome.UNDECIDED)] == ["holdout"]
        following = [opened] if waiting else [] if written else [[*command, "--report", "validation.html"]]
        show_closing(screen, result.warnings, written, following)
    return 0 if result.evidence.in_sample.metrics["trade_count"] else NOTHING_TO_REPORT


def _asked(judging: ValidationOptions) -> dict[str, Any]:
    from autonomous_trading.core import InvalidInput

    if len(judging.objectives) > 1:
        raise InvalidInput(
            f"validate takes one --objective, because one set is judged; got {', '.join(judging.objectives)}",
            fix="keep one of them; autotrade optimize takes several",
        )
    return given(
        objective=judging.objectives[0] if judging.objectives else None,
        method=judging.method,
        trials=judging.trials,
        constraints=judging.constraints or None,
        holdout=judging.holdout,
        open_holdout=False if judging.keep_closed else None,
        train=judging.train,
        test=judging.test,
        step=judging.step,
        unit=judging.unit,
        expanding=False if judging.rolling else None,
        cv_folds=judging.cv_folds,
        cv_test_folds=judging.cv_test_folds,
        blocks=judging.blocks,
        sensitivity_sets=judging.sensitivity_sets,
        simulated_markets=judging.simulated_markets,
    )


def _refuse_replay(ledger: LedgerOptions) -> None:
    from autonomous_trading.core import InvalidInput

    if ledger.replay is not None:
        raise InvalidInput(
            "a validation is not replayed set by set, it is asked again as a whole",
            fix="use autotrade runs resume JOB, which counts nothing again",
        )


def _run(setup: Setup, arguments: dict[str, Any], *, quiet: bool) -> "Validation":
    from autonomous_trading.interfaces.python import validate as run

    announce_first_run(quiet=quiet)
    with naming_the_job(), progress("validate", "sets", quiet=quiet) as meter:

        def told(done: int, total: int | None) -> None:
            meter(done, total)
            if done == total and not quiet:
                meter.close()
                print("validate: every set is evaluated; what follows asks what that is worth", file=sys.stderr)

        return run(setup.strategy, setup.market.bars, progress=told, **arguments)


def _show(screen: "Console", result: "Validation") -> None:
    """The decision, the numbers side by side, and every part of the page."""
    screen.print(result.headline, style=_STYLES[result.decision.value], soft_wrap=True)
    screen.print(f"Best set: {parameters_text(result.parameters)}", soft_wrap=True)
    screen.print()
    strong = "walked forward"
    print_metrics(screen, [Measured(name, values, strong=name == strong) for name, values in result.samples.items()])
    for part in result.parts:
        screen.print()
        screen.print(part.title, style="bold")
        for line in part.lines:
            screen.print(f"  {line}", style=_MARKS.get(line[:1], ""), soft_wrap=True)
