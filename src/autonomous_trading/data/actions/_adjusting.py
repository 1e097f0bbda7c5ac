"""Prices as they compare across corporate actions, with what was known at the time of the decision and no more."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from typing import Final

import numpy as np

from autonomous_trading.core import Bars, FloatArray, InvalidInput, Timeframe, time_text
from autonomous_trading.data._sessions import Sessions
from autonomous_trading.data.actions._action import CorporateAction

__all__ = ["ADJUSTED_FOR", "adjusted", "adjustment_factors", "carried", "carried_for"]

ADJUSTED_FOR: Final = ("split", "all")
_DAY_NS: Final = 86_400_000_000_000
_MOMENTS: Final = Timeframe(1, "s")  # any length below a day: compared with moments
_DAYS: Final = Timeframe(1, "d")


def adjusted(
    bars: Bars,
    actions: Iterable[CorporateAction],
    as_of: int,
    for_: str = "split",
    sessions: Sessions | None = None,
    *,
    timeframe: Timeframe | None = None,
) -> Bars:
    """Raw bars with older prices in terms of the shares of `as_of` (UTC nanoseconds).

    Only actions with ex_time <= as_of that were knowable by then apply: the prices of the last bar before `as_of` are
    those at which it traded, so a decision made there sees no later split. Older prices are multiplied by a factor (1 /
    ratio for a split; with `for_="all"` also 1 - amount / last close before it for dividends) and volumes are divided
    by that of the splits. Columns in `extra` are left as they are.

    Bars of a day or longer are compared with the date of `ex_time`, shorter ones with its moment; with `sessions` an
    `ex_time` of 00:00 UTC is a session date, and begins halfway between the close before that session and its opening:
    in Sydney the session of a date opens on the evening before it, and in New York trading goes on into it.

    `timeframe` says how long the bars are; without it the shortest distance between two of them does, or the calendar
    where all of them begin with a month.

    Raises InvalidInput for a dividend above the price, and for a split inside a bar of more than a day, which has
    prices of both sides.
    """
    return _scaled(bars, *adjustment_factors(bars, actions, as_of, for_, sessions, timeframe=timeframe))


def carried(
    bars: Bars,
    actions: Iterable[CorporateAction],
    for_: str = "split",
    sessions: Sessions | None = None,
    *,
    timeframe: Timeframe | None = None,
) -> Bars:
    """Raw bars with later prices in terms of one share of the first bar: what became of it.

    After a split 4:1 a price is multiplied by 4, because one share of before is four by then, and the volume divided by
    4; with `for_="all"` a dividend multiplies later prices by last close / (last close - amount), as if it bought
    shares at that close. Returns are those of `adjusted`, to the last digits, and every bar depends on bars and actions
    up to it alone: cut the bars anywhere, and those before are the same bits. So all of a history may be read at once,
    and no decision in it sees a later split, neither in a return nor in a level; `adjusted` promises that for decisions
    at `as_of` alone. The price of this is that later levels are not those quoted.

    An action counts from its ex time, whenever it was announced: then whoever holds the share has what it brings. Those
    before the first bar and behind the last change nothing; `carried_for` names those that count. Hand over the
    `timeframe` of what is cut: a few bars alone do not say how long they are. The rest as for `adjusted`.
    """
    price, volume = np.ones(len(bars)), np.ones(len(bars))
    for older, together in _carrying(bars, actions, for_, sessions, timeframe):
        ratio, left = _between_two_bars(together, float(bars.close[older - 1]))
        price[older:] *= ratio / left
        volume[older:] /= ratio
    return _scaled(bars, price, volume)


def carried_for(
    bars: Bars,
    actions: Iterable[CorporateAction],
    for_: str = "split",
    sessions: Sessions | None = None,
    *,
    timeframe: Timeframe | None = None,
) -> tuple[CorporateAction, ...]:
    """The actions that `carried` applies to these bars, each once, in order of time.

    Which these are, sessions decide as well as ex times: what is told of adjusted prices is told from here.
    Raises InvalidInput as `carried` does for a split inside a bar.
    """
    carrying = _carrying(bars, actions, for_, sessions, timeframe)
    return tuple(action for _, together in carrying for action in together)


def _carrying(
    bars: Bars, actions: Iterable[CorporateAction], for_: str, sessions: Sessions | None, timeframe: Timeframe | None
) -> Iterator[tuple[int, Iterator[CorporateAction]]]:
    """As `_between_bars`, those alone that have a bar on either side."""
    for older, together in _between_bars(bars, actions, for_, sessions, timeframe):
        if 0 < older < len(bars):
            yield older, together


def _scaled(bars: Bars, price: FloatArray, volume: FloatArray) -> Bars:
    # Rounding keeps order: a price that was not above another is not above it times the same factor.
    return replace(
        bars,
        open=bars.open * price,
        high=bars.high * price,
        low=bars.low * price,
        close=bars.close * price,
        volume=bars.volume * volume,
    )


def adjustment_factors(
    bars: Bars,
    actions: Iterable[CorporateAction],
    as_of: int,
    for_: str = "split",
    sessions: Sessions | None = None,
    *,
    timeframe: Timeframe | None = None,
) -> tuple[FloatArray, FloatArray]:
    """By what the prices and the volume of each bar are multiplied."""
    length = _length(bars, timeframe)
    known = (each for each in actions if each.knowable_at <= as_of and _begins(each, length, sessions) <= as_of)
    price, volume = np.ones(len(bars)), np.ones(len(bars))
    for older, together in _between_bars(bars, known, for_, sessions, timeframe):
        ratio, left = _between_two_bars(together, float(bars.close[older - 1]) if older else None)
        price[:older] *= left / ratio
        volume[:older] *= ratio
    return price, volume


def _length(bars: Bars, timeframe: Timeframe | None) -> Timeframe:
    """How long the bars are: as was said, else as far as they say it themselves (one alone does not)."""
    if timeframe is not None:
        return timeframe
    if (bars.time % _DAY_NS).any():
        return _MOMENTS
    if len(bars) < 2:
        return _DAYS
    months = bars.time.astype("datetime64[ns]").astype("datetime64[M]")
    if (months.astype("datetime64[ns]").astype(np.int64) == bars.time).all():
        # Their shortest distance is that of February: a split at the end of January would go unseen.
        return Timeframe(int(np.diff(months.astype(np.int64)).min()), "M")
    return Timeframe(int(np.diff(bars.time).min()) // _DAY_NS, "d")


def _between_bars(
    bars: Bars, actions: Iterable[CorporateAction], for_: str, sessions: Sessions | None, timeframe: Timeframe | None
) -> Iterator[tuple[int, Iterator[CorporateAction]]]:
    """The actions that count, those between two bars together, in order of time, with how many bars are older."""
    if for_ not in ADJUSTED_FOR:
        raise InvalidInput(f"unknown adjustment {for_!r}", fix=f"use one of {', '.join(ADJUSTED_FOR)}")
    kinds = ("split",) if for_ == "split" else ("split", "dividend")
    counted = sorted(
        {each for each in actions if each.kind in kinds},
        key=lambda action: (action.ex_time, action.kind != "split", action.id),
    )
    length = _length(bars, timeframe)
    for older, together in groupby(counted, lambda action: _older(bars, action, length, sessions)):
        own = tuple(together)
        # Behind the last bar a length that was guessed refuses nothing: of a Friday and a Monday it is three days.
        if older and (timeframe is not None or older < len(bars)):
            _refuse_inside(bars, own, older, length)
        yield older, iter(own)


def _between_two_bars(actions: Iterable[CorporateAction], last: float | None) -> tuple[float, float]:
    """New shares for one old one, and what dividends leave of the last close before them all.

    A dividend is counted in the shares of its moment, those of a split at the same moment included, and several are
    paid from one price: together they have to be below it.
    """
    ratio, paid = 1.0, 0.0
    for action in actions:
        ratio *= action.ratio
        paid += action.amount * ratio
        if last is not None and action.amount and paid >= last:
            raise InvalidInput(
                f"{action.text} is not below the close before it, {(last - paid) / ratio + action.amount:.10g}",
                fix="look whether prices and dividend are in the same currency and the same shares",
            )
    return ratio, 1.0 if last is None else 1.0 - paid / last


def _older(bars: Bars, action: CorporateAction, length: Timeframe, sessions: Sessions | None) -> int:
    """How many bars are older than an action."""
    boundary = _begins(action, length, sessions)
    if not length.is_intraday:
        boundary = boundary // _DAY_NS * _DAY_NS
    return int(np.searchsorted(bars.time, boundary))


def _refuse_inside(bars: Bars, actions: Iterable[CorporateAction], older: int, length: Timeframe) -> None:
    """Raises InvalidInput where a split lies inside the last bar before it."""
    if length.ns <= _DAY_NS:
        return
    over = int(length.following(bars.time[older - 1 : older])[0])
    for action in actions:
        if action.kind == "split" and over > action.ex_time // _DAY_NS * _DAY_NS:
            date = time_text(int(bars.time[older - 1]))[:10]
            raise InvalidInput(
                f"{action.text} lies inside the bar of {date}, which has prices of both sides",
                fix="adjust daily bars and make longer ones of them, or say with timeframe= how long these are",
            )


def _begins(action: CorporateAction, length: Timeframe, sessions: Sessions | None) -> int:
    """The moment from which bars of less than a day trade without."""
    moment = action.ex_time
    if not length.is_intraday or sessions is None or moment % _DAY_NS:
        return moment
    at = int(np.searchsorted(sessions.date, moment))
    if not 0 < at < len(sessions):
        return moment
    before, opening = int(sessions.close[at - 1]), int(sessions.open[at])
    return before + (opening - before) // 2
