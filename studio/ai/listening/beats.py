"""Beats and bars from how likely each moment is one: the bar pointer of Krebs, Böck and Widmer
("An efficient state-space model for joint tempo and meter tracking", ISMIR 2015).

A pointer moves through the bar at a tempo that may change only at a beat. Within a beat there is
nothing to choose, so that only beats are remembered: hours fit into memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studio.ai.listening.heard import Beats, Floats, Seconds

SLOWEST_BPM, FASTEST_BPM = 50.0, 215.0
_STEADY = 100.0  # how dear a change of tempo is
_ROUNDED = 0.75  # of a frame, by which beats that are rounded to frames may differ
_BEAT_SHARE = 16  # a beat takes one part in so many of the time to the next
_HEARD = 0.05  # what is less likely all the way to an end holds no beat there
_LOWEST = 1e-6
_NEAR = 2  # frames around a beat in which it may be heard
_DOUBT = 0.02  # of either, below which it tells nothing
_TOLD = 1000  # frames from one word on how far it is to the next
Told = Callable[[float], None]


def nobody(part: float) -> None:
    """Tell nobody how far it is."""


@dataclass(frozen=True, slots=True)
class Path:
    """One way through the bars.

    Attributes:
        frames: Of each beat, rising.
        places: Which beat of its bar each is, from 0.
        score: Log likelihood of the whole.
    """

    frames: npt.NDArray[np.int64]
    places: npt.NDArray[np.int64]
    score: float


def intervals(fps: float) -> npt.NDArray[np.int64]:
    """The times from beat to beat that are tried, in frames, rising."""
    low, high = np.ceil(fps * 60.0 / FASTEST_BPM), np.floor(fps * 60.0 / SLOWEST_BPM)
    return np.arange(int(low), int(high) + 1)


def track(
    activation: Floats,
    fps: float,
    meters: Sequence[int],
    tempo: npt.NDArray[np.float64] | None = None,
    told: Told = nobody,
) -> tuple[Seconds, npt.NDArray[np.int64], int]:
    """Beats in seconds, the place of each in its bar (from 0), and the beats a bar has.

    Args:
        activation: How likely a frame is a beat but no downbeat, and a downbeat, shape [n, 2].
        meters: How many beats a bar may have; the likeliest of them holds throughout.
        tempo: Log weights of a beat's length, shape [seconds, intervals].
        told: Called with how much is done, 0-1.
    """
    inside = np.flatnonzero(activation.max(axis=1, initial=0.0) >= _HEARD)
    if len(inside) < 2:
        return np.zeros(0), np.zeros(0, np.int64), meters[0]
    first, last = int(inside[0]), int(inside[-1]) + 1
    heard = np.clip(activation[first:last].astype(np.float64), _LOWEST, 1 - _LOWEST)
    if tempo is not None:
        tempo = tempo[int(first / fps) :]
    paths = [
        _best(heard, fps, meter, tempo, lambda part: told((done + part) / len(meters)))  # noqa: B023
        for done, meter in enumerate(meters)
    ]
    best = int(np.argmax([path.score for path in paths]))
    frames = _on_peaks(heard.sum(axis=1), paths[best].frames, fps)
    return (frames + first) / fps, paths[best].places, meters[best]


def _best(
    heard: npt.NDArray[np.float64],
    fps: float,
    meter: int,
    tempo: npt.NDArray[np.float64] | None,
    told: Told,
) -> Path:
    """Viterbi; of each frame it keeps from which tempo a beat that starts there came."""
    steps = intervals(fps)
    ends = np.cumsum(steps)
    starts, size = ends - steps, int(ends[-1])
    changes = _tempo_changes(steps)
    gains, sure = _gains(heard, meter)
    on_beat = np.concatenate(
        [
            np.arange(start, start + max(step // _BEAT_SHARE, 1))
            for start, step in zip(starts, steps, strict=True)
        ]
    )
    score = np.full((meter, size), -np.log(meter * size))
    moved = np.empty_like(score)
    came = np.zeros((len(heard), meter, len(steps)), np.uint8)
    for frame in range(len(heard)):
        if frame % _TOLD == 0:
            told(frame / len(heard))
        arriving = score[:, None, ends - 1] + changes  # [place before, interval, interval before]
        origin = arriving.argmax(axis=2)
        started = arriving.max(axis=2)
        if tempo is not None:
            started += tempo[min(int(frame / fps), len(tempo) - 1)]
        came[frame, 0], came[frame, 1:] = origin[-1], origin[:-1]
        moved[:, 1:] = score[:, :-1]
        moved[0, starts], moved[1:, starts] = started[-1], started[:-1]
        moved[:, on_beat] += gains[frame][:, None]
        score, moved = moved, score
    path = _traced(score, came, steps, starts)
    return Path(path.frames, path.places, path.score + sure)


def _gains(heard: npt.NDArray[np.float64], meter: int) -> tuple[npt.NDArray[np.float64], float]:
    """By how much each place of a bar is likelier as a beat than as none, in each frame, [n,
    meter]; and how likely it is that all are none.

    No beat is shared out over the rest of the time to the next. Bars of one beat know no downbeat.
    """
    none = np.log(np.maximum(1.0 - heard.sum(axis=1), _LOWEST) / (_BEAT_SHARE - 1))
    some = np.log(np.minimum(heard.sum(axis=1), 1.0)) if meter == 1 else np.log(heard[:, 1])
    places = [some] + [np.log(heard[:, 0])] * (meter - 1)
    return np.stack(places, axis=1) - none[:, None], float(none.sum())


def _tempo_changes(steps: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Log probability of coming to an interval (row) from another (column)."""
    apart = np.maximum(np.abs(steps[:, None] - steps[None, :]) - _ROUNDED, 0.0)
    weight = np.exp(-_STEADY * apart / steps[None, :])
    weight[weight < np.finfo(np.float64).eps] = 0.0
    with np.errstate(divide="ignore"):
        found: npt.NDArray[np.float64] = np.log(weight / weight.sum(axis=0, keepdims=True))
    return found


