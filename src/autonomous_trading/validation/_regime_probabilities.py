"""The forward and backward passes of a hidden Markov chain of two states, compiled: they run hundreds of times."""

from __future__ import annotations

from autonomous_trading.core import FloatArray
from autonomous_trading.core.jit import kernel


@kernel
def two_state_passes(
    density: FloatArray, chain: FloatArray, forward: FloatArray, backward: FloatArray, scale: FloatArray
) -> None:
    """Fill `forward` and `backward` [n, 2] and `scale` [n] from densities [n, 2] and transitions [2, 2].

    Both states are equally likely at first. Every row of `forward` sums to one, `scale` holds what it was divided by,
    and forward x backward is the probability of each state given all observations.

    Source: Baum, Petrie, Soules and Weiss (1970), scaled as in Rabiner (1989).
    """
    n = len(density)
    calm, turbulent = 0.5, 0.5
    for t in range(n):
        if t > 0:
            before = calm
            calm = before * chain[0, 0] + turbulent * chain[1, 0]
            turbulent = before * chain[0, 1] + turbulent * chain[1, 1]
        calm *= density[t, 0]
        turbulent *= density[t, 1]
        scale[t] = calm + turbulent
        calm /= scale[t]
        turbulent /= scale[t]
        forward[t, 0] = calm
        forward[t, 1] = turbulent
    backward[n - 1, 0] = 1.0
    backward[n - 1, 1] = 1.0
    for t in range(n - 2, -1, -1):
        next_calm = density[t + 1, 0] * backward[t + 1, 0] / scale[t + 1]
        next_turbulent = density[t + 1, 1] * backward[t + 1, 1] / scale[t + 1]
        backward[t, 0] = chain[0, 0] * next_calm + chain[0, 1] * next_turbulent
        backward[t, 1] = chain[1, 0] * next_calm + chain[1, 1] * next_turbulent
