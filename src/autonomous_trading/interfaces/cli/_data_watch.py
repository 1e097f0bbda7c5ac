"""`autotrade data watch`: bars as they are made, each once and in order, kept in the catalogue."""

import json
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final, final

import typer

from autonomous_trading.interfaces.cli._catalogue_options import CatalogueOptions, catalogue_place
from autonomous_trading.interfaces.cli._numbers import moment, nanoseconds, whole
from autonomous_trading.interfaces.cli._options import OutputOptions
from autonomous_trading.interfaces.cli._output import answers, plain
from autonomous_trading.interfaces.cli._provider_settings import provider_settings

if TYPE_CHECKING:
    from autonomous_trading.adapters.providers import ProviderSettings
    from autonomous_trading.adapters.streams import LiveFeed
    from autonomous_trading.app.market_data import BarProvider, LiveEvent, LiveSettings
    from autonomous_trading.data import SeriesKey, Sessions
    from autonomous_trading.data.streaming import Arrival

__all__ = ["WatchOptions", "watch_data"]

_WHAT = "What to watch"
_DAYS_BACK: Final = 40
_DAYS_AHEAD: Final = 300
_DAY_NS: Final = 86_400_000_000_000
_SAID: Final = {
    "connected": "connected",
    "disconnected": "connection lost: {reason}",
    "polling": "asking again and again instead: {reason}",
    "unanswered": "{span} could not be asked for: {reason}",
    "hole": "missing, and waited for: {span}",
    "gap": "gap: {span} did not come in time; no new entries until it is filled",
    "complete": "nothing is missing any more",
    "stale": "STALE: no new bar since {span}; no new entries",
    "fresh": "the feed is alive again",
    "revision": "revised: {bar}",
    "quarantined": "put aside ({reason}): {bar}",
    "future": "refused, it begins later than it came: {bar}",
    "in_progress": "refused, it is not over: {bar}",
}


@final
@dataclass(frozen=True, slots=True)
class WatchOptions:
    """Which bars, and how many."""

    series: Annotated[
        str,
        typer.Argument(
            metavar="PROVIDER:SYMBOL:TIMEFRAME",
            help="Whose bars of what, and how long they are: alpaca:AAPL:1m, binance:BTC/USDT:1m.",
            show_default=False,
        ),
    ]
    bars: Annotated[
        int | None,
        typer.Option(
            "--bars",
            metavar="N",
            parser=whole("--bars", least=1, example=10),
            rich_help_panel=_WHAT,
            help="Stop after so many bars.",
            show_default="until Ctrl-C",
        ),
    ] = None
    start: Annotated[
        datetime | None,
        typer.Option(
            "--start",
            metavar="DATE",
            parser=moment("--start"),
            rich_help_panel=_WHAT,
            help="Also print bars from this date on (2023-01-31, UTC).",
            show_default="bars made from now on",
        ),
    ] = None
    feed: Annotated[
        str | None,
        typer.Option(
            "--feed",
            metavar="NAME",
            rich_help_panel=_WHAT,
            help="Which of the provider's feeds: of Alpaca iex or sip.",
            show_default="iex for Alpaca",
        ),
    ] = None


def watch_data(options: WatchOptions, place: CatalogueOptions, output: OutputOptions) -> int:
    """Print each finished bar as it is made, once and in order, and keep it; Ctrl-C stops.

    What was made since the last bar in the catalogue is asked for first, and again after every loss of the connection.
    Lost connections, missing bars and a feed that sends nothing new are told on stderr. With --json each bar is one
    line.
    """
    import asyncio
    from contextlib import closing

    from autonomous_trading.adapters.providers import provider_named

    given = provider_settings()
    wanted = _wanted(options.series)
    with closing(provider_named(wanted.source, given)) as provider:
        feed, settings = _built(wanted, provider, given, options, place)
        since = None if options.start is None else nanoseconds(options.start)
        asyncio.run(_watch(feed, settings, since, options.bars, output))
    return 0


def _wanted(series: str) -> "SeriesKey":
    from autonomous_trading.adapters import data_string_of
    from autonomous_trading.core import InvalidInput

    found = data_string_of(series)
    if found is None or len(found.symbols) != 1:
        raise InvalidInput(
            f"{series!r} is no series of one symbol", fix="write PROVIDER:SYMBOL:TIMEFRAME: alpaca:AAPL:1m"
        )
    return found.keys[0]


