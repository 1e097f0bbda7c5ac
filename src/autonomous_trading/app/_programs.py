"""From a strategy and a batch of parameter sets to programs the kernel runs: traced once, or computed set by set."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import final

import numpy as np

from autonomous_trading.app._market import Market
from autonomous_trading.core import (
    BoundProgram,
    Expression,
    FloatArray,
    IntArray,
    ParameterTable,
    Program,
    bind,
    compile_expression,
    distinct_columns,
    evaluate,
    evaluate_static,
)
from autonomous_trading.strategies import ResolvedSignals, Strategy, signals_of, trace_signals

COLUMN_BUDGET = 256 * 2**20
_OFF_WHEN_ZERO = ("stop_loss", "take_profit", "trailing_stop", "max_bars_held")


@final
@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a table, ready to run: one program per instrument, and the settings the strategy decides."""

    rows: IntArray
    programs: list[BoundProgram]
    settings: Mapping[str, FloatArray]


@final
@dataclass(frozen=True, slots=True)
class _Form:
    """One form of a strategy on every instrument, compiled."""

    signals: tuple[ResolvedSignals, ...]
    programs: tuple[Program, ...]


def direct_program(targets: FloatArray) -> BoundProgram:
    """The program that reads target exposures [n_sets, n_bars] as they are."""
    return BoundProgram(
        code=np.zeros((1, 5), dtype=np.int64),
        n_registers=1,
        result=0,
        is_condition=False,
        halo=0,
        rows=np.arange(len(targets), dtype=np.int64)[:, None],
        scalars=np.empty((len(targets), 0)),
        matrix=np.ascontiguousarray(targets, dtype=np.float64),
    )


def batches(strategy: type[Strategy], table: ParameterTable, market: Market) -> Iterator[Batch]:
    """Every row of the table once, in batches whose columns fit in memory."""
    sees = [each.see for each in market.instruments]
    traces = [trace_signals(strategy, table, see) for see in sees]
    for number, group in enumerate(traces[0]):
        found = [trace[number].signals for trace in traces]
        form = _compiled([each for each in found if each is not None]) if None not in found else None
        if form is not None and market.one_clock:
            yield from _traced(form, table, group.rows, market)
        else:
            yield from _untraced(strategy, table, group.rows, market)


def _compiled(signals: list[ResolvedSignals]) -> _Form | None:
    """The compiled form, or None when instruments differ in more than their columns."""
    programs = tuple(compile_expression(each.target) for each in signals)
    if any(not np.array_equal(each.code, programs[0].code) for each in programs[1:]):
        return None
    return _Form(tuple(signals), programs)


def _traced(form: _Form, table: ParameterTable, rows: IntArray, market: Market) -> Iterator[Batch]:
    part = table.take(rows)
    size = distinct_columns(form.programs[0], part) * market.n_bars * 8 * len(market.instruments)
    if size > COLUMN_BUDGET and len(rows) > 1:
        half = len(rows) // 2
        yield from _traced(form, table, rows[:half], market)
        yield from _traced(form, table, rows[half:], market)
        return
    pairs = zip(form.programs, market.instruments, strict=True)
    yield Batch(rows, [bind(program, part, each.store) for program, each in pairs], _settings(form.signals[0], part))


def _settings(signals: ResolvedSignals, part: ParameterTable) -> dict[str, FloatArray]:
    return {name: _per_set(name, value, part) for name, value in signals.settings.items()}


def _per_set(name: str, value: Expression, part: ParameterTable) -> FloatArray:
    """One number per set; an exit of 0 or less means that there is none."""
    values = np.array(evaluate_static(value, part), dtype=np.float64)
    if name in _OFF_WHEN_ZERO:
        values[~(values > 0.0)] = np.nan
    return values


def _untraced(strategy: type[Strategy], table: ParameterTable, rows: IntArray, market: Market) -> Iterator[Batch]:
    """Sets whose signals need plain numbers: one evaluation per set, a bounded number of them at a time."""
    step = max(1, COLUMN_BUDGET // (market.n_bars * 8 * len(market.instruments)))
    for start in range(0, len(rows), step):
        chosen = rows[start : start + step]
        targets = np.empty((len(market.instruments), len(chosen), market.n_bars))
        settings: list[Mapping[str, FloatArray]] = []
        for position, row in enumerate(chosen):
            part = table.take([int(row)])
            instance = strategy.holding(part.row(0))
            for number, each in enumerate(market.instruments):
                signals = signals_of(instance, each.see)
                values = evaluate(signals.target, each.store, part.row(0))
                targets[number, position] = market.on_clock(number, values)
                if number == 0:
                    settings.append(_settings(signals, part))
        columns = {name: np.concatenate([each[name] for each in settings]) for name in settings[0]}
        yield Batch(chosen, [direct_program(each) for each in targets], columns)
