"""What a report says about one run: verdict, numbers, market, trades, equity, and where it all came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, final

import numpy as np

from autonomous_trading.core import FloatArray, IntArray, InvalidInput

__all__ = [
    "Check",
    "DataWarning",
    "EquityCurve",
    "Funnel",
    "Integers",
    "MetricColumn",
    "Numbers",
    "PriceBars",
    "Provenance",
    "SamplePeriod",
    "Trades",
    "Verdict",
    "require_same_length",
    "require_times",
]

Numbers = FloatArray | Sequence[float]
Integers = IntArray | Sequence[int]
Tone = Literal["good", "caution", "bad"]
SampleKind = Literal["warm_up", "in_sample", "out_of_sample"]
ColumnRole = Literal["in_sample", "out_of_sample", "benchmark", "whole"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question asked of the result. `passed` is None when it could not be answered; `detail` says why."""

    name: str
    passed: bool | None
    detail: str = ""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer in words: `headline` is one sentence, `passes` says how many checks were passed."""

    headline: str
    passes: str = ""
    tone: Tone = "caution"
    checks: tuple[Check, ...] = ()


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DataWarning:
    """What a reader must know about the data before believing a number; `count` is how many bars it concerns."""

    code: str
    message: str
    count: int | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class MetricColumn:
    """One column of the main table: the metrics of one sample, by metric key.

    Fractions are fractions (0.12 is 12 %), drawdown is positive. NaN means "not defined here"; `reasons` may say why,
    by metric key. A key that other columns have and this one lacks is shown as not computed.
    """

    label: str
    role: ColumnRole
    values: Mapping[str, float]
    note: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePeriod:
    """A stretch of time [start, stop) in UTC ns and what it was used for; shaded behind price and equity."""

    kind: SampleKind
    start: int
    stop: int
    label: str = ""


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PriceBars:
    """The market: `time` is the bar start in UTC ns, strictly increasing; all arrays have one value per bar."""

    time: Integers
    open: Numbers
    high: Numbers
    low: Numbers
    close: Numbers
    volume: Numbers | None = None
    symbol: str = ""

    def __post_init__(self) -> None:
        require_times("price", self.time)
        columns = {"open": self.open, "high": self.high, "low": self.low, "close": self.close}
        if self.volume is not None:
            columns["volume"] = self.volume
        require_same_length("price", len(self.time), columns)


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trades:
    """Closed trades, one value per trade in every column. Times in UTC ns, `side` is +1 long or -1 short.

    `net_return` is the net profit as a fraction of the money put in, `net_profit` and `costs` are money, `reason` says
    what closed the trade. No trades is a valid value: the report then shows the funnel instead.
    """

    entry_time: Integers
    exit_time: Integers
    entry_price: Numbers
    exit_price: Numbers
    side: Integers
    units: Numbers
    costs: Numbers
    net_profit: Numbers
    net_return: Numbers
    reason: Sequence[str]

    def __post_init__(self) -> None:
        columns: dict[str, Sequence[object] | FloatArray | IntArray] = {
            "exit_time": self.exit_time,
            "entry_price": self.entry_price,
            "exit_price": self.exit_price,
            "side": self.side,
            "units": self.units,
            "costs": self.costs,
            "net_profit": self.net_profit,
            "net_return": self.net_return,
            "reason": self.reason,
        }
        require_same_length("trades", len(self.entry_time), columns)

    def __len__(self) -> int:
        return len(self.entry_time)


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EquityCurve:
    """Money over time: `equity` at the end of each bar and, beside it, what the benchmark would have had.

    `time` is the bar start in UTC ns. `start` is the money before the first bar (None: the equity after it). Drawdown
    and monthly returns are computed from these numbers, so they agree.
    """

    time: Integers
    equity: Numbers
    benchmark: Numbers | None = None
    benchmark_label: str = "Buy and hold"
    start: float | None = None

    def __post_init__(self) -> None:
        require_times("equity", self.time)
        columns = {"equity": self.equity}
        if self.benchmark is not None:
            columns["benchmark"] = self.benchmark
        require_same_length("equity", len(self.time), columns)
        for name, values in columns.items():
            wrong = np.flatnonzero(~np.isfinite(np.asarray(values, dtype=np.float64)))
            if wrong.size:
                raise InvalidInput(
                    f"equity.{name} is not a finite number at row {wrong[0]}",
                    fix="give one finite amount of money per bar",
                )


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """Why there are no trades: stages in order (bars, after warm-up, signals, orders, fills) with their counts.

    `reason` says what the first empty stage means here, `fix` what to change.
    """

    stages: tuple[tuple[str, int], ...]
    reason: str = ""
    fix: str = ""

    @property
    def first_empty(self) -> str | None:
        """The first stage nothing got through to, or None when something reached the end."""
        return next((name for name, count in self.stages if count == 0), None)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Everything needed to get the same numbers again. Absent facts are left out of the page, never guessed."""

    data_id: str = ""
    data_source: str = ""
    costs: str = ""
    seed: int | None = None
    engine_version: str = ""
    sets_evaluated: int | None = None
    command: str = ""
    created: str = ""
    more: Mapping[str, str] = field(default_factory=dict)


def require_times(owner: str, time: Integers) -> None:
    """Refuse an empty or unordered time axis, naming the first row that breaks the rule."""
    if len(time) == 0:
        raise InvalidInput(f"{owner} has no rows", fix=f"leave {owner} out of the report when there is nothing to draw")
    steps = np.diff(np.asarray(time, dtype=np.int64))
    wrong = np.flatnonzero(steps <= 0)
    if wrong.size:
        raise InvalidInput(
            f"{owner}.time must strictly increase; row {wrong[0] + 1} does not", fix="sort by time and drop repeats"
        )


def require_same_length(owner: str, expected: int, columns: Mapping[str, object]) -> None:
    """Refuse columns that do not have `expected` values each, naming the first that differs."""
    for name, values in columns.items():
        length = len(values) if isinstance(values, Sequence | np.ndarray) else -1
        if length != expected:
            raise InvalidInput(
                f"{owner}.{name} has {length} values where {expected} were expected",
                fix=f"give {owner}.{name} one value per row",
            )
