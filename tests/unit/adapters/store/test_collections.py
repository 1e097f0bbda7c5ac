"""The nine collections: what is added is found, and only with the facts it has."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from autonomous_trading.adapters.store import Collection, open_store
from autonomous_trading.adapters.store._tables import COLLECTIONS
from autonomous_trading.core import InvalidInput, UnknownName

NAMES = [
    "strategies",
    "ml_models",
    "backtest_results",
    "signals",
    "training_runs",
    "rl_experiences",
    "feature_store",
    "optimization_results",
    "market_regimes",
]


def test_they_are_nine() -> None:
    assert list(COLLECTIONS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_what_is_added_is_found(tmp_path: Path, name: str) -> None:
    with closing(open_store(tmp_path / "trials.db")) as store:
        collection = Collection(store, name)
        first, second = dict.fromkeys(collection.facts, "a"), dict.fromkeys(collection.facts, "b")
        kept = collection.add("p", first, {"numbers": [1, 2.5], "nested": {"x": None}})
        collection.add("p", second, {})
        collection.add("other", first, {})
        assert list(collection.find("p", first)) == [kept]
        assert len(collection.find("p", most=1)) == 1
        assert (collection.count("p"), collection.count("nobody")) == (2, 0)
    with closing(open_store(tmp_path / "trials.db")) as store:
        collection = Collection(store, name)
        assert list(collection.find("p", first)) == [kept]
        assert [collection.remove(kept.id), collection.remove(kept.id)] == [True, False]
        assert list(collection.find("p", first)) == []


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    with closing(open_store(tmp_path / "trials.db")) as store:
        with pytest.raises(UnknownName, match="unknown collection 'trades'"):
            Collection(store, "trades")
        strategies = Collection(store, "strategies")
        with pytest.raises(InvalidInput, match="strategies are found by name, kind; got name"):
            strategies.add("p", {"name": "x"}, {})
        with pytest.raises(InvalidInput, match="plain JSON values"):
            strategies.add("p", {"name": "x", "kind": "y"}, {"value": float("nan")})
        with pytest.raises(UnknownName, match="unknown fact of strategies: 'symbol'"):
            strategies.find("p", {"symbol": "x"})
        assert strategies.count("p") == 0
