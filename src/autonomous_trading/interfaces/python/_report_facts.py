"""What a report needs to know of a result, a study and a walk-forward run; they need not know the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from autonomous_trading.app import Backtest, Evaluator, Found, Market, Rules, WalkForward
from autonomous_trading.core import ParameterSet
from autonomous_trading.validation import Verdict


class Trial(NamedTuple):
    """One evaluated set and its metrics."""

    parameters: ParameterSet
    metrics: dict[str, float]


class SweepFacts(Protocol):
    """The market a search ran on, and which of its bars it saw."""

    @property
    def evaluator(self) -> Evaluator:
        """What evaluated every set."""
        ...

    @property
    def in_sample(self) -> tuple[int, int]:
        """Rows the search saw."""
        ...

    @property
    def out_of_sample(self) -> tuple[int, int] | None:
        """Rows kept out of its sight."""
        ...


class ResultFacts(Protocol):
    """A backtest, as a report shows it."""

    @property
    def strategy(self) -> str:
        """Name of the strategy."""
        ...

    @property
    def parameters(self) -> ParameterSet:
        """The values it ran with."""
        ...

    @property
    def market(self) -> Market:
        """The bars."""
        ...

    @property
    def rules(self) -> Rules:
        """Costs, exits and execution."""
        ...

    @property
    def outcome(self) -> Backtest:
        """Curves, trades and the explanation."""
        ...

    @property
    def metrics(self) -> dict[str, float]:
        """Every metric."""
        ...

    @property
    def benchmark(self) -> dict[str, float]:
        """The same of buy-and-hold."""
        ...

    @property
    def provenance(self) -> Mapping[str, object]:
        """What a repetition needs."""
        ...


class StudyFacts(Protocol):
    """A search, as a report shows it."""

    @property
    def objectives(self) -> tuple[str, ...]:
        """What was looked for."""
        ...

    @property
    def found(self) -> Found:
        """Every evaluated set."""
        ...

    @property
    def sweep(self) -> SweepFacts | None:
        """The market it ran on; None for a function of one's own."""
        ...

    @property
    def n_trials(self) -> int:
        """How many sets were evaluated."""
        ...

    @property
    def importance(self) -> dict[str, float]:
        """Share of each parameter in the first objective."""
        ...

    @property
    def verdict(self) -> Verdict:
        """What the best set is worth."""
        ...

    @property
    def in_sample(self) -> dict[str, float]:
        """Metrics of the best set where the search looked."""
        ...

    @property
    def out_of_sample(self) -> dict[str, float] | None:
        """Metrics of the best set where it did not."""
        ...

    @property
    def benchmark(self) -> dict[str, dict[str, float]]:
        """Buy-and-hold on both."""
        ...

    @property
    def provenance(self) -> Mapping[str, object]:
        """What a repetition needs."""
        ...

    def best(self) -> Trial:
        """The best set."""
        ...

    def best_result(self) -> ResultFacts:
        """A full backtest of it."""
        ...


class WalkForwardFacts(Protocol):
    """A walk-forward run, as a report shows it."""

    @property
    def objective(self) -> str:
        """What every fold was searched for."""
        ...

    @property
    def outcome(self) -> WalkForward:
        """Folds and the stitched account."""
        ...

    @property
    def evaluator(self) -> Evaluator:
        """What evaluated every set."""
        ...

    @property
    def n_trials(self) -> int:
        """Sets evaluated in all folds."""
        ...

    @property
    def verdict(self) -> Verdict:
        """What the stitched account is worth."""
        ...

    @property
    def in_sample(self) -> dict[str, float]:
        """Mean of the folds on their training bars."""
        ...

    @property
    def out_of_sample(self) -> dict[str, float]:
        """Metrics of the stitched account."""
        ...

    @property
    def benchmark(self) -> dict[str, float]:
        """Buy-and-hold over the stitched bars."""
        ...

    @property
    def provenance(self) -> Mapping[str, object]:
        """What a repetition needs."""
        ...
