"""What the search did: best so far, trade-offs between objectives, what each parameter is worth."""

import numpy as np

from autonomous_trading.core import FloatArray, IntArray
from autonomous_trading.interfaces.report._content import ReportContent
from autonomous_trading.interfaces.report._downsample import best_so_far, front_points, trial_rows
from autonomous_trading.interfaces.report._figures import ChartFrame, chart_figure, legend, side_by_side
from autonomous_trading.interfaces.report._markup import JsonValue, Markup, Section, element, number_list
from autonomous_trading.interfaces.report._metric_words import in_sentence, metric_words
from autonomous_trading.interfaces.report._numbers import counted, format_number, format_value
from autonomous_trading.interfaces.report._statistics import Slice, slice_of
from autonomous_trading.interfaces.report._study_facts import (
    Importance,
    Objective,
    ParameterColumn,
    ParameterValue,
    Trials,
)

__all__ = ["MOST_SLICES", "MOST_TRIALS", "objective_words", "plain_value", "search_section"]

MOST_TRIALS = 3_000
_MOST_VALUES = 40_000
MOST_SLICES = 12
MOST_BARS = 20


def search_section(content: ReportContent) -> Section | None:
    """History, Pareto front (two or more objectives), importance and slices; None when nothing was searched."""
    charts: dict[str, JsonValue] = {}
    parts: list[Markup] = []
    trials = content.trials
    if trials is not None:
        rows = trial_rows(trials, _limit(trials))
        charts["trials"] = _trials_payload(trials, rows)
        charts["history"] = _history_payload(trials)
        figures = [_history_figure(trials, rows)]
        if len(trials.objectives) > 1:
            charts["pareto"] = {}
            figures.append(_pareto_figure(trials, rows))
        parts.append(side_by_side(*figures))
    if content.importance is not None and content.importance.shares:
        charts["importance"] = _importance_payload(content.importance)
        parts.append(_importance_figure(content.importance))
    if trials is not None:
        slices = _slices(trials, content.importance)
        charts.update(slices)
        parts += _slice_figures(trials, slices)
    return Section("search", "Search", Markup("".join(parts)), charts) if parts else None


