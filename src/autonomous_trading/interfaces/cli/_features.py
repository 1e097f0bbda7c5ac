"""`autotrade features list` and `explain`: which columns there are, and what one of them is."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, final

import typer

from autonomous_trading.interfaces.cli._options import NameArgument, OutputOptions
from autonomous_trading.interfaces.cli._output import console, print_document
from autonomous_trading.interfaces.cli._tables import plain_table, print_table

if TYPE_CHECKING:
    from autonomous_trading.features import CatalogueEntry

__all__ = ["explain_feature", "list_features"]


@final
@dataclass(frozen=True, slots=True)
class ListOptions:
    """Which of the columns."""

    group: Annotated[
        str | None,
        typer.Option("--group", metavar="GROUP", help="Only one group, such as Volatility.", show_default="all"),
    ] = None
    search: Annotated[
        str | None,
        typer.Option(
            "--search", metavar="WORD", help="Only columns with this word in name or description.", show_default="all"
        ),
    ] = None


def list_features(asked: ListOptions, output: OutputOptions) -> int:
    """The columns of the catalogue: what each is, and the bars before its first value."""
    from autonomous_trading.core import NothingToReport, unknown_name
    from autonomous_trading.features import catalogue

    entries = list(catalogue())
    groups = list(dict.fromkeys(entry.group for entry in entries))
    if asked.group is not None:
        chosen = {group.lower(): group for group in groups}.get(asked.group.lower())
        if chosen is None:
            raise unknown_name("group", asked.group, groups)
        entries = [entry for entry in entries if entry.group == chosen]
    if asked.search is not None:
        word = asked.search.lower()
        entries = [entry for entry in entries if word in f"{entry.name} {entry.description}".lower()]
    if not entries:
        raise NothingToReport(f"no column has {asked.search!r} in it", fix="try another word, or leave --search out")
    if output.json:
        print_document({"command": "features list", "features": [_document(entry) for entry in entries]})
        return 0
    screen, table = console(), plain_table()
    table.add_column("column", style="bold", no_wrap=True)
    table.add_column("what it is")
    table.add_column("warm-up", justify="right", no_wrap=True)
    for entry in entries:
        table.add_row(entry.name, entry.description, str(entry.warm_up))
    print_table(screen, table)
    screen.print(f"\n{len(entries)} columns in {len({entry.group for entry in entries})} groups")
    screen.print("Next: autotrade features explain NAME", style="dim", soft_wrap=True)
    return 0


def explain_feature(name: NameArgument, output: OutputOptions) -> int:
    """One column: its formula and source, arguments with their ranges, outputs, and how far back it looks."""
    from autonomous_trading.features import find

    entry = find(name.name)
    if output.json:
        print_document({"command": "features explain", **_document(entry)})
        return 0
    screen = console()
    screen.print(entry.signature(), style="bold", soft_wrap=True)
    screen.print(f"{entry.description}.\n", soft_wrap=True)
    facts = {
        "formula": entry.formula or "see the source",
        "units": entry.units,
        "outputs": ", ".join(entry.outputs) or "one",
        "warm-up": f"{entry.warm_up} bars without a value, with the default arguments",
        "memory": _memory(entry),
        "group": entry.group,
        "source": entry.source or "unknown",
    }
    for label, words in facts.items():
        screen.print(f"  {label:9} {words}", soft_wrap=True, highlight=False)
    if entry.parameters:
        table = plain_table()
        for heading in ("argument", "values", "default"):
            table.add_column(heading, no_wrap=heading != "values")
        for rule in entry.parameters:
            values = ", ".join(rule.choices) or f"{rule.low:g} to {rule.high:g}"
            table.add_row(rule.name, values, str(rule.default))
        screen.print()
        print_table(screen, table)
    screen.print(f"\nNext: autotrade features plot {_written(entry)} --data sample:sp500", style="dim", soft_wrap=True)
    return 0


def _memory(entry: "CatalogueEntry") -> str:
    if entry.memory is None:
        return "every bar since the first"
    within = f", within {entry.tolerance:g} of the value" if entry.tolerance else ""
    return f"{entry.memory} bars before it{within}"


def _written(entry: "CatalogueEntry") -> str:
    """The column as a formula that can be typed into a shell."""
    output = f".{entry.outputs[0]}" if entry.outputs else ""
    return f'"{entry.name}(){output}"' if output else entry.name


def _document(entry: "CatalogueEntry") -> dict[str, Any]:
    return {
        "name": entry.name,
        "signature": entry.signature(),
        "group": entry.group,
        "description": entry.description,
        "formula": entry.formula,
        "units": entry.units,
        "source": entry.source,
        "outputs": list(entry.outputs),
        "warm_up": entry.warm_up,
        "memory": entry.memory,
        "tolerance": entry.tolerance,
        "inputs": [{"keyword": each.keyword, "default": each.default or None} for each in entry.inputs],
        "arguments": [
            {
                "name": rule.name,
                "kind": rule.kind,
                "default": rule.default,
                "low": rule.low,
                "high": rule.high,
                "choices": list(rule.choices),
            }
            for rule in entry.parameters
        ],
    }
