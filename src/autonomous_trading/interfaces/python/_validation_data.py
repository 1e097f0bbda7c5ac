"""The evidence of a validation as plain data, for JSON and for whoever reads it by machine."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autonomous_trading.app.evidence import Evidence, Record
from autonomous_trading.core import FloatArray
from autonomous_trading.validation import SelectionEvidence, WalkForwardDesign

_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def evidence_data(found: Evidence) -> dict[str, Any]:
    """Every number behind a decision. Sharpe ratios are annualised; `beyond` is what is left beyond the market."""
    per_year = found.choice.periods_per_year
    return {
        "tried": {
            "sets": found.choice.traded.n_sets,
            "lifetime": found.n_trials,
            "effective": found.choice.traded.n_effective,
            "effective_beyond": found.choice.beyond.n_effective,
            "average_correlation": found.choice.traded.average_correlation,
            "learned_from_these_bars": found.learned,
            "evaluated_in_windows": found.walk_forward.evaluated if found.learned else 0,
            "evaluated_to_look_closer": found.evaluated,
        },
        "periods": {"bars_per_period": found.choice.periods.bars, "per_year": per_year},
        "in_sample": dict(found.in_sample.metrics),
        "held_in_sample": dict(found.held.metrics),
        "corrected": {
            "traded": _selection(found.choice.traded, per_year),
            "beyond": _selection(found.choice.beyond, per_year),
        },
        "walk_forward": {
            **record_data(found.out_of_sample),
            "windows": len(found.walk_forward.folds),
            "efficiency": found.walk_forward.efficiency,
            "design": None if found.choice.design is None else _design(found.choice.design, per_year),
        },
        "years_needed": found.years_needed,
        "stress": found.stress.to_dict(),
        "sensitivity": None if found.sensitivity is None else found.sensitivity.to_dict(),
        "look_ahead": found.causality.to_dict(),
    }


def record_data(record: Record) -> dict[str, Any]:
    """The metrics of a record and of holding beside it, and how sure its Sharpe ratios are."""
    return {
        "metrics": dict(record.performance.metrics),
        "benchmark": dict(record.benchmark.metrics),
        "sharpe_ratio": record.traded._asdict(),
        "sharpe_ratio_beyond": record.beyond._asdict(),
        "against_holding": record.against_holding._asdict(),
    }


def _selection(found: SelectionEvidence, per_year: float) -> dict[str, Any]:
    root = math.sqrt(per_year)
    overfitting, choice, ability, haircut = found.overfitting, found.choice, found.ability, found.haircut
    return {
        "sharpe_ratio": found.moments.sharpe * root,
        "skew": found.moments.skew,
        "kurtosis": found.moments.kurtosis,
        "psr": found.psr,
        "dsr": found.dsr,
        "dsr_effective": found.dsr_effective,
        "luck_sharpe": found.luck * root,
        "luck_sharpe_effective": found.luck_effective * root,
        "haircut": None if haircut is None else {**haircut._asdict(), "sharpe": haircut.sharpe * root},
        "superior_predictive_ability": None if ability is None else ability._asdict(),
        "pbo": None if overfitting is None else overfitting.pbo,
        "probability_of_loss": None if overfitting is None else overfitting.probability_of_loss,
        "degradation": None if overfitting is None else overfitting.degradation._asdict(),
        "combinatorial_paths": None if choice is None else _quantiles(choice.path_sharpes * root),
        "combinatorial_efficiency": None if choice is None else choice.efficiency,
    }


def _design(found: WalkForwardDesign, per_year: float) -> dict[str, Any]:
    """Every design with its lengths in periods, and how the result moves with them."""
    root = math.sqrt(per_year)
    low, high = found.range
    return {
        "designs": [
            {**design._asdict(), "sharpe_ratio": value * root, "windows": windows}
            for design, value, windows in zip(
                found.designs, found.out_of_sample.tolist(), found.windows.tolist(), strict=True
            )
        ],
        "median": found.median * root,
        "range": [low * root, high * root],
        "share_above_zero": found.share_above_zero,
        "own_percentile": found.own_percentile,
        "own_is_outlier": found.own_is_outlier,
    }


def _quantiles(values: FloatArray) -> dict[str, float]:
    known = values[np.isfinite(values)]
    found = np.quantile(known, _QUANTILES) if len(known) else np.full(len(_QUANTILES), math.nan)
    return {f"{share:.0%}": value for share, value in zip(_QUANTILES, found.tolist(), strict=True)}
