"""How fast recordings come in and songs are saved.

python -m tests.benchmarks.media_speed [--minutes 180]
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import soundfile

from studio.domain.clip import ClipId, NoteClip
from studio.domain.notes import Notes
from studio.domain.project import Project, new_song
from studio.domain.track import Track, TrackKind
from studio.edit.tracks import AddTrack
from studio.io.song_folder import SongFolder
from studio.media.store import MediaStore

RATE = 44_100


def timed(what: str, work: Callable[[], object]) -> None:
    began = time.perf_counter()
    work()
    print(f"{what:50} {1e3 * (time.perf_counter() - began):12.1f} ms")


def most_memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def write_recording(path: Path, minutes: int) -> None:
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, (RATE, 2)).astype(np.float32)
    with soundfile.SoundFile(path, "w", RATE, 2) as file:
        for _ in range(minutes * 60):
            file.write(noise)


def recordings(place: Path, minutes: int) -> None:
    store = MediaStore(place / "media")
    for name, length in (("long.wav", minutes), ("long.flac", minutes // 10), ("long.mp3", 5)):
        write_recording(place / name, length)
        timed(f"import {name}, {length} min", partial(store.import_audio, place / name))
    source = store.import_audio(place / "long.wav")
    timed(f"conform {minutes} min, 44.1 to 48 kHz", lambda: store.conformed(source, 48_000))
    peaks = store.peaks(source)
    timed("peaks of all, 1600 pixels", lambda: peaks.read(0, source.frames, 1600))
    timed("peaks of 10 s, 1600 pixels", lambda: peaks.read(9e6, 9e6 + 10 * RATE, 1600))
    print(f"most memory: {most_memory_mb():.0f} MB")


def long_song(tracks: int, notes: int) -> Project:
    project = new_song()
    for _ in range(tracks):
        starts = np.arange(notes) * 60
        clip = NoteClip(project.new_clip_id(1), 0, notes * 60, Notes.of(starts, 50, starts % 128))
        track = Track(project.new_track_id(), TrackKind.INSTRUMENT, "Part", (clip,))
        project = AddTrack(track).apply(project)
    return project


def edited(project: Project) -> Project:
    track = project.tracks[0]
    clip = track.clips[0]
    assert isinstance(clip, NoteClip)
    moved = replace(
        clip, id=ClipId(clip.id), notes=clip.notes.with_columns(start=clip.notes.start + 1)
    )
    return project.with_clip(moved)


def songs(place: Path) -> None:
    for tracks, notes in ((16, 500), (32, 3_000), (1, 100_000)):
        project = long_song(tracks, notes)
        folder = SongFolder.create(place / f"{tracks}x{notes}", project)
        name = f"{tracks} tracks of {notes} notes"
        once, twice = edited(project), edited(edited(project))
        timed(f"autosave {name}, one clip edited", partial(folder.autosave, once))
        timed(f"save {name}, one clip edited", partial(folder.save, twice))
        folder.close()
        timed(f"open {name}", partial(opened_and_closed, folder.path))


def opened_and_closed(path: Path) -> None:
    SongFolder.open(path).close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=int, default=180)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tutti-media-") as place:
        songs(Path(place))
        recordings(Path(place), given.minutes)


if __name__ == "__main__":
    main()
