"""A command of records is, for Typer, a command of options."""

import inspect
from dataclasses import dataclass, field
from typing import Annotated, get_type_hints

import typer

from autonomous_trading.interfaces.cli._records import flattened, typed


@dataclass(frozen=True)
class Where:
    place: Annotated[str, typer.Option("--place")] = "here"
    names: Annotated[list[str], typer.Option("--name")] = field(default_factory=list)
    share: Annotated[float | None, typer.Option("--share", "-s")] = None
    loud: Annotated[bool, typer.Option("--loud")] = False


@dataclass(frozen=True)
class What:
    thing: Annotated[str, typer.Argument()]


SEEN: list[tuple[Where, What]] = []


def command(where: Where, what: What) -> int:
    """Say what it does."""
    SEEN.append((where, what))
    return 3


def test_the_fields_are_the_parameters() -> None:
    flat = flattened(command)
    parameters = inspect.signature(flat).parameters
    assert list(parameters) == ["place", "names", "share", "loud", "thing"]
    assert parameters["place"].default == "here"
    assert parameters["names"].default == []
    assert parameters["thing"].default is inspect.Parameter.empty
    assert parameters["place"].annotation == get_type_hints(Where, include_extras=True)["place"]
    assert (flat.__name__, flat.__doc__) == ("command", "Say what it does.")


def test_the_command_gets_its_records() -> None:
    assert flattened(command)(place="there", names=["a"], share=0.5, loud=True, thing="it") == 3
    assert SEEN[-1] == (Where("there", ["a"], 0.5, loud=True), What("it"))


def test_what_was_typed_is_what_is_no_default() -> None:
    assert typed(Where()) == []
    assert typed(Where("there", ["a", "b"])) == ["--place", "there", "--name", "a", "--name", "b"]
    assert typed(Where(share=0.003), Where(share=2000.0, loud=True)) == [
        "--share",
        "0.003",
        "--share",
        "2000",
        "--loud",
    ]
