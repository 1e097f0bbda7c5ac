"""Where each number of a running simulation lives: one flat float64 array, lane by lane.

A group holds `LANES` parameter sets side by side. Field F of lane j sits at index F + j, with F a multiple of `LANES`
known when the kernel is compiled: so LLVM sees that fields never overlap, and marks all lanes in vector instructions.
Scalar code takes a view that begins at its lane, in which the same F is the index: `position[ENTRY]`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from autonomous_trading.core import FloatArray, IntArray

Bits = npt.NDArray[np.int32]  # one bit per lane: half the bytes of an index, so twice as many in a vector
LANES = 16
BLOCK = 256  # bars at a time: what a group needs for so many stays in the first-level cache
FIELDS = 68
GROUP = FIELDS * LANES
(
    # Touched on every bar.
    CASH,
    UNITS,
    EQUITY,  # at the last close
    LOWER,  # a low at or under this price is an event
    UPPER,  # a high at or over this price is an event
    NEXT_BAR,  # from this bar on something is due anyway: time stop, rest of an order
    RETURN,  # of the bar that is being marked; 0 between calls
    OFFSET,  # what the return is counted from: ORIGIN while something is held, else 0
    SUM_AWAY,  # of the returns, counted from OFFSET
    SUM_SQUARE,  # of the same distances
    PEAK,
    KEPT,  # smallest equity / peak so far: 1 - largest drawdown
    # Touched on every bar when extended statistics are asked for.
    SUM_DOWN,
    SUM_DOWN_SQUARE,
    SUM_ACTIVE,
    ACTIVE_ORIGIN,  # the return in excess of buy-and-hold on the first bar
    SUM_ACTIVE_AWAY,
    SUM_ACTIVE_SQUARE,
    # Touched on every bar when a trailing stop is set: a trail is price x factor + offset of the best price so far.
    TRAIL_LOW,  # trailing stop of a long, -infinite when there is none
    TRAIL_LOW_FACTOR,
    TRAIL_LOW_OFFSET,
    TRAIL_HIGH,  # trailing stop of a short, infinite when there is none
    TRAIL_HIGH_FACTOR,
    TRAIL_HIGH_OFFSET,
    FRESH,  # bar whose close opened the position: its high and low came before the position
    # The position.
    ENTRY,  # average price
    ENTRY_BAR,
    STOP,  # the fixed stop, to tell it from a trailing one
    LEVEL_ATR,  # that the levels are measured in
    GOAL,  # units an order that was cut short goes on to
    PENDING,
    REASON,  # of the protective exit that was cut short
    RESTING_SINCE,  # bar on which it was
    # The target.
    LAST_TARGET,
    DEFERRED,  # a changed target that waits for its instrument's next bar
    WANTED,  # exposure after scale and limit
    # The open trade.
    LARGEST,
    TRADE_FEES,
    TRADE_COSTS,
    TRADE_GROSS,
    EXIT_UNITS,
    EXIT_NOTIONAL,
    # The account.
    ORIGIN,  # its first return that is not 0: counted from there, steady returns lose no digit
    SINCE,  # bar from which on OFFSET counts
    MOVES,  # bars that were counted from ORIGIN
    TRADES,
    WINS,
    LOSSES,
    GROSS_WIN,
    GROSS_LOSS,
    SUM_TRADE_RETURN,
    HOLD_TIME,  # days
    BARS_HELD,
    SIGNALS,
    ORDERS,
    FILLS,
    CUTS,
    TURNOVER,
    COSTS_PAID,
    FINANCING,
    RUINED,
    FINAL_EQUITY,
    # Settings of the parameter set.
    SCALE,
    LIMIT,
    STOP_LOSS,
    TAKE_PROFIT,
    TRAILING_STOP,
    MAX_BARS,
) = range(0, GROUP, LANES)

# PENDING
NOTHING, TOWARD_GOAL, CLOSING, EXITING = 0.0, 1.0, 2.0, 3.0
# REASON, in the order of `REASONS`
BY_SIGNAL, BY_STOP, BY_TRAIL, BY_PROFIT, BY_TIME, BY_RUIN, STILL_OPEN = 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0
REASONS = ("signal", "stop_loss", "trailing_stop", "take_profit", "time_stop", "ruin", "open")
# Options.fill
AT_OPEN, AT_CLOSE, AT_SAME_CLOSE = 0, 1, 2
# Options.path
PESSIMISTIC, OPTIMISTIC, NEAREST = 0, 1, 2

TRADE_FIELDS = 11
(
    T_ENTRY_BAR,
    T_EXIT_BAR,
    T_SIDE,
    T_UNITS,
    T_ENTRY_PRICE,
    T_EXIT_PRICE,
    T_COSTS,
    T_GROSS,
    T_NET,
    T_REASON,
    T_INSTRUMENT,
) = range(TRADE_FIELDS)

# One instrument as the kernel sees it: a row per column, so that what every bar needs stays in the first-level cache.
# Plain arrays instead of a tuple of arrays: numba counts references to arrays inside tuples with atomic operations, and
# two threads counting the same array wait for each other.
MARKET_FIELDS = 13
(
    B_LOW,
    B_HIGH,
    B_CLOSE,
    B_OPEN,
    B_BENCHMARK,  # return of buy-and-hold on this bar
    B_YEARS,  # since the previous bar
    B_VOLUME,
    B_ATR,
    B_SIGMA,
    B_HALF_SPREAD,
    B_FUNDING,
    B_DAYS,  # since the first bar
    B_PRESENT,  # 0 where the instrument has no bar
) = range(MARKET_FIELDS)


class CostTerms(NamedTuple):
    """Costs as plain numbers; participation is infinite when there is no cap."""

    commission: float
    per_unit: float
    minimum: float
    slippage: float
    slippage_atr: float
    impact: float
    participation: float
    borrow_rate: float
    cash_rate: float
    leverage_rate: float


class Options(NamedTuple):
    """What holds for every parameter set of a run."""

    fill: int
    path: int
    atr_units: bool
    band: float
    extended: bool
    financing: bool
    trailing: bool


class Code(NamedTuple):
    """A compiled expression bound to columns: see `core.Program` and `_interpreter.linked`."""

    instructions: IntArray
    registers: int
    result: int
    is_condition: bool
    halo: int
    rows: IntArray
    scalars: FloatArray
    matrix: FloatArray


class Scene(NamedTuple):
    """What every step of a run needs beside the state: the market, the costs, the rules, and where trades are written.

    bars: [MARKET_FIELDS, bars]; [instruments, MARKET_FIELDS, bars] where several share an account.
    log: [trades it can take, TRADE_FIELDS], of the first parameter set.
    """

    bars: FloatArray
    costs: CostTerms
    options: Options
    log: FloatArray


class Slot(NamedTuple):
    """When and for whom something happens: the bar, the number of the account in its group, the instrument."""

    bar: int
    account: int
    instrument: int


class Order(NamedTuple):
    """A market order for q units (q > 0 buys) near a reference price; columns are those known at bar `known`."""

    q: float
    reference: float
    reason: float
    known: int


class Fill(NamedTuple):
    """One fill of q units (q > 0 buys) at `price`; `reference` is the price without frictions."""

    q: float
    price: float
    reference: float
    reason: float


class Wishes(NamedTuple):
    """Targets of a group over one block: bit j of changes[k] says that lane j changed its mind at bar k of the block.

    A condition's target is bit j of levels[k]; an exposure's is targets[j, k].
    """

    targets: FloatArray
    levels: Bits
    changes: Bits
    is_condition: bool


class Scratch(NamedTuple):
    """Room for the work of one thread: see `scratch_for`. Memory is only allocated outside compiled code."""

    registers: FloatArray  # [registers, halo + BLOCK]
    targets: FloatArray  # [lanes or instruments, BLOCK]
    levels: Bits  # [BLOCK]
    changes: Bits  # [BLOCK]
    roles: IntArray  # [instruments]
