"""Tracks as arrays in song ticks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from studio.domain.clip import AudioClip, AudioSource, ClipId, NoteClip
from studio.domain.notes import Notes
from studio.domain.project import Project
from studio.domain.tempo import TempoMap
from studio.domain.track import Track, TrackId, TrackKind
from studio.ui.canvas.shapes import LEAST_RANGE, Shapes

BAR, BEAT = 3840, 960
NOTES = Notes.of([0, BEAT, 3 * BEAT], [BEAT, 4 * BEAT, BEAT], [60, 64, 67])


def song(*clips: NoteClip | AudioClip) -> tuple[Project, Track]:
    track = Track(TrackId("t1"), TrackKind.INSTRUMENT, "Piano", clips=clips)
    return Project(tempo=TempoMap.constant(120)).with_new_track(track), track


def test_notes_are_shown_as_the_clip_lets_them_be_heard() -> None:
    clip = NoteClip(ClipId("c1"), BAR, 2 * BEAT, NOTES, offset=BEAT)
    project, track = song(clip)
    shapes = Shapes().of(track, project)
    assert shapes.note_start.tolist() == [BAR]  # the first one lies before, the last one behind
    assert shapes.note_end.tolist() == [BAR + 2 * BEAT]  # cut where the clip ends
    assert shapes.note_pitch.tolist() == [64]


def test_muted_notes_are_not_shown() -> None:
    muted = NOTES.with_columns(NOTES.mask_of({0}), muted=True)
    project, track = song(NoteClip(ClipId("c1"), 0, BAR, muted))
    assert Shapes().of(track, project).note_pitch.tolist() == [64, 67]


def test_notes_know_their_clip_and_the_pitches_have_room() -> None:
    first = NoteClip(ClipId("c1"), 0, BAR, NOTES)
    second = NoteClip(ClipId("c2"), BAR, BAR, NOTES, muted=True)
    project, track = song(first, second)
    shapes = Shapes().of(track, project)
    assert shapes.note_clip.tolist() == [0, 0, 0, 1, 1, 1]
    assert shapes.muted.tolist() == [False, True]
    assert shapes.high - shapes.low == LEAST_RANGE
    assert shapes.low <= 60
    assert shapes.high >= 67


def test_a_recording_ends_where_the_tempo_says() -> None:
    source = AudioSource("00", 48000, 96000, 1)
    project, track = song(AudioClip(ClipId("c1"), 0, source, 0, 96000))
    shapes = Shapes()
    assert shapes.of(track, project).end.tolist() == [BAR]
    slower = replace(project, tempo=TempoMap.constant(60))
    assert shapes.of(track, slower).end.tolist() == [BAR // 2]


def test_arrays_are_kept_while_the_track_is_the_same() -> None:
    project, track = song(NoteClip(ClipId("c1"), 0, BAR, NOTES))
    shapes = Shapes()
    kept = shapes.of(track, project)
    assert shapes.of(track, project) is kept
    renamed = replace(track, name="Grand")
    assert shapes.of(renamed, project.with_track(renamed)) is not kept


@pytest.mark.parametrize(("tick", "index"), [(0, 0), (BAR - 1, 0), (BAR, 1), (2 * BAR, None)])
def test_the_topmost_clip_is_found(tick: int, index: int | None) -> None:
    first = NoteClip(ClipId("c1"), 0, 2 * BAR, NOTES)
    second = NoteClip(ClipId("c2"), BAR, BAR, NOTES)
    project, track = song(first, second)
    shapes = Shapes().of(track, project)
    assert shapes.at(tick) == index
    assert np.array_equal(shapes.between(0, BAR), [0])
