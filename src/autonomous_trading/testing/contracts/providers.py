"""What every provider of bars must do: give all that was asked for and nothing else, as it came, or say why not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from autonomous_trading.app.market_data import BarProvider
from autonomous_trading.core import (
    InvalidInput,
    SourceCorrupt,
    SourceDenied,
    SourceUnavailable,
    Timeframe,
    TradingError,
    UnknownName,
)
from autonomous_trading.data import BarsRequest, RawBars, Span
from autonomous_trading.testing.contracts._provider_subject import (
    ATTEMPTS,
    TIMEOUT,
    Scene,
    Subject,
    made_rows,
    request_of,
    rows_by_symbol,
)
from autonomous_trading.testing.contracts._require import require

__all__ = ["ATTEMPTS", "TIMEOUT", "ProviderContract", "Scene", "Subject", "made_rows", "request_of"]

_COLUMNS = ("time", "open", "high", "low", "close", "volume")
_ADJUSTMENTS = ("raw", "split", "dividend", "all")
_ODD_TIMEFRAMES = ("7s", "11m", "13h", "17d", "19M")


class ProviderContract:
    """The suite for one provider: inherit it in a test class, and give the fixture `subject`.

    class TestMySource(ProviderContract):
        @pytest.fixture
        def subject(self):
            return Subject(open_my_source, symbols=("AAA", "BBB"), unknown="ZZZ")
    """

    def test_gives_all_it_was_asked_for(self, subject: Subject) -> None:
        """Every row that the source holds, with every bit of every column."""
        with _opened(subject) as (scene, provider):
            symbol = subject.symbols[0]
            found = rows_by_symbol(provider, request_of(scene, provider, symbol))
            require(set(found) == {symbol}, f"{symbol} was asked for, {sorted(found)} came")
            _require_same(found[symbol], scene.rows[symbol])

    def test_the_start_belongs_to_the_span_and_the_end_does_not(self, subject: Subject) -> None:
        """start <= time < stop, to the nanosecond."""
        with _opened(subject) as (scene, provider):
            symbol = subject.symbols[0]
            held = scene.rows[symbol]
            first, last = int(held.time[40]), int(held.time[90])
            for start, stop, rows in ((first, last, (40, 90)), (first + 1, last + 1, (41, 91))):
                request = request_of(scene, provider, symbol, span=Span(start, stop))
                found = rows_by_symbol(provider, request)
                _require_same(found[symbol], held.taken(np.arange(*rows)))

    def test_pages_come_in_order(self, subject: Subject) -> None:
        """A page holds rows of one symbol that was asked for, and begins after the page of that symbol before it."""
        with _opened(subject) as (scene, provider):
            seen: dict[str, int] = {}
            for page in provider.pages(request_of(scene, provider)):
                require(page.symbol in subject.symbols, f"a page of {page.symbol!r} was not asked for")
                require(len(page), f"an empty page of {page.symbol} came")
                require(page.received_at > 0, "a page does not say when it was received")
                last = seen.get(page.symbol)
                require(last is None or int(page.time.min()) > last, f"the pages of {page.symbol} are not in order")
                seen[page.symbol] = int(page.time.max())

    def test_gives_several_symbols(self, subject: Subject) -> None:
        """Asked for together, each symbol has the rows it has when it is asked for alone."""
        with _opened(subject) as (scene, provider):
            found = rows_by_symbol(provider, request_of(scene, provider))
            require(set(found) == set(subject.symbols), f"pages came of {sorted(found)}")
            for symbol in subject.symbols:
                _require_same(found[symbol], scene.rows[symbol])

    def test_a_span_without_rows_gives_no_page(self, subject: Subject) -> None:
        """Before everything, and between two bars."""
        with _opened(subject) as (scene, provider):
            symbol = subject.symbols[0]
            held = scene.rows[symbol]
            first, later = int(held.time[0]), int(held.time[50])
            for span in (Span(first - 5 * scene.timeframe.ns, first), Span(later + 1, later + 2)):
                pages = list(provider.pages(request_of(scene, provider, symbol, span=span)))
                require(pages == [], f"{sum(map(len, pages))} rows came for a span that holds none")

    def test_leaves_out_the_bar_in_progress(self, subject: Subject) -> None:
        """A bar counts when it is over: at its last nanosecond it does not, at its end it does."""
        symbol, step = subject.symbols[0], Timeframe.of(subject.timeframe)
        whole = subject.rows()[symbol]
        end = int(step.following(whole.time[-1:])[0])
        for now, rows in ((end - 1, len(whole) - 1), (end, len(whole))):
            scene = replace(subject.scene(), now=now)
            with subject.open(scene) as provider:
                span = Span(int(whole.time[0]), end + step.ns)
                found = rows_by_symbol(provider, request_of(scene, provider, symbol, span=span))
                _require_same(found[symbol], whole.taken(np.arange(rows)))

    def test_names_a_symbol_it_does_not_have(self, subject: Subject) -> None:
        """UnknownName with the symbol, also behind one that it has."""
        with _opened(subject) as (scene, provider):
            for symbols in ((subject.unknown,), (subject.symbols[0], subject.unknown)):
                error = _failure(provider, request_of(scene, provider, *symbols), UnknownName)
                require(subject.unknown in str(error), f"{error} does not name {subject.unknown}")

    def test_refuses_what_it_does_not_offer(self, subject: Subject) -> None:
        """Another timeframe, adjustment or feed is InvalidInput, with those it knows."""
        with _opened(subject) as (scene, provider):
            offer, request = provider.capabilities(), request_of(scene, provider)
            odd = next(each for each in _ODD_TIMEFRAMES if each not in offer.timeframes)
            wrong = [
                (offer.timeframes, replace(request, timeframe=Timeframe.of(odd))),
                (offer.feeds, replace(request, feed="no-such-feed")),
            ]
            others = sorted(set(_ADJUSTMENTS) - set(offer.adjustments))
            wrong += [(offer.adjustments, replace(request, adjustment=each)) for each in others]
            for known, asked in wrong:
                error = _failure(provider, asked, InvalidInput)
                require(not known or known[0] in str(error), f"{error} does not name one of {known}")

    def test_is_repeatable(self, subject: Subject) -> None:
        """The same question has the same rows for an answer."""
        with _opened(subject) as (scene, provider):
            request = request_of(scene, provider)
            first, again = rows_by_symbol(provider, request), rows_by_symbol(provider, request)
            require(list(first) == list(again), "the symbols came in another order")
            for symbol, rows in first.items():
                _require_same(again[symbol], rows)

    def test_says_what_it_offers_without_asking(self, subject: Subject) -> None:
        """Name and capabilities are there while the source is out of reach, and are texts that others understand."""
        trouble = "down" if "down" in subject.troubles else ""
        with subject.open(subject.scene(trouble)) as provider:
            offer = provider.capabilities()
            require(provider.name and ":" not in provider.name, f"{provider.name!r} cannot stand in a data string")
            require(subject.timeframe in offer.timeframes, f"{subject.timeframe} is not among {offer.timeframes}")
            written = tuple(Timeframe.of(text).text for text in offer.timeframes)
            require(written == offer.timeframes, f"the timeframes {offer.timeframes} are written another way")
            require(set(offer.adjustments) <= set(_ADJUSTMENTS), f"adjustments are {offer.adjustments}")

    @pytest.mark.parametrize("fault", ["nan", "duplicate", "negative"])
    def test_repairs_nothing(self, subject: Subject, fault: str) -> None:
        """A missing price, a row that came twice and a price below zero come through as they are."""
        if fault not in subject.carries:
            return
        symbol = subject.symbols[0]
        held = _with_fault(subject.rows()[symbol], fault)
        scene = subject.scene(rows={**subject.rows(), symbol: held})
        with subject.open(scene) as provider:
            _require_same(rows_by_symbol(provider, request_of(scene, provider, symbol))[symbol], held)

    def test_tries_again(self, subject: Subject) -> None:
        """Two failures that pass are waited for, and nothing is missing or double afterwards."""
        if "fails_twice" not in subject.troubles:
            return
        with _opened(subject, "fails_twice") as (scene, provider):
            found = rows_by_symbol(provider, request_of(scene, provider))
            for symbol in subject.symbols:
                _require_same(found[symbol], scene.rows[symbol])
            require(scene.waits, "it did not wait before it tried again")

    @pytest.mark.parametrize("trouble", ["down", "silent"])
    def test_gives_up(self, subject: Subject, trouble: str) -> None:
        """A source that is down, or never answers a question, is SourceUnavailable after so many attempts."""
        if trouble not in subject.troubles:
            return
        with _opened(subject, trouble) as (scene, provider):
            _failure(provider, request_of(scene, provider), SourceUnavailable)
            require(len(scene.waits) < ATTEMPTS, f"it waited {len(scene.waits)} times for {ATTEMPTS} attempts")

    def test_a_failure_on_the_way_is_raised(self, subject: Subject) -> None:
        """Where the source breaks off, what came before is true, and the end is an error and not an end."""
        if "breaks_off" not in subject.troubles:
            return
        with _opened(subject, "breaks_off") as (scene, provider):
            pages: list[RawBars] = []
            with pytest.raises(SourceUnavailable):
                pages.extend(provider.pages(request_of(scene, provider)))
            for page in pages:
                held = scene.rows[page.symbol]
                _require_same(page, held.taken(np.isin(held.time, page.time)))

    def test_says_that_it_is_denied(self, subject: Subject) -> None:
        """Keys or a subscription that are refused are SourceDenied, at once."""
        if "denied" not in subject.troubles:
            return
        with _opened(subject, "denied") as (scene, provider):
            _failure(provider, request_of(scene, provider), SourceDenied)
            require(not scene.waits, "it waited for a refusal to pass")

    def test_believes_no_lie(self, subject: Subject) -> None:
        """Every answer that breaks the source's promises is SourceCorrupt."""
        for lie in subject.lies:
            with _opened(subject, lie) as (scene, provider):
                try:
                    found = rows_by_symbol(provider, request_of(scene, provider))
                except SourceCorrupt:
                    continue
                except TradingError as error:
                    require(False, f"{lie}: {type(error).__name__}: {error}")
                else:
                    require(False, f"{lie}: it was believed, {sum(map(len, found.values()))} rows came")

    def test_tells_no_secret(self, subject: Subject) -> None:
        """The key stands in no error and in no text about the provider."""
        if not subject.secret:
            return
        for trouble in ("", *sorted(subject.troubles), *subject.lies):
            with _opened(subject, trouble) as (scene, provider):
                texts = [repr(provider), str(provider), repr(provider.capabilities())]
                for symbol in (subject.symbols[0], subject.unknown):
                    try:
                        list(provider.pages(request_of(scene, provider, symbol)))
                    except TradingError as error:
                        texts += _told(error)
                require(
                    all(subject.secret not in text for text in texts), f"{trouble or 'no trouble'}: the key is told"
                )

    def test_closes_twice(self, subject: Subject) -> None:
        """Closing is allowed before anything was asked, and again."""
        with _opened(subject) as (_, provider):
            provider.close()
            provider.close()

    def test_is_quiet(self, subject: Subject, capfd: pytest.CaptureFixture[str]) -> None:
        """Nothing is printed, whatever happens: what is shown is decided elsewhere."""
        for trouble in ("", *sorted(subject.troubles - {"silent"}), *subject.lies):
            with _opened(subject, trouble) as (scene, provider):
                for symbol in (subject.symbols[0], subject.unknown):
                    try:
                        list(provider.pages(request_of(scene, provider, symbol)))
                    except TradingError:
                        continue
        require(tuple(capfd.readouterr()) == ("", ""), "it printed something")