def _traced(
    score: npt.NDArray[np.float64],
    came: npt.NDArray[np.uint8],
    steps: npt.NDArray[np.int64],
    starts: npt.NDArray[np.int64],
) -> Path:
    """Back from the best end, beat by beat."""
    meter = len(score)
    place, state = divmod(int(score.argmax()), score.shape[1])
    tempo = int(np.searchsorted(starts, state, side="right")) - 1
    frame = len(came) - 1 - (state - int(starts[tempo]))
    frames, places = [], []
    while frame >= 0:
        frames.append(frame)
        places.append(place)
        tempo = int(came[frame, place, tempo])
        place = (place - 1) % meter
        frame -= int(steps[tempo])
    order = slice(None, None, -1)
    return Path(
        np.array(frames, np.int64)[order], np.array(places, np.int64)[order], float(score.max())
    )


def _on_peaks(
    likely: npt.NDArray[np.float64], frames: npt.NDArray[np.int64], fps: float
) -> npt.NDArray[np.float64]:
    """Each beat moved to the peak beside it (within 35 ms), between frames by a parabola."""
    reach = max(round(0.035 * fps), 1)
    padded = np.pad(likely, reach + 1)
    around = frames[:, None] + np.arange(-reach, reach + 1) + reach + 1
    peaks = np.take_along_axis(around, padded[around].argmax(axis=1)[:, None], axis=1)[:, 0]
    before, at, after = (
        padded[peaks - 1],
        padded[peaks],
        padded[np.minimum(peaks + 1, len(padded) - 1)],
    )
    bend = before - 2 * at + after
    shift = np.where(bend < -1e-9, 0.5 * (before - after) / np.minimum(bend, -1e-9), 0.0)
    moved = peaks - (reach + 1) + np.clip(shift, -0.5, 0.5)
    return np.asarray(np.maximum(moved, 0.0))


def bpm_of(seconds: Seconds) -> float:
    """The tempo that most beats keep: of the middle half of their distances, the mean."""
    if len(seconds) < 2:
        return 0.0
    gaps = np.sort(np.diff(seconds))
    middle = gaps[len(gaps) // 4 : max(len(gaps) - len(gaps) // 4, len(gaps) // 4 + 1)]
    return 60.0 / float(middle.mean())


def beats_of(seconds: Seconds, downbeats: npt.NDArray[np.bool_]) -> Beats:
    """Beats that rise, with their tempo."""
    kept = np.concatenate([[True], np.diff(seconds) > 0.05]) if len(seconds) else downbeats
    return Beats(seconds[kept], downbeats[kept], bpm_of(seconds[kept]))


def doubled(seconds: Seconds) -> Seconds:
    """With a beat in the middle between every two."""
    both = np.empty(2 * len(seconds) - 1)
    both[::2], both[1::2] = seconds, 0.5 * (seconds[:-1] + seconds[1:])
    return both


def tilt(activation: Floats, fps: float, beats: Seconds) -> npt.NDArray[np.float64]:
    """How much more each beat is like a downbeat than like another, as log odds less their mean."""
    reach = np.arange(-_NEAR, _NEAR + 1)
    at = np.rint(beats * fps).astype(np.int64)[:, None] + reach
    around = activation[np.clip(at, 0, len(activation) - 1)].max(axis=1).astype(np.float64)
    odds: npt.NDArray[np.float64] = np.log((around[:, 1] + _DOUBT) / (around[:, 0] + _DOUBT))
    return odds - odds.mean() if len(odds) else odds
