"""The evidence section: every part of the page as a card, and the winners of halves where there are some."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from autonomous_trading.interfaces.report import EvidencePart, OverfittingChart, Validation
from autonomous_trading.interfaces.report._evidence_section import evidence_section

CHART = OverfittingChart(
    label="as traded",
    logits=np.array([-2.0, -1.0, 0.5, 1.5, np.nan, np.inf]),
    in_sample=np.array([1.0, 2.0, 3.0]),
    out_of_sample=np.array([0.5, 0.25, -0.5]),
    probability=0.37,
    loss=0.21,
    slope=-0.5,
)
FULL = Validation(
    parts=(EvidencePart(title="What was <tried>", lines=("8 sets", "like <b>one</b>")),), overfitting=CHART
)


def test_parts_and_charts_are_drawn_and_said() -> None:
    section = evidence_section(FULL)
    assert section is not None
    assert section.anchor == "evidence"
    assert set(section.charts) == {"logits", "degradation"}
    for words in (
        "What was &lt;tried&gt;",
        "<li>8 sets</li>",
        "like &lt;b&gt;one&lt;/b&gt;",
        "6 ways to halve the history, as traded",
        "in 37% (left of the line), and lost in 21%",
        "slope -0.50: the more it had won by, the worse it did",
        'data-chart="logits"',
        'data-chart="degradation"',
    ):
        assert words in section.body, words
    logits, degradation = section.charts["logits"], section.charts["degradation"]
    assert isinstance(logits, dict)
    assert isinstance(logits["counts"], list)
    assert sum(int(str(count)) for count in logits["counts"]) == 4  # only finite ones
    assert isinstance(degradation, dict)
    assert degradation["inSample"] == [1.0, 2.0, 3.0]
    assert degradation["outOfSample"] == [0.5, 0.25, -0.5]


def test_what_won_may_keep_some_of_it() -> None:
    section = evidence_section(replace(FULL, overfitting=replace(CHART, slope=0.5)))
    assert section is not None
    assert "slope 0.50: what won kept some of it" in section.body


def test_of_many_halves_some_are_shown() -> None:
    many = np.linspace(-1.0, 1.0, 12_870)
    section = evidence_section(replace(FULL, overfitting=replace(CHART, in_sample=many, out_of_sample=many)))
    assert section is not None
    shown = section.charts["degradation"]
    assert isinstance(shown, dict)
    assert isinstance(shown["inSample"], list)
    assert 3_000 <= len(shown["inSample"]) <= 3_300
    assert shown["inSample"] == shown["outOfSample"]


def test_without_a_choice_there_are_no_charts() -> None:
    section = evidence_section(replace(FULL, overfitting=None))
    assert section is not None
    assert dict(section.charts) == {}
    assert "data-chart" not in section.body


def test_nothing_makes_no_section() -> None:
    assert evidence_section(None) is None