def _limit(trials: Trials) -> int:
    """Trials to draw: fewer when each has many parameters, so that the page stays small."""
    columns = len(trials.parameters) + len(trials.objectives)
    return max(500, min(MOST_TRIALS, _MOST_VALUES // columns))


def objective_words(objective: Objective) -> dict[str, JsonValue]:
    """An objective as the page's script needs it: its words, the kind of its number and which way is better."""
    words = metric_words(objective.name)
    return {"label": words.label, "kind": words.kind, "maximize": objective.direction == "maximize"}


def plain_value(value: ParameterValue) -> JsonValue:
    """A parameter value for JSON: booleans as yes and no, everything else as it is."""
    if isinstance(value, bool | np.bool_ | str):
        return format_value(value)
    return number_list(np.array([value], dtype=np.float64))[0]


def _trials_payload(trials: Trials, rows: IntArray) -> dict[str, JsonValue]:
    matrix = trials.matrix()[rows]
    chosen = None if trials.chosen is None else np.flatnonzero(rows == trials.chosen)
    return {
        "number": [int(row) + 1 for row in rows],
        "objectives": [objective_words(objective) for objective in trials.objectives],
        "values": [number_list(column, digits=5) for column in matrix.T],
        "parameters": {name: _picked(column, rows) for name, column in trials.parameters.items()},
        "front": [int(count) for count in _sets_on_front(trials)[rows]],
        "chosen": int(chosen[0]) if chosen is not None and chosen.size else None,
    }


def _sets_on_front(trials: Trials) -> IntArray:
    """Per trial: how many sets its point of the front stands for, -1 where another one stands for it, 0 elsewhere."""
    counts = np.zeros(len(trials.matrix()), dtype=np.int64)
    if trials.on_front is not None:
        counts[np.asarray(trials.on_front, dtype=np.bool_)] = -1
    points = front_points(trials)
    counts[points.rows] = points.counts
    return counts


def _picked(column: ParameterColumn, rows: IntArray) -> list[JsonValue]:
    return [plain_value(column[int(row)]) for row in rows]


def _history_payload(trials: Trials) -> dict[str, JsonValue]:
    """The best so far per objective as its steps only: exact whatever the number of trials."""
    steps: list[JsonValue] = []
    matrix = trials.matrix()
    for column, objective in zip(matrix.T, trials.objectives, strict=True):
        best = best_so_far(column, objective.sign)
        changed = np.flatnonzero(np.diff(best, prepend=np.nan) != 0.0)
        changed = changed[np.isfinite(best[changed])]
        steps.append({"number": [int(row) + 1 for row in changed], "value": number_list(best[changed], digits=5)})
    return {"steps": steps, "total": len(matrix)}


def _objective_select(trials: Trials, action: str, label: str, selected: int) -> Markup:
    name = f"select-{action}"
    options = (
        element("option", metric_words(objective.name).label, value=number, selected=number == selected)
        for number, objective in enumerate(trials.objectives)
    )
    select = element("select", *options, data_action=action, id=name)
    return element("span", element("label", label, for_=name), select, class_="choice")


def _history_figure(trials: Trials, rows: IntArray) -> Markup:
    matrix = trials.matrix()
    failed = int((~np.isfinite(matrix).all(axis=1)).sum())
    first = trials.objectives[0]
    best = best_so_far(matrix[:, 0], first.sign)[-1]
    words = metric_words(first.name)
    result = f"best {in_sentence(words.label)} {format_number(float(best), words.kind)}"
    text = f"{counted(len(matrix), 'set')} tried; {result}."
    if failed:
        text += f" {counted(failed, 'set')} gave no value (infeasible or failed)."
    text += _drawn(trials, len(rows), len(matrix) - failed)
    controls = [legend(("dot faint", "One set"), ("line strategy", "Best so far"), *_chosen_mark(trials))]
    if len(trials.objectives) > 1:
        controls.append(_objective_select(trials, "objective", "Objective", 0))
    frame = ChartFrame("history", "history", "Optimisation history", text, text)
    return chart_figure(frame, *controls)


def _pareto_figure(trials: Trials, rows: IntArray) -> Markup:
    names = " and ".join(in_sentence(metric_words(objective.name).label) for objective in trials.objectives[:2])
    points = front_points(trials)
    on_front = int(points.counts.sum())
    front = f"{_trade_offs(len(points.rows), on_front)} in one objective without losing in another." if on_front else ""
    failed = int((~np.isfinite(trials.matrix()).all(axis=1)).sum())
    text = front + _drawn(trials, len(rows), len(trials.matrix()) - failed)
    marks = (
        [("dot faint", "Dominated")] + ([("diamond front", "Pareto front")] if on_front else []) + _chosen_mark(trials)
    )
    frame = ChartFrame("pareto", "pareto", "Trade-offs", text.strip(), f"Scatter of {names}. {front}")
    axes = element(
        "div",
        _objective_select(trials, "axis-x", "Across", 0),
        _objective_select(trials, "axis-y", "Up", 1),
        class_="buttons",
    )
    return chart_figure(frame, legend(*marks), axes)


def _trade_offs(points: int, sets: int) -> str:
    if points == sets:
        return f"{counted(sets, 'set')} cannot be improved"
    return f"{counted(points, 'point')}, reached by {counted(sets, 'set')}, cannot be improved"


def _importance_payload(importance: Importance) -> dict[str, JsonValue]:
    errors = importance.errors or {}
    names = _most_important(importance)
    return {
        "names": list(names),
        "shares": number_list(np.array([importance.shares[name] for name in names]), digits=5),
        "errors": number_list(np.array([errors.get(name, np.nan) for name in names]), digits=5),
    }


def _most_important(importance: Importance) -> list[str]:
    def size(name: str) -> float:
        share = importance.shares[name]
        return -np.inf if np.isnan(share) else share

    return sorted(importance.shares, key=size, reverse=True)[:MOST_BARS]


def _importance_figure(importance: Importance) -> Markup:
    words = metric_words(importance.objective)
    names = _most_important(importance)
    lead = names[0]
    share = format_number(importance.shares[lead], "probability")
    text = f"Share of {in_sentence(words.label)} explained" + (
        f", by {importance.method}." if importance.method else "."
    )
    if len(names) < len(importance.shares):
        text += f" The {len(names)} largest of {len(importance.shares)} parameters are drawn."
    frame = ChartFrame(
        "importance", "importance", "Parameter importance", text, f"{text} Most important: {lead}, {share}."
    )
    return chart_figure(frame)


def _slices(trials: Trials, importance: Importance | None) -> dict[str, JsonValue]:
    shares = importance.shares if importance else {}
    objective = trials.objectives[0]
    scores = trials.matrix()[:, 0]
    names = sorted(_varying(trials), key=lambda name: -shares.get(name, 0.0))[:MOST_SLICES]
    found: dict[str, JsonValue] = {}
    for number, name in enumerate(names, start=1):
        one = slice_of(trials.parameters[name], scores, objective.sign)
        if one.groups:
            found[f"slice-{number}"] = _slice_payload(name, one, trials)
    return found


def _varying(trials: Trials) -> list[str]:
    """The parameters that took more than one value."""
    columns = trials.parameters.items()
    return [
        name for name, column in columns if len(set(column.tolist() if isinstance(column, np.ndarray) else column)) > 1
    ]


def _slice_payload(name: str, one: Slice, trials: Trials) -> dict[str, JsonValue]:
    numeric = all(isinstance(value, int | float) and not isinstance(value, bool) for value in one.groups)
    chosen = None if trials.chosen is None else plain_value(trials.parameters[name][trials.chosen])
    return {
        "parameter": name,
        "numeric": numeric,
        "binned": one.binned,
        "groups": [plain_value(value) for value in one.groups],
        "median": _scores(one.median),
        "best": _scores(one.best),
        "chosen": chosen,
    }


def _scores(values: FloatArray) -> list[JsonValue]:
    return number_list(values, digits=5)


def _slice_figures(trials: Trials, slices: dict[str, JsonValue]) -> list[Markup]:
    if not slices:
        return []
    label = metric_words(trials.objectives[0].name).label
    figures = []
    for name, payload in slices.items():
        parameter = str(payload["parameter"]) if isinstance(payload, dict) else name
        words = f"{label} of every set, against {parameter}: a broad top is safer than a single peak."
        figures.append(chart_figure(ChartFrame(name, "slice", parameter, "", words)))
    left_out = len(_varying(trials)) - len(slices)
    more = f" The {len(slices)} that matter most are drawn; {left_out} are not." if left_out > 0 else ""
    head = element(
        "header",
        element("h3", f"{label} against each parameter"),
        element("p", f"Look for a broad top: a lonely peak is luck.{more}", class_="sub"),
        legend(("dot faint", "One set"), ("line strategy", "Best"), ("dash strategy", "Median"), *_chosen_mark(trials)),
    )
    return [element("div", head, element("div", *figures, class_="small-multiples"), class_="group-card card")]


def _chosen_mark(trials: Trials) -> list[tuple[str, str]]:
    return [] if trials.chosen is None else [("ring chosen", "Chosen set")]


def _drawn(trials: Trials, shown: int, valid: int) -> str:
    if shown == valid:
        return ""
    kept = "every improvement and" if trials.on_front is None else "every improvement, the front, and"
    return f" {shown:,} of {valid:,} are drawn: {kept} an even sample of the rest."
