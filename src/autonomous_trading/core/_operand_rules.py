"""What an operation accepts: checked when it is built, so that the error points at the line that wrote it."""

from collections.abc import Sequence

from autonomous_trading.core._node import ATOM, Node, plain_value, text_of, untraceable
from autonomous_trading.core._operations import OperationRule
from autonomous_trading.core.errors import InvalidExpression


def check_operands(rule: OperationRule, operands: Sequence[Node]) -> None:
    """Refuse a wrong number of operands, a number for a condition, and a window that cannot be one."""
    if len(operands) != len(rule.takes):
        raise InvalidExpression(
            f"{rule.name} takes {len(rule.takes)} operands, got {len(operands)}", fix="pass what it takes"
        )
    for takes, operand in zip(rule.takes, operands, strict=True):
        if takes == "condition" and not operand.is_condition:
            text, binding = text_of(operand)
            raise InvalidExpression(
                f"{rule.symbol or rule.name} needs conditions, but {text} is a number",
                fix=f"compare it, as in {text if binding == ATOM else f'({text})'} > 0; "
                "comparisons next to & | ~ need brackets",
            )
    if rule.over_bars:
        _check_bars(rule, operands)


def _check_bars(rule: OperationRule, operands: Sequence[Node]) -> None:
    if operands[0].is_static:
        raise InvalidExpression(
            f"{rule.name} looks over bars, but {operands[0]!s} is the same for every bar",
            fix="use it on a column",
        )
    for operand in operands[1:]:
        if not operand.is_static:
            raise InvalidExpression(
                f"the number of bars of {rule.name} is {operand!s}, which changes from bar to bar",
                fix="use a number or a parameter",
            )
    if rule.check is not None and not operands[1].parameters:
        rule.check(plain_value(operands[1]), rule.name)


def check_power(base: Node, exponent: Node, *, by_numpy: bool) -> None:
    """Leave to plain numbers the powers of parameters that Python and numpy would round in their own ways.

    Python's ** with a constant exponent is reproduced exactly, and so are whole powers of whole numbers by
    either.
    """
    if not (base.is_static and exponent.is_static and (base.parameters or exponent.parameters)):
        return
    power = None if exponent.parameters else plain_value(exponent)
    whole = isinstance(power, int) and power >= 0
    if power is None or (by_numpy and not whole):
        raise untraceable(f"{base!s} ** {exponent!s} is rounded differently by Python and numpy")
