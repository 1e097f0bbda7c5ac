"""The command that comes next asks with the same options, so far as it has them."""

import shlex

import pytest

from tests.unit.interfaces.commands import autotrade

pytestmark = pytest.mark.usefixtures("folder")

COMMON = ("--start", "2015-01-01")
BARS = "--data sample:sp500 --start 2015-01-01 --strategy ma_cross"
COSTS = ("--commission", "0.003", "--initial-cash", "5000", "--fill", "close")
SETS = ("--set", "fast=9", "--set", "stop_loss=0.1")


def following(*arguments: str) -> str:
    """What stands behind `Next: autotrade`."""
    out = autotrade(*arguments, *COMMON, "--quiet").out
    (line,) = [line for line in out.splitlines() if line.startswith("Next: autotrade ")]
    return line.removeprefix("Next: autotrade ")


def test_a_search_goes_on_with_what_was_set_and_what_it_costs() -> None:
    search = ("--space", "slow=50:60", "--seed", "5", "--threads", "2")
    more = ("--method", "random", "--trials", "6", "--objective", "total_return")
    words = following("optimize", *SETS, *COSTS, *search, *more, "--ahead", "1", "--constraint", "trade_count >= 1")
    assert words == (
        f"walk-forward {BARS} --set fast=9 --set stop_loss=0.1 --commission 0.003 --initial-cash 5000 --fill close"
        " --objective total_return --method random --trials 6 --space slow=50:60 --seed 5 --threads 2"
    )


def test_what_it_prints_runs() -> None:
    words = following("optimize", *SETS, *COSTS, "--seed", "5", "--method", "random", "--trials", "3")
    walked = autotrade(*shlex.split(words), "--step", "30", "--json", "--quiet").document
    assert walked["provenance"]["costs"]["commission"] == 0.003
    assert walked["provenance"]["seed"] == 5
    assert {fold["parameters"]["fast"] for fold in walked["folds"]} == {9}


@pytest.mark.parametrize(
    "asked",
    [
        ("--objective", "sharpe_ratio", "--objective", "max_drawdown"),
        ("--objective", "worst_fold_sharpe_ratio"),
        ("--method", "grid", "--resolution", "3"),
    ],
)
def test_what_a_walk_forward_does_not_take_is_left_out(asked: tuple[str, ...]) -> None:
    trials = () if "grid" in asked else ("--trials", "4")
    assert following("optimize", *asked, *trials) == " ".join(["walk-forward", BARS, *trials])


def test_a_ledger_is_named_again_and_a_job_is_not() -> None:
    ask = ("optimize", "--method", "random", "--trials", "4", "--ledger", "trials.db", "--project", "p")
    job = autotrade(*ask, *COMMON, "--quiet", "--json").document["ledger"]["job"]
    words = following(*ask, "--resume", job)
    assert words == f"walk-forward {BARS} --method random --trials 4 --ledger trials.db --project p"


def test_a_walk_forward_is_reported_as_it_was_asked_for() -> None:
    walk = ("--train", "400", "--test", "90", "--step", "90", "--expanding", "--trials", "3")
    assert following("walk-forward", *SETS, *COSTS, *walk) == (
        f"walk-forward {BARS} --set fast=9 --set stop_loss=0.1 --commission 0.003 --initial-cash 5000 --fill close"
        " --train 400 --test 90 --step 90 --expanding --trials 3 --report walk-forward.html"
    )


@pytest.mark.parametrize("command", ["backtest", "report"])
def test_a_search_after_a_backtest_has_its_costs_and_stops_and_searches_its_parameters(command: str) -> None:
    assert following(command, *SETS, *COSTS) == (
        f"optimize {BARS} --set stop_loss=0.1 --commission 0.003 --initial-cash 5000 --fill close"
    )
