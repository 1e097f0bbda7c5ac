"""What a strategy may answer, and the one form the engine takes: a target expression and settings."""

import reprlib
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, fields
from typing import TypeAlias, final

import numpy as np

from autonomous_trading.core import (
    Bars,
    BoolArray,
    Expression,
    FloatArray,
    InvalidExpression,
    as_expression,
    where,
)
from autonomous_trading.strategies._columns import Columns

SETTING_NAMES = ("stop_loss", "take_profit", "trailing_stop", "max_bars_held", "position_size", "leverage")
"""Parameters the engine understands by their name: fractions of price, bars, and fractions of equity."""

PerBar: TypeAlias = Expression | FloatArray | BoolArray
PerSet: TypeAlias = Expression | float


@final
@dataclass(frozen=True, slots=True, eq=False)
class Signals:
    """What to hold: either a `target`, or `entries` with the conditions that end them.

    `target` is the wanted exposure as a fraction of equity (1 long, 0 flat, -1 short, NaN hold what is held),
    or a condition (true long, false flat). With entries: long from a bar where `entries` is true until one
    where `exits` is; short likewise; entries win over exits on the same bar, longs over shorts. `size` is the
    exposure of an entry (a factor of a target), in place of a position_size parameter; the stops take the
    place of parameters with the same names: fractions of price, and bars.

    After a stop or target was hit, the next position needs `exits` to be true in between: the same signal does
    not enter twice.
    """

    target: PerBar | None = None
    _: KW_ONLY
    entries: PerBar | None = None
    exits: PerBar | None = None
    short_entries: PerBar | None = None
    short_exits: PerBar | None = None
    stop_loss: PerSet | None = None
    take_profit: PerSet | None = None
    trailing_stop: PerSet | None = None
    max_bars_held: PerSet | None = None
    size: PerBar | PerSet | None = None

    def __post_init__(self) -> None:
        if (self.entries is None and self.short_entries is None) == (self.target is None):
            found = "neither" if self.target is None else "both"
            raise InvalidExpression(
                f"Signals needs either a target or entries, got {found}",
                fix="give Signals(target) or Signals(entries=..., exits=...)",
            )
        for exit_name, entry_name in (("exits", "entries"), ("short_exits", "short_entries")):
            if getattr(self, exit_name) is not None and getattr(self, entry_name) is None:
                raise InvalidExpression(
                    f"Signals got {exit_name} without {entry_name}, so they would never end anything",
                    fix=f"give {entry_name} too, or leave {exit_name} out",
                )
        self._check_that_positions_end()

    def _check_that_positions_end(self) -> None:
        for entry_name, exit_name in (("entries", "exits"), ("short_entries", "short_exits")):
            others = [name for name in ("entries", "short_entries") if name != entry_name]
            ends = getattr(self, exit_name) is not None or getattr(self, others[0]) is not None
            if getattr(self, entry_name) is not None and not ends:
                raise InvalidExpression(
                    f"Signals got {entry_name} without {exit_name}: after a stop or target was hit, nothing would "
                    "ever change what is wanted, and there would be one trade",
                    fix=f"give {exit_name}, the condition that makes the next entry a new one",
                )


@final
@dataclass(frozen=True, slots=True, eq=False)
class ResolvedSignals:
    """What the engine simulates: the wanted exposure bar by bar, and `settings` that are one for all bars.

    `target` is a condition (long or flat) or a number (exposure; NaN holds). `settings` has an expression
    without columns for each of SETTING_NAMES that the strategy uses.
    """

    target: Expression
    settings: Mapping[str, Expression]


def resolve(answer: object, declared: Mapping[str, object], see: Columns, name: str) -> ResolvedSignals:
    """The answer of `signals` in the engine's form; InvalidExpression says what is wrong with it and why.

    `declared` holds the strategy's own values (or symbols) for parameters the engine understands.
    """
    signals = answer if isinstance(answer, Signals) else Signals(_target(answer, see, name))
    size = None if signals.size is None else _number(signals.size, see, f"size of {name}")
    target = _exposure(signals, size, see, name)
    given = {each.name: getattr(signals, each.name) for each in fields(signals) if each.name in SETTING_NAMES}
    chosen = {**declared, **{setting: value for setting, value in given.items() if value is not None}}
    if size is not None:
        chosen.pop("position_size", None)
    return ResolvedSignals(target, {setting: _setting(value, setting, name) for setting, value in chosen.items()})


