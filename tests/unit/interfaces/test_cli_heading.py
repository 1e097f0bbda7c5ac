"""The heading of an answer names every setting that makes the run differ from another, and who said so."""

from pathlib import Path

import pytest

from tests.unit.interfaces.commands import autotrade

RECENT = ("backtest", "--start", "2015-01-01", "--quiet")


def heading(*options: str) -> list[str]:
    """The lines above the table."""
    return autotrade(*RECENT, *options).out.partition("\n\n")[0].splitlines()[2:]


def test_defaults_need_no_line_of_their_own(folder: Path) -> None:
    assert heading() == ["commission 0.05 %, slippage 0.02 %, filled at open, cash 100,000"]
    (folder / "autotrade.toml").write_text("[execution]\nleverage = 1\n")
    assert heading()[1:] == ["settings from autotrade.toml"]


def test_a_settings_file_does_not_change_a_result_in_silence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "autotrade.toml").write_text(
        "[costs]\ncash_rate = 0.03\n[exits]\nstop_loss = 0.03\n[execution]\nleverage = 2\nrebalance_band = 0.1\n"
    )
    differing = "with stop_loss=0.03 leverage=2 rebalance_band=0.1 cash_rate=0.03"
    assert heading()[1:] == [differing, "settings from autotrade.toml"]
    assert autotrade(*RECENT, "--json").document["settings"] == ["autotrade.toml"]
    monkeypatch.setenv("AUTOTRADE__COSTS__IMPACT", "0.5")
    assert heading()[-1] == "settings from autotrade.toml, AUTOTRADE__COSTS__IMPACT"
    assert autotrade(*RECENT, "--json").document["settings"] == ["autotrade.toml", "AUTOTRADE__COSTS__IMPACT"]


def test_an_empty_settings_file_took_no_part(folder: Path) -> None:
    (folder / "autotrade.toml").write_text("[costs]\n")
    assert len(heading()) == 1
    assert autotrade(*RECENT, "--json").document["settings"] == []


@pytest.mark.usefixtures("folder")
def test_every_option_that_differs_is_shown() -> None:
    words = [
        "per_unit=0.01",
        "minimum=1",
        "half_spread=0.0001",
        "slippage_atr=0.05",
        "impact=0.2",
        "participation=0.5",
        "borrow_rate=0.02",
        "funding_rate=0.0001",
        "cash_rate=0.01",
        "leverage_rate=0.04",
        "rebalance_band=0.2",
        "exit_unit=atr",
        "exit_path=nearest",
        "atr_window=20",
    ]
    options = [text for word in words for text in f"--{word}".replace("_", "-").split("=")]
    assert set(heading(*options)[1].removeprefix("with ").split()) == set(words)
    provenance = autotrade(*RECENT, *options, "--json").document["provenance"]
    assert provenance["costs"]["borrow_rate"] == 0.02
    assert provenance["execution"]["rebalance_band"] == 0.2


def test_a_parameter_of_the_strategy_takes_the_place_of_the_setting(folder: Path) -> None:
    (folder / "autotrade.toml").write_text("[exits]\nstop_loss = 0.03\n")
    assert heading("--strategy", "confluence")[1:] == ["settings from autotrade.toml"]


def test_a_seed_from_the_settings_is_shown_with_the_search(folder: Path) -> None:
    (folder / "autotrade.toml").write_text("[run]\nseed = 3\n")
    answer = autotrade("optimize", *RECENT[1:], "--trials", "5")
    assert "settings from autotrade.toml" in answer.out
    assert ", tpe, seed 3" in answer.out
    forward = autotrade("walk-forward", *RECENT[1:], "--trials", "3", "--step", "30", "--seed", "4")
    assert ", random, seed 4" in forward.out
