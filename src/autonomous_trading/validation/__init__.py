"""Is it real? Out-of-sample windows, and how much of a Sharpe ratio is luck and selection."""

from autonomous_trading.validation._moments import ReturnMoments, return_moments
from autonomous_trading.validation._sharpe import (
    deflated_sharpe_ratio,
    expected_maximum_sharpe,
    minimum_backtest_length,
    minimum_track_record_length,
    probabilistic_sharpe_ratio,
)
from autonomous_trading.validation._verdict import (
    CONFIDENCE,
    MINIMUM_BARS,
    MINIMUM_TRADES,
    Evidence,
    Verdict,
    sharpe_verdict,
)
from autonomous_trading.validation._walk_forward import (
    Window,
    walk_forward_efficiency,
    walk_forward_windows,
)

__all__ = [
    "CONFIDENCE",
    "MINIMUM_BARS",
    "MINIMUM_TRADES",
    "Evidence",
    "ReturnMoments",
    "Verdict",
    "Window",
    "deflated_sharpe_ratio",
    "expected_maximum_sharpe",
    "minimum_backtest_length",
    "minimum_track_record_length",
    "probabilistic_sharpe_ratio",
    "return_moments",
    "sharpe_verdict",
    "walk_forward_efficiency",
    "walk_forward_windows",
]
