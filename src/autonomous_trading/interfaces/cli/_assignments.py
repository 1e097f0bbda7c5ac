"""What follows --set and --space: names with values, typed the way the strategy declares them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, NoReturn

if TYPE_CHECKING:
    from autonomous_trading.core import Parameter, ParameterValue
    from autonomous_trading.strategies import Strategy

__all__ = ["Assigned", "assigned", "bounds", "engine_bounds"]

_SPACE = ("--space", "NAME=LOW:HIGH", "fast=5:50")

_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")


class Assigned(NamedTuple):
    """Values of declared parameters, and of settings every strategy takes although it does not declare them."""

    parameters: "dict[str, ParameterValue]"
    settings: dict[str, float]


def assigned(strategy: "type[Strategy]", texts: Sequence[str]) -> Assigned:
    """The values in --set name=value, as whole numbers, numbers, booleans or choices, inside their bounds.

    Raises InvalidInput and InvalidParameter, and UnknownName with the nearest names.
    """
    from autonomous_trading.strategies import SETTING_NAMES

    declared = strategy.space().parameters
    parameters: dict[str, ParameterValue] = {}
    settings: dict[str, float] = {}
    for name, text in _pairs(texts, "--set", "NAME=VALUE", "fast=20").items():
        if name in declared:
            parameters[name] = declared[name].validate(_value(declared[name], name, text))
        elif name in SETTING_NAMES:
            settings[name] = _setting(name, text)
        else:
            _refuse_name(strategy, name)
    return Assigned(parameters, settings)


def bounds(strategy: "type[Strategy]", texts: Sequence[str]) -> dict[str, object]:
    """The bounds in --space name=low:high, or the choices in --space name=a,b, as the Python face takes them."""
    declared = strategy.space().parameters
    found: dict[str, object] = {}
    for name, text in _pairs(texts, *_SPACE).items():
        if name not in declared:
            _refuse_name(strategy, name)
        parameter = declared[name]
        if parameter.is_numeric:
            found[name] = tuple(_value(parameter, name, end) for end in _ends(name, text))
        else:
            found[name] = [parameter.validate(_value(parameter, name, each)) for each in text.split(",")]
    return found


def engine_bounds(strategy: "type[Strategy]", texts: Sequence[str]) -> dict[str, tuple[float, float]]:
    """The bounds in --space of what the engine understands by its name and the strategy does not declare."""
    from autonomous_trading.strategies import SETTING_NAMES

    declared = strategy.space().parameters
    asked = _pairs(texts, *_SPACE).items()
    ends = {name: _ends(name, text) for name, text in asked if name in SETTING_NAMES and name not in declared}
    return {name: (_setting(name, low), _setting(name, high)) for name, (low, high) in ends.items()}


def _ends(name: str, text: str) -> tuple[str, str]:
    from autonomous_trading.core import InvalidParameter

    low, separator, high = text.partition(":")
    if not separator:
        raise InvalidParameter(
            f"--space {name}={text} names no bounds", fix=f"write --space {name}=LOW:HIGH, both included"
        )
    return low, high


def _setting(name: str, text: str) -> float:
    return _count(name, text) if name == "max_bars_held" else _number(name, text)


def _pairs(texts: Sequence[str], option: str, shape: str, example: str) -> Mapping[str, str]:
    from autonomous_trading.core import InvalidInput

    pairs: dict[str, str] = {}
    for text in texts:
        name, separator, value = (part.strip() for part in text.partition("="))
        if not (name and separator and value):
            raise InvalidInput(f"{option} {text!r} is not {shape}", fix=f"write {option} {example}")
        if name in pairs:
            raise InvalidInput(f"{option} gives {name} twice", fix="give it once")
        pairs[name] = value
    return pairs


def _value(parameter: "Parameter", name: str, text: str) -> "ParameterValue":
    """The text as the parameter's own kind of value; bounds are checked by whoever uses it."""
    from autonomous_trading.core import BoolParameter, CategoricalParameter, IntParameter

    if isinstance(parameter, BoolParameter):
        return _truth(name, text)
    if isinstance(parameter, CategoricalParameter):
        by_text: dict[str, ParameterValue] = {str(choice): choice for choice in parameter.choices}
        return by_text.get(text, text)
    number = _number(name, text)
    if isinstance(parameter, IntParameter) and number.is_integer():
        return int(number)
    return number


def _truth(name: str, text: str) -> bool:
    from autonomous_trading.core import InvalidParameter

    if text.lower() in _TRUE + _FALSE:
        return text.lower() in _TRUE
    raise InvalidParameter(f"{name} is true or false, got {text!r}", fix=f"write {name}=true or {name}=false")


def _count(name: str, text: str) -> int:
    from autonomous_trading.core import InvalidParameter

    number = _number(name, text)
    if not number.is_integer():
        raise InvalidParameter(f"{name} is a whole number, got {text!r}", fix=f"write {name}=20")
    return int(number)


def _number(name: str, text: str) -> float:
    from autonomous_trading.core import InvalidParameter

    try:
        return float(text)
    except ValueError:
        percent = ": 5% is written 0.05" if text.endswith("%") else ""
        raise InvalidParameter(
            f"{name} is a number, got {text!r}", fix=f"write {name}= and a number, such as 20 or 0.05{percent}"
        ) from None


def _refuse_name(strategy: "type[Strategy]", name: str) -> NoReturn:
    from autonomous_trading.core import unknown_name
    from autonomous_trading.strategies import SETTING_NAMES

    raise unknown_name(f"parameter of {strategy.name}", name, [*strategy.space().parameters, *SETTING_NAMES])
