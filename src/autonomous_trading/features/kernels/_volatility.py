"""Recursions of variance: exponentially weighted, GARCH and GJR, forward only."""

from autonomous_trading.core import FloatArray
from autonomous_trading.core.jit import kernel

__all__ = ["ewma_variance", "garch_variance", "garch_with_target"]


@kernel
def ewma_variance(returns: FloatArray, decay: float, start: int, out: FloatArray) -> None:
    """out[t] = decay out[t-1] + (1 - decay) r[t]^2, started at r[start]^2; NaN before."""
    for t in range(min(start, len(returns))):
        out[t] = float("nan")
    if start >= len(returns):
        return
    level = returns[start] * returns[start]
    out[start] = level
    for t in range(start + 1, len(returns)):
        level = decay * level + (1.0 - decay) * returns[t] * returns[t]
        out[t] = level


@kernel
def garch_variance(
    shocks: FloatArray, omega: float, alpha: float, gamma: float, beta: float, first: float, out: FloatArray
) -> None:
    """out[t] is the variance of shocks[t] given those before it: out[0] = first, and then GJR-GARCH(1,1).

    out[t] = omega + (alpha + gamma [e < 0]) e^2 + beta out[t-1] with e = shocks[t-1].
    """
    level = first
    for t in range(len(shocks)):
        out[t] = level
        square = shocks[t] * shocks[t]
        weight = alpha + gamma if shocks[t] < 0.0 else alpha
        level = omega + weight * square + beta * level


@kernel
def garch_with_target(
    returns: FloatArray, alpha: float, gamma: float, beta: float, start: int, settle: int, out: FloatArray
) -> None:
    """out[t]: variance expected for bar t + 1, whose long-run level is the mean square of the returns so far.

    The recursion starts at r[start]; the first `settle` values behind it are NaN while the level is unreliable.
    """
    n = len(returns)
    rest = 1.0 - alpha - 0.5 * gamma - beta
    total, count, level = 0.0, 0, 0.0
    for t in range(n):
        out[t] = float("nan")
        if t < start:
            continue
        square = returns[t] * returns[t]
        total += square
        count += 1
        target = total / count
        before = target if count == 1 else level
        weight = alpha + gamma if returns[t] < 0.0 else alpha
        level = rest * target + weight * square + beta * before
        if count > settle:
            out[t] = level
