"""Backtest one strategy with one parameter set, and everything a person asks about it afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from autonomous_trading.app._evaluator import Evaluator, Rules
from autonomous_trading.app._explanation import Explanation, explain, explain_targets
from autonomous_trading.app._market import Market
from autonomous_trading.app._programs import Batch, batch_of, direct_program
from autonomous_trading.backtest import (
    BACKTEST_METRICS,
    REASONS,
    Request,
    RunResult,
    Simulator,
    bar_returns,
    curve_metrics,
    metrics_of,
)
from autonomous_trading.core import (
    BarWarning,
    Expression,
    FloatArray,
    IntArray,
    InvalidInput,
    ParameterSet,
    ParameterTable,
)
from autonomous_trading.strategies import Columns, Strategy
from autonomous_trading.validation import ReturnMoments, probabilistic_sharpe_ratio, return_moments

_BORROWED = 0.01  # of the equity: less is the price of an order that moved while it was filled
EVERYTHING = Request(extended=True, curves=True, trades=True)


@final
@dataclass(frozen=True, slots=True)
class Trades:
    """Every trade of a run, column by column, in the order they closed; bars are rows of the market's clock."""

    entry_bar: IntArray
    exit_bar: IntArray
    side: IntArray
    units: FloatArray
    entry_price: FloatArray
    exit_price: FloatArray
    costs: FloatArray
    gross_profit: FloatArray
    net_profit: FloatArray
    reason: tuple[str, ...]
    instrument: IntArray

    def __len__(self) -> int:
        return len(self.entry_bar)

    @staticmethod
    def of(rows: FloatArray, slots: Mapping[int, int]) -> "Trades":
        """The kernel's log [trades, fields] in words."""
        whole = rows[:, [0, 1, 2]].astype(np.int64)
        units, entry, exit_, costs, gross, net = (np.ascontiguousarray(rows[:, column]) for column in range(3, 9))
        return Trades(
            entry_bar=whole[:, 0],
            exit_bar=whole[:, 1],
            side=whole[:, 2],
            units=units,
            entry_price=entry,
            exit_price=exit_,
            costs=costs,
            gross_profit=gross,
            net_profit=net,
            reason=tuple(REASONS[int(code)] for code in rows[:, 9]),
            instrument=np.array([slots[int(slot)] for slot in rows[:, 10]], dtype=np.int64),
        )


@final
@dataclass(frozen=True, slots=True)
class Performance:
    """The numbers and curves of one run over the bars of `span`."""

    metrics: dict[str, float]
    equity: FloatArray
    cash: FloatArray
    units: FloatArray
    trades: Trades
    span: tuple[int, int]
    ruined: bool
    cuts: int
    financing: float


@final
@dataclass(frozen=True, slots=True)
class Backtest:
    """One strategy with one parameter set on one market, beside buy-and-hold under the same costs."""

    parameters: ParameterSet
    performance: Performance
    benchmark: Performance
    explanation: Explanation
    same_bar: bool
    leveraged: bool = False

    @property
    def warnings(self) -> tuple[BarWarning, ...]:
        """What is suspicious about the run itself; codes "same_bar", "ruin", "early", "borrowed", "leverage"."""
        found = []
        if self.same_bar:
            message = "same-bar: filled at the close the decision used; live trading cannot do that"
            found.append(BarWarning("same_bar", message, len(self.performance.equity)))
        if self.performance.ruined:
            found.append(BarWarning("ruin", "ruin: equity reached zero and trading stopped", 1))
        if self.explanation.early:
            found.append(BarWarning("early", self.explanation.early, 1))
        lowest = float(np.min(self.performance.cash))
        if not self.leveraged and lowest < -_BORROWED * float(np.max(self.performance.equity)):
            message = (
                f"borrowed: cash fell to {lowest:,.0f}, because positions that had grown were kept while others were"
                " bought; leverage_rate charges interest for it"
            )
            found.append(BarWarning("borrowed", message, int(np.count_nonzero(self.performance.cash < 0.0))))
        if cuts := self.performance.cuts:
            changes = "1 change" if cuts == 1 else f"{cuts:,} changes"
            message = f"leverage: {changes} of the target asked for more than it allows, and got what it allows"
            found.append(BarWarning("leverage", message, cuts))
        return tuple(found)


def moments_of(performance: Performance, initial_cash: float) -> ReturnMoments:
    """Moments of the returns per bar of a run."""
    return return_moments(bar_returns(performance.equity, initial_cash))


