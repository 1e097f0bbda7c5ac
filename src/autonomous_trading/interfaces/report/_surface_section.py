"""The objective over pairs of parameters, with the plateau outlined and the chosen set ringed."""

from collections.abc import Iterable

import numpy as np

from autonomous_trading.interfaces.report._figures import ChartFrame, chart_figure, legend
from autonomous_trading.interfaces.report._markup import JsonValue, Markup, Section, number_list
from autonomous_trading.interfaces.report._metric_words import metric_words
from autonomous_trading.interfaces.report._numbers import counted, format_number, format_value
from autonomous_trading.interfaces.report._search_section import objective_words
from autonomous_trading.interfaces.report._study_facts import ParameterValue, Surface

__all__ = ["axis_labels", "surface_section"]


def surface_section(surfaces: tuple[Surface, ...]) -> Section | None:
    """One heat map per pair of parameters, or None without any."""
    if not surfaces:
        return None
    figures = [_figure(f"surface-{number}", surface) for number, surface in enumerate(surfaces, start=1)]
    charts: dict[str, JsonValue] = {
        f"surface-{number}": _payload(surface) for number, surface in enumerate(surfaces, start=1)
    }
    return Section("surface", "Plateau", Markup("".join(figures)), charts)


def axis_labels(values: Iterable[ParameterValue | np.generic]) -> tuple[str, ...]:
    """Parameter values as short as they can be written and still be told apart."""
    full = tuple(format_value(value) for value in values)
    if not all(isinstance(value, float | np.floating) for value in values):
        return full
    tries = (tuple(format_value(float(f"{value:.{digits}g}")) for value in values) for digits in (2, 3, 4))
    return next((labels for labels in tries if len(set(labels)) == len(full)), full)


def _payload(surface: Surface) -> dict[str, JsonValue]:
    values = np.asarray(surface.values, dtype=np.float64)
    plateau = None if surface.plateau is None else np.asarray(surface.plateau, dtype=np.int64).ravel()
    chosen = _chosen_place(surface)
    return {
        "objective": objective_words(surface.objective),
        "xName": surface.x_name,
        "yName": surface.y_name,
        "x": [format_value(value) for value in surface.x_values],
        "y": [format_value(value) for value in surface.y_values],
        "xShort": list(axis_labels(surface.x_values)),
        "yShort": list(axis_labels(surface.y_values)),
        "values": number_list(values.ravel(), digits=4),
        "plateau": None if plateau is None else [int(flag) for flag in plateau],
        "chosen": None if chosen is None else list(chosen),
    }


def _chosen_place(surface: Surface) -> tuple[int, int] | None:
    """Column and row of the chosen pair, None without one or when it is not among the pairs drawn."""
    if surface.chosen is None:
        return None
    column, row = _place(surface.x_values, surface.chosen[0]), _place(surface.y_values, surface.chosen[1])
    return None if column is None or row is None else (column, row)


def _place(values: Iterable[object], wanted: ParameterValue) -> int | None:
    return next((place for place, value in enumerate(values) if value == wanted), None)


def _where_chosen(surface: Surface) -> str:
    """What the reader should know of the chosen pair: outside the plateau, or at the edge of what was searched."""
    if surface.chosen is None:
        return ""
    place = _chosen_place(surface)
    if place is None:
        return " The chosen set is not one of these pairs."
    column, row = place
    text = ""
    if surface.plateau is not None:
        inside = bool(np.asarray(surface.plateau, dtype=np.bool_)[row, column])
        text += " The chosen set lies inside it." if inside else " The chosen set lies outside it."
    on_edge = [
        name
        for name, position, size in (
            (surface.x_name, column, len(surface.x_values)),
            (surface.y_name, row, len(surface.y_values)),
        )
        if size > 2 and position in (0, size - 1)
    ]
    if on_edge:
        text += f" It is at the edge of what was searched for {' and '.join(on_edge)}."
    return text


def _figure(name: str, surface: Surface) -> Markup:
    words = metric_words(surface.objective.name)
    values = np.asarray(surface.values, dtype=np.float64)
    known = values[np.isfinite(values)]
    text = f"{words.label} for {counted(values.size, 'pair')}"
    if known.size < values.size:
        text += f", {values.size - known.size:,} not evaluated"
    if known.size:
        low, high = (format_number(float(edge), words.kind) for edge in (known.min(), known.max()))
        text += f", from {low} to {high}"
    text += "."
    if surface.plateau is not None:
        inside = int(np.asarray(surface.plateau, dtype=np.bool_).sum())
        text += f" The outline holds the plateau of {counted(inside, 'pair')} whose neighbours do as well."
    text += _where_chosen(surface)
    if surface.note:
        text += f" {surface.note}"
    marks = [("box plateau", "Plateau")] if surface.plateau is not None else []
    marks += [("ring chosen", "Chosen set")] if surface.chosen is not None else []
    title = f"{surface.x_name} and {surface.y_name}"
    frame = ChartFrame(name, "surface", title, text, f"Heat map. {text}")
    return chart_figure(frame, *([legend(*marks)] if marks else []))
