"""Bars that Alpaca sends, over its websocket.

alpaca-py has a client for it (`StockDataStream`), and it is not used, for four reasons found in its source (0.44):
a refused key or a subscription that is not included is logged and tried again for ever, and whoever called never
learns of it; connecting and logging in wait without a limit; it reconnects by itself, without saying so, and the bars
that were missed then cannot be asked for; and it needs `websockets.legacy`, which is deprecated. The protocol is a
handful of JSON messages, spoken here.
"""

import asyncio
import json
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, final

from autonomous_trading.adapters.providers import Patience, Secret
from autonomous_trading.app.market_data import BarStream, Clock, Heard, Subscribed
from autonomous_trading.core import InvalidInput, SourceCorrupt, SourceDenied, SourceUnavailable, Timeframe
from autonomous_trading.data.streaming import Arrival

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

__all__ = ["STREAM_URL", "AlpacaStream"]

STREAM_URL: Final = "wss://stream.data.alpaca.markets"

_AGAIN: Final = "wait a moment and connect again"
_DENIED: Final = {
    401: "set APCA_API_KEY_ID and APCA_API_SECRET_KEY",
    402: "set APCA_API_KEY_ID and APCA_API_SECRET_KEY to a pair that belongs together",
    405: "watch fewer symbols, or subscribe to a larger plan",
    409: "use the feed iex, or subscribe to the one that was asked for",
    410: "use the feed iex, or subscribe to the one that was asked for",
}
_PASSING: Final = frozenset({404, 406, 407, 500})
_BARS: Final = {"b": "bars", "u": "updatedBars"}
_EXTRA: Final = {"n": "trade_count", "vw": "vwap"}
_PING_SECONDS: Final = 20
_LATEST: Final = 2**62
"""UTC nanoseconds, in 2116: what is later, or before 1970, is no time of a bar, and may not fit into 64 bits."""
_LARGEST: Final = 4 * 1024 * 1024


@final
class AlpacaStream(BarStream):
    """Minute bars of shares or crypto, with the revisions that Alpaca sends half a minute after some of them.

    `feed` is "iex" or "sip" for shares; symbols with a slash ("BTC/USD") are crypto, and one stream carries one kind.
    One connection an account is allowed: it is held while somebody listens. Its key and secret are in no text.
    """

    def __init__(
        self,
        key_id: str,
        secret_key: str,
        *,
        clock: Clock,
        url: str = STREAM_URL,
        feed: str = "iex",
        patience: Patience | None = None,
    ) -> None:
        self._login = Secret(key_id), Secret(secret_key)
        self._clock, self._url, self._feed = clock, url.rstrip("/"), feed
        self._patience = patience or Patience()

    @property
    def name(self) -> str:
        return "alpaca"

    def listen(self, symbols: tuple[str, ...], timeframe: Timeframe) -> AsyncGenerator[Subscribed | Heard, None]:
        """Connect, log in, subscribe, and hand on bars and their revisions."""
        if timeframe != Timeframe(1, "m"):
            raise SourceDenied(
                f"Alpaca sends bars of one minute, not of {timeframe}", fix="watch 1m, or ask for these bars by polling"
            )
        if len({"/" in symbol for symbol in symbols}) != 1:
            raise InvalidInput(f"{', '.join(symbols) or 'no symbol'} on one stream", fix="watch shares or crypto")
        return self._listening(symbols)

    async def _listening(self, symbols: tuple[str, ...]) -> AsyncGenerator[Subscribed | Heard, None]:
        from websockets.asyncio.client import connect
        from websockets.exceptions import WebSocketException

        seconds = self._patience.timeout
        path = "/v1beta3/crypto/us" if "/" in symbols[0] else f"/v2/{self._feed}"
        options: dict[str, Any] = {"ping_interval": _PING_SECONDS, "ping_timeout": _PING_SECONDS, "max_size": _LARGEST}
        try:
            async with connect(self._url + path, open_timeout=seconds, close_timeout=1, **options) as connection:
                await self._log_in(connection, symbols)
                yield Subscribed(symbols)
                async for text in connection:
                    for message in _messages(self._readable(text)):
                        if (heard := self._heard(message, symbols)) is not None:
                            yield heard
        except (SourceCorrupt, SourceDenied, SourceUnavailable) as error:
            raise type(error)(self._without_login(error.what), fix=error.fix) from None
        except (WebSocketException, OSError, TimeoutError) as error:
            said = self._without_login(str(error)) or f"no answer within {seconds:g} s"
            raise SourceUnavailable(f"the stream of Alpaca at {self._url}: {said}", fix=_AGAIN) from None
        raise SourceUnavailable(f"the stream of Alpaca at {self._url} was closed", fix=_AGAIN)

    def _without_login(self, words: str) -> str:
        """The words with key and secret blotted out, should the source have repeated them."""
        for each in self._login:
            words = each.hidden_in(words)
        return words

    def _readable(self, text: str | bytes) -> str:
        """A frame as text, without key and secret: before it is cut anywhere, for half a key would not be found."""
        return self._without_login(text if isinstance(text, str) else text.decode("utf-8", "replace"))

    async def _said(self, connection: "ClientConnection", kind: str, words: str = "") -> dict[str, Any]:
        """The next message, which has to be of a kind."""
        first = _messages(self._readable(await connection.recv()))
        for message in first:
            _raise_error(message)
        if not first or first[0]["T"] != kind or (words and first[0].get("msg") != words):
            raise SourceCorrupt(f"Alpaca said {_shown(first)} in place of {words or kind}", fix=_AGAIN)
        return first[0]

    async def _log_in(self, connection: "ClientConnection", symbols: tuple[str, ...]) -> None:
        async with asyncio.timeout(self._patience.timeout):
            await self._said(connection, "success", "connected")
            key, secret = self._login
            await connection.send(json.dumps({"action": "auth", "key": key.reveal(), "secret": secret.reveal()}))
            await self._said(connection, "success", "authenticated")
            wanted = {channel: list(symbols) for channel in _BARS.values()}
            await connection.send(json.dumps({"action": "subscribe", **wanted}))
            answer = await self._said(connection, "subscription")
        missing = {*symbols} - {*answer.get("bars", ())}
        if missing:
            raise SourceDenied(
                f"Alpaca does not send bars of {', '.join(sorted(missing))}", fix="look at how the symbol is written"
            )

    def _heard(self, message: dict[str, Any], symbols: tuple[str, ...]) -> Heard | None:
        """The bar in a message; None for messages that are about something else."""
        _raise_error(message)
        if message["T"] not in _BARS or message.get("S") not in symbols:
            return None
        opened, high, low, close, volume = (_number(message, key) for key in "ohlcv")
        extra = tuple((name, _number(message, key)) for key, name in _EXTRA.items() if key in message)
        time = _moment(message.get("t"))
        now = self._clock.now()
        return Heard(message["S"], Arrival(time, opened, high, low, close, volume, now, "stream", extra))


