"""Metric names: one key each, one direction each, and every name people use leads to the key."""

import pytest

from autonomous_trading.core import (
    METRIC_ALIASES,
    METRICS,
    InvalidInput,
    UnknownName,
    direction,
    resolve_metric,
)

PROMISED = [
    "total_return",
    "annualized_return",
    "cagr",
    "volatility",
    "sharpe_ratio",
    "sortino_ratio",
    "calmar_ratio",
    "information_ratio",
    "omega_ratio",
    "max_drawdown",
    "value_at_risk",
    "conditional_value_at_risk",
    "win_rate",
    "profit_factor",
    "average_win_loss_ratio",
    "expectancy",
    "trade_count",
    "average_hold_time",
    "signal_frequency",
    "exposure",
    "turnover",
    "costs_paid",
    "consistency_score",
    "parameter_sensitivity",
    "parameter_stability_score",
    "net_profit",
    "psr",
    "dsr",
    "pbo",
]

SMALLER_IS_BETTER = {
    "volatility",
    "max_drawdown",
    "value_at_risk",
    "conditional_value_at_risk",
    "turnover",
    "costs_paid",
    "parameter_sensitivity",
    "pbo",
}


def test_every_promised_metric_is_declared_once() -> None:
    assert set(METRICS) == set(PROMISED)
    assert all(metric.name == key for key, metric in METRICS.items())
    assert all(metric.description and metric.unit for metric in METRICS.values())


@pytest.mark.parametrize("name", PROMISED)
def test_direction(name: str) -> None:
    assert direction(name) == ("minimize" if name in SMALLER_IS_BETTER else "maximize")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("maximize_sharpe_ratio", "sharpe_ratio"),
        ("maximize_total_return", "total_return"),
        ("minimize_max_drawdown", "max_drawdown"),
        ("maximize_win_rate", "win_rate"),
        ("minimize_volatility", "volatility"),
        ("maximize_calmar_ratio", "calmar_ratio"),
        ("maximise_sharpe", "sharpe_ratio"),
        ("compound_annual_growth_rate", "cagr"),
        ("average_win_loss", "average_win_loss_ratio"),
        ("Sharpe Ratio", "sharpe_ratio"),
        (" max-drawdown ", "max_drawdown"),
        ("var", "value_at_risk"),
        ("pbo", "pbo"),
    ],
)
def test_other_names_lead_to_the_key(name: str, key: str) -> None:
    assert resolve_metric(name) == key


def test_aliases_lead_to_metrics_and_hide_none() -> None:
    assert set(METRIC_ALIASES.values()) <= set(METRICS)
    assert not set(METRIC_ALIASES) & set(METRICS)


def test_unknown_metric_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"unknown metric 'sharpe_rato'.*'sharpe_ratio'"):
        resolve_metric("sharpe_rato")


@pytest.mark.parametrize("name", ["minimize_sharpe_ratio", "maximize_max_drawdown"])
def test_a_contradicting_direction_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match=rf"{name}.*contradicts the direction"):
        resolve_metric(name)