def performance_of(result: RunResult, simulator: Simulator, span: tuple[int, int]) -> Performance:
    """Every metric of a run of one set that returned curves and trades."""
    if result.curves is None or result.trades is None:
        raise InvalidInput("the run kept no curves and trades", fix="ask for them in the request")
    statistics = result.statistics
    found = metrics_of(statistics, BACKTEST_METRICS)
    time = simulator.bars.time[span[0] : span[1]]
    found |= curve_metrics(result.curves.equity, time, statistics, BACKTEST_METRICS)
    metrics = {name: float(found[name][0]) for name in BACKTEST_METRICS}
    equity = result.curves.equity[0]
    metrics["psr"] = _psr(equity, statistics.initial_cash, metrics["trade_count"])
    return Performance(
        metrics=metrics,
        equity=equity,
        cash=result.curves.cash[0],
        units=result.curves.units[0],
        trades=Trades.of(result.trades, simulator.slots),
        span=span,
        ruined=bool(statistics["RUINED"][0]),
        cuts=int(statistics["CUTS"][0]),
        financing=float(statistics["FINANCING"][0]),
    )


def _psr(equity: FloatArray, initial_cash: float, trades: float) -> float:
    """Probability that the true Sharpe ratio is above zero (Bailey and Lopez de Prado 2012)."""
    moments = return_moments(bar_returns(equity, initial_cash))
    if trades == 0 or moments.n < 3 or not np.isfinite(moments.sharpe):
        return float("nan")
    return probabilistic_sharpe_ratio(moments.sharpe, moments.n, skew=moments.skew, kurtosis=moments.kurtosis)


def backtest(strategy: Strategy, market: Market, rules: Rules, span: tuple[int, int] | None = None) -> Backtest:
    """Run one strategy over the bars of `span` (default: all); columns see the bars before it."""
    evaluator = Evaluator.of(type(strategy), market, rules)
    span = span or (0, market.n_bars)
    result = evaluator.run(batch_of(strategy, market), *span, EVERYTHING)
    return Backtest(
        parameters=strategy.parameters,
        performance=performance_of(result, evaluator.simulator, span),
        benchmark=hold_performance(evaluator, span),
        explanation=explain(evaluator, strategy, result.statistics, span),
        same_bar=rules.execution.fill == "same_close",
        leveraged=_leveraged(rules, strategy.parameters),
    )


def _leveraged(rules: Rules, parameters: Mapping[str, Any]) -> bool:
    """Whether the account may hold more than its equity, so that borrowing was asked for."""
    return float(parameters.get("leverage", rules.execution.leverage)) > 1.0


def run_one(evaluator: Evaluator, parameters: Mapping[str, Any], span: tuple[int, int]) -> RunResult:
    """Run one parameter set with curves and trades."""
    table = ParameterTable.from_rows([dict(parameters)]) if parameters else ParameterTable({}, 1)
    (batch,) = evaluator.batches(table)
    return evaluator.run(batch, *span, EVERYTHING)


def hold_performance(evaluator: Evaluator, span: tuple[int, int]) -> Performance:
    """Buy-and-hold over the same bars under the same costs."""
    result = evaluator.hold(*span, EVERYTHING)
    return performance_of(result, evaluator.simulator, span)


def simulate(targets: FloatArray, market: Market, rules: Rules) -> Backtest:
    """Run target exposures [instruments, n_bars] as they are, without a strategy."""
    expected = (len(market.instruments), market.n_bars)
    if targets.shape != expected:
        raise InvalidInput(
            f"target has shape {list(targets.shape)}, the market {list(expected)} (instruments x bars)",
            fix="give one target exposure per bar (and per instrument)",
        )
    if np.any(np.isinf(targets)):
        raise InvalidInput("target holds an infinite value", fix="use finite exposures, NaN for no opinion")
    evaluator = Evaluator.of(_Given, market, rules)
    programs = [direct_program(row[None, :]) for row in targets]
    span = (0, market.n_bars)
    result = evaluator.run(Batch(np.zeros(1, dtype=np.int64), programs, {}), *span, EVERYTHING)
    return Backtest(
        parameters=ParameterSet({}),
        performance=performance_of(result, evaluator.simulator, span),
        benchmark=hold_performance(evaluator, span),
        explanation=explain_targets(targets, evaluator, result.statistics, span),
        same_bar=rules.execution.fill == "same_close",
        leveraged=_leveraged(rules, {}),
    )


class _Given(Strategy):
    """Stands for targets that come from outside."""

    def signals(self, see: Columns) -> Expression:
        return see.close > 0
