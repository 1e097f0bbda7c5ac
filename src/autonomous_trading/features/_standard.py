"""A set of features to begin with: returns, trend, oscillators, volatility, volume and calendar, all without a unit.

Prices themselves are left out: a level that never came before tells a model nothing.
"""

from collections.abc import Mapping

STANDARD_FEATURES: Mapping[str, str] = {
    "return_1": "log(close / shift(close, 1))",
    "return_5": "log(close / shift(close, 5))",
    "return_20": "log(close / shift(close, 20))",
    "return_60": "log(close / shift(close, 60))",
    "momentum_skip": "momentum_skip(231, 21)",
    "gap": "gap",
    "over_ema_20": "close / ema(close, 20) - 1",
    "over_sma_200": "close / sma(close, 200) - 1",
    "ema_12_26": "ema(close, 12) / ema(close, 26) - 1",
    "macd": "macd(12, 26, 9).macdhist / close",
    "adx_14": "adx(14)",
    "aroon_25": "aroonosc(25)",
    "efficiency_10": "er(10)",
    "rsi_14": "rsi(14)",
    "rsi_2": "rsi(2)",
    "stoch_14": "stoch(14, 3, 0, 3, 0).slowk",
    "cci_20": "cci(20)",
    "willr_14": "willr(14)",
    "mfi_14": "mfi(14)",
    "bollinger_20": "zscore(close, 20)",
    "donchian_55": "(close - rolling_min(low, 55)) / (rolling_max(high, 55) - rolling_min(low, 55))",
    "volatility_20": "close_volatility(20)",
    "volatility_60": "close_volatility(60)",
    "volatility_ratio": "volatility_ratio(10, 60)",
    "parkinson_20": "parkinson_volatility(20)",
    "downside_20": "downside_volatility(20)",
    "jump_share_20": "jump_share(20)",
    "natr_14": "natr(14)",
    "har_day": "har(5, 22).day",
    "har_week": "har(5, 22).week",
    "har_month": "har(5, 22).month",
    "volume_ratio": "volume / sma(volume, 20)",
    "money_flow_20": "cmf(20)",
    "channel_position": "regression_channel(50).position",
    "channel_slope": "regression_channel(50).slope",
    "hurst_100": "hurst(100)",
    "entropy_64": "fourier(64).entropy",
    "cycle_64": "fourier(64).cycle",
    "wavelet_3": "wavelet(3).over_smooth",
    "day_of_week": "day_of_week",
    "day_of_month": "day_of_month",
}
"""Formulas by name."""
