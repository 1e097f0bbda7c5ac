"""Walk-forward: when each fold was fitted and judged, with which parameters, and whether in-sample told the truth."""

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.interfaces.report._figures import (
    ChartFrame,
    card,
    chart_figure,
    legend,
    scrolling_table,
    side_by_side,
)
from autonomous_trading.interfaces.report._markup import JsonValue, Markup, Section, element, number_list
from autonomous_trading.interfaces.report._metric_words import in_sentence, metric_words
from autonomous_trading.interfaces.report._numbers import (
    NOT_AVAILABLE,
    counted,
    format_number,
    format_value,
    is_daily,
    period_text,
)
from autonomous_trading.interfaces.report._search_section import objective_words
from autonomous_trading.interfaces.report._statistics import rank_correlation
from autonomous_trading.interfaces.report._study_facts import Fold, WalkForward

__all__ = ["folds_section"]

_NS_PER_SECOND = 1_000_000_000


def folds_section(walk: WalkForward | None) -> Section | None:
    """Timeline of the folds, in-sample against out-of-sample, and every fold's parameters; None without folds."""
    if walk is None:
        return None
    inside = np.array([fold.in_sample for fold in walk.folds], dtype=np.float64)
    outside = np.array([fold.out_of_sample for fold in walk.folds], dtype=np.float64)
    shared: dict[str, JsonValue] = {
        "objective": objective_words(walk.objective),
        "inSample": number_list(inside, digits=5),
        "outOfSample": number_list(outside, digits=5),
    }
    spans: list[JsonValue] = [
        [moment // _NS_PER_SECOND for moment in (fold.train_start, fold.train_stop, fold.test_start, fold.test_stop)]
        for fold in walk.folds
    ]
    charts: dict[str, JsonValue] = {"folds": {**shared, "spans": spans}}
    figures = [_timeline_figure(walk, outside)]
    if np.any(np.isfinite(inside) & np.isfinite(outside)):
        charts["in-out"] = shared
        figures.append(_scatter_figure(walk, inside, outside))
    return Section("folds", "Walk-forward", Markup(side_by_side(*figures) + _table(walk)), charts)


def _timeline_figure(walk: WalkForward, outside: FloatArray) -> Markup:
    words = metric_words(walk.objective.name)
    known = outside[np.isfinite(outside)]
    text = f"{counted(len(walk.folds), 'fold')}, each fitted on the past and judged on what followed."
    if known.size:
        middle = format_number(float(np.median(known)), words.kind)
        text += f" Median out-of-sample {in_sentence(words.label)} {middle}."
    if walk.note:
        text += f" {walk.note}"
    frame = ChartFrame("folds", "folds", "Walk-forward folds", text, text)
    return chart_figure(frame, legend(("box train", "Fitted"), ("box test", "Judged, with its result")))


def _scatter_figure(walk: WalkForward, inside: FloatArray, outside: FloatArray) -> Markup:
    label = metric_words(walk.objective.name).label
    worse = int(np.sum(walk.objective.sign * outside < walk.objective.sign * inside))
    pairs = int(np.sum(np.isfinite(inside) & np.isfinite(outside)))
    text = f"{label} per fold: {worse} of {pairs} did worse once judged."
    correlation = rank_correlation(inside, outside)
    if not np.isnan(correlation):
        text += f" Rank correlation {format_number(correlation, 'ratio')}"
        text += ": a high in-sample value foretold little." if abs(correlation) < 0.3 else "."
    frame = ChartFrame("in-out", "in-out", "In-sample against out-of-sample", text, text)
    return chart_figure(frame, legend(("dot strategy", "One fold"), ("dash mean", "Equal")))


def _table(walk: WalkForward) -> Markup:
    names = list(dict.fromkeys(name for fold in walk.folds for name in fold.parameters))
    words = metric_words(walk.objective.name)
    # What matters stands first: many parameters may scroll sideways, the results may not.
    scored = (f"{words.label} in-sample", f"{words.label} out-of-sample")
    heads = (
        *(element("th", name, scope="col") for name in ("Fold", "Judged on")),
        *(element("th", name, scope="col", class_="number") for name in (*scored, *names)),
        element("th", "Fitted on", scope="col"),
    )
    head = element("thead", element("tr", *heads))
    moments = np.array(
        [
            moment
            for fold in walk.folds
            for moment in (fold.train_start, fold.train_stop, fold.test_start, fold.test_stop)
        ]
    )
    daily = is_daily(moments)
    rows = []
    before: Fold | None = None
    for number, fold in enumerate(walk.folds, start=1):
        changed = {name for name in names if before and before.parameters.get(name) != fold.parameters.get(name)}
        values = [_parameter_cell(name, fold, changed=name in changed) for name in names]
        scores = [element("td", format_number(value, words.kind)) for value in (fold.in_sample, fold.out_of_sample)]
        judged, fitted = (
            element("td", period_text(start, stop, daily=daily), class_="time")
            for start, stop in ((fold.test_start, fold.test_stop), (fold.train_start, fold.train_stop))
        )
        rows.append(element("tr", element("th", str(number), scope="row"), judged, *scores, *values, fitted))
        before = fold
    table = scrolling_table("Parameters and results per fold", head, element("tbody", *rows), class_="folds")
    return card("Parameters per fold", "Bold: changed from the fold before.", table)


def _parameter_cell(name: str, fold: Fold, *, changed: bool) -> Markup:
    if name not in fold.parameters:
        return element("td", NOT_AVAILABLE, class_="absent")
    text = format_value(fold.parameters[name])
    return element("td", element("b", text) if changed else text)
