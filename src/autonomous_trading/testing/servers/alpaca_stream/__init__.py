"""A local server that speaks Alpaca's stream of bars: log in, subscribe, then whatever a script says."""

from autonomous_trading.testing.servers._scripted import ScriptedServer, Step, calls, drops, sends, sends_text
from autonomous_trading.testing.servers.alpaca_stream._wire import (
    STREAM_KEY_ID,
    STREAM_SECRET_KEY,
    alpaca_stream,
    bar_message,
    error_message,
)

__all__ = [
    "STREAM_KEY_ID",
    "STREAM_SECRET_KEY",
    "ScriptedServer",
    "Step",
    "alpaca_stream",
    "bar_message",
    "calls",
    "drops",
    "error_message",
    "sends",
    "sends_text",
]
