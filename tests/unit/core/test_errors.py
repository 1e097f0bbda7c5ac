"""Every error says what happened and how to fix it, on one line, and carries its exit code."""

import copy

import pytest

from autonomous_trading.core import errors


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.TradingError, 1),
        (errors.Untraceable, 1),
        (errors.StoreUnavailable, 1),
        (errors.StoreDamaged, 1),
        (errors.InvalidInput, 2),
        (errors.InvalidBars, 2),
        (errors.InvalidParameter, 2),
        (errors.InvalidExpression, 2),
        (errors.UnknownName, 2),
        (errors.DataNotFound, 2),
        (errors.NothingToReport, 3),
        (errors.Refused, 4),
    ],
)
def test_exit_codes(kind: type[errors.TradingError], code: int) -> None:
    assert kind("it broke", fix="mend it").exit_code == code


def test_bad_input_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="it broke"):
        raise errors.InvalidBars("it broke", fix="mend it")


def test_nothing_to_report_and_refusals_are_not_bad_input() -> None:
    assert not issubclass(errors.NothingToReport, ValueError)
    assert not issubclass(errors.Refused, ValueError)


def test_text_is_one_line_with_the_fix() -> None:
    error = errors.InvalidInput("the file\n  is empty.", fix="give\nanother")
    assert str(error) == "the file is empty. Fix: give another"


def test_text_without_a_fix_is_only_the_reason() -> None:
    assert str(errors.Refused("drawdown limit reached")) == "drawdown limit reached"


def test_an_error_survives_a_trip_to_another_process() -> None:
    error = copy.copy(errors.InvalidParameter("too large", fix="make it smaller"))
    assert str(error) == "too large. Fix: make it smaller"
    assert (error.what, error.fix) == ("too large", "make it smaller")


def test_the_tree_in_the_docstring_names_every_error() -> None:
    names = [name for name in errors.__all__ if isinstance(getattr(errors, name), type)]
    assert len(names) == 16
    assert all(name in str(errors.__doc__) for name in names)


def test_unknown_name_suggests_what_was_meant() -> None:
    error = errors.unknown_name("metric", "Sharp_ratio", ["sharpe_ratio", "cagr"])
    assert isinstance(error, errors.UnknownName)
    assert str(error) == "unknown metric 'Sharp_ratio'. Fix: did you mean 'sharpe_ratio'?"


def test_unknown_name_ignores_case_and_offers_several() -> None:
    error = errors.unknown_name("column", "sma1", ["SMA", "SMA2", "volume"])
    assert error.fix == "did you mean 'SMA' or 'SMA2'?"


def test_unknown_name_lists_what_there_is_when_nothing_is_near() -> None:
    known = [f"name{k:02d}" for k in range(14)]
    assert errors.unknown_name("thing", "xyz", known[:2]).fix == "use one of name00, name01"
    assert errors.unknown_name("thing", "xyz", known).fix.endswith("name11 and 2 more")
    assert errors.unknown_name("thing", "xyz", []).fix == "there is no thing to choose from here"
