"""The result of a backtest, as a person gets it: a series, a frame, plain data and words."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import autonomous_trading as at
from autonomous_trading.backtest import BACKTEST_METRICS
from autonomous_trading.testing.markets import random_walk
from tests.small_strategies import Cross, bars

BARS = bars(seed=1)
TWO = {"A": BARS, "B": bars(seed=2)[40:]}


def test_a_result_is_aligned_with_the_bars_it_traded() -> None:
    result = at.backtest(Cross, BARS, start=50, stop=250)
    np.testing.assert_array_equal(result.time, BARS.time[50:250])
    assert result.equity.name == "equity"
    assert result.equity.index.name == "timestamp"
    assert len(result.equity) == 200
    assert result.equity.iloc[-1] == pytest.approx(100_000 + result.metrics["net_profit"])


def test_trades_are_a_frame() -> None:
    result = at.backtest(Cross, TWO, exits=at.Exits(stop_loss=0.02))
    trades = result.trades
    assert list(trades.columns[:3]) == ["symbol", "entry_time", "exit_time"]
    assert set(trades["symbol"]) == {"A", "B"}
    assert set(trades["side"]) == {"long"}
    assert (trades["exit_time"] >= trades["entry_time"]).all()
    gross = trades["units"] * (trades["exit_price"] - trades["entry_price"])
    np.testing.assert_allclose(trades["gross_profit"], gross, atol=1e-6)
    np.testing.assert_allclose(trades["return"], trades["net_profit"] / (trades["units"] * trades["entry_price"]))
    assert {"stop_loss", "signal"} <= set(trades["reason"])
    assert "symbol" not in at.backtest(Cross, BARS).trades.columns
    short = at.simulate(BARS, -np.ones(300)).trades
    assert list(short["side"]) == ["short"]
    assert list(short["reason"]) == ["open"]
    assert at.simulate(BARS, np.zeros(300)).trades.empty


def test_dictionaries_of_a_result_are_copies() -> None:
    result = at.backtest(Cross, BARS)
    result.metrics.clear()
    result.benchmark.clear()
    assert set(result.metrics) == set(result.benchmark) == {*BACKTEST_METRICS, "psr"}


def test_warnings_say_what_is_suspicious() -> None:
    quiet = at.backtest(Cross, BARS)
    assert quiet.warnings == ()
    flat = at.Bars(BARS.time, BARS.close, BARS.high, BARS.low, BARS.close, np.ones(300))
    said = at.backtest(Cross, flat, execution=at.Execution(fill="same_close")).warnings
    assert any("volume" in each for each in said)
    assert any(each.startswith("same-bar: ") for each in said)
    several = at.backtest(Cross, {"A": flat, "B": BARS}).warnings
    assert several
    assert all(each.startswith("A: ") for each in several)
    ruined = at.simulate(
        random_walk(600, 1), np.full(600, -5.0), execution=at.Execution(leverage=5.0), costs=at.Costs(borrow_rate=9.0)
    )
    assert ruined.ruined
    assert any(each.startswith("ruin: ") for each in ruined.warnings)


def test_a_result_says_what_a_repetition_needs() -> None:
    result = at.backtest(
        Cross(fast=4),
        TWO,
        costs=at.Costs(per_unit=0.5),
        exits=at.Exits(stop_loss=0.1),
        execution=at.Execution(fill="close"),
    )
    facts: dict[str, Any] = result.provenance
    assert facts["data"] == {"A": BARS.content_id, "B": TWO["B"].content_id}
    assert facts["costs"]["per_unit"] == 0.5
    assert facts["exits"]["stop_loss"] == 0.1
    assert "take_profit" not in facts["exits"]
    assert facts["execution"]["fill"] == "close"
    assert facts["strategy"] == "cross"
    assert facts["parameters"] == {"fast": 4, "slow": 20}
    assert facts["fill_contract"] == 1
    assert facts["traded"] == {"start": "2000-01-03", "stop": "2001-02-24", "bars": 300}
    assert facts["engine"]


def test_an_engine_that_is_not_installed_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import metadata

    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert at.backtest(Cross, BARS).provenance["engine"] == "uninstalled"


def test_plain_data_of_a_result() -> None:
    result = at.backtest(Cross, BARS)
    data = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    said = {name: np.nan if value is None else value for name, value in data["metrics"].items()}
    assert said == pytest.approx(result.metrics, nan_ok=True)
    assert data["trade_count"] == result.trade_count
    assert data["explanation"]["stages"][0] == {"stage": "bars", "count": 300}
    assert data["explanation"]["message"] == result.explain().message
    assert not data["same_bar"]


def test_a_result_shows_what_it_is_and_how_it_did() -> None:
    result = at.backtest(Cross, BARS)
    fast, slow = result.parameters["fast"], result.parameters["slow"]
    shown = repr(result)
    assert shown.startswith(f"Result({result.strategy} fast={fast} slow={slow}: total_return ")
    assert shown.endswith(f"trade_count {result.trade_count})")
