"""Every option of every command, once: each record is one question a command asks.

None means that the option was not given: then autotrade.toml, the environment, or the Python face decides.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, final

import typer

from autonomous_trading.interfaces.cli._numbers import fraction, moment, positive, whole

__all__ = [
    "CostOptions",
    "DemoOptions",
    "MarketOptions",
    "NameArgument",
    "ObjectiveOption",
    "ObjectiveOptions",
    "OutputOptions",
    "PageOptions",
    "ReportOptions",
    "SearchOptions",
    "StrategyOptions",
    "SweepOptions",
    "WindowOptions",
]

_MARKET = "What to trade"
_STRATEGY = "The strategy"
_COSTS = "Costs and account"
_SEARCH = "The search"
_WINDOWS = "The windows"
_OUTPUT = "What comes out"


@final
@dataclass(frozen=True, slots=True)
class MarketOptions:
    """Which bars."""

    data: Annotated[
        str,
        typer.Option(
            "--data",
            metavar="DATA",
            rich_help_panel=_MARKET,
            help="A CSV, Parquet or Feather file, a folder of them, or sample:sp500, sample:nasdaq.",
        ),
    ] = "sample:sp500"
    start: Annotated[
        datetime | None,
        typer.Option(
            "--start",
            metavar="DATE",
            parser=moment("--start"),
            rich_help_panel=_MARKET,
            help="Use bars from this date on (2010-01-31, UTC).",
            show_default="the first bar",
        ),
    ] = None
    stop: Annotated[
        datetime | None,
        typer.Option(
            "--stop",
            metavar="DATE",
            parser=moment("--stop"),
            rich_help_panel=_MARKET,
            help="Use bars before this date; the date itself is left out.",
            show_default="all bars",
        ),
    ] = None


@final
@dataclass(frozen=True, slots=True)
class StrategyOptions:
    """Which strategy, and which of its parameters have a value already."""

    strategy: Annotated[
        str,
        typer.Option(
            "--strategy",
            metavar="NAME",
            rich_help_panel=_STRATEGY,
            help="A name from 'autotrade strategies list', your own path/to/file.py:ClassName, or"
            " package.module:ClassName.",
        ),
    ] = "ma_cross"
    assignments: Annotated[
        list[str],
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            rich_help_panel=_STRATEGY,
            help="Give a parameter this value; repeat for more. A search leaves it there. stop_loss,"
            " take_profit, trailing_stop, max_bars_held, position_size and leverage work with every strategy.",
            show_default=False,
        ),
    ] = field(default_factory=list)


@final
@dataclass(frozen=True, slots=True)
class CostOptions:
    """What trading costs, and how orders are filled."""

    commission: Annotated[
        float | None,
        typer.Option(
            "--commission",
            metavar="FRACTION",
            parser=fraction("--commission", example=0.0005),
            rich_help_panel=_COSTS,
            help="Commission on every fill, as a fraction of its value.",
            show_default="0.0005",
        ),
    ] = None
    slippage: Annotated[
        float | None,
        typer.Option(
            "--slippage",
            metavar="FRACTION",
            parser=fraction("--slippage", example=0.0002),
            rich_help_panel=_COSTS,
            help="How much worse than the price every fill is, as a fraction of it.",
            show_default="0.0002",
        ),
    ] = None
    initial_cash: Annotated[
        float | None,
        typer.Option(
            "--initial-cash",
            metavar="AMOUNT",
            parser=positive("--initial-cash", example=100_000),
            rich_help_panel=_COSTS,
            help="What the account holds at the start.",
            show_default="100000",
        ),
    ] = None
    fill: Annotated[
        str | None,
        typer.Option(
            "--fill",
            metavar="WHEN",
            rich_help_panel=_COSTS,
            help="When a decision is filled: open or close of the next bar, or same_close (optimistic: the"
            " result is marked).",
            show_default="open",
        ),
    ] = None


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


@final
@dataclass(frozen=True, slots=True)
class SweepOptions:
    """What makes a search repeatable, and how many cores it may use."""

    seed: Annotated[
        int | None,
        typer.Option(
            "--seed",
            metavar="N",
            parser=whole("--seed", least=0, example=7),
            rich_help_panel=_SEARCH,
            help="Same seed, same answer.",
            show_default="0",
        ),
    ] = None
    threads: Annotated[
        int | None,
        typer.Option(
            "--threads",
            metavar="N",
            parser=whole("--threads", least=1, example=2),
            rich_help_panel=_SEARCH,
            help="How many cores to use; the numbers do not depend on it.",
            show_default="all",
        ),
    ] = None


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
            rich_help_panel=_WINDOWS,
            help="Let every search see the whole past instead of the last window.",
        ),
    ] = False


@final
@dataclass(frozen=True, slots=True)
class OutputOptions:
    """How to answer."""

    json: Annotated[
        bool,
        typer.Option(
            "--json", rich_help_panel=_OUTPUT, help="Print one JSON document on stdout and nothing else."
        ),
    ] = False
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", rich_help_panel=_OUTPUT, help="No progress on stderr.")
    ] = False


@final
@dataclass(frozen=True, slots=True)
class ReportOptions:
    """Whether to write a report."""

    report: Annotated[
        str | None,
        typer.Option(
            "--report",
            metavar="FILE.html",
            rich_help_panel=_OUTPUT,
            help="Also write a self-contained HTML report here.",
            show_default="none",
        ),
    ] = None


@final
@dataclass(frozen=True, slots=True)
class DemoOptions:
    """Where the demo leaves its report."""

    report: Annotated[
        str,
        typer.Option(
            "--report",
            metavar="FILE.html",
            rich_help_panel=_OUTPUT,
            help="Where the self-contained HTML report goes.",
        ),
    ] = "autotrade-demo.html"


@final
@dataclass(frozen=True, slots=True)
class PageOptions:
    """Where the report command leaves its page."""

    out: Annotated[
        str,
        typer.Option(
            "--out",
            metavar="FILE.html",
            rich_help_panel=_OUTPUT,
            help="Where the self-contained HTML report goes.",
        ),
    ] = "autotrade-report.html"


@final
@dataclass(frozen=True, slots=True)
class NameArgument:
    """Which strategy to show."""

    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="A name from 'autotrade strategies list', file.py:ClassName or package.module:ClassName.",
            show_default=False,
        ),
    ]
