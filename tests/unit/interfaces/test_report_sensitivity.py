"""The section on sensitivity: what it draws, in which order, what it says, and what it refuses."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from autonomous_trading.core import InvalidInput
from autonomous_trading.interfaces.report import (
    Objective,
    ReportContent,
    Sensitivity,
    SensitivityCurve,
    VarianceShare,
    render_report,
)
from tests.unit.interfaces.test_report_page import HOSTILE, outline, payload, text_of

NAN = math.nan


def curve(parameter: str, kept: float, *, fragile: bool = False) -> SensitivityCurve:
    return SensitivityCurve(
        parameter=parameter,
        values=[1, 2, 3, 4],
        scores=[NAN, 0.5, 1.0, 0.25],
        chosen=3,
        near=[False, True, False, False],
        kept_nearby=kept,
        fragile=fragile,
    )


CHOICE = SensitivityCurve(
    parameter="kind",
    values=["a", "b"],
    scores=[1.0, -2.0],
    chosen="a",
    near=[False, False],
    kept_nearby=NAN,
    fragile=False,
)
FOUND = Sensitivity(
    objective=Objective("sharpe_ratio"),
    center=1.0,
    radius=0.05,
    neighbours=64,
    plateau=0.9,
    stability=0.85,
    sensitivity=NAN,
    curves=(CHOICE, curve("fast", 0.5), curve("slow", 0.25, fragile=True)),
    shares=(
        VarianceShare(parameter="fast", alone=-0.02, total=0.3, low=0.2, high=0.4),
        VarianceShare(parameter="slow", alone=0.5, total=0.7, low=0.6, high=1.1),
    ),
    note="19% of the space is refused",
    sets=842,
)


def charts(page: str) -> dict[str, Any]:
    """The data of every chart."""
    return dict(payload(page))


def page_of(found: Sensitivity) -> str:
    return render_report(ReportContent(title="Sensitivity", sensitivity=found))


def test_what_keeps_least_stands_first_and_choices_last() -> None:
    data = charts(page_of(FOUND))
    assert [data[f"alone-{number}"]["parameter"] for number in (1, 2, 3)] == ["slow", "fast", "kind"]
    slow = data["alone-1"]
    assert slow["values"] == [1, 2, 3, 4]
    assert slow["scores"] == [None, 0.5, 1, 0.25]
    assert (slow["chosen"], slow["near"], slow["numeric"]) == (2, [0, 1, 0, 0], True)
    assert data["alone-3"]["numeric"] is False
    assert {tuple(data[f"alone-{number}"]["bounds"]) for number in (1, 2, 3)} == {(-2, 1)}


def test_its_words() -> None:
    words = text_of(page_of(FOUND))
    assert "Sharpe ratio against each parameter alone" in words
    assert "64 neighbours within 5% of each range: plateau score 0.90, parameter stability 0.85" in words
    assert "parameter sensitivity n/a. 842 sets were evaluated for this section." in words
    assert "Chosen: 3. Keeps 25% nearby: fragile." in words
    assert "Chosen: 3. Keeps 50% nearby." in words
    assert "Chosen: a." in words
    assert "Share of the variance of the Sharpe ratio over the whole space." in words
    assert "Beware: 19% of the space is refused." in words
    assert "95% interval" in words


@pytest.mark.parametrize(
    ("kept", "words"), [(-math.inf, "Keeps nothing nearby"), (math.inf, "Keeps everything nearby")]
)
def test_what_is_kept_without_a_share(kept: float, words: str) -> None:
    assert words in text_of(page_of(replace(FOUND, curves=(curve("fast", kept),))))


def test_the_largest_share_stands_first() -> None:
    page = page_of(FOUND)
    assert charts(page)["sobol"] == {
        "names": ["slow", "fast"],
        "alone": [0.5, -0.02],
        "total": [0.7, 0.3],
        "low": [0.6, 0.2],
        "high": [1.1, 0.4],
    }
    assert "Largest: slow, 70.0%." in page


def test_many_parameters_are_cut_and_the_page_says_so() -> None:
    many = replace(
        FOUND,
        curves=tuple(curve(f"p{number}", number / 100) for number in range(30)),
        shares=tuple(
            VarianceShare(parameter=f"p{number}", alone=0.0, total=0.01 * number, low=0.0, high=0.5)
            for number in range(30)
        ),
    )
    words, data = text_of(page_of(many)), charts(page_of(many))
    assert "The 24 that keep least are drawn; 6 are not." in words
    assert "The 20 largest of 30 parameters are drawn." in words
    assert len(data["sobol"]["names"]) == 20
    assert data["sobol"]["names"][0] == "p29"
    assert "alone-25" not in data


def test_what_does_not_count_is_not_drawn() -> None:
    still = replace(CHOICE, values=["a"], scores=[1.0], near=[False])
    unknown = tuple(replace(share, total=NAN) for share in FOUND.shares)
    page = page_of(replace(FOUND, curves=(still, curve("fast", 0.5)), shares=unknown))
    assert "alone-2" not in charts(page)
    assert "sobol" not in charts(page)
    assert 'id="sensitivity"' not in page_of(replace(FOUND, curves=(still,), shares=()))


def test_without_neighbours_and_without_values() -> None:
    empty = replace(curve("fast", NAN), scores=[NAN] * 4)
    page = page_of(replace(FOUND, curves=(empty,), neighbours=0))
    assert "The chosen set has no neighbours to compare it with." in text_of(page)
    assert charts(page)["alone-1"]["bounds"] is None


def test_facts_that_do_not_fit() -> None:
    with pytest.raises(InvalidInput, match="the chosen value 9 of fast is not among the values of its curve"):
        replace(curve("fast", 0.5), chosen=9)
    with pytest.raises(InvalidInput, match="sensitivity curve"):
        replace(curve("fast", 0.5), scores=np.ones(3))


def test_hostile_names_stay_text() -> None:
    strange = replace(CHOICE, parameter=HOSTILE, values=[HOSTILE, "b"], chosen=HOSTILE)
    share = replace(FOUND.shares[0], parameter=HOSTILE)
    found = replace(FOUND, objective=Objective(HOSTILE), curves=(strange,), shares=(share,), note=HOSTILE)
    page = page_of(found)
    assert "<script>alert" not in page
    assert "img" not in outline(page).tags
    assert page.count("</script>") == page_of(FOUND).count("</script>")
