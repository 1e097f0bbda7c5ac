"""`autotrade data fetch`: bars of a provider into the catalogue."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, final

import typer

from autonomous_trading.interfaces.cli._catalogue_options import CatalogueOptions, catalogue_place
from autonomous_trading.interfaces.cli._kept_series import coverage_document, share_text
from autonomous_trading.interfaces.cli._numbers import moment
from autonomous_trading.interfaces.cli._options import OutputOptions
from autonomous_trading.interfaces.cli._output import console, print_document
from autonomous_trading.interfaces.cli._progress import Meter, progress
from autonomous_trading.interfaces.cli._provider_settings import provider_settings
from autonomous_trading.interfaces.cli._setup import given
from autonomous_trading.interfaces.cli._tables import print_columns

if TYPE_CHECKING:
    from rich.console import Console

    from autonomous_trading.app.market_data import SyncProgress, SyncReport
    from autonomous_trading.data import Span

__all__ = ["FetchOptions", "fetch_data"]

_WHAT = "What to fetch"
_HEADINGS = ("series", "new", "revised", "repeated", "refused", "asked", "two years")


@final
@dataclass(frozen=True, slots=True)
class FetchOptions:
    """Which bars, and how they are asked for."""

    series: Annotated[
        str,
        typer.Argument(
            metavar="PROVIDER:SYMBOL[,SYMBOL...]:TIMEFRAME",
            help="Whose bars of what, and how long they are: alpaca:AAPL,MSFT:1h.",
            show_default=False,
        ),
    ]
    start: Annotated[
        datetime | None,
        typer.Option(
            "--start",
            metavar="DATE",
            parser=moment("--start"),
            rich_help_panel=_WHAT,
            help="The first bar (2023-01-31, UTC).",
            show_default="two years ago",
        ),
    ] = None
    stop: Annotated[
        datetime | None,
        typer.Option(
            "--stop",
            metavar="DATE",
            parser=moment("--stop"),
            rich_help_panel=_WHAT,
            help="Bars before this date; the date itself is left out.",
            show_default="now",
        ),
    ] = None
    adjustment: Annotated[
        str | None,
        typer.Option(
            "--adjustment",
            metavar="WHAT",
            rich_help_panel=_WHAT,
            help="What the provider adjusts prices for: raw (nothing), split, dividend, all.",
            show_default="raw",
        ),
    ] = None
    feed: Annotated[
        str | None,
        typer.Option(
            "--feed",
            metavar="NAME",
            rich_help_panel=_WHAT,
            help="Which of the provider's feeds: of Alpaca sip (every exchange) or iex.",
            show_default="that of the settings, else the provider's first",
        ),
    ] = None
    refresh: Annotated[
        bool,
        typer.Option(
            "--refresh",
            metavar="",
            rich_help_panel=_WHAT,
            help="Ask again for what is there; what the provider revised is kept beside it.",
        ),
    ] = False
    actions: Annotated[
        bool,
        typer.Option(
            "--actions",
            metavar="",
            rich_help_panel=_WHAT,
            help="Also splits, dividends and the like, kept apart: --adjust applies them to raw prices (not Yahoo).",
        ),
    ] = False


def fetch_data(options: FetchOptions, place: CatalogueOptions, output: OutputOptions) -> int:
    """Fetch the bars that the catalogue lacks and keep them; everything that takes --data then reads them offline.

    Keys come from the environment: APCA_API_KEY_ID and APCA_API_SECRET_KEY for Alpaca.
    """
    from autonomous_trading.interfaces.python import fetch

    catalogue = catalogue_place(place.catalogue)
    settings = provider_settings()
    asked = given(start=options.start, stop=options.stop, adjustment=options.adjustment, feed=options.feed)
    with progress("fetching", "bars", quiet=output.quiet) as meter:
        reports = fetch(
            options.series,
            **asked,
            catalogue=catalogue,
            refresh=options.refresh,
            actions=options.actions,
            progress=_shown_on(meter),
            providers=settings,
        )
    _refuse_nothing(reports, options.series)
    if output.json:
        print_document({"command": "data fetch", "catalogue": str(catalogue), "series": [_facts(r) for r in reports]})
    else:
        _print(reports, str(catalogue))
    return 0


def _shown_on(meter: Meter) -> "Callable[[SyncProgress], None]":
    def show(state: "SyncProgress") -> None:
        expected = state.received * state.requests // state.done if state.done else None
        meter(state.received, expected)

    return show


def _refuse_nothing(reports: "tuple[SyncReport, ...]", series: str) -> None:
    """Where a source has no bar at all of what was asked for, saying so is better than a table of zeros."""
    from autonomous_trading.core import NothingToReport

    held = [report.repeated + report.new + report.revised + report.refused for report in reports]
    if any(held) or not all(report.fetched for report in reports):
        return
    if not any(found and found.days for report in reports for found in (report.coverage, report.two_years)):
        raise NothingToReport(f"there are no bars of {series} in that time", fix="choose an earlier --start")


def _print(reports: "tuple[SyncReport, ...]", catalogue: str) -> None:
    screen = console()
    rows = []
    for report in reports:
        counts = (report.new, report.revised, report.repeated, report.refused)
        shares = (share_text(report.coverage), share_text(report.two_years))
        rows.append((report.key.text, *(f"{count:,}" for count in counts), *shares))
    print_columns(screen, _HEADINGS, rows, left=("series",))
    for report in reports:
        if report.refused:
            why = ", ".join(f"{count:,} {reason}" for reason, count in report.reasons.items())
            screen.print(f"{report.key.text}: put aside {why}", style="yellow", soft_wrap=True)
    fetched = [span for report in reports for span in report.fetched]
    said = (
        f"Asked for {_date(min(s.start for s in fetched))} to {_date(max(s.stop for s in fetched))}." if fetched else ""
    )
    screen.print(f"\n{said or 'Everything was there already.'} Kept in {catalogue}.", soft_wrap=True)
    _print_actions(screen, reports)
    for measure, symbols in _measures(reports).items():
        of_whom = f" ({', '.join(symbols)})" if len(symbols) < len(reports) else ""
        screen.print(f"Days are {measure}{of_whom}.", style="dim", soft_wrap=True)
    text = f"{reports[0].key.source}:{','.join(r.key.symbol for r in reports)}:{reports[0].key.timeframe}"
    behind = "" if reports[0].key.adjustment == "raw" else f"@{reports[0].key.adjustment}"
    if not behind and any(report.actions for report in reports):
        behind = " --adjust splits"
    screen.print(f"Next: autotrade backtest --data {text}{behind}", style="dim", soft_wrap=True)


def _print_actions(screen: "Console", reports: "tuple[SyncReport, ...]") -> None:
    told = [
        f"{report.key.symbol} {report.actions.new:,} new, {report.actions.repeated:,} there already"
        + (f", {report.actions.withdrawn:,} taken back" if report.actions.withdrawn else "")
        for report in reports
        if report.actions is not None
    ]
    if told:
        screen.print(f"Corporate actions: {'; '.join(told)}.", soft_wrap=True)


def _measures(reports: "tuple[SyncReport, ...]") -> dict[str, list[str]]:
    """Which days were expected, and of which symbols."""
    found: dict[str, list[str]] = {}
    for report in reports:
        if report.coverage is not None:
            found.setdefault(report.coverage.measure, []).append(report.key.symbol)
    return found


def _facts(report: "SyncReport") -> dict[str, Any]:
    names = ("received", "new", "revised", "repeated", "refused", "duplicates")
    return {
        "series": report.key.text,
        "symbol": report.key.symbol,
        "timeframe": report.key.timeframe.text,
        "adjustment": report.key.adjustment,
        "asked": [_span(span) for span in report.fetched],
        **{name: getattr(report, name) for name in names},
        "reasons": dict(report.reasons),
        "coverage": coverage_document(report.coverage),
        "two_years": coverage_document(report.two_years),
        "actions": None if report.actions is None else asdict(report.actions),
    }


def _span(span: "Span") -> dict[str, str]:
    from autonomous_trading.core import time_text

    return {"start": time_text(span.start), "stop": time_text(span.stop)}


def _date(moment: int) -> str:
    from autonomous_trading.core import time_text

    return time_text(moment)[:16].replace("T", " ").removesuffix(" 00:00")
