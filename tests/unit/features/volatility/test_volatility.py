"""Volatility columns: against published figures, other libraries and slow twins."""

import math
from typing import Any, Literal

import arch.data.sp500
import numpy as np
import pandas as pd
import pytest
from arch import arch_model

from autonomous_trading.core import Bars, FloatArray, InvalidInput, InvalidParameter, UnknownName
from autonomous_trading.features import ColumnStore
from autonomous_trading.features.kernels._volatility import garch_variance
from autonomous_trading.features.volatility import (
    fit_garch,
    garch_moments,
    garman_klass_analytic,
    garman_klass_variance,
    parkinson_variance,
    rogers_satchell_variance,
    yang_zhang_weight,
)
from autonomous_trading.testing.markets import random_walk
from tests.twins import volatility as twin

Start = Literal["residuals", "sample", "unconditional"]

BARS = random_walk(400, seed=9)
LOGS = np.diff(np.log(BARS.close))


def column(name: str, *arguments: float, output: str = "", bars: Bars = BARS) -> FloatArray:
    return ColumnStore(bars).column(name, arguments, None, output)


def sp500_returns() -> FloatArray:
    """Percent, 1999 to 2018, as the arch package ships them."""
    return np.asarray(100.0 * arch.data.sp500.load()["Adj Close"].pct_change().dropna())


def test_one_bar_as_printed() -> None:
    one = [np.array([price]) for price in (100.0, 110.0, 95.0, 105.0)]
    assert parkinson_variance(one[1], one[2])[0] == pytest.approx(0.0077518092, abs=5e-11)
    assert garman_klass_variance(*one)[0] == pytest.approx(0.0098267233, abs=5e-11)
    assert garman_klass_analytic(*one)[0] == pytest.approx(0.0098444062, abs=5e-11)
    assert rogers_satchell_variance(*one)[0] == pytest.approx(0.0095674414, abs=5e-11)
    assert [round(yang_zhang_weight(n), 6) for n in (2, 10, 22)] == [0.078341, 0.132697, 0.139617]


def test_closes_as_pandas_has_them() -> None:
    logs = pd.Series(np.diff(np.log(BARS.close), prepend=np.nan))
    np.testing.assert_allclose(column("close_volatility", 20), logs.rolling(20).std(), rtol=1e-12)
    np.testing.assert_allclose(column("realised_volatility", 20), np.sqrt((logs**2).rolling(20).sum()), rtol=1e-9)
    falls = logs.where(logs < 0.0, 0.0).where(logs.notna())
    np.testing.assert_allclose(column("downside_volatility", 20), np.sqrt((falls**2).rolling(20).mean()), rtol=1e-9)
    pairs = (logs.abs() * logs.abs().shift(1)).rolling(20).sum() * (math.pi / 2.0)
    np.testing.assert_allclose(column("bipower_volatility", 20), np.sqrt(pairs), rtol=1e-9)
    fast, slow = logs.rolling(10).std(), logs.rolling(60).std()
    np.testing.assert_allclose(column("volatility_ratio", 10, 60), fast / slow, rtol=1e-9)
    of = fast.rolling(60).std(ddof=0) / fast.rolling(60).mean()
    np.testing.assert_allclose(column("volatility_of_volatility", 10, 60), of, rtol=1e-8)


def steady_growth() -> Bars:
    close: FloatArray = 100.0 * np.power(1.0001, np.arange(400), dtype=np.float64)
    return Bars(np.arange(400, dtype=np.int64) * 10**12, close, close, close, close, np.ones(400))


def test_a_ratio_of_rounding_errors_is_not_known() -> None:
    for name in ("volatility_ratio", "volatility_of_volatility"):
        assert np.isnan(column(name, 10, 60, bars=steady_growth())).all(), name


