"""Bars from a provider into the catalogue."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypedDict, Unpack

import numpy as np

from autonomous_trading.core import InvalidBars, InvalidInput, SourceCorrupt, time_text
from autonomous_trading.data import BarsRequest, Sessions, Span
from autonomous_trading.interfaces.python._checks import refuse_unknown
from autonomous_trading.interfaces.python._inputs import moment_of

if TYPE_CHECKING:
    from autonomous_trading.adapters import DataString
    from autonomous_trading.adapters.providers import ProviderSettings
    from autonomous_trading.app.market_data import BarProvider, SyncProgress, SyncReport
    from autonomous_trading.data.actions import CorporateAction

__all__ = ["FetchSettings", "fetch"]

_DAY: Final = 86_400 * 1_000_000_000
_TWO_YEARS: Final = 731 * _DAY


class FetchSettings(TypedDict, total=False):
    """What is fetched, from when to when, and where it is kept.

    start, stop: ISO dates or datetimes (UTC); `stop` is not included. adjustment: "raw" (as traded), "split",
    "dividend", "all". feed: one of the provider's. catalogue: the folder. refresh: ask again for what is there, and
    keep what the source revised since. actions: also splits, dividends and other corporate actions of that time, kept
    apart from the prices. progress: called after each request. providers: keys, addresses and patience.
    """

    start: object
    stop: object
    adjustment: str | None
    feed: str | None
    catalogue: str | os.PathLike[str] | None
    refresh: bool
    actions: bool
    progress: Callable[[SyncProgress], None] | None
    providers: ProviderSettings | None


def fetch(data: str, **settings: Unpack[FetchSettings]) -> tuple[SyncReport, ...]:
    """Ask a provider for what the catalogue lacks of "alpaca:AAPL,MSFT:1h" and keep it; one report for each symbol.

    Settings: start (two years ago), stop (now), adjustment ("raw"), feed, catalogue ("market-data" in this folder),
    refresh, actions, progress, providers (keys are read from the environment). What is there is not asked for again.
    Rows that break a rule are put aside with their reason. `at.load_bars` and every door that takes data then read it
    offline. With `actions=True` the splits and dividends of that time are asked for too (Alpaca's stocks, Yahoo), all
    of them each time; reading with `adjust=` takes those of raw prices out, which Yahoo's never are.

    Bars are asked for when their source has them for certain: a minute after their end, 16 minutes with Alpaca's feeds
    other than iex, 31 minutes from Yahoo, 7 hours where they last a day or longer. Raises UnknownName, SourceDenied,
    SourceUnavailable, SourceCorrupt; what was there before is left as it was.
    """
    from autonomous_trading.adapters import CATALOGUE
    from autonomous_trading.adapters.catalogue import ParquetCatalogue
    from autonomous_trading.adapters.providers import ProviderSettings, provider_named
    from autonomous_trading.app.market_data import SyncRules, kept_actions, sync

    refuse_unknown("fetch", settings, FetchSettings.__annotations__)
    wanted = _wanted(data, settings.get("adjustment"))
    given = settings.get("providers") or ProviderSettings(environment=dict(os.environ))
    catalogue = ParquetCatalogue(Path(settings.get("catalogue") or CATALOGUE).expanduser())
    with closing(provider_named(wanted.provider, given)) as provider:
        feed = settings.get("feed") or given.option(wanted.provider, "feed") or _first_feed(provider)
        late = provider.capabilities().lateness(wanted.timeframe, feed)
        span = _span(wanted, late, settings)
        request = BarsRequest(wanted.symbols, wanted.timeframe, span, wanted.adjustment, feed)
        days = Span(span.start // _DAY * _DAY, -(-span.stop // _DAY) * _DAY)
        actions = _actions(provider, wanted, days) if settings.get("actions") else {}
        rules = SyncRules(refresh=settings.get("refresh", False), sessions=_sessions(provider, wanted, span.start))
        with _own_files(wanted):
            reports = sync(
                provider, catalogue, request, now=time.time_ns, progress=settings.get("progress"), rules=rules
            )
        told = kept_actions(catalogue, wanted.provider, days, actions, now=time.time_ns)
        return tuple(replace(report, actions=told.get(report.key.symbol)) for report in reports)


@contextmanager
def _own_files(wanted: DataString) -> Iterator[None]:
    """Files are handed over by whoever asks: where one cannot be used it is a bad input, and no source that failed."""
    try:
        yield
    except SourceCorrupt as error:
        if wanted.provider != "file":
            raise
        raise InvalidBars(error.what, fix=error.fix) from error


def _actions(provider: BarProvider, wanted: DataString, days: Span) -> dict[str, tuple[CorporateAction, ...]]:
    """The actions of each symbol. They are asked for first: where they are not to be had, nothing was done."""
    from autonomous_trading.app.market_data import ActionSource

    if not isinstance(provider, ActionSource):
        raise InvalidInput(
            f"{wanted.provider} tells of no corporate actions", fix="fetch its bars without them: alpaca and yahoo do"
        )
    return {symbol: provider.actions(symbol, days) for symbol in wanted.symbols}


def _wanted(data: object, adjustment: str | None) -> DataString:
    from autonomous_trading.adapters import data_string_of

    found = data_string_of(data) if isinstance(data, str) else None
    if found is None:
        raise InvalidInput(
            f"{data!r} is no series of a provider", fix='write PROVIDER:SYMBOL:TIMEFRAME: "alpaca:AAPL:1h"'
        )
    made = found if adjustment is None else replace(found, adjustment=adjustment)
    _ = made.keys  # an adjustment that is none is refused here
    return made


def _sessions(provider: BarProvider, wanted: DataString, start: int) -> dict[str, Sessions]:
    """When the market of each symbol was open since the start and in the last two years; none of unknown calendars."""
    from autonomous_trading.adapters import sessions_of

    offer, now = provider.capabilities(), time.time_ns()
    calendars = {symbol: offer.calendar_of(symbol) for symbol in wanted.symbols}
    since = min(start, now - _TWO_YEARS)
    found = {calendar: sessions_of(calendar, since, now) for calendar in set(calendars.values()) if calendar}
    return {symbol: found[calendar] for symbol, calendar in calendars.items() if calendar}


def _first_feed(provider: BarProvider) -> str:
    return next(iter(provider.capabilities().feeds), "")


def _span(wanted: DataString, late: int, settings: FetchSettings) -> Span:
    """What is asked for: nothing that the source may not have in full yet, for it would count as answered."""
    from autonomous_trading.app.market_data import finished_before

    now, timeframe = time.time_ns(), wanted.timeframe
    start, stop = settings.get("start"), settings.get("stop")
    first = (now - _TWO_YEARS) // _DAY * _DAY if start is None else _moment("start", start)
    last = now if stop is None else _moment("stop", stop)
    if first >= now:
        raise InvalidInput(f"no bar of {timeframe} from {time_text(first)} on is over yet", fix="start earlier")
    if first >= last:
        raise InvalidInput(f"start {time_text(first)} is not before stop {time_text(last)}", fix="swap the two dates")
    there = min(last, finished_before(timeframe, now - late))
    if first >= there:
        raise InvalidInput(f"no bar of {timeframe} from {time_text(first)} on is over yet", fix="start earlier")
    return Span(first, there)


def _moment(name: str, when: object) -> int:
    if not isinstance(when, str | date | np.datetime64):
        raise InvalidInput(f"{name} is no date; got {when!r}", fix="use an ISO date such as 2023-01-31")
    return moment_of(name, when)
