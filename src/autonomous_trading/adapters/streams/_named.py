"""Streams by the name of their source."""

from typing import Final

from autonomous_trading.adapters.providers import ProviderSettings
from autonomous_trading.adapters.streams._alpaca import STREAM_URL, AlpacaStream
from autonomous_trading.adapters.streams._assembled import AssembledStream
from autonomous_trading.adapters.streams._exchange import ExchangeStream
from autonomous_trading.adapters.streams._minutes import MINUTE, is_made_of_minutes
from autonomous_trading.app.market_data import BarProvider, BarStream, Clock
from autonomous_trading.core import InvalidInput, Timeframe
from autonomous_trading.data import Sessions

__all__ = ["ALPACA_FEED", "stream_named"]

ALPACA_FEED: Final = "iex"
"""What Alpaca sends to everybody: the bars of one exchange."""


def stream_named(
    name: str,
    settings: ProviderSettings,
    clock: Clock,
    *,
    timeframe: Timeframe,
    feed: str = "",
    asked: tuple[BarProvider, Sessions] | None = None,
    adjustment: str = "raw",
) -> BarStream | None:
    """The stream of a source; None where it sends no bars of this length: they have to be asked for.

    Alpaca sends minutes. With `asked`, who has the ones that are not sent and when they are expected, bars of up to an
    hour are made of them.

    What is sent is raw: where bars are sent and another `adjustment` is wanted, InvalidInput.

    Options: "stream_url", a server that speaks as the source does. Raises SourceDenied where keys are missing,
    InvalidInput where bars come from another server than Alpaca's and its stream is not named: keys are not sent to one
    place because another was meant.
    """
    url = settings.option(name, "stream_url")
    if name == "alpaca":
        longer = asked is not None and is_made_of_minutes(timeframe)
        if timeframe != MINUTE and not longer:
            return None
        _refuse_adjusted(name, adjustment)
        minutes = _alpaca(settings, clock, url, feed or ALPACA_FEED)
        if asked is None or not longer:
            return minutes
        return AssembledStream(minutes, asked[0], clock, sessions=asked[1], feed=feed or ALPACA_FEED)
    import ccxt.pro

    if name not in ccxt.pro.exchanges or not timeframe.is_intraday:
        return None
    _refuse_adjusted(name, adjustment)
    url = url or settings.option("crypto", "stream_url")
    options = {"urls": {"api": {"ws": {"spot": f"{url}/ws"}}}} if url else {}
    return ExchangeStream(name, clock=clock, options=options, patience=settings.patience)


def _refuse_adjusted(name: str, adjustment: str) -> None:
    if adjustment != "raw":
        raise InvalidInput(
            f"{name} sends raw prices, which do not belong into a series with the adjustment {adjustment}",
            fix=f"leave out @{adjustment}, or get these bars with data fetch",
        )


def _alpaca(settings: ProviderSettings, clock: Clock, url: str, feed: str) -> AlpacaStream:
    from autonomous_trading.adapters.providers.alpaca import keys_in

    if not url and settings.option("alpaca", "url"):
        raise InvalidInput(
            "[alpaca] url names a server of your own, and nothing says where it streams",
            fix="set [alpaca] stream_url (AUTOTRADE__ALPACA__STREAM_URL) to its address, ws://...",
        )
    keys = keys_in(settings.environment)
    return AlpacaStream(
        keys.key_id.reveal(),
        keys.secret_key.reveal(),
        clock=clock,
        url=url or STREAM_URL,
        feed=feed,
        patience=settings.patience,
    )