def _messages(text: str) -> list[dict[str, Any]]:
    """A frame as the messages in it. Raises SourceCorrupt."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise SourceCorrupt(f"Alpaca sent what is no JSON: {_shown(text)}", fix=_AGAIN) from None
    if not isinstance(found, list) or not all(
        isinstance(each, dict) and isinstance(each.get("T"), str) for each in found
    ):
        raise SourceCorrupt(f"Alpaca sent what is no list of messages: {_shown(found)}", fix=_AGAIN)
    return found


def _raise_error(message: dict[str, Any]) -> None:
    if message["T"] != "error":
        return
    code, words = message.get("code"), str(message.get("msg", ""))[:100]
    if not isinstance(code, int):
        raise SourceCorrupt(f"the stream of Alpaca reports an error without a number: {words}", fix=_AGAIN)
    if code in _DENIED:
        raise SourceDenied(f"the stream of Alpaca refused: {words} ({code})", fix=_DENIED[code])
    if code in _PASSING:
        raise SourceUnavailable(f"the stream of Alpaca refused for now: {words} ({code})", fix=_AGAIN)
    raise SourceCorrupt(f"the stream of Alpaca reports an error: {words} ({code})", fix=_AGAIN)


def _number(message: dict[str, Any], key: str) -> float:
    value = message.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SourceCorrupt(f"a bar of Alpaca has {key!r} = {_shown(value)}, not a number", fix=_AGAIN)
    try:
        return float(value)
    except OverflowError:
        raise SourceCorrupt(f"a bar of Alpaca has a number in {key!r} larger than any price", fix=_AGAIN) from None


def _moment(text: object) -> int:
    """UTC nanoseconds of a time with a zone; one without is refused, whatever it may have meant."""
    try:
        found = datetime.fromisoformat(text if isinstance(text, str) else "")
    except ValueError:
        raise SourceCorrupt(f"a bar of Alpaca has the time {_shown(text)}", fix=_AGAIN) from None
    if found.tzinfo is None:
        raise SourceCorrupt(f"a bar of Alpaca has the time {_shown(text)}, without a zone", fix=_AGAIN)
    since = found - datetime(1970, 1, 1, tzinfo=UTC)
    moment = ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1_000
    if not 0 < moment < _LATEST:
        raise SourceCorrupt(f"a bar of Alpaca has the time {_shown(text)}", fix=_AGAIN)
    return moment


def _shown(value: object) -> str:
    return repr(value)[:80]
