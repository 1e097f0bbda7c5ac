"""Every search method passes the contract suite, and the suite finds what breaks it."""

import sys
from functools import partial
from itertools import product

import numpy as np
import pytest

from autonomous_trading.core import FloatArray, InvalidParameter, ParameterTable, Space
from autonomous_trading.search import METHODS, GridSearch, Optimizer, RandomSearch, make_optimizer
from autonomous_trading.testing.contracts.optimizers import OptimizerContract, Subject, constrained

# What a method is not: no draw in a grid.
_UNSEEDED = {"grid"}
# Methods that think about every set for a hundredth of a second or longer get shorter searches.
_SLOW = {"gp", "random_forest", "xgboost", "fallback", "ensemble"}


# Thinking in several lanes takes as many times as long, and the lanes are the same for every method.
_ALWAYS_AHEAD = {("grid", 2), ("random", 2), ("tpe", 2), ("nsga2", 2)}
_AHEAD = [
    pytest.param(case, marks=[] if case in _ALWAYS_AHEAD else [pytest.mark.nightly])
    for case in product(METHODS, (2, 5))
]


class TestMethods(OptimizerContract):
    """The suite, once per method of the catalogue."""

    @pytest.fixture(params=list(METHODS))
    def subject(self, request: pytest.FixtureRequest) -> Subject:
        method: str = request.param
        subject = Subject(
            partial(make_optimizer, method),
            seeded=method not in _UNSEEDED,
            learns=METHODS[method].learns,
            most_objectives=METHODS[method].most_objectives,
        )
        return subject._replace(trials=16, budget=60) if method in _SLOW else subject

    @pytest.mark.parametrize("width", [5, pytest.param(17, marks=pytest.mark.nightly)])
    def test_uses_a_small_space_up(self, subject: Subject, width: int) -> None:
        """A hundred and more sets of every method: half a minute."""
        super().test_uses_a_small_space_up(subject, width)

    @pytest.mark.nightly
    def test_memory_is_bounded(self, subject: Subject) -> None:
        """Thousands of sets from every method: a quarter of a minute."""
        super().test_memory_is_bounded(subject)

    @pytest.mark.nightly
    def test_learns(self, subject: Subject) -> None:
        """Whole searches of every method: a quarter of a minute."""
        super().test_learns(subject)


class TestAhead(TestMethods):
    """The same for searches that have several batches out."""

    @pytest.fixture(params=_AHEAD, ids=str)
    def subject(self, request: pytest.FixtureRequest) -> Subject:
        method, ahead = request.param
        subject = Subject(
            partial(make_optimizer, method, ahead=ahead),
            seeded=method not in _UNSEEDED,
            learns=METHODS[method].learns,
            most_objectives=METHODS[method].most_objectives,
        )
        # Each of its lanes learns from its own sets alone: it gets as many of them as the method by itself.
        subject = subject._replace(budget=(60 if method in _SLOW else subject.budget) * (1 + ahead))
        return subject._replace(trials=24) if method in _SLOW else subject


class Endless(Optimizer):
    """Proposes the defaults for ever, whatever the trials, the turns and the values."""

    def __init__(self, space: Space, **_rest: object) -> None:
        self._space = space

    def ask(self) -> ParameterTable:
        return self._space.table([self._space.defaults()])

    def tell(self, table: ParameterTable, values: FloatArray) -> None:
        """Learns nothing."""


class Meddling(Optimizer):
    """A random search that talks and shares the dice with everybody."""

    def __init__(self, space: Space, *, n_objectives: int = 1, trials: int | None = None, seed: int = 0) -> None:
        self._search = RandomSearch(space, n_objectives=n_objectives, trials=trials, seed=seed)

    def ask(self) -> ParameterTable:
        np.random.seed(7)  # noqa: NPY002 - on purpose
        return self._search.ask()

    def tell(self, table: ParameterTable, values: FloatArray) -> None:
        sys.stderr.write("told\n")
        self._search.tell(table, values)


ENDLESS = Subject(Endless)
MEDDLING = Subject(Meddling)


def test_the_suite_finds_what_never_ends() -> None:
    with pytest.raises(AssertionError, match="did not end"):
        OptimizerContract().test_ends_after_its_trials(ENDLESS, 1)


def test_the_suite_finds_what_ends_early() -> None:
    short = Subject(lambda space, **rest: GridSearch(space, resolution=1, **rest))
    with pytest.raises(AssertionError, match="45 trials were asked for, 6 were proposed"):
        OptimizerContract().test_ends_after_its_trials(short, 1)


def test_the_suite_finds_what_is_infeasible() -> None:
    unaware = Subject(lambda space, **rest: RandomSearch(Space(space.parameters), **rest))
    with pytest.raises(InvalidParameter, match="the constraint refuses"):
        OptimizerContract().test_proposes_what_is_valid(unaware, constrained(), 1)


def test_the_suite_finds_what_forgets_its_turn() -> None:
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        OptimizerContract().test_takes_turns(ENDLESS)


def test_the_suite_finds_what_claims_to_learn() -> None:
    with pytest.raises(AssertionError, match="median best"):
        OptimizerContract().test_learns(Subject(GridSearch))


def test_the_suite_finds_what_claims_to_be_seeded() -> None:
    with pytest.raises(AssertionError, match="another seed gave the same proposals"):
        OptimizerContract().test_is_repeatable(Subject(GridSearch))


def test_the_suite_finds_what_moves_the_global_generator() -> None:
    with pytest.raises(AssertionError, match="moved a global random generator"):
        OptimizerContract().test_uses_no_global_randomness(MEDDLING, 1, False)


def test_the_suite_finds_what_talks(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(AssertionError, match="printed something"):
        OptimizerContract().test_is_silent(MEDDLING, capfd)
