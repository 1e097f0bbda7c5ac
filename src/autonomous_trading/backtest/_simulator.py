"""Run many parameter sets through the kernel: the market prepared once, the sets spread over threads, state carried."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import final

import numpy as np

from autonomous_trading.backtest._interpreter import linked
from autonomous_trading.backtest._lanes import finish_lanes, simulate_lanes
from autonomous_trading.backtest._layout import BLOCK, LANES, TRADE_FIELDS, TRADES, Code, Options, Scene, Scratch
from autonomous_trading.backtest._market import market_table
from autonomous_trading.backtest._portfolio import finish_accounts, simulate_accounts
from autonomous_trading.backtest._renewal import renew_exits
from autonomous_trading.backtest._runs import Curves, Request, RunResult, RunState, SetOptions, Statistics
from autonomous_trading.backtest._settings import FILLS, PATHS, Costs, Execution, Exits
from autonomous_trading.backtest._state import accounts_of, flat_state, forget_last_bar, groups_for, write_options
from autonomous_trading.core import Bars, BoundProgram, FloatArray, InvalidInput, Panel

_USUAL_TRADES = 1024


@final
@dataclass(frozen=True, eq=False)
class Simulator:
    """One market with its costs and rules, ready to run parameter sets.

    bars: one instrument, or a Panel of several that share one account. atr and sigma (average true range in price
    units, volatility per bar as a fraction; [n] or [instruments, n]) are needed only by exits in ATR units and by
    slippage_atr or impact. Raises InvalidInput where a needed column is missing or has another length.
    """

    bars: Bars | Panel
    costs: Costs = field(default_factory=Costs)
    exits: Exits = field(default_factory=Exits)
    execution: Execution = field(default_factory=Execution)
    atr: FloatArray | None = None
    sigma: FloatArray | None = None
    _table: FloatArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        needs_atr = self.exits.unit == "atr" or self.costs.slippage_atr != 0.0
        if needs_atr and self.atr is None:
            raise InvalidInput("exits or slippage in ATR units need the ATR column", fix="pass atr= one value per bar")
        if self.costs.impact != 0.0 and self.sigma is None:
            raise InvalidInput("impact needs the volatility column", fix="pass sigma= one value per bar")
        object.__setattr__(self, "_table", market_table(self.bars, self.costs, self.atr, self.sigma))

    @staticmethod
    def on(table: FloatArray, bars: Bars | Panel, costs: Costs, exits: Exits, execution: Execution) -> Simulator:
        """A simulator on the `table` of an equal one: nothing is computed or copied, so processes can share it."""
        made = object.__new__(Simulator)
        settings = {"bars": bars, "costs": costs, "exits": exits, "execution": execution, "atr": None, "sigma": None}
        for name, value in {**settings, "_table": table}.items():
            object.__setattr__(made, name, value)
        return made

    @property
    def table(self) -> FloatArray:
        """The market as the kernel reads it, [instruments, fields, bars]: for `on`, not to be written to."""
        return self._table

    @property
    def instruments(self) -> int:
        """How many instruments share the account."""
        return len(self.bars.symbols) if isinstance(self.bars, Panel) else 1

    @property
    def slots(self) -> dict[int, int]:
        """Number of the instrument by what the log of trades calls it."""
        return {number: number for number in range(self.instruments)}

    def run(
        self,
        programs: Sequence[BoundProgram],
        sets: SetOptions,
        start: int,
        stop: int,
        *,
        request: Request | None = None,
        state: RunState | None = None,
    ) -> RunResult:
        """Run every set over bars start .. stop - 1 and get its statistics; `programs` holds one per instrument.

        With `state` the run goes on where that one stopped (start must be its stop): cutting changes no bit. Raises
        InvalidInput where programs, sets, bars and state do not fit together.
        """
        request = request or Request()
        n_sets = len(sets.leverage)
        self._check(programs, n_sets, (start, stop), state)
        before = flat_state(n_sets, self.instruments, self.execution.initial_cash) if state is None else state.values
        begin = start if state is None else state.start
        shape = (n_sets if request.curves else 0, 2 + self.instruments, stop - start)
        job = _Job(_joined(programs), (begin, start, stop), np.empty(shape), request.threads)
        room = _USUAL_TRADES if request.trades else 0
        while True:
            scene = Scene(self._bars_of_kernel, self.costs.terms(), self._options(request, sets), _log(room))
            after = before.copy()
            write_options(after, sets, self.instruments)
            if state is not None:
                renew_exits(before, after, start, Scene(self._table, scene.costs, scene.options, scene.log))
            self._simulate(job, after, scene)
            forget_last_bar(after)
            final = self._finished(after, stop - 1, scene)
            trades = int(final[TRADES])
            if not request.trades or trades <= room:
                break
            room = trades  # more than there was room for: once more from the start, which gives the same trades
        years = (stop - begin) / self.bars.bars_per_year
        accounts = accounts_of(final, n_sets, self.instruments)
        cash = self.execution.initial_cash
        return RunResult(
            Statistics(accounts, stop - begin, years, cash, self.instruments, request.extended),
            RunState(after, begin, stop, n_sets, self.instruments),
            Curves(job.curves[:, 0], job.curves[:, 1], job.curves[:, 2:]) if request.curves else None,
            scene.log[:trades] if request.trades else None,
        )

    @property
    def _bars_of_kernel(self) -> FloatArray:
        return self._table[0] if self.instruments == 1 else self._table

    def _options(self, request: Request, sets: SetOptions) -> Options:
        band = self.execution.rebalance_band
        return Options(
            fill=FILLS.index(self.execution.fill),
            path=PATHS.index(self.exits.path),
            atr_units=self.exits.unit == "atr",
            band=math.inf if band is None else float(band),
            extended=request.extended,
            financing=self.costs.finances,
            trailing=bool(np.any(~np.isnan(sets.trailing_stop))),
        )

    def _check(
        self, programs: Sequence[BoundProgram], n_sets: int, span: tuple[int, int], state: RunState | None
    ) -> None:
        n_bars = len(self.bars)
        if not 0 <= span[0] < span[1] <= n_bars:
            raise InvalidInput(f"no bars from {span[0]} to {span[1]} of {n_bars}", fix="use 0 <= start < stop <= bars")
        if n_sets == 0:
            raise InvalidInput("there is no parameter set to run", fix="give at least one")
        if len(programs) != self.instruments:
            raise InvalidInput(
                f"{len(programs)} program(s) for {self.instruments} instrument(s)",
                fix="give one program per instrument",
            )
        for program in programs:
            shape = (len(program.rows), program.matrix.shape[1])
            if shape != (n_sets, n_bars):
                raise InvalidInput(
                    f"a program for {shape[0]} sets on {shape[1]} bars cannot run {n_sets} sets on {n_bars} bars",
                    fix="bind it to the same table and the same market",
                )
        if state is not None and state.stop != span[0]:
            raise InvalidInput(
                f"the run stopped before bar {state.stop}, it cannot go on from {span[0]}", fix="start where it stopped"
            )
        if state is not None and (state.n_sets, state.instruments) != (n_sets, self.instruments):
            raise InvalidInput(
                f"the state holds {state.n_sets} set(s) on {state.instruments} instrument(s), the run"
                f" {n_sets} on {self.instruments}",
                fix="go on with the sets and the instruments it was made with",
            )

    def _simulate(self, job: _Job, state: FloatArray, scene: Scene) -> None:
        if self.instruments == 1:

            def work(low: int, high: int) -> None:
                code = job.programs[0]
                simulate_lanes((low, high), job.span, code, state, scene, job.curves, _scratch_for(code, 1))

            _in_threads(work, groups_for(len(job.programs[0].rows), 1), job.threads)
            return

        def work_accounts(low: int, high: int) -> None:
            scratch = _scratch_for(job.programs[0], self.instruments)
            simulate_accounts((low, high), job.span, job.programs, state, scene, job.curves, scratch)

        _in_threads(work_accounts, len(job.programs[0].rows), job.threads)

    def _finished(self, state: FloatArray, last: int, scene: Scene) -> FloatArray:
        """A copy of the state in which open positions are counted as trades."""
        final = state.copy()
        finish = finish_lanes if self.instruments == 1 else finish_accounts
        finish(final, last, scene)
        return final


@final
@dataclass(frozen=True, slots=True)
class _Job:
    """What all threads of a run share: code and columns of all instruments, bars, room for curves."""

    programs: tuple[Code, FloatArray]
    span: tuple[int, int, int]
    curves: FloatArray
    threads: int


def _joined(programs: Sequence[BoundProgram]) -> tuple[Code, FloatArray]:
    """The code of all programs, which is the same, and their columns [instruments, rows, bars]."""
    first = programs[0]
    for other in programs[1:]:
        same = np.array_equal(other.code, first.code) and np.array_equal(other.rows, first.rows)
        if not same or not np.array_equal(other.scalars, first.scalars, equal_nan=True):
            raise InvalidInput(
                "the programs of the instruments differ in more than their columns",
                fix="bind one program to the columns of each instrument",
            )
    if len(programs) == 1:
        return linked(first), np.empty((0, 0, 0))
    return linked(first), np.stack([program.matrix for program in programs])


def _log(room: int) -> FloatArray:
    """Room for so many trades."""
    return np.zeros((room, TRADE_FIELDS))


def _scratch_for(code: Code, instruments: int) -> Scratch:
    """Room for one thread; what it holds before means nothing."""
    return Scratch(
        np.empty((code.registers, BLOCK + code.halo)),
        np.empty((max(LANES, instruments), BLOCK)),
        np.zeros(BLOCK, dtype=np.int32),
        np.zeros(BLOCK, dtype=np.int32),
        np.zeros(instruments, dtype=np.int64),
    )


def _in_threads(work: Callable[[int, int], None], units: int, threads: int) -> None:
    """Call work(low, high) on parts of range(units), the calling thread as one of the threads.

    Whoever is free takes the next part. Parts shrink towards the end, so that the threads finish together.
    """
    parts = iter(_parts(units, threads))
    taking, stopped = threading.Lock(), threading.Event()

    def take_parts() -> None:
        while not stopped.is_set():
            with taking:
                part = next(parts, None)
            if part is None:
                return
            try:
                work(*part)
            except BaseException:
                stopped.set()  # no thread begins another part
                raise

    others = min(threads, units) - 1
    if others <= 0:
        take_parts()
        return
    with ThreadPoolExecutor(others) as pool:
        waiting = [pool.submit(take_parts) for _ in range(others)]
        take_parts()
        for each in waiting:
            each.result()


def _parts(units: int, threads: int) -> Iterator[tuple[int, int]]:
    """Cuts of range(units): each a share of what is left, so that calls are few and the last ones are short."""
    low = 0
    while low < units:
        high = units if threads <= 1 else low + max(1, (units - low) // (2 * threads))
        yield low, high
        low = high
