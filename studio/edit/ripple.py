"""Edits of time itself: cutting a stretch out, putting one in, deleting clips and closing up."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import ClassVar, TypeVar

from studio.core.errors import StudioError
from studio.domain.clip import Clip, ClipId
from studio.domain.notes import Automation
from studio.domain.project import ChordSpan, Marker, Project, in_order
from studio.domain.tempo import MeterChange, TempoChange, TempoMap
from studio.domain.track import Track, TrackId, TrackKind
from studio.edit.clips import DeleteClips, SplitClips, with_tracks
from studio.edit.command import Edit
from studio.edit.tempo import replaced_chords

Moved = Callable[[int], int | None]  # where a tick comes to lie; None where it goes
T = TypeVar("T", TempoChange, MeterChange, Marker)


@dataclass(frozen=True, slots=True)
class ClearRange(Edit):
    """Empty a range on some tracks: clips are cut at its borders and what lies inside goes."""

    label: ClassVar[str] = "Clear range"
    tracks: frozenset[TrackId]
    start: int
    end: int

    def apply(self, project: Project) -> Project:
        for tick in (self.start, self.end):
            project = _cut(project, self.tracks, tick)
        inside = frozenset(
            clip.id
            for track, clip in project.clips()
            if track.id in self.tracks and self.start <= clip.start < self.end
        )
        return DeleteClips(inside).apply(project)


@dataclass(frozen=True, slots=True)
class DeleteTime(Edit):
    """Take [start, end) ticks out: what lies inside goes, what lies after comes that much earlier.

    On some tracks that is their clips and automation; on all of the song (`tracks` None) also
    chords, sections, tempo and meter. A meter that would change inside a bar waits for the next.
    """

    label: ClassVar[str] = "Delete time"
    tracks: frozenset[TrackId] | None
    start: int
    end: int

    def apply(self, project: Project) -> Project:
        start, by = max(self.start, 0), self.end - max(self.start, 0)
        if by <= 0:
            return project
        cleared = ClearRange(_these(project, self.tracks), start, self.end).apply(project)

        def moved(tick: int) -> int | None:
            if tick < start:
                return tick
            return None if tick < self.end else tick - by

        shifted = _shifted(cleared, self.tracks, moved)
        if self.tracks is not None:
            return shifted
        chords = replaced_chords(project.chords, start, self.end, ())
        tempo = TempoMap(
            _closed_up(project.tempo.tempos, start, self.end),
            _on_bars(_closed_up(project.tempo.meters, start, self.end)),
        )
        markers = _closed_up(project.markers, start, self.end)
        return _with_lanes(shifted, tempo, _healed(_chords(chords, moved), start), markers)


@dataclass(frozen=True, slots=True)
class InsertTime(Edit):
    """Put `length` empty ticks in at `at`: what sounds there is cut, and what lies after is later.

    On some tracks that is their clips and automation; on all of the song (`tracks` None) also
    chords, sections, tempo and meter. A meter that would change inside a bar waits for the next.
    """

    label: ClassVar[str] = "Insert time"
    tracks: frozenset[TrackId] | None
    at: int
    length: int

    def apply(self, project: Project) -> Project:
        if self.length < 1 or self.at < 0:
            raise StudioError("The time to insert needs a length.")

        def moved(tick: int) -> int:
            return tick if tick < self.at else tick + self.length

        cut = _cut(project, _these(project, self.tracks), self.at)
        shifted = _shifted(cut, self.tracks, moved)
        if self.tracks is not None:
            return shifted
        chords = [part for span in project.chords for part in _split_chord(span, self.at)]
        tempo = TempoMap(
            _later(project.tempo.tempos, moved), _on_bars(_later(project.tempo.meters, moved))
        )
        markers = tuple(replace(marker, tick=moved(marker.tick)) for marker in project.markers)
        return _with_lanes(shifted, tempo, tuple(_chords(chords, moved)), markers)


@dataclass(frozen=True, slots=True)
class RippleDelete(Edit):
    """Delete clips, and let those after them on their tracks close up by the time that is free."""

    label: ClassVar[str] = "Ripple delete"
    ids: frozenset[ClipId]

    def apply(self, project: Project) -> Project:
        for track in project.sources:
            gone = [clip for clip in track.clips if clip.id in self.ids]
            spans = [(clip.start, project.clip_end(clip)) for clip in gone]
            project = DeleteClips(frozenset(clip.id for clip in gone)).apply(project)
            for start, end in reversed(_without_overlap(spans)):
                project = _closed(project, track.id, start, end)
        return project


def _closed(project: Project, id: TrackId, start: int, end: int) -> Project:
    """Clips that start at or after `end` come earlier; none starts before `start`."""
    track = project.track(id)
    if not any(clip.start > start for clip in track.clips):
        return project
    clips = (
        replace(clip, start=max(clip.start - (end - start), start)) if clip.start > start else clip
        for clip in track.clips
    )
    return project.with_track(replace(track, clips=in_order(tuple(clips))))


def _without_overlap(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


# -- tracks -----------------------------------------------------------------------------------
def _these(project: Project, tracks: frozenset[TrackId] | None) -> frozenset[TrackId]:
    return frozenset(t.id for t in project.tracks) if tracks is None else tracks


def _cut(project: Project, tracks: frozenset[TrackId], tick: int) -> Project:
    on = frozenset(clip.id for track, clip in project.clips() if track.id in tracks)
    return SplitClips(on, tick).apply(project)


def _shifted(project: Project, ids: frozenset[TrackId] | None, moved: Moved) -> Project:
    """The song with clips and automation of tracks moved; without ids, of all, master and all."""
    tracks = [
        _shifted_track(track, moved) if ids is None or track.id in ids else track
        for track in project.tracks
    ]
    return with_tracks(project, tracks)


def _shifted_track(track: Track, moved: Moved) -> Track:
    clips = tuple(_moved_clip(clip, moved) for clip in track.clips)
    lanes = tuple(_shifted_lane(lane, moved) for lane in track.automation)
    before = (*track.clips, *track.automation)
    if all(now is was for now, was in zip((*clips, *lanes), before, strict=True)):
        return track
    return replace(track, clips=in_order(clips), automation=lanes)


def _moved_clip(clip: Clip, moved: Moved) -> Clip:
    to = moved(clip.start)
    return clip if to is None or to == clip.start else replace(clip, start=to)


def _shifted_lane(lane: Automation, moved: Moved) -> Automation:
    to = [moved(int(tick)) for tick in lane.points["tick"]]
    if to == lane.points["tick"].tolist():
        return lane
    points = lane.points[[tick is not None for tick in to]].copy()
    points["tick"] = [tick for tick in to if tick is not None]
    return Automation(lane.parameter, points)


def _with_lanes(
    project: Project,
    tempo: TempoMap,
    chords: tuple[ChordSpan, ...],
    markers: tuple[Marker, ...],
) -> Project:
    """The song with other lanes; the song itself where they are as they were."""
    tempo = project.tempo if tempo == project.tempo else tempo
    if (tempo, chords, markers) == (project.tempo, project.chords, project.markers):
        return project
    return replace(project, tempo=tempo, chords=chords, markers=markers)


# -- what spans all tracks --------------------------------------------------------------------
def _healed(chords: Iterable[ChordSpan], at: int) -> tuple[ChordSpan, ...]:
    """Chords where one that was cut at `at` is whole again."""
    found: list[ChordSpan] = []
    for span in chords:
        last = found[-1] if found else None
        if last is not None and last.end == span.start == at and last.chord == span.chord:
            found[-1] = replace(last, length=last.length + span.length)
        else:
            found.append(span)
    return tuple(found)


def _chords(chords: Iterable[ChordSpan], moved: Moved) -> Iterable[ChordSpan]:
    for span in chords:
        to = moved(span.start)
        if to is not None:
            yield replace(span, start=to)


def _split_chord(span: ChordSpan, at: int) -> Iterable[ChordSpan]:
    if not span.start < at < span.end:
        return (span,)
    left = replace(span, length=at - span.start)
    return left, replace(span, start=at, length=span.end - at)


def _closed_up(found: tuple[T, ...], start: int, end: int) -> tuple[T, ...]:
    """Changes without [start, end): the last one inside holds from `start` on."""
    before: list[T] = [change for change in found if change.tick < start]
    after: list[T] = [replace(c, tick=c.tick - (end - start)) for c in found if c.tick >= end]
    inside: list[T] = [change for change in found if start <= change.tick < end]
    if inside and not (after and after[0].tick == start):
        before.append(replace(inside[-1], tick=start))
    return tuple(before + after)


def _later(found: tuple[T, ...], moved: Callable[[int], int]) -> tuple[T, ...]:
    """The first change begins where it did; the others move."""
    later: list[T] = [replace(change, tick=moved(change.tick)) for change in found[1:]]
    return tuple([found[0]] + later)  # noqa: RUF005


def _on_bars(meters: tuple[MeterChange, ...]) -> tuple[MeterChange, ...]:
    """Meters, each from the first bar line at or after its tick; one that has no bar goes."""
    placed = [meters[0]]
    for meter in meters[1:]:
        last = placed[-1]
        bars = math.ceil((meter.tick - last.tick) / last.ticks_per_bar)
        tick = last.tick + bars * last.ticks_per_bar
        if bars < 1:
            placed[-1] = replace(meter, tick=last.tick)
        else:
            placed.append(replace(meter, tick=tick))
    return tuple(placed)


def excerpt(project: Project, start: int, end: int) -> Project:
    """[start, end) ticks of a song as a song of its own, that begins with tick 0."""
    last = max([project.end, *(marker.tick for marker in project.markers)]) + 1
    if end < last:
        project = DeleteTime(None, end, last).apply(project)
        kept = tuple(marker for marker in project.markers if marker.tick < end)
        project = replace(project, markers=kept)
    return DeleteTime(None, 0, start).apply(project) if start > 0 else project


def all_tracks(project: Project, ids: Iterable[TrackId]) -> frozenset[TrackId] | None:
    """`ids`, or None where they are every track that holds clips: then time is the song's."""
    chosen = frozenset(ids)
    every = {t.id for t in project.tracks if t.kind in (TrackKind.INSTRUMENT, TrackKind.AUDIO)}
    return None if every <= chosen else chosen
