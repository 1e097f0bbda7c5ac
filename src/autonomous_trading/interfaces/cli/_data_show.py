"""`autotrade data show`: one series of the catalogue, now or as it was known at a time."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, final

import typer

from autonomous_trading.interfaces.cli._catalogue_options import CatalogueOptions
from autonomous_trading.interfaces.cli._kept_series import (
    Calendars,
    Covered,
    moment_text,
    opened,
    series_document,
    series_named,
    share_text,
)
from autonomous_trading.interfaces.cli._options import KnownAt, OutputOptions
from autonomous_trading.interfaces.cli._output import console, print_document

if TYPE_CHECKING:
    from rich.console import Console

    from autonomous_trading.adapters.catalogue import ParquetCatalogue, SeriesSummary
    from autonomous_trading.core import IntArray
    from autonomous_trading.data import SeriesKey

__all__ = ["show_data"]

_SPANS_SHOWN = 8
_ROWS_SHOWN = 8


@final
@dataclass(frozen=True, slots=True)
class ShowOptions:
    """Which series, and as of when."""

    key: Annotated[
        str,
        typer.Argument(metavar="KEY", help="As data list shows it: SOURCE:SYMBOL:TIMEFRAME.", show_default=False),
    ]
    known_at: KnownAt = None


def show_data(options: ShowOptions, place: CatalogueOptions, output: OutputOptions) -> int:
    """One series: what was asked for, what was put aside and why, what was revised, and corporate actions."""
    from autonomous_trading.adapters import known_moment

    then = known_moment("--known-at", options.known_at)
    catalogue = opened(place)
    (key,) = series_named(catalogue, [options.key])
    history = _history(catalogue, key, then)
    summary, times = _known(catalogue, key, then, history)
    covered = Calendars(time.time_ns()).covered(catalogue, key, times)
    if output.json:
        asked = {} if then is None else {"known_at": moment_text(then)}
        print_document({"command": "data show", **asked, **series_document(summary, covered), **history})
        return 0
    screen = console()
    screen.print(key.text, style="bold", soft_wrap=True)
    if then is not None:
        screen.print(f"As it was known at {moment_text(then)}", style="dim", soft_wrap=True)
    said = f", {moment_text(summary.first)} to {moment_text(summary.last)}" if summary.bars else ""
    screen.print(f"{summary.bars:,} bars{said}", soft_wrap=True)
    _print_covered(screen, covered)
    screen.print(
        f"{summary.files:,} file{'' if summary.files == 1 else 's'}, {summary.size / 1e6:,.1f} MB in {catalogue.root}",
        style="dim",
        soft_wrap=True,
    )
    _print_history(screen, history)
    return 0


def _known(
    catalogue: "ParquetCatalogue", key: "SeriesKey", then: int | None, history: dict[str, Any]
) -> "tuple[SeriesSummary, IntArray]":
    """What the series holds, or held at a time, and the starts of its bars."""
    import numpy as np

    from autonomous_trading.core import DataNotFound

    summary = catalogue.summary(key)
    if then is None:
        return summary, catalogue.times(key)
    try:
        times = catalogue.read(key, known_at=then).time
    except DataNotFound:
        times = np.empty(0, dtype=np.int64)
    ends = (int(times[0]), int(times[-1])) if len(times) else (None, None)
    later, aside = len(history["revised"]), len(history["quarantine"])
    return replace(summary, bars=len(times), first=ends[0], last=ends[1], revisions=later, refused=aside), times


def _history(catalogue: "ParquetCatalogue", key: "SeriesKey", then: int | None) -> dict[str, Any]:
    """The spans, what was put aside, what came later, and the actions, as JSON says them; of a time those known then.

    The spans are those answered until now: when each of them was is not kept.
    """
    aside = [
        {"time": moment_text(int(when)), "reason": reason, "received_at": moment_text(each.rows.received_at)}
        for each in catalogue.quarantined(key)
        if then is None or each.rows.received_at <= then
        for when, reason in zip(each.rows.time, each.reasons, strict=True)
    ]
    later = [
        {"time": moment_text(int(when)), "close": float(close), "received_at": moment_text(each.received_at)}
        for each in catalogue.revisions(key)
        if then is None or each.received_at <= then
        for when, close in zip(each.time, each.close, strict=True)
    ]
    return {
        "spans": [{"start": moment_text(start), "stop": moment_text(stop)} for start, stop in catalogue.spans(key)],
        "quarantine": aside,
        "revised": later,
        "actions": [
            {
                "action": each.text,
                "id": each.id,
                "ex_time": moment_text(each.ex_time),
                "knowable_at": moment_text(each.knowable_at),
            }
            for each in catalogue.actions(key.source, key.symbol, known_at=then)
        ],
    }


def _print_covered(screen: "Console", covered: Covered) -> None:
    spans = (("days asked for", covered.asked), ("last two years", covered.two_years))
    told = [
        f"{share_text(found)} of the {name} ({found.days:,} of {found.expected:,} {found.measure})"
        for name, found in spans
        if found is not None
    ]
    screen.print("; ".join(told), soft_wrap=True)


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
