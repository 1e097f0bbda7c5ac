"""Messages of Binance's candle stream as its documentation writes them ("Kline/Candlestick Streams")."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from autonomous_trading.core import Timeframe
from autonomous_trading.data.streaming import Arrival
from autonomous_trading.testing.servers._scripted import ScriptedServer, Step

if TYPE_CHECKING:
    from websockets.sync.server import ServerConnection

__all__ = ["exchange_stream", "kline_message", "local_market"]

_MS: Final = 1_000_000


def exchange_stream(scripts: Iterable[Iterable[Step]]) -> ScriptedServer:
    """A server of this stream; every subscription is confirmed."""

    def greet(connection: "ServerConnection") -> None:
        asked = json.loads(connection.recv())
        connection.send(json.dumps({"result": None, "id": asked.get("id")}))

    return ScriptedServer(scripts, greet)


def kline_message(symbol: str, bar: Arrival, timeframe: Timeframe, *, finished: bool) -> dict[str, Any]:
    """News of one candle; `symbol` as "BTC/USDT", numbers as the texts they are on the wire."""
    wire, start = symbol.replace("/", ""), bar.time // _MS
    prices = {"o": bar.open, "c": bar.close, "h": bar.high, "l": bar.low, "v": bar.volume}
    kline = {"t": start, "T": start + timeframe.ns // _MS - 1, "s": wire, "i": timeframe.text, "f": 100, "L": 200}
    kline |= {name: repr(value) for name, value in prices.items()}
    kline |= {"n": 100, "x": finished, "q": "1.0000", "V": "500", "Q": "0.500", "B": "0"}
    return {"e": "kline", "E": bar.received_at // _MS, "s": wire, "k": kline}


def local_market(symbol: str) -> dict[str, Any]:
    """The market of a symbol, as ccxt keeps it, so that nobody asks which ones there are."""
    base, quote = symbol.split("/")
    return {
        "id": base + quote,
        "lowercaseId": (base + quote).lower(),
        "symbol": symbol,
        "base": base,
        "quote": quote,
        "baseId": base,
        "quoteId": quote,
        "active": True,
        "type": "spot",
        "spot": True,
        "contract": False,
    }
