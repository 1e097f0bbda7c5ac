"""One self-contained HTML page that says honestly what a run was worth."""

from autonomous_trading.interfaces.report._content import ReportContent
from autonomous_trading.interfaces.report._evidence_facts import EvidencePart, OverfittingChart, Validation
from autonomous_trading.interfaces.report._features_page import render_features
from autonomous_trading.interfaces.report._page import render_report
from autonomous_trading.interfaces.report._quality_page import render_data_check
from autonomous_trading.interfaces.report._run_facts import (
    Check,
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
from autonomous_trading.interfaces.report._sensitivity_facts import Sensitivity, SensitivityCurve, VarianceShare
from autonomous_trading.interfaces.report._stress_facts import (
    CostCurve,
    EquityFan,
    RandomEntries,
    SimulatedDrawdowns,
    StressRow,
    StressTest,
)
from autonomous_trading.interfaces.report._study_facts import (
    Fold,
    Importance,
    Objective,
    Surface,
    Trials,
    WalkForward,
)

__all__ = [
    "Check",
    "CostCurve",
    "DataWarning",
    "EquityCurve",
    "EquityFan",
    "EvidencePart",
    "Fold",
    "Funnel",
    "Importance",
    "MetricColumn",
    "Objective",
    "OverfittingChart",
    "PriceBars",
    "Provenance",
    "RandomEntries",
    "ReportContent",
    "SamplePeriod",
    "Sensitivity",
    "SensitivityCurve",
    "SimulatedDrawdowns",
    "StressRow",
    "StressTest",
    "Surface",
    "Trades",
    "Trials",
    "Validation",
    "VarianceShare",
    "Verdict",
    "WalkForward",
    "render_data_check",
    "render_features",
    "render_report",
]
