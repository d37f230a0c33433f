"""Key, chords and bars by rule, from what sounds between the beats.

Key profiles are those of Albrecht and Shanahan ("The use of large corpora to train a new type of
key-finding algorithm", 2013), compared as Krumhansl does; chords are compared with templates and
held by a hidden Markov model (Sheh and Ellis, 2003); bars begin where chords change, the bass
enters and the low drum strikes.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from studio.ai.listening.chords import likeliest, spans
from studio.ai.listening.heard import Beats, HeardChord, Seconds
from studio.ai.listening.onsets import FPS, Onsets
from studio.ai.listening.tonal import Table, Tonal
from studio.domain.theory import Chord, Key

_MAJOR = (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081)
_MINOR = (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052)
_QUALITIES = ("", "m", "7", "maj7", "m7", "sus4", "dim")
_RARER = (0.0, 0.0, 0.25, 0.3, 0.2, 0.35, 0.35)  # how much likelier a plain triad is to begin with
_SHARPNESS = 14.0  # of the comparison with templates
_NONE = 0.45  # how alike a chord must be
_CHANGE = 2.0
_CHANGE_DOWNBEAT = 1.0
_METERS = (4, 3)
_TILT = 0.5  # of what a network hears, beside one's own
_SHIFT, _ANOTHER_METER = 6.0, 12.0  # what it costs to count anew


def key_of(heard: Tonal) -> Key | None:
    """The key most of it stands in; None where nothing tonal sounds."""
    lengths = np.diff(heard.edges)[:, None]
    chroma = (_unit(heard.treble) * lengths).sum(axis=0) + 0.5 * (_unit(heard.bass) * lengths).sum(
        axis=0
    )
    if chroma.max() <= 0.0:
        return None
    keys = [(tonic, mode) for mode in ("major", "minor") for tonic in range(12)]
    profiles = [np.roll(_MAJOR if mode == "major" else _MINOR, tonic) for tonic, mode in keys]
    alike = [np.corrcoef(chroma, profile)[0, 1] for profile in profiles]
    return Key(*keys[int(np.argmax(alike))])


def chords_of(heard: Tonal, beats: Beats) -> list[HeardChord]:
    """The chords between the beats, of seven kinds; none in a pickup, which is too little to tell
    one by: what sounds before the first beat for less than a bar.
    """
    names, templates, rarer = _templates()
    treble, bass = _unit(heard.treble), _unit(heard.bass)
    roots = np.array([name.root for name in names])
    alike = treble @ templates.T + 0.25 * bass[:, roots]
    sounding = heard.treble.max(axis=1, initial=0.0) > 1e-3
    none = np.where(sounding & ~_pickup(heard.edges, beats), _NONE, 2.0)[:, None]
    likely = _SHARPNESS * np.hstack([alike - 0.1 * rarer, none])
    begins = np.isin(heard.edges[:-1], beats.seconds[beats.downbeats])
    states = likeliest(likely, np.where(begins, _CHANGE_DOWNBEAT, _CHANGE))
    return spans(states, heard.edges, [*names, None])


def _pickup(edges: Seconds, beats: Beats) -> npt.NDArray[np.bool_]:
    """Which of the times between `edges` are a pickup, [n]."""
    first = beats.seconds[0] if len(beats) > 1 else 0.0
    is_one = first * beats.bpm < 60.0 * beats.beats_per_bar
    return np.asarray((edges[:-1] < first) & is_one)


@cache
def _templates() -> tuple[list[Chord], Table, npt.NDArray[np.float64]]:
    names = [Chord(root, quality) for quality in _QUALITIES for root in range(12)]
    rows = np.zeros((len(names), 12))
    for row, name in zip(rows, names, strict=True):
        row[list(name.pitch_classes)] = 1.0
    return names, _unit(rows), np.repeat(_RARER, 12)


def _unit(rows: Table) -> Table:
    """Each row at length 1; one of zeros stays."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))


def downbeats_of(
    beats: Seconds, heard: Tonal, struck: Onsets, tilt: npt.NDArray[np.float64] | None = None
) -> npt.NDArray[np.bool_]:
    """Which beats begin a bar of four or three, [n]; the count may begin anew where it must.

    Args:
        tilt: How much each beat is like a downbeat, as a network hears it, [n].
    """
    if len(beats) < 2:
        return np.ones(len(beats), np.bool_)
    accent = _accents(beats, heard, struck)
    if tilt is not None:
        accent = accent + _TILT * tilt
    states = [(meter, place) for meter in _METERS for place in range(meter)]
    gain = np.array([1.0 if place == 0 else -1.0 / (meter - 1) for meter, place in states])
    cost = np.array([[_count_cost(a, b) for a in states] for b in states])
    score, came = np.zeros(len(states)), np.zeros((len(beats), len(states)), np.int8)
    for moment, weight in enumerate(accent):
        arriving = score - cost
        came[moment] = arriving.argmax(axis=1)
        score = arriving.max(axis=1) + gain * weight
    found = np.zeros(len(beats), np.bool_)
    state = int(score.argmax())
    for moment in range(len(beats) - 1, -1, -1):
        found[moment] = states[state][1] == 0
        state = int(came[moment, state])
    return found


def _count_cost(before: tuple[int, int], after: tuple[int, int]) -> float:
    if before[0] != after[0]:
        return _ANOTHER_METER if after[1] == 0 else np.inf
    return 0.0 if after[1] == (before[1] + 1) % after[0] else _SHIFT


def _accents(beats: Seconds, heard: Tonal, struck: Onsets) -> npt.NDArray[np.float64]:
    """How much each beat is like the first of a bar; 0 on average."""
    place = np.clip(np.searchsorted(heard.edges, beats + 1e-6) - 1, 0, len(heard.treble) - 1)
    change = np.zeros(len(beats))
    for rows, weight in ((_unit(heard.treble), 1.0), (_unit(heard.bass), 1.0)):
        moved = np.linalg.norm(rows[place] - rows[np.maximum(place - 1, 0)], axis=1)
        change += weight * _standard(moved)
    low, high = (_near(beats, one) for one in (struck.low, struck.high))
    return change + 0.7 * _standard(low) - 0.3 * _standard(high)


def _near(beats: Seconds, strength: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """The strongest within 50 ms of each beat."""
    reach = round(0.05 * FPS)
    at = np.rint(beats * FPS).astype(np.int64)[:, None] + np.arange(-reach, reach + 1)
    around = strength[np.clip(at, 0, len(strength) - 1)]
    return np.asarray(around.max(axis=1), np.float64)


def _standard(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray((values - values.mean()) / max(float(values.std()), 1e-9))
