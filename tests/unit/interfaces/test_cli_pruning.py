"""`autotrade optimize --prune`: what is shown, what JSON says, what is recorded to be asked again, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.interfaces.commands import autotrade

SEARCH = (
    "optimize", "--data", "sample:sp500", "--strategy", "ma_cross", "--objective", "worst_fold_sharpe_ratio",
    "--method", "random", "--trials", "96", "--quiet",
)  # fmt: skip


def test_it_says_how_many_were_pruned() -> None:
    shown, document = autotrade(*SEARCH, "--prune", "0.5"), autotrade(*SEARCH, "--prune", "0.5", "--json").document
    assert document["trials"] == 96
    assert 20 < document["pruned"] < 96
    assert f"Pruned: {document['pruned']} of them, beaten on their first folds" in shown.out
    whole = autotrade(*SEARCH, "--json").document
    assert whole["pruned"] == 0
    assert "Pruned" not in autotrade(*SEARCH).out
    assert document["best"]["metrics"]["folds_evaluated"] == 5
    later = autotrade(*SEARCH, "--prune", "0.5", "--prune-after", "60", "--json").document
    assert 0 < later["pruned"] < document["pruned"]


def test_a_recorded_one_is_asked_again(tmp_path: Path) -> None:
    ledger = ("--ledger", str(tmp_path / "trials.db"))
    job = autotrade(*SEARCH, "--prune", "0.5", *ledger, "--json").document["ledger"]["job"]
    for trial in ("0", "95", "80"):
        again = autotrade("runs", "replay", job, "--trial", trial, *ledger, "--json")
        assert (again.code, again.document["same"]) == (0, True)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--prune", "1.5"), "--prune takes a fraction from"),
        (("--prune", "1"), "prune must be above 0 and below 1; got 1.0"),
        (("--prune-after", "30"), "--prune-after says when pruning begins, and nothing is pruned"),
        (("--prune", "0.5", "--prune-after", "300"), "prune_after must be a whole number from 1 to 256"),
        (("--prune", "0.5", "--objective", "sharpe_ratio"), "sharpe_ratio is no score over folds"),
    ],
)
def test_what_makes_no_sense_is_refused(options: tuple[str, ...], complaint: str) -> None:
    answer = autotrade(*SEARCH, *options)
    assert answer.code == 2
    assert complaint in answer.complaint