def _target(answer: object, see: Columns, name: str) -> Expression:
    if answer is None:
        raise InvalidExpression(
            f"signals of {name} returned None", fix="return a condition, a target exposure, or Signals(...)"
        )
    return _per_bar(answer, see, f"signals of {name}")


def _exposure(signals: Signals, size: Expression | None, see: Columns, name: str) -> Expression:
    if signals.target is not None:
        target = _per_bar(signals.target, see, f"target of {name}")
        return target if size is None else target * size
    amount = as_expression(1.0) if size is None else size
    long_in, long_out, short_in, short_out = (
        None if value is None else _condition(value, see, f"{field} of {name}")
        for field, value in (
            ("entries", signals.entries),
            ("exits", signals.exits),
            ("short_entries", signals.short_entries),
            ("short_exits", signals.short_exits),
        )
    )
    if long_in is not None and short_in is not None:
        long_out, short_out = _own_exits(see, (long_in, long_out), (short_in, short_out))
    target = as_expression(np.nan)
    for condition, exposure in (
        (short_out, as_expression(0.0)),
        (long_out, as_expression(0.0)),
        (short_in, -amount),
        (long_in, amount),
    ):
        target = target if condition is None else where(condition, exposure, target)
    return target


def _own_exits(
    see: Columns, long: tuple[Expression, Expression | None], short: tuple[Expression, Expression | None]
) -> tuple[Expression | None, Expression | None]:
    """Exits that end only their own side: with both sides in play, the last entry tells which one is held."""
    if long[1] is None and short[1] is None:
        return None, None
    side = see.custom(_last_known, where(long[0], 1.0, where(short[0], -1.0, np.nan)))
    return (
        None if long[1] is None else long[1] & (side > 0.0),
        None if short[1] is None else short[1] & (side < 0.0),
    )


def _last_known(_: Bars, values: FloatArray) -> FloatArray:
    rows = np.where(np.isnan(values), 0, np.arange(len(values)))
    known: FloatArray = values[np.maximum.accumulate(rows)]
    return known


def _condition(value: object, see: Columns, what: str) -> Expression:
    found = _per_bar(value, see, what)
    if not found.is_condition:
        raise InvalidExpression(f"{what} must be true or false on every bar, got numbers", fix="compare them: ... > 0")
    return found


def _number(value: object, see: Columns, what: str) -> Expression:
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        return as_expression(float(value))
    if isinstance(value, Expression) and value.is_static:
        return value
    return _per_bar(value, see, what)


def _per_bar(value: object, see: Columns, what: str) -> Expression:
    """An expression or an array with one value per bar, as an expression."""
    if isinstance(value, Expression):
        if value.is_static:
            raise InvalidExpression(
                f"{what} is {value!s}, the same for every bar",
                fix="use a column; always long is see.close > 0",
            )
        return value
    if isinstance(value, bool | int | float | str | Signals) or not hasattr(value, "__array__"):
        raise InvalidExpression(
            f"{what} cannot be {reprlib.repr(value)} ({type(value).__name__})",
            fix="return a condition, a target exposure, an array with one value per bar, or Signals(...)",
        )
    array = np.asarray(value)
    if array.dtype.kind not in "biuf" or array.shape != (see.n_bars,):
        raise InvalidExpression(
            f"{what} is an array of {array.dtype} with shape {array.shape} for {see.n_bars} bars",
            fix="give one number, or true or false, per bar",
        )
    return as_expression(array)


def _setting(value: object, setting: str, name: str) -> Expression:
    found = value if isinstance(value, Expression) else None
    if isinstance(value, int | float | np.number):
        found = as_expression(value if isinstance(value, bool) else float(value))
    if found is None or found.is_condition or not found.is_static:
        raise InvalidExpression(
            f"{setting} of {name} must be one number for all bars, got {value!s}",
            fix="give a number, a parameter, or arithmetic of both",
        )
    return found
