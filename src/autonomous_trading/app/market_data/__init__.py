"""How market data is asked for, kept and checked: the ports, and the use cases over them."""

from autonomous_trading.app.market_data._actions import (
    ActionCatalogue,
    ActionsCommitted,
    DatedAction,
    dated_after,
    known_actions,
)
from autonomous_trading.app.market_data._catalogue import BarCatalogue, Committed, Delivery, Quarantined
from autonomous_trading.app.market_data._clock import Clock
from autonomous_trading.app.market_data._live import LiveEvent, LiveSettings, LiveState, LiveStep, live_from
from autonomous_trading.app.market_data._provider import BarProvider, Capabilities
from autonomous_trading.app.market_data._stream import BarStream, Heard, Subscribed

__all__ = [
    "ActionCatalogue",
    "ActionsCommitted",
    "BarCatalogue",
    "BarProvider",
    "BarStream",
    "Capabilities",
    "Clock",
    "Committed",
    "DatedAction",
    "Delivery",
    "Heard",
    "LiveEvent",
    "LiveSettings",
    "LiveState",
    "LiveStep",
    "Quarantined",
    "Subscribed",
    "dated_after",
    "known_actions",
    "live_from",
]
