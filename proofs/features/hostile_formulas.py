"""What a person types as a formula is read as a formula or refused: nothing runs, nothing hangs, nothing fills memory.

Thousands of texts that mean harm (escapes known from evaluators, and every size of nonsense) are read with an audit
hook that counts whatever leaves the parser: opened files, imports, compiled or executed code, processes, sockets. Then
a million texts: random formulas of the grammar, and formulas with characters and words lost, doubled, swapped and put
in. What is accepted is looked at node by node, written out and read again; a sample of it is evaluated. Times are CPU
times of this process; the first text is read before the clock starts, because it imports the indicators.
"""

from __future__ import annotations

import gc
import resource
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import final

import numpy as np

from autonomous_trading.core import (
    OPERATIONS,
    Column,
    Constant,
    Expression,
    InvalidExpression,
    InvalidInput,
    InvalidParameter,
    Operation,
    ParameterRef,
    UnknownName,
    columns_of,
)
from autonomous_trading.features import EXTRA_PREFIX, ColumnStore, column_names, split_timeframe
from autonomous_trading.features.formulas import evaluate_formula, formula_text, parse
from autonomous_trading.testing.contracts.features import catalogue_column
from autonomous_trading.testing.formulas import (
    HOSTILE_FAMILIES,
    FormulaMix,
    hostile_texts,
    mutated,
    random_formula,
)
from autonomous_trading.testing.markets import random_walk
from proofs.claims import Figure, at_least, at_most, equals, holds, run

TITLE = "Hostile formulas"
FUZZED = 1_000_000
MUTATIONS = 4  # of every random formula
EVALUATED = 20_000
EXAMINED_EVERY = 8  # accepted texts: written out, read again, and evaluated
PARTS = 4  # of the million, in as many processes
WEIGHED = 1_250  # texts of every part whose memory is traced: tracing makes everything four times as slow
SEED = 20_261_127
MIB = 2**20
_MIX = FormulaMix(parameters=("fast",), timeframes=("4h", "1d"), extra=("vix",), depth=2)
_OURS = (InvalidExpression, UnknownName, InvalidParameter)
# What Python tells an audit hook about its own workings while nothing leaves the process.
_INNER = (
    "builtins.id",
    "object.__getattr__",
    "sys._getframe",
    "gc.",
    "code.__new__",
    "function.__new__",
    "array.__new__",
)


@final
@dataclass(slots=True)
class Seen:
    """What was counted while texts were read."""

    texts: int = 0
    accepted: int = 0
    outside: int = 0
    changed: int = 0
    evaluated: int = 0
    misfits: int = 0
    slowest: float = 0.0
    slowest_evaluation: float = 0.0
    peak: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    crashes: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    grown: float = 0.0


