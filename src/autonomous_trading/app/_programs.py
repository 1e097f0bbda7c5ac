"""From a strategy and a batch of parameter sets to programs the kernel runs: traced once, or computed set by set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from autonomous_trading.app._look_ahead import refuse_look_ahead
from autonomous_trading.app._market import Market
from autonomous_trading.core import (
    BoundProgram,
    Expression,
    FloatArray,
    IntArray,
    InvalidInput,
    ParameterTable,
    Program,
    bind,
    code_of,
    compile_expression,
    distinct_columns,
    evaluate,
    evaluate_static,
)
from autonomous_trading.strategies import ResolvedSignals, Strategy, TracedGroup, signals_of, trace_signals

COLUMN_BUDGET = 256 * 2**20
_OFF_WHEN_ZERO = ("stop_loss", "take_profit", "trailing_stop", "max_bars_held")
_ONE_SET = ParameterTable({}, 1)


@final
@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a table, ready to run: one program per instrument, and the settings the strategy decides."""

    rows: IntArray
    programs: list[BoundProgram]
    settings: Mapping[str, FloatArray]

    def take(self, rows: slice | IntArray) -> Batch:
        """Some rows of the batch, by their places in it, on the same columns."""
        programs = [
            BoundProgram(
                code=program.code,
                n_registers=program.n_registers,
                result=program.result,
                is_condition=program.is_condition,
                halo=program.halo,
                rows=np.ascontiguousarray(program.rows[rows]),
                scalars=np.ascontiguousarray(program.scalars[rows]),
                matrix=program.matrix,
            )
            for program in self.programs
        ]
        return Batch(self.rows[rows], programs, {name: values[rows] for name, values in self.settings.items()})


@final
@dataclass(frozen=True, slots=True)
class _Form:
    """One form of a strategy on every instrument, compiled."""

    signals: tuple[ResolvedSignals, ...]
    programs: tuple[Program, ...]


@final
@dataclass(frozen=True, slots=True)
class _Plain:
    """What one strategy with plain numbers wants: targets [instruments, bars] and its settings."""

    targets: FloatArray
    settings: Mapping[str, FloatArray]


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
    """Every row of the table once, in batches whose columns fit in memory. Refused where signals look ahead."""
    traces = [_traces(strategy, table, market, number) for number in range(len(market.instruments))]
    for number, group in enumerate(traces[0]):
        first = strategy.holding(table.row(int(group.rows[0])))
        traced = all(trace[number].signals is not None for trace in traces)
        refuse_look_ahead(first, market, [trace[number].alone for trace in traces], traced=traced)
        found = [trace[number].signals for trace in traces]
        form = _compiled([each for each in found if each is not None]) if None not in found else None
        if form is not None and market.one_clock:
            yield from _traced(strategy, form, table, group.rows, market)
        else:
            yield from _untraced(strategy, table, group.rows, market)


def batch_of(strategy: Strategy, market: Market) -> Batch:
    """One strategy with plain numbers, ready to run: the very instance is asked what it wants. Refused as above."""
    refuse_look_ahead(strategy, market)
    plain = _plain(strategy, market)
    return Batch(np.zeros(1, dtype=np.int64), [direct_program(row[None, :]) for row in plain.targets], plain.settings)


def _traces(strategy: type[Strategy], table: ParameterTable, market: Market, number: int) -> Sequence[TracedGroup]:
    with code_of(f"signals of {strategy.__name__}"):
        return trace_signals(strategy, table, market.instruments[number].see)


def _compiled(signals: list[ResolvedSignals]) -> _Form | None:
    """The compiled form, or None when instruments differ in more than their columns."""
    programs = tuple(compile_expression(each.target) for each in signals)
    if any(not _same_program(each, programs[0]) for each in programs[1:]):
        return None
    return _Form(tuple(signals), programs)


def _same_program(one: Program, other: Program) -> bool:
    """Whether two programs differ in their columns at most: a number may have been made from one instrument's bars."""
    same_code = np.array_equal(one.code, other.code) and len(one.scalars) == len(other.scalars)
    return same_code and all(left.same(right) for left, right in zip(one.scalars, other.scalars, strict=True))


