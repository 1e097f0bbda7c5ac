"""The door to executors, tasks by reference, and what travels between processes."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from autonomous_trading import Columns, Expression
from autonomous_trading.adapters import function_named, reference_to, strategy_named
from autonomous_trading.adapters.compute import FunctionTask, InlineExecutor, StrategyTask, open_executor
from autonomous_trading.adapters.compute._listening import listening_of, open_to_others
from autonomous_trading.adapters.compute._messages import (
    READY,
    answer_to,
    failure_message,
    question_of,
    read_answer,
)
from autonomous_trading.adapters.compute._ray import RayWorker
from autonomous_trading.adapters.compute._serving import begun
from autonomous_trading.adapters.compute._settings import Limits
from autonomous_trading.adapters.compute._shared_block import SharedBlock
from autonomous_trading.app import Market, Rules, Task
from autonomous_trading.backtest import Costs, Exits
from autonomous_trading.core import (
    Bars,
    FloatArray,
    FloatParameter,
    IntArray,
    InvalidBars,
    InvalidInput,
    ParameterTable,
    Refused,
    TradingError,
    UnknownName,
)
from autonomous_trading.strategies import STRATEGIES, Strategy
from autonomous_trading.testing import random_walk, tasks

MA_CROSS = STRATEGIES["ma_cross"]
PLAIN = FunctionTask(tasks.drawn, ("value",))


def market(instruments: int = 1) -> Market:
    return Market.of({f"S{number}": random_walk(400, seed=number) for number in range(instruments)})


# ------------------------------------------------------------------------------------------------- the door


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        ("proceses", {}, "unknown executor 'proceses'. Fix: did you mean 'processes'"),
        ("processes", {"workers": 0}, "workers must be a whole number of at least 1; got 0"),
        ("processes", {"workers": True}, "got True"),
        ("processes", {"workers": 2.0}, "got 2.0"),
        ("processes", {"seconds": 0.0}, "seconds must be positive; got 0.0"),
        ("processes", {"seconds": float("nan")}, "seconds must be positive; got nan"),
        ("processes", {"memory_bytes": 1000}, "memory_bytes must be at least 67,108,864; got 1,000"),
        ("processes", {"address": "10.0.0.1:6379"}, "address is for a Ray cluster"),
        ("inline", {"workers": 2}, "inline there is one worker; got workers=2"),
        ("inline", {"seconds": 1.0}, "nothing can end what runs inline"),
    ],
)
def test_the_door_refuses_what_makes_no_sense(kind: str, settings: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(message)):
        open_executor(kind, PLAIN, **settings)  # type: ignore[arg-type]


def test_without_ray_the_command_to_install_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InvalidInput, match=re.escape('pip install "autonomous-trading[ray]"')):
        open_executor("ray", PLAIN)


def test_inline_lets_pass_what_is_no_mistake() -> None:
    def interrupted(_table: ParameterTable, _seeds: IntArray) -> dict[str, FloatArray]:
        raise KeyboardInterrupt

    executor = InlineExecutor(interrupted)
    executor.submit(0, ParameterTable({}, 1), np.array([1]))
    with pytest.raises(KeyboardInterrupt):
        executor.wait(1.0)


# ------------------------------------------------------------------------------------------------- messages


def awkward_table() -> ParameterTable:
    mixed = np.array([1, 1.5, "a", True, np.int64(7)], dtype=object)
    return ParameterTable(
        {
            "whole": np.array([1, -(2**62), 3, 4, 5]),
            "real": np.array([0.1, -0.0, 5e-324, 1e308, 1 / 3]),
            "truth": np.array([True, False, True, True, False]),
            "mixed": mixed,
        }
    )


def test_a_table_arrives_as_it_was() -> None:
    table, seeds = awkward_table(), np.array([0, 1, 2**63 - 1, -5, 9])
    seen: list[tuple[ParameterTable, IntArray]] = []

    def look(got: ParameterTable, got_seeds: IntArray) -> dict[str, FloatArray]:
        seen.append((got, got_seeds))
        return {}

    answer_to(question_of(table, seeds), look)
    got, got_seeds = seen[0]
    assert got_seeds.tolist() == seeds.tolist()
    assert got.names == table.names
    for name in table.names:
        assert got.column(name).dtype == table.column(name).dtype
        assert [repr(each) for each in got.column(name).tolist()] == [
            repr(each.item() if isinstance(each, np.generic) else each) for each in table.column(name).tolist()
        ]
    assert list(got.rows()) == list(table.rows())


def test_columns_arrive_bit_for_bit() -> None:
    odd_nan = np.array([0xFFF8000000000001, 0x7FF8000000000000], dtype=np.uint64).view(np.float64)
    values = np.concatenate([odd_nan, [np.inf, -0.0, 0.1]])
    answer = read_answer(answer_to(question_of(awkward_table(), np.arange(5)), lambda _table, _seeds: {"v": values}))
    assert answer.columns is not None
    assert answer.columns["v"].tobytes() == values.tobytes()


@pytest.mark.parametrize("error", [InvalidInput("what", fix="how"), Refused("no"), UnknownName("who")])
def test_errors_of_this_package_arrive_as_they_were(error: TradingError) -> None:
    raised = read_answer(failure_message(error)).raised
    assert (type(raised), str(raised)) == (type(error), str(error))


def test_what_else_a_worker_may_say() -> None:
    def full(_table: ParameterTable, _seeds: IntArray) -> dict[str, FloatArray]:
        raise MemoryError

    question = question_of(awkward_table(), np.arange(5))
    assert read_answer(READY).ready
    assert read_answer(answer_to(question, full)).lost == "it ran out of memory"
    short = read_answer(answer_to(question, lambda _table, _seeds: {"v": np.zeros(4)})).raised
    assert "v of 5 sets came back with shape [4]" in str(short)


# ---------------------------------------------------------------------------------------------------- tasks


def elsewhere(task: Task, *, mapped: bool) -> dict[str, FloatArray]:
    """What the parts of a strategy task give, from memory that another process could map."""
    recipe, arrays = task.split(mapped=mapped)
    block = SharedBlock(arrays)
    evaluate = recipe.build_on(block.place.arrays())
    block.close()
    table = MA_CROSS.space().grid(3)
    return dict(evaluate(table, np.arange(len(table))))


@pytest.mark.parametrize("mapped", [True, False])
@pytest.mark.parametrize("instruments", [1, 3])
def test_a_strategy_gives_the_same_on_shared_arrays(instruments: int, mapped: bool) -> None:
    rules = Rules(Costs(commission=0.001, impact=0.1), Exits(stop_loss=2.0, unit="atr"), threads=8)
    task = StrategyTask(MA_CROSS, market(instruments), ("total_return", "sharpe_ratio"), (0, 400), rules)
    table = MA_CROSS.space().grid(3)
    here = task.build()(table, np.arange(len(table)))
    there = elsewhere(task, mapped=mapped)
    assert {name: values.tobytes() for name, values in here.items()} == {
        name: values.tobytes() for name, values in there.items()
    }


def test_extra_columns_and_declared_parameters_travel_too() -> None:
    bars = random_walk(400, seed=1)
    extra = Bars(bars.time, bars.open, bars.high, bars.low, bars.close, bars.volume, "X", {"mood": bars.close / 2})
    declared = MA_CROSS.declaring({"stop_loss": FloatParameter(0.01, 0.1, default=0.05)})
    task = StrategyTask(declared, Market.of(extra), ("total_return",), (0, 400))
    recipe, arrays = task.split(mapped=False)
    assert arrays["0/bars/mood"].tolist() == extra.extra["mood"].tolist()
    table = declared.space().grid(2)
    wanted = task.build()(table, np.arange(len(table)))["total_return"]
    assert recipe.build_on(arrays)(table, np.arange(len(table)))["total_return"].tobytes() == wanted.tobytes()


def test_a_strategy_in_a_file_is_found_by_its_path(tmp_path: Path) -> None:
    file = tmp_path / "own.py"
    file.write_text(
        "import autonomous_trading as at\n\n\nclass Own(at.Strategy):\n"
        "    def signals(self, see):\n        return see.close > see.sma(9)\n"
    )
    own = strategy_named(f"{file}:Own")
    assert reference_to(own) == f"{file}:Own"
    assert reference_to(MA_CROSS).startswith("autonomous_trading.strategies")
    assert strategy_named(reference_to(MA_CROSS)) is MA_CROSS
    assert function_named(reference_to(tasks.pair)) is tasks.pair


def test_what_is_defined_in_a_function_is_found_by_nobody() -> None:
    class Hidden(Strategy):
        def signals(self, see: Columns) -> Expression:
            return see.close > 0

    with pytest.raises(InvalidInput, match="Hidden cannot be found by another process"):
        StrategyTask(Hidden, market(), ("total_return",), (0, 400)).split(mapped=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [("raise RuntimeError('no')", "RuntimeError at own.py:1: no"), ("import sys; sys.exit(1)", "ends the program")],
)
def test_the_first_words_of_a_worker_say_why_it_cannot_start(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "own.py").write_text(text)
    recipe, _ = FunctionTask(f"{tmp_path / 'own.py'}:value", ("value",)).split(mapped=True)
    first, evaluate = begun(lambda: recipe.build_on({}), Limits())
    assert evaluate is None
    assert message in str(read_answer(first).raised)


def test_an_actor_is_a_worker_like_any_other() -> None:
    task = StrategyTask(MA_CROSS, market(), ("total_return",), (0, 400))
    recipe, arrays = task.split(mapped=False)
    actor = RayWorker(recipe, dict(arrays), SharedBlock({}).place, Limits())
    table = MA_CROSS.space().grid(3)
    seeds = np.arange(len(table))
    assert actor.first_words() == READY
    columns = read_answer(actor.answer(question_of(table, seeds))).columns
    assert columns is not None
    assert columns["total_return"].tobytes() == task.build()(table, seeds)["total_return"].tobytes()


# ------------------------------------------------------------------------------------------- doors of core


def test_adopted_bars_are_the_same_memory() -> None:
    bars = random_walk(50, seed=1)
    names = ("time", "open", "high", "low", "close", "volume")
    adopted = Bars.adopt({name: getattr(bars, name) for name in names}, "S")
    assert (adopted.content_id, adopted.symbol, adopted.bars_per_year) == (bars.content_id, "S", bars.bars_per_year)
    assert all(np.shares_memory(getattr(adopted, name), getattr(bars, name)) for name in names)


@pytest.mark.parametrize("change", ["missing", "short", "kind", "strided"])
def test_what_is_no_array_of_bars_is_not_adopted(change: str) -> None:
    bars = random_walk(50, seed=1)
    columns = {name: getattr(bars, name) for name in ("time", "open", "high", "low", "close", "volume")}
    columns["low"] = {
        "missing": None,
        "short": bars.low[1:],
        "kind": bars.low.astype(np.float32),
        "strided": np.repeat(bars.low, 2)[::2],
    }[change]
    with pytest.raises(InvalidBars, match="column 'low' is not the array of bars"):
        Bars.adopt({name: values for name, values in columns.items() if values is not None})


# ---------------------------------------------------------------------------------------------- addresses


def test_only_loopback_is_closed_to_others() -> None:
    inside = ["127.0.0.1:5", "127.3.2.1:5", "[::1]:5", "[::ffff:127.0.0.1]:5"]
    outside = ["0.0.0.0:5", "[::]:5", "192.168.0.7:5", "[fe80::1]:5", "[::ffff:10.0.0.1]:5"]
    assert open_to_others([*inside, *outside]) == outside


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_listening_sockets_are_found(address: str) -> None:
    import os
    import socket

    with socket.create_server((address, 0)) as server:
        assert f"{address}:{server.getsockname()[1]}" in listening_of(os.getpid())
