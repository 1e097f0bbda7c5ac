"""The options of every command, once: each record is one question a command asks.

None means that the option was not given: then autotrade.toml, the environment, or the Python face decides.
"""

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, TypeAlias, final

import typer

from autonomous_trading.interfaces.cli._numbers import moment, whole

__all__ = [
    "OUTPUT_PANEL",
    "Adjust",
    "AnswerOptions",
    "CheckOptions",
    "Json",
    "KnownAt",
    "MarketOptions",
    "NameArgument",
    "OutputOptions",
    "PageOptions",
    "Quiet",
    "StrategyOptions",
    "fixed",
]

_MARKET = "What to trade"
_STRATEGY = "The strategy"
_CHECK = "What else to check"
OUTPUT_PANEL = "What comes out"

Json: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--json", metavar="", rich_help_panel=OUTPUT_PANEL, help="Print one JSON document on stdout, nothing else."
    ),
]
Quiet: TypeAlias = Annotated[
    bool, typer.Option("--quiet", "-q", metavar="", rich_help_panel=OUTPUT_PANEL, help="No progress on stderr.")
]

Adjust: TypeAlias = Annotated[
    str,
    typer.Option(
        "--adjust",
        metavar="none|splits|all",
        rich_help_panel=_MARKET,
        help="Of fetched series: prices in shares of the first bar across splits, or splits and dividends.",
    ),
]
KnownAt: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--known-at",
        metavar="TIME",
        rich_help_panel=_MARKET,
        help="Of fetched series: only what was known at this time (2024-01-31T21:00Z), before later revisions.",
        show_default="now",
    ),
]


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
            help="A CSV, Parquet or Feather file (one with a symbol or ticker column holds several instruments), a"
            " folder of them, sample:sp500, sample:nasdaq, or fetched series such as alpaca:AAPL,MSFT:1h.",
        ),
    ] = "sample:sp500"
    start: Annotated[
        datetime | None,
        typer.Option(
            "--start",
            metavar="DATE",
            parser=moment("--start"),
            rich_help_panel=_MARKET,
            help="Use bars from this date on (2010-01-31, UTC); indicators warm up after it.",
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
    adjust: Adjust = "none"
    known_at: KnownAt = None


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
class CheckOptions:
    """What is checked for look-ahead."""

    strategy: Annotated[
        str | None,
        typer.Argument(
            metavar="STRATEGY",
            help="A name from 'autotrade strategies list', file.py:ClassName or package.module:ClassName.",
            show_default=False,
        ),
    ] = None
    assignments: Annotated[
        list[str],
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            rich_help_panel=_STRATEGY,
            help="Give a parameter this value; repeat for more.",
            show_default=False,
        ),
    ] = field(default_factory=list)
    column: Annotated[
        str | None,
        typer.Option(
            "--column",
            metavar="COLUMN",
            rich_help_panel=_CHECK,
            help='A column of the catalogue such as rsi, or a formula such as "sma(20) / close - 1".',
            show_default="none",
        ),
    ] = None
    library: Annotated[
        bool,
        typer.Option(
            "--library",
            metavar="",
            rich_help_panel=_CHECK,
            help="Every strategy of the library and every column of the catalogue, with their defaults.",
        ),
    ] = False
    seed: Annotated[
        int,
        typer.Option(
            "--seed",
            metavar="N",
            parser=whole("--seed", least=0, example=7),
            rich_help_panel=_CHECK,
            help="Same seed, same cuts and other futures.",
        ),
    ] = 0


def fixed(strategy: StrategyOptions, names: Container[str] | None = None) -> StrategyOptions:
    """Only the values that were set, those of some names or all: the strategy is named apart."""
    texts = strategy.assignments
    return StrategyOptions(
        assignments=[each for each in texts if names is None or each.partition("=")[0].strip() in names]
    )


@final
@dataclass(frozen=True, slots=True)
class OutputOptions:
    """How to answer."""

    json: Json = False
    quiet: Quiet = False


@final
@dataclass(frozen=True, slots=True)
class AnswerOptions:
    """How to answer a run, and whether to write a report of it."""

    report: Annotated[
        str | None,
        typer.Option(
            "--report",
            metavar="FILE.html",
            rich_help_panel=OUTPUT_PANEL,
            help="Also write a self-contained HTML report here.",
            show_default="none",
        ),
    ] = None
    json: Json = False
    quiet: Quiet = False


@final
@dataclass(frozen=True, slots=True)
class PageOptions:
    """Where the page of the report command goes, and how to answer."""

    out: Annotated[
        str,
        typer.Option(
            "--out",
            metavar="FILE.html",
            rich_help_panel=OUTPUT_PANEL,
            help="Where the self-contained HTML report goes.",
        ),
    ] = "autotrade-report.html"
    json: Json = False
    quiet: Quiet = False


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
