"""Bars, dividends and splits of Yahoo Finance."""

import time
from collections.abc import Callable, Iterator
from typing import Final, final

import numpy as np

from autonomous_trading.adapters.providers._offers import checked_request, due_rows
from autonomous_trading.adapters.providers._settings import ProviderSettings
from autonomous_trading.adapters.providers.yahoo._chart import Chart, chart_of
from autonomous_trading.adapters.providers.yahoo._events import actions_of
from autonomous_trading.adapters.providers.yahoo._session import YahooSession
from autonomous_trading.adapters.providers.yahoo._times import INTERVALS, bar_starts, refuse_too_old
from autonomous_trading.app.market_data import ActionSource, BarProvider, Capabilities
from autonomous_trading.core import BoolArray, InvalidInput, Timeframe
from autonomous_trading.data import BarsRequest, RawBars, Span
from autonomous_trading.data.actions import CorporateAction

__all__ = ["YahooProvider", "yahoo_provider"]

_SECOND: Final = 1_000_000_000
_DAY_NS: Final = 86_400 * _SECOND
_WINDOWS: Final = {"1m": 7, "1h": 365, "1d": 3_650}  # days that one question is about
_WINDOW: Final = 30
_LATE: Final = 31 * 60 * 1_000_000_000  # it has many exchanges 15 or 20 minutes late, and some 30
_LEFT_OUT: Final = {"30m": ": it answers with bars of an hour instead", "1w": ": fetch days", "1M": ": fetch days"}
_OFFER: Final = Capabilities(tuple(INTERVALS), adjustments=("split",), late=_LATE)


@final
class YahooProvider(BarProvider, ActionSource):
    """Yahoo Finance: "yahoo:AAPL:1d@split", symbols as Yahoo writes them ("^GSPC", "BTC-USD", "EURUSD=X").

    Its prices are adjusted for splits, those to come included, and not for dividends: what was really paid is not to
    be had, so "raw" is refused. A daily bar carries 00:00 UTC of its session date. `window` is how many days one
    question is about, by default as many as Yahoo takes.
    """

    def __init__(
        self, session: YahooSession, *, window: int | None = None, now: Callable[[], int] = time.time_ns
    ) -> None:
        self._session, self._window, self._now = session, window, now

    @property
    def name(self) -> str:
        """What a data string calls it."""
        return "yahoo"

    def capabilities(self) -> Capabilities:
        """Bars from a minute to a day, adjusted for splits."""
        return _OFFER

    def pages(self, request: BarsRequest) -> Iterator[RawBars]:
        """The rows asked for: see `BarProvider`. InvalidInput for bars older than Yahoo gives in that length."""
        if request.timeframe.text not in _OFFER.timeframes:
            # Said first: where no bars of that length are to be had, another adjustment leads nowhere.
            raise InvalidInput(
                f"Yahoo gives no bars of {request.timeframe.text}{_LEFT_OUT.get(request.timeframe.text, '')}",
                fix=f"use one of {', '.join(_OFFER.timeframes)} with the adjustment split",
            )
        if request.adjustment == "raw":
            raise InvalidInput(
                "Yahoo's prices are adjusted for splits, so that those really paid (raw) are not to be had from it",
                fix='ask for the adjustment "split", or another source',
            )
        checked_request(self.name, _OFFER, request)
        now = self._now()
        refuse_too_old(request, now)
        for symbol in request.symbols:
            for span in self._windows(request.span, request.timeframe, now):
                chart = self._chart(symbol, request.timeframe, span)
                if chart is None:
                    continue
                rows = _rows(chart, symbol, request.timeframe, self._now())
                inside = (rows.time >= span.start) & (rows.time < span.stop)
                page = rows.taken(
                    inside & due_rows(rows.time, request, now) & _no_latest_price(chart, request.timeframe)
                )
                if len(page):
                    yield page

    def actions(self, symbol: str, span: Span) -> tuple[CorporateAction, ...]:
        """The dividends and splits of a symbol whose ex time is in a span, in order."""
        day = Timeframe.of("1d")
        found: list[CorporateAction] = []
        for window in self._windows(span, day, self._now()):
            chart = self._chart(symbol, day, window)
            events = () if chart is None else actions_of(chart, symbol)
            found += [action for action in events if window.start <= action.ex_time < window.stop]
        return tuple(found)

    def close(self) -> None:
        """Let go of connections."""
        self._session.close()

    def _windows(self, span: Span, timeframe: Timeframe, now: int) -> Iterator[Span]:
        """The span cut into what one question is about; nothing is asked about the future."""
        length = (self._window or _WINDOWS.get(timeframe.text, _WINDOW)) * _DAY_NS
        stop = min(span.stop, now)
        for start in range(span.start, stop, length):
            yield Span(start, min(start + length, stop))

    def _chart(self, symbol: str, timeframe: Timeframe, span: Span) -> Chart | None:
        # A day more on both sides: the session of a date begins on the day before it, or ends on the day after, in UTC.
        asked = span if timeframe.is_intraday else Span(span.start - _DAY_NS, span.stop + _DAY_NS)
        parameters = {
            "period1": str(asked.start // _SECOND),
            "period2": str(-(-asked.stop // _SECOND)),
            "interval": timeframe.text,
            "includePrePost": "false",
            "events": "div,splits,capitalGains",
        }
        return chart_of(self._session.chart(symbol, parameters), symbol, timeframe.text, asked)


def yahoo_provider(_: str, settings: ProviderSettings) -> YahooProvider:
    """Yahoo. Options: "url", a server that speaks as Yahoo does."""
    return YahooProvider(YahooSession(patience=settings.patience, url=settings.option("yahoo", "url")))


def _rows(chart: Chart, symbol: str, timeframe: Timeframe, received_at: int) -> RawBars:
    return RawBars(symbol, bar_starts(chart, timeframe), **chart.columns, received_at=received_at, extra={})


def _no_latest_price(chart: Chart, timeframe: Timeframe) -> BoolArray:
    """True for bars: Yahoo may append the latest price as if it were one, with the time of that price."""
    bars = np.ones(len(chart.seconds), dtype=np.bool_)
    if timeframe.is_intraday and len(bars) > 1 and chart.seconds[-1] == chart.latest:
        bars[-1] = (chart.seconds[-1] - chart.seconds[-2]) * _SECOND % timeframe.ns == 0
    return bars
