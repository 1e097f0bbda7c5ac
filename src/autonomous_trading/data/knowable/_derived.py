"""Series made of other series, knowable no sooner than what they are made of."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from autonomous_trading.core import Bars, FloatArray, IntArray, InvalidInput, Timeframe
from autonomous_trading.data._sessions import Sessions
from autonomous_trading.data.knowable._as_of import as_of, over_times
from autonomous_trading.data.knowable._series import KnowableSeries

__all__ = ["closes_of", "currency_strength", "market_capitalisation", "scaled", "year_on_year"]

_SEPARATORS: Final = str.maketrans("", "", "/-_. ")


def closes_of(
    bars: Bars, name: str, *, timeframe: Timeframe | None = None, sessions: Sessions | None = None, unit: str = ""
) -> KnowableSeries:
    """The closes of bars (an index, a rate, the VIX), each known when its bar was over: see `over_times`."""
    known = over_times(bars.time, timeframe=timeframe, sessions=sessions)
    return KnowableSeries(name, known, bars.time, bars.close, unit, bars.symbol)


def scaled(series: KnowableSeries, factor: float, name: str, unit: str) -> KnowableSeries:
    """The values times a factor: an index of volatility in per cent times 0.01 is implied volatility a year."""
    return KnowableSeries(
        name, series.knowable_at, series.reference, series.value * factor, unit, series.source, series.lag
    )


def year_on_year(series: KnowableSeries, name: str) -> KnowableSeries:
    """Change against the same date of the year before, as a fraction, from the vintages known at each moment.

    A revision of either date is a revision of the change. Dates without a value a year before are left out, and
    the change is NaN where that value is not positive.
    """
    latest: dict[int, float] = {}
    rows: dict[tuple[int, int], float] = {}
    before, after = _other_year(series.reference, -12), _other_year(series.reference, 12)
    for row, (known, reference) in enumerate(zip(series.knowable_at.tolist(), series.reference.tolist(), strict=True)):
        latest[reference] = float(series.value[row])
        for date, base in ((reference, int(before[row])), (int(after[row]), reference)):
            if date in latest and base in latest:
                rows[known, date] = latest[date] / latest[base] - 1.0 if latest[base] > 0.0 else np.nan
    pairs = np.array(list(rows), dtype=np.int64).reshape(-1, 2)
    changes = np.array(list(rows.values()), dtype=np.float64)
    return KnowableSeries(name, pairs[:, 0], pairs[:, 1], changes, "fraction a year", series.source, series.lag)


def currency_strength(pairs: Sequence[KnowableSeries]) -> dict[str, KnowableSeries]:
    """How each currency did against the others, from pairs named like EURUSD: an index in logarithms, 0 at the start.

    At each moment at which a pair became known, every pair whose price was known at the moment before moves its first
    currency by its log change and the second by minus that, and a currency moves by the mean over its pairs. The
    series are called strength_eur, ... Raises InvalidInput for other names and for prices that are not positive.
    """
    named = {_currencies(pair.name): pair for pair in pairs}
    moments = np.unique(np.concatenate([pair.knowable_at for pair in pairs])) if pairs else np.empty(0, dtype=np.int64)
    total: dict[str, FloatArray] = {}
    count: dict[str, FloatArray] = {}
    for currencies, pair in named.items():
        if not (pair.value[~np.isnan(pair.value)] > 0.0).all():
            raise InvalidInput(f"{pair.name} has a price that is not positive", fix="drop that row")
        change = np.diff(np.log(as_of(pair, moments)), prepend=np.nan)
        moved = np.isfinite(change)
        for currency, sign in zip(currencies, (1.0, -1.0), strict=True):
            total[currency] = total.get(currency, np.zeros(len(moments))) + np.where(moved, sign * change, 0.0)
            count[currency] = count.get(currency, np.zeros(len(moments))) + moved
    return {
        currency: KnowableSeries(
            f"strength_{currency.lower()}",
            moments,
            moments,
            np.cumsum(total[currency] / np.maximum(count[currency], 1.0)),
            "log",
            "currency strength",
        )
        for currency in sorted(total)
    }


def market_capitalisation(bars: Bars, shares: KnowableSeries, known_at: IntArray) -> KnowableSeries:
    """Shares outstanding, as filed by each time of `known_at` (one per bar), times the close of the bar.

    Prices have to be as traded: adjusted ones know later splits.
    """
    counted = as_of(shares, known_at)
    return KnowableSeries("market_cap", known_at, bars.time, counted * bars.close, "currency", shares.source)


def _other_year(reference: IntArray, months: int) -> IntArray:
    """The same day of the month some months away, where that month has such a day; else a date nobody asks for."""
    dates = reference.astype("datetime64[ns]")
    month = dates.astype("datetime64[M]")
    within = dates - month.astype("datetime64[ns]")
    moved = (month + months).astype("datetime64[ns]") + within
    there = moved.astype("datetime64[M]") == month + months
    return np.where(there, moved.astype(np.int64), np.iinfo(np.int64).min)


def _currencies(name: str) -> tuple[str, str]:
    plain = name.translate(_SEPARATORS).upper()
    if len(plain) != 6 or not plain.isalpha() or plain[:3] == plain[3:]:
        raise InvalidInput(f"{name!r} names no pair of currencies", fix='name the series like "EURUSD"')
    return plain[:3], plain[3:]
