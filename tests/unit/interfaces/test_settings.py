"""Settings: a flag above the environment above autotrade.toml above the default; unknown names are refused."""

from dataclasses import fields
from pathlib import Path

import pytest

from autonomous_trading.backtest import Costs, Execution, Exits
from autonomous_trading.core import InvalidInput
from autonomous_trading.interfaces.settings import Settings, given, load_settings
from tests.unit.interfaces.commands import autotrade


@pytest.fixture
def file(folder: Path) -> Path:
    return folder / "autotrade.toml"


def test_nothing_given_is_nothing_said(file: Path) -> None:
    settings = load_settings(file)
    assert [given(section) for _, section in settings] == [{}, {}, {}, {}, {}, {}]


def test_the_environment_stands_above_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("[costs]\ncommission = 0.001\nslippage = 0.002\n\n[run]\nseed = 3\n")
    monkeypatch.setenv("AUTOTRADE__COSTS__COMMISSION", "0.005")
    settings = load_settings(file)
    assert given(settings.costs) == {"commission": 0.005, "slippage": 0.002}
    assert given(settings.run) == {"seed": 3}


def test_the_flag_stands_above_everything(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("[execution]\ninitial_cash = 1000\n[costs]\ncommission = 0.001\nslippage = 0.002\n")
    monkeypatch.setenv("AUTOTRADE__COSTS__COMMISSION", "0.005")
    answer = autotrade("backtest", "--start", "2017-01-01", "--json", "--quiet", "--commission", "0.006")
    provenance = answer.document["provenance"]
    assert provenance["costs"] == {"commission": 0.006, "slippage": 0.002}
    assert provenance["execution"]["initial_cash"] == 1000.0


def test_the_sections_are_the_nouns() -> None:
    for section, noun in (("costs", Costs), ("exits", Exits), ("execution", Execution)):
        annotation = Settings.model_fields[section].annotation
        assert annotation is not None
        assert sorted(annotation.model_fields) == sorted(field.name for field in fields(noun))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[costs]\ncomission = 1", "unknown key in autotrade.toml: 'comission'. Fix: did you mean 'commission'?"),
        ("[cost]\na = 1", "unknown section in autotrade.toml: 'cost'. Fix: did you mean 'costs'?"),
        (
            "seed = 1",
            "unknown section in autotrade.toml: 'seed'. Fix: use one of costs, data, execution, exits, ledger, run",
        ),
        ("[costs]\ncommission = 'much'", "autotrade.toml: costs.commission is 'much', and has to be a valid number"),
        ("[costs]\ncommission = true", "has to be a number, not true or false"),
        ("[run]\nseed = -1", "run.seed is -1, and has to be greater than or equal to 0"),
        ("[run]\nthreads = 1.5", "run.threads is 1.5, and has to be a valid integer"),
        ("costs = 3", "costs is 3, not a section. Fix: write [costs] and keys below it"),
        ("[costs", "is not TOML"),
    ],
)
def test_a_file_that_says_something_unknown(file: Path, text: str, message: str) -> None:
    file.write_text(text)
    with pytest.raises(InvalidInput) as caught:
        load_settings(file)
    assert message in str(caught.value)
    assert "Fix: " in str(caught.value)


def test_a_file_that_cannot_be_read(file: Path) -> None:
    file.mkdir()
    with pytest.raises(InvalidInput, match="cannot be read"):
        load_settings(file)


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("AUTOTRADE__CSTS__COMMISSION", "1", "did you mean 'costs'"),
        ("AUTOTRADE__COSTS__COMISSION", "1", "did you mean 'commission'"),
        ("AUTOTRADE__COSTS", "{}", "unknown key in the environment variable AUTOTRADE__COSTS"),
        ("AUTOTRADE__RUN__SEED", "x", "AUTOTRADE__RUN__SEED is 'x', and has to be a valid integer"),
    ],
)
def test_a_variable_that_says_something_unknown(
    file: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, message: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(InvalidInput, match=message):
        load_settings(file)
    answer = autotrade("backtest")
    assert answer.code == 2
    assert "Fix: " in answer.complaint
