"""Options in records: a command takes a few records, and Typer sees one option for each of their fields."""

import inspect
from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from typing import Any, get_type_hints

from autonomous_trading.interfaces.cli._output import answers_apart

__all__ = ["flattened", "typed"]


def flattened(command: Callable[..., int]) -> Callable[..., int]:
    """The same command with the fields of its records as keyword parameters of its own.

    Every parameter of `command` is annotated with a dataclass whose fields are `Annotated[..., typer.Option()]`
    (or `typer.Argument()`); Typer reads the parameters of a function, and a function with twenty of them is
    nobody's joy. Field names are unique across the records of one command.
    """
    records = {name: kind for name, kind in get_type_hints(command).items() if name != "return"}

    def call(**values: Any) -> int:
        filled = {
            name: record(**{field.name: values[field.name] for field in fields(record)})
            for name, record in records.items()
        }
        with answers_apart():
            return command(**filled)

    call.__name__ = command.__name__
    call.__doc__ = command.__doc__
    parameters = [parameter for record in records.values() for parameter in _parameters(record)]
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return call


def typed(*records: Any) -> list[str]:
    """The options that a person typed to get these records: those whose value is not the default."""
    return [
        word
        for record in records
        for field in fields(record)
        if getattr(record, field.name) != _default(field)
        for word in _words(_option(type(record), field.name), getattr(record, field.name))
    ]


def _option(record: type[Any], name: str) -> str:
    """The long name of an option."""
    (information,) = get_type_hints(record, include_extras=True)[name].__metadata__
    names = (information.default, *(information.param_decls or ()))  # Typer takes the first name for a default
    return next(each for each in names if isinstance(each, str) and each.startswith("--"))


def _words(option: str, value: object) -> list[str]:
    if isinstance(value, bool):
        return [option]
    if isinstance(value, list):
        return [word for each in value for word in _words(option, each)]
    return [option, str(value).removesuffix(".0") if isinstance(value, float) else str(value)]


def _parameters(record: type[Any]) -> list[inspect.Parameter]:
    hints = get_type_hints(record, include_extras=True)
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=_default(field),
            annotation=hints[field.name],
        )
        for field in fields(record)
    ]


def _default(field: Field[Any]) -> object:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return inspect.Parameter.empty if field.default is MISSING else field.default
