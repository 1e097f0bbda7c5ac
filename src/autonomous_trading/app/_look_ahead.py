"""The guard against look-ahead: what a strategy wants must not change when later bars are taken away.

An expression cannot look ahead, whatever it is made of. Plain arrays can: `np.roll`, a mean over all bars, a scaler
fitted on all of them. So a strategy is asked twice, once with the last bar missing. Where both answers are the same
expression nothing has to be computed; otherwise its target is computed on shorter and shorter markets and compared.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NoReturn

import numpy as np

from autonomous_trading.app._market import Instrument, Market
from autonomous_trading.app._warm_up import is_memory
from autonomous_trading.core import (
    MISTAKES,
    BoolArray,
    Column,
    Expression,
    FloatArray,
    ParameterTable,
    Refused,
    code_of,
    evaluate,
    evaluate_static,
)
from autonomous_trading.features import ColumnStore, UserFunction
from autonomous_trading.strategies import Columns, ResolvedSignals, Strategy, signals_of

_FEWEST_BARS = 3
_TURNS = 3  # changes of the target at whose bars the market is cut
_ROUNDING = 1e-9
_ONE_SET = ParameterTable({}, 1)


def refuse_look_ahead(
    strategy: Strategy, market: Market, known: Sequence[ResolvedSignals | None] | None = None
) -> None:
    """Nothing, or Refused with the bar whose target or setting changes when later bars are taken away.

    `known`: what the strategy says of each instrument, as far as it was asked already.

    Once for each strategy class and its choices and booleans on one market: numbers rarely decide which code runs.
    """
    key = type(strategy), tuple((name, value) for name, value in strategy.parameters.items() if _chooses(value))
    if key in market.trusted:
        return
    for number, each in enumerate(market.instruments):
        if len(each.bars) >= _FEWEST_BARS:
            _check(strategy, each, None if known is None else known[number])
    market.trusted.add(key)


def _chooses(value: object) -> bool:
    return isinstance(value, str | bool)


def _check(strategy: Strategy, instrument: Instrument, whole: ResolvedSignals | None) -> None:
    name = type(strategy).__name__
    if whole is None:
        with code_of(f"signals of {name}"):
            whole = signals_of(strategy, instrument.see)
    n_bars = len(instrument.bars)
    short, _ = _on_first(n_bars - 1, strategy, instrument)
    if _same_expressions(whole, short):
        return
    with code_of(f"signals of {name}"):
        target = evaluate(whole.target, instrument.store)
    for length in _cuts(target):
        short, store = _on_first(length, strategy, instrument)
        _compare_settings(name, whole.settings, short.settings, length)
        with code_of(f"signals of {name}"):
            part = evaluate(short.target, store)
        changed = np.flatnonzero(~_equal(target[:length], part))
        if len(changed):
            row = int(changed[0])
            _refuse(f"{name} at bar {row}", f"{target[row]:g}", f"{part[row]:g}", length)


def _on_first(length: int, strategy: Strategy, instrument: Instrument) -> tuple[ResolvedSignals, ColumnStore]:
    """What the strategy says when the market has only its first bars. Refused where it cannot say anything."""
    store = ColumnStore(instrument.bars[:length])
    try:
        return signals_of(strategy, Columns(store)), store
    except MISTAKES as error:
        raise Refused(
            f"{type(strategy).__name__} cannot be checked for look-ahead: with the first {length:,} of"
            f" {len(instrument.bars):,} bars its signals fail with {type(error).__name__}: {error}",
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


def _cuts(target: FloatArray) -> Iterator[int]:
    """Lengths to cut a market to, the longest first: around the last turns of the target, and at half of the bars.

    Around turns, because a wrong last value hides where the target stands still.
    """
    n_bars = len(target)
    turns = np.flatnonzero(~_equal(target[1:], target[:-1]))[-_TURNS:] + 1
    lengths = {n_bars - 1, max(n_bars // 2, 1), *(turns + 1).tolist(), *turns.tolist()}
    return iter(sorted((length for length in lengths if 0 < length < n_bars), reverse=True))


def _equal(left: FloatArray, right: FloatArray) -> BoolArray:
    """Equal but for rounding: a sum over a longer array may be added up in another order."""
    equal: BoolArray = np.isclose(left, right, rtol=_ROUNDING, atol=_ROUNDING, equal_nan=True)
    return equal


def _compare_settings(name: str, whole: Mapping[str, Expression], short: Mapping[str, Expression], length: int) -> None:
    for setting, value in whole.items():
        if setting not in short:
            _refuse(f"{setting} of {name}", "given", "missing", length)
        full, part = (float(evaluate_static(each, _ONE_SET)[0]) for each in (value, short[setting]))
        if not _equal(np.array([full]), np.array([part]))[0]:
            _refuse(f"{setting} of {name}", f"{full:g}", f"{part:g}", length)


def _refuse(what: str, full: str, part: str, length: int) -> NoReturn:
    raise Refused(
        f"look-ahead: {what} is {full} with all bars, but {part} when the market ends before bar {length}",
        fix="use only what was known at each bar: see.close.shift(1), rolling windows, see.custom without later bars",
    )
