"""Volatility: published digits, GARCH as two packages print it, Parkinson's efficiency, and the log-HAR benchmark.

A8: arch's own figures for the S&P 500 series that arch ships (its starting variance is given to our fit).
A9 to A11: closed forms, one bar, and the efficiency of Parkinson's estimator by simulation on a fine grid.
A12: log-HAR with leverage, one day ahead, target Garman-Klass variance in percent squared, 2009 to 2018, refitted every
22 days on all days before: the set-up of the table in which log-HAR has 0.366 and with leverage 0.347.
"""

from __future__ import annotations

import math

import numpy as np
from arch import arch_model
from arch.data import sp500

from autonomous_trading.core import Bars, FloatArray
from autonomous_trading.features import ColumnStore
from autonomous_trading.features.volatility import (
    fit_garch,
    garch_moments,
    garman_klass_analytic,
    garman_klass_variance,
    parkinson_variance,
    rogers_satchell_variance,
    yang_zhang_weight,
)
from proofs.claims import Figure, at_most, equals, holds, run

TITLE = "Volatility columns: published digits and the log-HAR benchmark"
REFIT = 22
FIRST, LAST = np.datetime64("2009-01-01"), np.datetime64("2019-01-01")
OUTPUTS = ("day", "week", "month")


def measure() -> list[Figure]:
    """Every figure beside what is printed."""
    return [*_one_bar(), *_closed_forms(), *_fits(), *_efficiency(), *_har()]


def _one_bar() -> list[Figure]:
    bar = [np.array([price]) for price in (100.0, 110.0, 95.0, 105.0)]
    printed = {
        "Parkinson": (parkinson_variance(bar[1], bar[2]), 0.0077518092),
        "Garman-Klass, practical": (garman_klass_variance(*bar), 0.0098267233),
        "Garman-Klass, analytic": (garman_klass_analytic(*bar), 0.0098444062),
        "Rogers-Satchell": (rogers_satchell_variance(*bar), 0.0095674414),
    }
    figures = [equals(f"A10 one bar: {name}", float(found[0]), at, digits=10) for name, (found, at) in printed.items()]
    weights = ((2, 0.0783410), (10, 0.132697), (22, 0.139617))
    return figures + [equals(f"A10 Yang-Zhang k, n={n}", yang_zhang_weight(n), k, digits=6) for n, k in weights]


def _closed_forms() -> list[Figure]:
    moments = garch_moments(0.05, 0.1, 0.85)
    return [
        equals("A9 GARCH kurtosis", moments["kurtosis"], 3.7741935, digits=7),
        equals("A9 GARCH autocorrelation of squares", moments["first_autocorrelation"], 0.1790698, digits=7),
        equals("A9 GARCH half-life", moments["half_life"], 13.513, digits=3),
    ]


def _fits() -> list[Figure]:
    returns = np.asarray(100.0 * sp500.load()["Adj Close"].pct_change().dropna())
    printed = ((False, "GARCH", -6936.7185), (True, "GJR", -6822.8828))
    figures = []
    for asymmetric, name, likelihood in printed:
        model = arch_model(returns, p=1, o=int(asymmetric), q=1)
        start = float(model.volatility.backcast(returns - returns.mean()))
        found = fit_garch(returns, asymmetric=asymmetric, start=start)
        away = abs(found.log_likelihood - likelihood)
        figures.append(at_most(f"A8 S&P 500, {name}: log-likelihood away from arch's", away, 0.02))
    return figures


def _efficiency() -> list[Figure]:
    rng = np.random.default_rng(1980)
    parkinson, closes = [], []
    for _ in range(40):
        paths = np.cumsum(rng.standard_normal((500, 4_000)) / math.sqrt(4_000), axis=1)
        high, low = np.maximum(paths.max(axis=1), 0.0), np.minimum(paths.min(axis=1), 0.0)
        parkinson.append(parkinson_variance(np.exp(high), np.exp(low)))
        closes.append(np.square(paths[:, -1]))
    ours, theirs = np.concatenate(parkinson), np.concatenate(closes)
    efficiency = (theirs.var() / theirs.mean() ** 2) / (ours.var() / ours.mean() ** 2)
    shown = f"{efficiency:.3f}"
    return [
        holds(
            "A11 Parkinson against closes, efficiency (4.910)", 4.6 < efficiency < 5.2, bound="4.6 .. 5.2", figure=shown
        )
    ]


def _har() -> list[Figure]:
    bars, days = _sp500_bars()
    store = ColumnStore(bars)
    har = [store.column("har", (), None, output) for output in OUTPUTS]
    falls = [store.column("leverage", (), None, output) for output in OUTPUTS]
    target = 1e4 * garman_klass_variance(bars.open, bars.high, bars.low, bars.close)
    plain, full = _qlike(har, target, days), _qlike([*har, *falls], target, days)
    return [
        holds(
            "A12 log-HAR, QLIKE (table: 0.366)",
            abs(plain - 0.366) < 0.003,
            bound="0.363 .. 0.369",
            figure=f"{plain:.4f}",
        ),
        at_most("A12 log-HAR with leverage, QLIKE out of sample", full, 0.350),
    ]


def _sp500_bars() -> tuple[Bars, np.ndarray]:
    frame = sp500.load()
    opening, high, low, close = (frame[name].to_numpy(float) for name in ("Open", "High", "Low", "Close"))
    days = frame.index.to_numpy().astype("datetime64[ns]")
    highest, lowest = np.maximum.reduce([high, opening, close]), np.minimum.reduce([low, opening, close])
    volume = frame["Volume"].to_numpy(float)
    return Bars(days.astype(np.int64), opening, highest, lowest, close, volume), days


def _qlike(columns: list[FloatArray], target: FloatArray, days: np.ndarray) -> float:
    """Mean of y / f - log(y / f) - 1 of forecasts that saw nothing of the day they are for."""
    design = np.column_stack([np.ones(len(target)), *columns])
    first, last = (int(np.searchsorted(days, edge)) for edge in (FIRST, LAST))
    ratios = np.empty(last - first)
    weights, spread = np.empty(design.shape[1]), 0.0
    for day in range(first, last):
        if (day - first) % REFIT == 0:
            known = np.flatnonzero(np.isfinite(design[: day - 1]).all(axis=1))
            logs = np.log(target[known + 1])
            weights = np.linalg.lstsq(design[known], logs, rcond=None)[0]
            spread = float(np.var(logs - design[known] @ weights))
        ratios[day - first] = target[day] / math.exp(float(design[day - 1] @ weights) + spread / 2.0)
    return float(np.mean(ratios - np.log(ratios) - 1.0))


if __name__ == "__main__":
    run(TITLE, measure)
