"""What a command works on: bars, a strategy with what is set of it, and the rules of every run."""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from autonomous_trading.interfaces.cli._assignments import Assigned, assigned
from autonomous_trading.interfaces.cli._cost_options import CostOptions
from autonomous_trading.interfaces.cli._market import MarketData, read_market
from autonomous_trading.interfaces.cli._options import MarketOptions, StrategyOptions
from autonomous_trading.interfaces.cli._tables import parameters_text

if TYPE_CHECKING:
    from autonomous_trading.backtest import Costs, Execution, Exits
    from autonomous_trading.strategies import Strategy

__all__ = ["Defaults", "Setup", "given", "prepared", "report_path"]

_SETTINGS_FILE = "autotrade.toml"
_VARIABLES = "AUTOTRADE__"
_PROVIDERS = ("alpaca", "crypto", "file", "postgres", "yahoo")  # the sections that are about providers
_EXITS = ("stop_loss", "take_profit", "trailing_stop", "max_bars_held")
_PAGES = (".html", ".htm")


@final
@dataclass(frozen=True, slots=True)
class Defaults:
    """What autotrade.toml and the environment say where the command line says nothing."""

    costs: dict[str, Any]
    exits: dict[str, Any]
    execution: dict[str, Any]
    run: dict[str, Any]
    ledger: dict[str, Any]
    data: dict[str, Any]
    providers: dict[str, dict[str, Any]]
    """The sections of providers of market data, by name."""
    sources: tuple[str, ...]
    """Where they come from: the file and the variables that said something."""

    @staticmethod
    def read() -> "Defaults":
        """The settings in force here. Raises InvalidInput for a file or a variable that says something unknown."""
        # Most people have neither file nor variables: they do not wait for the library that reads them.
        variables = sorted(name for name in os.environ if name.upper().startswith(_VARIABLES))
        file = (_SETTINGS_FILE,) if os.path.lexists(_SETTINGS_FILE) else ()
        if not variables and not file:
            return Defaults({}, {}, {}, {}, {}, {}, {}, ())
        from autonomous_trading.interfaces.settings import given as kept
        from autonomous_trading.interfaces.settings import load_settings

        settings = load_settings(Path(_SETTINGS_FILE))
        return Defaults(
            costs=kept(settings.costs),
            exits=kept(settings.exits),
            execution=kept(settings.execution),
            run=kept(settings.run),
            ledger=kept(settings.ledger),
            data=kept(settings.data),
            providers={name: kept(getattr(settings, name)) for name in _PROVIDERS},
            sources=(*file, *variables) if any(kept(section) for _, section in settings) else (),
        )


@final
@dataclass(frozen=True, slots=True)
class Setup:
    """Everything a run needs besides what to do with it."""

    market: MarketData
    strategy: "type[Strategy]"
    strategy_text: str
    assigned: Assigned
    costs: "Costs"
    exits: "Exits"
    execution: "Execution"
    run: dict[str, Any]
    ledger: dict[str, Any]
    sources: tuple[str, ...]

    @property
    def rules(self) -> "dict[str, Any]":
        """The keyword arguments that every function of the Python face takes."""
        return {"costs": self.costs, "exits": self.exits, "execution": self.execution}

    def instance(self) -> "Strategy":
        """The strategy with the values that were set, defaults elsewhere. Raises InvalidParameter."""
        self._refuse_forbidden()
        return self.strategy(**self.assigned.parameters)

    def _refuse_forbidden(self) -> None:
        """Refuse values that the constraint forbids, and say which constraint; one that has no text speaks itself."""
        from autonomous_trading.core import InvalidParameter, Space

        space, rule = self.strategy.space(), self.strategy.constraint_text()
        chosen = Space(space.parameters).choose(self.assigned.parameters)
        if rule and not space.feasible(space.table([chosen]))[0]:
            raise InvalidParameter(
                f"the constraint {rule} refuses {parameters_text(chosen, ', ')}", fix=f"choose values with {rule}"
            )


def prepared(market: MarketOptions, strategy: StrategyOptions, costs: CostOptions) -> Setup:
    """The setup that the options ask for; the cheap questions are asked first. Raises InvalidInput."""
    from autonomous_trading.adapters import strategy_named
    from autonomous_trading.backtest import Costs, Execution, Exits

    defaults = Defaults.read()
    chosen = strategy_named(strategy.strategy)
    values = assigned(chosen, strategy.assignments)
    exits = {name: value for name, value in values.settings.items() if name in _EXITS}
    sizes = {name: value for name, value in values.settings.items() if name not in _EXITS}
    return Setup(
        strategy=chosen,
        strategy_text=strategy.strategy,
        assigned=values,
        costs=Costs(**{**defaults.costs, **costs.given(Costs)}),
        exits=Exits(**{**defaults.exits, **costs.given(Exits), **exits}),
        execution=Execution(**{**defaults.execution, **costs.given(Execution), **sizes}),
        run=defaults.run,
        ledger=defaults.ledger,
        sources=defaults.sources,
        market=read_market(market, defaults.data.get("catalogue")),
    )


def given(**options: object) -> dict[str, Any]:
    """The options that were given: None means that somebody else decides."""
    return {name: value for name, value in options.items() if value is not None}


def report_path(text: str | None, option: str) -> Path | None:
    """Where a report goes, checked before any work is done. Raises InvalidInput when it could not be written."""
    from autonomous_trading.core import InvalidInput

    if text is None:
        return None
    path = Path(text)
    problem = _problem(path)
    if problem:
        raise InvalidInput(f"{option} {text}: {problem[0]}", fix=problem[1])
    return path


def _problem(path: Path) -> Sequence[str]:
    folder = path.parent
    if not path.name:
        return ("that names no file", "give it a name that ends in .html")
    if path.is_dir():
        return ("that is a folder", f"name a file in it, such as {path / 'report.html'}")
    if path.suffix.lower() not in _PAGES:
        return ("a report is an HTML page", "give it a name that ends in .html")
    if not folder.is_dir():
        return (f"the folder {folder} does not exist", f"make it first: mkdir -p {folder}")
    if path.exists() and not os.access(path, os.W_OK):
        return (f"{path} may not be written to", "choose another place")
    try:
        # Rights do not tell: /proc, a full disk and one that is mounted to be read have them too.
        with tempfile.TemporaryFile(dir=folder):
            return ()
    except OSError as error:
        return (f"nothing can be written in {folder.resolve()}: {error.strerror}", "choose another place")
