"""The verdict on an answer, in the light of the believed bars before it and of the one after it."""

from collections.abc import Callable
from typing import Final, NamedTuple

from autonomous_trading.app.market_data._catalogue import BarCatalogue
from autonomous_trading.core import Bars, DataNotFound
from autonomous_trading.data import Band, RawBars, Screened, SeriesKey, Span, screened

__all__ = ["Judged", "judged"]

_WAITS_NS: Final = 10 * 24 * 60 * 60_000_000_000
"""So long after its end, at most, a bar that tells about one outside the band may begin."""
_BREATH: Final = 8
"""Times as long as bars take without a pause is looked back for them at first: nights and weekends lie between."""


class Judged(NamedTuple):
    """What passed and what did not; `waits`: the newest bar is outside the band, and who tells may still come."""

    seen: Screened
    waits: bool


def judged(
    catalogue: BarCatalogue,
    key: SeriesKey,
    raw: RawBars,
    span: Span,
    *,
    band: Band | None,
    until: int,
    ask: Callable[[Span], Bars | None],
) -> Judged:
    """The rows of a span looked at: the same verdicts whether they come one by one or all at once.

    A verdict takes the believed bars before a bar and the sound one after it, and nothing else, so only the newest of
    an answer can lack something. Where the source has the bar after it (`until`: all that begin before are over), `ask`
    gets it; it is a witness and not kept. One that begins later than ten days after the end of a bar is none: then the
    bar passes, as the last one of a series does.
    """
    if band is None:
        return Judged(screened(raw), waits=False)
    within = _WAITS_NS + key.timeframe.ns
    before = _believed(catalogue, key, span.start, band.reach)
    seen = screened(raw, band=band, before=before, within=within)
    if not seen.doubtful or seen.bars is None:
        return Judged(seen, waits=False)
    latest = int(seen.bars.time[-1]) + within
    behind = Span(span.stop, min(until, latest + 1))
    if behind.start < behind.stop and (after := ask(behind)) is not None:
        seen = screened(raw, band=band, before=before, after=after, within=within)
    return Judged(seen, waits=seen.doubtful and until <= latest)


def _believed(catalogue: BarCatalogue, key: SeriesKey, start: int, count: int) -> Bars | None:
    """So many of the bars that are kept before a time, or more, or all there are; None where there is none."""
    spans = catalogue.spans(key)
    if not spans or spans[0].start >= start:
        return None
    reach = _BREATH * count * key.timeframe.ns
    while True:
        first = max(spans[0].start, start - reach)
        try:
            bars = catalogue.read(key, Span(first, start))
        except DataNotFound:
            bars = None
        if first == spans[0].start or (bars is not None and len(bars) >= count):
            return bars
        reach *= _BREATH
