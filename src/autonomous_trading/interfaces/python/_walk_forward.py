"""The result of a walk-forward run, as a person sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from autonomous_trading.adapters import write_text_atomic
from autonomous_trading.app import Evaluator, WalkForward, moments_of
from autonomous_trading.core import ParameterSet
from autonomous_trading.interfaces.python._checks import file_path
from autonomous_trading.interfaces.python._provenance import finite, market_facts, moment_text, span_facts, span_words
from autonomous_trading.interfaces.python._recording import Recording
from autonomous_trading.interfaces.python._result import figures
from autonomous_trading.interfaces.python._spaces import beyond_declared
from autonomous_trading.interfaces.python._study import verdict_data
from autonomous_trading.interfaces.python._summary import summary_text
from autonomous_trading.validation import Verdict, sharpe_verdict

if TYPE_CHECKING:
    import pandas as pd


@final
@dataclass(frozen=True, slots=True)
class FoldView:
    """One window: when it trained and tested (ISO dates, stops not included), what it chose and what that did."""

    train_start: str
    train_stop: str
    test_start: str
    test_stop: str
    parameters: ParameterSet | None
    in_sample: dict[str, float]
    out_of_sample: dict[str, float]


@final
@dataclass(frozen=True, repr=False)
class WalkForwardResult:
    """A strategy re-optimised in every window and traded on the bars after it, one account through all of them.

    `efficiency`: annualised return out of sample over the mean of the folds' in sample; NaN where that means nothing.
    `asked`: how the windows lay and how each was searched, as plain values. `recording`: where its sets are recorded.
    """

    objective: str
    method: str
    seed: int
    seconds: float
    outcome: WalkForward
    evaluator: Evaluator
    asked: Mapping[str, object] = field(default_factory=dict)
    recording: Recording | None = None

    def __repr__(self) -> str:
        """What was traded and what was left of it: WalkForwardResult(ma_cross, 987 folds, out of sample: ...)."""
        head = f"{self.evaluator.strategy.name}, {len(self.outcome.folds):,} folds"
        return (
            f"WalkForwardResult({head}, out of sample: {figures(self.out_of_sample)}, efficiency {self.efficiency:.3g})"
        )

    @cached_property
    def folds(self) -> list[FoldView]:
        """Every window in order; test windows may overlap, the stitched account trades each bar once."""
        return [
            FoldView(
                self._date(fold.window.train.start),
                self._date(fold.window.train.stop),
                self._date(fold.window.test.start),
                self._date(fold.window.test.stop),
                fold.parameters,
                dict(fold.in_sample),
                dict(fold.out_of_sample),
            )
            for fold in self.outcome.folds
        ]

    def _date(self, row: int) -> str:
        return moment_text(self.evaluator.market, row)

    @property
    def out_of_sample(self) -> dict[str, float]:
        """Every metric of the stitched account."""
        metrics = self.outcome.stitched.metrics
        return {**metrics, "psr": self.verdict.psr if metrics["trade_count"] else float("nan")}

    @property
    def in_sample(self) -> dict[str, float]:
        """Mean over folds of what the chosen sets did on their own training bars."""
        names = self.outcome.folds[0].in_sample
        return {name: _mean([fold.in_sample[name] for fold in self.outcome.folds]) for name in names}

    @property
    def benchmark(self) -> dict[str, float]:
        """Metrics of buy-and-hold over the stitched bars, with the same costs."""
        return dict(self.outcome.benchmark.metrics)

    @property
    def efficiency(self) -> float:
        """Annualised return out of sample over that in sample."""
        return self.outcome.efficiency

    @property
    def n_trials(self) -> int:
        """Sets evaluated in all folds together."""
        return self.outcome.evaluated

    @cached_property
    def equity(self) -> pd.Series[float]:
        """Equity of the stitched account at every close, indexed by `timestamp` (UTC)."""
        import pandas as pd

        low, high = self.outcome.stitched.span
        time = self.evaluator.market.bars.time[low:high].astype("datetime64[ns]")
        index = pd.DatetimeIndex(time, tz="UTC", name="timestamp")
        return pd.Series(self.outcome.stitched.equity, index=index, name="equity")

    @cached_property
    def verdict(self) -> Verdict:
        """Whether the stitched returns stand out from luck: one procedure was tried on bars no choice had seen.

        The sets evaluated inside the folds are counted in `n_trials`; none of them was chosen by these bars. A ledger
        knows how often a project has looked at bars kept out of sight; whoever looks again tries again, so each look
        counts as one trial.
        """
        stitched = self.outcome.stitched
        cash = self.evaluator.rules.execution.initial_cash
        return sharpe_verdict(
            moments_of(stitched, cash),
            n_trials=1 if self.recording is None else max(1, self.recording.looks),
            trade_count=int(stitched.metrics["trade_count"]),
            held_sharpe=moments_of(self.outcome.benchmark, cash).sharpe,
        )

    @property
    def untraded(self) -> int:
        """Bars after the last whole test window: too few for another one, so nothing traded them."""
        return self.evaluator.market.n_bars - self.outcome.stitched.span[1]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What had to be assumed to read the data, and what is suspicious about it or the run, one sentence each."""
        market = self.evaluator.market
        found = [*market.notes, *(warning.message for warning in market.warnings)]
        chosen = [fold.parameters for fold in self.folds if fold.parameters is not None]
        found += beyond_declared(self.evaluator.strategy, chosen[-1]) if chosen else ()
        if self.untraded:
            bars = "the last bar was" if self.untraded == 1 else f"the last {self.untraded:,} bars were"
            found.append(f"{bars} not traded: too few for one more test window")
        return tuple(found)

    def summary(self) -> str:
        """The account out of sample beside training and buy-and-hold, and the verdict, as a few lines of text."""
        heading = [
            f"{self.evaluator.strategy.name}: walk forward, {len(self.folds):,} folds, {self.n_trials:,} sets",
            span_words(self.evaluator.market, self.outcome.stitched.span),
        ]
        columns = {
            "in sample (mean)": self.in_sample,
            "out of sample": self.out_of_sample,
            "buy and hold": self.benchmark,
        }
        worth = [f"Efficiency: {self.efficiency:.2f}"] if self.efficiency == self.efficiency else []
        return summary_text(heading, columns, [*worth, f"Verdict: {self.verdict.words}"])

    @property
    def provenance(self) -> dict[str, object]:
        """What a repetition needs: data and rules, how the windows lay, and how each was searched."""
        return {
            **market_facts(self.evaluator.market, self.evaluator.rules),
            "traded": span_facts(self.evaluator.market, self.outcome.stitched.span),
            "strategy": self.evaluator.strategy.name,
            **self.asked,
            "method": self.method,
            "objective": self.objective,
            "seed": self.seed,
            "trials": self.n_trials,
        }

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON: folds, out_of_sample, in_sample, benchmark, efficiency, trials, seconds, verdict.

        None stands for what is no finite number.
        """
        whole = {
            "strategy": self.evaluator.strategy.name,
            "objective": self.objective,
            "folds": [
                {
                    "train_start": fold.train_start,
                    "train_stop": fold.train_stop,
                    "test_start": fold.test_start,
                    "test_stop": fold.test_stop,
                    "parameters": None if fold.parameters is None else dict(fold.parameters),
                    "in_sample": fold.in_sample,
                    "out_of_sample": fold.out_of_sample,
                }
                for fold in self.folds
            ],
            "out_of_sample": self.out_of_sample,
            "in_sample": self.in_sample,
            "benchmark": self.benchmark,
            "efficiency": self.efficiency,
            "trials": self.n_trials,
            "untraded_bars": self.untraded,
            "seconds": self.seconds,
            "verdict": verdict_data(self.verdict),
            "warnings": list(self.warnings),
            "provenance": self.provenance,
            "ledger": None if self.recording is None else asdict(self.recording),
        }
        return dict(finite(whole))

    def report(self, path: str | Path) -> Path:
        """Write one self-contained HTML file and get its path."""
        from autonomous_trading.interfaces.python._report_content import report_of_walk_forward
        from autonomous_trading.interfaces.report import render_report

        return write_text_atomic(file_path(path), render_report(report_of_walk_forward(self)))


def _mean(values: list[float]) -> float:
    known = [value for value in values if value == value]
    return sum(known) / len(known) if known else float("nan")
