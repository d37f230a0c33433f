"""From how likely each chord is at each moment to a row of chords."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from studio.ai.listening.heard import HeardChord, Seconds
from studio.domain.theory import Chord


def likeliest(
    likelihood: npt.NDArray[np.floating], change: npt.NDArray[np.floating]
) -> npt.NDArray[np.int64]:
    """The likeliest row of states, by Viterbi, where any change from one to another costs alike.

    Args:
        likelihood: Log likelihood of each state, shape [n, states].
        change: What a change to another state costs at each moment, shape [n].

    Returns:
        A state for each moment, shape [n].
    """
    stays = np.zeros(likelihood.shape, np.bool_)
    best = np.zeros(len(likelihood), np.int64)
    score = np.zeros(likelihood.shape[1])
    for moment, likely in enumerate(likelihood):
        best[moment] = score.argmax()
        changed = score[best[moment]] - change[moment]
        stays[moment] = score >= changed
        score = np.maximum(score, changed) + likely
    states = np.zeros(len(likelihood), np.int64)
    state = int(score.argmax())
    for moment in range(len(likelihood) - 1, -1, -1):
        states[moment] = state
        if not stays[moment, state]:
            state = int(best[moment])
    return states


def spans(states: Iterable[int], times: Seconds, names: Sequence[Chord | None]) -> list[HeardChord]:
    """States that hold over [times[i], times[i + 1]) as chords; equal neighbours are one."""
    rows = zip(times[:-1], times[1:], (names[state] for state in states), strict=True)
    return joined((float(start), float(end), chord) for start, end, chord in rows)


def joined(rows: Iterable[tuple[float, float, Chord | None]]) -> list[HeardChord]:
    """Rows of (start, end, chord) without the ones that hold none; equal neighbours are one."""
    found: list[HeardChord] = []
    for start, end, chord in rows:
        last = found[-1] if found else None
        if chord is None or end <= start:
            continue
        if last is not None and last.chord == chord and abs(last.end - start) < 1e-6:
            found[-1] = HeardChord(last.start, end, chord)
        else:
            found.append(HeardChord(start, end, chord))
    return found


def on_beats(chords: Sequence[HeardChord], beats: Seconds, nearness: float) -> list[HeardChord]:
    """Chords whose edges are moved onto the beats that are nearer than `nearness` seconds."""

    def moved(second: float) -> float:
        near = beats[np.abs(beats - second).argmin()] if len(beats) else second
        return float(near) if abs(near - second) < nearness else second

    return joined((moved(c.start), moved(c.end), c.chord) for c in chords)
