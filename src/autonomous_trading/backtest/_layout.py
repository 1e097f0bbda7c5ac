"""Where each number of a running simulation lives: one flat float64 array, lane by lane.

A group holds `LANES` parameter sets side by side. Field F of lane j sits at index F + j, with F a multiple of `LANES`
known when the kernel is compiled: so LLVM sees that two fields never overlap and marks all lanes with vector instructions.
"""

from __future__ import annotations

from typing import NamedTuple

from autonomous_trading.core import FloatArray, IntArray

LANES = 16

# Touched on every bar.
CASH = 0 * LANES
UNITS = 1 * LANES
EQUITY = 2 * LANES  # at the last close
LOWER = 3 * LANES  # a low at or under this price is an event
UPPER = 4 * LANES  # a high at or over this price is an event
SUM_RETURN = 5 * LANES
SUM_SQUARE = 6 * LANES
PEAK = 7 * LANES
KEPT = 8 * LANES  # smallest equity / peak so far: 1 - largest drawdown
RETURN = 9 * LANES  # of the last bar
TRAIL_LOW_FACTOR = 10 * LANES
TRAIL_LOW_OFFSET = 11 * LANES
TRAIL_HIGH_FACTOR = 12 * LANES
TRAIL_HIGH_OFFSET = 13 * LANES
FRESH = 14 * LANES  # bar whose close opened the position: its high and low came before the position

# Touched on every bar only when extended statistics are asked for.
SUM_CUBE = 15 * LANES
SUM_FOURTH = 16 * LANES
SUM_DOWN = 17 * LANES
SUM_DOWN_SQUARE = 18 * LANES
SUM_ACTIVE = 19 * LANES
SUM_ACTIVE_SQUARE = 20 * LANES

# The position.
NEXT_BAR = 21 * LANES  # bar at which something must happen anyway: time stop, rest of an order
ENTRY = 22 * LANES
ENTRY_BAR = 23 * LANES
STOP = 24 * LANES  # the fixed stop, to tell it from a trailing one
WANTED = 25 * LANES  # exposure after scale and limit
GOAL = 26 * LANES
PENDING = 27 * LANES
REASON = 28 * LANES
LAST_TARGET = 29 * LANES
LARGEST = 30 * LANES
TRADE_FEES = 31 * LANES
TRADE_COSTS = 32 * LANES
TRADE_GROSS = 33 * LANES
EXIT_UNITS = 34 * LANES
EXIT_NOTIONAL = 35 * LANES
DEFERRED = 36 * LANES  # a changed target that waits for its instrument's next bar

# The account.
TRADES = 37 * LANES
WINS = 38 * LANES
GROSS_WIN = 39 * LANES
GROSS_LOSS = 40 * LANES
SUM_TRADE_RETURN = 41 * LANES
HOLD_TIME = 42 * LANES  # days
BARS_HELD = 43 * LANES
SIGNALS = 44 * LANES
ORDERS = 45 * LANES
FILLS = 46 * LANES
CUTS = 47 * LANES
TURNOVER = 48 * LANES
COSTS_PAID = 49 * LANES
FINANCING = 50 * LANES
RUINED = 51 * LANES
FINAL_EQUITY = 52 * LANES

# Settings of the parameter set.
SCALE = 53 * LANES
LIMIT = 54 * LANES
STOP_LOSS = 55 * LANES
TAKE_PROFIT = 56 * LANES
TRAILING_STOP = 57 * LANES
MAX_BARS = 58 * LANES

RESTING_SINCE = 59 * LANES  # bar on which a protective exit was cut short

LOSSES = 60 * LANES

TRAIL_LOW = 61 * LANES  # trailing stop of a long, -infinite when there is none
TRAIL_HIGH = 62 * LANES  # of a short, infinite when there is none

GROUP = 63 * LANES

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
    T_SLOT,
) = range(TRADE_FIELDS)


# One instrument as the kernel sees it: a row per bar, so that all of a bar sits in two cache lines. Plain arrays instead
# of a tuple of arrays: numba counts references to arrays inside tuples with atomic operations, and two threads counting
# the same array wait for each other.
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
    """A compiled expression bound to columns: see `core.Program`."""

    instructions: IntArray
    registers: int
    result: int
    is_condition: bool
    halo: int
    rows: IntArray
    scalars: FloatArray
    matrix: FloatArray


class Scene(NamedTuple):
    """What every step of a run needs beside the state: the market, the costs, the rules, and where trades are written."""

    bars: (
        FloatArray  # [bars, MARKET_FIELDS]; [instruments, bars, MARKET_FIELDS] where several share an account
    )
    costs: CostTerms
    options: Options
    log: FloatArray  # [1 or 0, capacity, TRADE_FIELDS]


class Slot(NamedTuple):
    """Where and when something happens: offsets of the account and of the position in the state, and the bar."""

    account: int
    position: int
    bar: int


class Wishes(NamedTuple):
    """Targets of a group over one block: bit j of changes[k] says that lane j changed its mind at bar k of the block.

    A condition's target is bit j of levels[k]; an exposure's is targets[j, k].
    """

    targets: FloatArray
    levels: IntArray
    changes: IntArray
    is_condition: bool
