"""Columns of the catalogue as a formula writes them: series first, then numbers, either of them by name."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from autonomous_trading.core import Constant, Expression, InvalidInput, column, unknown_name
from autonomous_trading.features._entries import ArgumentRule, CatalogueEntry
from autonomous_trading.features.formulas._values import ManyOutputs, Reading, TextValue, Value, is_static

Placed: TypeAlias = tuple[Value, int]
"""A value and where it stands."""


def called(
    reading: Reading, entry: CatalogueEntry, operands: Sequence[Placed], named: Mapping[str, Placed], at: int
) -> ManyOutputs | Expression:
    """The column of one call, or all its outputs where it has several."""
    series, numbers = _told_apart(reading, entry, operands)
    inputs = {each.keyword: placed for each, placed in zip(entry.inputs, series, strict=False)}
    keywords = [each.keyword for each in entry.inputs]
    for name, placed in named.items():
        if name in inputs:
            reading.refuse(
                placed[1], f"{entry.name}: {name} is given twice, by position and by name", fix="give it once"
            )
        if name in keywords:
            inputs[name] = placed
    arguments = _arguments(reading, entry, numbers, {k: v for k, v in named.items() if k not in keywords}, at)
    chosen = ManyOutputs(entry, arguments, _inputs(reading, entry, inputs, at))
    return chosen if entry.outputs else output_of(reading, chosen, "", at)


def output_of(reading: Reading, chosen: ManyOutputs, output: str, at: int) -> Expression:
    """One output of a column."""
    try:
        name = chosen.entry.output(output)
    except InvalidInput as error:
        raise reading.written.placed(at, error) from None
    return column(chosen.entry.name, chosen.arguments, inputs=chosen.inputs, output=name)


def _told_apart(
    reading: Reading, entry: CatalogueEntry, operands: Sequence[Placed]
) -> tuple[list[Placed], list[Placed]]:
    """The series a call begins with, and the numbers and texts after them."""
    if not entry.callable:
        reading.refuse(
            operands[0][1] if operands else 0, f"{entry.name} takes no arguments", fix=f"write {entry.name} without ()"
        )
    series: list[Placed] = []
    numbers: list[Placed] = []
    for value, at in operands:
        is_series = not is_static(value)
        if is_series and numbers:
            reading.refuse(
                at, f"{entry.name}: a series stands after a number", fix=f"write the series first: {entry.signature()}"
            )
        (series if is_series else numbers).append((value, at))
    if len(series) > len(entry.inputs):
        reading.refuse(
            series[len(entry.inputs)][1],
            f"{entry.name} is computed from {len(entry.inputs)} series, got {len(series)}",
            fix=f"write {entry.signature()}",
        )
    return series, numbers


def _arguments(
    reading: Reading, entry: CatalogueEntry, numbers: Sequence[Placed], named: Mapping[str, Placed], at: int
) -> tuple[Expression, ...]:
    places = dict(zip((rule.name for rule in entry.parameters), (place for _, place in numbers), strict=False))
    places |= {name: place for name, (_, place) in named.items()}
    first_wrong = next((place for name, place in places.items() if name in named), at)
    try:
        filled = entry.fill([value for value, _ in numbers], {name: value for name, (value, _) in named.items()})
    except InvalidInput as error:
        raise reading.written.placed(first_wrong, error) from None
    return tuple(
        _argument(reading, entry, rule, (value, places.get(rule.name, at)))
        for rule, value in zip(entry.parameters, filled, strict=True)
    )


def _argument(reading: Reading, entry: CatalogueEntry, rule: ArgumentRule, placed: tuple[object, int]) -> Expression:
    value, at = placed
    if isinstance(value, int | float):
        return Constant(value)  # a default
    if isinstance(value, Expression) and value.is_static and not isinstance(value, Constant):
        return value  # a parameter: its values are checked when they are known
    given = value.text if isinstance(value, TextValue) else value.value if isinstance(value, Constant) else None
    if given is None or isinstance(given, bool):
        reading.refuse(at, f"{entry.name}: {rule.name} must be a number", fix=f"write {entry.signature()}")
    try:
        known = rule.canonical(entry.name, given)
    except InvalidInput as error:
        raise reading.written.placed(at, error) from None
    if rule.kind == "int" and not rule.choices and known > reading.limits.window:
        reading.refuse(
            at, f"{entry.name}: {rule.name} is at most {reading.limits.window:,} bars here", fix="use a shorter one"
        )
    return Constant(known)


def _inputs(reading: Reading, entry: CatalogueEntry, given: Mapping[str, Placed], at: int) -> tuple[Expression, ...]:
    """The series to compute from, in order; none where all of them are those the indicator implies."""
    missing = [each.keyword for each in entry.inputs if not each.default and each.keyword not in given]
    if missing:
        reading.refuse(at, f"{entry.name} needs the series {missing[0]}", fix=f"write {entry.signature()}")
    chosen = {name: reading.expression(value, place, "a column") for name, (value, place) in given.items()}
    series = [chosen[e.keyword] if e.keyword in chosen else column(e.default) for e in entry.inputs]
    implied = all(
        bool(each.default) and column(each.default).same(found)
        for each, found in zip(entry.inputs, series, strict=True)
    )
    return () if implied else tuple(series)


def unknown_column(reading: Reading, name: str, known: Sequence[str], at: int) -> InvalidInput:
    """The error of a name that nothing answers to, with the nearest ones and its place."""
    return reading.written.placed(at, unknown_name("column", name, known))
