"""Sensitivity: the objective against each parameter alone, and how much of its variance each one has a part in."""

import math

import numpy as np

from autonomous_trading.interfaces.report._figures import ChartFrame, chart_figure, legend
from autonomous_trading.interfaces.report._markup import JsonValue, Markup, Section, element, number_list
from autonomous_trading.interfaces.report._metric_words import in_sentence, metric_words
from autonomous_trading.interfaces.report._numbers import counted, format_number, format_value
from autonomous_trading.interfaces.report._search_section import objective_words, plain_value
from autonomous_trading.interfaces.report._sensitivity_facts import Sensitivity, SensitivityCurve, VarianceShare
from autonomous_trading.interfaces.report._surface_section import axis_labels

__all__ = ["MOST_CURVES", "sensitivity_section"]

MOST_CURVES = 24
_MOST_SHARES = 20


def sensitivity_section(sensitivity: Sensitivity | None) -> Section | None:
    """Small multiples of one-at-a-time curves and a chart of Sobol indices; None where there is neither."""
    if sensitivity is None:
        return None
    curves = _drawn(sensitivity)
    charts: dict[str, JsonValue] = {
        f"alone-{number}": _curve_payload(sensitivity, curve) for number, curve in enumerate(curves, start=1)
    }
    parts = [_curves(sensitivity, curves)] if curves else []
    shares = [share for share in sensitivity.shares if math.isfinite(share.total)]
    if shares:
        charts["sobol"] = _shares_payload(shares)
        parts.append(_shares_figure(sensitivity, shares))
    return Section("sensitivity", "Sensitivity", Markup("".join(parts)), charts) if parts else None


def _drawn(sensitivity: Sensitivity) -> list[SensitivityCurve]:
    """Curves of parameters that count, those that keep least first; choices, which keep no share, last."""
    curves = [curve for curve in sensitivity.curves if len(curve.values) > 1]
    order = sorted(curves, key=lambda curve: math.inf if math.isnan(curve.kept_nearby) else curve.kept_nearby)
    return order[:MOST_CURVES]


def _curve_payload(sensitivity: Sensitivity, curve: SensitivityCurve) -> dict[str, JsonValue]:
    numeric = all(isinstance(value, int | float) and not isinstance(value, bool) for value in curve.values)
    bounds = sensitivity.bounds()
    return {
        "parameter": curve.parameter,
        "objective": objective_words(sensitivity.objective),
        "numeric": numeric,
        "values": [plain_value(value) for value in curve.values],
        "short": list(axis_labels(curve.values)),
        "scores": number_list(np.asarray(curve.scores, dtype=np.float64), digits=5),
        "chosen": list(curve.values).index(curve.chosen),
        "near": [int(flag) for flag in curve.near],
        "bounds": None if bounds is None else number_list(np.array(bounds), digits=5),
    }


def _curves(sensitivity: Sensitivity, curves: list[SensitivityCurve]) -> Markup:
    label = metric_words(sensitivity.objective.name).label
    figures = [
        chart_figure(
            ChartFrame(
                f"alone-{number}",
                "alone",
                curve.parameter,
                _kept(curve),
                f"{label} over {curve.parameter}, all others held. {_kept(curve)}",
            )
        )
        for number, curve in enumerate(curves, start=1)
    ]
    left_out = sum(len(curve.values) > 1 for curve in sensitivity.curves) - len(curves)
    more = f" The {len(curves)} that keep least are drawn; {left_out} are not." if left_out else ""
    head = element(
        "header",
        element("h3", f"{label} against each parameter alone"),
        element("p", f"{_scores(sensitivity)}{more}", class_="sub"),
        legend(("line strategy", "All others held"), ("box near", "Nearby"), ("ring chosen", "Chosen value")),
    )
    return element("div", head, element("div", *figures, class_="small-multiples"), class_="group-card card")


def _kept(curve: SensitivityCurve) -> str:
    if math.isnan(curve.kept_nearby):
        return f"Chosen: {format_value(curve.chosen)}."
    if math.isinf(curve.kept_nearby):
        share = "nothing" if curve.kept_nearby < 0.0 else "everything"
    else:
        share = f"{100.0 * curve.kept_nearby:,.0f}%"
    return f"Chosen: {format_value(curve.chosen)}. Keeps {share} nearby{': fragile' if curve.fragile else ''}."


def _scores(sensitivity: Sensitivity) -> str:
    """What the neighbours say, in one line."""
    if not sensitivity.neighbours:
        return "The chosen set has no neighbours to compare it with."
    scores = (
        ("plateau score", sensitivity.plateau),
        ("parameter stability", sensitivity.stability),
        ("parameter sensitivity", sensitivity.sensitivity),
    )
    words = ", ".join(f"{name} {format_number(value, 'ratio')}" for name, value in scores)
    around = f"{counted(sensitivity.neighbours, 'neighbour')} within {100.0 * sensitivity.radius:g}% of each range"
    return f"{around}: {words}. {counted(sensitivity.sets, 'set')} were evaluated for this section."


def _largest(shares: list[VarianceShare]) -> list[VarianceShare]:
    return sorted(shares, key=lambda share: -share.total)[:_MOST_SHARES]


def _shares_payload(shares: list[VarianceShare]) -> dict[str, JsonValue]:
    largest = _largest(shares)
    columns = {
        name: np.array([getattr(share, name) for share in largest]) for name in ("alone", "total", "low", "high")
    }
    return {
        "names": [share.parameter for share in largest],
        **{name: number_list(values, digits=4) for name, values in columns.items()},
    }


def _shares_figure(sensitivity: Sensitivity, shares: list[VarianceShare]) -> Markup:
    label = in_sentence(metric_words(sensitivity.objective.name).label)
    text = f"Share of the variance of the {label} over the whole space."
    text += " What the parameters have a part in may sum to over 100%."
    if len(shares) > _MOST_SHARES:
        text += f" The {_MOST_SHARES} largest of {len(shares)} parameters are drawn."
    if sensitivity.note:
        text += f" Beware: {sensitivity.note}."
    lead = _largest(shares)[0]
    summary = f"{text} Largest: {lead.parameter}, {format_number(lead.total, 'probability')}."
    interval = f"{100.0 * sensitivity.confidence:g}% interval"
    marks = legend(("box part", "Has a part in"), ("box alone", "Explains alone"), ("line mean", interval))
    return chart_figure(ChartFrame("sobol", "sobol", "Sobol indices", text, summary), marks)
