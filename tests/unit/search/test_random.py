"""Random search and the sampler behind it."""

import numpy as np
import pytest

from autonomous_trading.core import BoolArray, IntParameter, InvalidInput, ParameterTable, Space
from autonomous_trading.search import RandomSearch
from autonomous_trading.search._sampling import FeasibleSampler, row_keys


def drawn(search: RandomSearch) -> ParameterTable:
    batches = []
    while len(batch := search.ask()):
        search.tell(batch, np.zeros((len(batch), 1)))
        batches.append(batch)
    return ParameterTable.concat(batches)


def diagonal(width: int, tolerance: int) -> Space:
    def near(table: ParameterTable) -> BoolArray:
        close: BoolArray = np.abs(table.column("a") - table.column("b")) < tolerance
        return close

    return Space(Space.of({"a": (1, width), "b": (1, width)}).parameters, near)


def test_draws_are_fair_on_the_scale_of_each_parameter() -> None:
    space = Space({**Space.of({"x": (2.0, 4.0)}).parameters, "n": IntParameter(1, 1000, default=10, log=True)})
    unit = space.to_unit(drawn(RandomSearch(space, trials=4000, seed=1)))
    assert np.abs(np.quantile(unit[:, 0], [0.25, 0.5, 0.75]) - [0.25, 0.5, 0.75]).max() < 0.03
    assert (unit[:, 1] < 0.5).mean() == pytest.approx(0.5, abs=0.06)


def test_batches_are_bounded_and_add_up() -> None:
    search = RandomSearch(Space.of({"x": (0.0, 1.0)}), trials=25, batch_size=10)
    sizes = []
    while len(batch := search.ask()):
        search.tell(batch, np.zeros((len(batch), 1)))
        sizes.append(len(batch))
    assert sizes == [10, 10, 5]


@pytest.mark.parametrize("trials", [40, 9_000])
def test_a_finite_space_gives_distinct_sets(trials: int) -> None:
    table = drawn(RandomSearch(Space.of({"a": (1, 100), "b": (1, 100)}), trials=trials))
    assert len(set(table.rows())) == trials


def test_a_narrow_feasible_region_is_used_up() -> None:
    space = diagonal(600, 1)  # 600 of 360,000: far more than trials could list, far fewer than rejection finds
    table = drawn(RandomSearch(space, trials=2000))
    assert len(set(table.rows())) == len(table) == 600


def test_a_region_too_narrow_to_list_gives_what_was_found() -> None:
    space = Space(
        Space.of({"a": (1, 2000), "b": (1, 2000)}).parameters,
        lambda table: (table.column("a") <= 20) & (table.column("b") <= 2000),
    )
    table = drawn(RandomSearch(space, trials=300))
    assert len(set(table.rows())) == len(table) == 300
    assert table.column("a").max() <= 20


def test_nothing_feasible_in_a_continuum_is_an_error() -> None:
    space = Space(Space.of({"x": (0.0, 1.0)}).parameters, lambda table: np.zeros(len(table), dtype=np.bool_))
    with pytest.raises(InvalidInput, match=r"no feasible set among 2\d,\d00 random ones.*relax the constraint"):
        RandomSearch(space, trials=10).ask()


def test_the_sampler_avoids_what_was_seen() -> None:
    space = Space.of({"n": (1, 50)})
    sampler = FeasibleSampler(space, np.random.default_rng(0), expected=5)
    first = space.from_unit(sampler.draw(20))
    seen = set(row_keys(space, first))
    rest = space.from_unit(sampler.draw(100, seen))
    assert sorted([*first.column("n"), *rest.column("n")]) == list(range(1, 51))
    assert len(sampler.draw(1, seen | set(row_keys(space, rest)))) == 0
