"""Slow, obvious versions of the recursions of variance, written from the papers."""

import math


def ewma(returns: list[float], decay: float) -> list[float]:
    """Exponentially weighted mean of squares, started at the first square."""
    found: list[float] = []
    for value in returns:
        found.append(value**2 if not found else decay * found[-1] + (1.0 - decay) * value**2)
    return found


def gjr(shocks: list[float], omega: float, alpha: float, gamma: float, beta: float, first: float) -> list[float]:
    """Variance of each shock given those before it."""
    found = [first]
    for shock in shocks[:-1]:
        fall = gamma if shock < 0 else 0.0
        found.append(omega + alpha * shock**2 + fall * shock**2 + beta * found[-1])
    return found


def targeted(returns: list[float], alpha: float, gamma: float, beta: float) -> list[float]:
    """Variance of the shock after each one; the long-run level is the mean square up to it."""
    found: list[float] = []
    for count, value in enumerate(returns, start=1):
        level = math.fsum(each**2 for each in returns[:count]) / count
        omega = level * (1.0 - alpha - gamma / 2.0 - beta)
        before = level if not found else found[-1]
        found.append(omega + (alpha + (gamma if value < 0 else 0.0)) * value**2 + beta * before)
    return found


def log_likelihood(shocks: list[float], variances: list[float]) -> float:
    """That of normal shocks."""
    pairs = zip(shocks, variances, strict=True)
    return -0.5 * math.fsum(math.log(2.0 * math.pi) + math.log(v) + e**2 / v for e, v in pairs)
