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
from autonomous_trading.app.market_data._provider import BarProvider, Capabilities

__all__ = [
    "ActionCatalogue",
    "ActionsCommitted",
    "BarCatalogue",
    "BarProvider",
    "Capabilities",
    "Clock",
    "Committed",
    "DatedAction",
    "Delivery",
    "Quarantined",
    "dated_after",
    "known_actions",
]
