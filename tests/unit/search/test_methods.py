"""The catalogue of methods and the function that builds an optimiser from a name."""

import subprocess
import sys

import pytest

from autonomous_trading.core import InvalidInput, Space, UnknownName
from autonomous_trading.search import (
    ALIASES,
    CMAES,
    METHODS,
    NSGA2,
    NSGA3,
    EnsembleSearch,
    FallbackSearch,
    GridSearch,
    Optimizer,
    RandomSearch,
    SurrogateSearch,
    TPESearch,
    make_optimizer,
)

SPACE = Space.of({"x": (0.0, 1.0), "n": (1, 9)})


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("grid", GridSearch),
        ("random", RandomSearch),
        ("tpe", TPESearch),
        ("bayesian", TPESearch),
        ("nsga2", NSGA2),
        ("genetic", NSGA2),
        ("nsga3", NSGA3),
        ("gp", SurrogateSearch),
        ("gaussian_process", SurrogateSearch),
        ("random_forest", SurrogateSearch),
        ("xgboost", SurrogateSearch),
        ("cmaes", CMAES),
        ("cma-es", CMAES),
        ("fallback", FallbackSearch),
        ("ensemble", EnsembleSearch),
    ],
)
def test_a_name_builds_its_optimiser(name: str, kind: type[Optimizer]) -> None:
    assert isinstance(make_optimizer(name, SPACE, trials=5), kind)


def test_aliases_lead_to_methods() -> None:
    assert set(ALIASES.values()) <= set(METHODS)
    assert not set(ALIASES) & set(METHODS)


@pytest.mark.parametrize(
    ("typed", "meant"), [("gird", "grid"), ("nsga", "nsga2"), ("baysian", "bayesian"), ("TPE", "tpe")]
)
def test_an_unknown_method_is_told_what_was_meant(typed: str, meant: str) -> None:
    with pytest.raises(UnknownName, match=f"unknown search method '{typed}'. Fix: did you mean .*'{meant}'"):
        make_optimizer(typed, SPACE)


@pytest.mark.parametrize("name", list(METHODS))
def test_an_unknown_option_is_told_the_known_ones(name: str) -> None:
    known = ", ".join(METHODS[name].options)
    with pytest.raises(UnknownName, match=f"method '{name}' has no option 'colour'. Fix: its options are {known}"):
        make_optimizer(name, SPACE, trials=5, options={"colour": 1})


def test_an_alias_takes_the_options_of_its_method() -> None:
    optimizer = make_optimizer("genetic", SPACE, trials=50, options={"population": 6})
    assert len(optimizer.ask()) == 6


@pytest.mark.parametrize(
    ("method", "option", "value", "rule"),
    [
        ("grid", "resolution", 0, "resolution must be a whole number of at least 1"),
        ("grid", "batch_size", 0, "batch_size must be a whole number of at least 1"),
        ("random", "batch_size", 1.5, "batch_size must be a whole number of at least 1; got 1.5"),
        ("tpe", "startup", 0, "startup must be a whole number of at least 1"),
        ("tpe", "candidates", "many", "candidates must be a whole number of at least 1; got 'many'"),
        ("nsga2", "population", 1, "population must be a whole number of at least 2"),
        ("nsga2", "crossover_eta", 0.5, "crossover_eta must be a number from 1 to 100"),
        ("nsga2", "mutation_eta", float("nan"), "mutation_eta must be a number from 1 to 100; got nan"),
        ("gp", "startup", 0, "startup must be a whole number of at least 1"),
        ("random_forest", "trees", 1, "trees must be a whole number of at least 2"),
        ("xgboost", "members", 1, "members must be a whole number of at least 2"),
        ("nsga3", "population", 1, "population must be a whole number of at least 2"),
        ("nsga2", "mutation_eta", "soft", "mutation_eta must be a number from 1 to 100; got 'soft'"),
    ],
)
def test_a_bad_option_is_refused(method: str, option: str, value: object, rule: str) -> None:
    with pytest.raises(InvalidInput, match=rule):
        make_optimizer(method, SPACE, trials=5, options={option: value})


@pytest.mark.parametrize(("method", "default"), [("random", 1000), ("tpe", 200), ("nsga2", 5000)])
def test_without_trials_the_default_of_the_method_counts(method: str, default: int) -> None:
    optimizer = make_optimizer(method, Space.of({"x": (0.0, 1.0)}))
    found = 0
    while len(batch := optimizer.ask()):
        found += len(batch)
        optimizer.tell(batch, batch.column("x").reshape(-1, 1))
    assert found == default


def test_every_method_says_what_it_is_good_for() -> None:
    assert all(method.summary for method in METHODS.values())


def test_the_face_is_light() -> None:
    heavy = (
        "{'optuna', 'pymoo', 'moocore', 'sklearn', 'scipy', 'pandas', 'matplotlib', 'cma', 'xgboost', 'threadpoolctl'}"
    )
    code = f"import sys, autonomous_trading.search; print({heavy} & set(sys.modules))"
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert seen.strip() == "set()"
