"""Dividends and splits from the events of a chart."""

from collections.abc import Mapping
from typing import Any

from autonomous_trading.adapters.providers.yahoo._chart import Chart
from autonomous_trading.adapters.providers.yahoo._times import session_date
from autonomous_trading.core import InvalidInput, SourceCorrupt
from autonomous_trading.data.actions import CorporateAction

__all__ = ["actions_of"]


def actions_of(chart: Chart, symbol: str) -> tuple[CorporateAction, ...]:
    """Every dividend and split in a chart, in order; capital gains that a fund pays out are dividends.

    Yahoo does not say when they were announced: they count as known from their ex date on. Its dividends are adjusted
    for later splits, as its prices are. Raises SourceCorrupt.
    """
    try:
        found = [
            *(_dividend(chart, symbol, each) for name in ("dividends", "capitalGains") for each in _each(chart, name)),
            *(_split(chart, symbol, each) for each in _each(chart, "splits")),
        ]
    except (InvalidInput, KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError) as error:
        raise SourceCorrupt(
            f"Yahoo: an event of {symbol} cannot be ({type(error).__name__})", fix="try again later; nothing was kept"
        ) from error
    return tuple(sorted(found, key=lambda action: (action.ex_time, action.kind)))


def _each(chart: Chart, name: str) -> list[Mapping[str, Any]]:
    return list(chart.events.get(name, {}).values())


def _dividend(chart: Chart, symbol: str, event: Mapping[str, Any]) -> CorporateAction:
    ex_time = session_date(chart, event["date"])
    return CorporateAction("dividend", symbol, ex_time, knowable_at=ex_time, amount=float(event["amount"]))


def _split(chart: Chart, symbol: str, event: Mapping[str, Any]) -> CorporateAction:
    ex_time = session_date(chart, event["date"])
    ratio = float(event["numerator"]) / float(event["denominator"])
    return CorporateAction("split", symbol, ex_time, knowable_at=ex_time, ratio=ratio)
