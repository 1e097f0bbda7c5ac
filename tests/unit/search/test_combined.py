"""Fallback and ensemble: who proposes, who learns what, and how a budget is shared."""

from collections.abc import Callable

import numpy as np
import pytest

from autonomous_trading.core import FloatArray, InvalidInput, ParameterTable, Space, UnknownName
from autonomous_trading.search import (
    MODEL_FAILURES,
    EnsembleSearch,
    FallbackSearch,
    Learner,
    Optimizer,
    RandomSearch,
    make_optimizer,
)
from autonomous_trading.testing.contracts.optimizers import small
from autonomous_trading.testing.objectives import SPHERE


class Failing(Learner):
    """A random search of five sets a time whose model fails at a named moment, from its third batch on."""

    def __init__(
        self, space: Space, when: str, failure: Exception, *, n_objectives: int, trials: int | None, seed: int
    ) -> None:
        self._search = RandomSearch(space, n_objectives=n_objectives, trials=trials, seed=seed, batch_size=5)
        self._space, self._when, self._failure, self._asked = space, when, failure, 0

    def ask(self) -> ParameterTable:
        self._asked += 1
        if self._asked > 2 and self._when == "nothing":
            return self._space.table([])
        self._fail("ask")
        return self._search.ask()

    def tell(self, table: ParameterTable, values: FloatArray) -> None:
        self._search.tell(table, values)
        self._fail("tell")

    def learn(self, table: ParameterTable, values: FloatArray) -> None:
        self._search.learn(table, values)
        self._asked += 3
        self._fail("learn")

    def _fail(self, moment: str) -> None:
        if self._asked > 2 and self._when == moment:
            raise self._failure


def failing(when: str, failure: Exception | None = None, trials: int = 60) -> FallbackSearch:
    error = failure or np.linalg.LinAlgError("singular")

    def build(space: Space, *, n_objectives: int, trials: int | None, seed: int) -> Optimizer:
        return Failing(space, when, error, n_objectives=n_objectives, trials=trials, seed=seed)

    return FallbackSearch(SPHERE.space, build, trials=trials, seed=1)


def sizes_of(optimizer: Optimizer) -> list[int]:
    sizes = []
    while len(batch := optimizer.ask()):
        optimizer.tell(batch, SPHERE(batch))
        sizes.append(len(batch))
    return sizes


@pytest.mark.parametrize(("when", "own"), [("ask", 2), ("tell", 3), ("nothing", 2)])
def test_evolution_goes_on_where_the_model_fails(when: str, own: int) -> None:
    search = failing(when)
    sizes = sizes_of(search)
    assert search.rescued
    assert sizes[:own] == [5] * own
    assert sizes[own] > 5
    assert sum(sizes) == 60


@pytest.mark.parametrize("failure", [kind("no") for kind in MODEL_FAILURES])
def test_what_counts_as_a_failure(failure: Exception) -> None:
    assert sum(sizes_of(failing("ask", failure))) == 60


@pytest.mark.parametrize("when", ["ask", "tell"])
def test_a_mistake_is_not_hidden(when: str) -> None:
    with pytest.raises(RuntimeError, match="a mistake"):
        sizes_of(failing(when, RuntimeError("a mistake")))


def test_evolution_starts_from_the_history() -> None:
    search = failing("ask", trials=200)
    history = SPHERE.space.from_unit(np.random.default_rng(0).random((60, 3)) * 0.02 + 0.3)
    search.learn(history, SPHERE(history))
    rescued = search.ask()
    assert search.rescued
    unit = SPHERE.space.to_unit(rescued)
    assert np.median(np.abs(unit - 0.31)) < 0.05  # children of the history, not random sets


def test_a_model_may_fail_over_the_results_of_others_while_its_own_batch_is_out() -> None:
    search = failing("learn", trials=60)
    batch, foreign = search.ask(), SPHERE.space.table([{}])
    search.learn(foreign, SPHERE(foreign))
    assert search.rescued
    search.tell(batch, SPHERE(batch))
    rest = sizes_of(search)
    assert len(batch) + sum(rest) == 60


def test_learning_may_be_what_fails() -> None:
    search = failing("learn")
    table = SPHERE.space.table([{}])
    search.learn(table, SPHERE(table))
    assert search.rescued
    assert sum(sizes_of(search)) == 60


def test_a_failure_with_the_last_batch_ends_the_search() -> None:
    search = failing("tell", trials=15)
    assert sizes_of(search) == [5, 5, 5]


def test_a_primary_that_takes_no_results_of_others_is_left_alone() -> None:
    search = make_optimizer("fallback", small(), trials=30, options={"method": "grid"})
    assert isinstance(search, FallbackSearch)
    foreign = small().grid().take(slice(0, 2))
    search.learn(foreign, np.zeros((2, 1)))
    assert len(search.ask()) == 10


def test_the_method_of_a_fallback_has_to_exist() -> None:
    with pytest.raises(UnknownName, match="unknown search method 'tpx'"):
        make_optimizer("fallback", SPHERE.space, options={"method": "tpx"})


class Named(Learner):
    """Proposes four sets a time around a centre, and counts what it hears."""

    def __init__(self, space: Space, centre: float, *, seed: int) -> None:
        self._space, self._centre = space, centre
        self._rng = np.random.default_rng(seed)
        self.proposed = self.told = self.learned = 0

    def ask(self) -> ParameterTable:
        self.proposed += 4
        self._centre += (0.3 - self._centre) * 0.1  # improves with every batch
        return self._space.from_unit(np.clip(self._centre + self._rng.normal(0.0, 1e-3, (4, 3)), 0.0, 1.0))

    def tell(self, table: ParameterTable, values: FloatArray) -> None:
        assert len(table) == len(values)
        self.told += len(table)

    def learn(self, table: ParameterTable, values: FloatArray) -> None:
        assert len(table) == len(values)
        self.learned += len(table)


