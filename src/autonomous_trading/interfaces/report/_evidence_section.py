"""A validation: what was found on every question, and what became of the winners of one half in the other."""

import numpy as np

from autonomous_trading.interfaces.report._evidence_facts import EvidencePart, OverfittingChart, Validation
from autonomous_trading.interfaces.report._figures import ChartFrame, card, chart_figure, legend, side_by_side
from autonomous_trading.interfaces.report._markup import JsonValue, Markup, Section, element, number_list
from autonomous_trading.interfaces.report._numbers import counted
from autonomous_trading.interfaces.report._statistics import histogram

__all__ = ["evidence_section"]

_MOST_POINTS = 3_000


def evidence_section(found: Validation | None) -> Section | None:
    """The parts of the page as cards, and the charts of the probability of overfitting; None without facts."""
    if found is None:
        return None
    body = side_by_side(*(_part(part) for part in found.parts))
    charts: dict[str, JsonValue] = {}
    if found.overfitting is not None:
        charts = {"logits": _logits(found.overfitting), "degradation": _degradation(found.overfitting)}
        body = Markup(body + side_by_side(_logits_figure(found.overfitting), _degradation_figure(found.overfitting)))
    return Section("evidence", "Evidence", body, charts)


def _part(part: EvidencePart) -> Markup:
    return card(part.title, "", element("ul", *(element("li", line) for line in part.lines), class_="evidence"))


def _logits(found: OverfittingChart) -> dict[str, JsonValue]:
    bins = histogram(found.logits[np.isfinite(found.logits)])
    return {
        "edges": number_list(bins.edges),
        "counts": [int(count) for count in bins.counts],
        "own": 0,
        "kind": "ratio",
        "name": "Logit of the rank",
        "what": "Halves",
    }


def _degradation(found: OverfittingChart) -> dict[str, JsonValue]:
    step = max(1, len(found.in_sample) // _MOST_POINTS)
    return {
        "objective": {"label": "Sharpe ratio", "kind": "ratio", "maximize": True},
        "inSample": number_list(found.in_sample[::step], digits=4),
        "outOfSample": number_list(found.out_of_sample[::step], digits=4),
    }


def _logits_figure(found: OverfittingChart) -> Markup:
    text = (
        f"{counted(len(found.logits), 'way')} to halve the history, {found.label}: the best set of one half came out in"
        f" the worse half of the other in {found.probability:.0%} (left of the line), and lost in {found.loss:.0%}."
    )
    frame = ChartFrame("logits", "samples", "Probability of overfitting", text, text)
    return chart_figure(frame, legend(("box random", "Winners"), ("line strategy", "The median set")))


def _degradation_figure(found: OverfittingChart) -> Markup:
    text = (
        f"Sharpe ratio of every winner where it won and in the other half; slope {found.slope:.2f}:"
        f" {'the more it had won by, the worse it did' if found.slope < 0.0 else 'what won kept some of it'}."
    )
    frame = ChartFrame("degradation", "in-out", "What the winners kept", text, text)
    return chart_figure(frame, legend(("dot strategy", "One half"), ("dash mean", "Equal")))
