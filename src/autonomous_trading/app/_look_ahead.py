"""The guard against look-ahead: what a strategy wants must not change when later bars are taken away.

An expression cannot look ahead, whatever it is made of. Plain arrays can: `np.roll`, a mean over all bars, a scaler
fitted on all of them. So a strategy is asked again, with bars missing at the end. Where all answers are the same
expression nothing has to be computed; otherwise its target is computed on shorter and shorter markets and compared.
"""

from collections.abc import Mapping, Sequence
from typing import NoReturn

import numpy as np

from autonomous_trading.app._cuts import cuts_around, equal_but_for_rounding
from autonomous_trading.app._market import Instrument, Market
from autonomous_trading.app._warm_up import is_memory
from autonomous_trading.core import (
    MISTAKES,
    Column,
    Expression,
    ParameterTable,
    Refused,
    TradingError,
    code_of,
    evaluate,
    evaluate_static,
    time_text,
)
from autonomous_trading.features import ColumnStore, UserFunction
from autonomous_trading.strategies import Columns, ResolvedSignals, Strategy, signals_of

_FEWEST_BARS = 3
_ONE_SET = ParameterTable({}, 1)


def refuse_look_ahead(
    strategy: Strategy,
    market: Market,
    known: Sequence[ResolvedSignals | None] | None = None,
    *,
    traced: bool | None = None,
) -> None:
    """Nothing, or Refused with the bar whose target or setting changes when later bars are taken away.

    `known`: what the strategy says of each instrument, as far as it was asked already. `traced` is given for a set
    that stands for others of a search, with the same choices and booleans: only one of them is looked at. Where they
    are one expression (True) without code of a person's own, that is enough for good; otherwise the set that is
    chosen has to be looked at, too.
    """
    kind, values = type(strategy), strategy.parameters
    alike = kind, tuple((name, value) for name, value in values.items() if isinstance(value, str | bool))
    alone, sample = (kind, values), ("sample", *alike)
    if alike in market.trusted or alone in market.trusted or (traced is not None and sample in market.trusted):
        return
    pure = True
    for number, each in enumerate(market.instruments):
        if len(each.bars) >= _FEWEST_BARS:
            pure &= _check(strategy, each, None if known is None else known[number])
    market.trusted.add(alone)
    if traced is not None:
        market.trusted.add(alike if pure and traced else sample)


def _check(strategy: Strategy, instrument: Instrument, whole: ResolvedSignals | None) -> bool:
    """Whether the strategy is one and the same expression on shorter markets; Refused where it wants something else."""
    name = _name_of(strategy, instrument)
    if whole is None:
        with code_of(f"signals of {type(strategy).__name__}"):
            whole = signals_of(strategy, instrument.see)
    n_bars = len(instrument.bars)
    shorter = [_on_first(length, strategy, instrument) for length in (n_bars - 1, max(n_bars // 4, 1))]
    if all(each is not None and _same_expressions(whole, each[0]) for each in shorter):
        return True
    with code_of(f"signals of {type(strategy).__name__}"):
        target = evaluate(whole.target, instrument.store)
    for length in cuts_around(target):
        found = _on_first(length, strategy, instrument)
        if found is None:
            continue
        short, store = found
        _compare_settings(name, whole.settings, short.settings, length)
        with code_of(f"signals of {type(strategy).__name__}"):
            part = evaluate(short.target, store)
        changed = np.flatnonzero(~equal_but_for_rounding(target[:length], part))
        if len(changed):
            row = int(changed[0])
            bar = f"{name} at bar {row} ({time_text(int(instrument.bars.time[row]))})"
            _refuse(bar, f"{target[row]:g}", f"{part[row]:g}", length)
    return False


def _name_of(strategy: Strategy, instrument: Instrument) -> str:
    symbol = instrument.bars.symbol
    return f"{type(strategy).__name__} on {symbol}" if symbol else type(strategy).__name__


def _on_first(length: int, strategy: Strategy, instrument: Instrument) -> tuple[ResolvedSignals, ColumnStore] | None:
    """What the strategy says when the market has only its first bars; None where it needs more of them.

    Refused where one bar less is too few: then nothing can be said about it.
    """
    store = ColumnStore(instrument.bars[:length])
    try:
        return signals_of(strategy, Columns(store)), store
    except MISTAKES as error:
        n_bars = len(instrument.bars)
        if length < n_bars - 1:
            return None
        said = error.what if isinstance(error, TradingError) else f"{type(error).__name__}: {error}"
        raise Refused(
            f"{_name_of(strategy, instrument)} cannot be checked for look-ahead: with the first {length:,} of"
            f" {n_bars:,} bars its signals fail: {said}",
            fix="compute them from what `see` shows, for any number of bars; at.simulate takes a finished array",
        ) from error


def _same_expressions(whole: ResolvedSignals, short: ResolvedSignals) -> bool:
    """Whether both answers are one expression without code of a person's own in it."""
    pairs: list[tuple[Expression, object]] = [(whole.target, short.target)]
    pairs += [(value, short.settings.get(name)) for name, value in whole.settings.items()]
    return all(left.same(right) for left, right in pairs) and not _holds_own_code(whole.target)


def _holds_own_code(expression: Expression) -> bool:
    nodes: list[object] = [expression]
    seen: set[int] = set()
    while nodes:
        node = nodes.pop()
        if not isinstance(node, Expression) or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Column) and isinstance(node.name, UserFunction) and not is_memory(node):
            return True
        nodes.extend(node.children)
    return False


def _compare_settings(name: str, whole: Mapping[str, Expression], short: Mapping[str, Expression], length: int) -> None:
    for setting, value in whole.items():
        if setting not in short:
            _refuse(f"{setting} of {name}", "given", "missing", length)
        full, part = (float(evaluate_static(each, _ONE_SET)[0]) for each in (value, short[setting]))
        if not equal_but_for_rounding(np.array([full]), np.array([part]))[0]:
            _refuse(f"{setting} of {name}", f"{full:g}", f"{part:g}", length)


def _refuse(what: str, full: str, part: str, length: int) -> NoReturn:
    raise Refused(
        f"look-ahead: {what} is {full} with all bars, but {part} when the market ends before bar {length}",
        fix="use only what was known at each bar (shifts, rolling windows), and give the same answer twice",
    )