@final
class Watch:
    """Counts the events of this process that an executed text would cause. A hook cannot be taken off: it is paused."""

    def __init__(self) -> None:
        self.events: Counter[str] = Counter()
        self._on = False
        sys.addaudithook(self._heard)

    def _heard(self, event: str, _arguments: object) -> None:
        if self._on and not event.startswith(_INNER):
            self.events[event] += 1

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Events count inside."""
        self._on = True
        try:
            yield
        finally:
            self._on = False


class Counted:
    """Whatever is raised inside is a crash, counted by its kind; only who runs the proof may end it with Ctrl-C.

    A text that ends the program (SystemExit) is a crash as well.
    """

    def __init__(self, crashes: Counter[str]) -> None:
        self._crashes = crashes

    def __enter__(self) -> None:
        """Nothing is opened."""

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        if kind is None or issubclass(kind, KeyboardInterrupt):
            return False
        self._crashes[kind.__name__] += 1
        return True


def read(text: str, seen: Seen, *, traced: bool = False) -> Expression | None:
    """The expression of a text, None when it is refused; its CPU time and, when traced, its largest allocation."""
    before = tracemalloc.get_traced_memory()[0]  # 0 while nothing is traced
    if traced:
        tracemalloc.reset_peak()
    started = time.process_time()
    found: Expression | None = None
    with Counted(seen.crashes):
        try:
            found = parse(text, parameters=("fast",), extra=("vix",))
        except _OURS as error:
            str(error)
            seen.refusals[type(error).__name__] += 1
    spent = time.process_time() - started
    if traced:
        seen.peak = max(seen.peak, tracemalloc.get_traced_memory()[1] - before)
    seen.texts += 1
    seen.slowest = max(seen.slowest, spent)
    return found


def inside(expression: Expression) -> bool:
    """Whether an expression is made of nothing but columns there are, operations, parameters and finite numbers."""
    known = {*column_names(), f"{EXTRA_PREFIX}vix"}
    stack: list[object] = [expression]
    while stack:
        node = stack.pop()
        if isinstance(node, Column):
            allowed = split_timeframe(node.name)[1] in known
        elif isinstance(node, Operation):
            allowed = node.op in OPERATIONS
        elif isinstance(node, Constant):
            # isfinite(x) asks whether abs(x) < infinity: the one number that no text may hold.
            allowed = isinstance(node.value, int | float) and node.value == node.value
        else:
            allowed = isinstance(node, ParameterRef) and node.name == "fast"
        if not allowed:
            return False
        stack.extend(getattr(node, "children", ()))
    return True


def hostile(watch: Watch) -> tuple[Seen, bool]:
    """Every hostile text, and whether one of them wrote its file."""
    seen = Seen()
    with TemporaryDirectory() as folder:
        canary = Path(folder) / "canary"
        texts = hostile_texts(str(canary))
        with watch.listening():
            for each in texts:
                seen.accepted += read(each.text, seen) is not None
        tracemalloc.start()
        weighed = Seen()
        for each in texts:
            read(each.text, weighed, traced=True)
        tracemalloc.stop()
        seen.peak = weighed.peak
        return seen, canary.exists()


def fuzzed_texts(part: int) -> Iterator[str]:
    """The texts of one part: one in five is a formula, the others were."""
    rng = np.random.default_rng((SEED, part))
    for _ in range(FUZZED // PARTS // (1 + MUTATIONS)):
        text = random_formula(rng, mix=_MIX)
        yield text
        for _ in range(MUTATIONS):
            yield mutated(text, rng)


def fuzzed(part: int) -> Seen:
    """Read one part in a process of its own; look at what is accepted, and evaluate some of it."""
    store, watch, seen = market(), Watch(), Seen()
    warm(store)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tracemalloc.start()
    for text in islice(fuzzed_texts(part), WEIGHED):
        read(text, seen, traced=True)
    tracemalloc.stop()
    seen = Seen(peak=seen.peak)  # tracing is slow: the clock starts here, and these texts are read once more
    for text in fuzzed_texts(part):
        with watch.listening():
            found = read(text, seen)
        if found is None:
            continue
        seen.accepted += 1
        seen.outside += not inside(found)
        if seen.accepted % EXAMINED_EVERY == 0:
            examine(found, seen, store)
    seen.events = watch.events
    seen.grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return seen


def together(parts: Sequence[Seen]) -> Seen:
    """What all parts have seen."""
    whole = Seen()
    for part in parts:
        for name in ("texts", "accepted", "outside", "changed", "evaluated", "misfits"):
            setattr(whole, name, getattr(whole, name) + getattr(part, name))
        for name in ("refusals", "crashes", "events"):
            getattr(whole, name).update(getattr(part, name))
        for name in ("slowest", "slowest_evaluation", "peak", "grown"):
            setattr(whole, name, max(getattr(whole, name), getattr(part, name)))
    return whole


def examine(found: Expression, seen: Seen, store: ColumnStore) -> None:
    """Written out it means the same, and it has a value for every bar."""
    try:
        again = parse(formula_text(found), parameters=("fast",), extra=("vix",))
        seen.changed += not again.same(found)
    except InvalidInput:
        seen.changed += 1
    if any(split_timeframe(each.name)[0] for each in columns_of(found)):
        return  # columns of other timeframes need bars of them
    started = time.process_time()
    with Counted(seen.crashes):
        try:
            values = evaluate_formula(found, store, {"fast": 7})
            seen.misfits += values.shape != (store.n_bars,) or values.dtype != np.float64
            seen.evaluated += 1
        except InvalidInput as error:
            seen.refusals[f"evaluated: {type(error).__name__}"] += 1
    seen.slowest_evaluation = max(seen.slowest_evaluation, time.process_time() - started)


def market() -> ColumnStore:
    """Three hundred bars with a column of their own."""
    bars = random_walk(300, seed=7)
    return ColumnStore(replace(bars, extra={"vix": 20.0 + np.sin(np.arange(300.0))}), budget_bytes=8 * MIB)


def warm(store: ColumnStore) -> None:
    """Every column and some formulas first: what is imported, compiled and kept once is no part of any text's time."""
    for name in column_names():
        catalogue_column(name).compute(store.bars)
    rng = np.random.default_rng(0)
    for _ in range(500):
        examine(parse(random_formula(rng, mix=_MIX), parameters=("fast",), extra=("vix",)), Seen(), store)
    # The collector looks at everything that is kept once every few hundred thousand texts, for longer than a hundred
    # texts take, and whatever text is read then would be called slow: what is kept by now is none of its business.
    gc.collect()
    gc.freeze()


def measure() -> list[Figure]:
    """The hostile ones first, then the million."""
    watch = Watch()
    warm(market())
    bad, written = hostile(watch)
    with ProcessPoolExecutor(PARTS, mp_context=get_context("spawn")) as pool:
        many = together(list(pool.map(fuzzed, range(PARTS))))
    print(f"  refusals of the million: {dict(many.refusals)}")
    return [
        at_least("hostile texts", bad.texts, 2_000),
        at_least("of so many families", len(HOSTILE_FAMILIES), 15),
        equals("hostile texts accepted", bad.accepted, 0, digits=0),
        holds("hostile texts that ran anything (file written, audit events)", not written and not watch.events,
              bound="0", figure=str(dict(watch.events) or int(written))),
        holds("hostile texts that crash", not bad.crashes, bound="0", figure=str(dict(bad.crashes) or 0)),
        at_most("slowest hostile text, CPU", 1e3 * bad.slowest, 100.0, "ms"),
        at_most("largest allocation for one", bad.peak / MIB, 50.0, "MB"),
        at_least("grammar-fuzzed texts", many.texts, FUZZED),
        at_least("of them formulas", many.accepted, FUZZED / 10),
        equals("of those with anything outside the grammar", many.outside, 0, digits=0),
        equals("written out, not the same formula", many.changed, 0, digits=0),
        holds("fuzzed texts that crash", not many.crashes, bound="0", figure=str(dict(many.crashes) or 0)),
        at_most("slowest fuzzed text, CPU", 1e3 * many.slowest, 100.0, "ms"),
        at_most("largest allocation for one (5,000 traced)", many.peak / MIB, 50.0, "MB"),
        holds("fuzzed texts that ran anything (audit events)", not many.events, bound="0",
              figure=str(dict(many.events) or 0)),
        at_most("growth of a process over its quarter million", many.grown, 50.0, "MB"),
        at_least("formulas evaluated on 300 bars", many.evaluated, EVALUATED),
        equals("of them without one number per bar", many.misfits, 0, digits=0),
        at_most("slowest evaluation, CPU", 1e3 * many.slowest_evaluation, 100.0, "ms"),
    ]  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
