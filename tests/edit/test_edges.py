"""Edits at the edge of what can be: one clear sentence, or nothing more than asked."""

from __future__ import annotations

from typing import Any

import pytest

from studio.core.errors import StudioError
from studio.domain.clip import ClipId, NoteClip
from studio.domain.notes import Automation, Notes
from studio.domain.project import Project, new_song
from studio.domain.track import TrackId
from studio.edit.mixer import SetAutomation, SetSend
from studio.edit.notes import SetNotes, SetVelocities
from studio.edit.room import with_bars_before
from studio.edit.takes import new_instrument

REVERB = TrackId("t1")
CLIP = ClipId("c90")


@pytest.fixture
def song() -> Project:
    project = new_song()
    project = project.with_new_track(new_instrument(project, "Piano", 0))
    notes = Notes.of([0, 960, 1920], [480] * 3, [60, 64, 67])
    return project.with_clip_on(project.sources[0].id, NoteClip(CLIP, 3840, 3840, notes))


@pytest.mark.parametrize(
    "column", [("velocity", 0), ("length", 0), ("pitch", 200), ("pitch", 300), ("pitch", -1)]
)
def test_a_note_that_cannot_be_is_refused_in_a_sentence(
    song: Project, column: tuple[str, Any]
) -> None:
    with pytest.raises(StudioError, match="cannot be like that"):
        SetNotes(CLIP, frozenset({1}), (column,)).apply(song)


def test_drawn_velocities_reach_their_notes_and_no_others(song: Project) -> None:
    drawn = SetVelocities(CLIP, ((2, 200), (77, 1), (0, 5), (0, 7))).apply(song)
    clip = drawn.clip(CLIP)
    assert isinstance(clip, NoteClip)
    assert clip.notes.velocity.tolist() == [7, 90, 127]
    assert SetVelocities(CLIP, ()).apply(song) is song


def test_a_send_that_goes_takes_its_automation_along(song: Project) -> None:
    piano = song.sources[0].id
    drawn = SetAutomation(piano, Automation.of(f"send:{REVERB}", [0], [-6.0])).apply(song)
    without = SetSend(piano, REVERB, None).apply(drawn)
    assert not without.track(piano).sends
    assert not without.track(piano).automation
    assert SetSend(piano, REVERB, None).apply(without) is without


def test_room_in_front_leaves_strips_without_music_as_they_are(song: Project) -> None:
    moved = with_bars_before(song, 2)
    assert moved.track(REVERB) is song.track(REVERB)
    assert moved.master is song.master
    assert moved.clip(CLIP).start == song.clip(CLIP).start + 2 * 3840
