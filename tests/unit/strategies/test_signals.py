"""What a strategy may answer, what it becomes, and what is refused."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from autonomous_trading.core import (
    Bars,
    CategoricalParameter,
    FloatArray,
    FloatParameter,
    IntParameter,
    InvalidExpression,
    as_expression,
    evaluate,
)
from autonomous_trading.features import ColumnStore
from autonomous_trading.strategies import (
    SETTING_NAMES,
    Columns,
    ResolvedSignals,
    Signals,
    SignalsLike,
    Strategy,
    signals_of,
)

NAN = np.nan
CLOSES = np.array([10.0, 11.0, 12.0, 11.0, 9.0, 10.0])
BARS = Bars(
    time=np.arange(6) * 86_400 * 10**9,
    open=CLOSES,
    high=CLOSES,
    low=CLOSES,
    close=CLOSES,
    volume=np.ones(6),
)


class Answer(Strategy):
    """Answers with whatever a test wants."""

    window = IntParameter(1, 9, default=2)
    stop_loss = FloatParameter(0.01, 0.1, default=0.02)
    position_size = FloatParameter(0.1, 1.0, default=0.5)
    given: Callable[[Columns], SignalsLike]

    def signals(self, see: Columns) -> SignalsLike:
        return type(self).given(see)


def answered(answer: Callable[[Columns], SignalsLike]) -> ResolvedSignals:
    class Answering(Answer):
        """Answers with what this test wants."""

        given = staticmethod(answer)

    see = Columns(ColumnStore(BARS))
    resolved = signals_of(Answering(), see)
    KEPT.append(see)
    return resolved


KEPT: list[Columns] = []  # expressions know their columns weakly: the test holds on to them


def target(answer: Callable[[Columns], SignalsLike]) -> FloatArray:
    resolved = answered(answer)
    return evaluate(resolved.target, KEPT[-1].store)


def bools(text: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.array([letter == "x" for letter in text])


def test_a_condition_is_long_or_flat() -> None:
    np.testing.assert_array_equal(target(lambda see: see.close > 10.5), [0, 1, 1, 1, 0, 0])
    assert answered(lambda see: see.close > 10.5).target.is_condition


def test_numbers_are_exposure() -> None:
    np.testing.assert_array_equal(target(lambda see: see.close / 10.0), CLOSES / 10.0)


def test_arrays_count_as_what_they_hold() -> None:
    np.testing.assert_array_equal(target(lambda see: np.asarray(see.close, np.float64) > 10.5), [0, 1, 1, 1, 0, 0])
    wanted = np.array([NAN, 1.0, -0.5, NAN, 0.0, 2.0])
    np.testing.assert_array_equal(target(lambda _: wanted), wanted)
    assert answered(lambda _: bools("xx..xx")).target.is_condition
    series = pd.Series(wanted)
    np.testing.assert_array_equal(target(lambda _: series), wanted)  # type: ignore[arg-type, return-value]


def test_entries_hold_until_exits() -> None:
    found = target(lambda _: Signals(entries=bools("x..x.."), exits=bools(".x.x.x")))
    np.testing.assert_array_equal(found, [1, 0, NAN, 1, NAN, 0])


def test_shorts_mirror_longs() -> None:
    found = target(lambda _: Signals(short_entries=bools("x..x.."), short_exits=bools(".x.x.x")))
    np.testing.assert_array_equal(found, [-1, 0, NAN, -1, NAN, 0])


def test_longs_win_over_shorts_and_entries_over_exits() -> None:
    found = target(lambda _: Signals(entries=bools("x.x..."), short_entries=bools("xx....")))
    np.testing.assert_array_equal(found, [1, -1, 1, NAN, NAN, NAN])


def test_exits_end_only_their_own_side() -> None:
    found = target(
        lambda _: Signals(
            entries=bools("x....."),
            exits=bools(".x.xx."),
            short_entries=bools("..x..."),
            short_exits=bools(".x...x"),
        )
    )
    # Bar 1: the long ends, the short exit says nothing. Bars 3 and 4: the long exit leaves the short alone.
    np.testing.assert_array_equal(found, [1, 0, -1, NAN, NAN, 0])


def test_only_one_side_has_exits() -> None:
    found = target(lambda _: Signals(entries=bools("x..x.."), short_entries=bools(".x...."), exits=bools("..x.x.")))
    np.testing.assert_array_equal(found, [1, -1, NAN, 1, 0, NAN])


def test_size_scales_entries_and_takes_the_place_of_position_size() -> None:
    resolved = answered(lambda _: Signals(entries=bools("x....."), exits=bools("...x.."), size=0.25))
    np.testing.assert_array_equal(evaluate(resolved.target, KEPT[-1].store), [0.25, NAN, NAN, 0, NAN, NAN])
    assert set(resolved.settings) == {"stop_loss"}


def test_size_may_be_a_column_and_scales_a_target() -> None:
    found = target(lambda see: Signals(see.close > 10.5, size=see.close / 100.0))
    np.testing.assert_array_equal(found, [0, 0.11, 0.12, 0.11, 0, 0])


def test_settings_are_collected_from_parameters_and_signals() -> None:
    plain = answered(lambda see: see.close > 10.5)
    assert {name: float(value) for name, value in plain.settings.items()} == {
        "stop_loss": 0.02,
        "position_size": 0.5,
    }
    own = answered(
        lambda see: Signals(
            see.close > 10.5, stop_loss=0.07, take_profit=0.3, trailing_stop=0.1, max_bars_held=np.float64(5)
        )
    )
    assert {name: float(value) for name, value in own.settings.items()} == {
        "stop_loss": 0.07,
        "take_profit": 0.3,
        "trailing_stop": 0.1,
        "max_bars_held": 5.0,
        "position_size": 0.5,
    }
    assert set(own.settings) <= set(SETTING_NAMES)


def test_a_setting_may_be_one_of_several_numbers() -> None:
    class Choosing(Strategy):
        """Holds with one of two stops."""

        trailing_stop = CategoricalParameter([0.05, 0.1], default=0.1)

        def signals(self, see: Columns) -> SignalsLike:
            return see.close > 0.0

    see = Columns(ColumnStore(BARS))
    assert float(signals_of(Choosing(), see).settings["trailing_stop"]) == 0.1


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda _: None, "signals of Answering returned None"),
        (lambda _: True, r"signals of Answering cannot be True \(bool\)"),
        (lambda _: 1.0, r"signals of Answering cannot be 1.0 \(float\)"),
        (lambda _: as_expression(1.0), "signals of Answering is 1.0, the same for every bar.*see.close > 0"),
        (lambda _: "long", r"signals of Answering cannot be 'long' \(str\)"),
        (lambda _: [1, 0, 1, 0, 1, 0], r"signals of Answering cannot be \[1, 0, 1, 0, 1, 0\] \(list\)"),
        (lambda see: see.sma, r"signals of Answering cannot be <sma\(.*ColumnFunction"),
        (lambda _: np.ones(5), r"an array of float64 with shape \(5,\) for 6 bars"),
        (lambda _: np.ones((6, 2)), r"shape \(6, 2\) for 6 bars"),
        (lambda _: np.array(["a"] * 6), "an array of <U1"),
        (lambda see: Signals(entries=see.close, exits=see.close < 1.0), "entries of Answering must be true or fal"),
        (lambda see: Signals(see.close > 1.0, stop_loss=see.close), "stop_loss of Answering must be one number"),
        (lambda see: Signals(see.close > 1.0, stop_loss=True), "stop_loss of Answering must be one number"),
        (lambda see: Signals(see.close > 1.0, size=True), r"size of Answering cannot be True \(bool\)"),
        (lambda _: Signals(1.0), "target of Answering cannot be 1.0"),  # type: ignore[arg-type]
    ],
)
def test_answers_that_mean_nothing(answer: Callable[[Columns], SignalsLike], message: str) -> None:
    with pytest.raises(InvalidExpression, match=message):
        answered(answer)


def test_a_number_for_every_bar_is_probably_a_mistake() -> None:
    class Constant(Strategy):
        """Compares two parameters, which is the same on every bar."""

        fast = IntParameter(1, 9, default=2)

        def signals(self, see: Columns) -> SignalsLike:  # noqa: ARG002
            return self.fast > 3  # type: ignore[return-value]

    with pytest.raises(InvalidExpression, match="signals of Constant cannot be False"):
        signals_of(Constant(), Columns(ColumnStore(BARS)))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "needs either a target or entries, got neither"),
        ({"target": CLOSES, "entries": CLOSES}, "needs either a target or entries, got both"),
        ({"target": CLOSES, "exits": CLOSES}, "exits without entries"),
        ({"entries": CLOSES, "exits": CLOSES, "short_exits": CLOSES}, "short_exits without short_entries"),
        ({"entries": CLOSES, "stop_loss": 0.1}, "entries without exits.*there would be one trade"),
        ({"short_entries": CLOSES}, "short_entries without short_exits"),
    ],
)
def test_signals_that_contradict_themselves(fields: dict[str, FloatArray], message: str) -> None:
    with pytest.raises(InvalidExpression, match=message):
        Signals(**fields)  # type: ignore[arg-type]