def ensemble_of(*members: Learner, trials: int = 100) -> EnsembleSearch:
    builders = {f"m{k}": (lambda _space, member=member, **_rest: member) for k, member in enumerate(members)}
    return EnsembleSearch(SPHERE.space, builders, trials=trials)


def test_the_member_that_improves_gets_most_of_the_budget() -> None:
    good, bad = Named(SPHERE.space, 0.5, seed=0), Named(SPHERE.space, 40.0, seed=1)
    search = ensemble_of(bad, good, trials=400)
    assert sum(sizes_of(search)) == 400
    assert good.proposed > 2 * bad.proposed
    assert bad.proposed >= 20  # and the other one keeps a small share


def test_every_member_hears_of_every_set() -> None:
    first, second = Named(SPHERE.space, 0.9, seed=0), Named(SPHERE.space, 0.1, seed=1)
    search = ensemble_of(first, second)
    foreign = SPHERE.space.table([{}])
    search.learn(foreign, SPHERE(foreign))
    sizes_of(search)
    assert first.told + second.told == 96  # the last batch comes after everything is decided
    assert first.learned == second.told + 1
    assert second.learned == first.told + 1


def test_the_last_batch_is_cut_to_the_trials() -> None:
    assert sizes_of(ensemble_of(Named(SPHERE.space, 0.5, seed=0), trials=10)) == [4, 4, 2]


def test_failed_sets_earn_nothing() -> None:
    search = ensemble_of(Named(SPHERE.space, 0.5, seed=0), Named(SPHERE.space, 0.4, seed=1), trials=40)
    while len(batch := search.ask()):
        search.tell(batch, np.full((len(batch), 1), np.nan))


def sound(space: Space, *, n_objectives: int, trials: int | None, seed: int) -> Optimizer:
    return RandomSearch(space, n_objectives=n_objectives, trials=trials, seed=seed, batch_size=5)


def failing_member(when: str, failure: Exception) -> Callable[..., Optimizer]:
    def build(space: Space, *, n_objectives: int, trials: int | None, seed: int) -> Optimizer:
        return Failing(space, when, failure, n_objectives=n_objectives, trials=trials, seed=seed)

    return build


@pytest.mark.parametrize("when", ["ask", "tell", "learn"])
@pytest.mark.parametrize("failure", [kind("no") for kind in MODEL_FAILURES])
def test_a_member_whose_model_fails_is_out_and_the_others_go_on(when: str, failure: Exception) -> None:
    members = {"weak": failing_member(when, failure), "sound": sound}
    search = EnsembleSearch(SPHERE.space, members, trials=60)
    assert sum(sizes_of(search)) == 60


def test_a_member_that_fails_over_the_results_of_others_while_its_batch_is_out_is_not_told() -> None:
    members = {"weak": failing_member("learn", np.linalg.LinAlgError("singular")), "sound": sound}
    search = EnsembleSearch(SPHERE.space, members, trials=30)
    batch, foreign = search.ask(), SPHERE.space.table([{}])
    search.learn(foreign, SPHERE(foreign))
    search.tell(batch, SPHERE(batch))
    assert len(batch) + sum(sizes_of(search)) == 30


@pytest.mark.parametrize("when", ["ask", "tell", "learn"])
def test_the_failure_of_the_last_member_is_raised(when: str) -> None:
    failure = np.linalg.LinAlgError("singular")
    members = {"one": failing_member(when, failure), "other": failing_member(when, failure)}
    search, foreign = EnsembleSearch(SPHERE.space, members, trials=60), SPHERE.space.table([{}])

    def work() -> None:
        if when == "learn":
            search.learn(foreign, SPHERE(foreign))
        sizes_of(search)

    with pytest.raises(np.linalg.LinAlgError, match="singular"):
        work()


@pytest.mark.parametrize("when", ["ask", "tell"])
def test_a_mistake_of_a_member_is_not_hidden(when: str) -> None:
    members = {"wrong": failing_member(when, RuntimeError("a mistake")), "sound": sound}
    with pytest.raises(RuntimeError, match="a mistake"):
        sizes_of(EnsembleSearch(SPHERE.space, members, trials=60))


def test_the_default_ensemble_fits_the_objectives() -> None:
    for n_objectives in (1, 2):
        search = make_optimizer("ensemble", SPHERE.space, n_objectives=n_objectives, trials=30)
        found = 0
        while len(batch := search.ask()):
            search.tell(batch, np.column_stack([SPHERE(batch), batch.column("x0")])[:, :n_objectives])
            found += len(batch)
        assert found == 30


@pytest.mark.parametrize(
    ("methods", "complaint"),
    [
        ([], "an ensemble needs at least one member"),
        (["tpe", "grid"], "method 'grid' cannot be in an ensemble: it takes no results of others"),
        ("tpe", "methods must be a list of names; got 'tpe'"),
        (3, "methods must be a list of names; got 3"),
        (["tpe", "nsga9"], "unknown search method 'nsga9'"),
    ],
)
def test_members_that_cannot_be_are_refused(methods: object, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        make_optimizer("ensemble", SPHERE.space, trials=10, options={"methods": methods})
