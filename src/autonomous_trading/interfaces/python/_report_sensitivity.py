"""How a chosen set depends on its values, in the report's nouns."""

from __future__ import annotations

from autonomous_trading.app.evidence import Sensitivity
from autonomous_trading.core import direction
from autonomous_trading.interfaces import report


def report_of_sensitivity(found: Sensitivity) -> report.Sensitivity:
    """What the section on sensitivity shows: give it to `ReportContent`."""
    near, indices = found.neighbourhood, found.indices
    return report.Sensitivity(
        objective=report.Objective(found.metric, direction(found.metric)),
        center=found.center,
        radius=near.radius,
        neighbours=near.sets,
        plateau=near.plateau_score,
        stability=near.parameter_stability_score,
        sensitivity=near.parameter_sensitivity,
        curves=tuple(
            report.SensitivityCurve(
                parameter=curve.name,
                values=curve.values,
                scores=curve.metric,
                chosen=curve.chosen,
                near=curve.near,
                kept_nearby=curve.kept_nearby,
                fragile=curve.fragile,
            )
            for curve in found.curves
        ),
        shares=()
        if indices is None
        else tuple(
            report.VarianceShare(
                parameter=name,
                alone=float(indices.found.first_order[place]),
                total=float(indices.found.total[place]),
                low=float(indices.found.total_interval[place, 0]),
                high=float(indices.found.total_interval[place, 1]),
            )
            for place, name in enumerate(indices.names)
        ),
        confidence=0.95 if indices is None else indices.found.confidence,
        note="" if indices is None else indices.caution().replace(" %", "%"),
        sets=found.evaluated,
    )
