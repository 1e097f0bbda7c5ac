"""The ranges of TA-Lib's arguments, as its C library declares them.

TA-Lib's Python face tells names, defaults and types of arguments but not their ranges, so the ranges stand
here. A test asks TA-Lib itself about every bound: the bound is accepted, one step beyond it is refused.
Source: `TA_GetOptInputParameterInfo` of TA-Lib 0.8.1.
"""

from collections.abc import Mapping

PERIOD_HIGH = 100_000
REAL_LIMIT = 3e37

MA_TYPES: Mapping[str, int] = {
    "sma": 0,
    "ema": 1,
    "wma": 2,
    "dema": 3,
    "tema": 4,
    "trima": 5,
    "kama": 6,
    "mama": 7,
    "t3": 8,
    "hma": 9,
    "disabled": 10,
    "default": 11,
    "zlema": 12,
    "rma": 13,
}

# Whole-number arguments start at 2, except these, which may be 1.
ONE_IS_ALLOWED: Mapping[str, tuple[str, ...]] = {
    "adr": ("timeperiod",),
    "atr": ("timeperiod",),
    "beta": ("timeperiod",),
    "coppock": ("wmaperiod", "roc1period", "roc2period"),
    "correl": ("timeperiod",),
    "cvi": ("rocperiod",),
    "dema": ("timeperiod",),
    "efi": ("timeperiod",),
    "ema": ("timeperiod",),
    "eri": ("timeperiod",),
    "fractal": ("leftbars", "rightbars"),
    "hma": ("timeperiod",),
    "kama": ("timeperiod",),
    "kc": ("atrperiod",),
    "kdj": ("fastk_period", "slowk_period", "slowd_period"),
    "ma": ("timeperiod",),
    "macd": ("signalperiod",),
    "macdext": ("signalperiod",),
    "macdfix": ("signalperiod",),
    "mavp": ("minperiod", "maxperiod"),
    "minus_di": ("timeperiod",),
    "minus_dm": ("timeperiod",),
    "mom": ("timeperiod",),
    "natr": ("timeperiod",),
    "plus_di": ("timeperiod",),
    "plus_dm": ("timeperiod",),
    "qstick": ("timeperiod",),
    "rma": ("timeperiod",),
    "roc": ("timeperiod",),
    "rocp": ("timeperiod",),
    "rocr": ("timeperiod",),
    "rocr100": ("timeperiod",),
    "rvi": ("timeperiod",),
    "rvol": ("timeperiod",),
    "sma": ("timeperiod",),
    "stoch": ("fastk_period", "slowk_period", "slowd_period"),
    "stochf": ("fastk_period", "fastd_period"),
    "stochrsi": ("fastk_period", "fastd_period"),
    "t3": ("timeperiod",),
    "tema": ("timeperiod",),
    "trima": ("timeperiod",),
    "trix": ("timeperiod",),
    "ultosc": ("timeperiod1", "timeperiod2", "timeperiod3"),
    "var": ("timeperiod",),
    "vortex": ("timeperiod",),
    "vwma": ("timeperiod",),
    "wma": ("timeperiod",),
    "zlema": ("timeperiod",),
}

# Real arguments by name; the others reach from -REAL_LIMIT to REAL_LIMIT.
REAL_RANGES: Mapping[str, tuple[float, float]] = {
    "acceleration": (0.0, REAL_LIMIT),
    "accelerationinitlong": (0.0, REAL_LIMIT),
    "accelerationinitshort": (0.0, REAL_LIMIT),
    "accelerationlong": (0.0, REAL_LIMIT),
    "accelerationmaxlong": (0.0, REAL_LIMIT),
    "accelerationmaxshort": (0.0, REAL_LIMIT),
    "accelerationshort": (0.0, REAL_LIMIT),
    "fastlimit": (0.01, 0.99),
    "maximum": (0.0, REAL_LIMIT),
    "multiplier": (0.0, REAL_LIMIT),
    "offsetonreverse": (0.0, REAL_LIMIT),
    "penetration": (0.0, REAL_LIMIT),
    "percentile": (0.0, 100.0),
    "slowlimit": (0.01, 0.99),
    "vfactor": (0.0, 1.0),
}


def integer_range(function: str, argument: str) -> tuple[int, int]:
    """The inclusive range of a whole-number argument."""
    return (1 if argument in ONE_IS_ALLOWED.get(function, ()) else 2), PERIOD_HIGH


def real_range(argument: str) -> tuple[float, float]:
    """The inclusive range of a real argument."""
    return REAL_RANGES.get(argument, (-REAL_LIMIT, REAL_LIMIT))
