"""The contract suite of providers finds what breaks it: each provider here keeps every promise but one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from autonomous_trading.app.market_data import BarProvider, Capabilities
from autonomous_trading.core import (
    InvalidInput,
    SourceCorrupt,
    SourceDenied,
    SourceUnavailable,
    TradingError,
    unknown_name,
)
from autonomous_trading.data import BarsRequest, RawBars
from autonomous_trading.testing.contracts.providers import ATTEMPTS, ProviderContract, Scene, Subject

KEY = "the-key"


class Memory(BarProvider):
    """A source in memory that keeps every promise; its trouble is played by hand."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    @property
    def name(self) -> str:
        return "memory"

    def capabilities(self) -> Capabilities:
        return Capabilities(("1h",))

    def pages(self, request: BarsRequest) -> Iterator[RawBars]:
        self.check(request)
        self.play()
        for symbol in request.symbols:
            for page in self.cut(self.due(request, symbol)):
                yield page
                if self.scene.trouble == "breaks_off":
                    raise SourceUnavailable("the line was cut")

    def check(self, request: BarsRequest) -> None:
        if request.timeframe.text != "1h" or request.adjustment != "raw" or request.feed:
            raise InvalidInput("memory has nothing but raw bars of 1h")
        for symbol in request.symbols:
            if symbol not in self.scene.rows:
                raise unknown_name("symbol", symbol, self.scene.rows)

    def play(self) -> None:
        trouble = self.scene.trouble
        if trouble == "fails_twice":
            self.scene.sleep(1.0)
        if trouble in ("down", "silent"):
            for _ in range(ATTEMPTS - 1):
                self.scene.sleep(1.0)
            raise SourceUnavailable("nobody answers")
        if trouble == "denied":
            raise SourceDenied("the key is not the right one")
        if trouble == "lie":
            raise SourceCorrupt("this cannot be")

    def due(self, request: BarsRequest, symbol: str) -> RawBars:
        rows, step = self.scene.rows[symbol], request.timeframe
        inside = (rows.time >= request.span.start) & (rows.time < request.span.stop)
        return rows.taken(inside & (step.following(rows.time) <= self.scene.now))

    def cut(self, rows: RawBars) -> list[RawBars]:
        return [rows.taken(part) for part in np.array_split(np.arange(len(rows)), 3) if len(part)]

    def close(self) -> None:
        """Nothing is held open."""


def subject_of(kind: Callable[[Scene], BarProvider]) -> Subject:
    @contextmanager
    def opened(scene: Scene) -> Iterator[BarProvider]:
        yield kind(scene)

    troubles = frozenset({"fails_twice", "breaks_off", "down", "silent", "denied"})
    return Subject(opened, ("AAA", "BBB"), "ZZZ", troubles=troubles, lies=("lie",), secret=KEY)


class TestMemory(ProviderContract):
    """The honest one keeps every promise."""

    @pytest.fixture
    def subject(self) -> Subject:
        return subject_of(Memory)


class Changed(Memory):
    """One thing is another: `how` gets the rows that are due."""

    def __init__(self, scene: Scene, how: Callable[[RawBars], RawBars]) -> None:
        super().__init__(scene)
        self.how = how

    def due(self, request: BarsRequest, symbol: str) -> RawBars:
        return self.how(super().due(request, symbol))


def changed(how: Callable[[RawBars], RawBars]) -> Subject:
    return subject_of(lambda scene: Changed(scene, how))


def without_nan(rows: RawBars) -> RawBars:
    return rows.taken(np.isfinite(rows.high))


def without_repeats(rows: RawBars) -> RawBars:
    return rows.taken(np.unique(rows.time, return_index=True)[1])


def rounded(rows: RawBars) -> RawBars:
    return RawBars(rows.symbol, rows.time, rows.open, rows.high, rows.low, rows.close + 1e-9, rows.volume, 1)


class Unbounded(Memory):
    """Takes no notice of the clock, or of the end of the span."""

    def __init__(self, scene: Scene, field: str) -> None:
        super().__init__(scene)
        self.field = field

    def due(self, request: BarsRequest, symbol: str) -> RawBars:
        rows = self.scene.rows[symbol]
        if self.field == "now":
            return rows.taken((rows.time >= request.span.start) & (rows.time < request.span.stop))
        return rows.taken((rows.time >= request.span.start) & (rows.time <= request.span.stop))


class Lenient(Memory):
    """Answers whatever it is asked."""

    def check(self, request: BarsRequest) -> None:
        """Everything is fine."""

    def due(self, request: BarsRequest, symbol: str) -> RawBars:
        rows = self.scene.rows.get(symbol, next(iter(self.scene.rows.values())))
        return rows.taken(np.arange(0)) if symbol not in self.scene.rows else super().due(request, symbol)


