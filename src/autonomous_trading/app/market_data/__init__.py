"""How market data is asked for, kept and checked: the ports, and the use cases over them."""

from autonomous_trading.app.market_data._actions import (
    ActionCatalogue,
    ActionsCommitted,
    DatedAction,
    dated_after,
    known_actions,
)
from autonomous_trading.app.market_data._catalogue import BarCatalogue, Committed, Delivery, Quarantined
from autonomous_trading.app.market_data._coverage import Coverage, coverage, coverage_of, coverage_span
from autonomous_trading.app.market_data._provider import BarProvider, Capabilities
from autonomous_trading.app.market_data._sync import SyncProgress, SyncReport, finished_before, sync

__all__ = [
    "ActionCatalogue",
    "ActionsCommitted",
    "BarCatalogue",
    "BarProvider",
    "Capabilities",
    "Committed",
    "Coverage",
    "DatedAction",
    "Delivery",
    "Quarantined",
    "SyncProgress",
    "SyncReport",
    "coverage",
    "coverage_of",
    "coverage_span",
    "dated_after",
    "finished_before",
    "known_actions",
    "sync",
]
