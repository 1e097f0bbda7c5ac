"""Panel: several instruments on one clock, with absence marked and never invented."""

import copy

import numpy as np
import pytest

from autonomous_trading.core import Bars, FloatArray, InvalidBars, Panel, UnknownName

DAY = 86_400_000_000_000


def bars(days: list[int], start: float) -> Bars:
    close: FloatArray = start + np.arange(len(days), dtype=np.float64)
    time = np.array(days, dtype=np.int64) * DAY
    return Bars(time, close - 0.5, close + 1.0, close - 1.0, close, np.full(len(days), 7.0), "S")


@pytest.fixture
def panel() -> Panel:
    return Panel.of({"A": bars([0, 1, 3], 10.0), "B": bars([1, 2, 3, 4], 50.0)})


def test_times_are_the_union(panel: Panel) -> None:
    assert panel.symbols == ("A", "B")
    assert (panel.time // DAY).tolist() == [0, 1, 2, 3, 4]
    assert len(panel) == 5
    assert panel.present.tolist() == [[True, True, False, True, False], [False, True, True, True, True]]


def test_the_last_close_is_carried_and_nothing_is_known_before_the_first_bar(panel: Panel) -> None:
    nan = float("nan")
    np.testing.assert_array_equal(panel.close, [[10, 11, 11, 12, 12], [nan, 50, 51, 52, 53]])
    np.testing.assert_array_equal(panel.open, [[9.5, 10.5, 11, 11.5, 12], [nan, 49.5, 50.5, 51.5, 52.5]])
    np.testing.assert_array_equal(panel.high, [[11, 12, 11, 13, 12], [nan, 51, 52, 53, 54]])
    np.testing.assert_array_equal(panel.low, [[9, 10, 11, 11, 12], [nan, 49, 50, 51, 52]])
    np.testing.assert_array_equal(panel.volume, [[7, 7, 0, 7, 0], [0, 7, 7, 7, 7]])


def test_bars_come_back_as_they_went_in(panel: Panel) -> None:
    original = bars([1, 2, 3, 4], 50.0)
    again = panel.bars("B")
    assert again.content_id == original.content_id
    assert again.symbol == "B"


def test_arrays_are_closed_even_in_a_copy(panel: Panel) -> None:
    for each in (panel, copy.deepcopy(panel), panel[1:3]):
        assert not any(
            getattr(each, name).flags.writeable
            for name in ("time", "open", "high", "low", "close", "volume", "present")
        )


def test_writeable_arrays_are_copied() -> None:
    ones = np.ones((1, 2))
    panel = Panel(("A",), np.array([0, 1]), ones, ones, ones, ones, ones, np.ones((1, 2), dtype=np.bool_))
    ones[0, 0] = 5.0
    assert panel.close[0, 0] == 1.0


def test_a_slice_keeps_the_instruments(panel: Panel) -> None:
    part = panel[2:4]
    assert part.symbols == panel.symbols
    assert part.close.tolist() == panel.close[:, 2:4].tolist()
    assert np.shares_memory(part.close, panel.close)


def test_bad_slices_are_refused(panel: Panel) -> None:
    with pytest.raises(InvalidBars, match="plain slice"):
        panel[::2]
    with pytest.raises(InvalidBars, match="hold none"):
        panel[9:]


def test_unknown_symbol_is_refused(panel: Panel) -> None:
    assert panel.row_of("B") == 1
    with pytest.raises(UnknownName, match="unknown symbol 'C'"):
        panel.row_of("C")


def test_an_empty_panel_is_refused() -> None:
    with pytest.raises(InvalidBars, match="at least one instrument"):
        Panel.of({})


def test_wrong_shapes_are_refused(panel: Panel) -> None:
    arrays = (panel.open, panel.high, panel.low, panel.close, panel.volume)
    with pytest.raises(InvalidBars, match=r"'present' must have shape \[2, 5\]; got \[2, 4\]"):
        Panel(panel.symbols, panel.time, *arrays, present=panel.present[:, 1:])


def test_repr_names_the_instruments(panel: Panel) -> None:
    assert repr(panel) == "Panel(A, B; 5 times)"


def test_bars_per_year_of_the_common_clock(panel: Panel) -> None:
    assert panel.bars_per_year == 365.0
