"""`autotrade data list`: what the catalogue of market data holds."""

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from autonomous_trading.interfaces.cli._catalogue_options import CatalogueOptions
from autonomous_trading.interfaces.cli._failures import FAILED
from autonomous_trading.interfaces.cli._kept_series import (
    Calendars,
    Covered,
    damaged_documents,
    damaged_lines,
    moment_text,
    opened,
    series_document,
    share_text,
)
from autonomous_trading.interfaces.cli._options import OutputOptions
from autonomous_trading.interfaces.cli._output import console, print_document
from autonomous_trading.interfaces.cli._tables import print_columns

if TYPE_CHECKING:
    from autonomous_trading.adapters.catalogue import DamagedSeries, ParquetCatalogue, SeriesSummary

__all__ = ["list_data"]

_HEADINGS = ("series", "bars", "first", "last", "asked", "two years", "revised", "aside", "MB")


def list_data(place: CatalogueOptions, output: OutputOptions) -> int:
    """The series in the catalogue: how many bars, from when to when, and how much of the days asked for is there.

    Every file is looked at. Exit code 1 where one is damaged: its series is named with what can be done about it.
    """
    catalogue = opened(place)
    found, damaged = _looked_at(catalogue)
    size = sum(summary.size for summary, _ in found)
    if output.json:
        rows = [series_document(summary, covered) for summary, covered in found]
        document = {"command": "data list", "catalogue": str(catalogue.root), "size": size, "series": rows}
        print_document({**document, "damaged": damaged_documents(damaged)})
    elif not found and not damaged:
        console().print(f"{catalogue.root} holds nothing yet. Next: autotrade data fetch --help", soft_wrap=True)
    else:
        _show(catalogue, found, damaged)
    return FAILED if damaged else 0


def _looked_at(
    catalogue: "ParquetCatalogue",
) -> "tuple[list[tuple[SeriesSummary, Covered]], list[DamagedSeries]]":
    """What each series holds, and those that cannot be read."""
    from autonomous_trading.adapters.catalogue import DamagedSeries
    from autonomous_trading.core import DataNotFound

    survey, calendars = catalogue.survey(), Calendars(time.time_ns())
    found: list[tuple[SeriesSummary, Covered]] = []
    damaged = list(survey.damaged)
    for key in survey.keys:
        looked_at = catalogue.checked_times(key)
        if isinstance(looked_at, DamagedSeries):
            damaged.append(looked_at)
            continue
        with suppress(DataNotFound):  # it was taken away since the catalogue was surveyed: there is nothing to list
            found.append((catalogue.summary(key), calendars.covered(catalogue, key, looked_at)))
    return found, damaged


def _show(
    catalogue: "ParquetCatalogue", found: "list[tuple[SeriesSummary, Covered]]", damaged: "list[DamagedSeries]"
) -> None:
    screen = console()
    rows: list[tuple[str, ...]] = [
        (
            summary.key.text,
            f"{summary.bars:,}",
            moment_text(summary.first)[:10],
            moment_text(summary.last)[:10],
            share_text(covered.asked),
            share_text(covered.two_years),
            f"{summary.revisions:,}",
            f"{summary.refused:,}",
            f"{summary.size / 1e6:,.1f}",
        )
        for summary, covered in found
    ]
    rows += [(_name(each, catalogue), "DAMAGED", *("",) * (len(_HEADINGS) - 2)) for each in damaged]
    print_columns(screen, _HEADINGS, rows, left=("series", "first", "last"))
    bars, size = (sum(getattr(summary, name) for summary, _ in found) for name in ("bars", "size"))
    screen.print(f"\n{catalogue.root}: {len(found):,} series, {bars:,} bars, {size / 1e6:,.1f} MB", soft_wrap=True)
    measures = {each.measure for _, covered in found for each in (covered.asked, covered.two_years) if each}
    if measures:
        words = " and ".join(sorted(measures))
        screen.print(f"Of the days asked for and of the last two years: {words}.", style="dim", soft_wrap=True)
    for line in damaged_lines(damaged):
        screen.print(f"DAMAGED {line}", style="red", soft_wrap=True)
    if found:
        screen.print(f"Next: autotrade data show {found[0][0].key.text}", style="dim", soft_wrap=True)


def _name(each: "DamagedSeries", catalogue: "ParquetCatalogue") -> str:
    """What a series is called that may not know it any more: its folder then."""
    return each.key.text if each.key else str(each.folder.relative_to(catalogue.root))
