"""Bringing MIDI files and recordings into the open song, as works and as one edit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from studio.core import paths
from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, AudioSource, NoteClip
from studio.domain.project import Project
from studio.domain.track import Track, TrackId, TrackKind
from studio.edit.command import Edit
from studio.edit.takes import TRACK_COLORS
from studio.io.midi import read_midi
from studio.jobs.queue import Context, Lane
from studio.media.store import MediaStore

MIDI_SUFFIXES = (".mid", ".midi", ".smf")


@dataclass(frozen=True, slots=True)
class Imported:
    """What was read: songs of notes and recordings, each with the name of its file."""

    songs: tuple[tuple[str, Project], ...] = ()
    recordings: tuple[tuple[str, AudioSource], ...] = ()


@dataclass(frozen=True, slots=True)
class ImportFiles:
    """Read files; every one of them, or none."""

    paths: tuple[Path, ...]
    media: MediaStore
    lane: ClassVar[Lane] = Lane.DISK

    @property
    def title(self) -> str:
        return f"Import {self.paths[0].name}" + (" and more" if len(self.paths) > 1 else "")

    def run(self, context: Context) -> Imported:
        songs, recordings = [], []
        for index, path in enumerate(self.paths):
            context.check_cancelled()
            name = paths.legible(path.stem)
            if path.suffix.lower() in MIDI_SUFFIXES:
                songs.append((name, read_midi(path)))
            else:
                recordings.append((name, self._recording(path, index, context)))
        return Imported(tuple(songs), tuple(recordings))

    def _recording(self, path: Path, index: int, context: Context) -> AudioSource:
        def progress(fraction: float) -> None:
            context.check_cancelled()
            context.progress((index + fraction) / len(self.paths), path.name)

        return self.media.import_audio(path, progress)


@dataclass(frozen=True, slots=True)
class PlaceImported(Edit):
    """Put what was imported at `tick`: recordings and parts on tracks of their own, the first
    recording on `track` if that is an audio track. An empty song takes over the tempo, meter, key
    and markers of a MIDI file."""

    label: ClassVar[str] = "Import"
    imported: Imported
    track: TrackId | None
    tick: int

    def apply(self, project: Project) -> Project:
        for _, song in self.imported.songs:
            project = _with_song(project, song, self.tick)
        target = project.find_track(self.track) if self.track is not None else None
        for name, source in self.imported.recordings:
            if target is None or target.kind is not TrackKind.AUDIO:
                target = Track(
                    project.new_track_id(), TrackKind.AUDIO, name,
                    color=len(project.sources) % TRACK_COLORS,
                )  # fmt: skip
                project = project.with_new_track(target)
            id = project.new_clip_id()
            clip = AudioClip(id, self.tick, source, 0, source.frames, name)
            project, target = project.with_clip_on(target.id, clip), None
        return project


def _with_song(project: Project, song: Project, tick: int) -> Project:
    if not any(track.clips for track in song.tracks):
        raise StudioError("There are no notes in that MIDI file.")
    if not project.end and not tick:
        project = replace(
            project, tempo=song.tempo, key=song.key or project.key,
            markers=project.markers or song.markers,
        )  # fmt: skip
    reverb = next((b for b in project.buses if any(d.kind == "reverb" for d in b.devices)), None)
    for track in song.sources:
        project = project.with_new_track(_renamed(track, project, tick, reverb))
    return project


def _renamed(track: Track, project: Project, tick: int, reverb: Track | None) -> Track:
    """A track of another song with ids of this one, `tick` later."""
    sends = tuple(replace(send, bus=reverb.id) for send in track.sends[:1] if reverb is not None)
    devices = tuple(
        replace(device, id=project.new_device_id(1 + i)) for i, device in enumerate(track.devices)
    )
    first = 1 + len(devices)
    clips = tuple(
        replace(clip, id=project.new_clip_id(first + i), start=clip.start + tick)
        for i, clip in enumerate(track.clips)
        if isinstance(clip, NoteClip)
    )
    color = len(project.sources) % TRACK_COLORS
    return replace(
        track, id=project.new_track_id(), devices=devices, clips=clips, sends=sends, color=color
    )
