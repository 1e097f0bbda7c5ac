"""How many bars back a function of TA-Lib remembers: declared by rules of its arguments, tried by the contract suite.

A function of a finite window remembers its lookback. An exponential mean forgets by a factor a bar: bars before its
memory weigh `_LEFT_OVER` together. Means of means need longer (the weights of a cascade of n equal means are those of
a negative binomial distribution). Three kinds have no bound that holds on every price path, and what stands here was
measured on 324 starts in twelve series (see proofs/features/laws.py, which tries others): parabolic SAR and SuperTrend
remember until the trend turns, and the Hilbert transform feeds the cycle it finds back into its filters.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from autonomous_trading.features._talib_ranges import MA_TYPES

TOLERANCE: Final = 1e-6
"""What the bars before the memory may change a value by, as a fraction."""

_LEFT_OVER: Final = 1e-7  # a tenth of it: the first values of an oscillator may be ten times its usual size

# Everything since the first bar matters: running totals, and positions counted from the first bar.
ANCHORED: Final = frozenset(
    {"ad", "cumsum", "maxindex", "minindex", "minmaxindex", "nvi", "obv", "pvi", "pvt", "vwap", "wad"}
)

_CYCLE: Final = 600  # the longest of 324 starts of ht_dcperiod, ht_dcphase, ht_phasor, ht_sine, mama took 327 bars
_SLOWEST_KAMA: Final = 30.0  # Kaufman's slowest mean, whose weight is squared
_MACD_FIX_SLOW: Final = 26


def memory_of(name: str, arguments: Sequence[float], lookback: int) -> tuple[int | None, float]:
    """Bars before a bar that matter to its value, None for all of them, and the tolerance that is meant within."""
    if name in ANCHORED:
        return None, 0.0
    if name not in _TAILS:
        return lookback, 0.0
    tail = _TAILS[name](*arguments)
    return (None if tail is None else lookback + tail), (TOLERANCE if tail else 0.0)


def faded(decay: float, means: int = 1) -> int:
    """Bars after which a cascade of so many exponential means with this decay has forgotten what was before."""
    if decay <= 0.0:
        return 0
    bars = math.ceil(math.log(_LEFT_OVER) / math.log(decay))
    while means > 1 and _left_over(decay, means, bars) > _LEFT_OVER:
        bars += max(1, bars // 50)
    return bars


def _left_over(decay: float, means: int, bars: int) -> float:
    """What older bars weigh: fewer than `means` successes in `bars` trials with the chance 1 - decay."""
    return sum(math.comb(bars, hit) * (1.0 - decay) ** hit * decay ** (bars - hit) for hit in range(means))


def _ema(period: float, means: int = 1) -> int:
    return faded((period - 1.0) / (period + 1.0), means)


def _rma(period: float, means: int = 1) -> int:
    return faded(1.0 - 1.0 / period, means)


def _kama() -> int:
    """The slowest it can be, on a path that only goes to and fro; it is mostly faster."""
    return faded(1.0 - (2.0 / (_SLOWEST_KAMA + 1.0)) ** 2)


def _mama(slow_limit: float) -> int:
    """The cycle it follows, then both of its means at their slowest."""
    return _CYCLE + faded(1.0 - slow_limit) + faded(1.0 - slow_limit / 2.0)


_MA_TAILS: Final[Mapping[int, Callable[[float], int]]] = {
    MA_TYPES["ema"]: _ema,
    MA_TYPES["dema"]: lambda period: _ema(period, 2),
    MA_TYPES["tema"]: lambda period: _ema(period, 3),
    MA_TYPES["kama"]: lambda _: _kama(),
    MA_TYPES["mama"]: lambda _: _mama(0.05),
    MA_TYPES["t3"]: lambda period: _ema(period, 6),
    MA_TYPES["zlema"]: _ema,
    MA_TYPES["rma"]: _rma,
}


def _ma(period: float, kind: float, usual: str = "sma") -> int:
    """Of a moving average by its type; those that are missing have a finite window. A period of 1 changes nothing.

    `usual` is what the function takes the type "default" for.
    """
    number = MA_TYPES[usual] if int(kind) == MA_TYPES["default"] else int(kind)
    return _MA_TAILS[number](period) if period > 1 and number in _MA_TAILS else 0


def _oscillator(fast: float, slow: float, kind: float) -> int:
    return _ma(max(fast, slow), kind, "ema")


def _kdj(_: float, k: float, k_kind: float, d: float, d_kind: float) -> int:
    return _ma(k, k_kind, "rma") + _ma(d, d_kind, "rma")


def _macdext(fast: float, fast_kind: float, slow: float, slow_kind: float, signal: float, signal_kind: float) -> int:
    return max(_ma(fast, fast_kind), _ma(slow, slow_kind)) + _ma(signal, signal_kind)


def _sar(acceleration: float, maximum: float) -> int | None:
    """Until the trend turns: 105 bars at most in 324 starts with 0.02 and 0.2, 649 with 0.002 and 0.02."""
    speed = min(10.0 * acceleration, maximum)
    return 40 + math.ceil(52.0 / speed) if speed > 0.0 else None


def _sarext(start: float, offset: float, *accelerations: float) -> int | None:
    """The same for its slower side; where the first stop is prescribed, or moved when it turns, there is no bound."""
    sides = (accelerations[:3], accelerations[3:])
    tails = [_sar(max(initial, step), maximum) for initial, step, maximum in sides]
    if start != 0.0 or offset != 0.0:
        return None
    return None if None in tails else max(each for each in tails if each is not None)


def _supertrend(period: float, multiplier: float) -> int:
    """Its average range, then until the trend turns: 129 bars at most in 324 starts with 3, 185 with 6."""
    return _rma(period) + math.ceil(10.0 * multiplier**2)


# Bars beyond the lookback.
_TAILS: Final[Mapping[str, Callable[..., int | None]]] = {
    "adosc": lambda fast, slow: _ema(max(fast, slow)),
    "adx": lambda period: _rma(period, 2),
    "adxr": lambda period: _rma(period, 2),
    "apo": _oscillator,
    "atr": _rma,
    "bbands": lambda period, _up, _down, kind: _ma(period, kind),
    "cmo": _rma,
    "cvi": lambda period, _: _ema(period),
    "dema": lambda period: _ema(period, 2),
    "dx": _rma,
    "efi": _ema,
    "ema": _ema,
    "eri": _ema,
    "ha": lambda: faded(0.5),
    "ht_dcperiod": lambda: _CYCLE,
    "ht_dcphase": lambda: _CYCLE,
    "ht_phasor": lambda: _CYCLE,
    "ht_sine": lambda: _CYCLE,
    "ht_trendline": lambda: _CYCLE,
    "ht_trendmode": lambda: _CYCLE,
    "kama": lambda _: _kama(),
    "kc": lambda period, range_period, _: max(_ema(period), _rma(range_period)),
    "kdj": _kdj,
    "ma": _ma,
    "macd": lambda fast, slow, signal: _ema(max(fast, slow)) + _ema(signal),
    "macdext": _macdext,
    "macdfix": lambda signal: _ema(_MACD_FIX_SLOW) + _ema(signal),
    "mama": lambda _, slow_limit: _mama(slow_limit),
    "massi": lambda period, _: _ema(period, 2),
    "mavp": lambda _, longest, kind: _ma(longest, kind),
    "minus_di": _rma,
    "minus_dm": _rma,
    "natr": _rma,
    "plus_di": _rma,
    "plus_dm": _rma,
    "ppo": _oscillator,
    "pvo": _oscillator,
    "rma": _rma,
    "rsi": _rma,
    "rvi": lambda period, _: _rma(period),
    "sar": _sar,
    "sarext": _sarext,
    "smi": lambda _, fast, slow, signal: _ema(fast) + _ema(slow) + _ema(signal),
    "stoch": lambda _, k, k_kind, d, d_kind: _ma(k, k_kind) + _ma(d, d_kind),
    "stochf": lambda _, d, d_kind: _ma(d, d_kind),
    "stochrsi": lambda period, _, d, d_kind: _rma(period) + _ma(d, d_kind),
    "supertrend": _supertrend,
    "t3": lambda period, _: _ema(period, 6),
    "tema": lambda period: _ema(period, 3),
    "trix": lambda period: _ema(period, 3),
    "tsi": lambda first, second: _ema(first) + _ema(second),
    "zlema": _ema,
}