def test_a_jump_is_seen_as_a_jump() -> None:
    quiet = np.exp(np.cumsum(np.tile([0.01, -0.01], 50)))
    close = np.concatenate((quiet, quiet[-1:] * 1.3, quiet[:20] * 1.3))
    time = np.arange(len(close), dtype=np.int64) * 10**12
    jumped = column("jump_share", 20, bars=Bars(time, close, close, close, close, np.ones(len(close))))
    assert jumped[99] == 0.0
    assert jumped[100] > 0.8


def test_an_opening_after_a_close_that_is_not_known_is_not_fresh() -> None:
    close = BARS.close.copy()
    close[100] = np.nan
    share = ColumnStore(BARS).column("stale_open_share", (20,), (BARS.open, close))
    assert np.isnan(share[:20]).all()
    assert np.isnan(share[101:121]).all()
    assert np.isfinite(share[[100, 121]]).all()


def test_ranges_as_means_of_bars() -> None:
    frame = pd.DataFrame({"o": BARS.open, "h": BARS.high, "l": BARS.low, "c": BARS.close})
    body, up, down = (pd.Series(np.log(each / frame.o)) for each in (frame.c, frame.h, frame.l))
    parkinson = pd.Series((up - down) ** 2 / (4.0 * math.log(2.0))).rolling(20).mean()
    np.testing.assert_allclose(column("parkinson_volatility", 20), np.sqrt(parkinson), rtol=1e-9)
    satchell = (up * (up - body) + down * (down - body)).rolling(20).mean()
    np.testing.assert_allclose(column("rogers_satchell_volatility", 20), np.sqrt(satchell), rtol=1e-8)
    k = yang_zhang_weight(20)
    gaps = pd.Series(np.log(frame.o / frame.c.shift(1))).rolling(20).var()
    zhang = gaps + k * body.rolling(20).var() + (1.0 - k) * satchell
    np.testing.assert_allclose(column("yang_zhang_volatility", 20), np.sqrt(zhang), rtol=1e-8)


def test_stale_opens_are_counted() -> None:
    close = BARS.close.copy()
    opening = np.append(BARS.open[:1], np.where(np.arange(1, 400) % 4 == 0, close[:-1], BARS.open[1:]))
    high, low = np.maximum(BARS.high, opening), np.minimum(BARS.low, opening)
    bars = Bars(BARS.time, opening, high, low, close, BARS.volume)
    assert column("stale_open_share", 40, bars=bars)[-1] == pytest.approx(0.25, abs=0.08)


def test_recursions_equal_their_twins() -> None:
    np.testing.assert_allclose(column("ewma_volatility", 0.9)[1:] ** 2, twin.ewma(LOGS.tolist(), 0.9), rtol=1e-12)
    garch = twin.targeted(LOGS.tolist(), 0.1, 0.0, 0.85)
    np.testing.assert_allclose(column("garch_volatility", 0.1, 0.85)[101:] ** 2, garch[100:], rtol=1e-10)
    gjr = twin.targeted(LOGS.tolist(), 0.02, 0.1, 0.9)
    np.testing.assert_allclose(column("gjr_volatility", 0.02, 0.1, 0.9)[101:] ** 2, gjr[100:], rtol=1e-10)
    out = np.empty(len(LOGS))
    garch_variance(LOGS, 1e-6, 0.05, 0.1, 0.8, 1e-4, out)
    np.testing.assert_allclose(out, twin.gjr(LOGS.tolist(), 1e-6, 0.05, 0.1, 0.8, 1e-4), rtol=1e-12)


def test_without_a_long_run_level_it_is_refused() -> None:
    with pytest.raises(InvalidParameter, match=r"a persistence of 1 \(alpha \+ gamma / 2 \+ beta\)"):
        column("garch_volatility", 0.5, 0.5)


def test_har_components() -> None:
    variance = pd.Series(garman_klass_variance(BARS.open, BARS.high, BARS.low, BARS.close))
    for output, bars in (("day", 1), ("week", 5), ("month", 22)):
        expected = np.log(variance.rolling(bars).mean().where(variance.rolling(bars).mean() > 0.0))[21:]
        np.testing.assert_allclose(column("har", output=output)[21:], expected, rtol=1e-8)
    logs = pd.Series(np.diff(np.log(BARS.close), prepend=np.nan))
    falls = np.minimum(logs.rolling(5).mean(), 0.0)
    np.testing.assert_allclose(column("leverage", output="week")[22:], falls[22:], rtol=1e-8, atol=1e-17)


