"""How market data is asked for, kept and checked: the ports, and the use cases over them."""

from autonomous_trading.app.market_data._actions import (
    ActionCatalogue,
    ActionsCommitted,
    ActionSource,
    DatedAction,
    dated_after,
    kept_actions,
    known_actions,
)
from autonomous_trading.app.market_data._catalogue import (
    BarCatalogue,
    Committed,
    Delivery,
    Quarantined,
    facts_after,
)
from autonomous_trading.app.market_data._clock import Clock
from autonomous_trading.app.market_data._coverage import (
    Coverage,
    coverage,
    coverage_of,
    coverage_of_spans,
    coverage_span,
)
from autonomous_trading.app.market_data._live import LiveEvent, LiveSettings, LiveState, LiveStep, live_from
from autonomous_trading.app.market_data._news import news_series
from autonomous_trading.app.market_data._provider import BarProvider, Capabilities
from autonomous_trading.app.market_data._sentiment import SentimentScorer
from autonomous_trading.app.market_data._stream import BarStream, Heard, Subscribed
from autonomous_trading.app.market_data._sync import SyncProgress, SyncReport, SyncRules, finished_before, sync

__all__ = [
    "ActionCatalogue",
    "ActionSource",
    "ActionsCommitted",
    "BarCatalogue",
    "BarProvider",
    "BarStream",
    "Capabilities",
    "Clock",
    "Committed",
    "Coverage",
    "DatedAction",
    "Delivery",
    "Heard",
    "LiveEvent",
    "LiveSettings",
    "LiveState",
    "LiveStep",
    "Quarantined",
    "SentimentScorer",
    "Subscribed",
    "SyncProgress",
    "SyncReport",
    "SyncRules",
    "coverage",
    "coverage_of",
    "coverage_of_spans",
    "coverage_span",
    "dated_after",
    "facts_after",
    "finished_before",
    "kept_actions",
    "known_actions",
    "live_from",
    "news_series",
    "sync",
]
