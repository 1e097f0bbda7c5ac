"""A hundred thousand broken payloads: nothing that is no number is kept, nothing crashes, and NaN is never best.

Payloads are what a source might send for a few bars: columns with NaN, infinities, subnormals, huge integers, texts and
nulls in them, columns missing or of another length, times of any size. What cannot be rows is refused at the first
door; what can is screened, kept by a catalogue, and read again.
"""

from __future__ import annotations

import math
import random
import tempfile
from collections import Counter
from typing import Any

import numpy as np

from autonomous_trading.adapters.catalogue import ParquetCatalogue
from autonomous_trading.app.market_data import Delivery
from autonomous_trading.core import InvalidBars, NothingToReport, Timeframe
from autonomous_trading.data import RawBars, SeriesKey, Span, screened
from autonomous_trading.interfaces.python import optimize
from proofs.claims import Figure, at_least, equals, holds, run

TITLE = "Fuzzed payloads"
PAYLOADS = 100_000
TOGETHER = 1_000
OBJECTIVES = 1_000
_NAMES = ("time", "open", "high", "low", "close", "volume")
_START = 1_700_000_000_000_000_000
_MINUTE = 60_000_000_000
_ODD: tuple[Any, ...] = (
    math.nan, math.inf, -math.inf, 5e-324, -5e-324, 1e308, -1e308, 0.0, -0.0, -1.0, 2**53 + 1, 2**63 - 1, -(2**63),
    2**64 - 1, 2**80, -(2**200), 10**400, "100.5", "", "NaN", "1e999", "\x00", None, True, [], [1.0], {}, 1j, b"1",
    object(),
)  # fmt: skip
_SPAN = Span(_START, _START + 100 * PAYLOADS * _MINUTE)
KEY = SeriesKey("fuzzed", "X", Timeframe.of("1m"))


def payload(dice: random.Random, number: int) -> dict[str, Any]:
    """Some bars, most of them spoilt in one to three ways."""
    count = dice.randint(1, 5)
    closes = [dice.uniform(1.0, 200.0) for _ in range(count)]
    found: dict[str, Any] = {
        "time": [_START + (number * 5 + at) * _MINUTE for at in range(count)],
        "open": list(closes),
        "high": [close + 1.0 for close in closes],
        "low": [close * 0.99 for close in closes],
        "close": closes,
        "volume": [dice.uniform(0.0, 1e6) for _ in range(count)],
    }
    for _ in range(dice.randint(0, 3)):
        spoil(dice, found)
    return found


def spoil(dice: random.Random, found: dict[str, Any]) -> None:
    """One more thing that is wrong."""
    name, way = dice.choice(_NAMES), dice.random()
    if name not in found:
        return
    if way < 0.05:
        del found[name]
    elif way < 0.1 and isinstance(found[name], list):
        found[name] = found[name][:-1] if dice.random() < 0.5 else [*found[name], 1.0]
    elif way < 0.15:
        found[name] = dice.choice([None, "x", 1.0, [[1.0]], {"a": 1}, (), np.array([["a"]])])
    elif isinstance(found[name], list) and found[name]:
        found[name][dice.randrange(len(found[name]))] = dice.choice(_ODD)


def raw_rows(found: dict[str, Any]) -> RawBars | None:
    """The payload as rows, None where it is refused at the first door."""
    columns: dict[str, Any] = {}
    for name in _NAMES:
        if name not in found:
            return None
        try:
            columns[name] = np.asarray(found[name])
        except ValueError:  # lists in lists of different lengths: not even an array
            return None
    try:
        with np.errstate(invalid="ignore"):  # a time that is NaN becomes one that screening refuses
            return RawBars(symbol="X", received_at=_START, **columns)
    except InvalidBars:
        return None


def measure() -> list[Figure]:
    """Payloads first, then objectives."""
    dice, crashes, refused = random.Random(20_261_127), Counter[str](), 0
    counts = Counter[str]()
    with tempfile.TemporaryDirectory() as name:
        catalogue, waiting = ParquetCatalogue(name), list[RawBars]()
        for number in range(PAYLOADS):
            try:
                rows = raw_rows(payload(dice, number))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a crash and counted as one
                crashes[type(error).__name__] += 1
                continue
            refused += rows is None
            waiting += [] if rows is None else [rows]
            if len(waiting) >= TOGETHER or number == PAYLOADS - 1:
                counts.update(_kept(catalogue, waiting))
                waiting.clear()
        bars = catalogue.read(KEY)
        aside = sum(len(each.rows) for each in catalogue.quarantined(KEY))
    values = np.vstack([bars.open, bars.high, bars.low, bars.close, bars.volume])
    accounted = sum(counts[each] for each in ("new", "refused", "duplicates", "elsewhere")) == counts["received"]
    return [
        holds("payloads that crash", not crashes, bound="0", figure=f"{dict(crashes) or 0} of {PAYLOADS:,}"),
        at_least("payloads refused at the first door", refused, 1),
        holds("rows of the others: kept + put aside + repeated + at other times", accounted and aside > 0,
              figure=f"{counts['new']:,} + {counts['refused']:,} + {counts['duplicates']:,} + {counts['elsewhere']:,}"
              f" of {counts['received']:,}"),
        equals("values kept that are not finite, or prices not positive",
               int((~np.isfinite(values)).sum() + (values[:4] <= 0.0).sum()), 0, digits=0),
        holds("bars read are those that were kept", len(bars) == counts["new"], figure=f"{len(bars):,}"),
        *_objectives(),
    ]  # fmt: skip


def _kept(catalogue: ParquetCatalogue, waiting: list[RawBars]) -> dict[str, int]:
    rows = RawBars.joined(waiting)
    # A sync refuses an answer with rows at times it did not ask for; here they are left out one by one.
    elsewhere = (rows.time > 0) & ((rows.time < _SPAN.start) | (rows.time >= _SPAN.stop))
    seen = screened(rows.taken(~elsewhere))
    told = catalogue.commit(KEY, Delivery(_SPAN, seen.bars, _START, seen.refused, seen.reasons))
    return {
        "received": len(rows), "elsewhere": int(elsewhere.sum()), "new": told.new, "refused": told.refused,
        "duplicates": seen.duplicates + told.repeated + told.revised,
    }  # fmt: skip


def _objectives() -> list[Figure]:
    """A search in which a thousand sets have no value, and one in which none has."""
    asked = Counter[str]()

    def value(x: float) -> float:
        asked["nothing" if x < 0.6 else "value"] += 1
        return (math.nan, math.inf, -math.inf)[int(x * 1e6) % 3] if x < 0.6 else -x

    study = optimize(objective=value, space={"x": (0.0, 1.0)}, method="random", trials=2 * OBJECTIVES, seed=3)
    best = [dict(study.best().parameters), *(dict(point.parameters) for point in study.pareto_front)]
    chosen = sum(float(str(each["x"])) < 0.6 for each in best)
    hopeless = optimize(objective=lambda **_: math.nan, space={"x": (0.0, 1.0)}, method="random", trials=50, seed=4)
    try:
        hopeless.best()
        nothing = "something"
    except NothingToReport:
        nothing = "nothing"
    return [
        at_least("sets with an objective that is NaN or infinite", asked["nothing"], OBJECTIVES),
        equals("of them selected as best", chosen, 0, digits=0),
        holds("best of a search in which every set is NaN", nothing == "nothing", bound="nothing", figure=nothing),
    ]


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