def test_closed_forms() -> None:
    moments = garch_moments(0.05, 0.1, 0.85)
    assert moments["variance"] == pytest.approx(1.0)
    assert moments["kurtosis"] == pytest.approx(3.7741935, abs=5e-8)
    assert moments["first_autocorrelation"] == pytest.approx(0.1790698, abs=5e-8)
    assert moments["autocorrelation_ratio"] == pytest.approx(0.95)
    assert moments["half_life"] == pytest.approx(13.513, abs=5e-4)
    assert garch_moments(0.1, 0.6, 0.3)["kurtosis"] == math.inf
    with pytest.raises(InvalidParameter, match="have no long-run variance"):
        garch_moments(0.1, 0.5, 0.5)


@pytest.mark.parametrize(
    ("asymmetric", "expected"),
    [
        (False, (0.056353, 0.017507, 0.102150, 0.0, 0.885206, -6936.7185)),
        (True, (0.017505, 0.019566, 0.0, 0.183069, 0.892236, -6822.8828)),
    ],
)
def test_fits_of_the_sp500_as_arch_prints_them(asymmetric: bool, expected: tuple[float, ...]) -> None:
    returns = sp500_returns()
    model = arch_model(returns, p=1, o=int(asymmetric), q=1)
    start = float(model.volatility.backcast(returns - returns.mean()))
    found = fit_garch(returns, asymmetric=asymmetric, start=start)
    assert found.log_likelihood == pytest.approx(expected[-1], abs=2e-2)
    parameters = (found.mean, found.omega, found.alpha, found.gamma, found.beta)
    np.testing.assert_allclose(parameters, expected[:-1], atol=5e-4)


@pytest.mark.parametrize("start", ["residuals", "sample", "unconditional"])
def test_a_fit_finds_the_truth_and_its_own_likelihood(start: Start) -> None:
    rng = np.random.default_rng(4)
    shocks, level = np.empty(6000), 1.0
    for t in range(len(shocks)):
        shocks[t] = math.sqrt(level) * rng.standard_normal()
        level = 0.05 + 0.1 * shocks[t] ** 2 + 0.85 * level
    found = fit_garch(0.02 + shocks, start=start)
    assert found.alpha == pytest.approx(0.1, abs=0.03)
    assert found.beta == pytest.approx(0.85, abs=0.04)
    assert found.persistence == found.alpha + found.beta
    residuals = 0.02 + shocks - found.mean
    level = {
        "residuals": float(np.square(residuals).mean()),
        "sample": float(np.var(shocks)),
        "unconditional": found.omega / (1.0 - found.persistence),
    }[start]
    variances = twin.gjr(residuals.tolist(), found.omega, found.alpha, 0.0, found.beta, level)
    assert found.log_likelihood == pytest.approx(twin.log_likelihood(residuals.tolist(), variances), rel=1e-8)


@pytest.mark.parametrize("returns", [np.zeros(100), np.ones(20), np.array([np.nan] * 100)])
def test_what_cannot_be_fitted(returns: FloatArray) -> None:
    with pytest.raises(InvalidInput, match="cannot be fitted"):
        fit_garch(returns)


@pytest.mark.parametrize("start", [-1.0, 0.0, math.nan, math.inf, True, None])
def test_a_start_that_is_no_variance(start: Any) -> None:
    with pytest.raises(InvalidInput, match="the variance before the first return must be a number above 0"):
        fit_garch(np.random.default_rng(1).standard_normal(100), start=start)


def test_a_start_of_another_name() -> None:
    misspelt: Any = "residual"
    with pytest.raises(UnknownName, match="did you mean 'residuals'"):
        fit_garch(np.random.default_rng(1).standard_normal(100), start=misspelt)
