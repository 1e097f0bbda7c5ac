"""Why a number does not exist: every metric that can be undefined, with the reason the sample itself gives."""

import math
from collections.abc import Mapping

__all__ = ["UNKNOWN_REASON", "reason_for"]

UNKNOWN_REASON = "not defined for this sample, and no reason was recorded"

_REASONS = {
    "volatility": "one bar has no spread",
    "sharpe_ratio": "the returns never varied",
    "psr": "too few bars, or returns that never varied",
    "sortino_ratio": "no bar lost anything",
    "omega_ratio": "no bar lost anything",
    "calmar_ratio": "the equity never fell",
    "information_ratio": "the returns are those of buy and hold",
    "profit_factor": "no losing trade",
    "average_win_loss_ratio": "no losing trade",
}


def reason_for(name: str, values: Mapping[str, float]) -> str:
    """Why the metric is NaN in a sample with these values.

    >>> reason_for("profit_factor", {"trade_count": 1.0, "win_rate": 1.0})
    'no losing trade'
    """
    if values.get("trade_count") == 0:
        return "no trades in this sample"
    if name == "average_win_loss_ratio" and values.get("win_rate") == 0:
        return "no winning trade"
    if name == "sharpe_ratio" and math.isnan(values.get("volatility", 0.0)):
        return _REASONS["volatility"]
    return _REASONS.get(name, UNKNOWN_REASON)
