"""Features as a person would choose them, on markets whose truth is known."""

from __future__ import annotations

import numpy as np

from autonomous_trading.core import Bars, FloatArray
from autonomous_trading.features import ColumnStore

__all__ = ["usual_features"]


def usual_features(bars: Bars) -> dict[str, FloatArray]:
    """Fourteen columns: momentum, oscillators, distances from averages, volatility, volume. Several resemble others."""
    store = ColumnStore(bars)
    close = store.column("close")
    returns = np.diff(np.log(close), prepend=np.nan)

    def rolling(values: FloatArray, length: int) -> FloatArray:
        found = np.full(len(values), np.nan)
        found[length:] = np.lib.stride_tricks.sliding_window_view(values[1:], length).std(axis=1)
        return found

    def over(length: int) -> FloatArray:
        return np.concatenate([np.full(length, np.nan), close[length:] / close[:-length] - 1.0])

    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = bars.volume / store.column("sma", (20,), (bars.volume,))
    return {
        "rsi_14": store.column("rsi", (14,)),
        "rsi_5": store.column("rsi", (5,)),
        "ema_20": close / store.column("ema", (20,)) - 1.0,
        "ema_50": close / store.column("ema", (50,)) - 1.0,
        "macd": store.column("macd", (12, 26, 9), None, "macd") / close,
        "momentum_5": over(5),
        "momentum_20": over(20),
        "momentum_60": over(60),
        "volatility_10": rolling(returns, 10),
        "volatility_20": rolling(returns, 20),
        "atr_14": store.column("atr", (14,)) / close,
        "adx_14": store.column("adx", (14,)),
        "cci_20": store.column("cci", (20,)),
        "volume_ratio": np.where(np.isfinite(ratio), ratio, 1.0),
    }
