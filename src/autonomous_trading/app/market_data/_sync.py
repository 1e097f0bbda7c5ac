"""Bring a catalogue up to date with a source: ask for what is missing, look at every row, keep it."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, NamedTuple, final

import numpy as np

from autonomous_trading.app.market_data._actions import ActionsCommitted
from autonomous_trading.app.market_data._catalogue import BarCatalogue, Delivery, refuse_other_feed
from autonomous_trading.app.market_data._coverage import Coverage, coverage, coverage_span
from autonomous_trading.app.market_data._judging import judged
from autonomous_trading.app.market_data._provider import BarProvider
from autonomous_trading.core import Bars, DataNotFound, IntArray, SourceCorrupt, Timeframe, time_text
from autonomous_trading.data import (
    Band,
    BarsRequest,
    RawBars,
    Screened,
    SeriesKey,
    Sessions,
    Span,
    merged_spans,
    missing_spans,
    screened,
)

__all__ = ["SyncProgress", "SyncReport", "SyncRules", "finished_before", "sync"]

_MINUTE_NS: Final = 60_000_000_000
_BARS_AT_ONCE: Final = 2_000_000
"""So many bars are asked for and held in memory at once, of all symbols together."""
_WITNESSES: Final = 5
"""So many of the newest bars held are asked for again before something is added to an adjusted series."""
_SAME_LEVEL: Final = 1e-4
"""What their median may differ by, as a fraction: less than any dividend is worth, more than a price is rounded."""


@final
@dataclass(frozen=True, slots=True)
class SyncProgress:
    """How far a sync is: requests answered of those it will make, rows received so far, the symbols just kept."""

    done: int
    requests: int
    received: int
    symbols: tuple[str, ...]


@final
@dataclass(frozen=True, slots=True)
class SyncReport:
    """What became of one symbol: every row of the source's answer is in one of the counts.

    `received` = `new` + `revised` + `repeated` + `refused` + `duplicates`. `fetched` are the spans that were asked for,
    () where everything was there already. `reasons` counts the refused by code (`data.REASONS`). `until` is where the
    bars end that are over. `coverage` is of the span that was asked for, `two_years` of the last two; None where no bar
    lies in them. `actions` says what became of corporate actions, None where they were not asked for.
    """

    key: SeriesKey
    fetched: tuple[Span, ...]
    until: int
    received: int = 0
    new: int = 0
    revised: int = 0
    repeated: int = 0
    refused: int = 0
    duplicates: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    coverage: Coverage | None = None
    two_years: Coverage | None = None
    actions: ActionsCommitted | None = None


@final
@dataclass(frozen=True, slots=True, eq=False)
class SyncRules:
    """How a sync goes about it.

    refresh: ask again for everything, which finds what the source revised since. band: rows outside it are put aside
    (None: every sound row is kept). sessions: those that each symbol trades in, for the coverage; their name is kept
    with the bars. Weekdays or all days are expected of a symbol that has none.
    """

    refresh: bool = False
    band: Band | None = field(default_factory=Band)
    sessions: Mapping[str, Sessions] = field(default_factory=dict)


class _Job(NamedTuple):
    """One request to the source: symbols that miss the same times."""

    symbols: tuple[str, ...]
    span: Span


def sync(
    provider: BarProvider,
    catalogue: BarCatalogue,
    request: BarsRequest,
    *,
    now: Callable[[], int],
    progress: Callable[[SyncProgress], None] | None = None,
    rules: SyncRules | None = None,
) -> tuple[SyncReport, ...]:
    """Fetch what the catalogue lacks of a request and keep it; one report for each symbol, in their order.

    `now` gives UTC nanoseconds. A bar that is not over yet, or not for as long as its source may be late with it
    (`Capabilities`), is neither asked for nor kept: what was answered counts as answered for good. Rows that break the
    rules of bars are put aside, and so are those outside the band of the `rules`. The verdict on a bar takes the bars
    kept before it and the one after it, whether that comes in the same answer or has to be asked for. Where it does not
    exist yet, a newest bar outside the band is doubtful: neither kept nor put aside, it counts as not answered, and the
    next sync over its time asks again. So one sync of everything and one at every bar put aside the same rows, as long
    as each goes on where the one before ended; what is fetched before the bars that are held changes nothing on those.

    What a read with `known_at` sees: at the close of a bar outside the band nobody knew yet what it was. It is missing
    there for ever where the next bar spoke against it, as it was for who synced then; where the next bar cleared it, it
    is there from its close on, although who synced then got it one bar later. Every other bar is there in both.

    Long spans and many symbols are asked for piece by piece, and every piece is kept when it is complete: where the
    source fails, what was kept stays, the catalogue is as it was for the rest, the error is raised as it is, and the
    same call goes on from there. Raises SourceCorrupt for rows that were not asked for: nothing of that piece is kept.
    Raises Refused, before anything is asked, where a series holds bars of another feed.

    A source changes all older prices of an adjusted series with the next split. So before something is added to one,
    its newest bars are asked for once more; where their level is another, the whole series is asked for again.
    """
    chosen = rules or SyncRules()
    offer = provider.capabilities()
    until = finished_before(request.timeframe, now() - offer.lateness(request.timeframe, request.feed))
    wanted = Span(request.span.start, min(request.span.stop, until))
    keys = {
        symbol: SeriesKey(provider.name, symbol, request.timeframe, request.adjustment) for symbol in request.symbols
    }
    for key in keys.values():
        refuse_other_feed(key, catalogue.facts(key), request.feed)
    lacking = {symbol: _lacking(catalogue, key, wanted, refresh=chosen.refresh) for symbol, key in keys.items()}
    if request.adjustment != "raw" and not chosen.refresh:
        lacking |= {
            name: _whole(catalogue, keys[name], wanted) for name in _restated(provider, catalogue, request, lacking)
        }
    reports = {symbol: SyncReport(key, lacking[symbol], until) for symbol, key in keys.items()}
    jobs = list(_jobs(request.timeframe, lacking))
    received, whole = 0, not offer.ends_with_last
    for number, job in enumerate(jobs, start=1):
        asked = replace(request, symbols=job.symbols, span=job.span)
        pages = _answer(provider, asked)
        for symbol in job.symbols:
            raw = _in_one(symbol, pages.pop(symbol, []), now)
            received += len(raw)
            ask = partial(_sound, provider, replace(asked, symbols=(symbol,)))
            key = reports[symbol].key
            seen, waits = judged(catalogue, key, raw, job.span, band=chosen.band, until=until, ask=ask)
            answered = _answered(raw, job.span, request.timeframe, whole=whole)
            if waits and answered is not None:
                raw, seen, answered = _without_newest(raw, seen, answered)
            if answered is not None and (len(raw) or catalogue.spans(reports[symbol].key)):
                facts = _facts(request, chosen.sessions.get(symbol))
                reports[symbol] = _kept(catalogue, reports[symbol], raw, seen, answered, facts)
        if progress is not None:
            progress(SyncProgress(number, len(jobs), received, job.symbols))
    recent = coverage_span(now())
    return tuple(_covered(catalogue, each, (wanted, recent), chosen.sessions) for each in reports.values())


def finished_before(timeframe: Timeframe, now: int) -> int:
    """The time before which every bar that starts is over at `now`, both UTC nanoseconds.

    Bars below a day may begin with a session instead of the clock, and sessions open at a quarter of an hour at the
    finest: bars of half an hour begin at 09:15 where the market opens then. The others begin where the clock says.
    """
    if timeframe.is_intraday:
        step = math.gcd(timeframe.ns, 15 * _MINUTE_NS)
        return (now - timeframe.ns) // step * step + step
    return int(timeframe.starts(_one(now))[0])


def _lacking(catalogue: BarCatalogue, key: SeriesKey, wanted: Span, *, refresh: bool) -> tuple[Span, ...]:
    if wanted.start >= wanted.stop:
        return ()
    return (wanted,) if refresh else missing_spans(wanted, catalogue.spans(key))


def _restated(
    provider: BarProvider, catalogue: BarCatalogue, asked: BarsRequest, lacking: Mapping[str, tuple[Span, ...]]
) -> Iterator[str]:
    """The symbols that lack something and whose newest bars the source gives at another level than they are held at."""
    for symbol in (name for name, spans in lacking.items() if spans):
        key = SeriesKey(provider.name, symbol, asked.timeframe, asked.adjustment)
        try:
            held = catalogue.read(key)[-_WITNESSES:]
        except DataNotFound:
            continue
        span = Span(int(held.time[0]), int(held.time[-1]) + 1)
        again = _sound(provider, replace(asked, symbols=(symbol,)), span)
        if again is None:
            continue
        _, ours, theirs = np.intersect1d(held.time, again.time, return_indices=True)
        if len(ours) and abs(float(np.median(again.close[theirs] / held.close[ours])) - 1.0) > _SAME_LEVEL:
            yield symbol


def _whole(catalogue: BarCatalogue, key: SeriesKey, wanted: Span) -> tuple[Span, ...]:
    return merged_spans([*catalogue.spans(key), wanted])


def _jobs(timeframe: Timeframe, lacking: Mapping[str, tuple[Span, ...]]) -> Iterator[_Job]:
    """The requests to make: symbols that lack the same in one, in pieces that fit into memory."""
    groups: dict[tuple[Span, ...], list[str]] = {}
    for symbol, spans in lacking.items():
        groups.setdefault(spans, []).append(symbol)
    for spans, symbols in groups.items():
        for span in spans:
            for piece in _pieces(span, _BARS_AT_ONCE * timeframe.ns):
                bars = max(1, (piece.stop - piece.start) // timeframe.ns)
                together = max(1, _BARS_AT_ONCE // bars)
                for first in range(0, len(symbols), together):
                    yield _Job(tuple(symbols[first : first + together]), piece)


def _pieces(span: Span, longest: int) -> Iterator[Span]:
    for start in range(span.start, span.stop, longest):
        yield Span(start, min(start + longest, span.stop))


def _answer(provider: BarProvider, asked: BarsRequest) -> dict[str, list[RawBars]]:
    """The pages of a request by symbol; nothing is kept before the last of them is here."""
    found: dict[str, list[RawBars]] = {}
    for page in provider.pages(asked):
        if page.symbol not in asked.symbols:
            raise SourceCorrupt(
                f"{provider.name} answered with {page.symbol}, which was not asked for", fix="ask for fewer symbols"
            )
        # A row without a time is looked at with all others; one with another time is an answer to another question.
        outside = (page.time > 0) & ((page.time < asked.span.start) | (page.time >= asked.span.stop))
        if outside.any():
            raise SourceCorrupt(
                f"{provider.name} answered with a bar of {page.symbol} at {time_text(int(page.time[outside][0]))},"
                f" outside {time_text(asked.span.start)} to {time_text(asked.span.stop)}",
                fix="try again later; nothing of this answer was kept",
            )
        found.setdefault(page.symbol, []).append(page)
    return found


def _in_one(symbol: str, pages: Sequence[RawBars], now: Callable[[], int]) -> RawBars:
    """All rows of one symbol, received when the last page was; none where there was no page."""
    if pages:
        return replace(RawBars.joined(list(pages)), received_at=max(page.received_at for page in pages))
    none = np.empty(0)
    return RawBars(symbol, np.empty(0, dtype=np.int64), none, none, none, none, none, received_at=now())


def _sound(provider: BarProvider, asked: BarsRequest, span: Span) -> Bars | None:
    """The sound bars that a source has for the one symbol of a request in a span behind it."""
    pages = _answer(provider, replace(asked, span=span)).get(asked.symbols[0], [])
    return screened(RawBars.joined(pages)).bars if pages else None


def _answered(raw: RawBars, span: Span, timeframe: Timeframe, *, whole: bool) -> Span | None:
    """For which times a source has answered; None for none."""
    if whole:
        return span
    if not len(raw):
        return None
    return Span(span.start, min(span.stop, int(timeframe.following(_one(int(raw.time.max())))[0])))


def _without_newest(raw: RawBars, seen: Screened, span: Span) -> tuple[RawBars, Screened, Span | None]:
    """The same without the newest bar, which is asked for again when another one follows it."""
    if seen.bars is None:
        return raw, seen, span
    last = int(seen.bars.time[-1])
    bars = seen.bars[:-1] if len(seen.bars) > 1 else None
    earlier = raw.taken(raw.time < last)
    refused = seen.refused.time < last
    reasons = tuple(reason for reason, kept in zip(seen.reasons, refused, strict=True) if kept)
    duplicates = len(earlier) - len(reasons) - (0 if bars is None else len(bars))
    left = replace(seen, bars=bars, refused=seen.refused.taken(refused), reasons=reasons, duplicates=duplicates)
    return earlier, left, Span(span.start, last) if span.start < last else None


def _facts(request: BarsRequest, sessions: Sessions | None) -> dict[str, str]:
    """What is kept with bars about where they come from."""
    calendar = "" if sessions is None else sessions.exchange
    return {name: text for name, text in (("feed", request.feed), ("calendar", calendar)) if text}


def _covered(
    catalogue: BarCatalogue, report: SyncReport, spans: tuple[Span, Span], sessions: Mapping[str, Sessions]
) -> SyncReport:
    """The report with how much there is of what was asked for, and of the last two years where anything is there."""
    wanted, recent = spans
    own = sessions.get(report.key.symbol)
    there = coverage(catalogue, report.key, wanted, own) if wanted.start < wanted.stop else None
    lately = coverage(catalogue, report.key, recent, own)
    return replace(report, coverage=there, two_years=lately if lately.days else None)


def _kept(
    catalogue: BarCatalogue, report: SyncReport, raw: RawBars, seen: Screened, span: Span, facts: Mapping[str, str]
) -> SyncReport:
    """The report with what one complete answer brought, which is in the catalogue then."""
    delivery = Delivery(
        span=span,
        bars=seen.bars,
        received_at=raw.received_at,
        refused=seen.refused if len(seen.refused) else None,
        reasons=seen.reasons,
        facts=facts,
    )
    told = catalogue.commit(report.key, delivery)
    return replace(
        report,
        received=report.received + len(raw),
        new=report.new + told.new,
        revised=report.revised + told.revised,
        repeated=report.repeated + told.repeated,
        refused=report.refused + told.refused,
        duplicates=report.duplicates + seen.duplicates,
        reasons=dict(Counter(report.reasons) + Counter(seen.reasons)),
    )


def _one(time: int) -> IntArray:
    return np.array([time], dtype=np.int64)
