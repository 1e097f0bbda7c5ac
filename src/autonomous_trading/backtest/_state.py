"""How the accounts of many parameter sets lie in the state of a run (see `_layout`).

One instrument: set k is lane k % LANES of group k // LANES. Several: every set has a group for its account (lane 0) and
behind it one lane per instrument.
"""

from __future__ import annotations

import math

import numpy as np

from autonomous_trading.backtest import _layout as layout
from autonomous_trading.backtest._layout import FIELDS, LANES
from autonomous_trading.backtest._runs import SetOptions
from autonomous_trading.core import FloatArray

# What is not 0 before the first bar.
_FLAT = {
    "KEPT": 1.0,
    "LOWER": -math.inf,
    "UPPER": math.inf,
    "TRAIL_LOW": -math.inf,
    "TRAIL_LOW_OFFSET": -math.inf,
    "TRAIL_HIGH": math.inf,
    "TRAIL_HIGH_OFFSET": math.inf,
    "NEXT_BAR": math.inf,
    "FRESH": -1.0,
    "DEFERRED": math.nan,
    "ACTIVE_ORIGIN": math.nan,
}


def groups_per_set(instruments: int) -> int:
    """Groups that one set takes when several instruments share its account."""
    return 1 + -(-instruments // LANES)


def groups_for(n_sets: int, instruments: int) -> int:
    """Groups that all sets take."""
    return -(-n_sets // LANES) if instruments == 1 else n_sets * groups_per_set(instruments)


def flat_state(n_sets: int, instruments: int, initial_cash: float) -> FloatArray:
    """The state of n_sets accounts before their first bar: [groups x GROUP]."""
    state = np.zeros((groups_for(n_sets, instruments), FIELDS, LANES))
    for name, value in _FLAT.items():
        state[:, row_of(name)] = value
    for name in ("CASH", "EQUITY", "PEAK"):
        state[:, row_of(name)] = initial_cash
    return state.reshape(-1)


def write_options(state: FloatArray, sets: SetOptions, instruments: int) -> None:
    """Exits and sizes of every set into the state; they may change between two parts of a run.

    Sizes count from the next changed target on. What exits mean for a position that is open: see `_renewal`.
    """
    values = {
        "SCALE": sets.position_size * sets.leverage,
        "LIMIT": sets.leverage,
        "STOP_LOSS": sets.stop_loss,
        "TAKE_PROFIT": sets.take_profit,
        "TRAILING_STOP": sets.trailing_stop,
        "MAX_BARS": np.where(np.isnan(sets.max_bars_held), math.inf, sets.max_bars_held),
    }
    grid = state.reshape(-1, FIELDS, LANES)
    for name, column in values.items():
        if instruments == 1:
            grid[:, row_of(name)] = np.resize(column, (len(grid), LANES))  # lanes without a set repeat the first ones
        else:
            grid.reshape(len(column), -1, FIELDS, LANES)[:, :, row_of(name)] = column[:, None, None]


def forget_last_bar(state: FloatArray) -> None:
    """Clear what only the marking of one bar needs: which bar was the last one marked depends on the neighbours."""
    state.reshape(-1, FIELDS, LANES)[:, row_of("RETURN")] = 0.0


def accounts_of(state: FloatArray, n_sets: int, instruments: int) -> FloatArray:
    """The fields of every account: [n_sets, FIELDS], with the equity that a ruined one was left with."""
    grid = state.reshape(-1, FIELDS, LANES)
    if instruments == 1:
        accounts = np.ascontiguousarray(grid.transpose(0, 2, 1).reshape(-1, FIELDS)[:n_sets])
    else:
        accounts = grid[:: groups_per_set(instruments), :, 0].copy()
    dead = accounts[:, row_of("RUINED")] != 0.0
    accounts[dead, row_of("EQUITY")] = accounts[dead, row_of("FINAL_EQUITY")]
    return accounts


def row_of(name: str) -> int:
    """Row of a field within a group."""
    field: int = getattr(layout, name)
    return field // LANES
