"""`autotrade data list`, `show` and `query`: what the catalogue of market data holds."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, final

import typer

from autonomous_trading.interfaces.cli._catalogue_options import CatalogueOptions, catalogue_place
from autonomous_trading.interfaces.cli._numbers import whole
from autonomous_trading.interfaces.cli._options import OutputOptions
from autonomous_trading.interfaces.cli._output import console, print_document
from autonomous_trading.interfaces.cli._tables import plain_table, print_table

if TYPE_CHECKING:
    from rich.console import Console

    from autonomous_trading.adapters.catalogue import Answer, ParquetCatalogue, SeriesSummary
    from autonomous_trading.app.market_data import Coverage
    from autonomous_trading.data import SeriesKey

__all__ = ["list_data", "query_data", "show_data"]

_SPANS_SHOWN = 8
_ROWS_SHOWN = 8


@final
@dataclass(frozen=True, slots=True)
class KeyArgument:
    """Which series."""

    key: Annotated[
        str,
        typer.Argument(metavar="KEY", help="As data list shows it: SOURCE:SYMBOL:TIMEFRAME.", show_default=False),
    ]


@final
@dataclass(frozen=True, slots=True)
class QueryOptions:
    """What is asked, of which series, and how many rows may come."""

    sql: Annotated[
        str,
        typer.Argument(
            metavar="SQL",
            help="One SELECT over the views bars, revisions, refused and series.",
            show_default=False,
        ),
    ]
    keys: Annotated[
        list[str],
        typer.Option(
            "--series",
            metavar="KEY",
            help="Read only this series; repeat for more.",
            show_default="all",
        ),
    ] = field(default_factory=list)
    rows: Annotated[
        int,
        typer.Option("--rows", metavar="N", parser=whole("--rows", least=1, example=50), help="At most so many rows."),
    ] = 1_000


def list_data(place: CatalogueOptions, output: OutputOptions) -> int:
    """The series in the catalogue: how many bars, from when to when, and how much of the last two years."""
    catalogue = _opened(place)
    now = time.time_ns()
    found = [(catalogue.summary(key), _covered(catalogue, key, now)) for key in catalogue.series()]
    size = sum(summary.size for summary, _ in found)
    if output.json:
        rows = [_document(summary, covered) for summary, covered in found]
        print_document({"command": "data list", "catalogue": str(catalogue.root), "size": size, "series": rows})
        return 0
    screen = console()
    if not found:
        screen.print(f"{catalogue.root} holds nothing yet. Next: autotrade data fetch --help", soft_wrap=True)
        return 0
    table = plain_table()
    for heading in ("series", "bars", "first", "last", "two years", "revised", "aside", "MB"):
        side: Any = "left" if heading in ("series", "first", "last") else "right"
        table.add_column(heading, justify=side, no_wrap=heading != "series", overflow="fold")
    for summary, covered in found:
        table.add_row(
            summary.key.text,
            f"{summary.bars:,}",
            _moment(summary.first)[:10],
            _moment(summary.last)[:10],
            f"{covered.share:.1%}",
            f"{summary.revisions:,}",
            f"{summary.refused:,}",
            f"{summary.size / 1e6:,.1f}",
        )
    print_table(screen, table)
    bars = sum(summary.bars for summary, _ in found)
    screen.print(f"\n{catalogue.root}: {len(found):,} series, {bars:,} bars, {size / 1e6:,.1f} MB", soft_wrap=True)
    screen.print(f"Next: autotrade data show {found[0][0].key.text}", style="dim", soft_wrap=True)
    return 0


def show_data(argument: KeyArgument, place: CatalogueOptions, output: OutputOptions) -> int:
    """One series: what was asked for, what was put aside and why, what was revised, and corporate actions."""
    catalogue = _opened(place)
    (key,) = _named(catalogue, [argument.key])
    summary = catalogue.summary(key)
    covered = _covered(catalogue, key, time.time_ns())
    if output.json:
        print_document({"command": "data show", **_document(summary, covered), **_history(catalogue, key)})
        return 0
    screen = console()
    screen.print(key.text, style="bold", soft_wrap=True)
    screen.print(
        f"{summary.bars:,} bars, {_moment(summary.first)} to {_moment(summary.last)};"
        f" {covered.days:,} of {covered.expected:,} {covered.measure} of the last two years ({covered.share:.1%})",
        soft_wrap=True,
    )
    screen.print(
        f"{summary.files:,} files, {summary.size / 1e6:,.1f} MB in {catalogue.root}", style="dim", soft_wrap=True
    )
    _print_history(screen, _history(catalogue, key))
    return 0


def query_data(options: QueryOptions, place: CatalogueOptions, output: OutputOptions) -> int:
    """Ask the catalogue in SQL; nothing but its views can be read, and nothing changed."""
    from autonomous_trading.adapters.catalogue import query

    catalogue = _opened(place)
    keys = _named(catalogue, options.keys) if options.keys else None
    answer = query(catalogue, options.sql, keys=keys, most=options.rows)
    if output.json:
        rows = [dict(zip(answer.columns, map(_zoned, row), strict=True)) for row in answer.rows]
        print_document({"command": "data query", "rows": rows, "cut_off": answer.cut_off})
        return 0
    _print_answer(answer)
    return 0


def _print_answer(answer: "Answer") -> None:
    screen, table = console(), plain_table()
    numbers = [all(isinstance(row[at], int | float) for row in answer.rows) for at in range(len(answer.columns))]
    for name, is_number in zip(answer.columns, numbers, strict=True):
        table.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for row in answer.rows:
        table.add_row(*(f"{each:.10g}" if isinstance(each, float) else str(_plain(each)) for each in row))
    print_table(screen, table)
    if answer.cut_off:
        screen.print(f"... and more: these are the first {len(answer.rows):,} (--rows)", style="dim")


def _opened(place: CatalogueOptions) -> "ParquetCatalogue":
    from autonomous_trading.adapters.catalogue import ParquetCatalogue
    from autonomous_trading.core import DataNotFound

    folder = catalogue_place(place.catalogue)
    if not folder.is_dir():
        raise DataNotFound(
            f"there is no catalogue in {folder}",
            fix="fetch something first ('autotrade data fetch'), or use --catalogue",
        )
    return ParquetCatalogue(folder)


def _covered(catalogue: "ParquetCatalogue", key: "SeriesKey", now: int) -> "Coverage":
    from autonomous_trading.app.market_data import coverage_of, coverage_span

    span = coverage_span(now)
    return coverage_of(key, catalogue.times(key, span), span)


def _named(catalogue: "ParquetCatalogue", texts: Sequence[str]) -> "list[SeriesKey]":
    """The series that texts name. Raises UnknownName."""
    from autonomous_trading.core import unknown_name

    known = {key.text: key for key in catalogue.series()}
    for text in texts:
        if text not in known:
            raise unknown_name("series", text, known)
    return [known[text] for text in texts]


def _document(summary: "SeriesSummary", covered: "Coverage") -> dict[str, Any]:
    key = summary.key
    return {
        "key": key.text,
        "source": key.source,
        "symbol": key.symbol,
        "timeframe": key.timeframe.text,
        "adjustment": key.adjustment,
        "bars": summary.bars,
        "first": _moment(summary.first) or None,
        "last": _moment(summary.last) or None,
        "received_at": _moment(summary.received_at),
        "coverage": {
            "days": covered.days,
            "expected": covered.expected,
            "measure": covered.measure,
            "share": covered.share,
        },
        "revisions": summary.revisions,
        "refused": summary.refused,
        "files": summary.files,
        "size": summary.size,
    }


def _history(catalogue: "ParquetCatalogue", key: "SeriesKey") -> dict[str, Any]:
    """The spans, what was put aside, what came later, and the actions, as JSON says them."""
    aside = [
        {"time": _moment(int(when)), "reason": reason, "received_at": _moment(each.rows.received_at)}
        for each in catalogue.quarantined(key)
        for when, reason in zip(each.rows.time, each.reasons, strict=True)
    ]
    later = [
        {"time": _moment(int(when)), "close": float(close), "received_at": _moment(each.received_at)}
        for each in catalogue.revisions(key)
        for when, close in zip(each.time, each.close, strict=True)
    ]
    return {
        "spans": [{"start": _moment(start), "stop": _moment(stop)} for start, stop in catalogue.spans(key)],
        "quarantine": aside,
        "revised": later,
        "actions": [
            {
                "action": each.text,
                "id": each.id,
                "ex_time": _moment(each.ex_time),
                "knowable_at": _moment(each.knowable_at),
            }
            for each in catalogue.actions(key.source, key.symbol)
        ],
    }


def _print_history(screen: "Console", history: dict[str, Any]) -> None:
    spans = [f"{each['start']} to {each['stop']}" for each in history["spans"]]
    _print_some(screen, "Answered by the source", spans, _SPANS_SHOWN)
    reasons = Counter(each["reason"] for each in history["quarantine"])
    aside = [f"{each['time']}  {each['reason']}" for each in history["quarantine"]]
    counted = ", ".join(f"{name} {count:,}" for name, count in reasons.most_common())
    _print_some(screen, f"Put aside ({counted})", aside, _ROWS_SHOWN)
    later = [
        f"{each['time']}  close {each['close']:.10g}, received {each['received_at']}" for each in history["revised"]
    ]
    _print_some(screen, "Came later than the first answer", later, _ROWS_SHOWN)
    actions = [f"{each['action']}, known {each['knowable_at'][:10]}" for each in history["actions"]]
    _print_some(screen, "Corporate actions", actions, _ROWS_SHOWN)


def _print_some(screen: "Console", title: str, lines: Sequence[str], most: int) -> None:
    """The last of some lines below a title; nothing where there are none."""
    if not lines:
        return
    screen.print(f"\n{title}", style="bold", soft_wrap=True)
    if len(lines) > most:
        screen.print(f"  ... {len(lines) - most:,} before these (--json lists all)", style="dim")
    for line in lines[-most:]:
        screen.print(f"  {line}", soft_wrap=True)


def _moment(time_ns: int | None) -> str:
    """As ISO text; a time that is missing, or that no calendar has, is said as it came."""
    from autonomous_trading.core import time_text

    return "" if time_ns is None else time_text(time_ns)


def _zoned(value: object) -> object:
    """As `_plain`, moments with the Z of UTC: a document is read by programs."""
    text = _plain(value)
    return f"{text}Z" if isinstance(value, datetime) and value.tzinfo is None else text


def _plain(value: object) -> object:
    """Moments as ISO text, anything else as it is."""
    iso = getattr(value, "isoformat", None)
    return iso() if iso is not None else value
