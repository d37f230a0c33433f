"""Placing what was written by the sound of a recording: its notes, or parts that go with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, ClipId, NoteClip, TakeId
from studio.domain.clip_time import song_ticks, source_frames
from studio.domain.gap import Part
from studio.domain.notes import IntColumn, Mask, Notes
from studio.domain.project import ChordSpan, Project
from studio.domain.tempo import TempoMap
from studio.domain.theory import Key
from studio.domain.track import Track, TrackId, TrackKind
from studio.edit.command import Edit
from studio.edit.listening import FollowRecording
from studio.edit.takes import new_instrument
from studio.edit.tempo import replaced_chords


@dataclass(frozen=True, slots=True)
class PlaceBeside(Edit):
    """Put parts on tracks under that of the recording they go with, in time with it as it is now.

    They stand where they stood in `song` as long as the recording does; where the clip was moved,
    trimmed or stretched since, or the tempo is another one, they go along. A track of the same
    name and instrument is used again where there is room. Notes arrive fresh.

    Attributes:
        song: The one they were written for; where the recording was heard to have another tempo
            than the musician's song, in that.
        clip: The recording's, in `song`.
        start, end: What the parts cover, in ticks of `song`.
        title: Names the clips that are made.
        shapes: A song of nothing but recordings, whose tempo nobody set, takes over that of `song`.
        key, chords: That the parts follow, in ticks of `song`: for a song without a key, and for
            bars without chords.
        mutes: The recording, as the parts stand in for it.
        sure: Refuse where the recording is gone.
    """

    label: ClassVar[str] = "Write by a recording"
    take: TakeId
    song: Project
    clip: ClipId
    start: int
    end: int
    parts: tuple[Part, ...]
    title: str = ""
    shapes: bool = False
    key: Key | None = None
    chords: tuple[ChordSpan, ...] = ()
    mutes: bool = False
    sure: bool = True

    def apply(self, project: Project) -> Project:
        if self.sure and self._clip_in(project) is None:
            raise StudioError(
                "The recording that this take goes with is gone.",
                "It is kept among the takes; Place puts it there anyway.",
            )
        if self.shapes and is_unshaped(project):
            project = self._followed(project)
        project = self._with_lanes(project)
        start, end = (int(tick) for tick in self._ticks(project, [self.start, self.end]))
        tracks: list[TrackId] = []
        for part in self.parts:
            begin, stop = (self._ticks(project, c) for c in (part.notes.start, part.notes.end))
            there = stop > 0  # what would sound before the song begins is left out
            if there.any():
                project, track = self._track_for(project, part, (start, end), tracks)
                tracks.append(track)
                clip = self._written(project, part.notes, begin, stop, there, (start, end))
                project = project.with_clip_on(track, clip)
        now = self._clip_in(project)
        if self.mutes and now is not None:
            project = project.with_clip(replace(now, muted=True))
        return project

    def _followed(self, project: Project) -> Project:
        """The song in the tempo of the recording, which lies on the bars that were heard."""
        clips = []
        for _, now in project.clips():
            found = self.song.find_clip(now.id)
            then = found[1] if found is not None else None
            if isinstance(then, AudioClip) and isinstance(now, AudioClip):
                begins = song_ticks(then, self.song.tempo, [now.offset_frames])[0]
                clips.append(replace(now, start=int(begins)))  # trimmed or not, on the same bars
        return FollowRecording(self.song.tempo, self.key, tuple(clips)).apply(project)

    def _clip_in(self, project: Project) -> AudioClip | None:
        """The clip as it is now; None where it is gone or shows another recording."""
        found, then = project.find_clip(self.clip), self.song.clip(self.clip)
        if found is None or not isinstance(found[1], AudioClip) or not isinstance(then, AudioClip):
            return None
        return found[1] if found[1].source.media == then.source.media else None

    def _ticks(self, project: Project, ticks: list[int] | IntColumn) -> IntColumn:
        """Where what stood at `ticks` of `song` sounds in `project`."""
        then, now = self.song.clip(self.clip), self._clip_in(project)
        if now is None or not isinstance(then, AudioClip) or self._stands(project, then, now):
            return np.asarray(ticks, np.int64)
        frames = source_frames(then, self.song.tempo, ticks)
        return song_ticks(now, project.tempo, frames)

    def _stands(self, project: Project, then: AudioClip, now: AudioClip) -> bool:
        """Whether every moment of the recording sounds where it did."""
        if project.tempo != self.song.tempo or now.warp != then.warp:
            return False
        moved = source_frames(then, project.tempo, [now.start])[0] - now.offset_frames
        return now.start == then.start if now.warp else abs(moved) <= 1.0

    def _with_lanes(self, project: Project) -> Project:
        """The song with a key, and with chords where it has none."""
        project = replace(project, key=self.key) if project.key is None and self.key else project
        edges = [(span.start, span.end) for span in self.chords]
        moved = self._ticks(project, np.array(edges, np.int64).reshape(-1, 2))
        spans = [
            ChordSpan(int(start), int(end - start), span.chord)
            for span, (start, end) in zip(self.chords, moved, strict=True)
            if end > start
        ]
        there = project.chords
        if not spans or any(s.start < spans[-1].end and s.end > spans[0].start for s in there):
            return project
        chords = replaced_chords(there, spans[0].start, spans[-1].end, tuple(spans))
        return replace(project, chords=chords)

    def _track_for(
        self, project: Project, part: Part, span: tuple[int, int], before: list[TrackId]
    ) -> tuple[Project, TrackId]:
        for track in project.sources:
            same = (track.name, track.is_drums) == (part.name, part.drums)
            mine = track.kind is TrackKind.INSTRUMENT and track.id not in before
            if same and mine and _is_free(project, track, span):
                return project, track.id
        made = new_instrument(project, part.name, part.program, drums=part.drums, role=part.role)
        made = replace(made, volume_db=part.volume_db, pan=part.pan)
        found = project.find_clip(self.clip)
        above = before[-1] if before else found[0].id if found is not None else None
        ids = [track.id for track in project.tracks]
        at = ids.index(above) + 1 if above is not None else None
        return project.with_new_track(made, at), made.id

    def _written(
        self, project: Project, notes: Notes, begin: IntColumn, end: IntColumn, there: Mask,
        span: tuple[int, int],
    ) -> NoteClip:  # fmt: skip
        """A clip of the notes that are `there`, from `begin` to `end` of `project`."""
        begin, end, table = begin[there], end[there], notes.table[there]
        start = min(span[0], int(begin.min()))
        table["start"], table["length"] = begin - start, np.maximum(end - begin, 1)
        table["id"], table["fresh"] = np.arange(len(table)), True
        length = max(span[1], int(begin.max()) + 1) - start
        return NoteClip(
            project.new_clip_id(), start, length, Notes(table), self.title, take=self.take
        )


def is_unshaped(project: Project) -> bool:
    """Whether nothing of the song depends on its tempo yet: nobody set one, no clip holds notes,
    and no recording was stretched to it."""
    clips = [clip for _, clip in project.clips()]
    plain = all(isinstance(clip, AudioClip) and not clip.warp for clip in clips)
    return plain and project.tempo == TempoMap() and not project.chords and not project.markers


def _is_free(project: Project, track: Track, span: tuple[int, int]) -> bool:
    start, end = span
    return all(c.start >= end or project.clip_end(c) <= start for c in track.clips)
