"""Tracks as arrays in song ticks, kept for as long as the track is the same value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from studio.domain.clip import AudioClip, Clip, ClipId, NoteClip
from studio.domain.project import Project
from studio.domain.tempo import TempoMap
from studio.domain.track import Track, TrackId

Ints: TypeAlias = npt.NDArray[np.int64]
LEAST_RANGE = 14  # semitones that a clip's height shows at least


@dataclass(frozen=True, slots=True)
class TrackShapes:
    """What there is to draw on a track.

    Attributes:
        clips: Ordered by start; a later one lies on top.
        start, end: Song ticks, shape [clips].
        muted: Shape [clips].
        note_start, note_end, note_pitch, note_clip: What the clips show of their notes, in song
            ticks, cut at the clip's edges; the last one is an index into `clips`. Shape [notes].
        low, high: The pitches that the height of a clip shows.
    """

    clips: tuple[Clip, ...]
    start: Ints
    end: Ints
    muted: npt.NDArray[np.bool_]
    note_start: Ints
    note_end: Ints
    note_pitch: Ints
    note_clip: Ints
    low: int
    high: int

    def between(self, start: int, end: int) -> Ints:
        """Indices of the clips that are heard somewhere in [start, end)."""
        return np.flatnonzero((self.start < end) & (self.end > start))

    def at(self, tick: int) -> int | None:
        """The index of the topmost clip at `tick`."""
        found = np.flatnonzero((self.start <= tick) & (tick < self.end))
        return int(found[-1]) if len(found) else None


class Shapes:
    """The arrays of every track, made anew only for tracks and clips that changed."""

    def __init__(self) -> None:
        self._tracks: dict[TrackId, tuple[Track, TempoMap, TrackShapes]] = {}
        self._clips: dict[ClipId, tuple[Clip, _ClipNotes]] = {}

    def of(self, track: Track, project: Project) -> TrackShapes:
        kept = self._tracks.get(track.id)
        if kept is not None and kept[0] is track and kept[1] is project.tempo:
            return kept[2]
        made = self._made(track, project)
        self._tracks[track.id] = (track, project.tempo, made)
        return made

    def _made(self, track: Track, project: Project) -> TrackShapes:
        clips = track.clips
        parts = [self._notes(clip) for clip in clips]
        counts = [len(part.start) for part in parts]
        pitch = _joined([part.pitch for part in parts])
        low, high = _pitch_range(pitch)
        return TrackShapes(
            clips,
            np.array([clip.start for clip in clips], dtype=np.int64),
            np.array([project.clip_end(clip) for clip in clips], dtype=np.int64),
            np.array([clip.muted for clip in clips], dtype=np.bool_),
            _joined([part.start for part in parts]),
            _joined([part.end for part in parts]),
            pitch,
            np.repeat(np.arange(len(clips)), counts),
            low,
            high,
        )

    def _notes(self, clip: Clip) -> _ClipNotes:
        kept = self._clips.get(clip.id)
        if kept is not None and kept[0] is clip:
            return kept[1]
        made = _shown_notes(clip)
        self._clips[clip.id] = (clip, made)
        return made


@dataclass(frozen=True, slots=True)
class _ClipNotes:
    start: Ints
    end: Ints
    pitch: Ints


_NOTHING = np.zeros(0, dtype=np.int64)


def _shown_notes(clip: Clip) -> _ClipNotes:
    if isinstance(clip, AudioClip):
        return _ClipNotes(_NOTHING, _NOTHING, _NOTHING)
    assert isinstance(clip, NoteClip)
    notes = clip.notes
    shown = (notes.start >= clip.offset) & (notes.start < clip.offset + clip.length) & ~notes.muted
    start = notes.start[shown] + clip.shift
    end = np.minimum(notes.end[shown] + clip.shift, clip.end)
    return _ClipNotes(start, end, notes.pitch[shown].astype(np.int64))


def _pitch_range(pitch: Ints) -> tuple[int, int]:
    if not len(pitch):
        return 60, 60 + LEAST_RANGE
    low, high = int(pitch.min()), int(pitch.max())
    spare = max(LEAST_RANGE - (high - low), 0)
    return low - spare // 2, high + spare - spare // 2


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate(parts) if parts else _NOTHING
