"""What is drawn how often."""

from __future__ import annotations

from collections.abc import Mapping

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
