"""What every catalogue of bars must do: keep everything, say what was known when, and never half of a delivery."""

from dataclasses import replace

import numpy as np

from autonomous_trading.app.market_data import ActionCatalogue, BarCatalogue, Committed, Delivery
from autonomous_trading.core import Bars, DataNotFound, FloatArray, InvalidInput, Refused, Timeframe
from autonomous_trading.data import RawBars, SeriesKey, Span
from autonomous_trading.data.actions import CorporateAction
from autonomous_trading.testing.contracts._require import require

__all__ = ["ActionCatalogueContract", "CatalogueContract", "delivered", "made_bars"]

_MINUTE = 60_000_000_000
_DAY = 86_400_000_000_000
_START = 1_700_000_040_000_000_000 // _DAY * _DAY
KEY = SeriesKey("contract", "BTC/USDT:USDT", Timeframe.of("1m"))
_NAMES = (
    "BTC/USDT:USDT", "btc/usdt:usdt", "BTC-USDT-USDT", "EUR=X", "eur=x", "../x", "..", ".", "a\\b", "CON", "^GSPC", "é",
    "x" * 300, "%2e%2e", "~", "A~1",
)  # fmt: skip


def made_bars(first: int, count: int, *, close: float = 100.0, extra: dict[str, FloatArray] | None = None) -> Bars:
    """So many bars of a minute, from the minute `first` on, that depend on their time and on `close` alone."""
    at = np.arange(first, first + count, dtype=np.int64)
    closes: FloatArray = close + 0.01 * (at % 97).astype(np.float64)
    spread: FloatArray = np.full(count, 1 / 3)
    volume: FloatArray = 1.0 + (at % 11).astype(np.float64)
    opens: FloatArray = closes - 0.005
    return Bars(
        _START + at * _MINUTE,
        opens,
        closes + spread,
        closes - spread,
        closes,
        volume,
        symbol=KEY.symbol,
        extra=extra or {},
    )


def delivered(bars: Bars | None, first: int, count: int, received: int) -> Delivery:
    """A delivery for the minutes `first` to `first + count`, received at the minute `received`."""
    span = Span(_START + first * _MINUTE, _START + (first + count) * _MINUTE)
    return Delivery(span, bars, _START + received * _MINUTE)


def _same(found: Bars, expected: Bars) -> bool:
    return found.content_id == expected.content_id and found.symbol == expected.symbol


def _absent(catalogue: BarCatalogue, key: SeriesKey, span: Span | None = None, known_at: int | None = None) -> bool:
    try:
        catalogue.read(key, span, known_at=known_at)
    except DataNotFound:
        return True
    return False


