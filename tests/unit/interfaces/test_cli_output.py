"""Stdout: JSON that every parser takes, and tables that fit 80 columns."""

import io
import math

import numpy as np
import pytest
from rich.console import Console

from autonomous_trading.interfaces.cli._output import console, plain, print_document
from autonomous_trading.interfaces.cli._tables import Measured, metrics_table, number, parameters_text

METRICS = {
    "total_return": 123_456.789,
    "cagr": -0.0213,
    "sharpe_ratio": -1.234,
    "max_drawdown": 0.5555,
    "profit_factor": math.inf,
    "win_rate": math.nan,
    "trade_count": 12_345.0,
    "costs_paid": 1_234_567.8,
}


def test_numbers_that_json_cannot_say_are_null() -> None:
    found = plain({"a": math.nan, "b": [math.inf, -math.inf, 1.5], "c": {"d": (1, True, None)}})
    assert found == {"a": None, "b": [None, None, 1.5], "c": {"d": [1, True, None]}}


def test_numpy_numbers_are_numbers() -> None:
    found = plain({"i": np.int64(3), "f": np.float64(0.5), "n": np.float32("nan"), "b": np.bool_(True)})
    assert found == {"i": 3, "f": 0.5, "n": None, "b": True}
    assert [type(value) for value in found.values()] == [int, float, type(None), bool]


def test_a_document_is_all_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    print_document({"symbol": "ÅÄÖ\x1b", "value": math.nan})
    out = capsys.readouterr().out
    assert out == '{\n  "symbol": "\\u00c5\\u00c4\\u00d6\\u001b",\n  "value": null\n}\n'


def shown(width: int, *columns: Measured) -> list[str]:
    screen = Console(file=io.StringIO(), width=width, highlight=False)
    screen.print(metrics_table(columns))
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue().splitlines()


def test_four_columns_fit_a_terminal_of_80() -> None:
    headings = ("in-sample", "out-of-sample", "hold (in)", "hold (out)")
    lines = shown(80, *(Measured(heading, METRICS) for heading in headings))
    assert max(len(line) for line in lines) <= 80
    assert all(heading in lines[0] for heading in headings)
    assert not any("…" in line for line in lines)


def test_a_column_without_metrics_is_left_out() -> None:
    lines = shown(80, Measured("in-sample", METRICS), Measured("out-of-sample", None))
    assert "out-of-sample" not in lines[0]


def test_a_row_nobody_has_is_left_out() -> None:
    text = "\n".join(shown(80, Measured("strategy", METRICS)))
    assert "Win rate" not in text
    assert "Max drawdown" in text


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("total_return", 0.5225, "52.25 %"),
        ("max_drawdown", math.nan, "-"),
        ("profit_factor", math.inf, "inf"),
        ("sharpe_ratio", -math.inf, "-inf"),
        ("sharpe_ratio", 1.236, "1.24"),
        ("trade_count", 1_234.0, "1,234"),
    ],
)
def test_numbers_in_their_units(name: str, value: float, text: str) -> None:
    assert number(name, value) == text


def test_parameters_on_one_line() -> None:
    assert parameters_text({"fast": 20, "stop_loss": 0.1 + 0.2, "kind": "sma"}) == "fast=20 stop_loss=0.3 kind=sma"


def test_no_color_means_no_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert console().color_system is not None
    monkeypatch.setenv("NO_COLOR", "1")
    assert console().color_system is None
