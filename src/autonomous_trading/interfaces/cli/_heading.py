"""What a run is, before its numbers: the strategy, the bars, and every setting that makes it differ from another."""

from dataclasses import fields
from typing import TYPE_CHECKING

from autonomous_trading.interfaces.cli._cost_options import OPTION_NAMES
from autonomous_trading.interfaces.cli._tables import parameters_text

if TYPE_CHECKING:
    from rich.console import Console

    from autonomous_trading.interfaces.cli._setup import Setup

__all__ = ["show_heading"]

_ALWAYS_SHOWN = ("commission", "slippage", "fill", "initial_cash")


def show_heading(console: "Console", setup: "Setup", task: str) -> None:
    """What is done, with what, on which bars, at which costs, and whose settings took part in that."""
    costs, execution = setup.costs, setup.execution
    console.print(f"{task} {setup.strategy.name}", style="bold", soft_wrap=True)
    console.print(setup.market.describe(), soft_wrap=True)
    prices = f"commission {100.0 * costs.commission:g} %, slippage {100.0 * costs.slippage:g} %"
    account = f"filled at {execution.fill.replace('_', ' ')}, cash {execution.initial_cash:,.0f}"
    console.print(f"{prices}, {account}", style="dim", soft_wrap=True)
    differing = _differing(setup)
    if differing:
        console.print(f"with {parameters_text(differing)}", style="dim", soft_wrap=True)
    if setup.sources:
        console.print(f"settings from {', '.join(setup.sources)}", style="dim", soft_wrap=True)
    console.print()


def _differing(setup: "Setup") -> dict[str, object]:
    """Every rule in force that is not the default, by the name it is set with.

    A parameter that the strategy declares takes the place of the rule of that name, and is shown as a parameter.
    """
    declared = setup.strategy.space().parameters
    found: dict[str, object] = {}
    for rules in (setup.exits, setup.execution, setup.costs):
        for field in fields(rules):
            value = getattr(rules, field.name)
            if field.name not in (*_ALWAYS_SHOWN, *declared) and value != field.default:
                found[OPTION_NAMES.get(field.name, field.name)] = value
    return found
