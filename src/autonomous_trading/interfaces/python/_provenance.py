"""What a repetition needs, as plain values: data, bars traded, strategy and its source, rules, search."""

from __future__ import annotations

import hashlib
import inspect
import math
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from autonomous_trading.app import Market, Rules, Search
from autonomous_trading.core import Space
from autonomous_trading.strategies import Strategy

_NOT_SEARCHED = ("name", "live_updatable", "max_step")
"""Fields of a parameter that say nothing about where a search looks."""


def market_facts(market: Market, rules: Rules) -> dict[str, object]:
    """Data, costs and rules of a run."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        engine = version("autonomous-trading")
    except PackageNotFoundError:
        engine = "uninstalled"
    return {
        "data": {
            symbol or "bars": each.bars.content_id
            for symbol, each in zip(market.symbols, market.instruments, strict=True)
        },
        "bars": market.n_bars,
        "costs": rules.costs.describe(),
        "exits": {field: value for field, value in asdict(rules.exits).items() if value is not None},
        "execution": asdict(rules.execution),
        "fill_contract": 1,
        "engine": engine,
    }


def market_name(market: Market) -> str:
    """What a person calls the market: its symbols, the first few of many."""
    symbols = [symbol or "bars" for symbol in market.symbols]
    return ", ".join(symbols[:3]) + (f" and {len(symbols) - 3} more" if len(symbols) > 3 else "")


def span_facts(market: Market, span: tuple[int, int]) -> dict[str, object]:
    """The bars of a span: ISO dates that give the same span again (`stop` is left out), and how many they are."""
    low, high = span
    return {"start": moment_text(market, low), "stop": moment_text(market, high), "bars": high - low}


def span_words(market: Market, span: tuple[int, int]) -> str:
    """The bars of a span for a person: first to last, both included, and how many."""
    low, high = span
    return f"{moment_text(market, low)} to {moment_text(market, high - 1)}, {high - low:,} bars"


def moment_text(market: Market, row: int) -> str:
    """Start of a bar; for the row beyond the last one, its end as far as it is known: one usual bar later."""
    time = market.bars.time
    moment = time[row] if row < len(time) else time[-1] + np.median(np.diff(time)).astype(np.int64)
    return str(moment.astype("datetime64[ns]").astype("datetime64[s]")).removesuffix("T00:00:00")


# Read once, when a class is first used: an edit of its file afterwards must not change what is said of the run.
@lru_cache(maxsize=1_024)
def source_of(strategy: type[Strategy]) -> Mapping[str, str | None]:
    """Where a strategy comes from; its source is its class, and the classes between it and `at.Strategy`."""
    classes = [each for each in strategy.__mro__ if issubclass(each, Strategy) and each is not Strategy]
    # A strategy that declares parameters of the engine for a search has the name and the source of its base.
    sources = {(each.__module__, each.__qualname__): each for each in classes}
    return code_facts(strategy, list(sources.values()))


def code_facts(code: Any, parts: Sequence[Any] = ()) -> dict[str, str | None]:
    """The name of a class or function, its module, the name of its file, and the sha256 of the source of its parts.

    The sha256 is None where Python has no source, as in some notebooks.
    """
    file: str | None
    try:
        file = Path(inspect.getfile(code)).name
    except (OSError, TypeError):
        file = None
    name = str(getattr(code, "__qualname__", type(code).__qualname__))
    module = str(getattr(code, "__module__", type(code).__module__))
    return {"name": name, "module": module, "file": file, "sha256": _sha256(parts or [code])}


def _sha256(parts: Sequence[Any]) -> str | None:
    try:
        text = "".join(inspect.getsource(each) for each in parts)
    except (OSError, TypeError, SyntaxError):
        return None
    return hashlib.sha256(text.encode()).hexdigest()


def search_facts(space: Space, search: Search) -> dict[str, object]:
    """How sets were looked for, and where."""
    options = {name: plain(value) for name, value in search.options.items()}
    return {
        "method": search.method,
        "seed": search.seed,
        "ahead": search.ahead,
        "space": {name: _parameter_facts(space.parameters[name]) for name in space.names},
        "fixed": plain(space.fixed),
        "resolution": options.pop("resolution", None),
        "options": options,
    }


def window_facts(lengths: Mapping[str, float], settings: Mapping[str, Any]) -> dict[str, object]:
    """How the windows of a walk lay."""
    expanding = bool(settings.get("expanding", False))
    return {**plain(lengths), "unit": settings.get("unit", "days"), "expanding": expanding}


def _parameter_facts(parameter: Any) -> dict[str, object]:
    """A parameter as it was declared, without what it left at its default."""
    shown = fields(parameter) if is_dataclass(parameter) else ()
    values = {
        field.name: plain(getattr(parameter, field.name))
        for field in shown
        if field.name not in _NOT_SEARCHED
        and (field.default is MISSING or getattr(parameter, field.name) != field.default)
    }
    return {"type": type(parameter).__name__, **values}


def finite(value: Any) -> Any:
    """Plain data with None where a number is not finite: JSON has no NaN."""
    if isinstance(value, Mapping):
        return {name: finite(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def plain(value: Any) -> Any:
    """A value as JSON has it; what JSON does not have is written as Python shows it."""
    if isinstance(value, np.generic | np.ndarray):
        return plain(value.tolist())
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, set | frozenset):
        return [plain(each) for each in sorted(value, key=repr)]
    if isinstance(value, list | tuple | range):
        return [plain(each) for each in value]
    return value if value is None or isinstance(value, bool | int | float | str) else repr(value)
