"""Run many parameter sets through the kernel: prepares the market once, spreads the sets over threads, carries state."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import final

import numpy as np

from autonomous_trading.backtest import _layout as layout
from autonomous_trading.backtest._lanes import finish_lanes, simulate_lanes
from autonomous_trading.backtest._layout import GROUP, LANES, Code, Options, Scene
from autonomous_trading.backtest._portfolio import finish_accounts, simulate_accounts
from autonomous_trading.backtest._settings import FILLS, PATHS, Costs, Execution, Exits
from autonomous_trading.core import Bars, BoundProgram, FloatArray, InvalidInput, Panel

YEAR_NS = 365.0 * 86_400e9
DAY_NS = 86_400e9
_EMPTY_LOG = np.empty((0, 0, layout.TRADE_FIELDS))
_EMPTY_CURVES = np.empty((0, 3, 0))


@final
@dataclass(frozen=True, slots=True)
class SetOptions:
    """Exits and sizes of every parameter set: arrays [n_sets]; NaN stands for "no such exit"."""

    stop_loss: FloatArray
    take_profit: FloatArray
    trailing_stop: FloatArray
    max_bars_held: FloatArray
    position_size: FloatArray
    leverage: FloatArray

    @staticmethod
    def of(
        n: int, exits: Exits, execution: Execution, overrides: Mapping[str, FloatArray] | None = None
    ) -> SetOptions:
        """The same exits and sizes for n sets, with columns of `overrides` where a parameter decides."""
        defaults = {
            "stop_loss": exits.stop_loss,
            "take_profit": exits.take_profit,
            "trailing_stop": exits.trailing_stop,
            "max_bars_held": exits.max_bars_held,
            "position_size": execution.position_size,
            "leverage": execution.leverage,
        }
        columns = {
            name: np.full(n, math.nan if value is None else float(value)) for name, value in defaults.items()
        }
        for name, values in (overrides or {}).items():
            columns[name] = np.broadcast_to(np.asarray(values, dtype=np.float64), (n,)).copy()
        return SetOptions(**columns)

    def scaled(self, share: float) -> "SetOptions":
        """The same sets with every position a share of its size."""
        return replace(self, position_size=self.position_size * share)


@final
@dataclass(frozen=True, slots=True)
class RunState:
    """Where a run stands after its last bar: feed it back to go on as if it had never stopped."""

    values: FloatArray
    start: int
    stop: int

    @property
    def closed_trades(self) -> int:
        """Trades the first account has finished so far."""
        return int(self.values[layout.TRADES])


@final
@dataclass(frozen=True, slots=True)
class Statistics:
    """Running sums of every set over one run, by field of the kernel's state; `n_bars` bars, `years` long."""

    values: FloatArray  # [n_sets, fields]
    n_bars: int
    years: float
    initial_cash: float
    instruments: int
    extended: bool

    def at(self, bars_per_year: float) -> "Statistics":
        """The same sums with years counted at this many bars."""
        return replace(self, years=self.n_bars / bars_per_year)

    def __getitem__(self, name: str) -> FloatArray:
        """One number per set, by the name of the field in the kernel's layout (for example "TRADES")."""
        column: FloatArray = self.values[:, getattr(layout, name) // LANES]
        return column


@final
@dataclass(frozen=True, slots=True)
class Curves:
    """Equity, cash and units after every bar of a call: [n_sets, bars] (units: [n_sets, instruments, bars])."""

    equity: FloatArray
    cash: FloatArray
    units: FloatArray


@final
@dataclass(frozen=True, slots=True)
class RunResult:
    """What came out of a run; curves and trades only when asked for."""

    statistics: Statistics
    state: RunState
    curves: Curves | None = None
    trades: FloatArray | None = None


@final
@dataclass(frozen=True, slots=True)
class Request:
    """What a run shall return beside the basic statistics, and on how many threads it may work."""

    extended: bool = False
    curves: bool = False
    trades: bool = False
    threads: int = 1


def _spread(column: float | FloatArray, instruments: int, n: int, name: str) -> FloatArray:
    values = np.asarray(column, dtype=np.float64)
    if values.shape not in ((), (n,), (instruments, n)):
        raise InvalidInput(
            f"{name} has shape {list(values.shape)} for {n} bars", fix="give one number, or one value per bar"
        )
    return np.broadcast_to(values, (instruments, n))


@final
@dataclass(frozen=True)
class Simulator:
    """One market with its costs and rules, ready to run parameter sets.

    bars: one instrument, or a Panel of several that share one account. atr and sigma (average true range in price
    units, volatility per bar as a fraction; [n] or [instruments, n]) are needed only by exits in ATR units and by
    slippage_atr or impact. Raises InvalidInput where a needed column is missing.
    """

    bars: Bars | Panel
    costs: Costs = field(default_factory=Costs)
    exits: Exits = field(default_factory=Exits)
    execution: Execution = field(default_factory=Execution)
    atr: FloatArray | None = None
    sigma: FloatArray | None = None
    _tables: list[FloatArray] = field(init=False, repr=False, default_factory=list)

    def __post_init__(self) -> None:
        needs_atr = self.exits.unit == "atr" or self.costs.slippage_atr != 0.0
        if needs_atr and self.atr is None:
            raise InvalidInput(
                "exits or slippage in ATR units need the ATR column", fix="pass atr= one value per bar"
            )
        if self.costs.impact != 0.0 and self.sigma is None:
            raise InvalidInput("impact needs the volatility column", fix="pass sigma= one value per bar")
        self._tables.append(self._market_table())

    @property
    def instruments(self) -> int:
        """How many instruments share the account."""
        return len(self.bars.symbols) if isinstance(self.bars, Panel) else 1

    @property
    def slots(self) -> dict[int, int]:
        """Number of the instrument by the offset of its position in the state, as trades are logged."""
        if self.instruments == 1:
            return {0: 0}
        return {GROUP * (1 + number // LANES) + number % LANES: number for number in range(self.instruments)}

    def _market_table(self) -> FloatArray:
        """All instruments as the kernel reads them: [instruments, bars, MARKET_FIELDS]."""
        n = len(self.bars)
        table = np.zeros((self.instruments, n, layout.MARKET_FIELDS))
        prices = {"OPEN": "open", "HIGH": "high", "LOW": "low", "CLOSE": "close", "VOLUME": "volume"}
        for name, attribute in prices.items():
            table[:, :, getattr(layout, f"B_{name}")] = getattr(self.bars, attribute)
        elapsed = np.diff(self.bars.time, prepend=self.bars.time[:1]).astype(np.float64)
        table[:, :, layout.B_YEARS] = elapsed / YEAR_NS
        table[:, :, layout.B_DAYS] = (self.bars.time - self.bars.time[0]).astype(np.float64) / DAY_NS
        table[:, :, layout.B_HALF_SPREAD] = _spread(self.costs.half_spread, self.instruments, n, "half_spread")
        table[:, :, layout.B_FUNDING] = _spread(self.costs.funding_rate, self.instruments, n, "funding_rate")
        table[:, :, layout.B_PRESENT] = self.bars.present if isinstance(self.bars, Panel) else 1.0
        for name, column in (("ATR", self.atr), ("SIGMA", self.sigma)):
            if column is not None:
                table[:, :, getattr(layout, f"B_{name}")] = column
        close = table[:, :, layout.B_CLOSE]
        with np.errstate(invalid="ignore", divide="ignore"):
            change = np.nan_to_num(close[:, 1:] / close[:, :-1] - 1.0)
        table[:, 1:, layout.B_BENCHMARK] = change.mean(axis=0)
        return table

    def _options(self, request: Request, sets: SetOptions) -> Options:
        band = self.execution.rebalance_band
        return Options(
            FILLS.index(self.execution.fill),
            PATHS.index(self.exits.path),
            self.exits.unit == "atr",
            math.inf if band is None else float(band),
            request.extended,
            self.costs.finances,
            bool(np.any(~np.isnan(sets.trailing_stop))),
        )

    def _scene(self, options: Options, log: FloatArray) -> Scene:
        table = self._tables[0]
        return Scene(table[0] if self.instruments == 1 else table, self.costs.terms(), options, log)

    def fresh_state(self, n_sets: int) -> FloatArray:
        """The state of n_sets accounts before their first bar, flat: [groups x GROUP]."""
        groups = -(-n_sets // LANES) if self.instruments == 1 else n_sets * self._slot_groups
        state = np.zeros((groups, GROUP // LANES, LANES))
        for name, value in _FRESH.items():
            state[:, getattr(layout, name) // LANES] = value
        for name in ("CASH", "EQUITY", "PEAK"):
            state[:, getattr(layout, name) // LANES] = self.execution.initial_cash
        return state.reshape(-1)

    @property
    def _slot_groups(self) -> int:
        return 1 + -(-self.instruments // LANES)

    def _write_options(self, state: FloatArray, sets: SetOptions) -> None:
        """Exits and sizes of every set into the state; they may change between two parts of a run."""
        values = {
            "SCALE": sets.position_size * sets.leverage,
            "LIMIT": sets.leverage,
            "STOP_LOSS": sets.stop_loss,
            "TAKE_PROFIT": sets.take_profit,
            "TRAILING_STOP": sets.trailing_stop,
            "MAX_BARS": np.where(np.isnan(sets.max_bars_held), math.inf, sets.max_bars_held),
        }
        grid = state.reshape(-1, GROUP // LANES, LANES)
        n = len(sets.leverage)
        for name, column in values.items():
            row = getattr(layout, name) // LANES
            if self.instruments == 1:
                padded = np.resize(column, len(grid) * LANES)
                grid[:, row] = padded.reshape(len(grid), LANES)
            else:
                grid.reshape(n, self._slot_groups, GROUP // LANES, LANES)[:, :, row] = column[:, None, None]

    def run(
        self,
        programs: list[BoundProgram],
        sets: SetOptions,
        start: int,
        stop: int,
        *,
        request: Request | None = None,
        state: RunState | None = None,
    ) -> RunResult:
        """Run every set over bars start .. stop - 1 and get its statistics; `programs` holds one per instrument.

        With `state` the run goes on where that one stopped (start must be its stop): cutting changes no bit.
        """
        request = request or Request()
        n_sets = len(sets.leverage)
        values = self.fresh_state(n_sets) if state is None else state.values.copy()
        self._write_options(values, sets)
        begin = start if state is None else state.start
        curves = np.empty((n_sets, 2 + self.instruments, stop - start)) if request.curves else _EMPTY_CURVES
        capacity = 1024 if request.trades else 0
        while True:
            log = np.zeros((1, capacity, layout.TRADE_FIELDS)) if request.trades else _EMPTY_LOG
            work = values.copy() if request.trades else values
            scene = self._scene(self._options(request, sets), log)
            self._simulate(programs, work, (begin, start, stop), scene, request.threads, curves)
            final = self._finish(work, stop - 1, scene)
            count = int(final[layout.TRADES])
            if not request.trades or count <= capacity:
                break
            capacity = count
        lines = Curves(curves[:, 0], curves[:, 1], curves[:, 2:]) if request.curves else None
        trades = log[0, : int(final[layout.TRADES])] if request.trades else None
        statistics = self._statistics(final, n_sets, begin, stop, request)
        return RunResult(statistics, RunState(work, begin, stop), lines, trades)

    def _simulate(
        self,
        programs: list[BoundProgram],
        state: FloatArray,
        span: tuple[int, int, int],
        scene: Scene,
        threads: int,
        curves: FloatArray,
    ) -> None:
        code = _code_of(programs[0])
        if self.instruments == 1:
            units = len(state) // GROUP

            def work(low: int, high: int) -> None:
                simulate_lanes((low, high), span, code, state, scene, curves)
        else:
            units = len(state) // (GROUP * self._slot_groups)
            matrices = np.stack([program.matrix for program in programs])

            def work(low: int, high: int) -> None:
                simulate_accounts((low, high), span, code, matrices, state, scene, curves)

        _in_threads(work, units, threads)

    def _finish(self, state: FloatArray, last: int, scene: Scene) -> FloatArray:
        """A copy of the state in which open positions are counted as trades."""
        final = state.copy()
        if self.instruments == 1:
            finish_lanes(final, last, scene)
        else:
            finish_accounts(final, last, scene)
        return final

    def _statistics(
        self, final: FloatArray, n_sets: int, begin: int, stop: int, request: Request
    ) -> Statistics:
        grid = final.reshape(-1, GROUP // LANES, LANES)
        if self.instruments == 1:
            values = np.ascontiguousarray(grid.transpose(0, 2, 1).reshape(-1, GROUP // LANES)[:n_sets])
        else:
            values = grid[:: self._slot_groups, :, 0].copy()
        dead = values[:, layout.RUINED // LANES] != 0.0
        values[dead, layout.EQUITY // LANES] = values[dead, layout.FINAL_EQUITY // LANES]
        n_bars = stop - begin
        years = n_bars / self.bars.bars_per_year
        return Statistics(
            values, n_bars, years, self.execution.initial_cash, self.instruments, request.extended
        )


_FRESH = {
    "KEPT": 1.0,
    "LOWER": -math.inf,
    "UPPER": math.inf,
    "TRAIL_LOW": -math.inf,
    "TRAIL_HIGH": math.inf,
    "TRAIL_HIGH_FACTOR": math.inf,
    "NEXT_BAR": math.inf,
    "FRESH": -1.0,
    "DEFERRED": math.nan,
}


def _code_of(program: BoundProgram) -> Code:
    return Code(
        np.ascontiguousarray(program.code, dtype=np.int64),
        int(program.n_registers),
        int(program.result),
        bool(program.is_condition),
        int(program.halo),
        program.rows,
        program.scalars,
        program.matrix,
    )


def _in_threads(work: Callable[[int, int], None], units: int, threads: int) -> None:
    """Call work(low, high) on parts of range(units); parts are finer than threads so that no thread waits long."""
    parts = 1 if threads <= 1 else min(units, threads * 4)
    cuts = [units * part // parts for part in range(parts + 1)]
    if parts <= 1:
        work(0, units)
        return
    with ThreadPoolExecutor(threads) as pool:
        for each in [pool.submit(work, low, high) for low, high in zip(cuts[:-1], cuts[1:], strict=True)]:
            each.result()
