"""`autotrade features`: what it lists, explains, computes and draws, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import autonomous_trading as at
from autonomous_trading.features import STANDARD_FEATURES, ColumnStore, catalogue
from tests.unit.interfaces.commands import autotrade

pytestmark = pytest.mark.usefixtures("folder")

RECENT = ("--start", "2017-01-01")


def test_the_list_and_its_parts() -> None:
    answer = autotrade("features", "list")
    assert (answer.code, answer.err) == (0, "")
    assert f"{len(catalogue())} columns in" in answer.out
    volatility = autotrade("features", "list", "--group", "volatility", "--json").document
    assert {each["group"] for each in volatility["features"]} == {"Volatility"}
    assert "garch_volatility" in {each["name"] for each in volatility["features"]}
    found = autotrade("features", "list", "--search", "parkinson", "--json").document
    assert [each["name"] for each in found["features"]] == ["parkinson_volatility"]


def test_one_is_explained() -> None:
    answer = autotrade("features", "explain", "yang_zhang_volatility")
    assert (answer.code, answer.err) == (0, "")
    for words in ("Yang and Zhang (2000)", "log return per bar", "20 bars before it", "2 to 100000"):
        assert words in answer.out
    document = autotrade("features", "explain", "macd", "--json").document
    assert (document["outputs"], document["warm_up"]) == (["macd", "macdsignal", "macdhist"], 33)
    assert "every bar since the first" in autotrade("features", "explain", "obv").out
    assert autotrade("features", "explain", "close").code == 0


def test_features_are_computed_and_written(folder: Path) -> None:
    formulas = ("rsi(14)", "trend=close / sma(close, 200) - 1")
    answer = autotrade("features", "compute", *formulas, "--output", "f.parquet", "--json")
    assert (answer.code, answer.err) == (0, "")
    told = answer.document["instruments"]["sp500"]
    assert told["features"] == {"rsi_14": "rsi(14)", "trend": "close / sma(close, 200) - 1"}
    frame = pd.read_parquet(folder / "f.parquet")
    bars = at.sample("sp500")
    np.testing.assert_array_equal(frame["rsi_14"], ColumnStore(bars).column("rsi", (14,)))
    assert frame.columns.tolist() == ["time", "rsi_14", "trend", "symbol"]
    assert told["last"]["trend"] == frame["trend"].iloc[-1]
    for name in ("f.csv", "f.feather"):
        assert autotrade("features", "compute", "rsi(14)", "--output", name).code == 0
        assert (folder / name).stat().st_size > 1_000


def test_the_standard_set_is_shown() -> None:
    answer = autotrade("features", "compute")
    assert (answer.code, answer.err) == (0, "")
    assert "return_1" in answer.out
    assert f"and {len(STANDARD_FEATURES) - 40} more" in answer.out


def test_a_page_is_drawn(folder: Path) -> None:
    answer = autotrade("features", "plot", "rsi(14)", "close_volatility(20)", "--html", "page.html", *RECENT)
    assert (answer.code, answer.err) == (0, "")
    page = (folder / "page.html").read_text(encoding="utf-8")
    assert "Features of sp500" in page
    assert page.count('data-kind="feature"') == 2


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("list", "--group", "volatilty"), 2, "did you mean 'Volatility'"),
        (("list", "--search", "zzz"), 3, "no column has 'zzz' in it"),
        (("explain", "rsj"), 2, "did you mean 'rsi'"),
        (("compute", "rsi("), 2, "the formula cannot be read"),
        (("compute", "rsi(14)", "rsi( 14)"), 2, "two features are called rsi_14"),
        (("compute", "time=rsi(14)", "--output", "f.csv"), 2, "a feature cannot be called time: the file has a column"),
        (
            ("compute", "symbol=close", "--output", "f.csv"),
            2,
            "a feature cannot be called symbol: the file has a column",
        ),
        (("rank", "time=rsi(14)"), 2, "name it: other=rsi(14)"),
        (("compute", "rsi(14)", "--output", "f.txt"), 2, "f.txt is no file that features are written to"),
        (("compute", "rsi(14)", "--output", "there.csv"), 4, "there.csv exists"),
        (("plot", *["rsi(14)"] * 13), 2, "13 charts are more than a page holds"),
        (("plot", "rsi(14)", "--html", "page.txt"), 2, "a report is an HTML page"),
        (("plot", "rsi(14)", "--data", "two"), 2, "there are 2 instruments, and a page shows one"),
    ],
)
def test_what_is_refused_writes_nothing(folder: Path, arguments: tuple[str, ...], code: int, message: str) -> None:
    (folder / "there.csv").write_text("mine")
    frame = pd.DataFrame({"date": ["2024-01-02", "2024-01-03"], "open": 1.0, "high": 1.0, "low": 1.0, "close": 1.0})
    (folder / "two").mkdir()
    for name in ("a.csv", "b.csv"):
        frame.to_csv(folder / "two" / name, index=False)
    before = sorted(path.name for path in folder.iterdir())
    answer = autotrade("features", *arguments)
    assert answer.code == code
    assert message in answer.err
    assert sorted(path.name for path in folder.iterdir()) == before
    assert (folder / "there.csv").read_text() == "mine"


def test_features_are_ranked_with_what_may_be_believed() -> None:
    formulas = ("rsi(14)", "close_volatility(20)")
    answer = autotrade("features", "rank", *formulas, "--method", "single", "--start", "2014-01-01")
    assert (answer.code, answer.err) == (0, "")
    assert "model score" in answer.out
    assert "features" in answer.out.splitlines()[-1]
    document = autotrade(
        "features", "rank", *formulas, "--method", "single", "--start", "2014-01-01", "--json"
    ).document
    assert {each["name"] for each in document["features"]} == {"rsi_14", "close_volatility_20"}
    assert set(document["top_features"]) <= {"rsi_14", "close_volatility_20"}
    assert isinstance(document["model_score"], float)
    refused = autotrade("features", "rank", *formulas, "--method", "magic")
    assert (refused.code, "unknown method 'magic'" in refused.err) == (2, True)
