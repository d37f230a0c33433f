"""What a model is asked to write, and what it wrote: the only shapes that cross that border."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from studio.domain.clip import ClipId, NoteClip
from studio.domain.notes import Mask, Notes
from studio.domain.project import Project
from studio.domain.track import TrackId

NoteSet: TypeAlias = tuple[tuple[ClipId, tuple[int, ...]], ...]  # clips, and ids of notes in each


def named(clip: NoteClip, notes: NoteSet) -> Mask:
    """True for each note of `clip` that `notes` names, shape [n]."""
    ids = [id for owner, found in notes if owner == clip.id for id in found]
    return clip.notes.mask_of(ids)


def gathered(project: Project, notes: NoteSet) -> Notes:
    """The notes that `notes` names and that are still there, in song ticks; ids count from 0."""
    found = [Notes.empty().table]
    for id in dict(notes):
        there = project.find_clip(id)
        if there is not None and isinstance(there[1], NoteClip):
            clip = there[1]
            rows = clip.notes.table[named(clip, notes)]
            rows["start"] = np.maximum(rows["start"] + clip.shift, 0)
            found.append(rows)
    table = np.concatenate(found)
    table["id"] = np.arange(len(table))
    return Notes(table)


@dataclass(frozen=True, slots=True)
class Gap:
    """The part of the song to be written: tracks x time, and a band where it is narrower.

    All else is context and stays as it is. A note belongs to the gap when it starts inside
    [start, end), its pitch lies in [pitch_low, pitch_high], it is not locked and, where the gap
    names notes, it is one of those.

    Attributes:
        tracks: Tracks to write on; new parts may be asked for beside or instead of them.
        start, end: Song ticks.
        hz: For audio, the frequency band (low, high), or None for all.
        notes: The only notes to be replaced, where it names any; what takes their place may lie
            anywhere in the gap.
    """

    tracks: tuple[TrackId, ...]
    start: int
    end: int
    pitch_low: int = 0
    pitch_high: int = 127
    hz: tuple[float, float] | None = None
    notes: NoteSet = ()

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError("a gap starts at or after 0 and lasts at least a tick")
        if not 0 <= self.pitch_low <= self.pitch_high <= 127:
            raise ValueError("a gap's pitches lie between 0 and 127, low before high")

    @property
    def length(self) -> int:
        return self.end - self.start

    def holds(self, clip: NoteClip) -> npt.NDArray[np.bool_]:
        """True for each note of `clip` that the gap would replace, shape [n]."""
        notes = clip.notes
        inside = notes.starting_in(self.start - clip.shift, self.end - clip.shift)
        heard = notes.starting_in(clip.offset, clip.offset + clip.length)
        band = (notes.pitch >= self.pitch_low) & (notes.pitch <= self.pitch_high)
        found = inside & heard & band & ~notes.locked
        return found & named(clip, self.notes) if self.notes else found

    def contents(self, project: Project) -> str:
        """A digest of the notes inside the gap, and of which of its tracks exist.

        Equal digests mean that nothing the gap would replace has changed. Of a gap without tracks,
        whether there is a song at all.
        """
        parts = [] if self.tracks else ["song" if project.end else "nothing"]
        for id in self.tracks:
            track = project.find_track(id)
            parts.append(f"{id}:{'gone' if track is None else 'there'}")
            clips = track.clips if track is not None else ()
            for clip in clips:
                if isinstance(clip, NoteClip):
                    held = clip.notes.where(self.holds(clip))
                    parts.append(f"{clip.id}@{clip.shift}={held.digest}" if len(held) else "")
        return "|".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Part:
    """Notes for one track, in song ticks.

    Attributes:
        track: The track to write on, or None for a new one.
        name, role, program, drums: What a new track is called and how it sounds.
        volume_db, pan: Where a new track's fader and pan begin; pan -1 (left) to 1 (right).
        notes: `start` counts from the song's start.
    """

    track: TrackId | None
    notes: Notes
    name: str = ""
    role: str = ""
    program: int = 0
    drums: bool = False
    volume_db: float = 0.0
    pan: float = 0.0
