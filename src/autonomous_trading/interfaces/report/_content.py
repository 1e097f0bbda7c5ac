"""The whole content of one report: plain facts, each section drawn only when its facts are given."""

from dataclasses import dataclass
from typing import final

from autonomous_trading.interfaces.report._evidence_facts import Validation
from autonomous_trading.interfaces.report._run_facts import (
    DataWarning,
    EquityCurve,
    Funnel,
    MetricColumn,
    PriceBars,
    Provenance,
    SamplePeriod,
    Trades,
    Verdict,
)
from autonomous_trading.interfaces.report._sensitivity_facts import Sensitivity
from autonomous_trading.interfaces.report._stress_facts import StressTest
from autonomous_trading.interfaces.report._study_facts import Importance, Surface, Trials, WalkForward

__all__ = ["ReportContent"]


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReportContent:
    """What `render_report` draws. Only `title` is required; a section whose facts are absent does not appear."""

    title: str
    subtitle: str = ""
    verdict: Verdict | None = None
    warnings: tuple[DataWarning, ...] = ()
    metrics: tuple[MetricColumn, ...] = ()
    samples: tuple[SamplePeriod, ...] = ()
    price: PriceBars | None = None
    trades: Trades | None = None
    equity: EquityCurve | None = None
    trials: Trials | None = None
    importance: Importance | None = None
    surfaces: tuple[Surface, ...] = ()
    sensitivity: Sensitivity | None = None
    stress: StressTest | None = None
    evidence: Validation | None = None
    walk_forward: WalkForward | None = None
    funnel: Funnel | None = None
    provenance: Provenance | None = None