class CatalogueContract:
    """The suite for one catalogue: inherit it in a test class, and give the fixture `subject`, an empty catalogue."""

    def test_an_empty_catalogue_says_so(self, subject: BarCatalogue) -> None:
        """Nothing is held, and asking for it is an error of its own."""
        require(subject.series() == () and subject.spans(KEY) == (), "an empty catalogue lists something")
        require(subject.quarantined(KEY) == () and _absent(subject, KEY), "an empty catalogue holds something")

    def test_what_was_kept_is_read(self, subject: BarCatalogue) -> None:
        """Every bit comes back, symbol and extra columns with it."""
        bars = made_bars(0, 500, extra={"trades": np.where(np.arange(500) % 7, 5e-324, np.nan)})
        told = subject.commit(KEY, delivered(bars, 0, 600, 700))
        require(told == Committed(500, 0, 0, 0), f"500 new bars were told as {told}")
        require(_same(subject.read(KEY), bars), "what is read is not what was kept")
        require(subject.series() == (KEY,), f"the series are {subject.series()}")

    def test_spans_join(self, subject: BarCatalogue) -> None:
        """What was answered is told in as few spans as possible, empty answers included."""
        for first, count in ((0, 10), (20, 5), (10, 10)):
            subject.commit(KEY, delivered(None, first, count, 100))
        expected = (Span(_START, _START + 25 * _MINUTE),)
        require(subject.spans(KEY) == expected, f"the spans are {subject.spans(KEY)}")
        require(_absent(subject, KEY), "there are bars where none were delivered")

    def test_a_span_is_cut_out(self, subject: BarCatalogue) -> None:
        """The start is included and the stop is not, whatever order the bars came in."""
        for first in (200, 0, 100):
            subject.commit(KEY, delivered(made_bars(first, 100), first, 100, 400))
        found = subject.read(KEY, Span(_START + 90 * _MINUTE, _START + 210 * _MINUTE))
        require(_same(found, made_bars(90, 120)), "a span holds other bars than those in it")
        require(_absent(subject, KEY, Span(_START - _DAY, _START)), "there are bars before the first one")

    def test_the_same_again_is_counted_and_changes_nothing(self, subject: BarCatalogue) -> None:
        """Duplicates with the same values are ignored."""
        subject.commit(KEY, delivered(made_bars(0, 50), 0, 50, 60))
        told = subject.commit(KEY, delivered(made_bars(10, 30), 10, 30, 90))
        require(told == Committed(0, 0, 30, 0), f"30 bars again were told as {told}")
        require(_same(subject.read(KEY), made_bars(0, 50)), "the same values changed something")

    def test_a_revision_counts_from_when_it_was_received(self, subject: BarCatalogue) -> None:
        """Before it the older value stands; the latest of several wins."""
        subject.commit(KEY, delivered(made_bars(0, 50), 0, 50, 60))
        for close, received in ((101.0, 80), (102.0, 90), (100.0, 95)):
            told = subject.commit(KEY, delivered(made_bars(10, 5, close=close), 10, 5, received))
            require(told == Committed(0, 5, 0, 0), f"5 revisions were told as {told}")
        span = Span(_START + 10 * _MINUTE, _START + 15 * _MINUTE)
        for minute, close in (
            (50, 100.0),
            (79, 100.0),
            (80, 101.0),
            (89, 101.0),
            (90, 102.0),
            (94, 102.0),
            (95, 100.0),
        ):
            found = subject.read(KEY, span, known_at=_START + minute * _MINUTE)
            require(_same(found, made_bars(10, 5, close=close)), f"at minute {minute} another value was known")
        require(_same(subject.read(KEY), made_bars(0, 50)), "the last value is not the one that stands")

    def test_a_bar_is_known_when_it_is_over(self, subject: BarCatalogue) -> None:
        """Also where it was fetched years later."""
        subject.commit(KEY, delivered(made_bars(0, 50), 0, 50, 10_000))
        found = subject.read(KEY, known_at=_START + 20 * _MINUTE)
        require(_same(found, made_bars(0, 20)), "a bar was known before it was over, or not when it was")
        require(_absent(subject, KEY, known_at=_START + _MINUTE - 1), "the first bar was known before its end")

    def test_a_bar_that_an_earlier_answer_lacked_is_known_from_its_receipt(self, subject: BarCatalogue) -> None:
        """A hole that is filled later was a hole until then."""
        holed = made_bars(0, 50)
        first = holed[0:20]
        subject.commit(KEY, delivered(first, 0, 50, 60))
        told = subject.commit(KEY, delivered(holed, 0, 50, 100))
        require(told == Committed(30, 0, 20, 0), f"30 bars that were missing were told as {told}")
        require(_same(subject.read(KEY, known_at=_START + 99 * _MINUTE), first), "a bar was known before it came")
        require(_same(subject.read(KEY, known_at=_START + 100 * _MINUTE), holed), "a bar was not known when it came")

    def test_a_clock_that_went_back_does_not_rewrite_the_past(self, subject: BarCatalogue) -> None:
        """A delivery counts as received no earlier than the one before it."""
        subject.commit(KEY, delivered(made_bars(0, 5), 0, 5, 60))
        subject.commit(KEY, delivered(made_bars(0, 5, close=101.0), 0, 5, 30))
        found = subject.read(KEY, known_at=_START + 59 * _MINUTE)
        require(_same(found, made_bars(0, 5)), "a revision was known before the delivery ahead of it")
        require(_same(subject.read(KEY), made_bars(0, 5, close=101.0)), "the last value is not the one that stands")

    def test_a_clock_that_went_back_after_nothing_changed_does_not_rewrite_the_past_either(
        self, subject: BarCatalogue
    ) -> None:
        """Whoever asked again and was told the same knew the older value then."""
        subject.commit(KEY, delivered(made_bars(0, 5), 0, 5, 60))
        subject.commit(KEY, delivered(made_bars(0, 5), 0, 5, 90))
        subject.commit(KEY, delivered(made_bars(0, 5, close=101.0), 0, 5, 70))
        for minute, close in ((60, 100.0), (89, 100.0), (90, 101.0)):
            found = subject.read(KEY, known_at=_START + minute * _MINUTE)
            require(_same(found, made_bars(0, 5, close=close)), f"at minute {minute} another value was known")

    def test_a_bar_of_a_live_delivery_is_known_from_its_receipt(self, subject: BarCatalogue) -> None:
        """One that was sent late was not there when it was over; one that is fetched afterwards repeats it."""
        subject.commit(KEY, delivered(made_bars(0, 5), 0, 5, 60))
        for first, received in ((61, 62), (60, 64), (62, 64)):
            told = subject.commit(KEY, replace(delivered(made_bars(first, 1), first, 1, received), live=True))
            require(told == Committed(1, 0, 0, 0), f"a new bar was told as {told}")
        subject.commit(KEY, delivered(made_bars(60, 3), 60, 3, 90))
        for minute, rows in ((61, ()), (62, (61,)), (63, (61,)), (64, (60, 61, 62))):
            found = subject.read(KEY, known_at=_START + minute * _MINUTE).time.tolist()
            expected = [_START + at * _MINUTE for at in (*range(5), *rows)]
            require(found == expected, f"at minute {minute} other bars were known")
        require(len(subject.read(KEY)) == 8, "bars are lost, or there twice")

    def test_what_was_put_aside_is_kept(self, subject: BarCatalogue) -> None:
        """Row by row as it came, with its reason, delivery by delivery; the same row again is kept once."""
        for received, first in ((60, 1), (70, 1), (80, 2)):
            span = Span(_START, _START + 5 * _MINUTE)
            raw = RawBars.of(made_bars(first, 2), _START + received * _MINUTE)
            broken = RawBars(
                "BTC/USDT:USDT", raw.time, raw.open * np.nan, -raw.high, raw.low, raw.close, raw.volume, raw.received_at
            )
            told = subject.commit(
                KEY, Delivery(span, None, raw.received_at, broken, ("not_finite",) * 2, {"feed": "x"})
            )
            require(told == Committed(0, 0, 0, 2), f"2 refused rows were told as {told}")
        found = subject.quarantined(KEY)
        require(len(found) == 2, f"{len(found)} deliveries put something aside, not 2")
        for each, received, count in zip(found, (60, 80), (2, 1), strict=True):
            require(each.reasons == ("not_finite",) * count, f"the reasons are {each.reasons}")
            require(each.rows.received_at == _START + received * _MINUTE, "when it was received is lost")
            require(
                bool(np.isnan(each.rows.open).all() and (each.rows.high < 0.0).all()), "the rows are not as they came"
            )
        require(_absent(subject, KEY), "a row that was put aside is served")

    def test_a_delivery_that_breaks_its_word_changes_nothing(self, subject: BarCatalogue) -> None:
        """Bars outside the span, or rows put aside without a reason."""
        raw = RawBars.of(made_bars(1, 2), _START)
        span = Span(_START, _START + 5 * _MINUTE)
        wrong = (
            delivered(made_bars(0, 50), 0, 40, 60),
            delivered(made_bars(0, 50), 5, 60, 60),
            Delivery(span, None, _START, raw, ("not_finite",)),
            Delivery(Span(span.stop, span.start), None, _START),
        )
        for delivery in wrong:
            try:
                subject.commit(KEY, delivery)
            except InvalidInput:
                require(subject.series() == () and _absent(subject, KEY), "a delivery that was refused left something")
            else:
                require(False, "a delivery that breaks its word was kept")

    def test_another_feed_is_refused_and_changes_nothing(self, subject: BarCatalogue) -> None:
        """Bars of one exchange and bars of all exchanges differ at the same time, and neither revises the other."""
        bars = made_bars(0, 5)
        subject.commit(KEY, replace(delivered(bars, 0, 5, 9), facts={"feed": "sip"}))
        subject.commit(KEY, replace(delivered(made_bars(5, 1), 5, 1, 9), facts={"origin": "stream"}))
        other = replace(delivered(made_bars(6, 1, close=7.0), 6, 1, 9), facts={"feed": "iex"})
        try:
            subject.commit(KEY, other)
        except Refused as error:
            require("feed sip" in str(error), f"it says {error}")
        else:
            require(False, "another feed was kept")
        require(len(subject.read(KEY)) == 6, "a refused delivery left something")

    def test_names_are_kept_apart(self, subject: BarCatalogue) -> None:
        """Symbols with any sign in them, or that differ by case alone, timeframes too."""
        keys = [SeriesKey(name, symbol, Timeframe.of("1m")) for symbol in _NAMES for name in ("a", "A")]
        keys += [SeriesKey("a", "EUR=X", Timeframe.of("1M")), SeriesKey("a", "EUR=X", Timeframe.of("1m"), "split")]
        for number, key in enumerate(keys):
            subject.commit(key, delivered(made_bars(number, 1), number, 1, 600))
        require(len(set(subject.series())) == len(keys), "some series are missing or there twice")
        for number, key in enumerate(keys):
            found = subject.read(key)
            require(found.symbol == key.symbol and len(found) == 1, f"{key.text} holds what is not its own")
            require(_same_values(found, made_bars(number, 1)), f"{key.text} holds the bars of another series")

    def test_many_deliveries_are_as_good_as_one(self, subject: BarCatalogue) -> None:
        """However they were kept: the same bars, now and as they were known at any time."""
        for step in range(40):
            subject.commit(KEY, delivered(made_bars(step * 5, 5), step * 5, 5, step * 5 + 5))
            if step % 4 == 3:
                subject.commit(KEY, delivered(made_bars(step, 3, close=100.0 + step), step, 3, step * 5 + 6))
        require(len(subject.read(KEY)) == 200, "bars are lost, or there twice")
        for minute in range(5, 260, 17):
            expected = _replayed(minute)
            found = subject.read(KEY, known_at=_START + minute * _MINUTE)
            require(_same_values(found, expected), f"at minute {minute} other bars were known")


