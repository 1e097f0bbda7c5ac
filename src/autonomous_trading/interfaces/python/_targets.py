"""Target exposures as a person has them: arrays, series, frames and mappings, on the clock of the market."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from autonomous_trading.app import Market
from autonomous_trading.core import FloatArray, IntArray, InvalidInput

_FIX = "give one exposure per bar: 1.0 long, 0.0 flat, -1.0 short, NaN for no opinion"


def targets_of(target: object, market: Market) -> FloatArray:
    """Targets [instruments, bars] on the market's clock. Raises InvalidInput."""
    named = _by_symbol(target, market.symbols)
    if named is None:
        return _one_clock(target, market)
    if set(named) != set(market.symbols):
        raise InvalidInput(
            f"target names {_names(named)}, the market {_names(market.symbols)}",
            fix="give one target per instrument, by the same symbols",
        )
    return np.stack([_own_clock(named[symbol], market, number) for number, symbol in enumerate(market.symbols)])


def _by_symbol(target: object, symbols: tuple[str, ...]) -> dict[str, Any] | None:
    """Targets by symbol, where the target has names."""
    if isinstance(target, Mapping):
        return {str(name): values for name, values in target.items()}
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(target, pandas.DataFrame):
        columns = {str(name): target.iloc[:, position] for position, name in enumerate(target.columns)}
        return dict(zip(symbols, columns.values(), strict=True)) if len(columns) == len(symbols) == 1 else columns
    return None


def _one_clock(target: object, market: Market) -> FloatArray:
    """Targets without names: [bars], or [instruments, bars] on the common clock."""
    values = _numbers(target, "target")
    expected = (len(market.instruments), market.n_bars)
    rows = values[None, :] if values.ndim == 1 else values
    if rows.shape != expected:
        wanted = f"[{expected[1]}]" if expected[0] == 1 else f"{list(expected)} (instruments x bars)"
        raise InvalidInput(f"target has shape {list(values.shape)}, and the market asks for {wanted}", fix=_FIX)
    _check_times(target, market.bars.time, "target")
    return rows


def _own_clock(target: object, market: Market, number: int) -> FloatArray:
    """The target of one instrument: one value for each of its own bars, or for each bar of the common clock."""
    bars = market.instruments[number].bars
    what = f"target of {market.symbols[number]}" if market.symbols[number] else "target"
    values = _numbers(target, what)
    if values.shape == (len(bars),):
        _check_times(target, bars.time, what)
        return market.on_clock(number, values)
    if values.shape == (market.n_bars,):
        _check_times(target, market.bars.time, what)
        return values
    raise InvalidInput(f"{what} has shape {list(values.shape)} for {len(bars)} bars", fix=_FIX)


def _numbers(target: object, what: str) -> FloatArray:
    """The target as float64; truth values are 1 and 0, None and missing values have no opinion."""
    pandas = sys.modules.get("pandas")
    try:
        if pandas is not None and isinstance(target, pandas.Series) and target.dtype.kind in "biuf":
            target = target.to_numpy(dtype=np.float64, na_value=np.nan)
        values = np.asarray(target)
        if values.dtype.kind == "O":
            values = np.array([np.nan if each is None else each for each in values.ravel()]).reshape(values.shape)
    except (TypeError, ValueError) as error:  # rows of different lengths, or objects that are no numbers
        raise InvalidInput(f"{what} cannot be read as numbers: {error}", fix=_FIX) from None
    if values.dtype.kind not in "biuf":
        raise InvalidInput(f"{what} holds {values.dtype} values, not numbers", fix=_FIX)
    found = values.astype(np.float64)
    if np.any(np.isinf(found)):
        raise InvalidInput(f"{what} holds an infinite value", fix="use finite exposures, NaN for no opinion")
    return found


def _check_times(target: object, time: IntArray, what: str) -> None:
    """Refuse a series whose own times are not those of the bars: it would be traded on the wrong days."""
    pandas = sys.modules.get("pandas")
    index = getattr(target, "index", None)
    if pandas is None or not isinstance(index, pandas.DatetimeIndex):
        return
    moments = index.tz_localize("UTC") if index.tz is None else index.tz_convert("UTC")
    found = moments.as_unit("ns").asi8
    if not np.array_equal(found, time):
        row = int(np.argmax(found != time))
        raise InvalidInput(
            f"{what} is indexed by other times than the bars: row {row} is {index[row]}",
            fix="reindex it to the bars first, or pass its values alone (.to_numpy())",
        )


def _names(names: object) -> str:
    listed = [str(name) for name in names] if isinstance(names, Mapping | tuple) else []
    return ", ".join(name or '""' for name in listed) or "nothing"
