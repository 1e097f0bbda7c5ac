"""How one instrument moves with another: beta, correlation, what is left, who leads.

`reference` is the other's close as a column of these bars (`at.join` puts it there as it was known).
"""

from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.core.rolling import rolling_regression
from autonomous_trading.features._definitions import ColumnDefinition, whole
from autonomous_trading.features._primitives import ROUNDING, log_change, rolling_std, shift
from autonomous_trading.features.kernels._regression import downside_slope

GROUP = "Cross-asset"
INPUTS = ("close", ("reference", ""))


def _line(x: FloatArray, y: FloatArray, period: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    return rolling_regression(x, y, period, rounding=ROUNDING)


def rolling_beta(close: FloatArray, reference: FloatArray, period: int) -> FloatArray:
    """Slope of log returns on those of the reference."""
    return _line(log_change(reference, 1), log_change(close, 1), period)[0]


def rolling_alpha(close: FloatArray, reference: FloatArray, period: int) -> FloatArray:
    """Intercept of log returns on those of the reference: the return per bar that the reference does not explain."""
    return _line(log_change(reference, 1), log_change(close, 1), period)[1]


def return_correlation(close: FloatArray, reference: FloatArray, period: int) -> FloatArray:
    """Correlation of log returns."""
    return _line(log_change(reference, 1), log_change(close, 1), period)[2]


def correlation_change(close: FloatArray, reference: FloatArray, fast: int, slow: int) -> FloatArray:
    """Correlation of returns over `fast` bars minus that over `slow` bars."""
    return return_correlation(close, reference, fast) - return_correlation(close, reference, slow)


def downside_beta(close: FloatArray, reference: FloatArray, period: int) -> FloatArray:
    """Slope of log returns on those of the reference, over the bars whose return of the reference is below its mean.

    The mean is that of the window. NaN where fewer than 3 bars are below it.
    """
    out = np.empty(len(close))
    downside_slope(log_change(reference, 1), log_change(close, 1), period, ROUNDING, out)
    return out


def residual_return(close: FloatArray, reference: FloatArray, period: int) -> FloatArray:
    """The log return of the bar beyond beta times the reference's, with the beta of the bars before it."""
    market, own = log_change(reference, 1), log_change(close, 1)
    slope, _, _ = _line(market, own, period)
    return np.asarray(own - shift(slope, 1) * market)


def residual_volatility(close: FloatArray, reference: FloatArray, period: int, window: int) -> FloatArray:
    """Standard deviation of the last `window` residual returns."""
    return rolling_std(residual_return(close, reference, period), window, 1)


def relative_strength(close: FloatArray, reference: FloatArray, period: int) -> FloatArray:
    """Log return over `period` bars minus that of the reference."""
    return np.asarray(log_change(close, period) - log_change(reference, period))


def lead_lag(close: FloatArray, reference: FloatArray, period: int, lag: int) -> FloatArray:
    """Above 0 where the reference leads: correlation with its returns `lag` bars ago, minus its with ours then."""
    market, own = log_change(reference, 1), log_change(close, 1)
    led = _line(shift(market, lag), own, period)[2]
    leads = _line(shift(own, lag), market, period)[2]
    return np.asarray(led - leads)


_PERIOD = whole("period", 60, low=3)
_OF_REFERENCE = "Sharpe (1964), J. Finance 19(3); rolling regression"

COLUMNS: Mapping[str, ColumnDefinition] = {
    "rolling_beta": ColumnDefinition(
        rolling_beta,
        group=GROUP,
        description="Beta of log returns against another instrument",
        formula="cov(r, r_ref) / var(r_ref) over period bars",
        units="1",
        source=_OF_REFERENCE,
        inputs=INPUTS,
        parameters=(_PERIOD,),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
    "rolling_alpha": ColumnDefinition(
        rolling_alpha,
        group=GROUP,
        description="Log return per bar that another instrument does not explain",
        formula="mean(r) - beta mean(r_ref) over period bars",
        units="log return per bar",
        source="Jensen (1968), J. Finance 23(2); rolling regression",
        inputs=INPUTS,
        parameters=(_PERIOD,),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
    "return_correlation": ColumnDefinition(
        return_correlation,
        group=GROUP,
        description="Correlation of log returns with another instrument",
        formula="corr(r, r_ref) over period bars",
        units="-1..1",
        source="Pearson (1895), Proc. Royal Society 58",
        inputs=INPUTS,
        parameters=(_PERIOD,),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
    "correlation_change": ColumnDefinition(
        correlation_change,
        group=GROUP,
        description="Short minus long correlation of returns: coupling that tightens or breaks",
        formula="return_correlation(fast) - return_correlation(slow)",
        units="-2..2",
        source="own, after Longin and Solnik (2001), J. Finance 56(2)",
        inputs=INPUTS,
        parameters=(whole("fast", 20, low=3), whole("slow", 120, low=3)),
        warm_up=max,
        memory=max,
    ),
    "downside_beta": ColumnDefinition(
        downside_beta,
        group=GROUP,
        description="Beta over the bars on which another instrument did worse than its mean",
        formula="cov(r, r_ref | r_ref < m) / var(r_ref | r_ref < m) over period bars, m = mean(r_ref)",
        units="1",
        source="Ang, Chen and Xing (2006), Review of Financial Studies 19(4)",
        inputs=INPUTS,
        parameters=(_PERIOD,),
        warm_up=lambda period: period,
        memory=lambda period: period,
        sparse=True,
    ),
    "residual_return": ColumnDefinition(
        residual_return,
        group=GROUP,
        description="Log return of the bar beyond beta times the reference's, beta known before the bar",
        formula="r - beta[-1] r_ref",
        units="log return per bar",
        source="Blitz, Huij and Martens (2011), J. Empirical Finance 18(3)",
        inputs=INPUTS,
        parameters=(_PERIOD,),
        warm_up=lambda period: period + 1,
        memory=lambda period: period + 1,
    ),
    "residual_volatility": ColumnDefinition(
        residual_volatility,
        group=GROUP,
        description="Idiosyncratic volatility: standard deviation of residual returns",
        formula="std(residual_return(period), window, ddof=1)",
        units="log return per bar",
        source="Ang, Hodrick, Xing and Zhang (2006), J. Finance 61(1)",
        inputs=INPUTS,
        parameters=(_PERIOD, whole("window", 20, low=2)),
        warm_up=lambda period, window: period + window,
        memory=lambda period, window: period + window,
    ),
    "relative_strength": ColumnDefinition(
        relative_strength,
        group=GROUP,
        description="Log return over a period minus that of another instrument",
        formula="log(close / close[-period]) - log(ref / ref[-period])",
        units="log return",
        source="Levy (1967), J. Finance 22(4)",
        inputs=INPUTS,
        parameters=(whole("period", 60),),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
    "lead_lag": ColumnDefinition(
        lead_lag,
        group=GROUP,
        description="Whether another instrument leads: correlation with its past minus its correlation with our past",
        formula="corr(r, r_ref[-lag]) - corr(r_ref, r[-lag]) over period bars",
        units="-2..2",
        source="Lo and MacKinlay (1990), Review of Financial Studies 3(2)",
        inputs=INPUTS,
        parameters=(_PERIOD, whole("lag", 1, high=500)),
        warm_up=lambda period, lag: period + lag,
        memory=lambda period, lag: period + lag,
    ),
}
