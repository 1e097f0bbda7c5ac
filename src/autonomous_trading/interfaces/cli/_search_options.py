"""The options of the commands that search: what for, how, in which windows."""

from dataclasses import dataclass, field
from typing import Annotated, TypeAlias, final

import typer

from autonomous_trading.interfaces.cli._numbers import fraction, positive, whole
from autonomous_trading.interfaces.cli._options import OUTPUT_PANEL, Json, Quiet

__all__ = ["DemoOptions", "ObjectiveOption", "ObjectiveOptions", "SearchOptions", "WindowOptions"]

_SEARCH = "The search"
_WINDOWS = "The windows"

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


@final
@dataclass(frozen=True, slots=True)
class ObjectiveOptions:
    """What a search with several objectives looks for."""

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


@final
@dataclass(frozen=True, slots=True)
class ObjectiveOption:
    """What the search in every window looks for."""

    objective: Annotated[
        str | None,
        typer.Option(
            "--objective",
            metavar="METRIC",
            rich_help_panel=_SEARCH,
            help="The metric that chooses the parameters in every window.",
            show_default="sharpe_ratio",
        ),
    ] = None


@final
@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How to search, and where."""

    method: Annotated[
        str | None,
        typer.Option(
            "--method",
            metavar="METHOD",
            rich_help_panel=_SEARCH,
            help="grid, random, tpe (bayesian) or nsga2 (genetic).",
            show_default="tpe; walk-forward: random",
        ),
    ] = None
    trials: Annotated[
        int | None,
        typer.Option(
            "--trials",
            metavar="N",
            parser=whole("--trials", least=1, example=200),
            rich_help_panel=_SEARCH,
            help="How many parameter sets to evaluate (walk-forward: in every window).",
            show_default="the method's own",
        ),
    ] = None
    space: Annotated[
        list[str],
        typer.Option(
            "--space",
            metavar="NAME=LOW:HIGH",
            rich_help_panel=_SEARCH,
            help="Search a parameter between other bounds than its strategy declares; repeat for more.",
            show_default=False,
        ),
    ] = field(default_factory=list)
    seed: Seed = None
    threads: Threads = None


@final
@dataclass(frozen=True, slots=True)
class WindowOptions:
    """How walk-forward cuts time."""

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
            help="What the lengths count: days or bars.",
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
