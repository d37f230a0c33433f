"""Clips under the mouse: each drag is one undo step, and Escape takes it back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtWidgets import QMenu

from studio.domain.clip import AudioClip, FadeShape, NoteClip
from studio.edit.clips import AddClip, CopyClips, DeleteClips, MoveClips, TrimClip
from studio.ui import theme
from studio.ui.timeline.timeline import Timeline
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import ALT, CTRL, SHIFT, Mouse, differs, escape, pixel
from tests.ui.canvas.scene import BAR, BASS, BEAT, PIANO, RAIN, RATE
from tests.ui.timeline.places import (
    BASS_CLIP,
    CHORUS,
    RAIN_CLIP,
    VERSE,
    at,
    clip,
    handle,
    notes_of,
    sound_of,
    steps,
)


@pytest.fixture
def mouse(timeline: Timeline) -> Mouse:
    return Mouse(timeline.lanes)


def test_a_clip_is_dragged_in_time_by_the_grid(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    mouse.drag(at(timeline, 3 * BAR, 0), at(timeline, 4.3 * BAR, 0))
    assert clip(studio, CHORUS).start == 3 * BAR + BEAT
    assert steps(studio) == 1
    studio.song.undo()
    assert clip(studio, CHORUS).start == 2 * BAR


def test_alt_leaves_the_grid_while_dragging(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    mouse.drag(at(timeline, 3 * BAR, 0), at(timeline, 4.33 * BAR, 0), ALT)
    start = clip(studio, CHORUS).start
    assert start % BEAT != 0
    assert start == pytest.approx(3.33 * BAR, abs=40)


def test_a_clip_is_dragged_to_another_track_of_its_kind_only(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    mouse.drag(at(timeline, 2.5 * BAR, 0), at(timeline, 2.5 * BAR, 1))
    assert studio.song.project.track_of(CHORUS).id == BASS
    mouse.drag(at(timeline, 2.5 * BAR, 1), at(timeline, 2.5 * BAR, 2))
    assert studio.song.project.track_of(CHORUS).id == BASS
    assert steps(studio) == 1


def test_shift_keeps_the_time_or_the_track(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    x, y = at(timeline, 2.5 * BAR, 0)
    mouse.drag((x, y), (x + 20, y + 62), SHIFT)
    assert studio.song.project.track_of(CHORUS).id == BASS
    assert clip(studio, CHORUS).start == 2 * BAR


def test_what_is_selected_moves_together(timeline: Timeline, studio: Studio, mouse: Mouse) -> None:
    studio.selection.set_clips({VERSE, BASS_CLIP})
    mouse.drag(at(timeline, BAR, 0), at(timeline, 2 * BAR, 0))
    assert (clip(studio, VERSE).start, clip(studio, BASS_CLIP).start) == (BAR, BAR)
    assert clip(studio, CHORUS).start == 2 * BAR
    assert steps(studio) == 1


def test_ctrl_drag_copies_and_selects_the_copy(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    mouse.drag(at(timeline, 2.5 * BAR, 0), at(timeline, 4.5 * BAR, 0), CTRL)
    piano = studio.song.project.track(PIANO).clips
    assert [c.start for c in piano] == [0, 2 * BAR, 4 * BAR]
    assert studio.selection.clips == {piano[-1].id}
    assert notes_of(studio, piano[-1].id).notes == notes_of(studio, CHORUS).notes
    assert steps(studio) == 1


def test_ctrl_drag_copies_what_is_grabbed_and_not_what_was_selected_elsewhere(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    studio.selection.set_clips({BASS_CLIP})
    mouse.drag(at(timeline, 2.5 * BAR, 0), at(timeline, 4.5 * BAR, 0), CTRL)
    assert len(studio.song.project.track(PIANO).clips) == 3
    assert len(studio.song.project.track(BASS).clips) == 1


def test_a_copy_snaps_flush_behind_its_original(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    studio.song.do(TrimClip(CHORUS, right_by=-333))  # it ends beside the grid
    x, y = at(timeline, 2.5 * BAR, 0)
    length = notes_of(studio, CHORUS).length
    mouse.drag((x, y), (x + length * timeline.view.axis.scale + 3, y), CTRL)
    original, copy = studio.song.project.track(PIANO).clips[-2:]
    assert (original.id, copy.start) == (CHORUS, 2 * BAR + length)


@pytest.mark.parametrize("edge", ["left", "right"])
def test_both_edges_trim_and_come_back(
    timeline: Timeline, studio: Studio, mouse: Mouse, edge: str
) -> None:
    inside = 3 / timeline.view.axis.scale
    tick = 2 * BAR + inside if edge == "left" else 4 * BAR - inside - 1 / timeline.view.axis.scale
    by = BAR if edge == "left" else -BAR
    mouse.drag(at(timeline, tick, 0), at(timeline, tick + by, 0))
    trimmed = notes_of(studio, CHORUS)
    wanted = (3 * BAR, BAR, BAR) if edge == "left" else (2 * BAR, BAR, 0)
    assert (trimmed.start, trimmed.length, trimmed.offset) == wanted
    assert steps(studio) == 1
    mouse.drag(at(timeline, tick + by, 0), at(timeline, tick, 0))
    assert (notes_of(studio, CHORUS).start, notes_of(studio, CHORUS).length) == (2 * BAR, 2 * BAR)


def test_an_edge_takes_the_selected_clips_along(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    studio.selection.set_clips({VERSE, BASS_CLIP})
    x, y = at(timeline, 2 * BAR, 1)
    mouse.drag((x - 4, y), (x - 104, y))
    assert notes_of(studio, BASS_CLIP).length == BAR
    assert notes_of(studio, VERSE).length == BAR
    assert notes_of(studio, CHORUS).length == 2 * BAR
    assert steps(studio) == 1
    assert studio.song.undo_label == "Trim clip"


def test_a_tiny_clip_is_dragged_not_trimmed(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    timeline.view.axis.zoom(0.12, 0)  # the clip is 24 pixels wide
    mouse.drag(at(timeline, 2.1 * BAR, 0), at(timeline, 6.1 * BAR, 0))
    moved = notes_of(studio, CHORUS)
    assert moved.length == 2 * BAR
    assert moved.start > 2 * BAR


def test_fades_are_dragged_from_the_top_corners(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    start = handle(timeline, RAIN_CLIP, 2, "fade_in")
    mouse.drag((start.x(), start.y()), at(timeline, 2.25 * BAR, 2))
    assert sound_of(studio, RAIN_CLIP).fade_in_frames == pytest.approx(0.5 * RATE, abs=RATE * 0.02)
    end = handle(timeline, RAIN_CLIP, 2, "fade_out")
    mouse.drag((end.x(), end.y()), at(timeline, 2.75 * BAR, 2))
    assert sound_of(studio, RAIN_CLIP).fade_out_frames == pytest.approx(0.5 * RATE, abs=RATE * 0.02)
    assert steps(studio) == 2


def test_a_double_click_on_a_fade_handle_takes_the_fade_away(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    start = handle(timeline, RAIN_CLIP, 2, "fade_in")
    mouse.drag((start.x(), start.y()), (start.x() + 30, start.y()))
    moved = handle(timeline, RAIN_CLIP, 2, "fade_in")
    mouse.double_click(moved.x(), moved.y())
    assert sound_of(studio, RAIN_CLIP).fade_in_frames == 0
    assert steps(studio) == 2


def test_a_line_shows_where_a_drag_snaps(timeline: Timeline, mouse: Mouse) -> None:
    mouse.hold(at(timeline, 3 * BAR, 0), at(timeline, 4.02 * BAR, 0))
    x = timeline.view.axis.x(3 * BAR)
    line = pixel(timeline.lanes, x, timeline.lanes.height() - 5)
    assert differs(line, theme.colour("accent")) < 40
    escape(timeline.lanes)
    line = pixel(timeline.lanes, x, timeline.lanes.height() - 5)
    assert differs(line, theme.colour("accent")) > 60
    mouse.release(5, 5)


def test_a_drag_whose_clip_is_gone_ends_quietly(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    studio.selection.set_clips({CHORUS})
    x, y = at(timeline, 4 * BAR, 0)
    mouse.hold((x - 4, y), (x - 60, y))
    studio.song.do(DeleteClips(frozenset({CHORUS})))
    assert timeline.view.project is studio.song.project
    mouse.move(x - 80, y)
    mouse.release(x - 80, y)
    assert steps(studio) == 1


def test_the_cursor_says_what_a_press_would_do(timeline: Timeline, mouse: Mouse) -> None:
    shapes = []
    for tick, row in ((2.02, 0), (3, 0), (6, 1)):
        mouse.hover(*at(timeline, tick * BAR, row))
        shapes.append(timeline.lanes.cursor().shape())
    arrow = Qt.CursorShape.ArrowCursor
    assert shapes == [Qt.CursorShape.SizeHorCursor, arrow, arrow]
    timeline.set_tool("knife")
    assert timeline.lanes.cursor().shape() is Qt.CursorShape.SplitHCursor


def test_gain_is_dragged_and_reset_by_a_double_click(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    knob = handle(timeline, RAIN_CLIP, 2, "gain")
    mouse.drag((knob.x(), knob.y()), (knob.x(), knob.y() + 8))
    assert sound_of(studio, RAIN_CLIP).gain_db < -4
    assert steps(studio) == 1
    knob = handle(timeline, RAIN_CLIP, 2, "gain")
    mouse.double_click(knob.x(), knob.y())
    assert sound_of(studio, RAIN_CLIP).gain_db == 0


def test_the_draw_tool_draws_an_empty_clip(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    timeline.set_tool("draw")
    mouse.drag(at(timeline, 5 * BAR, 1), at(timeline, 7 * BAR, 1))
    made = studio.song.project.track(BASS).clips[-1]
    assert isinstance(made, NoteClip)
    assert (made.start, made.length, len(made.notes)) == (5 * BAR, 2 * BAR, 0)
    assert studio.selection.clips == {made.id}
    assert studio.selection.note_clip == made.id
    assert steps(studio) == 1


def test_a_double_click_on_an_empty_bar_makes_a_clip_of_that_bar_and_opens_it(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    opened: list[str] = []
    timeline.clip_opened.connect(opened.append)
    mouse.double_click(*at(timeline, 5.4 * BAR, 1))
    made = studio.song.project.track(BASS).clips[-1]
    assert isinstance(made, NoteClip)
    assert (made.start, made.length) == (5 * BAR, BAR)
    assert opened == [made.id]


def test_a_double_click_between_clips_fills_what_they_leave_of_the_bar(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    for start in (5 * BAR, 5 * BAR + 3 * BEAT):
        clip = NoteClip(studio.song.project.new_clip_id(), start, BEAT)
        studio.song.do(AddClip(BASS, clip))
    mouse.double_click(*at(timeline, 5.4 * BAR, 1))
    made = studio.song.project.clip(next(iter(studio.selection.clips)))
    assert isinstance(made, NoteClip)
    assert (made.start, made.length) == (5 * BAR + BEAT, 2 * BEAT)


def test_the_knife_cuts_where_it_is_put(timeline: Timeline, studio: Studio, mouse: Mouse) -> None:
    timeline.set_tool("knife")
    mouse.click(*at(timeline, 3.02 * BAR, 0))
    piano = studio.song.project.track(PIANO).clips
    assert [c.start for c in piano] == [0, 2 * BAR, 3 * BAR]
    assert steps(studio) == 1


def test_the_eraser_takes_every_clip_it_touches_in_one_step(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    timeline.set_tool("erase")
    mouse.drag(at(timeline, BAR, 0), at(timeline, 3 * BAR, 0))
    assert studio.song.project.track(PIANO).clips == ()
    assert steps(studio) == 1


Hold = Callable[[Timeline, Mouse], None]


def hold_move(timeline: Timeline, mouse: Mouse) -> None:
    mouse.hold(at(timeline, 3 * BAR, 0), at(timeline, 5 * BAR, 1))


def hold_copy(timeline: Timeline, mouse: Mouse) -> None:
    mouse.hold(at(timeline, 3 * BAR, 0), at(timeline, 5 * BAR, 1), CTRL)


def hold_trim(timeline: Timeline, mouse: Mouse) -> None:
    x, y = at(timeline, 4 * BAR, 0)
    mouse.hold((x - 4, y), (x - 60, y))


def hold_fade(timeline: Timeline, mouse: Mouse) -> None:
    spot = handle(timeline, RAIN_CLIP, 2, "fade_in")
    mouse.hold((spot.x(), spot.y()), (spot.x() + 30, spot.y()))


def hold_gain(timeline: Timeline, mouse: Mouse) -> None:
    spot = handle(timeline, RAIN_CLIP, 2, "gain")
    mouse.hold((spot.x(), spot.y()), (spot.x(), spot.y() - 8))


def hold_draw(timeline: Timeline, mouse: Mouse) -> None:
    timeline.set_tool("draw")
    mouse.hold(at(timeline, 5 * BAR, 1), at(timeline, 6 * BAR, 1))


def hold_erase(timeline: Timeline, mouse: Mouse) -> None:
    timeline.set_tool("erase")
    mouse.hold(at(timeline, BAR, 0), at(timeline, 3 * BAR, 0))


@pytest.mark.parametrize(
    "hold", [hold_move, hold_copy, hold_trim, hold_fade, hold_gain, hold_draw, hold_erase]
)
def test_escape_leaves_song_and_history_as_they_were(
    timeline: Timeline, studio: Studio, mouse: Mouse, hold: Hold
) -> None:
    before = studio.song.project
    hold(timeline, mouse)
    assert timeline.view.project is not before  # the drag is seen
    assert studio.song.project is before  # but the song has not changed
    escape(timeline.lanes)
    assert timeline.view.project is before
    mouse.release(10, 10)
    assert studio.song.project is before
    assert steps(studio) == 0


def test_a_drag_with_ctrl_and_alt_slips_what_a_clip_shows(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    start, end = at(timeline, BAR, 0), at(timeline, BAR + BEAT + 40, 0)
    mouse.hold(start, end, CTRL | ALT)
    escape(timeline.lanes)
    mouse.release(*end, CTRL | ALT)
    assert steps(studio) == 0
    mouse.press(*start, CTRL | ALT)
    mouse.move(*end)
    mouse.release(*end)
    slipped = notes_of(studio, VERSE)
    assert (slipped.start, slipped.length) == (0, 2 * BAR)
    assert slipped.notes.start[0] - slipped.offset == BEAT, "by the grid once Alt is let go"
    assert (steps(studio), studio.song.undo_label) == (1, "Slip clips")


def test_a_drag_of_an_edge_with_shift_stretches_notes_and_recordings(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    before = notes_of(studio, CHORUS).notes.start
    mouse.drag(at(timeline, 4 * BAR - 100, 0), at(timeline, 3 * BAR, 0), SHIFT)
    assert notes_of(studio, CHORUS).length == BAR
    assert notes_of(studio, CHORUS).notes.start.tolist() == (before // 2).tolist()
    mouse.drag(at(timeline, 3 * BAR - 100, 2, 0.8), at(timeline, 4 * BAR, 2, 0.8), SHIFT)
    rain = sound_of(studio, RAIN_CLIP)
    assert (rain.warp[0].tick, rain.warp[-1].tick) == (0, 2 * BAR)
    assert (rain.warp[0].source_frame, rain.warp[-1].source_frame) == (0, 2 * RATE)
    assert (steps(studio), studio.song.undo_label) == (2, "Stretch clip")
    mouse.hold(at(timeline, 100, 0), at(timeline, BAR, 0), SHIFT)
    escape(timeline.lanes)
    assert steps(studio) == 2


def test_what_stands_off_the_grid_can_keep_its_distance(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    studio.song.do(MoveClips(frozenset({RAIN_CLIP}), 100))
    timeline.view.snap.set_keeps_offset(True)
    start = at(timeline, 2.5 * BAR, 2, 0.8)
    mouse.drag(start, (start[0] + 52, start[1]))
    assert clip(studio, RAIN_CLIP).start == 2 * BAR + 100 + 2 * BEAT
    mouse.drag((start[0] + 52, start[1]), (start[0] + 60, start[1]), ALT)
    assert clip(studio, RAIN_CLIP).start % BEAT != 100


def test_the_shape_of_fades_is_chosen_and_seen_where_clips_overlap(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    studio.song.do(CopyClips(frozenset({RAIN_CLIP}), BAR // 2))
    studio.song.close_step()
    studio.selection.set_clips(clip.id for clip in studio.song.project.track(RAIN).clips)
    row = timeline.lanes.layout_.row(2)
    body = timeline.lanes.layout_.body(QRectF(0, row.top, 1, row.height), row)
    x = timeline.view.axis.x(2.75 * BAR)  # the middle of the cross-fade

    def crosses(risen: float) -> bool:
        """Whether a line of the cross-fade goes through this height."""
        y = body.bottom() - risen * body.height()
        colours = [pixel(timeline.lanes, x, y + by) for by in (-1, 0, 1)]
        return any(differs(colour, theme.colour("text")) < 60 for colour in colours)

    assert crosses(0.5**0.5)
    menu = timeline.menus.clip_menu()
    shapes = next(a.menu() for a in menu.actions() if a.text() == "Shape of fades")
    assert isinstance(shapes, QMenu)
    next(a for a in shapes.actions() if a.text() == "Slow").trigger()
    assert {clip.fade_shape for clip in studio.song.project.track(RAIN).clips
            if isinstance(clip, AudioClip)} == {FadeShape.SLOW}  # fmt: skip
    assert crosses(0.25)
    assert not crosses(0.5**0.5)
    assert (steps(studio), studio.song.undo_label) == (2, "Change clip")
