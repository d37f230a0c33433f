"""Which notes of a gap a variation changes: the least of its structure first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.ai.sketch.score import STEP, pulses, stream
from studio.domain.clip import NoteClip
from studio.domain.gap import Gap, NoteSet
from studio.domain.project import Project
from studio.domain.tempo import TempoMap
from studio.domain.track import Track

_HELD = np.dtype([("clip", "<i8"), ("id", "<i8"), ("at", "<i8"), ("length", "<i8"),
                  ("velocity", "<i8")])  # fmt: skip
_CHANCE = 0.9  # how far the seed moves a note in the order, beside 3 for a downbeat


def changed_notes(song: Project, gap: Gap, amount: float, seed: int) -> NoteSet:
    """The share `amount` (0-1) of the notes that `gap` holds, on each of its tracks.

    What holds the music together stays longest: notes on strong beats, long and loud ones, the
    first and the last of a phrase. Notes struck together change together, but for drums.
    """
    found: NoteSet = ()
    for id in gap.tracks:
        track = song.find_track(id)
        if track is not None:
            found += _of_track(song.tempo, track, gap, amount, seed)
    return found


def _of_track(tempo: TempoMap, track: Track, gap: Gap, amount: float, seed: int) -> NoteSet:
    clips = [clip for clip in track.clips if isinstance(clip, NoteClip) and not clip.muted]
    rows = [_held(index, clip, gap) for index, clip in enumerate(clips)]
    held = np.concatenate([np.zeros(0, _HELD), *rows])
    held = held[np.lexsort((held["id"], held["clip"], held["at"]))]
    strikes = np.arange(len(held)) if track.is_drums else _strikes(held["at"])
    weight = _weights(held, tempo)
    order = stream(seed, "vary", track.id).normal(0.0, _CHANCE, len(held))
    count = int(strikes.max()) + 1 if len(held) else 0
    heaviest = np.full(count, -np.inf)
    np.maximum.at(heaviest, strikes, weight)
    heaviest += order[:count]
    picked = _lightest(heaviest, np.bincount(strikes, minlength=count), round(amount * len(held)))
    changed = held[np.isin(strikes, picked)]
    return tuple(
        (clip.id, tuple(sorted(changed["id"][changed["clip"] == index].tolist())))
        for index, clip in enumerate(clips)
        if np.any(changed["clip"] == index)
    )


def _held(index: int, clip: NoteClip, gap: Gap) -> npt.NDArray[Any]:
    notes = clip.notes.where(gap.holds(clip) & ~clip.notes.muted)
    found = np.zeros(len(notes), _HELD)
    found["clip"], found["id"] = index, notes.id
    found["at"], found["length"], found["velocity"] = (
        notes.start + clip.shift, notes.length, notes.velocity,
    )  # fmt: skip
    return found


def _strikes(at: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The number of the strike that each note belongs to: within a 32nd of the one before."""
    if not len(at):
        return np.zeros(0, np.int64)
    return np.concatenate(([0], np.cumsum(np.diff(at) > STEP // 2)))


def _weights(held: npt.NDArray[Any], tempo: TempoMap) -> npt.NDArray[np.float64]:
    """How much each note carries, about 0 to 8, shape [n]."""
    after = np.diff(held["at"], append=(held["at"] + held["length"])[-1:] + 8 * STEP)
    weight = _strengths(held["at"], tempo) + 0.8 * np.minimum(held["length"] / (4 * STEP), 2.0)
    weight += 1.5 * (after - held["length"] > 4 * STEP)  # the last before a rest
    weight[:1] += 1.2
    return np.asarray(weight + held["velocity"] / 127.0)


def _strengths(at: npt.NDArray[np.int64], tempo: TempoMap) -> npt.NDArray[np.float64]:
    """How strong the beat is that each tick stands on: 3 a downbeat, 0.4 a half beat, 0 between."""
    found = np.zeros(len(at))
    ends = [*(meter.tick for meter in tempo.meters[1:]), 1 << 62]
    for meter, end in zip(tempo.meters, ends, strict=True):
        here = (at >= meter.tick) & (at < end)
        within = (at[here] - meter.tick) % meter.ticks_per_bar
        strength = np.where(within % (2 * STEP) < STEP // 2, 0.4, 0.0)
        for pulse in pulses(meter.beats, meter.unit):
            strength[np.abs(within - pulse.at) < STEP // 2] = pulse.strength
        found[here] = strength
    return found


def _lightest(
    weight: npt.NDArray[np.float64], sizes: npt.NDArray[np.int64], notes: int
) -> npt.NDArray[np.int64]:
    """Strikes, lightest first, that together hold as nearly as can be `notes` notes."""
    order = np.argsort(weight, kind="stable")
    totals = np.concatenate(([0], np.cumsum(sizes[order])))
    best = int(np.argmin(np.abs(totals - notes)))
    if notes and not best:
        best = min(1, len(order))
    return np.asarray(order[:best])


def part_changed(song: Project, gap: Gap, amount: float, seed: int) -> Gap:
    """`gap`, holding only what a variation of `amount` changes."""
    return replace(gap, notes=changed_notes(song, gap, amount, seed))