class Ending(Memory):
    """Takes a line that was cut for the end."""

    def pages(self, request: BarsRequest) -> Iterator[RawBars]:
        try:
            yield from super().pages(request)
        except SourceUnavailable:
            return


class Backwards(Memory):
    """Gives the newest page first."""

    def cut(self, rows: RawBars) -> list[RawBars]:
        return super().cut(rows)[::-1]


class Believing(Memory):
    """Believes what it is told."""

    def play(self) -> None:
        if self.scene.trouble not in ("lie", "denied"):
            super().play()


class Endless(Memory):
    """Waits longer than it should."""

    def play(self) -> None:
        for _ in range(10):
            self.scene.sleep(1.0)
        super().play()


class Talkative(Memory):
    """Tells its key when it is refused."""

    def play(self) -> None:
        if self.scene.trouble == "denied":
            raise SourceDenied(f"{KEY} is not the right key")
        super().play()


class Printing(Memory):
    """Prints what it does."""

    def play(self) -> None:
        print("asking")  # noqa: T201 - what the suite has to find
        super().play()


class Colon(Memory):
    """Has a name that no data string can hold."""

    @property
    def name(self) -> str:
        return "me:mory"


SUITE = ProviderContract()
BROKEN: list[tuple[Subject, Callable[[Subject], None], str]] = [
    (changed(lambda rows: rows.taken(np.arange(1, len(rows)))), SUITE.test_gives_all_it_was_asked_for, "rows were due"),
    (changed(rounded), SUITE.test_gives_all_it_was_asked_for, "column close differs"),
    (changed(rounded), SUITE.test_gives_several_symbols, "column close differs"),
    (changed(without_nan), lambda one: SUITE.test_repairs_nothing(one, "nan"), "rows were due"),
    (changed(without_repeats), lambda one: SUITE.test_repairs_nothing(one, "duplicate"), "rows were due"),
    (
        subject_of(lambda scene: Unbounded(scene, "stop")),
        SUITE.test_the_start_belongs_to_the_span_and_the_end_does_not,
        "rows were due",
    ),
    (
        subject_of(lambda scene: Unbounded(scene, "stop")),
        SUITE.test_a_span_without_rows_gives_no_page,
        "for a span that holds none",
    ),
    (subject_of(lambda scene: Unbounded(scene, "now")), SUITE.test_leaves_out_the_bar_in_progress, "rows were due"),
    (subject_of(Lenient), SUITE.test_names_a_symbol_it_does_not_have, "instead of UnknownName"),
    (subject_of(Lenient), SUITE.test_refuses_what_it_does_not_offer, "instead of InvalidInput"),
    (subject_of(Backwards), SUITE.test_pages_come_in_order, "are not in order"),
    (subject_of(Believing), SUITE.test_believes_no_lie, "it was believed"),
    (subject_of(Believing), SUITE.test_says_that_it_is_denied, "instead of SourceDenied"),
    (subject_of(Endless), lambda one: SUITE.test_gives_up(one, "down"), "it waited 12 times"),
    (subject_of(Talkative), SUITE.test_tells_no_secret, "the key is told"),
    (subject_of(Colon), SUITE.test_says_what_it_offers_without_asking, "cannot stand in a data string"),
]


@pytest.mark.parametrize(("subject", "check", "message"), BROKEN)
def test_the_suite_finds(subject: Subject, check: Callable[[Subject], None], message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        check(subject)


def test_the_suite_finds_what_takes_a_cut_line_for_the_end() -> None:
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        SUITE.test_a_failure_on_the_way_is_raised(subject_of(Ending))


def test_the_suite_finds_what_prints(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(AssertionError, match="it printed something"):
        SUITE.test_is_quiet(subject_of(Printing), capfd)


def test_the_suite_finds_an_answer_that_changes() -> None:
    calls = iter(range(10_000))

    def drifting(rows: RawBars) -> RawBars:
        return rows.taken(np.arange(len(rows) - next(calls) // 2))

    with pytest.raises(AssertionError, match="rows were due"):
        SUITE.test_is_repeatable(changed(drifting))


def test_the_suite_finds_what_does_not_wait() -> None:
    class Hasty(Memory):
        def play(self) -> None:
            if self.scene.trouble != "fails_twice":
                super().play()

    with pytest.raises(AssertionError, match="did not wait"):
        SUITE.test_tries_again(subject_of(Hasty))


def test_the_suite_finds_the_wrong_kind_of_failure() -> None:
    class Odd(Memory):
        def play(self) -> None:
            if self.scene.trouble == "lie":
                raise TradingError("what is this?")
            super().play()

    with pytest.raises(AssertionError, match="lie: TradingError: what is this"):
        SUITE.test_believes_no_lie(subject_of(Odd))
