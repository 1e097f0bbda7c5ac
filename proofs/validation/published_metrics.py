"""Published numbers of return metrics, tail risk, Kelly's stake, conformal intervals and a test of forecasts.

Sources beside each group: Bacon (2008) in the R package PerformanceAnalytics, the tests of empyrical, tables of the
normal and of Student's distribution, Thorp (2006), Vovk et al. (2005), Harvey, Leybourne and Newbold (1997).
"""

from __future__ import annotations

import numpy as np

from autonomous_trading.validation import (
    conformal_index,
    kappa_ratio,
    kelly_of_bet,
    kelly_of_returns,
    normal_tail_risk,
    return_metrics,
    small_sample_factor,
    student_tail_risk,
    tail_risk,
)
from proofs.claims import Figure, equals, run

TITLE = "Published numbers of return metrics"
# 24 months in percent, data/portfolio_bacon.csv of PerformanceAnalytics, column 1.
FIRST_YEAR = [0.3, 2.6, 1.1, -1.0, 1.5, 2.5, 1.6, 6.7, -1.4, 4.0, -0.5, 8.1]
SECOND_YEAR = [4.0, -3.7, -6.1, 1.7, -4.9, -2.2, 7.0, 5.8, -6.5, 2.4, -0.5, -0.9]
MONTHS = np.array(FIRST_YEAR + SECOND_YEAR) / 100.0
BACON = (
    ("downside_deviation", 0.0255367, 7),
    ("downside_potential", 0.0137083, 7),
    ("downside_frequency", 0.458333, 6),
    ("upside_risk", 0.0293733, 7),
    ("upside_potential", 0.0177083, 7),
    ("omega_ratio", 1.2917933, 7),
    ("bernardo_ledoit_ratio", 1.7797834, 7),
    ("d_ratio", 0.4013329, 7),
    ("mean_absolute_deviation", 0.0310833, 7),
    ("pain_index", 0.0399897, 7),
    ("max_drawdown", 0.1446730, 7),
    ("martin_ratio", 1.6945, 4),
    ("adjusted_sharpe_ratio", 0.7591435, 7),
)
# The tests of empyrical, percent; its first day is missing: left out of ratios, counted in the growth per year.
MIXED = np.array([1.0, 10.0, -4.0, 2.0, 3.0, 2.0, 1.0, -10.0]) / 100.0
NEGATIVE = np.array([0.0, -6.0, -7.0, -1.0, -9.0, -2.0, -6.0, -8.0, -5.0]) / 100.0
TABLE = ((0.05, 1.6448536, 2.0627128), (0.025, 1.9599640, 2.3378028), (0.01, 2.3263479, 2.6652142))


def measure() -> list[Figure]:
    """Every number beside what is printed."""
    return [*_bacon(), *_empyrical(), *_tails(), *_kelly(), *_forecasts()]


def _bacon() -> list[Figure]:
    found = return_metrics(MONTHS, periods_per_year=12.0, target=0.005)
    figures = [
        equals(f"Bacon, {name.replace('_', ' ')}", getattr(found, name), expected, digits=digits)
        for name, expected, digits in BACON
    ]
    for order, expected in ((1.0, 0.2917933), (2.0, 0.1566371)):
        kappa = kappa_ratio(MONTHS, order=order, target=0.005)
        figures.append(equals(f"Bacon, kappa of order {order:g}", kappa, expected, digits=7))
    return figures


def _empyrical() -> list[Figure]:
    mixed, negative = return_metrics(MIXED), return_metrics(NEGATIVE)
    counted = return_metrics(np.concatenate([[0.0], MIXED]))
    seen = np.array([1.0, 81.0, 82.0, 83.0, 84.0, 85.0])
    return [
        equals("empyrical, Sharpe", mixed.sharpe_ratio, 1.7238613961706866, digits=12),
        equals("empyrical, Sortino", mixed.sortino_ratio, 2.605531251673693, digits=12),
        equals("empyrical, Sharpe of losses", negative.sharpe_ratio, -24.406808633910085, digits=12),
        equals("empyrical, Sortino of losses", negative.sortino_ratio, -13.532743075043401, digits=12),
        equals("empyrical, Calmar", counted.calmar_ratio, 19.135925373194233, digits=11),
        equals("empyrical, omega above 1 %", return_metrics(MIXED, target=0.01).omega_ratio, 0.8125, digits=12),
        equals("empyrical, drawdown", return_metrics(np.array([0.1, -0.1, 0.1])).max_drawdown, 0.1, digits=12),
        equals("empyrical, quantile at 10 %", -tail_risk(seen, tail=0.1).value_at_risk, 41.0, digits=12),
        equals("empyrical, quantile at 30 %", -tail_risk(seen, tail=0.3).value_at_risk, 81.5, digits=12),
    ]


def _tails() -> list[Figure]:
    figures = []
    for tail, value, shortfall in TABLE:
        found = normal_tail_risk(tail=tail)
        figures.append(equals(f"normal, value at risk {1 - tail:.1%}", found[0], value, digits=7))
        figures.append(equals(f"normal, expected shortfall {1 - tail:.1%}", found[1], shortfall, digits=7))
    for name, deviation, value, shortfall in (
        ("unit scale", None, 3.7469474, 5.2205842),
        ("unit variance", 1.0, 2.6494919, 3.6915105),
    ):
        found = student_tail_risk(4.0, tail=0.01, deviation=deviation)
        figures.append(equals(f"Student 4, {name}, value at risk 99 %", found[0], value, digits=7))
        figures.append(equals(f"Student 4, {name}, expected shortfall 99 %", found[1], shortfall, digits=7))
    return figures


def _kelly() -> list[Figure]:
    market, coin = kelly_of_returns(0.11, 0.15, risk_free=0.06), kelly_of_bet(0.6)
    return [
        equals("Kelly, a market", market.fraction, 2.222222, digits=6),
        equals("Kelly, growth of it", market.growth, 0.1155556, digits=7),
        equals("Kelly, a coin", coin.fraction, 0.2, digits=12),
        equals("Kelly, growth of it", coin.growth, 0.0201355, digits=7),
    ]


def _forecasts() -> list[Figure]:
    figures = [
        equals(f"conformal index, {n} scores, {miss:.0%}", conformal_index(n, miss), expected, digits=0)
        for n, miss, expected in ((99, 0.1, 90), (19, 0.05, 19), (18, 0.05, 19))
    ]
    return [*figures, equals("Harvey, Leybourne, Newbold", small_sample_factor(100, 1), 0.9949874, digits=7)]


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
