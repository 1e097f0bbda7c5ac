"""`autotrade strategies`: which there are, and what can be set of each."""

import inspect
from typing import TYPE_CHECKING, Any

from autonomous_trading.interfaces.cli._options import NameArgument, OutputOptions
from autonomous_trading.interfaces.cli._output import console, print_document
from autonomous_trading.interfaces.cli._tables import plain_table, print_table

if TYPE_CHECKING:
    from autonomous_trading.core import Parameter
    from autonomous_trading.strategies import Strategy

__all__ = ["list_strategies", "show_strategy"]


def list_strategies(output: OutputOptions) -> int:
    """The strategies of the library, one line each."""
    from autonomous_trading.strategies import STRATEGIES

    if output.json:
        entries = [{"name": name, **_document(strategy)} for name, strategy in STRATEGIES.items()]
        print_document({"command": "strategies list", "strategies": entries})
        return 0
    screen, table = console(), plain_table()
    table.add_column("name", style="bold", no_wrap=True)
    table.add_column("what it does")
    for name, strategy in STRATEGIES.items():
        table.add_row(name, _summary(strategy))
    print_table(screen, table)
    screen.print("\nNext: autotrade strategies show NAME", style="dim")
    return 0


def show_strategy(name: NameArgument, output: OutputOptions) -> int:
    """One strategy: its idea, where it fails, and its parameters with their bounds."""
    from autonomous_trading.adapters import strategy_named

    strategy = strategy_named(name.name)
    if output.json:
        print_document({"command": "strategies show", "name": name.name, **_document(strategy)})
        return 0
    screen, table = console(), plain_table()
    screen.print(name.name, style="bold")
    for paragraph in (inspect.getdoc(strategy) or "").split("\n\n"):
        screen.print(" ".join(paragraph.split()), end="\n\n")
    for heading in ("parameter", "kind", "values", "default"):
        table.add_column(heading, no_wrap=heading != "values")
    for key, parameter in strategy.space().parameters.items():
        table.add_row(key, _kind(parameter), _values(parameter), str(parameter.default))
    print_table(screen, table)
    if strategy.space().constraint is not None:
        rule = strategy.constraint_text() or "the constraint of the strategy says which"
        screen.print(f"\nNot every combination is allowed: {rule}")
    screen.print(f"\nNext: autotrade backtest --strategy {name.name}", style="dim", soft_wrap=True)
    return 0


def _document(strategy: "type[Strategy]") -> dict[str, Any]:
    space = strategy.space()
    return {
        "summary": _summary(strategy),
        "description": inspect.getdoc(strategy) or "",
        "parameters": [_parameter_document(key, parameter) for key, parameter in space.parameters.items()],
        "constraint": space.constraint is not None,
        "constraint_text": strategy.constraint_text() or None,
    }


def _parameter_document(name: str, parameter: "Parameter") -> dict[str, Any]:
    entry: dict[str, Any] = {"name": name, "kind": _kind(parameter), "default": parameter.default}
    for detail in ("low", "high", "step", "log", "choices"):
        if hasattr(parameter, detail):
            entry[detail] = getattr(parameter, detail)
    return entry


def _summary(strategy: "type[Strategy]") -> str:
    return " ".join((inspect.getdoc(strategy) or "").partition("\n\n")[0].split())


def _kind(parameter: "Parameter") -> str:
    return type(parameter).__name__.removesuffix("Parameter").lower()


def _values(parameter: "Parameter") -> str:
    entry = _parameter_document("", parameter)
    if "choices" in entry:
        return ", ".join(str(choice) for choice in entry["choices"])
    if "low" not in entry:
        return "true, false"
    step = f", step {entry['step']:g}" if entry["step"] not in (None, 1) else ""
    return f"{entry['low']:g} to {entry['high']:g}{step}{', log' if entry['log'] else ''}"
