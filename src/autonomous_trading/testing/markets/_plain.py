"""Synthetic bars with known properties: what a market would be if we knew its law.

Every function takes a seed and gives the same bars for it. Closes follow the law; each bar opens near the
close before it, and its range holds both.
"""

from dataclasses import replace

import numpy as np

from autonomous_trading.core import Bars, FloatArray, IntArray, InvalidInput

_DAY_NS = 86_400 * 1_000_000_000
_INTERVALS_NS = {"1m": 60 * 1_000_000_000, "5m": 300 * 1_000_000_000, "1h": 3_600 * 1_000_000_000}
_PERSISTENCE, _REACTION = 0.9, 0.08
_MOST_DAYS = 68_000
_FIRST_DAY = np.datetime64("2000-01-03", "D")


def random_walk(
    n: int,
    seed: int,
    *,
    volatility: float = 0.01,
    drift: float = 0.0,
    start: float = 100.0,
    timeframe: str = "1d",
) -> Bars:
    """Bars without any pattern: independent normal log returns, mean `drift`, deviation `volatility` a bar.

    `timeframe` is "1d" (Monday to Friday), "1h", "5m" or "1m" (around the clock).
    """
    rng = np.random.default_rng(seed)
    steps = rng.normal(drift, volatility, n)
    return _bars_from_closes(start * np.exp(np.cumsum(steps)), rng, volatility, timeframe)


def trending(
    n: int,
    seed: int,
    *,
    drift: float = 0.002,
    leg: int = 120,
    volatility: float = 0.01,
    timeframe: str = "1d",
) -> Bars:
    """Bars that trend: log returns with mean +`drift` and -`drift`/2 in turn, `leg` bars each, rising first.

    A rule that follows the trend profits here; one that bets on reversals loses.
    """
    rng = np.random.default_rng(seed)
    rising = (np.arange(n) // leg) % 2 == 0
    steps = np.where(rising, drift, -drift / 2.0) + rng.normal(0.0, volatility, n)
    return _bars_from_closes(100.0 * np.exp(np.cumsum(steps)), rng, volatility, timeframe)


def mean_reverting(
    n: int,
    seed: int,
    *,
    pull: float = 0.1,
    volatility: float = 0.015,
    level: float = 100.0,
    timeframe: str = "1d",
) -> Bars:
    """Bars that come back: every bar the log close falls `pull` of the way to log `level` (an AR(1) process).

    Its stationary deviation is volatility / sqrt(1 - (1 - pull)**2). A rule that bets on reversals profits
    here.
    """
    rng = np.random.default_rng(seed)
    noise = rng.normal(0.0, volatility, n)
    away = np.empty(n)
    previous = 0.0
    for row in range(n):
        previous = (1.0 - pull) * previous + noise[row]
        away[row] = previous
    return _bars_from_closes(level * np.exp(away), rng, volatility, timeframe)


def switching(
    n: int,
    seed: int,
    *,
    drift: float = 0.001,
    dwell: float = 120.0,
    volatility: float = 0.01,
    timeframe: str = "1d",
) -> Bars:
    """Bars whose mean log return is +`drift` or -`drift`, and changes sign at random, every `dwell` bars on average.

    As many bars rise as fall, so that holding earns nothing; a rule that follows the trend earns what is knowable.
    """
    rng = np.random.default_rng(seed)
    changes = np.cumsum(rng.random(n) < 1.0 / dwell)
    sign = np.where((changes + rng.integers(2)) % 2 == 0, 1.0, -1.0)
    steps = drift * sign + rng.normal(0.0, volatility, n)
    return _bars_from_closes(100.0 * np.exp(np.cumsum(steps)), rng, volatility, timeframe)


def foretold(
    n: int,
    seed: int,
    *,
    strength: float = 0.001,
    persistence: float = 0.95,
    volatility: float = 0.01,
    timeframe: str = "1d",
) -> Bars:
    """Bars whose volume says what comes: the next mean log return is `strength` times a signal, the volume exp of it.

    The signal is an AR(1) process of variance 1, log(volume / 1e6) half of it. Volume as usual foretells nothing; here
    it does, on average and never for sure.
    """
    rng = np.random.default_rng(seed)
    shocks = rng.normal(0.0, np.sqrt(1.0 - persistence * persistence), n)
    signal = np.empty(n)
    last = float(rng.normal())
    for row in range(n):
        last = persistence * last + shocks[row]
        signal[row] = last
    steps = rng.normal(0.0, volatility, n)
    steps[1:] += strength * signal[:-1]
    bars = _bars_from_closes(100.0 * np.exp(np.cumsum(steps)), rng, volatility, timeframe)
    return replace(bars, volume=np.round(1e6 * np.exp(0.5 * signal)))


def clustered(
    n: int,
    seed: int,
    *,
    drift: float = 0.0,
    volatility: float = 0.01,
    freedom: float = 5.0,
    timeframe: str = "1d",
) -> Bars:
    """Bars without any pattern in their direction but with clusters and fat tails: GARCH(1,1), t innovations.

    Of the last variance 0.9 stays, of the last squared shock 0.08 comes in, and it is `volatility`**2 on average.
    `freedom`: degrees of freedom of the t distribution, above 4, so that kurtosis is finite.
    """
    if not freedom > 4.0:
        raise InvalidInput(f"freedom must lie above 4; got {freedom:g}", fix="use freedom=5")
    rng = np.random.default_rng(seed)
    shocks = rng.standard_t(freedom, n) * np.sqrt((freedom - 2.0) / freedom)
    steps = np.empty(n)
    variance = volatility * volatility
    base = variance * (1.0 - _PERSISTENCE - _REACTION)
    for row in range(n):
        steps[row] = np.sqrt(variance) * shocks[row]
        variance = base + _PERSISTENCE * variance + _REACTION * steps[row] * steps[row]
    return _bars_from_closes(100.0 * np.exp(np.cumsum(steps + drift)), rng, volatility, timeframe)


def _bars_from_closes(closes: FloatArray, rng: np.random.Generator, volatility: float, timeframe: str) -> Bars:
    n = len(closes)
    before = np.concatenate((closes[:1], closes[:-1]))
    opens = before * np.exp(rng.normal(0.0, 0.2 * volatility, n))
    top = np.maximum(opens, closes) * np.exp(np.abs(rng.normal(0.0, 0.4 * volatility, n)))
    bottom = np.minimum(opens, closes) * np.exp(-np.abs(rng.normal(0.0, 0.4 * volatility, n)))
    busy = 1.0 + np.abs(np.log(closes / before)) / volatility if volatility > 0.0 else np.ones(n)
    return Bars(
        time=times_of(n, timeframe),
        open=opens,
        high=top,
        low=bottom,
        close=closes,
        volume=np.round(1e6 * busy * rng.lognormal(0.0, 0.3, n)),
        symbol="SYNTHETIC",
    )


def times_of(n: int, timeframe: str) -> IntArray:
    if timeframe == "1d":
        if n > _MOST_DAYS:
            raise InvalidInput(
                f"{n:,} days from the year 2000 on go beyond 2262, where nanoseconds end", fix="use 60,000 or fewer"
            )
        days = np.busday_offset(_FIRST_DAY, np.arange(n))
        return days.astype(np.int64) * _DAY_NS
    if timeframe not in _INTERVALS_NS:
        known = ", ".join(["1d", *_INTERVALS_NS])
        raise InvalidInput(f"unknown timeframe {timeframe!r}", fix=f"use one of {known}")
    return int(_FIRST_DAY.astype(np.int64)) * _DAY_NS + np.arange(n, dtype=np.int64) * _INTERVALS_NS[timeframe]
