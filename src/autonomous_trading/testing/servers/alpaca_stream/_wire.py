"""Messages of Alpaca's stream as its documentation writes them ("Real-time Stock Data", "WebSocket Stream")."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from autonomous_trading.data.streaming import Arrival
from autonomous_trading.testing.servers._scripted import ScriptedServer, Step

if TYPE_CHECKING:
    from websockets.sync.server import ServerConnection

__all__ = ["STREAM_KEY_ID", "STREAM_SECRET_KEY", "alpaca_stream", "bar_message", "error_message"]

STREAM_KEY_ID: Final = "PKLOCALSTREAMONLY0001"
STREAM_SECRET_KEY: Final = "a-secret-that-only-the-local-stream-takes"

_ERRORS: Final = {
    400: "invalid syntax",
    402: "auth failed",
    404: "auth timeout",
    405: "symbol limit exceeded",
    406: "connection limit exceeded",
    407: "slow client",
    409: "insufficient subscription",
    500: "internal error",
}


def alpaca_stream(
    scripts: Iterable[Iterable[Step]], *, refuse: Sequence[int] = (), symbols: Sequence[str] | None = None
) -> ScriptedServer:
    """A server of this stream. The first connections are refused with these codes, one each.

    `symbols` are those there are bars of (default: all that are asked for).
    """
    refusals = list(refuse)

    def greet(connection: "ServerConnection") -> None:
        code = refusals.pop(0) if refusals else 0
        _say(connection, {"T": "success", "msg": "connected"})
        login = json.loads(connection.recv())
        known = (login.get("key"), login.get("secret")) == (STREAM_KEY_ID, STREAM_SECRET_KEY)
        if (code and code != 409) or not known:
            _say(connection, error_message(code or 402))
            raise ConnectionError("refused")
        _say(connection, {"T": "success", "msg": "authenticated"})
        wanted = json.loads(connection.recv())
        if code:
            _say(connection, error_message(code))
            raise ConnectionError("refused")
        given = {
            name: [each for each in wanted.get(name, ()) if symbols is None or each in symbols] for name in _CHANNELS
        }
        _say(connection, {"T": "subscription", **given})

    return ScriptedServer(scripts, greet)


def bar_message(symbol: str, bar: Arrival, kind: str = "b") -> list[dict[str, Any]]:
    """A frame with one bar: "b" a new one, "u" a revision, "d" the day so far."""
    seconds, rest = divmod(bar.time, 1_000_000_000)
    text = (
        datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%dT%H:%M:%S") + (f".{rest:09d}" if rest else "") + "Z"
    )
    values = {"o": bar.open, "h": bar.high, "l": bar.low, "c": bar.close, "v": bar.volume}
    return [{"T": kind, "S": symbol, **values, "t": text, "n": 12, "vw": (bar.high + bar.low) / 2.0}]


def error_message(code: int) -> dict[str, Any]:
    """An error as the stream reports it."""
    return {"T": "error", "code": code, "msg": _ERRORS.get(code, "unknown")}


_CHANNELS: Final = ("trades", "quotes", "bars", "updatedBars", "dailyBars", "statuses", "lulds")


def _say(connection: "ServerConnection", message: dict[str, Any]) -> None:
    connection.send(json.dumps([message]))
