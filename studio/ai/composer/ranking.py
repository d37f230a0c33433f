"""Which of several candidates for a bar to trust, before rules are asked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from studio.ai.composer.piece import Table


def plausible(likelihoods: Sequence[float]) -> list[float]:
    """How likely each candidate is, nats a note.

    The likeliest of all says the same again and again: better than the middle is no merit.
    """
    usual = float(np.median(likelihoods))
    return [min(one, usual) for one in likelihoods]


def agreement(candidates: Sequence[Table]) -> list[float]:
    """How much each candidate has in common with the others, 0-1: the mean F1 of its notes (part,
    place and pitch) against theirs. Whoever goes on from what is there should do what most would:
    that is least likely to be wrong (minimum Bayes risk, Kumar & Byrne 2004).
    """
    each = [set(_places(one)) for one in candidates]
    return [
        float(np.mean([_f1(one, other) for other in each[:i] + each[i + 1 :]] or [0.0]))
        for i, one in enumerate(each)
    ]


def _places(notes: Table) -> list[tuple[int, int, int]]:
    return list(zip(*(notes[name].tolist() for name in ("part", "sub", "pitch")), strict=True))


def _f1(one: set[tuple[int, int, int]], other: set[tuple[int, int, int]]) -> float:
    return 2 * len(one & other) / max(len(one) + len(other), 1)
