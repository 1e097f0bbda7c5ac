"""What a run assumes about the world, as options: costs, the account, how orders are filled, how exits are read.

Every option is called like the field of `Costs`, `Exits` or `Execution` that it sets, with `exit_` in front where
the field alone would not say what it is about. stop_loss and the like are parameters: --set gives them their value.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Annotated, Any, TypeAlias, final

import typer

from autonomous_trading.interfaces.cli._numbers import amount, fraction, positive, whole

__all__ = ["OPTION_NAMES", "CostOptions"]

_COSTS = "Costs and account"
_MORE_COSTS = "More costs"
_FILLS = "Fills and exits"

OPTION_NAMES = {"unit": "exit_unit", "path": "exit_path"}
"""Fields of `Exits` that have a longer name where `Exits` does not stand beside them."""

Number: TypeAlias = float | None
Text: TypeAlias = str | None


def _option(panel: str, name: str, metavar: str, *, read: Callable[[str], object] = str, shown: str, says: str) -> Any:
    return typer.Option(name, metavar=metavar, parser=read, rich_help_panel=panel, help=says, show_default=shown)


def _fraction(panel: str, name: str, *, example: float, low: float = 0.0, top: float = 1.0, **words: str) -> Any:
    return _option(panel, name, "FRACTION", read=fraction(name, example=example, low=low, top=top), **words)


def _amount(name: str, metavar: str, *, example: float, says: str) -> Any:
    return _option(_MORE_COSTS, name, metavar, read=amount(name, example=example), shown="0", says=says)


def _rate(name: str, *, example: float, says: str) -> Any:
    return _fraction(_MORE_COSTS, name, example=example, low=-1.0, top=10.0, shown="0", says=f"{says}, per year.")


@final
@dataclass(frozen=True, slots=True)
class CostOptions:
    """What trading costs, what the account holds, how orders are filled and how exits are read."""

    commission: Annotated[
        Number,
        _fraction(
            _COSTS,
            "--commission",
            example=0.0005,
            shown="0.0005",
            says="Commission on every fill, as a fraction of its value.",
        ),
    ] = None
    slippage: Annotated[
        Number,
        _fraction(
            _COSTS,
            "--slippage",
            example=0.0002,
            shown="0.0002",
            says="How much worse than the price every fill is, as a fraction of it.",
        ),
    ] = None
    initial_cash: Annotated[
        Number,
        _option(
            _COSTS,
            "--initial-cash",
            "AMOUNT",
            read=positive("--initial-cash", example=100_000),
            shown="100000",
            says="What the account holds at the start.",
        ),
    ] = None
    per_unit: Annotated[
        Number, _amount("--per-unit", "AMOUNT", example=0.005, says="Commission per unit traded, in currency.")
    ] = None
    minimum: Annotated[
        Number, _amount("--minimum", "AMOUNT", example=1, says="Smallest commission of an order, in currency.")
    ] = None
    half_spread: Annotated[
        Number,
        _fraction(
            _MORE_COSTS,
            "--half-spread",
            example=0.0001,
            shown="0",
            says="Half the distance between bid and ask, as a fraction of the price.",
        ),
    ] = None
    slippage_atr: Annotated[
        Number,
        _amount("--slippage-atr", "MULTIPLE", example=0.1, says="Slippage in multiples of the average true range."),
    ] = None
    impact: Annotated[
        Number,
        _amount("--impact", "FACTOR", example=0.1, says="k in k x volatility x sqrt(order / volume of the bar)."),
    ] = None
    participation: Annotated[
        Number,
        _fraction(
            _MORE_COSTS,
            "--participation",
            example=0.1,
            shown="no cap",
            says="Largest share of a bar's volume that an order may take.",
        ),
    ] = None
    borrow_rate: Annotated[Number, _rate("--borrow-rate", example=0.02, says="Paid on what is sold short")] = None
    funding_rate: Annotated[
        Number,
        _fraction(
            _MORE_COSTS,
            "--funding-rate",
            example=0.0001,
            low=-1.0,
            shown="0",
            says="Paid by long positions, per bar.",
        ),
    ] = None
    cash_rate: Annotated[Number, _rate("--cash-rate", example=0.02, says="Earned on cash")] = None
    leverage_rate: Annotated[Number, _rate("--leverage-rate", example=0.05, says="Paid on borrowed cash")] = None
    fill: Annotated[
        Text,
        _option(
            _FILLS,
            "--fill",
            "WHEN",
            shown="open",
            says="When a decision is filled: open or close of the next bar, or same_close (optimistic: the result is"
            " marked).",
        ),
    ] = None
    rebalance_band: Annotated[
        Number,
        _fraction(
            _FILLS,
            "--rebalance-band",
            example=0.1,
            shown="never",
            says="Trade back when the exposure drifted further than this from what is wanted.",
        ),
    ] = None
    exit_unit: Annotated[
        Text,
        _option(
            _FILLS,
            "--exit-unit",
            "UNIT",
            shown="fraction",
            says="What stop_loss, take_profit and trailing_stop count: fraction (of the price) or atr (multiples of"
            " the average true range).",
        ),
    ] = None
    exit_path: Annotated[
        Text,
        _option(
            _FILLS,
            "--exit-path",
            "WHICH",
            shown="pessimistic",
            says="Which level counts when one bar touches two: pessimistic (the stop), optimistic (the profit) or"
            " nearest (to the open).",
        ),
    ] = None
    atr_window: Annotated[
        int | None,
        _option(
            _FILLS,
            "--atr-window",
            "BARS",
            read=whole("--atr-window", least=1, example=14),
            shown="14",
            says="How many bars the average true range looks at.",
        ),
    ] = None

    def given(self, noun: type[Any]) -> dict[str, Any]:
        """What was given of the fields of `Costs`, `Exits` or `Execution`."""
        named = ((field.name, self._value(field.name)) for field in fields(noun))
        return {name: value for name, value in named if value is not None}

    def _value(self, name: str) -> Any:
        return getattr(self, OPTION_NAMES.get(name, name), None)
