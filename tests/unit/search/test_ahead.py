"""Proposing ahead: who proposes, who hears what, and that no set is handed out twice."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autonomous_trading.core import FloatArray, InvalidInput, ParameterTable, Space
from autonomous_trading.search import AheadSearch, GridSearch, Learner, Optimizer, make_optimizer
from autonomous_trading.testing.objectives import SPHERE

LINE = Space.of({"n": (1, 40)})


class Scripted(Learner):
    """Proposes what it was given, batch by batch, and keeps what it hears."""

    def __init__(self, batches: list[list[int]]) -> None:
        self._batches = deque(batches)
        self._space = LINE
        self.told: list[tuple[list[int], list[float]]] = []
        self.learned: list[tuple[list[int], list[float]]] = []

    def ask(self) -> ParameterTable:
        return self._space.table([{"n": n} for n in (self._batches.popleft() if self._batches else [])])

    def tell(self, table: ParameterTable, values: FloatArray) -> None:
        self.told.append((table.column("n").tolist(), values[:, 0].tolist()))

    def learn(self, table: ParameterTable, values: FloatArray) -> None:
        self.learned.append((table.column("n").tolist(), values[:, 0].tolist()))


def scripted(*lanes: list[list[int]], trials: int = 100) -> tuple[AheadSearch, list[Scripted]]:
    made = [Scripted(batches) for batches in lanes]
    waiting = iter(made)
    search = AheadSearch(LINE, lambda *_, **__: next(waiting), ahead=len(lanes) - 1, trials=trials)
    return search, made


def asked(search: Optimizer) -> list[int]:
    found: list[int] = search.ask().column("n").tolist()
    return found


def tell(search: Optimizer, *numbers: int) -> None:
    """A set is worth its number."""
    table = LINE.table([{"n": n} for n in numbers])
    search.tell(table, table.column("n").astype(np.float64).reshape(-1, 1))


def test_lanes_take_turns_and_hear_of_each_other() -> None:
    search, (first, second) = scripted([[1, 2], [5]], [[3], [6]])
    assert (asked(search), asked(search)) == ([1, 2], [3])
    tell(search, 1, 2)
    assert asked(search) == [5]
    assert (first.told, second.learned) == ([([1, 2], [1.0, 2.0])], [([1, 2], [1.0, 2.0])])
    tell(search, 3)
    assert asked(search) == [6]
    assert (second.told, first.learned) == ([([3], [3.0])], [([3], [3.0])])


def test_a_batch_is_proposed_without_what_was_told_too_early() -> None:
    search, (first, second) = scripted([[1], [3]], [[2], [4]])
    asked(search)
    tell(search, 1)
    assert asked(search) == [2]
    assert (first.told, second.learned) == ([], []), "on more workers this would not be known yet"
    assert asked(search) == [3]
    assert (first.told, second.learned) == ([([1], [1.0])], [([1], [1.0])])


def test_what_another_lane_has_out_is_taken_out_and_told_with_the_rest() -> None:
    search, (_, second) = scripted([[1, 2], [5]], [[2, 3, 1], [6]])
    assert (asked(search), asked(search)) == ([1, 2], [3])
    tell(search, 1, 2)
    assert asked(search) == [5]
    assert second.learned == [], "it is told about both, together with the third"
    tell(search, 3)
    assert asked(search) == [6]
    assert second.told == [([2, 3, 1], [2.0, 3.0, 1.0])]


def test_where_nothing_new_is_left_of_a_proposal_fair_draws_step_in() -> None:
    search, (first, second) = scripted([[1, 2]], [[2, 1], [3]])
    assert asked(search) == [1, 2]
    drawn = asked(search)
    assert len(set(drawn) - {1, 2}) == 2
    tell(search, 1, 2)
    assert len(asked(search)) == 1, "the first lane has nothing left, and the second waits for what it proposed"
    tell(search, *drawn)
    assert asked(search) == [3]
    assert second.told == [([2, 1], [2.0, 1.0])]
    assert second.learned == [(drawn, [float(n) for n in drawn])]
    assert first.told == [([1, 2], [1.0, 2.0])]


def test_a_lane_with_nothing_left_hands_over() -> None:
    search, (_, second) = scripted([[1]], [[2], [4], [6], [7]])
    assert (asked(search), asked(search)) == ([1], [2])
    tell(search, 1)
    drawn = asked(search)
    tell(search, 2)
    assert asked(search) == [4]
    assert second.told == [([2], [2.0])]
    tell(search, *drawn)
    assert len(asked(search)) == 1, "the other one is out, so a fair draw keeps the search ahead"
    tell(search, 4)
    assert asked(search) == [6]
    assert second.told == [([2], [2.0]), ([4], [4.0])]


def test_the_last_batch_is_cut_to_the_trials_and_the_space_to_its_sets() -> None:
    search, _ = scripted([[1, 2]], [[3, 4]], trials=3)
    assert (asked(search), asked(search)) == ([1, 2], [3])
    tell(search, 1, 2)
    assert asked(search) == []
    tell(search, 3)
    assert asked(search) == []
    search, _ = scripted([[1, 2]], [[3, 4]])
    found = []
    while batch := asked(search):
        found += batch
        tell(search, *batch)
    assert sorted(found) == list(range(1, 41))


def test_what_others_evaluated_is_learned_at_once_by_every_lane() -> None:
    search, lanes = scripted([[1, 9], [5]], [[9, 3]])
    assert asked(search) == [1, 9]
    foreign = LINE.table([{"n": 3}, {"n": 8}])
    search.learn(foreign, np.array([[0.5], [0.25]]))
    assert [lane.learned for lane in lanes] == [[([3, 8], [0.5, 0.25])]] * 2
    assert len(asked(search)) == 2, "both sets of the second lane are known: fair draws"


def test_the_first_lane_begins_as_the_search_would_without_being_ahead() -> None:
    ahead = make_optimizer("nsga2", SPHERE.space, trials=90, seed=7, ahead=3)
    alone = make_optimizer("nsga2", SPHERE.space, trials=90, seed=7)
    assert list(ahead.ask().rows()) == list(alone.ask().rows())
    assert type(make_optimizer("nsga2", SPHERE.space, ahead=0)) is type(alone)


@pytest.mark.parametrize("method", ["tpe", "gp"])
@pytest.mark.parametrize(("startup", "each"), [(None, 4), (1, 1), (7, 3)])
def test_lanes_share_the_random_sets_that_come_first(method: str, startup: int | None, each: int) -> None:
    options = {} if startup is None else {"startup": startup}
    search = make_optimizer(method, SPHERE.space, trials=50, options=options, ahead=2)
    assert [len(search.ask()) for _ in range(3)] == [each] * 3


@pytest.mark.parametrize("method", ["grid", "random"])
def test_what_does_not_learn_proposes_the_same_as_ever(method: str) -> None:
    plain = make_optimizer(method, LINE, trials=30, options={"batch_size": 7})
    ahead = make_optimizer(method, LINE, trials=30, options={"batch_size": 7}, ahead=2)
    assert type(ahead) is type(plain)
    batches, out = [], deque([ahead.ask(), ahead.ask()])
    while out:
        if len(batch := ahead.ask()):
            out.append(batch)
        batches.append(list(out[0].rows()))
        ahead.tell(out[0], np.zeros((len(out.popleft()), 1)))
    expected = []
    while len(batch := plain.ask()):
        expected.append(list(batch.rows()))
        plain.tell(batch, np.zeros((len(batch), 1)))
    assert batches == expected


def test_a_method_that_takes_no_results_of_others_is_refused() -> None:
    with pytest.raises(InvalidInput, match="cannot propose ahead: it takes no results of others"):
        AheadSearch(LINE, GridSearch, ahead=1, trials=5)


@pytest.mark.parametrize(
    ("ahead", "rule"),
    [
        (17, "at most 16; got 17"),
        (np.int64(40), "at most 16; got 40"),
        (-1, "at least 0"),
        (1.5, "at least 0; got 1.5"),
        (True, "at least 0; got True"),
    ],
)
def test_ahead_is_a_small_whole_number(ahead: Any, rule: str) -> None:
    with pytest.raises(InvalidInput, match=f"ahead must be a whole number of {rule}"):
        make_optimizer("nsga2", LINE, ahead=ahead)


@given(st.sampled_from(["nsga2", "cmaes"]), st.integers(1, 4), st.integers(0, 99), st.data())
@settings(max_examples=25)
def test_proposals_depend_on_values_only(method: str, ahead: int, seed: int, data: st.DataObject) -> None:
    """Law: asking as early as possible, as late as possible, or anything between gives the same batches."""
    space = Space.of({"a": (1, 12), "b": (0.0, 1.0)})
    options = {"population": 4}

    def run(early: st.SearchStrategy[bool]) -> list[object]:
        search = make_optimizer(method, space, trials=30, seed=seed, options=options, ahead=ahead)
        batches: list[object] = []
        out: deque[ParameterTable] = deque()
        over = False
        while not (over and not out):
            while not over and len(out) <= ahead and (not out or data.draw(early)):
                batch = search.ask()
                over = not len(batch)
                out.extend([] if over else [batch])
            if out:
                batch = out.popleft()
                batches.append(list(batch.rows()))
                search.tell(batch, (batch.column("a") * (batch.column("b") - 0.3) ** 2).reshape(-1, 1))
        return batches

    assert run(st.just(True)) == run(st.just(False)) == run(st.booleans())
