"""Laws of the search room: ranks and volumes against slow twins, infinities in their place."""

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from autonomous_trading.core import FloatArray, Space
from autonomous_trading.search import METHODS, hypervolume, make_optimizer, pareto_ranks

COARSE = st.sampled_from([-2.0, -1.0, 0.0, 0.5, 1.0, 3.0])
WITH_GAPS = st.one_of(COARSE, st.sampled_from([np.nan, np.inf, -np.inf]))


def tables(elements: st.SearchStrategy[float], most_rows: int) -> st.SearchStrategy[FloatArray]:
    shapes = st.tuples(st.integers(0, most_rows), st.integers(1, 4))
    return shapes.flatmap(lambda shape: arrays(np.float64, shape, elements=elements))


def dominates(left: FloatArray, right: FloatArray) -> bool:
    return bool((left <= right).all() and (left < right).any())


def ranks_by_peeling(values: FloatArray) -> list[int]:
    """The definition, word by word."""
    ranks = [0] * len(values)
    left = {i for i, row in enumerate(values) if not np.isnan(row).any()}
    rank = 0
    while left:
        rank += 1
        front = {i for i in left if not any(dominates(values[j], values[i]) for j in left)}
        for i in front:
            ranks[i] = rank
        left -= front
    return ranks


def volume_by_inclusion_and_exclusion(values: FloatArray, reference: FloatArray) -> float:
    """The union of boxes: every subset's common box, added and taken away in turn."""
    total = 0.0
    for size in range(1, len(values) + 1):
        for chosen in combinations(values, size):
            sides = np.clip(reference - np.max(chosen, axis=0), 0.0, None)
            total += (-1.0) ** (size + 1) * float(np.prod(sides))
    return total


@given(tables(WITH_GAPS, 24))
def test_ranks_are_their_definition(values: FloatArray) -> None:
    assert pareto_ranks(values).tolist() == ranks_by_peeling(values)


@given(tables(COARSE, 16), st.randoms(use_true_random=False))
def test_ranks_do_not_depend_on_the_order_of_rows(values: FloatArray, dice: st.DataObject) -> None:
    order = np.arange(len(values))
    dice.shuffle(order)  # type: ignore[attr-defined]
    assert pareto_ranks(values[order]).tolist() == pareto_ranks(values)[order].tolist()


@given(tables(st.floats(-2.0, 2.0, width=16), 7))
def test_the_hypervolume_is_the_volume_of_the_union(values: FloatArray) -> None:
    reference = np.full(values.shape[1], 1.5)
    expected = volume_by_inclusion_and_exclusion(values, reference)
    assert abs(hypervolume(values, reference) - expected) <= 1e-9 * max(1.0, expected)


@given(tables(st.floats(-2.0, 2.0, width=16), 12))
def test_the_first_front_holds_the_whole_volume(values: FloatArray) -> None:
    reference = np.full(values.shape[1], 2.5)
    front = values[pareto_ranks(values) == 1]
    whole = hypervolume(values, reference)
    assert abs(hypervolume(front, reference) - whole) <= 1e-9 * max(1.0, whole)


@given(
    st.sampled_from(sorted(set(METHODS) - {"tpe"})),
    st.integers(1, 6),
    st.integers(1, 6),
    st.integers(1, 40),
    st.integers(0, 2**32),
)
def test_a_search_ends_with_the_trials_or_the_space(method: str, low: int, width: int, trials: int, seed: int) -> None:
    windows = Space.of({"a": (low, low + width), "b": (1, 8)}).parameters
    space = Space(windows, lambda table: table.column("a") <= table.column("b") + 1)
    optimizer = make_optimizer(method, space, trials=trials, seed=seed)
    rows = []
    while len(batch := optimizer.ask()):
        rows += list(batch.rows())
        optimizer.tell(batch, (batch.column("a") * batch.column("b")).reshape(-1, 1).astype(np.float64))
    assert len(set(rows)) == len(rows) == min(trials, len(space.grid()))
