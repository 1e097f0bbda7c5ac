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

__all__ = ["Told", "WatchOptions", "watch_data"]

_WHAT = "What to watch"
_DAYS_BACK: Final = 40
_DAYS_AHEAD: Final = 300
_DAY_NS: Final = 86_400_000_000_000
_SAID: Final = {
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
            metavar="PROVIDER:SYMBOL[,SYMBOL...]:TIMEFRAME",
            help="Whose bars of what, and how long they are: alpaca:AAPL,MSFT:1m, binance:BTC/USDT:1m.",
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
            help="Stop after so many bars, of all symbols together.",
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

    Several symbols share one connection. What was made since the last bar in the catalogue is asked for first, and
    again after every loss of the connection. Lost connections, missing bars and a feed that sends nothing new are told
    on stderr. With --json each bar is one line.
    """
    import asyncio
    from contextlib import closing

    from autonomous_trading.adapters.providers import provider_named

    given = provider_settings()
    keys = _wanted(options.series)
    with closing(provider_named(keys[0].source, given)) as provider:
        asyncio.run(_watch(_built(keys, provider, given, options, place), options, output))
    return 0


def _wanted(series: str) -> "tuple[SeriesKey, ...]":
    from autonomous_trading.adapters import data_string_of
    from autonomous_trading.core import InvalidInput

    found = data_string_of(series)
    if found is None:
        raise InvalidInput(
            f"{series!r} names no series", fix="write PROVIDER:SYMBOL[,SYMBOL...]:TIMEFRAME: alpaca:AAPL,MSFT:1m"
        )
    return found.keys


@final
@dataclass(frozen=True, slots=True)
class _Watched:
    """Who is listened to and asked, and how patiently for each series."""

    feed: "LiveFeed"
    series: "tuple[LiveSettings, ...]"


def _built(
    keys: "tuple[SeriesKey, ...]",
    provider: "BarProvider",
    given: "ProviderSettings",
    options: WatchOptions,
    place: CatalogueOptions,
) -> _Watched:
    from autonomous_trading.adapters.catalogue import ParquetCatalogue
    from autonomous_trading.adapters.streams import ALPACA_FEED, LiveFeed, PollingStream, SystemClock, stream_named
    from autonomous_trading.app.market_data import LiveSettings
    from autonomous_trading.data.streaming import BarGrid

    clock, offer = SystemClock(), provider.capabilities()
    source, frame, adjustment = keys[0].source, keys[0].timeframe, keys[0].adjustment
    feed = options.feed or given.option(source, "feed") or (ALPACA_FEED if source == "alpaca" else "")
    calendars = {key: offer.calendar_of(key.symbol) or ("24/7" if "/" in key.symbol else "XNYS") for key in keys}
    sessions = {name: _sessions(name, clock.now(), options) for name in dict.fromkeys(calendars.values())}
    lag = offer.lateness(frame, feed)
    series = tuple(
        LiveSettings(key, BarGrid(frame, sessions[calendar]), lag=lag, feed=feed) for key, calendar in calendars.items()
    )
    polling = PollingStream(provider, clock, feed=feed, adjustment=adjustment)
    asked = (provider, series[0].grid.sessions)
    sent = stream_named(source, given, clock, timeframe=frame, feed=feed, asked=asked, adjustment=adjustment)
    catalogue = ParquetCatalogue(catalogue_place(place.catalogue))
    made = LiveFeed(sent or polling, provider, catalogue, clock, fallback=polling, patience=given.patience)
    return _Watched(made, series)


def _sessions(calendar: str, now: int, options: WatchOptions) -> "Sessions":
    from autonomous_trading.adapters import sessions_of

    start = now if options.start is None else nanoseconds(options.start)
    return sessions_of(calendar, min(start, now) - _DAYS_BACK * _DAY_NS, now + _DAYS_AHEAD * _DAY_NS)


async def _watch(watched: _Watched, options: WatchOptions, output: OutputOptions) -> None:
    from contextlib import aclosing

    from autonomous_trading.adapters.streams import live_bars

    feed, series, most = watched.feed, watched.series, options.bars
    since = None if options.start is None else nanoseconds(options.start)
    begun = feed.clock.now() if since is None else since
    grids, several = {each.key.symbol: each.grid for each in series}, len(series) > 1
    printed = before = 0
    for symbol, bar in [] if since is None else _kept(feed, series, since)[:most]:
        _print(symbol, bar, several=several, json_lines=output.json)
        printed += 1
    if printed == most:
        return
    told = Told(several=several)
    async with aclosing(live_bars(feed, *series, since=since)) as events:
        async for event in events:
            if (line := told.line(event)) is not None:
                print(line, file=sys.stderr, flush=True)
            if event.kind != "bar" or event.bar is None:
                continue
            if grids[event.symbol].end(event.bar.time) <= begun:
                before += 1
                continue
            if before and not printed:
                print(f"{before:,} bars from before were added to the catalogue", file=sys.stderr)
            _print(event.symbol, event.bar, several=several, json_lines=output.json)
            printed += 1
            if printed == most:
                return


def _kept(feed: "LiveFeed", series: "tuple[LiveSettings, ...]", since: int) -> "list[tuple[str, Arrival]]":
    """The bars from a time on that are in the catalogue already, in order of time."""
    from autonomous_trading.core import DataNotFound
    from autonomous_trading.data import RawBars, Span
    from autonomous_trading.data.streaming import Arrival

    found: list[tuple[str, Arrival]] = []
    for key in (each.key for each in series):
        try:
            bars = feed.catalogue.read(key, Span(since, max(since + 1, feed.clock.now())))
        except DataNotFound:
            continue
        found += [(key.symbol, bar) for bar in Arrival.all_of(RawBars.of(bars, feed.clock.now()), "history")]
    return sorted(found, key=lambda each: each[1].time)


def _print(symbol: str, bar: "Arrival", *, several: bool, json_lines: bool) -> None:
    from autonomous_trading.core import time_text

    names = ("open", "high", "low", "close", "volume")
    if json_lines:
        values = dict(zip(names, bar.values, strict=True))
        document = {"symbol": symbol, "time": time_text(bar.time), **values, "origin": bar.origin}
        line = json.dumps(plain(document), allow_nan=False)
    else:
        line = "  ".join([_when(bar.time), *(f"{value:>10g}" for value in bar.values)])
        line = f"{symbol}  {line}" if several else line
    answers().write(line + "\n")
    answers().flush()


@final
class Told:
    """What is said on stderr about a live feed: an outage once, however many attempts it takes.

    `several`: whether there is more than one series, so that a line has to say whose it is.
    """

    def __init__(self, *, several: bool) -> None:
        self._several = several
        self._connected, self._tries = False, 0
        self._said: set[tuple[str, str, str]] = set()

    def line(self, event: "LiveEvent") -> str | None:
        """The line to say of an event; None for a bar, and for what was said already in the same outage."""
        if event.kind == "bar":
            self._said.clear()
            return None
        if event.kind == "connected":
            return self._again()
        if event.kind in ("disconnected", "unanswered"):
            self._tries += event.kind == "disconnected"
            what = (event.kind, event.symbol, event.reason)
            if what in self._said:
                return None
            self._said.add(what)
        if event.kind == "polling":
            self._tries = 0
        line = _line(event)
        return f"{event.symbol}: {line}" if self._several and event.symbol else line

    def _again(self) -> str:
        before, tries = self._connected, self._tries
        self._connected, self._tries = True, 0
        self._said = {each for each in self._said if each[0] != "disconnected"}
        if not before and not tries:
            return "connected"
        return f"connected again after {tries:,} {'try' if tries == 1 else 'tries'}" if tries else "connected again"


def _line(event: "LiveEvent") -> str:
    span = "" if event.span is None else f"{_when(event.span.start)} to {_when(event.span.stop)}"
    bar = "" if event.bar is None else f"{_when(event.bar.time)} close {event.bar.close:g}"
    if event.kind == "stale" and event.span is not None:
        span = _when(event.span.start)
    return _SAID[event.kind].format(span=span, bar=bar, reason=event.reason)


def _when(time: int) -> str:
    from autonomous_trading.core import time_text

    return time_text(time)[:16].replace("T", " ")
