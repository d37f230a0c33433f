"""What is heard in a recording, behind one's own notes: asked for once, and kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.ai.requests import Request
from studio.domain.clip import AudioClip, NoteClip
from studio.domain.notes import Notes
from studio.edit.clips import AddClip, MoveClips, TrimClip
from studio.edit.takes import new_instrument
from studio.edit.tracks import AddTrack
from studio.jobs.queue import InlineQueue
from studio.workspace.transcripts import Transcripts
from tests.ai.listening.sounds import line
from tests.workspace.test_transcribing import BAR, TUNE, Desk
from tests.workspace.works import Here


class Behind(Desk):
    """A tune with a clip of notes under it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, line(TUNE, 0.5), start=BAR)
        self.song.do(AddTrack(new_instrument(self.project, "Mine", 0)))
        mine = NoteClip(self.project.new_clip_id(), BAR, BAR, Notes.of([0], [960], [50]))
        self.song.do(AddClip(self.project.sources[1].id, mine))
        self.transcripts = self.anew()

    def anew(self) -> Transcripts:
        made = Transcripts(self.song, self.takes, InlineQueue(), self._heard, lambda: self.media)
        made.failed.connect(self.errors.append)
        return made

    def _heard(self, request: Request) -> Here:
        self.works.append(request)
        return Here(request)

    @property
    def mine(self) -> NoteClip:
        clip = self.project.sources[-1].clips[0]
        assert isinstance(clip, NoteClip)
        return clip

    def pitches(self, transcripts: Transcripts | None = None) -> list[int]:
        found = (transcripts or self.transcripts).ghosts(self.mine, drums=False)
        return [] if found is None else found.pitch.tolist()


@pytest.fixture
def behind(qapp: Any, tmp_path: Path) -> Behind:
    return Behind(tmp_path)


def test_notes_behind_a_clip_are_asked_for_once_and_kept(behind: Behind) -> None:
    transcripts = behind.transcripts
    assert not behind.pitches()
    assert transcripts.can_ask(behind.mine, drums=False)
    for _ in range(2):
        transcripts.ask(behind.mine, drums=False)
    assert not behind.errors
    assert behind.pitches() == list(TUNE)
    assert not transcripts.can_ask(behind.mine, drums=False)
    later = behind.anew()
    later.look(behind.mine, drums=False)
    assert behind.pitches(later) == list(TUNE)
    assert len(behind.works) == 1
    assert not behind.song.undo_label.startswith("Write")


def test_what_is_heard_goes_along_with_its_recording(behind: Behind) -> None:
    behind.transcripts.ask(behind.mine, drums=False)
    behind.song.do(MoveClips(frozenset({behind.clip.id}), 480))
    behind.song.do(TrimClip(behind.clip.id, left_by=960))
    found = behind.transcripts.ghosts(behind.mine, drums=False)
    assert found is not None
    assert found.track.name == "Guitar"
    assert found.pitch.tolist()[-7:] == list(TUNE[1:])  # the first one may ring on
    assert np.abs(found.start[-7:] - (BAR + 480 + 960 * np.arange(1, 8))).max() <= 130


def test_a_clip_that_was_written_from_a_recording_shows_what_was_heard(behind: Behind) -> None:
    behind.transcribing.write_down("melody")
    asked = len(behind.works)
    (clip,) = (c for _, c in behind.project.clips() if c.take is not None)
    assert isinstance(clip, NoteClip)
    found = behind.transcripts.ghosts(clip, drums=False)
    assert found is not None
    assert found.pitch.tolist() == clip.notes.pitch.tolist()
    assert np.abs(found.start - clip.notes.start - clip.start).max() <= 1
    assert len(behind.works) == asked


def test_a_damaged_file_is_heard_anew(behind: Behind) -> None:
    behind.transcripts.ask(behind.mine, drums=False)
    (kept,) = (behind.media.cache / "transcripts").iterdir()
    kept.write_bytes(b"none")
    later = behind.anew()
    later.look(behind.mine, drums=False)
    assert not behind.pitches(later)
    later.ask(behind.mine, drums=False)
    assert behind.pitches(later) == list(TUNE)


def test_nothing_is_behind_a_clip_that_sounds_alone(behind: Behind) -> None:
    behind.song.do(MoveClips(frozenset({behind.mine.id}), 20 * BAR))
    assert behind.transcripts.recording(behind.mine) is None
    assert not behind.transcripts.can_ask(behind.mine, drums=False)
    assert isinstance(behind.clip, AudioClip)
