"""Nothing a user names can become markup or script."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autonomous_trading.interfaces.report._markup import (
    Markup,
    element,
    json_for_script,
    number_list,
    stepped,
    without_end_tag,
)


def test_text_and_attributes_are_escaped_and_markup_is_not() -> None:
    inner = element("b", "a & b")
    assert element("p", "<script>", inner, title='"><img>') == (
        '<p title="&quot;&gt;&lt;img&gt;">&lt;script&gt;<b>a &amp; b</b></p>'
    )


def test_absent_children_and_attributes_leave_nothing() -> None:
    assert element("p", None, class_=None, hidden=True, disabled=False) == "<p hidden></p>"


@given(st.text())
def test_any_text_is_escaped(text: str) -> None:
    inside = element("p", text).removeprefix("<p>").removesuffix("</p>")
    assert "<" not in inside
    assert ">" not in inside


@pytest.mark.parametrize("text", ["</script>", "</SCRIPT >", "<!-- <script>", "]]>", "\u2028", "a</b"])
def test_json_cannot_leave_its_script_element(text: str) -> None:
    written = json_for_script({text: [text]})
    assert "</" not in written
    assert "<!--" not in written
    assert written.isascii()
    assert json.loads(written) == {text: [text]}


def test_an_end_tag_in_json_is_written_with_a_backslash() -> None:
    assert json_for_script("</script>") == '"<\\/script>"'


def test_json_refuses_nan() -> None:
    with pytest.raises(ValueError, match="Out of range float"):
        json_for_script(float("nan"))


def test_source_cannot_close_its_element() -> None:
    assert without_end_tag('"</script>"') == Markup('"<\\/script>"')


def test_numbers_are_short_and_missing_ones_null() -> None:
    values = np.array([1.0, 0.123456789, np.nan, np.inf, -2.5])
    assert json_for_script(number_list(values, digits=4)) == "[1,0.1235,null,null,-2.5]"


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=50, unique=True))
def test_steps_lead_back_to_the_numbers(values: list[int]) -> None:
    values.sort()
    sent = stepped(np.array(values))
    assert isinstance(sent["start"], int)
    assert isinstance(sent["unit"], int)
    assert isinstance(sent["steps"], list)
    steps = [0, *(sent["unit"] * int(str(step)) for step in sent["steps"])]
    assert (sent["start"] + np.cumsum(steps)).tolist() == values
