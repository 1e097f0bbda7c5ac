"""`at.rank` and `autotrade data rank`: the order of instruments, and an honest word about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import autonomous_trading as at
from autonomous_trading.adapters import bars_to_frame
from autonomous_trading.core import InvalidInput, NothingToReport
from autonomous_trading.data.ranking import RankingRules
from autonomous_trading.testing.markets import factor_market, random_walk
from tests.unit.interfaces.commands import autotrade

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture(scope="module")
def bars() -> Mapping[str, at.Bars]:
    return factor_market(600, 1).instruments


@pytest.fixture
def files(folder: Path, bars: Mapping[str, at.Bars]) -> str:
    (folder / "shares").mkdir()
    for symbol, each in bars.items():
        bars_to_frame(each).to_csv(folder / "shares" / f"{symbol}.csv")
    return "shares"


def test_the_order_at_the_last_bar_and_before(bars: Mapping[str, at.Bars]) -> None:
    ranked = at.rank(dict(bars))
    assert [place.rank for place in ranked.places()] == [1, 2, 3, 4, 5]
    assert ranked.to_dict()["left_out"] == ["size", "sentiment"]
    assert ranked.to_dict()["time"] == "2002-04-19T00:00:00Z"
    assert ranked.evidence().verdict in ("no evidence", "evidence", "evidence against")
    assert len(ranked.ranking) == 600


@pytest.mark.parametrize("on", ["2001-12-31", date(2001, 12, 31), np.datetime64("2001-12-31"), "2001-12-31T00:00:00Z"])
def test_later_bars_are_not_looked_at(bars: Mapping[str, at.Bars], on: object) -> None:
    ranked = at.rank(dict(bars), on=on)
    cut = {symbol: each[:521] for symbol, each in bars.items()}
    assert ranked.to_dict() == at.rank(cut).to_dict()
    assert ranked.to_dict()["time"] == "2001-12-31T00:00:00Z"
    assert len(ranked.panel) == 521


def test_what_is_given_is_used(bars: Mapping[str, at.Bars]) -> None:
    size = np.exp(np.arange(5.0))[:, np.newaxis] * np.ones(600)
    ranked = at.rank(dict(bars), size=size, weights={"size": 1.0})
    assert [place.symbol for place in ranked.places()] == ["F5", "F4", "F3", "F2", "F1"]
    ranked = at.rank(dict(bars), sentiment=-size, rules=RankingRules(weights={"sentiment": 1.0}))
    assert [place.symbol for place in ranked.places()] == ["F1", "F2", "F3", "F4", "F5"]


def test_what_is_no_question_is_refused(bars: Mapping[str, at.Bars]) -> None:
    with pytest.raises(InvalidInput, match="sp500 is one instrument, and a ranking needs two or more"):
        at.rank("sample:sp500")
    with pytest.raises(
        InvalidInput, match=r"no bar lies on or before 1999-12-31. Fix: choose a date from 2000-01-03 on"
    ):
        at.rank(dict(bars), on="1999-12-31")
    with pytest.raises(InvalidInput, match="on is no date; got 7"):
        at.rank(dict(bars), on=7)
    with pytest.raises(InvalidInput, match="on is not a date; got 'soon'"):
        at.rank(dict(bars), on="soon")
    with pytest.raises(InvalidInput, match="weights are part of the rules"):
        at.rank(dict(bars), weights={"size": 1.0}, rules=RankingRules())
    with pytest.raises(NothingToReport, match="0 dates with 5 ranked instruments"):
        at.rank(dict(bars), on="2000-03-01").evidence()


def test_the_table(files: str) -> None:
    answer = autotrade("data", "rank", files, "--top", "3")
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert lines[0].startswith("5 instruments (F1, F2, F3, F4, ...): 3,000 bars")
    assert lines[1].split() == ["rank", "symbol", "score", "momentum", "liquidity"]
    assert [line.split()[0] for line in lines[3:6]] == ["1", "2", "3"]
    assert "5 of 5 instruments ranked at the close of 2002-04-19: momentum 0.5, liquidity 0.2" in lines
    assert "left out, nothing is known of it: size, sentiment" in lines
    assert lines[-1].split(":")[0] in ("no evidence", "evidence", "evidence against")


def test_the_document_says_the_same_as_python(files: str, bars: Mapping[str, at.Bars]) -> None:
    answer = autotrade("data", "rank", files, "--on", "2001-12-31", "--json", "--horizon", "10")
    assert (answer.code, answer.err) == (0, "")
    document = answer.document
    expected = at.rank(dict(bars), on="2001-12-31")
    assert document["command"] == "data rank"
    assert document["ranked"] == 5
    assert document["places"] == expected.to_dict()["places"]
    found = expected.evidence(10)
    assert document["evidence"]["verdict"] == found.verdict
    assert document["evidence"]["rank_information_coefficient"]["mean"] == found.coefficient.mean


def test_before_anybody_can_be_ranked_there_is_nothing_to_report(files: str) -> None:
    answer = autotrade("data", "rank", files, "--on", "2000-03-01")
    assert (answer.code, answer.out) == (3, "")
    assert "none of 5 instruments can be ranked then" in answer.complaint


def test_a_split_that_is_not_adjusted_is_told_and_adjusted_on_demand(tmp_path: Path) -> None:
    """Without the adjustment it is a loss of three quarters to every momentum."""
    frames, whole = [], {f"S{number}": random_walk(400, seed=number) for number in range(6)}
    for number, bars in enumerate(whole.values()):
        frame = bars_to_frame(bars).reset_index().assign(symbol=f"S{number}", adj_close=bars.close)
        if number == 0:
            prices = ["open", "high", "low", "close"]
            frame.loc[:299, prices] *= 4.0
        frames.append(frame)
    file = tmp_path / "several.parquet"
    pd.concat(frames).to_parquet(file, index=False)
    answer = autotrade("data", "rank", str(file))
    assert answer.code == 0
    assert "S0: the close leaps on 1 bar" in answer.out
    adjusted = autotrade("data", "rank", str(file), "--adjust", "--json").document
    assert not [note for note in adjusted["notes"] if "leaps" in note]
    raw = autotrade("data", "rank", str(file), "--json").document

    def momentum(document: dict[str, Any]) -> float:
        return next(float(p["scores"]["momentum"]) for p in document["places"] if p["symbol"] == "S0")

    true = {each.symbol: each.scores["momentum"] for each in at.rank(whole).places()}
    assert momentum(adjusted) == pytest.approx(true["S0"])
    assert momentum(raw) != pytest.approx(true["S0"], abs=0.1)


def test_what_the_command_cannot_rank_is_2() -> None:
    answer = autotrade("data", "rank", "sample:sp500")
    assert answer.code == 2
    assert answer.complaint.startswith("error: sp500 is one instrument, and a ranking needs two or more. Fix: ")
    assert autotrade("data", "rank", "sample:sp500", "--top", "0").code == 2


def test_where_too_little_followed_there_is_no_evidence(files: str) -> None:
    answer = autotrade("data", "rank", files, "--horizon", "550", "--json")
    assert (answer.code, answer.document["evidence"]) == (0, None)
    told = autotrade("data", "rank", files, "--horizon", "550").out.splitlines()[-1]
    assert told.startswith("no evidence: ")
