"""The door to the checks for look-ahead: a strategy, a column or a function, and data as anywhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from autonomous_trading.app import Market
from autonomous_trading.app.evidence import CausalityReport, check_columns, check_strategy
from autonomous_trading.core import Bars, Expression, FloatArray, InvalidInput, code_of, evaluate, unknown_name
from autonomous_trading.features import CatalogueEntry, ColumnStore, catalogue, column_names, find
from autonomous_trading.interfaces.python._checks import mapping, whole
from autonomous_trading.interfaces.python._formulas import formula_values
from autonomous_trading.interfaces.python._inputs import market_of, strategy_class, strategy_instance
from autonomous_trading.strategies import STRATEGIES, Strategy

_GIVEN = "day_of_week + 2"  # stands for a series that an indicator cannot do without: whole numbers that vary


def check(
    subject: object, data: object, *, parameters: Mapping[str, Any] | None = None, seed: int = 0
) -> CausalityReport:
    """Whether a strategy or a column looks ahead, and how long it depends on where the history begins.

    subject: a strategy (name, class or instance); a column as a name of the catalogue or as a formula such as
    "sma(20) / close"; an expression; or a function of bars that gives one array or several. With several instruments
    a function gets the bars by symbol and gives arrays by symbol. data: as for `backtest`. parameters: values of a
    strategy's parameters. The answer has `clean`, `leaks`, `notes`, `to_dict()`; printed it is one line per finding.
    Raises InvalidInput, and Refused where nothing can be said.
    """
    values, chosen = mapping("parameters", parameters, '{"fast": 20}'), whole("seed", seed)
    if _is_strategy(subject):
        return check_strategy(_with_values(subject, values), market_of(data), seed=chosen)
    if values:
        raise InvalidInput("parameters belong to a strategy, and this is none", fix="write the numbers into the column")
    name, function = _column(subject)
    market = market_of(data)
    bars = {each.bars.symbol: each.bars for each in market.instruments}
    if len(bars) == 1:
        return check_columns(function, next(iter(bars.values())), seed=chosen, name=name)
    several = function if _is_function(subject) else _for_each(function)
    return check_columns(several, bars, seed=chosen, name=name)


def check_library(data: object, *, seed: int = 0) -> Iterator[CausalityReport]:
    """Every strategy of the library with its defaults, then every column of the catalogue with its, one by one."""
    market, chosen = market_of(data), whole("seed", seed)
    for strategy in STRATEGIES.values():
        yield check_strategy(strategy(), market, seed=chosen)
    for entry in catalogue():
        yield _checked_entry(entry, market, chosen)


def _checked_entry(entry: CatalogueEntry, market: Market, seed: int) -> CausalityReport:
    """A column on the first instrument: none of them sees another."""
    return check_columns(_outputs_of(entry), market.instruments[0].bars, seed=seed, name=entry.name)


def _is_strategy(subject: object) -> bool:
    named = isinstance(subject, str) and subject in STRATEGIES
    return named or isinstance(subject, Strategy) or (isinstance(subject, type) and issubclass(subject, Strategy))


def _is_function(subject: object) -> bool:
    return callable(subject) and not isinstance(subject, Expression)


def _with_values(subject: object, values: Mapping[str, Any]) -> Strategy:
    if not values:
        return strategy_instance(subject)
    chosen = strategy_class(subject)
    given = dict(subject.parameters) if isinstance(subject, Strategy) else {}
    with code_of(f"{chosen.__name__}()"):
        return chosen(**{**given, **values})


def _column(subject: object) -> tuple[str, Callable[[Any], Any]]:
    """What the column is called, and the function of bars it is."""
    if isinstance(subject, Expression):
        if subject.parameters:
            raise InvalidInput(
                f"{subject!s} has parameters without values", fix="pass the strategy it belongs to, or plain numbers"
            )
        return str(subject), lambda bars: evaluate(subject, ColumnStore(bars))
    if isinstance(subject, str):
        if subject in column_names():
            return subject, _outputs_of(find(subject))
        if subject.isidentifier():
            raise unknown_name("strategy or column", subject, (*STRATEGIES, *column_names()))
        return subject, _formula_of(subject)
    if callable(subject):
        return getattr(subject, "__name__", "function").strip("<>"), subject
    raise InvalidInput(
        f"what is checked is a strategy, a column or a function of bars; got {subject!r}",
        fix='pass a name such as "ma_cross", a formula such as "sma(20) / close", or a function',
    )


def _formula_of(text: str) -> Callable[[Bars], FloatArray]:
    def column(bars: Bars) -> FloatArray:
        return formula_values(text, ColumnStore(bars))

    return column


def _outputs_of(entry: CatalogueEntry) -> Callable[[Bars], Any]:
    """All outputs of a column with its default arguments, by name where there are several."""

    def column(bars: Bars) -> Any:
        store = ColumnStore(bars)
        inputs = None
        if any(not each.default for each in entry.inputs):
            given = formula_values(_GIVEN, store)
            inputs = tuple(store.column(each.default) if each.default else given for each in entry.inputs)
        if not entry.outputs:
            return store.column(entry.name, (), inputs)
        return {output: store.column(entry.name, (), inputs, output) for output in entry.outputs}

    return column


def _for_each(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda bars: {symbol: function(each) for symbol, each in bars.items()}
