"""What every optimiser must do: propose what is valid, end when it should, forget nothing, survive everything."""

import random
import tracemalloc
from collections import deque
from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np
import pytest

from autonomous_trading.core import (
    BoolArray,
    BoolParameter,
    CategoricalParameter,
    FloatArray,
    FloatParameter,
    IntParameter,
    InvalidInput,
    ParameterSet,
    ParameterTable,
    Space,
)
from autonomous_trading.search import Learner, Optimizer
from autonomous_trading.testing.contracts._require import require
from autonomous_trading.testing.objectives import SPHERE

_MOST_BATCHES = 2_000
_MEMORY_BYTES = 24 * 2**20


class BuildOptimizer(Protocol):
    """How the suite gets a fresh optimiser."""

    def __call__(
        self, space: Space, *, n_objectives: int = 1, trials: int | None = None, seed: int = 0
    ) -> Optimizer: ...


class Subject(NamedTuple):
    """The optimiser under test; `seeded`: it draws at random; `learns`: what it is told changes what it asks.

    `most_objectives`: how many it can follow, None any number. `trials`: sets per search of the suite, and `budget`
    those it gets to show that it learns; give smaller numbers to a method that thinks long about every set.
    """

    build: BuildOptimizer
    seeded: bool = True
    learns: bool = True
    most_objectives: int | None = None
    trials: int = 45
    budget: int = 200

    def follows(self, n_objectives: int) -> bool:
        """Whether it can search with so many objectives."""
        return self.most_objectives is None or n_objectives <= self.most_objectives


def every_kind() -> Space:
    """One parameter of every kind: linear and logarithmic, stepped and continuous, choices and a switch."""
    return Space(
        {
            "window": IntParameter(5, 50, default=10),
            "lookback": IntParameter(1, 400, default=20, log=True),
            "lag": IntParameter(0, 30, default=0, step=5),
            "threshold": FloatParameter(-1.0, 1.0, default=0.0),
            "rate": FloatParameter(1e-5, 1e-1, default=1e-3, log=True),
            "stop": FloatParameter(0.01, 0.1, default=0.02, step=0.005),
            "kind": CategoricalParameter(["sma", "ema", "wma"], default="sma"),
            "short": BoolParameter(default=False),
        }
    )


def constrained() -> Space:
    """A fast and a slow window, fast the shorter one: about half of all combinations are infeasible."""
    return Space({**Space.of({"fast": (2, 60), "slow": (2, 60), "x": (0.0, 1.0)}).parameters}, _fast_is_faster)


def small(width: int = 5) -> Space:
    """Twenty-five combinations (or `width` squared), not half of them feasible, and a parameter held still."""
    windows = Space.of({"fast": (1, width), "slow": (1, width)}).parameters
    return Space({**windows, "fixed": IntParameter(1, 9, default=3)}, _fast_is_faster, {"fixed": 7})


def _fast_is_faster(table: ParameterTable) -> BoolArray:
    faster: BoolArray = table.column("fast") < table.column("slow")
    return faster


