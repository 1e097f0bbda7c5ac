"""rolling_regression: the line of every window, as numpy fits it alone, and causal to the last bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autonomous_trading.core import InvalidExpression
from autonomous_trading.core.rolling import rolling_regression

RNG = np.random.default_rng(6)
X = np.cumsum(RNG.standard_normal(200)) + 1e4
Y = 0.3 * X + RNG.standard_normal(200) - 50.0


def test_every_window_has_its_line() -> None:
    slope, intercept, correlation = rolling_regression(X, Y, 17)
    assert np.isnan(slope[:16]).all()
    for t in range(16, 200, 13):
        x, y = X[t - 16 : t + 1], Y[t - 16 : t + 1]
        rise, level = np.polyfit(x - x.mean(), y, 1)
        assert slope[t] == pytest.approx(rise, rel=1e-8)
        assert intercept[t] == pytest.approx(level - rise * x.mean(), rel=1e-8)
        assert correlation[t] == pytest.approx(np.corrcoef(x, y)[0, 1], rel=1e-8)


@settings(max_examples=100, deadline=None)
@given(st.integers(2, 60), st.integers(1, 199))
def test_later_bars_and_the_first_ones_change_nothing(window: int, cut: int) -> None:
    whole = rolling_regression(X, Y, window)
    for full, part in zip(whole, rolling_regression(X[:cut], Y[:cut], window), strict=True):
        np.testing.assert_array_equal(part, full[:cut])
    for full, part in zip(whole, rolling_regression(X[cut:], Y[cut:], window), strict=True):
        np.testing.assert_array_equal(part[window - 1 :], full[cut + window - 1 :])


def test_what_does_not_vary_or_is_missing_has_no_line() -> None:
    assert all(np.isnan(each).all() for each in rolling_regression(np.full(50, 7.0), Y[:50], 10))
    slope, _, correlation = rolling_regression(X[:50], np.full(50, 7.0), 10)
    assert (slope[9:] == 0.0).all()
    assert np.isnan(correlation).all()
    holed = X.copy()
    holed[100] = np.nan
    slope, _, _ = rolling_regression(holed, Y, 10)
    assert np.isnan(slope[100:110]).all()
    assert np.isfinite(slope[[99, 110]]).all()
    assert all(np.isnan(each).all() for each in rolling_regression(X[:5], Y[:5], 10))
    with pytest.raises(InvalidExpression, match="rolling_regression needs a window of at least 1 bar"):
        rolling_regression(X, Y, 0)


def test_what_varies_by_its_rounding_alone_has_no_line_where_that_is_told() -> None:
    returns = np.diff(np.log(100.0 * 1.0001 ** np.arange(100)))
    assert np.isnan(rolling_regression(returns, Y[:99], 20, rounding=1e-12)[0]).all()
    assert np.isnan(rolling_regression(Y[:99], returns, 20, rounding=1e-12)[2]).all()
    small = 1e-10 * X[:99]
    np.testing.assert_array_equal(
        rolling_regression(small, Y[:99], 20, rounding=1e-12), rolling_regression(small, Y[:99], 20)
    )
