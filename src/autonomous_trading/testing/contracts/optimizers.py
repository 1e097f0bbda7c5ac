"""What every optimiser must do: propose what is valid, end when it should, forget nothing, survive everything."""

import random
import tracemalloc
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
from autonomous_trading.search import Optimizer
from autonomous_trading.testing.contracts._require import require
from autonomous_trading.testing.objectives import SPHERE

_TRIALS = 45
_MOST_BATCHES = 2_000
_MEMORY_BYTES = 24 * 2**20


class BuildOptimizer(Protocol):
    """How the suite gets a fresh optimiser."""

    def __call__(
        self, space: Space, *, n_objectives: int = 1, trials: int | None = None, seed: int = 0
    ) -> Optimizer: ...


class Subject(NamedTuple):
    """The optimiser under test; `seeded`: it draws at random; `learns`: what it is told changes what it asks."""

    build: BuildOptimizer
    seeded: bool = True
    learns: bool = True


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
        for batch in _search(subject.build(space, n_objectives=n_objectives, trials=_TRIALS), n_objectives):
            for row in batch.rows():
                require(space.choose(row) == row, f"{dict(row)} is not in its canonical form")

    @pytest.mark.parametrize("n_objectives", [1, 3])
    def test_ends_after_its_trials(self, subject: Subject, n_objectives: int) -> None:
        """Exactly as many sets as asked for, then empty batches for ever."""
        optimizer = subject.build(every_kind(), n_objectives=n_objectives, trials=_TRIALS)
        found = len(_rows(_search(optimizer, n_objectives)))
        require(found == _TRIALS, f"{_TRIALS} trials were asked for, {found} were proposed")
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
            _rows(_search(subject.build(every_kind(), trials=_TRIALS, seed=seed))) for seed in (3, 3, 4)
        )
        require(first == again, "the same seed gave other proposals")
        require((first != other) == subject.seeded, "another seed gave the same proposals")

    def test_uses_no_global_randomness(self, subject: Subject) -> None:
        """The global generators are neither read nor moved."""
        proposals = []
        for seed in (1, 2):
            random.seed(seed)
            np.random.seed(seed)  # noqa: NPY002 - the global generator is what this is about
            before = random.getstate(), np.random.get_state(legacy=False)  # noqa: NPY002
            proposals.append(_rows(_search(subject.build(constrained(), trials=_TRIALS, seed=5))))
            after = random.getstate(), np.random.get_state(legacy=False)  # noqa: NPY002
            require(repr(before) == repr(after), "it moved a global random generator")
        require(proposals[0] == proposals[1], "it depends on a global random generator")

    @pytest.mark.parametrize("n_objectives", [1, 2])
    @pytest.mark.parametrize("failure", [np.nan, np.inf, -np.inf, 1e308])
    @pytest.mark.parametrize("every", [1, 2])
    def test_survives_failures(self, subject: Subject, failure: float, every: int, n_objectives: int) -> None:
        """Values that are missing or infinite, some or all of them, change nothing about the number of sets."""
        optimizer = subject.build(constrained(), n_objectives=n_objectives, trials=_TRIALS)

        def failing(table: ParameterTable) -> FloatArray:
            values = _values(table, n_objectives)
            values[::every, 0] = failure
            return values

        found = len(_rows(_run(optimizer, failing)))
        require(found == _TRIALS, f"{_TRIALS} trials were asked for, {found} were proposed")

    def test_takes_turns(self, subject: Subject) -> None:
        """A batch is told once, before the next is asked for."""
        optimizer = subject.build(every_kind(), trials=_TRIALS)
        batch = optimizer.ask()
        with pytest.raises(InvalidInput, match="was not told yet"):
            optimizer.ask()
        optimizer.tell(batch, _values(batch, 1))
        with pytest.raises(InvalidInput, match="nothing was asked"):
            optimizer.tell(batch, _values(batch, 1))

    def test_is_told_what_it_asked(self, subject: Subject) -> None:
        """Another table, other rows, another shape: refused, and the right answer is still taken."""
        space = every_kind()
        optimizer = subject.build(space, n_objectives=2, trials=_TRIALS)
        batch = optimizer.ask()
        for other in (batch.take(slice(1, None)), space.fix({"window": 5, "lag": 0, "short": True}).table([{}])):
            with pytest.raises(InvalidInput, match="is not the batch"):
                optimizer.tell(other, _values(other, 2))
        with pytest.raises(InvalidInput, match=r"values must have shape \[\d+, 2\]"):
            optimizer.tell(batch, _values(batch, 1))
        copy = ParameterTable({name: batch.column(name).copy() for name in batch.names})
        optimizer.tell(copy, _values(copy, 2))

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
        _search(subject.build(constrained(), trials=_TRIALS))
        require(tuple(capfd.readouterr()) == ("", ""), "it printed something")

    def test_memory_is_bounded(self, subject: Subject) -> None:
        """A hundred and fifty sets of eight numbers need no more than 24 MB at any time."""
        _search(subject.build(every_kind(), trials=20))  # what is imported late is not counted
        tracemalloc.start()
        try:
            _search(subject.build(every_kind(), trials=150))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        require(peak < _MEMORY_BYTES, f"it needed {peak / 2**20:.1f} MB")

    def test_learns(self, subject: Subject) -> None:
        """On a smooth bowl its best of 200 is far better than that of 200 fair draws."""
        if not subject.learns:
            return
        best = []
        for seed in range(3):
            worth: list[float] = []

            def told(table: ParameterTable, worth: list[float] = worth) -> FloatArray:
                worth.append(float(SPHERE(table).min()))
                return SPHERE(table)

            _run(subject.build(SPHERE.space, trials=200, seed=seed), told)
            best.append(min(worth))
        draws = SPHERE(SPHERE.space.from_unit(np.random.default_rng(0).random((3 * 200, 3)))).reshape(3, 200)
        fair = float(np.median(draws.min(axis=1)))
        require(np.median(best) < 0.25 * fair, f"median best {np.median(best):.2g}, of fair draws {fair:.2g}")


def _run(optimizer: Optimizer, evaluate: Callable[[ParameterTable], FloatArray]) -> list[ParameterTable]:
    """Asks and tells to the end; the batches in order."""
    batches: list[ParameterTable] = []
    for _ in range(_MOST_BATCHES):
        batch = optimizer.ask()
        if not len(batch):
            return batches
        optimizer.tell(batch, evaluate(batch))
        batches.append(batch)
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
