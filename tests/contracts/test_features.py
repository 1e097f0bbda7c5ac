"""Every column of the catalogue passes the contract suite, found by discovery; and the suite finds what does not."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from autonomous_trading.core import Bars, FloatArray, InvalidParameter, UnknownName
from autonomous_trading.features import CatalogueEntry, ColumnInput, ColumnStore, Reach, catalogue
from autonomous_trading.testing.contracts.features import (
    ColumnContract,
    ColumnSubject,
    catalogue_column,
    check_described,
    check_memory,
    check_other_futures,
    check_truncation,
    check_values,
    check_warm_up,
    column_market,
    made_up_inputs,
    other_arguments,
    user_column,
)
from autonomous_trading.testing.markets import random_walk

NAMES = [entry.name for entry in catalogue()]


class TestCatalogue(ColumnContract):
    """The suite, once per column."""

    @pytest.fixture(params=NAMES)
    def column(self, request: pytest.FixtureRequest) -> ColumnSubject:
        return catalogue_column(request.param)


def mean_of(bars: Bars, window: int) -> FloatArray:
    out = np.full(len(bars), np.nan)
    for row in range(window - 1, len(bars)):
        out[row] = sum(bars.close[row - window + 1 : row + 1].tolist()) / window
    return out


class TestUserFunction(ColumnContract):
    """The suite also holds for a function that is in no catalogue."""

    @pytest.fixture
    def column(self) -> ColumnSubject:
        return user_column(mean_of, 5, warm_up=4, memory=4)


def total(bars: Bars) -> FloatArray:
    sums: FloatArray = np.cumsum(bars.volume)
    return sums


class TestRunningTotal(ColumnContract):
    """And for one that remembers everything."""

    @pytest.fixture
    def column(self) -> ColumnSubject:
        return user_column(total, memory=None)


def tomorrow(bars: Bars) -> FloatArray:
    return np.append(bars.close[1:], np.nan)


def by_the_usual_step(bars: Bars) -> FloatArray:
    """Looks ahead through the times alone: cutting hardly ever shows it, another future does."""
    steps = np.diff(bars.time, prepend=bars.time[0])
    return bars.close * (1.0 if np.median(steps) < 3.7e12 else 2.0)


def by_volume(bars: Bars) -> FloatArray:
    with np.errstate(divide="ignore"):
        return bars.close / bars.volume


def log_of_move(bars: Bars) -> FloatArray:
    return np.log(bars.high - bars.low)


def written(bars: Bars) -> FloatArray:
    values = bars.close
    values.flags.writeable = True
    values[0] += 1.0
    return values.copy()


class Restless:
    """A function that remembers how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, bars: Bars) -> FloatArray:
        self.asked += 1
        return bars.close * self.asked


def five(warm_up: int = 4, memory: int | None = 4, tolerance: float = 0.0) -> ColumnSubject:
    return replace(user_column(mean_of, 5), reach=Reach(warm_up, memory, tolerance))


CLEAN = column_market("clean")
BROKEN: list[tuple[str, Callable[[], object]]] = [
    ("tomorrow looks ahead: its value at row", lambda: check_truncation(user_column(tomorrow), CLEAN, 5)),
    (
        "by_the_usual_step looks ahead: .* from row 150 on are extreme",
        lambda: check_other_futures(user_column(by_the_usual_step), "clean", 600, [150], 11),
    ),
    ("declared to be known after 3 bars and is nan", lambda: check_warm_up(five(warm_up=3), CLEAN)),
    (r"declared to warm up for 6 bars and has a value at \[4\]", lambda: check_warm_up(five(warm_up=6), CLEAN)),
    ("warms up for 600 bars, here are 600", lambda: check_warm_up(five(warm_up=600), CLEAN)),
    ("warms up for longer than it remembers", lambda: check_memory(five(memory=3))),
    ("declared to depend on every bar since the first", lambda: check_memory(five(memory=None))),
    ("declares the tolerance -1", lambda: check_memory(five(tolerance=-1.0))),
    ("remember 50 bars within 0.01", lambda: check_memory(user_column(total, memory=50, tolerance=1e-2))),
    ("by_volume is infinite at row", lambda: check_values(user_column(by_volume), column_market("no_volume"))),
    ("gives something else when asked a second time", lambda: check_values(user_column(Restless()), CLEAN)),
    ("mean_of is in no catalogue", lambda: check_described(five())),
]  # fmt: skip


@pytest.mark.parametrize(("message", "check"), BROKEN, ids=[message for message, _ in BROKEN])
def test_the_suite_finds(message: str, check: Callable[[], object]) -> None:
    with pytest.raises(AssertionError, match=message):
        check()


def test_a_warning_is_no_value() -> None:
    with pytest.raises(RuntimeWarning, match="divide by zero"):
        check_values(user_column(log_of_move), column_market("constant"))


def test_the_bars_are_not_to_be_written_to() -> None:
    with pytest.raises(ValueError, match="cannot set WRITEABLE"):
        check_values(user_column(written), column_market("clean"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda entry: replace(entry, formula=" "), "sma does not say its formula"),
        (lambda entry: replace(entry, source=""), "sma does not say its source"),
        (lambda entry: replace(entry, units=""), "sma does not say its units"),
        (lambda entry: replace(entry, name="SMA"), "'SMA' is no name in lower case"),
        (lambda entry: replace(entry, outputs=("one",)), "outputs"),
        (lambda entry: replace(entry, zero_first=("trend",)), "no outputs {'trend'}"),
        (lambda entry: replace(entry, memory=12), "and .* for its defaults"),
    ],
)
def test_the_suite_finds_what_is_not_described(
    change: Callable[[CatalogueEntry], CatalogueEntry], message: str
) -> None:
    column = catalogue_column("sma")
    assert column.entry is not None
    with pytest.raises(AssertionError, match=message):
        check_described(replace(column, entry=change(column.entry)))


def test_arguments_that_never_fit_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> ColumnSubject:
        raise InvalidParameter("no", fix="give others")

    monkeypatch.setattr("autonomous_trading.testing.contracts._column_subject.catalogue_column", refused)
    with pytest.raises(InvalidParameter, match="sma: none of 50 random sets of arguments was accepted"):
        other_arguments("sma", np.random.default_rng(0))


def test_series_that_have_to_be_given_are_made_from_the_bars() -> None:
    entry = CatalogueEntry(
        name="spread",
        group="Pairs",
        description="Difference of two instruments",
        inputs=(ColumnInput("close", "close"), ColumnInput("benchmark", "")),
    )
    carried = made_up_inputs(entry)(ColumnStore(CLEAN))
    assert carried is not None
    np.testing.assert_array_equal(carried[0], CLEAN.close)
    np.testing.assert_array_equal(carried[1], CLEAN.extra["other_2"])
    plain = random_walk(50, seed=1)
    followed = made_up_inputs(entry)(ColumnStore(plain))
    assert followed is not None
    np.testing.assert_array_equal(followed[1], (plain.high + plain.low) / 3.0)


def test_another_kind_of_bars_is_not_there() -> None:
    with pytest.raises(UnknownName, match="clean"):
        column_market("claen")


def test_no_two_columns_have_one_name() -> None:
    assert len(set(NAMES)) == len(NAMES)
