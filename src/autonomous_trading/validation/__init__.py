"""Is it real? Folds that leak nothing, and how much of a result is luck, selection and a lucky path."""

from autonomous_trading.validation._block_bootstrap import block_indices, block_length
from autonomous_trading.validation._conformal import AdaptiveConformal, adaptive_conformal, conformal_index
from autonomous_trading.validation._cross_validation import CombinatorialChoice, combinatorial_choice
from autonomous_trading.validation._effective_trials import EffectiveTrials, effective_trials
from autonomous_trading.validation._false_discovery import (
    observed_false_discovery_rate,
    planned_false_discovery_rate,
    sharpe_power,
)
from autonomous_trading.validation._figures import Figures, HoldoutFigures, Outcome, Pair
from autonomous_trading.validation._folds import CombinatorialPurgedCV, PurgedKFold, Split
from autonomous_trading.validation._forecast_tests import DieboldMariano, diebold_mariano, small_sample_factor
from autonomous_trading.validation._judgement import Decision, Judgement, RuleFinding, judged, may_still_pass
from autonomous_trading.validation._kelly import Kelly, kelly_of_bet, kelly_of_returns
from autonomous_trading.validation._market_exposure import beyond_market, market_exposure
from autonomous_trading.validation._moments import ReturnMoments, return_moments
from autonomous_trading.validation._monte_carlo import (
    PATH_METRICS,
    PathStatistics,
    bootstrapped_paths,
    path_statistics,
    reordered_trades,
)
from autonomous_trading.validation._multiple_testing import (
    ConfidenceSet,
    Discoveries,
    HaircutSharpe,
    benjamini_hochberg,
    haircut_sharpe,
    model_confidence_set,
    superior_sets,
)
from autonomous_trading.validation._overfitting import Degradation, Overfitting, probability_of_backtest_overfitting
from autonomous_trading.validation._path_models import BlockBootstrap, GarchPaths, PathModel, RegimePaths
from autonomous_trading.validation._return_metrics import ReturnMetrics, kappa_ratio, return_metrics
from autonomous_trading.validation._rules import LEAST_PERIODS, LEAST_TRADES, RULES
from autonomous_trading.validation._selection import SelectionEvidence, SelectionPlan, selection_evidence
from autonomous_trading.validation._sensitivity import (
    SobolIndices,
    kept_shares,
    parameter_sensitivity,
    parameter_stability_score,
    plateau_score,
    saltelli_points,
    sobol_indices,
)
from autonomous_trading.validation._sharpe import (
    deflated_sharpe_ratio,
    expected_maximum_sharpe,
    minimum_backtest_length,
    minimum_track_record_length,
    probabilistic_sharpe_ratio,
)
from autonomous_trading.validation._sharpe_errors import (
    annual_sharpe_factor,
    periods_to_tell,
    sharpe_error_of_moments,
    sharpe_standard_error,
)
from autonomous_trading.validation._sharpe_tests import Interval, SharpeDifference, sharpe_difference, sharpe_interval
from autonomous_trading.validation._superior_ability import SuperiorPredictiveAbility, superior_predictive_ability
from autonomous_trading.validation._tail_risk import TailRisk, normal_tail_risk, student_tail_risk, tail_risk
from autonomous_trading.validation._verdict import (
    CONFIDENCE,
    MINIMUM_BARS,
    MINIMUM_TRADES,
    Evidence,
    Verdict,
    sharpe_verdict,
)
from autonomous_trading.validation._walk_forward import Window, walk_forward_efficiency, walk_forward_windows
from autonomous_trading.validation._walk_forward_design import (
    Design,
    WalkForwardDesign,
    chosen_returns,
    walk_forward_design,
)
from autonomous_trading.validation._walk_forward_split import WalkForwardSplit

__all__ = [
    "CONFIDENCE",
    "LEAST_PERIODS",
    "LEAST_TRADES",
    "MINIMUM_BARS",
    "MINIMUM_TRADES",
    "PATH_METRICS",
    "RULES",
    "AdaptiveConformal",
    "BlockBootstrap",
    "CombinatorialChoice",
    "CombinatorialPurgedCV",
    "ConfidenceSet",
    "Decision",
    "Degradation",
    "Design",
    "DieboldMariano",
    "Discoveries",
    "EffectiveTrials",
    "Evidence",
    "Figures",
    "GarchPaths",
    "HaircutSharpe",
    "HoldoutFigures",
    "Interval",
    "Judgement",
    "Kelly",
    "Outcome",
    "Overfitting",
    "Pair",
    "PathModel",
    "PathStatistics",
    "PurgedKFold",
    "RegimePaths",
    "ReturnMetrics",
    "ReturnMoments",
    "RuleFinding",
    "SelectionEvidence",
    "SelectionPlan",
    "SharpeDifference",
    "SobolIndices",
    "Split",
    "SuperiorPredictiveAbility",
    "TailRisk",
    "Verdict",
    "WalkForwardDesign",
    "WalkForwardSplit",
    "Window",
    "adaptive_conformal",
    "annual_sharpe_factor",
    "benjamini_hochberg",
    "beyond_market",
    "block_indices",
    "block_length",
    "bootstrapped_paths",
    "chosen_returns",
    "combinatorial_choice",
    "conformal_index",
    "deflated_sharpe_ratio",
    "diebold_mariano",
    "effective_trials",
    "expected_maximum_sharpe",
    "haircut_sharpe",
    "judged",
    "kappa_ratio",
    "kelly_of_bet",
    "kelly_of_returns",
    "kept_shares",
    "market_exposure",
    "may_still_pass",
    "minimum_backtest_length",
    "minimum_track_record_length",
    "model_confidence_set",
    "normal_tail_risk",
    "observed_false_discovery_rate",
    "parameter_sensitivity",
    "parameter_stability_score",
    "path_statistics",
    "periods_to_tell",
    "planned_false_discovery_rate",
    "plateau_score",
    "probabilistic_sharpe_ratio",
    "probability_of_backtest_overfitting",
    "reordered_trades",
    "return_metrics",
    "return_moments",
    "saltelli_points",
    "selection_evidence",
    "sharpe_difference",
    "sharpe_error_of_moments",
    "sharpe_interval",
    "sharpe_power",
    "sharpe_standard_error",
    "sharpe_verdict",
    "small_sample_factor",
    "sobol_indices",
    "student_tail_risk",
    "superior_predictive_ability",
    "superior_sets",
    "tail_risk",
    "walk_forward_design",
    "walk_forward_efficiency",
    "walk_forward_windows",
]
