"""Tables of the reference that are made from the code: between `<!-- table: NAME -->` and `<!-- end -->`."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from autonomous_trading.backtest import BACKTEST_METRICS
from autonomous_trading.core import METRIC_ALIASES, METRICS, Parameter
from autonomous_trading.features import CatalogueEntry, catalogue
from autonomous_trading.features.formulas import FUNCTIONS, FormulaLimits
from autonomous_trading.strategies import STRATEGIES, Strategy
from autonomous_trading.validation import RULES

_MARKED = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def with_tables(page: str) -> str:
    """The page with every marked table made anew."""
    return _MARKED.sub(lambda found: f"{found[1]}{TABLES[found[2]]()}{found[3]}", page)


def tables_in(page: str) -> list[str]:
    """Names of the tables a page asks for."""
    return [found[2] for found in _MARKED.finditer(page)]


def _rows(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _metrics() -> str:
    aliases: dict[str, list[str]] = {}
    for alias, name in METRIC_ALIASES.items():
        aliases.setdefault(name, []).append(f"`{alias}`")
    rows = [
        [
            f"`{each.name}`",
            each.description,
            each.unit,
            {"maximize": "up", "minimize": "down"}[each.direction],
            "yes" if each.name in BACKTEST_METRICS else "",
            ", ".join(aliases.get(each.name, [])),
        ]
        for each in METRICS.values()
    ]
    return _rows(["key", "what it says", "unit", "better", "can be an objective", "also called"], rows)


def _strategies() -> str:
    return "\n".join(_strategy(name, strategy) for name, strategy in STRATEGIES.items())


def _strategy(name: str, strategy: type[Strategy]) -> str:
    idea = inspect.cleandoc(strategy.__doc__ or "")
    rows = [_parameter(key, each) for key, each in strategy.space().parameters.items()]
    table = _rows(["parameter", "values", "default"], rows)
    return f"## `{name}`\n\n{idea}\n\n{table}{_constraint(strategy)}"


def _constraint(strategy: type[Strategy]) -> str:
    """What the constraint demands, as it is written in the class; nothing where there is none."""
    if strategy.space().constraint is None:
        return ""
    returned = re.search(r"return (.+)", inspect.getsource(strategy.constraint))
    rule = "" if returned is None else returned[1].replace("self.", "")
    return f"\nConstraint: `{rule}`.\n"


def _parameter(name: str, parameter: Parameter) -> list[str]:
    low, high = (getattr(parameter, end, "") for end in ("low", "high"))
    return [f"`{name}`", f"{low} to {high}", f"{parameter.default}"]


def _columns() -> str:
    groups: dict[str, list[str]] = {}
    for entry in catalogue():
        groups.setdefault(entry.group, []).append(f"`{entry.name}`")
    return _rows(["group", "columns"], ([group, ", ".join(names)] for group, names in groups.items()))


def _column_facts() -> str:
    """Every column of the catalogue, a table for each group."""
    groups: dict[str, list[CatalogueEntry]] = {}
    for entry in catalogue():
        groups.setdefault(entry.group, []).append(entry)
    header = ["column", "what", "formula", "units", "warm-up", "memory", "source"]
    return "\n".join(
        f"## {group}\n\n{_rows(header, (_column_row(entry) for entry in entries))}" for group, entries in groups.items()
    )


def _column_row(entry: CatalogueEntry) -> list[str]:
    written = entry.name
    if entry.parameters:
        written += f"({', '.join(f'{each.name}={each.default}' for each in entry.parameters)})"
    outputs = "<br>." + ", .".join(entry.outputs) if entry.outputs else ""
    memory = "all" if entry.memory is None else f"{entry.memory:,}"
    texts = [entry.description, entry.formula, entry.units]
    cells = [f"`{written}`{outputs}", *texts, f"{entry.warm_up:,}", memory, entry.source]
    return [cell.replace("|", "\\|").replace("*", "\\*") for cell in cells]


def _decision_rules() -> str:
    rows = [
        [name.replace("_", " "), rule.question, f"passed: {rule.passes}<br>failed: {rule.fails}", rule.source]
        for name, rule in RULES.items()
    ]
    return _rows(["rule", "asks", "answer", "from"], rows)


def _formula_functions() -> str:
    rows = ([f"`{each.signature()}`", each.description] for each in FUNCTIONS.values())
    return _rows(["function", "gives"], rows)


def _formula_limits() -> str:
    limits = FormulaLimits()
    rows = ([f"`{each.name}`", f"{getattr(limits, each.name):,.0f}"] for each in dataclasses.fields(limits))
    return _rows(["limit", "at most"], rows)


TABLES: Mapping[str, Callable[[], str]] = {
    "metrics": _metrics,
    "strategies": _strategies,
    "columns": _columns,
    "column_facts": _column_facts,
    "rules": _decision_rules,
    "formula_functions": _formula_functions,
    "formula_limits": _formula_limits,
}
