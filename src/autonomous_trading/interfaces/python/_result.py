"""The result of a backtest, as a person sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack, final

from autonomous_trading.adapters import write_text_atomic
from autonomous_trading.app import Backtest, Explanation, Market, Rules
from autonomous_trading.core import IntArray, ParameterSet
from autonomous_trading.interfaces.python._checks import file_path
from autonomous_trading.interfaces.python._provenance import finite, market_facts, span_facts, span_words
from autonomous_trading.interfaces.python._summary import summary_text
from autonomous_trading.strategies import Strategy

if TYPE_CHECKING:
    import pandas as pd

    from autonomous_trading.interfaces.python._stress import StressResult, StressSettings


SHOWN_IN_REPR = ("total_return", "sharpe_ratio", "max_drawdown", "trade_count")


def named(strategy: str, parameters: ParameterSet) -> str:
    """A strategy with its parameters in one line: ma_cross fast=20 slow=100."""
    return " ".join([strategy, *(f"{name}={value}" for name, value in parameters.items())])


def figures(metrics: Mapping[str, float]) -> str:
    """The few metrics that a person looks at first, in one line."""
    return ", ".join(f"{name} {metrics[name]:.4g}" for name in SHOWN_IN_REPR if name in metrics)


@final
@dataclass(frozen=True, repr=False)
class Result:
    """One strategy with one parameter set on one market, after costs, beside buy-and-hold.

    `metrics` and `benchmark` (buy-and-hold under the same costs): names of `autotrade` metrics to numbers; ratios
    without meaning are NaN. `time` [bars] UTC nanoseconds. `source`: where the code of the strategy comes from;
    `traded`: the strategy itself. Both are None for targets.
    """

    strategy: str
    parameters: ParameterSet
    market: Market
    rules: Rules
    outcome: Backtest
    source: Mapping[str, str | None] | None = None
    traded: type[Strategy] | None = None

    @property
    def metrics(self) -> dict[str, float]:
        """Every metric of the run."""
        return dict(self.outcome.performance.metrics)

    @property
    def benchmark(self) -> dict[str, float]:
        """The same metrics of buy-and-hold over the same bars, with the same costs."""
        return dict(self.outcome.benchmark.metrics)

    @property
    def time(self) -> IntArray:
        """Start of every bar of the run, UTC nanoseconds."""
        low, high = self.outcome.performance.span
        return self.market.bars.time[low:high]

    @cached_property
    def equity(self) -> pd.Series[float]:
        """Equity at the close of every bar, indexed by `timestamp` (UTC)."""
        import pandas as pd

        return pd.Series(self.outcome.performance.equity, index=_index(self.time), name="equity")

    @cached_property
    def trades(self) -> pd.DataFrame:
        """One row per trade: entry and exit time, price, side, units, costs, net profit and reason of exit."""
        import numpy as np
        import pandas as pd

        trades, time = self.outcome.performance.trades, self.market.bars.time
        columns: dict[str, Any] = {
            "entry_time": _index(time[trades.entry_bar]),
            "exit_time": _index(time[trades.exit_bar]),
            "side": np.where(trades.side > 0, "long", "short"),
            "units": trades.units,
            "entry_price": trades.entry_price,
            "exit_price": trades.exit_price,
            "costs": trades.costs,
            "gross_profit": trades.gross_profit,
            "net_profit": trades.net_profit,
            "return": trades.net_profit / (trades.units * trades.entry_price),
            "bars_held": trades.exit_bar - trades.entry_bar,
            "reason": np.array(trades.reason, dtype=object),
        }
        if len(self.market.instruments) > 1:
            symbols = np.array(self.market.symbols, dtype=object)
            columns = {"symbol": symbols[trades.instrument], **columns}
        return pd.DataFrame(columns)

    @property
    def trade_count(self) -> int:
        """Trades, the one still open at the end included."""
        return len(self.outcome.performance.trades)

    @property
    def same_bar(self) -> bool:
        """Whether decisions were filled at the very close they used: never comparable with live trading."""
        return self.outcome.same_bar

    @property
    def ruined(self) -> bool:
        """Whether equity reached zero."""
        return self.outcome.performance.ruined

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """What had to be assumed to read the data, and what is suspicious about it or the run, one sentence each."""
        suspicious = (*self.market.warnings, *self.outcome.warnings)
        return (*self.market.notes, *(warning.message for warning in suspicious))

    @property
    def provenance(self) -> dict[str, object]:
        """What a repetition needs: data, bars traded, strategy and its source, parameters, costs, rules, engine."""
        return {
            **market_facts(self.market, self.rules),
            "traded": span_facts(self.market, self.outcome.performance.span),
            "strategy": self.strategy,
            "source": None if self.source is None else dict(self.source),
            "parameters": dict(self.parameters),
        }

    def __repr__(self) -> str:
        """What it is and how it did: Result(ma_cross fast=20 slow=100: total_return 0.523, ...)."""
        return f"Result({named(self.strategy, self.parameters)}: {figures(self.metrics)})"

    def summary(self) -> str:
        """The numbers that a person looks at first, beside buy-and-hold, as a few lines of text."""
        explanation = self.explain()
        return summary_text(
            [named(self.strategy, self.parameters), span_words(self.market, self.outcome.performance.span)],
            {"strategy": self.metrics, "buy and hold": self.benchmark},
            [explanation.message, *([f"Fix: {explanation.fix}"] if explanation.fix else [])],
        )

    def explain(self) -> Explanation:
        """How many bars became signals, orders and fills, and why there are no trades when there are none."""
        return self.outcome.explanation

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON: parameters, metrics, benchmark, trade_count, explanation, warnings, provenance.

        None stands for what is no finite number.
        """
        whole = {
            "strategy": self.strategy,
            "parameters": dict(self.parameters),
            "metrics": self.metrics,
            "benchmark": self.benchmark,
            "trade_count": self.trade_count,
            "explanation": self.explain().to_dict(),
            "same_bar": self.same_bar,
            "ruined": self.ruined,
            "warnings": list(self.warnings),
            "provenance": self.provenance,
        }
        return dict(finite(whole))

    def stress(self, *, seed: int = 0, **settings: Unpack[StressSettings]) -> StressResult:
        """What the set is worth with other costs, fills, data, parameters, entries and prices; a few seconds of runs.

        Settings say how much is drawn: damaged (20 copies of the bars of each kind), neighbours (100 sets within radius
        0.1), tickets (500 random entries), markets (100 histories of each model), paths (1,000 of the equity). The same
        seed gives the same numbers. Raises InvalidInput for simulated targets.
        """
        from autonomous_trading.interfaces.python._stress import stress_test

        traded = self.market, self.rules, self.outcome.performance.span
        name = named(self.strategy, self.parameters)
        return stress_test(self.traded, self.parameters, traded, name, seed=seed, settings=settings)

    def report(self, path: str | Path) -> Path:
        """Write one self-contained HTML file and get its path."""
        from autonomous_trading.interfaces.python._report_content import report_of_result
        from autonomous_trading.interfaces.report import render_report

        return write_text_atomic(file_path(path), render_report(report_of_result(self)))


def _index(time: IntArray) -> pd.DatetimeIndex:
    import pandas as pd

    return pd.DatetimeIndex(time.astype("datetime64[ns]"), tz="UTC", name="timestamp")
