"""The checks for look-ahead: what they find, where they say it is, and what they leave alone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from autonomous_trading.app import Market
from autonomous_trading.app.evidence import CausalityReport, Finding, check_columns, check_strategy
from autonomous_trading.core import Bars, CodeFailed, FloatArray, InvalidInput, Refused
from autonomous_trading.strategies import Columns, Signals, SignalsLike, Strategy
from autonomous_trading.testing import random_walk
from autonomous_trading.testing.examples import example_universe

BARS = random_walk(200, seed=7)


def tomorrow(bars: Bars) -> FloatArray:
    return np.append(bars.close[1:], np.nan)


def only(report: CausalityReport, check: str) -> Finding:
    (found,) = [each for each in report.findings if each.check == check]
    return found


def test_a_look_at_the_next_bar_is_told_with_its_place_and_both_values() -> None:
    report = check_columns(tomorrow, BARS, name="tomorrow")
    found = only(report, "scramble")
    assert (found.severity, found.what, found.symbol) == ("leak", "tomorrow", "SYNTHETIC")
    assert found.reach == 1
    assert found.value == BARS.close[found.row + 1]
    assert found.changed_value != found.value
    assert found.time == str(np.datetime64(int(BARS.time[found.row]), "ns").astype("datetime64[s]")) + "Z"
    assert found.cause.startswith("it reads the bar after")
    assert (found.seen, found.tried) == (report.tried["scramble"],) * 2
    assert only(report, "truncation").seen == report.tried["truncation"]


def test_a_leak_that_only_a_wild_next_bar_shows() -> None:
    def calm_only(bars: Bars) -> FloatArray:
        """Leaves out what is followed by a move that these bars never make: cutting them shows nothing."""
        step = np.append(np.abs(np.diff(np.log(bars.close))), 0.0)
        return np.where(step > 0.06, np.nan, bars.close)

    report = check_columns(calm_only, BARS)
    assert [each.check for each in report.findings] == ["scramble"]


def test_a_look_at_the_last_bar_alone() -> None:
    report = check_columns(lambda bars: bars.close / bars.close[-1], BARS)
    assert {each.check for each in report.leaks} == {"scramble", "truncation"}
    assert "computed from all bars at once" in report.leaks[0].cause


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda bars: np.arange(len(bars)) > len(bars) / 2, "it depends on where the data ends"),
        (lambda bars: bars.close - bars.close.mean(), "it is computed from all bars at once"),
        (lambda bars: np.append(bars.close[3:], np.full(3, np.nan)), "it reads up to 3 bars ahead"),
    ],
)
def test_the_cause_is_named(function: Any, words: str) -> None:
    assert check_columns(function, BARS).leaks[0].cause.startswith(words)


def test_several_columns_are_told_apart() -> None:
    report = check_columns(lambda bars: {"honest": bars.close, "leak": tomorrow(bars)}, BARS, name="both")
    assert report.columns == ("both.honest", "both.leak")
    assert {each.what for each in report.leaks} == {"both.leak"}
    assert check_columns(lambda bars: (bars.close, bars.open), BARS, name="two").columns == ("two[0]", "two[1]")


def test_rounding_is_no_leak_and_is_said() -> None:
    def rounded(bars: Bars) -> FloatArray:
        return bars.close * (1.0 + 1e-15 * len(bars))

    report = check_columns(rounded, BARS)
    assert (report.clean, report.exact) == (True, False)
    assert "but for rounding" in report.words


def test_a_small_leak_in_small_numbers_is_a_leak() -> None:
    tiny = check_columns(lambda bars: 1e-12 * tomorrow(bars), BARS)
    assert not tiny.clean


def test_what_answers_in_two_ways_is_said_and_nothing_else() -> None:
    rng = np.random.default_rng(1)
    report = check_columns(lambda bars: rng.random(len(bars)), BARS)
    assert [each.check for each in report.findings] == ["repeat"]
    assert report.tried == {"repeat": 1}


def test_how_long_the_start_matters() -> None:
    def trailing(bars: Bars) -> FloatArray:
        found = np.full(len(bars), np.nan)
        found[9:] = np.lib.stride_tricks.sliding_window_view(bars.close, 10).mean(axis=1)
        return found

    report = check_columns(trailing, BARS, name="trailing")
    assert report.stable_after == {"trailing": 9}
    assert "after 9 bars" in report.words
    assert report.findings == ()


def test_a_running_sum_is_a_note_and_no_leak() -> None:
    report = check_columns(lambda bars: np.cumsum(bars.volume), BARS, name="sum")
    assert report.clean
    assert report.stable_after == {"sum": None}
    assert only(report, "warm-up").severity == "note"


def test_what_comes_from_elsewhere_is_a_note() -> None:
    stored = tomorrow(BARS)
    report = check_columns(lambda bars: stored[: len(bars)], BARS)
    assert "was computed elsewhere" in only(report, "scramble").cause


def test_a_function_for_one_length_is_checked_by_other_futures() -> None:
    honest = check_columns(lambda bars: bars.close.reshape(200), BARS)
    assert honest.clean
    assert "truncation" not in honest.tried
    assert honest.failed > 0
    assert not check_columns(lambda bars: tomorrow(bars).reshape(200), BARS).clean


def test_a_finished_array_cannot_be_checked() -> None:
    stored = tomorrow(BARS)
    with pytest.raises(Refused, match=r"stored cannot be checked for look-ahead: it fails with fewer bars"):
        check_columns(lambda _: stored, BARS, name="stored")


def test_too_few_bars_and_wrong_answers_are_refused() -> None:
    with pytest.raises(InvalidInput, match="tomorrow cannot be checked on fewer than 20 bars"):
        check_columns(tomorrow, BARS[:19])
    with pytest.raises(InvalidInput, match=r"mean gave float64 of shape \(\) for 200 bars"):
        check_columns(lambda bars: bars.close.mean(), BARS, name="mean")
    with pytest.raises(CodeFailed, match="failing failed: ZeroDivisionError"):
        check_columns(lambda _: 1 / 0, BARS, name="failing")


def test_the_same_seed_gives_the_same_report() -> None:
    one, other = (check_columns(tomorrow, BARS, seed=4) for _ in range(2))
    np.testing.assert_equal(one.to_dict(), other.to_dict())
    assert str(check_columns(tomorrow, BARS, seed=5)) != str(one)


def test_one_instrument_may_not_know_the_future_of_another() -> None:
    def ahead(bars: Mapping[str, Bars]) -> dict[str, FloatArray]:
        """D knows what A closes at in the end; the others know nothing."""
        last = bars["A"].close[-1]
        return {symbol: np.full(len(each), last) if symbol == "D" else each.close for symbol, each in bars.items()}

    report = check_columns(ahead, example_universe(), name="ahead")
    assert {(each.symbol, each.check) for each in report.leaks} == {
        ("D", "universe"),
        ("D", "scramble"),
        ("D", "truncation"),
    }
    assert all(each.cause.startswith("it depends on what other instruments do later") for each in report.leaks)


def test_a_symbol_that_is_left_out_later_is_a_change() -> None:
    def chosen(bars: Mapping[str, Bars]) -> dict[str, FloatArray]:
        return {symbol: each.close for symbol, each in bars.items() if each.close[-1] > each.close[0]}

    assert not check_columns(chosen, example_universe()).clean


class Honest(Strategy):
    """Long above an average."""

    def signals(self, see: Columns) -> SignalsLike:
        return Signals(see.close > see.sma(20), stop_loss=0.02)


class Seer(Strategy):
    """Long before it rises."""

    def signals(self, see: Columns) -> SignalsLike:
        closes = np.asarray(see.close)
        return np.append(closes[1:] > closes[:-1], False)


class Remembering(Strategy):
    """Takes a stop from the bars it saw last."""

    def signals(self, see: Columns) -> SignalsLike:
        return Signals(see.close > see.sma(5), stop_loss=float(np.std(np.asarray(see.close))) / 1_000.0)


def test_a_strategy_is_checked_by_target_and_settings() -> None:
    honest = check_strategy(Honest(), Market.of(BARS))
    assert (honest.clean, honest.exact, honest.kind) == (True, True, "strategy")
    assert honest.columns == ("target", "stop_loss")
    assert {each.what for each in check_strategy(Seer(), Market.of(BARS)).leaks} == {"target"}
    assert {each.what for each in check_strategy(Remembering(), Market.of(BARS)).leaks} == {"stop_loss"}


def test_a_strategy_on_several_instruments() -> None:
    market = Market.of(dict(example_universe()))
    report = check_strategy(Honest(), market)
    assert report.clean
    assert report.tried["universe"] > 0
    assert {each.symbol for each in check_strategy(Seer(), market).leaks} == {"A", "B", "C", "D"}


def test_the_gate() -> None:
    check_strategy(Honest(), Market.of(BARS)).refuse_leaks()
    with pytest.raises(Refused, match=r"look-ahead in seer: target of SYNTHETIC at bar \d+ .*; 1 more") as refused:
        check_strategy(Seer(), Market.of(BARS)).refuse_leaks()
    assert refused.value.fix.startswith("use the bar itself")


def test_the_report_as_text_and_as_data() -> None:
    report = check_columns(tomorrow, BARS)
    first, *rest = str(report).splitlines()
    assert re.match(r"tomorrow: looks ahead, 2 leaks \(tried: \d+ by truncation, \d+ by scramble\)", first)
    assert [line[:9] for line in rest] == ["  leak: t"] * 2
    plain = report.to_dict()
    assert set(plain) == {
        "name",
        "kind",
        "clean",
        "columns",
        "findings",
        "tried",
        "failed",
        "exact",
        "stable_after",
    }
    assert json.loads(json.dumps(plain))["findings"][0]["check"] == "scramble"


def test_a_note_is_one_line_without_values() -> None:
    (note,) = check_columns(lambda bars: np.cumsum(bars.volume), BARS, name="sum").notes
    assert str(note).startswith("sum of SYNTHETIC (warm-up): its values depend on where the history begins")


def test_what_refuses_other_bars_is_checked_by_what_it_answers() -> None:
    first = float(BARS.close[0])

    def particular(bars: Bars) -> FloatArray:
        """Answers only where the first bar is the one it knows."""
        if bars.close[0] != first:
            raise ValueError("these are not my bars")
        return np.asarray(bars.close - first)

    report = check_columns(particular, BARS)
    assert report.clean
    assert report.stable_after == {}
    assert not check_columns(lambda bars: particular(bars) + tomorrow(bars), BARS).clean


def test_an_instrument_may_have_no_column_at_some_starts() -> None:
    def old_enough(bars: Mapping[str, Bars]) -> dict[str, FloatArray]:
        return {symbol: each.close for symbol, each in bars.items() if each.time[0] <= BARS.time[0]}

    report = check_columns(old_enough, example_universe(), name="old")
    assert report.clean
    assert report.columns == ("old",)