def _traced(
    strategy: type[Strategy], form: _Form, table: ParameterTable, rows: IntArray, market: Market
) -> Iterator[Batch]:
    part = table if len(rows) == len(table) else table.take(rows)
    if len(rows) > 1 and not _fits(form.programs[0], part, market):
        half = len(rows) // 2
        yield from _traced(strategy, form, table, rows[:half], market)
        yield from _traced(strategy, form, table, rows[half:], market)
        return
    with code_of(f"a column of {strategy.__name__}"):
        pairs = zip(form.programs, market.instruments, strict=True)
        programs = [bind(program, part, each.store) for program, each in pairs]
    settings = [_settings(strategy, signals, part) for signals in form.signals]
    yield Batch(rows, programs, _common(strategy, settings, market))


def _fits(program: Program, part: ParameterTable, market: Market) -> bool:
    """Whether the columns of these sets stay within the budget; looked at closely only where they might not."""
    column = market.n_bars * 8 * len(market.instruments)
    if len(part) * len(program.leaves) * column <= COLUMN_BUDGET:
        return True
    return distinct_columns(program, part) * column <= COLUMN_BUDGET


def _settings(strategy: type[Strategy], signals: ResolvedSignals, part: ParameterTable) -> dict[str, FloatArray]:
    return {
        name: _per_set(f"{name} of {strategy.__name__}", name, value, part) for name, value in signals.settings.items()
    }


def _per_set(what: str, name: str, value: Expression, part: ParameterTable) -> FloatArray:
    """One number per set; an exit of 0 or less means that there is none, a size must mean something."""
    values = np.array(evaluate_static(value, part), dtype=np.float64)
    if name in _OFF_WHEN_ZERO:
        values[~(values > 0.0)] = np.nan
        return values
    wrong = values[~(np.isfinite(values) & (values >= 0.0))]
    if len(wrong):
        raise InvalidInput(
            f"{what} must be a finite number of at least 0; got {wrong[0]:g}",
            fix="bound it below by 0: the sign of the target says long or short",
        )
    return values


def _untraced(strategy: type[Strategy], table: ParameterTable, rows: IntArray, market: Market) -> Iterator[Batch]:
    """Sets whose signals need plain numbers: one evaluation per set, a bounded number of them at a time."""
    # Targets are held twice for a moment: set by set, and side by side for the kernel.
    step = max(1, COLUMN_BUDGET // (2 * market.n_bars * 8 * len(market.instruments)))
    for start in range(0, len(rows), step):
        chosen = rows[start : start + step]
        plains = [_plain(strategy.holding(table.row(int(row))), market) for row in chosen]
        for names in dict.fromkeys(tuple(each.settings) for each in plains):
            alike = [position for position, each in enumerate(plains) if tuple(each.settings) == names]
            yield _together(chosen[alike], [plains[position] for position in alike], names)


def _together(rows: IntArray, plains: Sequence[_Plain], names: Sequence[str]) -> Batch:
    """Sets that decide the same settings, as one batch."""
    targets = np.stack([each.targets for each in plains], axis=1)
    settings = {name: np.concatenate([each.settings[name] for each in plains]) for name in names}
    return Batch(rows, [direct_program(each) for each in targets], settings)


def _plain(strategy: Strategy, market: Market) -> _Plain:
    name = type(strategy).__name__
    targets = np.empty((len(market.instruments), market.n_bars))
    settings: list[Mapping[str, FloatArray]] = []
    for number, each in enumerate(market.instruments):
        with code_of(f"signals of {name}"):
            signals = signals_of(strategy, each.see)
            values = evaluate(signals.target, each.store)
        targets[number] = market.on_clock(number, values)
        settings.append(_settings(type(strategy), signals, _ONE_SET))
    return _Plain(targets, _common(type(strategy), settings, market))


def _common(
    strategy: type[Strategy], settings: Sequence[Mapping[str, FloatArray]], market: Market
) -> Mapping[str, FloatArray]:
    """The settings of all instruments, which share one account and one set of rules. InvalidInput where they differ."""
    first = settings[0]
    for number, other in enumerate(settings[1:], start=1):
        for name in dict.fromkeys((*first, *other)):
            if name in first and name in other and np.array_equal(first[name], other[name], equal_nan=True):
                continue
            values = [f"{each[name][0]:g}" if name in each else "not given" for each in (first, other)]
            raise InvalidInput(
                f"{name} of {strategy.__name__} is {values[0]} for {market.symbols[0]} and {values[1]} for"
                f" {market.symbols[number]}: instruments on one account share their exits and sizes",
                fix='give one number for all; at.Exits(unit="atr") measures exits in the range of each instrument',
            )
    return first
