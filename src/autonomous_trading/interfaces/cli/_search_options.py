"""The options of the commands that search: what for, how, in which windows."""

from dataclasses import dataclass, field
from typing import Annotated, Any, TypeAlias, final

import typer

from autonomous_trading.interfaces.cli._numbers import fraction, positive, whole
from autonomous_trading.interfaces.cli._options import OUTPUT_PANEL, Json, Quiet

__all__ = ["DemoOptions", "OptimizeOptions", "SearchOptions", "WalkOptions"]

_SEARCH = "The search"
_WINDOWS = "The windows"
_ROBUST = "Robust scores and constraints"

Seed: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--seed",
        metavar="N",
        parser=whole("--seed", least=0, example=7),
        rich_help_panel=_SEARCH,
        help="Same seed, same answer.",
        show_default="0",
    ),
]
Threads: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--threads",
        metavar="N",
        parser=whole("--threads", least=1, example=2),
        rich_help_panel=_SEARCH,
        help="How many cores to use; the numbers do not depend on it.",
        show_default="all",
    ),
]


_TRIALS_BY_METHOD = (
    "grid: all, random 500, tpe 200, gp 200, random_forest 200, xgboost 200, cmaes 2000, nsga2 2000, nsga3 2000,"
    " fallback 200, ensemble 500"
)


def _method(default: str) -> Any:
    return typer.Option(
        "--method",
        metavar="METHOD",
        rich_help_panel=_SEARCH,
        help="grid, random, tpe (bayesian), gp, random_forest, xgboost, cmaes, nsga2 (genetic), nsga3, fallback or"
        " ensemble.",
        show_default=default,
    )


def _trials(words: str, default: str) -> Any:
    return typer.Option(
        "--trials",
        metavar="N",
        parser=whole("--trials", least=1, example=200),
        rich_help_panel=_SEARCH,
        help=words,
        show_default=default,
    )


@final
@dataclass(frozen=True, slots=True)
class OptimizeOptions:
    """What one search looks for, how, on how much of the bars, and what a result has to keep."""

    objectives: Annotated[
        list[str],
        typer.Option(
            "--objective",
            metavar="METRIC",
            rich_help_panel=_SEARCH,
            help="A metric to make better, such as sharpe_ratio or max_drawdown; repeat for several.",
            show_default="sharpe_ratio",
        ),
    ] = field(default_factory=list)
    method: Annotated[str | None, _method("tpe")] = None
    trials: Annotated[int | None, _trials("How many parameter sets to evaluate.", _TRIALS_BY_METHOD)] = None
    train_fraction: Annotated[
        float | None,
        typer.Option(
            "--train-fraction",
            metavar="FRACTION",
            parser=fraction("--train-fraction", example=0.7),
            rich_help_panel=_SEARCH,
            help="Share of the bars the search may see; the rest is kept for the answer out of sample."
            " 1 keeps nothing.",
            show_default="0.7",
        ),
    ] = None
    resolution: Annotated[
        int | None,
        typer.Option(
            "--resolution",
            metavar="POINTS",
            parser=whole("--resolution", least=2, example=10),
            rich_help_panel=_SEARCH,
            help="With --method grid: at most this many values of each parameter.",
            show_default="every value",
        ),
    ] = None
    ahead: Annotated[
        int | None,
        typer.Option(
            "--ahead",
            metavar="N",
            parser=whole("--ahead", least=0, example=1),
            rich_help_panel=_SEARCH,
            help="Batches that may be open beside the one that is evaluated: workers do not wait for the method,"
            " which learns a little later.",
            show_default="0",
        ),
    ] = None
    constraints: Annotated[
        list[str],
        typer.Option(
            "--constraint",
            metavar="RULE",
            rich_help_panel=_ROBUST,
            help='What a result has to keep, such as "trade_count >= 30"; repeat for more.',
            show_default="none",
        ),
    ] = field(default_factory=list)
    folds: Annotated[
        int | None,
        typer.Option(
            "--folds",
            metavar="N",
            parser=whole("--folds", least=2, example=5),
            rich_help_panel=_ROBUST,
            help="Parts of the bars for worst_fold_, median_fold_ and mean_fold_ scores.",
            show_default="5",
        ),
    ] = None
    timeframes: Annotated[
        list[str],
        typer.Option(
            "--timeframe",
            metavar="LENGTH",
            rich_help_panel=_ROBUST,
            help="Coarser bars for worst_timeframe_ and mean_timeframe_ scores, such as 5m or 4h; repeat for more.",
            show_default="none",
        ),
    ] = field(default_factory=list)
    neighbours: Annotated[
        int | None,
        typer.Option(
            "--neighbours",
            metavar="N",
            parser=whole("--neighbours", least=1, example=8),
            rich_help_panel=_ROBUST,
            help="Sets around each one for plateau_ scores; they are evaluated and counted, too.",
            show_default="8",
        ),
    ] = None
    radius: Annotated[
        float | None,
        typer.Option(
            "--radius",
            metavar="SHARE",
            parser=positive("--radius", example=0.05),
            rich_help_panel=_ROBUST,
            help="How far neighbours lie, as a share of the range of each number.",
            show_default="0.05",
        ),
    ] = None
    cost_factor: Annotated[
        float | None,
        typer.Option(
            "--cost-factor",
            metavar="TIMES",
            parser=positive("--cost-factor", example=2),
            rich_help_panel=_ROBUST,
            help="What costs are multiplied with for stressed_ scores.",
            show_default="2",
        ),
    ] = None
    prune: Annotated[
        float | None,
        typer.Option(
            "--prune",
            metavar="SHARE",
            parser=fraction("--prune", example=0.5),
            rich_help_panel=_ROBUST,
            help="Give a set up after a fold when more than this share of the earlier sets beat it there.",
            show_default="none is given up",
        ),
    ] = None
    prune_after: Annotated[
        int | None,
        typer.Option(
            "--prune-after",
            metavar="N",
            parser=whole("--prune-after", least=1, example=20),
            rich_help_panel=_ROBUST,
            help="With --prune: how many earlier sets a fold needs.",
            show_default="20",
        ),
    ] = None


