"""Undo, redo, gestures and the bounds of the history."""

from __future__ import annotations

import numpy as np
import pytest

from studio.core.errors import StudioError
from studio.domain.clip import ClipId, NoteClip
from studio.domain.notes import Notes
from studio.domain.project import Project, new_song
from studio.edit.clips import MoveClips
from studio.edit.history import History
from studio.edit.mixer import SetMute, SetVolume
from studio.edit.notes import AddNotes, DeleteNotes, MoveNotes
from studio.edit.takes import new_instrument
from studio.edit.tempo import SetTempo


@pytest.fixture
def song() -> Project:
    project = new_song()
    track = new_instrument(project, "Piano", 0)
    project = project.with_new_track(track)
    notes = Notes.of([0, 960, 1920], [480] * 3, [60, 64, 67])
    return project.with_clip_on(track.id, NoteClip(ClipId("c90"), 3840, 3840, notes))


CLIP = ClipId("c90")
ALL = frozenset({0, 1, 2})


def test_a_drag_is_one_step_however_many_moves_it_reports(song: Project) -> None:
    history = History(song)
    for ticks in (10, 55, -3000, 240):
        history.do(MoveNotes(CLIP, ALL, ticks, 0, gesture=1))
    assert len(history.steps) == 1
    clip = history.project.clip(CLIP)
    assert isinstance(clip, NoteClip)
    assert clip.notes.start.tolist() == [240, 1200, 2160]
    history.undo()
    assert history.project is song


def test_a_drag_back_to_where_it_began_leaves_no_step(song: Project) -> None:
    history = History(song)
    history.do(MoveNotes(CLIP, ALL, 500, 0, gesture=1))
    history.do(MoveNotes(CLIP, ALL, 0, 0, gesture=1))
    assert history.project == song
    assert not history.steps


def test_two_gestures_are_two_steps(song: Project) -> None:
    history = History(song)
    history.do(MoveNotes(CLIP, ALL, 100, 0, gesture=1))
    history.close_step()
    history.do(MoveNotes(CLIP, ALL, 100, 0, gesture=2))
    assert [step.label for step in history.steps] == ["Move notes", "Move notes"]


def test_a_gesture_does_not_reach_over_an_undo(song: Project) -> None:
    history = History(song)
    history.do(SetVolume(song.sources[0].id, -6.0, gesture=1))
    history.do(SetTempo(0, 90.0, gesture=1))
    history.undo()
    history.do(SetVolume(song.sources[0].id, -9.0, gesture=1))
    assert len(history.steps) == 2


def test_a_broken_off_gesture_was_never_made(song: Project) -> None:
    history = History(song)
    history.do(MoveClips(frozenset({CLIP}), 960, gesture=5))
    assert history.cancel()
    assert history.project is song
    assert not history.steps
    assert not history.undone


def test_an_edit_that_changes_nothing_is_no_step(song: Project) -> None:
    history = History(song)
    assert not history.do(DeleteNotes(CLIP, frozenset()))
    assert not history.do(SetTempo(0, 120.0))
    assert not history.steps


def test_a_failed_edit_leaves_the_song_and_the_redo_list(song: Project) -> None:
    history = History(song)
    history.do(SetTempo(0, 90.0))
    history.undo()
    with pytest.raises(StudioError):
        history.do(SetTempo(0, 5000.0))
    assert history.project is song
    assert history.undone


def test_a_change_set_names_only_what_changed(song: Project) -> None:
    history = History(song)
    track = song.sources[0].id
    moved = history.do(MoveNotes(CLIP, ALL, 10))
    assert moved.clips == {CLIP}
    assert moved.tracks == {track}
    assert not moved.strips
    assert not moved.time
    assert not moved.order
    muted = history.do(SetMute(frozenset({track}), True))
    assert muted.strips == {track}
    assert not muted.clips
    timed = history.do(SetTempo(0, 77.0))
    assert timed.time
    assert not timed.tracks


def test_jumping_goes_to_any_step_and_back(song: Project) -> None:
    history = History(song)
    songs = [song]
    for bpm in (80.0, 90.0, 100.0):
        history.do(SetTempo(0, bpm))
        songs.append(history.project)
    for index in (-1, 2, 0, 1):
        history.jump(index)
        assert history.project is songs[index + 1]


def test_the_history_forgets_the_oldest_steps_beyond_its_bounds(song: Project) -> None:
    history = History(song, most_steps=3)
    for bpm in range(60, 70):
        history.do(SetTempo(0, float(bpm)))
    assert len(history.steps) == 3
    count = 50_000
    big = Notes.of(np.arange(count), np.full(count, 10), np.full(count, 60))
    bounded = History(song, most_bytes=4_000_000)
    for _ in range(6):
        bounded.do(AddNotes(CLIP, big.where(np.arange(count // 4))))
    assert bounded.nbytes <= 4_000_000
    assert bounded.steps


def test_breaking_off_without_a_drag_under_way_takes_nothing_back(song: Project) -> None:
    history = History(song)
    history.do(SetTempo(0, 90.0))
    edited = history.project
    assert not history.cancel()
    history.do(MoveNotes(CLIP, ALL, 500, 0, gesture=1))
    history.do(MoveNotes(CLIP, ALL, 0, 0, gesture=1))
    assert not history.cancel()
    assert history.project is edited
    assert len(history.steps) == 1


def test_a_drag_goes_on_after_it_came_back_to_where_it_began(song: Project) -> None:
    history = History(song)
    for ticks in (500, 0, 240):
        history.do(MoveNotes(CLIP, ALL, ticks, 0, gesture=1))
    assert len(history.steps) == 1
    history.undo()
    assert history.project == song


def test_moving_a_clip_costs_nothing_of_what_it_shows(song: Project) -> None:
    count = 50_000
    big = Notes.of(np.arange(count), np.full(count, 10), np.full(count, 60))
    history = History(AddNotes(CLIP, big).apply(song))
    for _ in range(20):
        history.do(MoveClips(frozenset({CLIP}), 960))
    assert history.nbytes < 20 * 1024
    history.do(DeleteNotes(CLIP, frozenset(range(3, count))))
    assert history.nbytes > big.table.nbytes
