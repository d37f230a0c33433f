"""How training goes on: the rate of every step, how weights are averaged, what is drawn how often.

The rate is constant after a warm-up, so that a run may stop anywhere: a short cool-down from any
checkpoint makes weights to ship (Hu et al. 2024, "warm-up, stable, decay").
"""

from __future__ import annotations

from collections.abc import Mapping

WARM_UP_STEPS = 250
DECAY = 0.999  # of the running average of the weights

# Share of the written notes by what a collection's name holds; the first that fits counts. Within
# a share, collections are drawn by their notes.
SHARES: tuple[tuple[float, tuple[str, ...]], ...] = (
    (0.08, ("groove",)),
    (0.06, ("mma-bands",)),  # played off the beat at random
    (0.24, ("mma", "bands")),
    (0.20, ("freedoom", "debian")),
    (0.12, ("ewld", "hymnal", "folk", "oneill", "jsb", "chords")),
    (0.12, ("nifc",)),
    (0.18, ("",)),
)


def rate_at(step: int, rate: float) -> float:
    """The learning rate of a step: straight up for the warm-up, then constant."""
    return rate * min(1.0, (step + 1) / WARM_UP_STEPS)


def decay_at(step: int) -> float:
    """How much of the average stays at a step: early on it forgets sooner."""
    return min(DECAY, (1 + step) / (10 + step))


def weights_of(notes: Mapping[str, int]) -> dict[str, float]:
    """Share of the written notes for each collection, from how many notes each has."""
    group = {
        name: next(i for i, (_, words) in enumerate(SHARES) if any(w in name for w in words))
        for name in notes
    }
    totals = {i: sum(notes[name] for name in notes if group[name] == i) for i in group.values()}
    return {
        name: SHARES[group[name]][0] * count / max(totals[group[name]], 1)
        for name, count in notes.items()
    }