@contextmanager
def _opened(subject: Subject, trouble: str = "") -> Iterator[tuple[Scene, BarProvider]]:
    scene = subject.scene(trouble)
    with subject.open(scene) as provider:
        yield scene, provider


def _failure(provider: BarProvider, request: BarsRequest, kind: type[TradingError]) -> TradingError:
    """The error that a request ends with, which has to be of a kind."""
    try:
        rows = sum(len(page) for page in provider.pages(request))
    except TradingError as error:
        require(isinstance(error, kind), f"{type(error).__name__} instead of {kind.__name__}: {error}")
        require("\n" not in str(error), f"the text of the error has several lines: {error}")
        return error
    require(False, f"{rows} rows came instead of {kind.__name__}")
    raise AssertionError  # never reached: `require` raised


def _require_same(found: RawBars, wanted: RawBars) -> None:
    require(len(found) == len(wanted), f"{found.symbol}: {len(wanted)} rows were due, {len(found)} came")
    for name in _COLUMNS:
        came, due = getattr(found, name), getattr(wanted, name)
        same = np.array_equal(came, due, equal_nan=name != "time")
        require(same, f"{found.symbol}: column {name} differs at rows {np.flatnonzero(came != due)[:5].tolist()}")


def _with_fault(rows: RawBars, fault: str) -> RawBars:
    if fault == "duplicate":
        return rows.taken(np.sort(np.append(np.arange(len(rows)), 70)))
    high, low = rows.high.copy(), rows.low.copy()
    if fault == "nan":
        high[70] = np.nan
    else:
        low[70] = -low[70]
    return replace(rows, high=high, low=low)


def _told(error: BaseException) -> list[str]:
    """The text of an error and of all that caused it, as a traceback would show them."""
    texts: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        texts += [str(cause), repr(cause)]
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return texts
