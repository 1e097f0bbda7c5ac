"""A local server that speaks Binance's stream of candles: subscribe, then whatever a script says."""

from autonomous_trading.testing.servers._scripted import ScriptedServer, Step, calls, drops, sends, sends_text
from autonomous_trading.testing.servers.exchange_stream._wire import exchange_stream, kline_message, local_market

__all__ = [
    "ScriptedServer",
    "Step",
    "calls",
    "drops",
    "exchange_stream",
    "kline_message",
    "local_market",
    "sends",
    "sends_text",
]