def _same_values(found: Bars, expected: Bars | RawBars) -> bool:
    names = ("time", "open", "high", "low", "close", "volume")
    return all(np.array_equal(getattr(found, name), getattr(expected, name)) for name in names)


def _replayed(minute: int) -> RawBars:
    """What a reader had at a minute of the many deliveries: each read as it comes, without a catalogue."""
    known: dict[int, float] = {}
    for step in range(40):
        known |= {at: 100.0 for at in range(step * 5, step * 5 + 5) if at + 1 <= minute}
        if step % 4 == 3 and step * 5 + 6 <= minute:
            known |= dict.fromkeys(range(step, step + 3), 100.0 + step)
    rows = [made_bars(at, 1, close=close) for at, close in sorted(known.items())]
    return RawBars.joined([RawBars.of(row, 0) for row in rows])


class ActionCatalogueContract:
    """The suite for one catalogue of corporate actions: give the fixture `action_subject`, an empty one."""

    span = Span(_START, _START + 100 * _DAY)

    def test_no_actions_are_none(self, action_subject: ActionCatalogue) -> None:
        """A symbol without actions is no error."""
        require(action_subject.actions("s", "X") == (), "an empty catalogue holds an action")

    def test_actions_are_known_from_their_announcement(self, action_subject: ActionCatalogue) -> None:
        """The first answer tells what was knowable, in order of time, and the same again changes nothing."""
        late, early = _split(20, known=15), _dividend(10, 0.5)
        for expected in ((2, 0, 0), (0, 2, 0)):
            told = action_subject.commit_actions("s", "X", self.span, [late, early], _START + 200 * _DAY)
            require((told.new, told.repeated, told.withdrawn) == expected, f"two actions were told as {told}")
        require(action_subject.actions("s", "X") == (early, late), "the actions are not as they came, or not in order")
        for day, expected_actions in ((9, ()), (10, (early,)), (14, (early,)), (15, (early, late))):
            found = action_subject.actions("s", "X", known_at=_START + day * _DAY)
            require(found == expected_actions, f"on day {day} {found} was known")
        require(action_subject.actions("s", "Y") == () and action_subject.actions("S", "X") == (), "names are mixed")

    def test_a_split_stands_before_the_dividends_of_its_moment(self, action_subject: ActionCatalogue) -> None:
        """They are counted in the new shares: a position that goes over them first would be paid for the old ones."""
        split = _split(10, known=10)
        paid = [_dividend(10, amount) for amount in (0.25, 0.5, 0.75, 1.0)]
        action_subject.commit_actions("s", "X", self.span, [*paid, split], _START + 11 * _DAY)
        found = action_subject.actions("s", "X")
        require(found[0] == split and set(found[1:]) == set(paid), f"the actions of one moment stand as {found}")

    def test_a_changed_action_counts_from_its_receipt(self, action_subject: ActionCatalogue) -> None:
        """What was known before stays so."""
        first, second = _dividend(10, 0.5), _dividend(10, 0.6)
        action_subject.commit_actions("s", "X", self.span, [first], _START + 11 * _DAY)
        told = action_subject.commit_actions("s", "X", self.span, [second], _START + 30 * _DAY)
        require((told.new, told.withdrawn) == (1, 1), f"a changed amount was told as {told}")
        for day, expected in ((10, (first,)), (29, (first,)), (30, (second,))):
            found = action_subject.actions("s", "X", known_at=_START + day * _DAY)
            require(found == expected, f"on day {day} {found} was known")
        require(action_subject.actions("s", "X") == (second,), "the older action still stands")

    def test_an_action_outside_the_span_is_refused(self, action_subject: ActionCatalogue) -> None:
        """Nothing of the answer is kept then."""
        try:
            action_subject.commit_actions("s", "X", self.span, [_dividend(10, 0.5), _dividend(100, 1.0)], _START)
        except InvalidInput:
            require(action_subject.actions("s", "X") == (), "an answer that was refused left something")
        else:
            require(False, "an action outside the span was kept")


def _split(day: int, *, known: int) -> CorporateAction:
    return CorporateAction("split", "X", _START + day * _DAY, _START + known * _DAY, ratio=4.0)


def _dividend(day: int, amount: float) -> CorporateAction:
    return CorporateAction("dividend", "X", _START + day * _DAY, _START + day * _DAY, amount=amount)