class OptimizerContract:
    """The suite for one optimiser: inherit it in a test class, and give the fixture `subject`.

    class TestMySearch(OptimizerContract):
        @pytest.fixture
        def subject(self):
            return Subject(MySearch)
    """

    @pytest.mark.parametrize("n_objectives", [1, 3])
    @pytest.mark.parametrize("space", [every_kind(), constrained(), small()], ids=["kinds", "constraint", "small"])
    def test_proposes_what_is_valid(self, subject: Subject, space: Space, n_objectives: int) -> None:
        """Every set is complete, inside its bounds, canonical and allowed by the constraint."""
        if not subject.follows(n_objectives):
            return
        for batch in _search(subject.build(space, n_objectives=n_objectives, trials=subject.trials), n_objectives):
            for row in batch.rows():
                require(space.choose(row) == row, f"{dict(row)} is not in its canonical form")

    @pytest.mark.parametrize("n_objectives", [1, 3])
    def test_ends_after_its_trials(self, subject: Subject, n_objectives: int) -> None:
        """Exactly as many sets as asked for, then empty batches for ever."""
        if not subject.follows(n_objectives):
            return
        optimizer = subject.build(every_kind(), n_objectives=n_objectives, trials=subject.trials)
        found = len(_rows(_search(optimizer, n_objectives)))
        require(found == subject.trials, f"{subject.trials} trials were asked for, {found} were proposed")
        require(len(optimizer.ask()) == 0, "it starts again after the end")

    @pytest.mark.parametrize("width", [5, 17])
    def test_uses_a_small_space_up(self, subject: Subject, width: int) -> None:
        """No set comes twice, and every feasible one comes, when there are fewer than trials."""
        space = small(width)
        rows = _rows(_search(subject.build(space, trials=1000)))
        wanted = set(space.grid().rows())
        require(len(rows) == len(set(rows)), "a set was proposed twice")
        require(set(rows) == wanted, f"{len(set(rows))} of {len(wanted)} feasible sets were proposed")

    def test_one_set_is_enough(self, subject: Subject) -> None:
        """With every parameter held still there is one set to evaluate."""
        space = small().fix({"fast": 1, "slow": 4})
        rows = _rows(_search(subject.build(space, trials=5)))
        require(rows == [space.defaults()], f"{len(rows)} sets were proposed")

    def test_is_repeatable(self, subject: Subject) -> None:
        """Same seed, same values told: same proposals; another seed: others."""
        first, again, other = (
            _rows(_search(subject.build(every_kind(), trials=subject.trials, seed=seed))) for seed in (3, 3, 4)
        )
        require(first == again, "the same seed gave other proposals")
        require((first != other) == subject.seeded, "another seed gave the same proposals")

    @pytest.mark.parametrize(("n_objectives", "failing"), [(1, False), (1, True), (3, True)])
    def test_uses_no_global_randomness(self, subject: Subject, n_objectives: int, failing: bool) -> None:
        """The global generators are neither read nor moved, also where many sets fail."""
        if not subject.follows(n_objectives):
            return

        def worth(table: ParameterTable) -> FloatArray:
            values = _values(table, n_objectives)
            failed = np.asarray(values[:, :1] < 1.5 * np.median(values[:, 0])) & failing
            return np.where(failed, np.nan, values)

        proposals = []
        for seed in (1, 2):
            random.seed(seed)
            np.random.seed(seed)  # noqa: NPY002 - the global generator is what this is about
            before = random.getstate(), np.random.get_state(legacy=False)  # noqa: NPY002
            optimizer = subject.build(constrained(), n_objectives=n_objectives, trials=2 * subject.trials, seed=5)
            proposals.append(_rows(_run(optimizer, worth)))
            after = random.getstate(), np.random.get_state(legacy=False)  # noqa: NPY002
            require(repr(before) == repr(after), "it moved a global random generator")
        require(proposals[0] == proposals[1], "it depends on a global random generator")

    @pytest.mark.parametrize("n_objectives", [1, 2])
    @pytest.mark.parametrize("failure", [np.nan, np.inf, -np.inf, 1e308])
    @pytest.mark.parametrize("every", [1, 2])
    def test_survives_failures(self, subject: Subject, failure: float, every: int, n_objectives: int) -> None:
        """Values that are missing or infinite, some or all of them, change nothing about the number of sets."""
        if not subject.follows(n_objectives):
            return
        optimizer = subject.build(constrained(), n_objectives=n_objectives, trials=subject.trials)

        def failing(table: ParameterTable) -> FloatArray:
            values = _values(table, n_objectives)
            values[::every, 0] = failure
            return values

        found = len(_rows(_run(optimizer, failing)))
        require(found == subject.trials, f"{subject.trials} trials were asked for, {found} were proposed")

    def test_takes_turns(self, subject: Subject) -> None:
        """1 + `ahead` batches may be out, and no more; each is told once, the oldest first."""
        optimizer = subject.build(every_kind(), trials=subject.trials)
        out = [optimizer.ask()]
        while len(out) <= optimizer.ahead and len(batch := optimizer.ask()):
            out.append(batch)
        if len(out) > optimizer.ahead:
            with pytest.raises(InvalidInput, match="was not told yet"):
                optimizer.ask()
        for batch in out[1:]:
            with pytest.raises(InvalidInput, match="is not the batch"):
                optimizer.tell(batch, _values(batch, 1))
        for batch in out:
            optimizer.tell(batch, _values(batch, 1))
        with pytest.raises(InvalidInput, match="nothing was asked"):
            optimizer.tell(out[-1], _values(out[-1], 1))

    @pytest.mark.parametrize("space", [every_kind(), small(9)], ids=["kinds", "small"])
    def test_asking_later_changes_nothing(self, subject: Subject, space: Space) -> None:
        """What is proposed is the same whether batches are asked for as early as they may be, or as late."""
        if not subject.build(space, trials=subject.trials).ahead:
            return
        dice = random.Random(1)
        early, late, between = (
            _rows(_run(subject.build(space, trials=subject.trials, seed=2), lambda t: _values(t, 1), now))
            for now in (lambda: True, lambda: False, lambda: dice.random() < 0.5)
        )
        require(early == late == between, "what it proposes depends on when it is asked")

    def test_is_told_what_it_asked(self, subject: Subject) -> None:
        """Another table, other rows, another shape: refused, and the right answer is still taken."""
        space = every_kind()
        n_objectives = min(2, subject.most_objectives or 2)
        optimizer = subject.build(space, n_objectives=n_objectives, trials=subject.trials)
        batch = optimizer.ask()
        for other in (batch.take(slice(1, None)), space.fix({"window": 5, "lag": 0, "short": True}).table([{}])):
            with pytest.raises(InvalidInput, match="is not the batch"):
                optimizer.tell(other, _values(other, n_objectives))
        with pytest.raises(InvalidInput, match=rf"values must have shape \[\d+, {n_objectives}\]"):
            optimizer.tell(batch, _values(batch, n_objectives + 1))
        copy = ParameterTable({name: batch.column(name).copy() for name in batch.names})
        optimizer.tell(copy, _values(copy, n_objectives))

    def test_keeps_what_it_was_told(self, subject: Subject) -> None:
        """It neither changes the values it is told nor looks at them again later."""
        proposals = []
        for overwritten in (False, True):
            optimizer = subject.build(constrained(), trials=subject.trials)
            batches = []
            while len(batch := optimizer.ask()):
                values = _values(batch, 1)
                values[::7] = np.nan
                before = values.copy()
                optimizer.tell(batch, values)
                require(np.array_equal(values, before, equal_nan=True), "it changed the values it was told")
                if overwritten:
                    values[:] = -1e6
                batches.append(batch)
            proposals.append(_rows(batches))
        require(proposals[0] == proposals[1], "it looks at the told array again after tell() has returned")

    def test_refuses_objectives_it_cannot_follow(self, subject: Subject) -> None:
        """More objectives than it can follow are refused when it is built, with a method that can."""
        if subject.most_objectives is None:
            return
        with pytest.raises(InvalidInput, match=r"objective.*Fix: .*method"):
            subject.build(every_kind(), n_objectives=subject.most_objectives + 1, trials=subject.trials)

    def test_learns_from_others(self, subject: Subject) -> None:
        """What others evaluated is taken in (by those that can), is not proposed again, and uses up no trials."""
        space = small(9)
        optimizer = subject.build(space, trials=1000)
        if not isinstance(optimizer, Learner):
            return
        everything = space.grid()
        foreign, rest = everything.take(slice(0, 12)), everything.take(slice(12, None))
        with pytest.raises(InvalidInput, match=r"values must have shape \[12, 1\]"):
            optimizer.learn(foreign, _values(foreign, 2))
        values = _values(foreign, 1)
        values[::5] = np.nan
        optimizer.learn(foreign, values)
        require(set(_rows(_search(optimizer))) == set(rest.rows()), "it did not propose exactly the sets left over")

    def test_says_when_nothing_is_feasible(self, subject: Subject) -> None:
        """A constraint that refuses everything is an error, not an endless search."""
        never = Space(every_kind().parameters, lambda table: np.zeros(len(table), dtype=np.bool_))
        with pytest.raises(InvalidInput, match="constraint refuses"):
            subject.build(never.fix({"rate": 0.01, "threshold": 0.0, "lookback": 7}), trials=5).ask()

    @pytest.mark.parametrize(
        ("name", "value"),
        [("trials", 0), ("trials", -3), ("trials", 2.5), ("trials", True), ("seed", -1), ("n_objectives", 0)],
    )
    def test_refuses_bad_numbers(self, subject: Subject, name: str, value: object) -> None:
        """Numbers out of range are named, with their rule and value."""
        with pytest.raises(InvalidInput, match=f"{name} must be a whole number of at least"):
            subject.build(small(), **{name: value})  # type: ignore[arg-type]

    def test_is_silent(self, subject: Subject, capfd: pytest.CaptureFixture[str]) -> None:
        """Nothing is printed or logged: what is shown is decided elsewhere."""
        _search(subject.build(constrained(), trials=subject.trials))
        require(tuple(capfd.readouterr()) == ("", ""), "it printed something")

    def test_memory_is_bounded(self, subject: Subject) -> None:
        """A search of three times the trials over eight parameters needs no more than 24 MB at any time."""
        _search(subject.build(every_kind(), trials=12))  # what is imported late is not counted
        tracemalloc.start()
        try:
            _search(subject.build(every_kind(), trials=3 * subject.trials))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        require(peak < _MEMORY_BYTES, f"it needed {peak / 2**20:.1f} MB")

    def test_learns(self, subject: Subject) -> None:
        """On a smooth bowl its best of `budget` sets is far better than that of as many fair draws."""
        if not subject.learns:
            return
        best = []
        for seed in range(3):
            worth: list[float] = []

            def told(table: ParameterTable, worth: list[float] = worth) -> FloatArray:
                worth.append(float(SPHERE(table).min()))
                return SPHERE(table)

            _run(subject.build(SPHERE.space, trials=subject.budget, seed=seed), told)
            best.append(min(worth))
        rng, shape = np.random.default_rng(0), (25, subject.budget)
        draws = SPHERE(SPHERE.space.from_unit(rng.random((shape[0] * shape[1], 3)))).reshape(shape)
        fair = float(np.median(draws.min(axis=1)))
        require(np.median(best) < 0.25 * fair, f"median best {np.median(best):.2g}, of fair draws {fair:.2g}")


