"""What a local Alpaca has to tell: bars by symbol and timeframe, and everything around them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, final

import numpy as np

from autonomous_trading.core import Bars, Timeframe
from autonomous_trading.data import RawBars
from autonomous_trading.testing.markets import trending
from autonomous_trading.testing.servers.alpaca._resampled import coarser
from autonomous_trading.testing.servers.alpaca._wire import midnight_in_new_york

__all__ = ["AlpacaMarket", "demo_market"]

_HOUR: Final = 3_600_000_000_000
_DAY: Final = 24 * _HOUR
_HOURS_A_SESSION: Final = 7  # 09:00 to 15:00 in New York, where the first one begins with the opening at 09:30


@final
@dataclass(frozen=True, slots=True)
class AlpacaMarket:
    """Everything one server tells.

    `bars` by symbol and timeframe as we write it: {("AAPL", "1h"): bars}; bars of a day and longer carry 00:00 UTC of
    the session date and are stamped as Alpaca stamps them; rows that break a rule are sent as they are. `trades` and
    `quotes` hold rows as Alpaca writes them, by symbol; `chains` snapshots of contracts by underlying; `actions`
    corporate actions by kind ("forward_splits"); `news` articles. `symbols` are those that the list of assets knows
    beside the symbols of the bars. `resampled`: bars of other lengths are made of those given where that can be done,
    and refused where it cannot; without it there are none.
    """

    bars: Mapping[tuple[str, str], Bars | RawBars]
    trades: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    quotes: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    chains: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    actions: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    news: tuple[Mapping[str, Any], ...] = ()
    symbols: tuple[str, ...] = ()
    resampled: bool = False

    def listed(self) -> tuple[str, ...]:
        """Every symbol the list of assets knows."""
        return tuple(dict.fromkeys([*self.symbols, *(symbol for symbol, _ in self.bars)]))

    def rows(self, symbol: str, timeframe: str, adjustment: str) -> list[tuple[int, dict[str, Any]]]:
        """The bars of a symbol as (moment, row), in order; [] where there are none."""
        found = self.bars.get((symbol, timeframe))
        if found is None and self.resampled:
            held = {length: bars for (name, length), bars in self.bars.items() if name == symbol}
            found = coarser(held, timeframe, symbol) if held else None
        if found is None:
            return []
        dated = not Timeframe.of(timeframe).is_intraday and "/" not in symbol
        moments = [midnight_in_new_york(int(at)) if dated else int(at) for at in found.time]
        factor, shares = self._factors(symbol, found, adjustment)
        prices = {name: np.round(getattr(found, name) * factor, 6) for name in ("open", "high", "low", "close")}
        columns = {
            "c": prices["close"].tolist(),
            "h": prices["high"].tolist(),
            "l": prices["low"].tolist(),
            "n": [100] * len(found),
            "o": prices["open"].tolist(),
            "t": [f"{text}Z" for text in np.datetime_as_string(np.array(moments, "datetime64[ns]"), "s").tolist()],
            "v": [int(each) if each.is_integer() else each for each in (found.volume * shares).tolist()],
            "vw": np.round((prices["high"] + prices["low"] + prices["close"]) / 3.0, 6).tolist(),
        }
        rows = zip(*columns.values(), strict=True)
        return [(moment, dict(zip(columns, row, strict=True))) for moment, row in zip(moments, rows, strict=True)]

    def _factors(self, symbol: str, bars: Bars | RawBars, adjustment: str) -> tuple[Any, Any]:
        """By what the prices, and the volumes, of each bar are multiplied."""
        price, shares = np.ones(len(bars)), np.ones(len(bars))
        for kind, rows in self.actions.items():
            for row in rows:
                if row.get("symbol") != symbol or "ex_date" not in row:
                    continue
                before = bars.time < int(np.datetime64(row["ex_date"], "ns").astype(np.int64))
                if kind in ("forward_splits", "reverse_splits") and adjustment in ("split", "all"):
                    ratio = float(row["new_rate"]) / float(row["old_rate"])
                    price[before] /= ratio
                    shares[before] *= ratio
                if kind == "cash_dividends" and adjustment in ("dividend", "all") and before.any():
                    last = float(bars.close[np.flatnonzero(before)[-1]])
                    price[before] *= 1.0 - float(row["rate"]) / last
        return price, shares


def demo_market(*, first_day: str = "2023-01-02", days: int = 780, seed: int = 7) -> AlpacaMarket:
    """Hourly and daily bars of AAPL, MSFT and BTC/USD that nobody ever traded, the same for one seed.

    Bars of several hours, weeks and months are made of these. They trend, so that a rule that follows trends earns
    something. `days` counts Mondays to Fridays. In the middle of
    that time MSFT splits 2:1, and AAPL pays a dividend of 0.25.
    """
    start = np.datetime64(first_day, "D")
    dates = np.busday_offset(start, np.arange(days), roll="forward").astype("datetime64[ns]").astype(np.int64)
    bars: dict[tuple[str, str], Bars | RawBars] = {}
    for number, symbol in enumerate(("AAPL", "MSFT", "BTC/USD")):
        opens = np.array([midnight_in_new_york(int(day)) + 9 * _HOUR for day in dates])
        time = (opens[:, None] + np.arange(_HOURS_A_SESSION) * _HOUR).ravel()
        if "/" in symbol:
            time = np.arange(dates[0], dates[-1] + _DAY, _HOUR)
        made = trending(len(time), seed + number, drift=0.0006, leg=240, volatility=0.004, timeframe="1h")
        o, h, low, c = (np.round(getattr(made, name), 4) for name in ("open", "high", "low", "close"))
        hourly = Bars(time, o, h, low, c, np.round(made.volume), symbol)
        if symbol == "MSFT":
            hourly = _split(hourly, int(dates[days // 2]), 2.0)
        bars[symbol, "1h"] = hourly
        bars[symbol, "1d"] = _by_day(hourly, _DAY if "/" in symbol else 0, dates)
    middle = str(dates[days // 2].astype("datetime64[ns]").astype("datetime64[D]"))
    split = {"symbol": "MSFT", "new_rate": 2, "old_rate": 1, "process_date": middle, "ex_date": middle}
    dividend = {"symbol": "AAPL", "rate": 0.25, "special": False, "process_date": middle, "ex_date": middle}
    return AlpacaMarket(bars, actions={"forward_splits": (split,), "cash_dividends": (dividend,)}, resampled=True)


def _split(bars: Bars, ex: int, ratio: float) -> Bars:
    """The same bars as they are traded where a split counts from a time on: at a part of the price, so much more."""
    after = np.where(bars.time < ex, 1.0, ratio)
    o, h, low, c = (np.round(getattr(bars, name) / after, 4) for name in ("open", "high", "low", "close"))
    return Bars(bars.time, o, h, low, c, bars.volume * after, bars.symbol)


def _by_day(hourly: Bars, length: int, dates: Any) -> Bars:
    """Daily bars of hourly ones: by UTC day where a length is given, else by session."""
    first = np.arange(0, len(hourly), _HOURS_A_SESSION)
    if length:
        dates, first = np.unique(hourly.time // length * length, return_index=True)
    last = np.append(first[1:], len(hourly)) - 1
    return Bars(
        dates,
        hourly.open[first],
        np.maximum.reduceat(hourly.high, first),
        np.minimum.reduceat(hourly.low, first),
        hourly.close[last],
        np.add.reduceat(hourly.volume, first),
        hourly.symbol,
    )
