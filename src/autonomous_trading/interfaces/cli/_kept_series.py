"""The series of a catalogue as commands see them: by the names people type, with how much of each is there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, final

from autonomous_trading.interfaces.cli._catalogue_options import CatalogueOptions, catalogue_place

if TYPE_CHECKING:
    from autonomous_trading.adapters.catalogue import DamagedSeries, ParquetCatalogue, SeriesSummary
    from autonomous_trading.app.market_data import Coverage
    from autonomous_trading.core import IntArray
    from autonomous_trading.data import SeriesKey, Sessions

__all__ = [
    "Calendars",
    "Covered",
    "coverage_document",
    "damaged_documents",
    "damaged_lines",
    "moment_text",
    "opened",
    "series_document",
    "series_named",
    "share_text",
]


@final
@dataclass(frozen=True, slots=True)
class Covered:
    """How much there is of the days that the source was asked for, and of the last two years (None: nothing)."""

    asked: "Coverage | None"
    two_years: "Coverage | None"


@final
@dataclass(slots=True)
class Calendars:
    """Sessions that were asked for before: the series of a catalogue mostly share a calendar."""

    now: int
    _found: "dict[str, tuple[int, Sessions | None]]" = field(default_factory=dict)

    def covered(self, catalogue: "ParquetCatalogue", key: "SeriesKey", times: "IntArray") -> Covered:
        """The coverage of a series by bars at these times, by the calendar that came with them."""
        from autonomous_trading.app.market_data import coverage_of, coverage_of_spans, coverage_span

        spans, recent = catalogue.spans(key), coverage_span(self.now)
        since = min([recent.start, *(span.start for span in spans)])
        sessions = self._sessions(catalogue.facts(key).get("calendar", ""), since)
        lately = coverage_of(key, times, recent, sessions)
        return Covered(coverage_of_spans(key, times, spans, sessions), lately if lately.days else None)

    def _sessions(self, calendar: str, since: int) -> "Sessions | None":
        from autonomous_trading.adapters import sessions_of
        from autonomous_trading.core import InvalidInput

        begun, found = self._found.get(calendar, (since + 1, None))
        if calendar and since < begun:
            try:
                found = sessions_of(calendar, since, self.now)
            except InvalidInput:  # a calendar that this version does not have: days are counted without one
                found = None
            self._found[calendar] = (since, found)
        return found


def opened(place: CatalogueOptions) -> "ParquetCatalogue":
    """The catalogue. Raises DataNotFound where there is none."""
    from autonomous_trading.adapters.catalogue import ParquetCatalogue
    from autonomous_trading.core import DataNotFound

    folder = catalogue_place(place.catalogue)
    if not folder.is_dir():
        raise DataNotFound(
            f"there is no catalogue in {folder}",
            fix="fetch something first ('autotrade data fetch'), or use --catalogue",
        )
    return ParquetCatalogue(folder)


def series_named(catalogue: "ParquetCatalogue", texts: Sequence[str]) -> "list[SeriesKey]":
    """The series that texts name; others may be damaged. Raises UnknownName, StoreDamaged for one that is itself."""
    from autonomous_trading.core import unknown_name

    survey = catalogue.survey()
    known = {key.text: key for key in survey.keys}
    for text in texts:
        if text in known:
            continue
        folders = {each.folder: each for each in survey.damaged}
        if (asked := _key_of(text)) is not None and (found := catalogue.verify(asked)) and found.folder in folders:
            raise found.error
        raise unknown_name("series", text, known)
    return [known[text] for text in texts]


def _key_of(text: str) -> "SeriesKey | None":
    """The key that `SeriesKey.text` writes so; None for any other text."""
    from autonomous_trading.core import InvalidInput, Timeframe
    from autonomous_trading.data import SeriesKey

    source, _, behind = text.partition(":")
    symbol, _, length = behind.rpartition(":")
    timeframe, _, adjustment = length.partition("@")
    try:
        return SeriesKey(source, symbol, Timeframe.of(timeframe), adjustment or "raw")
    except InvalidInput:
        return None


def damaged_lines(damaged: "Iterable[DamagedSeries]") -> list[str]:
    """A line for each series that cannot be read: whose it is, what is wrong, and what can be done."""
    return [f"{each.key.text}: {each.error}" if each.key else str(each.error) for each in damaged]


def damaged_documents(damaged: "Iterable[DamagedSeries]") -> list[dict[str, Any]]:
    """The same for a JSON document."""
    return [
        {
            "key": each.key.text if each.key else None,
            "folder": str(each.folder),
            "what": each.error.what,
            "fix": each.error.fix,
        }
        for each in damaged
    ]


def series_document(summary: "SeriesSummary", covered: Covered) -> dict[str, Any]:
    """One series for a JSON document."""
    key = summary.key
    return {
        "key": key.text,
        "source": key.source,
        "symbol": key.symbol,
        "timeframe": key.timeframe.text,
        "adjustment": key.adjustment,
        "bars": summary.bars,
        "first": moment_text(summary.first) or None,
        "last": moment_text(summary.last) or None,
        "received_at": moment_text(summary.received_at),
        "coverage": coverage_document(covered.asked),
        "two_years": coverage_document(covered.two_years),
        "revisions": summary.revisions,
        "refused": summary.refused,
        "files": summary.files,
        "size": summary.size,
    }


def coverage_document(found: "Coverage | None") -> dict[str, Any] | None:
    """A coverage for a JSON document; null where there is none."""
    if found is None:
        return None
    return {"days": found.days, "expected": found.expected, "measure": found.measure, "share": found.share}


def share_text(found: "Coverage | None") -> str:
    """Of the days expected, the part that has bars; a dash where none were, or nothing reaches there."""
    return f"{found.share:.1%}" if found is not None and found.expected else "-"


def moment_text(time_ns: int | None) -> str:
    """As ISO text; a time that is missing, or that no calendar has, is said as it came."""
    from autonomous_trading.core import time_text

    return "" if time_ns is None else time_text(time_ns)