def _run(
    optimizer: Optimizer,
    evaluate: Callable[[ParameterTable], FloatArray],
    early: Callable[[], bool] = lambda: True,
) -> list[ParameterTable]:
    """Asks and tells to the end, as far ahead as it may (or as `early` says); the batches in order."""
    batches: list[ParameterTable] = []
    out: deque[ParameterTable] = deque()
    over = False
    while len(batches) < _MOST_BATCHES:
        while not over and len(out) <= optimizer.ahead and (not out or early()):
            batch = optimizer.ask()
            over = not len(batch)
            out.extend([] if over else [batch])
        if not out:
            return batches
        batches.append(out.popleft())
        optimizer.tell(batches[-1], evaluate(batches[-1]))
    require(False, f"it did not end after {_MOST_BATCHES:,} batches")
    return batches


def _search(optimizer: Optimizer, n_objectives: int = 1) -> list[ParameterTable]:
    return _run(optimizer, lambda table: _values(table, n_objectives))


def _values(table: ParameterTable, n_objectives: int) -> FloatArray:
    """Smooth, different per objective, and defined on every space: distances from points along the diagonal."""
    numeric = [table.column(name).astype(np.float64) for name in table.names if table.column(name).dtype != object]
    scaled = np.tanh(np.column_stack(numeric) / 50.0)
    centres = np.linspace(0.1, 0.6, n_objectives)
    return np.column_stack([((scaled - centre) ** 2).sum(axis=1) for centre in centres])


def _rows(batches: list[ParameterTable]) -> list[ParameterSet]:
    return [row for batch in batches for row in batch.rows()]