@final
@dataclass(frozen=True, slots=True)
class SearchOptions:
    """Where to search, and what makes a search repeatable."""

    space: Annotated[
        list[str],
        typer.Option(
            "--space",
            metavar="NAME=LOW:HIGH",
            rich_help_panel=_SEARCH,
            help="Search a parameter between other bounds than its strategy declares, or one that every strategy"
            " has (stop_loss=0.01:0.1); repeat for more.",
            show_default=False,
        ),
    ] = field(default_factory=list)
    seed: Seed = None
    threads: Threads = None


@final
@dataclass(frozen=True, slots=True)
class WalkOptions:
    """How walk-forward cuts time, what the search in every window looks for, and how."""

    train: Annotated[
        float | None,
        typer.Option(
            "--train",
            metavar="LENGTH",
            parser=positive("--train", example=365),
            rich_help_panel=_WINDOWS,
            help="How much past each search sees.",
            show_default="365",
        ),
    ] = None
    test: Annotated[
        float | None,
        typer.Option(
            "--test",
            metavar="LENGTH",
            parser=positive("--test", example=30),
            rich_help_panel=_WINDOWS,
            help="How long its parameters are tested afterwards.",
            show_default="30",
        ),
    ] = None
    step: Annotated[
        float | None,
        typer.Option(
            "--step",
            metavar="LENGTH",
            parser=positive("--step", example=7),
            rich_help_panel=_WINDOWS,
            help="How far the windows move on; at most as long as the test.",
            show_default="7",
        ),
    ] = None
    unit: Annotated[
        str | None,
        typer.Option(
            "--unit",
            metavar="UNIT",
            rich_help_panel=_WINDOWS,
            help="What the lengths count: days, bars, weeks, months, quarters or years.",
            show_default="days",
        ),
    ] = None
    expanding: Annotated[
        bool,
        typer.Option(
            "--expanding",
            metavar="",
            rich_help_panel=_WINDOWS,
            help="Let every search see the whole past instead of the last window.",
        ),
    ] = False
    objectives: Annotated[
        list[str],
        typer.Option(
            "--objective",
            metavar="METRIC",
            rich_help_panel=_SEARCH,
            help="The one metric that chooses the parameters in every window.",
            show_default="sharpe_ratio",
        ),
    ] = field(default_factory=list)
    method: Annotated[str | None, _method("random")] = None
    trials: Annotated[int | None, _trials("How many parameter sets to evaluate in every window.", "100; grid: all")] = (
        None
    )


@final
@dataclass(frozen=True, slots=True)
class DemoOptions:
    """Where the demo leaves its report, and how it runs."""

    report: Annotated[
        str,
        typer.Option(
            "--report",
            metavar="FILE.html",
            rich_help_panel=OUTPUT_PANEL,
            help="Where the self-contained HTML report goes.",
        ),
    ] = "autotrade-demo.html"
    seed: Seed = None
    threads: Threads = None
    json: Json = False
    quiet: Quiet = False
