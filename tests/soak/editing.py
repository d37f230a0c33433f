"""A process that edits, autosaves and saves a song without end, until it is killed.

    python -m tests.soak.editing DIARY SEED [FOLDER]

Without FOLDER it begins a song among the unsaved ones. Every step is noted in DIARY, one JSON
object a line, in a single write each, so that nothing noted is lost with the process. The number of
the last edit is the song's title.
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import time
from pathlib import Path

import numpy as np

from studio.domain.clip import AudioClip, NoteClip
from studio.domain.notes import Notes
from studio.domain.project import Project, new_song
from studio.domain.track import Track, TrackKind
from studio.edit.clips import AddClip, DeleteClips
from studio.edit.command import Command
from studio.edit.history import History
from studio.edit.mixer import SetVolume
from studio.edit.notes import AddNotes, DeleteNotes, MoveNotes
from studio.edit.tempo import SetTitle
from studio.edit.tracks import AddTrack
from studio.io.song_folder import SongFolder
from studio.media import columns
from studio.media.store import MediaStore

TRACKS, NOTES = 8, 400
EDIT_SECONDS, WRITE_SECONDS = 0.003, 0.02
RATE = 8_000


class Diary:
    """What this process did, as it did it."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(self, **what: object) -> None:
        os.write(self._file, json.dumps(what).encode() + b"\n")


def number(project: Project) -> int:
    """How many edits made this song."""
    return int(project.title or 0)


def filled() -> Project:
    """A song of several tracks with some hundred notes each."""
    project = new_song()
    for index in range(TRACKS):
        starts = np.arange(NOTES) * 240
        notes = Notes.of(starts, 200, 48 + (np.arange(NOTES) * 7 + index) % 24)
        clip = NoteClip(project.new_clip_id(1), 0, NOTES * 240, notes)
        track = Track(project.new_track_id(), TrackKind.INSTRUMENT, f"Part {index}", (clip,))
        project = AddTrack(track).apply(project)
    noise = Track(project.new_track_id(), TrackKind.AUDIO, "Noise")
    return AddTrack(noise).apply(project)


def random_edit(project: Project, media: MediaStore, dice: random.Random) -> Command:
    """One edit of the kind a musician makes; now and then a recording comes or goes."""
    track = project.sources[dice.randrange(TRACKS)]
    clip = track.clips[0]
    assert isinstance(clip, NoteClip)
    some = frozenset(int(id) for id in clip.notes.id[:: dice.randint(5, 50)])
    match dice.randrange(12):
        case 0 if len(clip.notes) > NOTES // 2:
            return DeleteNotes(clip.id, some)
        case 1:
            return SetVolume(track.id, dice.uniform(-30, 6))
        case 2 if dice.random() < 0.3:
            return recording_edit(project, media, dice)
        case 3 | 4 | 5:
            return AddNotes(clip.id, Notes.of(dice.randrange(90_000), 240, dice.randrange(128)))
    return MoveNotes(clip.id, some, dice.randrange(-240, 960), dice.randint(-2, 2))


def recording_edit(project: Project, media: MediaStore, dice: random.Random) -> Command:
    noise = next(track for track in project.tracks if track.kind is TrackKind.AUDIO)
    if len(noise.clips) > 4:
        return DeleteClips(frozenset([noise.clips[0].id]))
    sound = np.random.default_rng(dice.randrange(2**32)).uniform(-1, 1, (RATE, 1))
    source = media.put_audio(sound.astype(np.float32), RATE, "noise.wav")
    clip = AudioClip(project.new_clip_id(), dice.randrange(90_000), source, 0, source.frames)
    return AddClip(noise.id, clip)


def edit_without_end(history: History, song: SongFolder, diary: Diary, dice: random.Random) -> None:
    parent = os.getppid()
    while os.getppid() == parent:
        history.do(random_edit(history.project, song.media, dice))
        history.do(SetTitle(str(number(history.project) + 1)))
        diary.note(edit=number(history.project), at=time.monotonic())
        time.sleep(EDIT_SECONDS)
    os._exit(1)


def write_without_end(
    history: History, song: SongFolder, diary: Diary, dice: random.Random
) -> None:
    """Autosave again and again, save every fourth time, and note a take every fifth."""
    for turn in range(sys.maxsize):
        project = history.project
        kind = "save" if turn % 4 == 3 else "autosave"
        digest = columns.digest(project)
        diary.note(begin=kind, edit=number(project), digest=digest)
        if kind == "save":
            song.save(project)
        else:
            song.autosave(project)
        diary.note(done=kind, edit=number(project))
        if turn % 5 == 4:
            take = f"k{number(project)}-{dice.randrange(2**32)}"
            song.takes.append({"id": take, "words": "slow blues " * 200})
            diary.note(take=take)
        time.sleep(dice.uniform(0, WRITE_SECONDS))


def main() -> None:
    diary, dice = Diary(Path(sys.argv[1])), random.Random(int(sys.argv[2]))
    diary.note(started=os.getpid())
    if len(sys.argv) > 3:
        song = SongFolder.open(Path(sys.argv[3]))
        project = song.recover() if song.has_recovery else song.project
    else:
        song = SongFolder.create_unsaved(filled())
        project = song.project
    assert not song.read_only
    diary.note(opened=number(project), folder=str(song.path))
    history = History(project)
    threading.Thread(
        target=write_without_end, args=(history, song, diary, dice), daemon=True
    ).start()
    edit_without_end(history, song, diary, random.Random(dice.random()))


if __name__ == "__main__":
    main()