def _built(
    key: "SeriesKey", provider: "BarProvider", given: "ProviderSettings", options: WatchOptions, place: CatalogueOptions
) -> "tuple[LiveFeed, LiveSettings]":
    """Who is listened to and asked, and how patiently."""
    from autonomous_trading.adapters.catalogue import ParquetCatalogue
    from autonomous_trading.adapters.streams import ALPACA_FEED, LiveFeed, PollingStream, SystemClock, stream_named
    from autonomous_trading.app.market_data import LiveSettings
    from autonomous_trading.data.streaming import BarGrid

    clock = SystemClock()
    usual = ALPACA_FEED if key.source == "alpaca" else ""
    feed = options.feed or given.option(key.source, "feed") or usual
    polling = PollingStream(provider, clock, feed=feed)
    stream = stream_named(key.source, given, clock, timeframe=key.timeframe, feed=feed)
    catalogue = ParquetCatalogue(catalogue_place(place.catalogue))
    calendar = provider.capabilities().calendar_of(key.symbol) or ("24/7" if "/" in key.symbol else "XNYS")
    settings = LiveSettings(key, BarGrid(key.timeframe, _sessions(calendar, clock.now(), options)), feed=feed)
    return LiveFeed(stream or polling, provider, catalogue, clock, fallback=polling, patience=given.patience), settings


def _sessions(calendar: str, now: int, options: WatchOptions) -> "Sessions":
    from autonomous_trading.adapters import sessions_of

    start = now if options.start is None else nanoseconds(options.start)
    return sessions_of(calendar, min(start, now) - _DAYS_BACK * _DAY_NS, now + _DAYS_AHEAD * _DAY_NS)


async def _watch(
    feed: "LiveFeed", settings: "LiveSettings", since: int | None, most: int | None, output: OutputOptions
) -> None:
    from contextlib import aclosing

    from autonomous_trading.adapters.streams import live_bars

    begun = feed.clock.now() if since is None else since
    printed = before = 0
    for bar in [] if since is None else _kept(feed, settings, since)[:most]:
        _print(bar, json_lines=output.json)
        printed += 1
    if printed == most:
        return
    async with aclosing(live_bars(feed, settings, since=since)) as events:
        async for event in events:
            if event.kind != "bar" or event.bar is None:
                _tell(event)
                continue
            if settings.grid.end(event.bar.time) <= begun:
                before += 1
                continue
            if before and not printed:
                print(f"{before:,} bars from before were added to the catalogue", file=sys.stderr)
            _print(event.bar, json_lines=output.json)
            printed += 1
            if printed == most:
                return


def _kept(feed: "LiveFeed", settings: "LiveSettings", since: int) -> "list[Arrival]":
    """The bars from a time on that are in the catalogue already."""
    from autonomous_trading.core import DataNotFound
    from autonomous_trading.data import RawBars, Span
    from autonomous_trading.data.streaming import Arrival

    try:
        bars = feed.catalogue.read(settings.key, Span(since, max(since + 1, feed.clock.now())))
    except DataNotFound:
        return []
    return Arrival.all_of(RawBars.of(bars, feed.clock.now()), "history")


def _print(bar: "Arrival", *, json_lines: bool) -> None:
    from autonomous_trading.core import time_text

    names = ("open", "high", "low", "close", "volume")
    if json_lines:
        document = {"time": time_text(bar.time), **dict(zip(names, bar.values, strict=True)), "origin": bar.origin}
        line = json.dumps(plain(document), allow_nan=False)
    else:
        line = "  ".join([_when(bar.time), *(f"{value:>10g}" for value in bar.values)])
    answers().write(line + "\n")
    answers().flush()


def _tell(event: "LiveEvent") -> None:
    """One line on stderr."""
    span = "" if event.span is None else f"{_when(event.span.start)} to {_when(event.span.stop)}"
    bar = "" if event.bar is None else f"{_when(event.bar.time)} close {event.bar.close:g}"
    if event.kind == "stale" and event.span is not None:
        span = _when(event.span.start)
    said = _SAID[event.kind].format(span=span, bar=bar, reason=event.reason)
    print(said, file=sys.stderr, flush=True)


def _when(time: int) -> str:
    from autonomous_trading.core import time_text

    return time_text(time)[:16].replace("T", " ")
