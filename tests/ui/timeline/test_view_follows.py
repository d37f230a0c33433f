"""What the timeline shows by itself when the song grows: no more than the musician needs."""

from __future__ import annotations

import pytest

from studio.ai.requests import Request, Result, Task
from studio.domain.clip import NoteClip
from studio.domain.gap import Gap
from studio.domain.project import Project, new_song
from studio.domain.track import Track, TrackId, TrackKind
from studio.edit.clips import AddClip
from studio.edit.command import Command
from studio.edit.tracks import AddTrack
from studio.ui.timeline.timeline import Timeline
from studio.workspace.generation import Overlay
from studio.workspace.studio import Studio
from tests.ui.canvas.scene import BAR, RATE


def track_with(project: Project, bars: int) -> Command:
    clip = NoteClip(project.new_clip_id(), 0, bars * BAR)
    track = Track(project.new_track_id(), TrackKind.INSTRUMENT, "More", clips=(clip,))
    return AddTrack(track)


def writing(studio: Studio, tracks: tuple[TrackId, ...], start: int, end: int) -> Overlay:
    gap = Gap(tracks, start, end)
    request = Request(Task.REWRITE, gap, "sketch", "1", 1, studio.song.project)
    return Overlay(request, Result((), start))


def test_what_is_written_into_an_empty_song_is_seen_whole(
    timeline: Timeline, studio: Studio
) -> None:
    studio.song.open(new_song(RATE))
    studio.generation._show(writing(studio, (), 0, 40 * BAR))
    left, right = timeline.view.axis.span
    assert left == 0
    assert 40 * BAR <= right < 43 * BAR


def test_zooming_while_it_is_written_is_not_taken_back(timeline: Timeline, studio: Studio) -> None:
    studio.song.open(new_song(RATE))
    overlay = writing(studio, (), 0, 40 * BAR)
    studio.generation._show(overlay)
    timeline.view.axis.show(0, 8 * BAR)
    studio.generation._show(Overlay(overlay.request, Result((), BAR)))
    assert timeline.view.axis.span[1] < 9 * BAR


def test_bars_about_to_be_written_come_into_sight(timeline: Timeline, studio: Studio) -> None:
    axis = timeline.view.axis
    piano = studio.song.project.sources[0].id
    axis.show(0, 4 * BAR)
    before = axis.left
    studio.generation._show(writing(studio, (piano,), BAR, 2 * BAR))
    assert axis.left == before, "they are in sight"
    studio.generation._show(writing(studio, (piano,), 4 * BAR, 6 * BAR))
    left, right = axis.span
    assert 0 < left < 4 * BAR
    assert 6 * BAR <= right < 6.5 * BAR
    axis.show(3 * BAR, 4 * BAR)
    studio.generation._show(writing(studio, (piano,), BAR, 4 * BAR))
    assert axis.left == BAR


def test_the_view_goes_with_what_is_heard_not_with_what_is_written(
    timeline: Timeline, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    timeline.view.axis.show(0, 4 * BAR)
    before = timeline.view.axis.left
    monkeypatch.setattr(type(studio.playback), "playing", True)
    piano = studio.song.project.sources[0].id
    studio.generation._show(writing(studio, (piano,), 4 * BAR, 6 * BAR))
    assert timeline.view.axis.left == before


def test_a_first_song_is_seen_whole(timeline: Timeline, studio: Studio) -> None:
    studio.song.open(new_song(RATE))
    studio.song.do(track_with(studio.song.project, 64))
    assert 64 * BAR <= timeline.view.axis.span[1] < 68 * BAR


def test_the_first_clip_drawn_does_not_move_the_view(timeline: Timeline, studio: Studio) -> None:
    studio.song.open(new_song(RATE))
    before = (timeline.view.axis.left, timeline.view.axis.scale)
    studio.song.do(track_with(studio.song.project, 1))
    assert (timeline.view.axis.left, timeline.view.axis.scale) == before


@pytest.mark.parametrize("bars", [2, 64])
def test_more_music_and_undo_leave_the_zoom_alone(
    timeline: Timeline, studio: Studio, bars: int
) -> None:
    axis = timeline.view.axis
    before = (axis.left, axis.scale)
    piano = studio.song.project.sources[0]
    clip = NoteClip(studio.song.project.new_clip_id(), 4 * BAR, bars * BAR)
    studio.song.do(AddClip(piano.id, clip))
    assert (axis.left, axis.scale) == before
    studio.song.undo()
    assert (axis.left, axis.scale) == before


def test_tracks_that_are_added_come_wholly_into_sight(timeline: Timeline, studio: Studio) -> None:
    rows = timeline.view.rows
    for _ in range(8):
        studio.song.do(track_with(studio.song.project, 1))
        bottom = rows.y(len(timeline.view.tracks) - 1) + rows.row_height
        assert bottom <= timeline.lanes.height()
