"""Exits that change between two parts of a run: what they mean for the positions that are open (F5).

The levels of an open position are those of the settings now in force, from its own entry price and its own best price.
Positions whose exits stay as they were are not touched, so that cutting a run changes no bit.
"""

from __future__ import annotations

import numpy as np

from autonomous_trading.backtest._fills import INFINITY
from autonomous_trading.backtest._layout import (
    AT_OPEN,
    B_HIGH,
    B_LOW,
    B_PRESENT,
    ENTRY_BAR,
    FIELDS,
    FRESH,
    GROUP,
    LANES,
    TRAIL_HIGH,
    TRAIL_LOW,
    TRAILING_STOP,
    Scene,
)
from autonomous_trading.backtest._marking import raise_trail
from autonomous_trading.backtest._orders import place_levels, schedule
from autonomous_trading.backtest._portfolio import scene_of
from autonomous_trading.backtest._state import groups_per_set, row_of
from autonomous_trading.core import FloatArray, IntArray
from autonomous_trading.core.jit import inlined, kernel

_EXITS = ("STOP_LOSS", "TAKE_PROFIT", "TRAILING_STOP", "MAX_BARS")


def renew_exits(before: FloatArray, after: FloatArray, t: int, scene: Scene) -> None:
    """Give the open positions in `after` whose exits differ from those in `before` the exits they now have.

    t: the first bar on which they hold; scene: with the bars of all instruments.
    """
    were, are = (state.reshape(-1, FIELDS, LANES) for state in (before, after))
    rows = [row_of(name) for name in _EXITS]
    same = (were[:, rows] == are[:, rows]) | (np.isnan(were[:, rows]) & np.isnan(are[:, rows]))
    groups, lanes = np.nonzero(~same.all(axis=1) & (are[:, row_of("UNITS")] != 0.0))
    if len(groups) == 0:
        return
    several = scene.bars.shape[0] > 1
    instruments = (groups % groups_per_set(scene.bars.shape[0]) - 1) * LANES + lanes if several else 0 * groups
    renew_positions(before, after, groups * GROUP + lanes, instruments, t, scene)


@inlined
def renew_trail(position: FloatArray, t: int, scene: Scene) -> None:
    """Where the trailing stop would stand before bar t had it always been the one it is now."""
    first = int(position[ENTRY_BAR]) + (0 if scene.options.fill == AT_OPEN else 1)
    fresh = position[FRESH]
    position[FRESH] = -1.0
    for k in range(first, t):
        if scene.bars[B_PRESENT, k] != 0.0:
            raise_trail(position, 0, float(k), scene.bars[B_LOW, k], scene.bars[B_HIGH, k])
    position[FRESH] = fresh


@kernel
def renew_positions(
    before: FloatArray, after: FloatArray, places: IntArray, instruments: IntArray, t: int, scene: Scene
) -> None:
    """Levels and time stop anew for the positions that begin at these places of the state."""
    for k in range(places.size):
        position, place = after[places[k] :], scene_of(scene, instruments[k])
        was, now = before[places[k] + TRAILING_STOP], position[TRAILING_STOP]
        trail_changed = was != now and (was == was or now == now)
        if trail_changed:
            position[TRAIL_LOW] = -INFINITY
            position[TRAIL_HIGH] = INFINITY
        place_levels(position, place)
        if trail_changed:
            renew_trail(position, t, place)
        schedule(position)
