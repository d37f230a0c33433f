"""Edits of what spans all tracks: tempo, meter, key, chords, markers and the title."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from studio.core.errors import StudioError
from studio.domain.project import ChordSpan, Marker, Project
from studio.domain.tempo import TempoMap
from studio.domain.theory import Chord, Key
from studio.edit.command import Edit


def _with_tempo(project: Project, tempo: TempoMap) -> Project:
    return project if tempo == project.tempo else replace(project, tempo=tempo)


@dataclass(frozen=True, slots=True)
class SetTempo(Edit):
    """Set the tempo from `tick` to the next change; `bpm` None removes a change but the first."""

    label: ClassVar[str] = "Change tempo"
    tick: int
    bpm: float | None
    gesture: int | None = None

    def apply(self, project: Project) -> Project:
        if self.bpm is None:
            return _with_tempo(project, project.tempo.without_tempo(self.tick))
        if not 10.0 <= self.bpm <= 960.0:
            raise StudioError("A tempo lies between 10 and 960 bpm.")
        return _with_tempo(project, project.tempo.with_tempo(max(self.tick, 0), self.bpm))


@dataclass(frozen=True, slots=True)
class SetMeter(Edit):
    """Set the meter from the bar that holds `tick`; later changes keep their bar numbers."""

    label: ClassVar[str] = "Change meter"
    tick: int
    beats: int
    unit: int

    def apply(self, project: Project) -> Project:
        if self.unit not in (1, 2, 4, 8, 16, 32) or not 1 <= self.beats <= 64:
            raise StudioError(
                "A meter is 1-64 beats of a whole to a thirty-second note, such as 6/8."
            )
        return _with_tempo(
            project, project.tempo.with_meter(max(self.tick, 0), self.beats, self.unit)
        )


@dataclass(frozen=True, slots=True)
class MoveTempo(Edit):
    """Let a change of tempo begin elsewhere and be another one; the song's first stays at 0.

    One that stands at the new place is replaced.
    """

    label: ClassVar[str] = "Change tempo"
    tick: int
    to: int
    bpm: float
    gesture: int | None = None

    def apply(self, project: Project) -> Project:
        if all(change.tick != self.tick for change in project.tempo.tempos):
            raise StudioError("That change of tempo is no longer there.")
        bpm = min(max(self.bpm, 10.0), 960.0)
        to = max(self.to, 1) if self.tick else 0
        return _with_tempo(project, project.tempo.without_tempo(self.tick).with_tempo(to, bpm))


@dataclass(frozen=True, slots=True)
class MoveMeter(Edit):
    """Let a change of meter begin at another bar, counted from 1; the song's first stays.

    Other changes keep their bar numbers, and one that stands at that bar is replaced. Without a
    bar the change is taken away.
    """

    label: ClassVar[str] = "Change meter"
    tick: int
    bar: int | None

    def apply(self, project: Project) -> Project:
        moving = next((m for m in project.tempo.meters if m.tick == self.tick), None)
        if moving is None:
            raise StudioError("That change of meter is no longer there.")
        if not self.tick:
            return project
        tempo = project.tempo.without_meter(self.tick)
        if self.bar is not None:
            start = tempo.bar_start(max(self.bar, 2))
            tempo = tempo.with_meter(start, moving.beats, moving.unit)
        return _with_tempo(project, tempo)


@dataclass(frozen=True, slots=True)
class SetTempoMap(Edit):
    """Replace the whole tempo map, as an import or a listening model does."""

    label: ClassVar[str] = "Change tempo map"
    tempo: TempoMap

    def apply(self, project: Project) -> Project:
        return _with_tempo(project, self.tempo)


@dataclass(frozen=True, slots=True)
class SetKey(Edit):
    label: ClassVar[str] = "Change key"
    key: Key | None

    def apply(self, project: Project) -> Project:
        return project if self.key == project.key else replace(project, key=self.key)


@dataclass(frozen=True, slots=True)
class SetChords(Edit):
    """Write the chord lane over [start, end) ticks; chords that reach in are cut at its edges."""

    label: ClassVar[str] = "Change chords"
    start: int
    end: int
    chords: tuple[ChordSpan, ...]

    def apply(self, project: Project) -> Project:
        inside = tuple(s for s in self.chords if self.start <= s.start and s.end <= self.end)
        if len(inside) != len(self.chords):
            raise StudioError("A chord would reach out of the range that is written.")
        chords = replaced_chords(project.chords, self.start, self.end, self.chords)
        return project if chords == project.chords else replace(project, chords=chords)


def replaced_chords(
    chords: tuple[ChordSpan, ...], start: int, end: int, written: tuple[ChordSpan, ...]
) -> tuple[ChordSpan, ...]:
    """`chords` with [start, end) ticks replaced by `written`."""
    kept: list[ChordSpan] = []
    for span in chords:
        if span.start < start:
            kept.append(replace(span, length=min(span.end, start) - span.start))
        if span.end > end:
            first = max(span.start, end)
            kept.append(replace(span, start=first, length=span.end - first))
    return tuple(sorted([*kept, *written], key=lambda span: span.start))


@dataclass(frozen=True, slots=True)
class SetChord(Edit):
    """Write one chord over [start, start + length) ticks, or (None) clear it."""

    label: ClassVar[str] = "Change chord"
    start: int
    length: int
    chord: Chord | None

    def apply(self, project: Project) -> Project:
        if self.length < 1 or self.start < 0:
            raise StudioError("A chord needs a length.")
        written = () if self.chord is None else (ChordSpan(self.start, self.length, self.chord),)
        chords = replaced_chords(project.chords, self.start, self.start + self.length, written)
        return project if chords == project.chords else replace(project, chords=chords)


@dataclass(frozen=True, slots=True)
class SetMarker(Edit):
    """Put a marker at `tick`, or rename the one there; an empty name removes it."""

    label: ClassVar[str] = "Change marker"
    tick: int
    name: str

    def apply(self, project: Project) -> Project:
        kept = [marker for marker in project.markers if marker.tick != self.tick]
        if self.name:
            kept.append(Marker(max(self.tick, 0), self.name))
        markers = tuple(sorted(kept, key=lambda marker: marker.tick))
        return project if markers == project.markers else replace(project, markers=markers)


@dataclass(frozen=True, slots=True)
class MoveMarker(Edit):
    """Move a marker; one that stands at the new place is replaced."""

    label: ClassVar[str] = "Move marker"
    tick: int
    to: int
    gesture: int | None = None

    def apply(self, project: Project) -> Project:
        moving = next((m for m in project.markers if m.tick == self.tick), None)
        if moving is None:
            raise StudioError("That marker is no longer there.")
        to = max(self.to, 0)
        kept = [m for m in project.markers if m.tick not in (self.tick, to)]
        markers = tuple(sorted([*kept, Marker(to, moving.name)], key=lambda m: m.tick))
        return project if markers == project.markers else replace(project, markers=markers)


@dataclass(frozen=True, slots=True)
class SetTitle(Edit):
    label: ClassVar[str] = "Rename song"
    title: str

    def apply(self, project: Project) -> Project:
        return project if self.title == project.title else replace(project, title=self.title)
