"""The open song and what is selected in it."""

from __future__ import annotations

from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from studio.core.errors import StudioError
from studio.domain.clip import NoteClip
from studio.domain.notes import Notes
from studio.domain.project import Project, new_song
from studio.edit.clips import DeleteClips, MoveClips
from studio.edit.command import ChangeSet
from studio.edit.notes import DeleteNotes
from studio.edit.takes import new_instrument
from studio.edit.tempo import SetTempo
from studio.edit.tracks import DeleteTracks
from studio.workspace.selection import Selection
from studio.workspace.song import Song


def piano_song() -> tuple[Project, NoteClip]:
    project = new_song()
    track = new_instrument(project, "Piano", 0)
    project = project.with_new_track(track)
    clip = NoteClip(project.new_clip_id(), 0, 3840, Notes.of([0, 960], [480, 480], [60, 64]))
    return project.with_clip_on(track.id, clip), clip


@pytest.fixture
def song(qapp: Any) -> Song:
    song = Song()
    song.open(piano_song()[0])
    return song


def test_an_edit_tells_what_changed_and_who_did_it(song: Song) -> None:
    heard: list[tuple[ChangeSet, object]] = []
    song.changed.connect(lambda found, origin: heard.append((found, origin)))
    assert song.do(SetTempo(0, 90.0), origin="ruler")
    assert heard == [(ChangeSet(time=True), "ruler")]


def test_an_edit_that_cannot_be_done_says_why_and_changes_nothing(song: Song, qtbot: QtBot) -> None:
    before = song.project
    with qtbot.waitSignal(song.failed) as failed:
        assert not song.do(SetTempo(0, 1.0))
    assert isinstance(failed.args[0], StudioError)
    assert song.project is before


def test_undo_back_to_the_saved_song_is_clean_again(song: Song) -> None:
    marks = [song.dirty]
    song.do(SetTempo(0, 90.0))
    marks.append(song.dirty)
    song.mark_saved(song.project)
    marks.append(song.dirty)
    song.undo()
    marks.append(song.dirty)
    song.redo()
    marks.append(song.dirty)
    assert marks == [False, True, False, True, False]


def test_the_history_names_its_steps(song: Song) -> None:
    clip = next(clip.id for _, clip in song.project.clips())
    song.do(MoveClips(frozenset({clip}), 960))
    song.do(SetTempo(0, 90.0))
    assert (song.undo_label, song.redo_label) == ("Change tempo", "")
    song.undo()
    assert (song.undo_label, song.redo_label) == ("Move clips", "Change tempo")


def test_a_broken_off_drag_restores_the_song(song: Song) -> None:
    before = song.project
    clip = next(clip.id for _, clip in before.clips())
    gesture = song.new_gesture()
    song.do(MoveClips(frozenset({clip}), 960, gesture=gesture))
    song.cancel_gesture()
    assert song.project is before
    assert not song.can_undo


def test_what_is_deleted_is_no_longer_selected(song: Song) -> None:
    selection = Selection(song)
    track, clip = next(iter(song.project.clips()))
    selection.set_clips({clip.id})
    assert selection.note_clip == clip.id
    selection.set_notes({0, 1})
    song.do(DeleteNotes(clip.id, frozenset({1})))
    assert selection.notes == {0}
    selection.set_span((0, 960), (track.id,))
    song.do(DeleteClips(frozenset({clip.id})))
    assert not selection.clips
    assert selection.note_clip is None
    song.do(DeleteTracks(frozenset({track.id})))
    assert selection.span is None


def test_opening_another_song_clears_selection_and_history(song: Song) -> None:
    selection = Selection(song)
    clip = next(clip.id for _, clip in song.project.clips())
    selection.set_clips({clip})
    song.do(SetTempo(0, 90.0))
    song.open(new_song())
    assert not selection.clips
    assert not song.can_undo
    assert not song.dirty


def test_a_range_runs_forward_from_the_start_of_the_song(song: Song) -> None:
    selection = Selection(song)
    track = song.project.sources[0].id
    selection.set_span((960, -480), (track,))
    assert selection.span == (0, 960)
    selection.set_span((960, 960), (track,))
    assert selection.span is None
    assert not selection.span_tracks
