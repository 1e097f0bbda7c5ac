"""`autotrade data check`: what is wrong with bars, where, and what can be done about it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, final

import typer

from autonomous_trading.interfaces.cli._catalogue_options import CatalogueOptions, catalogue_place
from autonomous_trading.interfaces.cli._failures import REFUSED
from autonomous_trading.interfaces.cli._options import OUTPUT_PANEL, Json, KnownAt, Quiet
from autonomous_trading.interfaces.cli._output import console, print_document
from autonomous_trading.interfaces.cli._setup import report_path

if TYPE_CHECKING:
    from rich.console import Console

    from autonomous_trading.interfaces.python import DataCheck

__all__ = ["check_market_data"]

_PANEL = "What to hold it against"
_STYLES = {"error": "red", "warning": "yellow", "note": "dim"}


@final
@dataclass(frozen=True, slots=True)
class DataCheckOptions:
    """Which data, against which calendar, and where the answer goes."""

    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="A CSV, Parquet or Feather file, a folder of them, sample:sp500, sample:nasdaq, or fetched series such"
            " as alpaca:AAPL,MSFT:1h.",
            show_default=False,
        ),
    ]
    calendar: Annotated[
        str | None,
        typer.Option(
            "--calendar",
            metavar="CODE",
            rich_help_panel=_PANEL,
            help='The exchange: XNYS, XLON, XETR, CMES and others, 24/7, 24/5 (foreign exchange), or "" for none.',
            show_default="the one that fits best",
        ),
    ] = None
    timeframe: Annotated[
        str | None,
        typer.Option(
            "--timeframe",
            metavar="LENGTH",
            rich_help_panel=_PANEL,
            help="The length of a bar: 1m, 1h, 1d, 1w, 1M.",
            show_default="what the distances between bars mostly are",
        ),
    ] = None
    html: Annotated[
        str | None,
        typer.Option(
            "--html",
            metavar="FILE.html",
            rich_help_panel=OUTPUT_PANEL,
            help="Also write a self-contained HTML page with plots here.",
            show_default="none",
        ),
    ] = None
    known_at: KnownAt = None
    json: Json = False
    quiet: Quiet = False


def check_market_data(asked: DataCheckOptions, place: CatalogueOptions) -> int:
    """Gaps, wild prints, splits, time zones, volume: what a person should know about bars before trusting them.

    Exit code 4 when something is found that makes results wrong (an error), 0 otherwise.
    """
    from autonomous_trading.interfaces.python import check_data

    page = report_path(asked.html, "--html")
    catalogue = catalogue_place(place.catalogue)
    found = check_data(
        asked.data,
        calendar=asked.calendar,
        timeframe=asked.timeframe,
        catalogue=catalogue,
        known_at=asked.known_at,
    )
    if page is not None:
        found.report(page)
    if asked.json:
        written = {} if page is None else {"page": str(page)}
        print_document({"command": "data check", "source": asked.data, **found.to_dict(), **written})
    else:
        _show(console(), found, asked.html)
    return 0 if found.ok else REFUSED


def _show(screen: "Console", found: "DataCheck", page: str | None) -> None:
    for note in found.notes:
        screen.print(note, style="dim", soft_wrap=True)
    for line in found.lines():
        screen.print(line, style=_STYLES.get(line.split()[0], "") if line.startswith("  ") else "bold", soft_wrap=True)
    errors = sum(not report.ok for report in found.reports.values())
    several = len(found.reports) > 1
    if several:
        screen.print(f"{len(found.reports)} instruments: {errors} with errors", soft_wrap=True)
    if page is not None:
        screen.print(f"Wrote {page}", style="dim", soft_wrap=True)
