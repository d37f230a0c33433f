"""How training goes on: the rate of every step, and how weights are averaged.

The rate is constant after a warm-up, so that a run may stop anywhere: a short cool-down from any
checkpoint makes weights to ship (Hu et al. 2024, "warm-up, stable, decay").
"""

from __future__ import annotations

WARM_UP_STEPS = 250
DECAY = 0.999  # of the running average of the weights


def rate_at(step: int, rate: float) -> float:
    """The learning rate of a step: straight up for the warm-up, then constant."""
    return rate * min(1.0, (step + 1) / WARM_UP_STEPS)


def decay_at(step: int) -> float:
    """How much of the average stays at a step: early on it forgets sooner."""
    return min(DECAY, (1 + step) / (10 + step))
