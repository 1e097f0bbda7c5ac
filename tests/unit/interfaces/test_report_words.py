"""Numbers, dates and metrics as a reader sees them."""

import math

import numpy as np
import pytest

from autonomous_trading.core import METRICS
from autonomous_trading.interfaces.report._metric_words import GROUPS, LABELS, UNIT_KINDS, in_sentence, metric_words
from autonomous_trading.interfaces.report._numbers import (
    NumberKind,
    counted,
    date_text,
    format_number,
    format_value,
    is_daily,
)
from autonomous_trading.interfaces.report._surface_section import axis_labels


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (0.12345, "fraction", "12.35%"),
        (-0.5, "fraction", "\u221250.00%"),
        (123.4, "fraction", "12,340%"),
        (0.412, "probability", "41.2%"),
        (1234.0, "count", "1,234"),
        (7.5, "count", "7.5"),
        (1234567.891, "money", "1,234,568"),
        (12.345, "money", "12.35"),
        (0.7741, "ratio", "0.77"),
        (224.4, "ratio", "224"),
        (1254.1299, "price", "1,254.13"),
        (1.23456, "price", "1.2346"),
        (0.000123456789, "price", "0.000123457"),
        (20.0, "plain", "20"),
        (0.123456789, "plain", "0.123457"),
        (6.27, "bars", "6.3 bars"),
        (12.5, "days", "12.5 days"),
        (6.27, "tenths", "6.3"),
        (math.nan, "fraction", "n/a"),
        (math.inf, "ratio", "\u221e"),
        (-math.inf, "ratio", "\u2212\u221e"),
    ],
)
def test_numbers_are_written_for_people(value: float, kind: NumberKind, text: str) -> None:
    assert format_number(value, kind) == text


def test_a_number_that_rounds_to_zero_has_no_sign() -> None:
    assert format_number(-0.000001, "fraction") == "0.00%"


def test_gains_carry_a_plus_where_asked() -> None:
    assert format_number(0.01, "fraction", signed=True) == "+1.00%"
    assert format_number(0.0, "fraction", signed=True) == "0.00%"


def test_parameter_values_keep_their_nature() -> None:
    assert [format_value(value) for value in (True, np.False_, 20, 0.025, "ema")] == ["yes", "no", "20", "0.025", "ema"]


def test_dates_show_hours_only_when_they_matter() -> None:
    midnight = int(np.datetime64("2026-11-20", "ns").astype(np.int64))
    assert is_daily(np.array([midnight]))
    assert not is_daily(np.array([midnight + 1]))
    assert date_text(midnight, daily=True) == "2026-11-20"
    assert date_text(midnight + 52_200_000_000_000, daily=False) == "2026-11-20 14:30"


def test_counts_agree_with_their_noun() -> None:
    assert (counted(1, "trade"), counted(1_234, "trade")) == ("1 trade", "1,234 trades")


def test_every_metric_has_words() -> None:
    assert set(LABELS) == set(METRICS)
    assert {metric.unit for metric in METRICS.values()} <= set(UNIT_KINDS)
    assert {metric_words(name).group for name in METRICS} <= set(GROUPS)


def test_meanings_name_other_metrics_by_their_label() -> None:
    assert metric_words("calmar_ratio").meaning == "CAGR over maximum drawdown"
    assert not [name for name in METRICS if "_" in metric_words(name).meaning]


def test_axis_labels_are_short_but_distinct() -> None:
    assert axis_labels(np.linspace(0.001, 0.05, 4)) == ("0.001", "0.017", "0.034", "0.05")
    assert axis_labels([0.1234, 0.1235]) == ("0.1234", "0.1235")
    assert axis_labels([5, 1_000_000]) == ("5", "1,000,000")
    assert axis_labels([True, False]) == ("yes", "no")


def test_an_unknown_metric_is_shown_under_its_own_name() -> None:
    assert metric_words("tail_ratio") == ("Tail ratio", "plain", "Other", "")


def test_names_of_people_keep_their_capital_inside_a_sentence() -> None:
    labels = ("Total return", "Sharpe ratio", "CAGR", "Buy and hold", "SPY")
    assert [in_sentence(label) for label in labels] == ["total return", "Sharpe ratio", "CAGR", "buy and hold", "SPY"]
