"""What is tried again, how long is waited before it, and what is said after the last attempt."""

from __future__ import annotations

import pytest

from autonomous_trading.adapters.providers import Patience, patiently, seconds_asked
from autonomous_trading.core import SourceUnavailable


def test_the_last_failure_is_told_with_one_fix() -> None:
    def away() -> None:
        raise SourceUnavailable("the source is away", fix="wait for it")

    with pytest.raises(SourceUnavailable) as told:
        patiently(away, Patience(attempts=2), failures=SourceUnavailable, again=lambda _: 0.0, sleep=lambda _: None)
    assert told.value.what == "no answer after 2 attempts: the source is away"
    assert str(told.value).count("Fix:") == 1


def test_what_is_no_failure_of_the_source_is_raised_at_once() -> None:
    """A mistake of ours is not made five times, whatever `again` would say."""
    tried, asked = [], []

    def broken() -> None:
        tried.append(1)
        raise KeyError("a mistake")

    def again(error: Exception) -> float:
        asked.append(error)
        return 0.0

    with pytest.raises(KeyError, match="a mistake"):
        patiently(broken, Patience(), failures=(SourceUnavailable, OSError), again=again, sleep=lambda _: None)
    assert (len(tried), asked) == (1, [])


def test_one_of_several_kinds_is_tried_again() -> None:
    answers: list[Exception] = [TimeoutError("slow"), EOFError("cut")]

    def read() -> str:
        if answers:
            raise answers.pop()
        return "there"

    waits: list[float] = []
    assert patiently(read, Patience(), failures=(OSError, EOFError), again=lambda _: 7.0, sleep=waits.append) == "there"
    assert waits == [7.0, 7.0]


NOW = 1_709_510_400.0  # Mon, 04 Mar 2024 00:00:00 GMT


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("1.5", 1.5),
        ("0", 0.0),
        ("Mon, 04 Mar 2024 00:01:30 GMT", 90.0),
        ("Monday, 04-Mar-24 00:01:30 GMT", 90.0),
        ("Mon Mar  4 00:01:30 2024", 90.0),
        ("Mon, 04 Mar 2024 02:01:30 +0200", 90.0),
        ("Sun, 03 Mar 2024 23:00:00 GMT", 0.0),
        ("999999999999", 86_400.0),
        ("9" * 60, 86_400.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400.0),
        ("-7", None),
        ("-0.5", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("inf", None),
        ("nan", None),
        ("1e9", None),
        ("\u0667", None),
        ("7, 8", None),
        ("Mon, 99 Mar 2024 00:00:00 GMT", None),
        ("Mon, 04 Mar 99999 00:00:00 GMT", None),
        ("9" * 100_000, None),
    ],
)
def test_how_long_a_source_asks_to_be_left_alone(text: str | None, seconds: float | None) -> None:
    assert seconds_asked(text, NOW) == seconds
