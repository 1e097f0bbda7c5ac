"""What is left of returns once the market is taken out: in a rising market whoever is in it looks clever.

Returns are split by least squares, r = alpha + beta x market + rest; what is kept is alpha + rest, the returns of the
account hedged with beta of the market. Its Sharpe ratio is the appraisal ratio. A strategy that is in the market half
of the time, whenever that is, has nothing left.

Source: Jensen, "The Performance of Mutual Funds in the Period 1945-1964" (1968); Treynor and Black, "How to Use
Security Analysis to Improve Portfolio Selection" (1973).
"""

from __future__ import annotations

import numpy as np

from autonomous_trading.core import FloatArray, InvalidInput
from autonomous_trading.validation._part_scores import stands_still


def market_exposure(returns: FloatArray, market: FloatArray) -> FloatArray:
    """Beta of each set: what its return moves by, on average, when the market moves by one; 0 where that stands still.

    `returns` [periods, sets] (or [periods]) and `market` [periods] are simple returns of the same periods.
    """
    if market.shape != returns.shape[:1] or not bool(np.isfinite(market).all()):
        raise InvalidInput(
            f"the market must be finite and have {len(returns)} periods, got shape {market.shape}",
            fix="pass its returns on the same periods",
        )
    centred = market - market.mean()
    spread = float(centred @ centred)
    if bool(stands_still(np.array(spread / len(market)), np.abs(market).max())):
        return np.zeros(returns.shape[1:])
    beta: FloatArray = centred @ returns / spread
    return beta


def beyond_market(returns: FloatArray, market: FloatArray) -> FloatArray:
    """Returns less beta times those of the market, in the shape of `returns`.

    What only follows the market, and so leaves nothing but rounding, leaves its mean: it has no Sharpe ratio.

    >>> market = np.array([0.01, -0.01, 0.02, 0.0])
    >>> beyond_market(0.5 * market + 0.001, market).round(6).tolist()
    [0.001, 0.001, 0.001, 0.001]
    """
    beta = market_exposure(returns, market)
    left: FloatArray = returns - (market * beta if returns.ndim == 1 else np.outer(market, beta))
    mean = left.mean(axis=0)
    scale = np.maximum(np.abs(returns).max(axis=0), np.abs(market).max() * np.abs(beta))
    return np.where(stands_still(left.var(axis=0), scale), mean, left)
