"""Every line of the Python part of the design runs as it is written there, and gives what it promises."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import autonomous_trading as at
from autonomous_trading.adapters import bars_to_frame
from tests.small_strategies import Cross, bars

EXAMPLE = '''
import autonomous_trading as at

class SmaCross(at.Strategy):
    """Long while the fast average is above the slow one."""
    fast = at.IntParameter(5, 50, default=10)
    slow = at.IntParameter(20, 200, default=50)
    stop_loss = at.FloatParameter(0.005, 0.05, default=0.02)

    def constraint(self) -> bool:              # infeasible sets are never simulated
        return self.fast < self.slow

    def signals(self, see: at.Columns):        # causal columns: see.close, see.sma(n), see.rsi(14), any TA-Lib name, your own
        return see.sma(self.fast) > see.sma(self.slow)      # bool = long/flat; float array = target exposure; at.Signals(...) for entries, exits, stops

bars = at.sample("sp500")                      # bundled, offline
result = at.backtest(SmaCross(fast=20), bars, costs=at.Costs(commission=0.0005, slippage=0.0002))
result.metrics["sharpe_ratio"]; result.equity; result.trades; result.explain(); page = result.report("report.html")
study = at.optimize(SmaCross, bars, objectives=["sharpe_ratio", "max_drawdown"], method="nsga2", trials=5_000, seed=7)
study.pareto_front; study.best("sharpe_ratio"); study.verdict
'''  # noqa: E501
GRID = """
grid = at.optimize(SmaCross, bars, objectives=["sharpe_ratio"], method="grid", fixed={"stop_loss": 0.02}, costs=at.Costs())   # parameters held still
"""  # noqa: E501


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the names of the example stand for after it ran, in a folder of its own."""
    folder = tmp_path_factory.mktemp("example")
    (folder / "example.py").write_text(EXAMPLE + GRID, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return {**runpy.run_path(str(folder / "example.py")), "folder": folder}


def test_the_backtest_of_the_example(example: dict[str, Any]) -> None:
    result, data = example["result"], example["bars"]
    assert result.strategy == "sma_cross"
    assert dict(result.parameters) == {"fast": 20, "slow": 50, "stop_loss": 0.02}
    assert np.isfinite(result.metrics["sharpe_ratio"])
    assert result.metrics.keys() == result.benchmark.keys()
    np.testing.assert_array_equal(result.equity.index.as_unit("ns").asi8, data.time)
    assert result.equity.index.name == "timestamp"
    assert str(result.equity.index.tz) == "UTC"
    assert result.equity.iloc[-1] == pytest.approx(100_000 * (1 + result.metrics["total_return"]))
    wanted = {"entry_time", "exit_time", "entry_price", "exit_price", "side", "units", "costs", "net_profit", "reason"}
    assert wanted <= set(result.trades.columns)
    assert len(result.trades) == result.trade_count == int(result.metrics["trade_count"]) > 0
    assert {"signal", "stop_loss"} <= set(result.trades["reason"])
    stages = dict(result.explain().stages)
    assert stages["bars"] == len(data)
    assert stages["bars after warm-up"] == len(data) - 49
    assert example["page"] == Path("report.html")
    page = (example["folder"] / example["page"]).read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>")


def test_the_search_of_the_example(example: dict[str, Any]) -> None:
    study = example["study"]
    assert study.n_trials == len(study.trials) == 5_000
    assert {"fast", "slow", "stop_loss", "sharpe_ratio", "max_drawdown"} <= set(study.trials.columns)
    assert (study.trials["fast"] < study.trials["slow"]).all()
    best = study.best("sharpe_ratio")
    assert best.metrics["sharpe_ratio"] == study.trials["sharpe_ratio"].max()
    front = study.pareto_front
    assert all(point.rank == 1 for point in front)
    assert front[0].parameters == best.parameters
    drawdowns = [point.objectives["max_drawdown"] for point in front]
    assert drawdowns == sorted(drawdowns, reverse=True)
    assert "5,000 trials" in study.verdict.words


def test_the_grid_of_the_example_holds_the_stop_still(example: dict[str, Any]) -> None:
    study = example["grid"]
    assert set(study.trials["stop_loss"]) == {0.02}
    assert study.n_trials == sum(1 for fast in range(5, 51) for slow in range(20, 201) if fast < slow)
    assert not study.trials.duplicated(["fast", "slow"]).any()


@pytest.mark.parametrize(
    "target", [np.ones(300), [1.0] * 300, np.ones(300, dtype=bool), pd.Series(np.ones(300)), (1,) * 300]
)
def test_any_target_is_simulated(target: object) -> None:
    exits = at.Exits(stop_loss=0.02, take_profit=0.05, trailing_stop=None, max_bars_held=None)
    result = at.simulate(bars(), target, costs=at.Costs(), exits=exits, initial_cash=100_000)
    assert isinstance(result, at.Result)
    assert result.strategy == "targets"
    assert result.trade_count == 1
    assert result.equity.iloc[0] == 100_000


def test_an_engine_of_ones_own_is_searched() -> None:
    def my_function(x: float, n: int, k: str) -> float:
        return -((x - 0.3) ** 2) - (n - 20) ** 2 / 1e4 - (k == "b")

    study = at.optimize(objective=my_function, space={"x": (0.0, 1.0), "n": range(5, 50), "k": ["a", "b"]})
    best = study.best()
    assert best.parameters["k"] == "a"
    assert abs(float(best.parameters["x"]) - 0.3) < 0.1
    assert {"x", "n", "k", "objective"} == set(study.trials.columns)
    assert best.metrics["objective"] == study.trials["objective"].max()


def frame() -> pd.DataFrame:
    return bars_to_frame(bars())


def test_bars_a_frame_a_path_and_rows_of_an_exchange_are_the_same_data(tmp_path: Path) -> None:
    table = frame()
    table.to_csv(tmp_path / "prices.csv")
    table.to_parquet(tmp_path / "prices.parquet")
    rows = [
        [int(moment.timestamp() * 1000), *map(float, row)]
        for moment, row in zip(table.index, table[["open", "high", "low", "close", "volume"]].to_numpy(), strict=True)
    ]
    wanted = at.backtest(Cross, bars()).metrics
    for data in (
        table,
        table.rename(columns=str.title),
        table.tz_localize(None),
        tmp_path / "prices.csv",
        str(tmp_path / "prices.parquet"),
        rows,
        {"time": bars().time, **{name: getattr(bars(), name) for name in ("open", "high", "low", "close", "volume")}},
    ):
        np.testing.assert_equal(at.backtest(Cross, data).metrics, wanted)
        np.testing.assert_equal(
            at.optimize(Cross, data, method="random", trials=3).best().metrics,
            at.optimize(Cross, bars(), method="random", trials=3).best().metrics,
        )
        np.testing.assert_equal(at.simulate(data, np.ones(300)).metrics, at.simulate(bars(), np.ones(300)).metrics)


def test_what_had_to_be_assumed_about_the_data_is_said() -> None:
    naive = frame().tz_localize(None).drop(columns="volume")
    warnings = at.backtest(Cross, naive).warnings
    assert sum("taken as UTC" in each for each in warnings) == 1
    assert sum("no volume column" in each for each in warnings) == 1


def test_several_instruments_share_one_account() -> None:
    data = {"A": bars(seed=1), "B": frame(), "C": bars(seed=3)[50:]}
    result = at.simulate(data, {"A": np.ones(300), "B": np.ones(300), "C": np.ones(250)}, costs=at.Costs.free())
    assert list(result.trades["symbol"]) == ["A", "B", "C"]
    paid = result.trades["units"] * result.trades["entry_price"]
    assert paid.sum() <= 100_000 * 1.2
    np.testing.assert_allclose(paid[:2], 100_000 / 3)
    final = 100_000 + result.trades["net_profit"].sum()
    assert result.equity.iloc[-1] == pytest.approx(final)
    study = at.optimize(Cross, data, method="random", trials=4)
    assert study.out_of_sample is not None
    assert at.walk_forward(Cross, data, train=100, test=30, step=30, unit="bars", trials=3).folds


def test_a_strategy_sees_columns_that_came_with_the_bars() -> None:
    table = frame().assign(mood=np.tile([1.0, -1.0], 150))

    class Moody(at.Strategy):
        least = at.FloatParameter(-2.0, 2.0, default=0.0)

        def signals(self, see: at.Columns) -> at.Expression:
            return see.extra("mood") > self.least

    assert at.backtest(Moody, table).metrics["trade_count"] == 150
    study = at.optimize(Moody, table, method="random", trials=5, train_fraction=1.0)
    assert study.out_of_sample is None
    with pytest.raises(at.TradingError, match="mood"):
        at.backtest(Moody, bars())
