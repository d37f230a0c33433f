"""Notes under the mouse: each drag is one undo step, and Escape takes it back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtGui import QPainter

from studio.domain.theory import Key
from studio.edit.clips import DeleteClips
from studio.ui.piano_roll.piano_roll import PianoRoll
from studio.ui.piano_roll.stamps import stamped
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import ALT, CTRL, RIGHT, SHIFT, Mouse, escape
from tests.ui.canvas.scene import BAR, BEAT
from tests.ui.piano_roll.keys import CLIP, at, clip, notes, rows, steps


@pytest.fixture
def mouse(roll: PianoRoll) -> Mouse:
    return Mouse(roll.canvas)


def test_a_note_is_dragged_in_time_and_pitch(roll: PianoRoll, studio: Studio, mouse: Mouse) -> None:
    mouse.drag(at(roll, BEAT * 0.5, 60), at(roll, BEAT * 2.5, 62))
    assert (2 * BEAT, BEAT, 62) in rows(studio)
    assert studio.selection.notes == {0}
    assert steps(studio) == 1
    studio.song.undo()
    assert (0, BEAT, 60) in rows(studio)


def test_a_drag_tells_its_pitch_beside_the_pointer_only(
    roll: PianoRoll, mouse: Mouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    paint = QPainter.drawText

    def noting(painter: QPainter, *where_and_what: object) -> None:
        told.append(str(where_and_what[-1]))
        paint(painter, *where_and_what)  # type: ignore[call-overload]

    mouse.hold(at(roll, BEAT * 0.5, 60), at(roll, BEAT * 2.5, 62))
    monkeypatch.setattr(QPainter, "drawText", noting)
    roll.velocities.grab()
    assert "D4" not in told
    roll.canvas.grab()
    assert "D4" in told
    escape(roll.canvas)


def test_dragging_sounds_each_pitch_once(
    roll: PianoRoll, mouse: Mouse, auditioned: list[int]
) -> None:
    mouse.drag(at(roll, BEAT * 0.5, 60), at(roll, BEAT * 0.5, 62))
    assert auditioned == [60, 61, 62]


def test_nothing_sounds_while_audition_is_off(
    roll: PianoRoll, studio: Studio, mouse: Mouse, auditioned: list[int]
) -> None:
    from dataclasses import replace

    studio.settings = replace(studio.settings, audition_notes=False)
    mouse.drag(at(roll, BEAT * 0.5, 60), at(roll, BEAT * 0.5, 64))
    assert auditioned == []


def test_shift_keeps_time_or_pitch(roll: PianoRoll, studio: Studio, mouse: Mouse) -> None:
    x, y = at(roll, BEAT * 0.5, 60)
    mouse.drag((x, y), (x + 70, y - 20), SHIFT)
    moved = notes(studio).where(notes(studio).mask_of({0}))
    assert int(moved.pitch[0]) == 60
    assert int(moved.start[0]) > 0


def test_ctrl_drag_copies(roll: PianoRoll, studio: Studio, mouse: Mouse) -> None:
    mouse.drag(at(roll, BEAT * 0.5, 60), at(roll, BEAT * 4.5, 60), CTRL)
    assert len(notes(studio)) == 5
    assert (4 * BEAT, BEAT, 60) in rows(studio)
    assert studio.selection.notes == {4}
    assert steps(studio) == 1


def test_what_is_selected_moves_together(roll: PianoRoll, studio: Studio, mouse: Mouse) -> None:
    studio.selection.set_notes({0, 1})
    mouse.drag(at(roll, BEAT * 0.5, 60), at(roll, BEAT * 0.5, 65))
    assert [pitch for _, _, pitch in rows(studio)] == [65, 69, 67, 72]


def test_alt_leaves_the_grid(roll: PianoRoll, studio: Studio, mouse: Mouse) -> None:
    mouse.drag(at(roll, BEAT * 0.5, 60), at(roll, BEAT * 0.77, 60), ALT)
    assert notes(studio).start[0] % 120 != 0


@pytest.mark.parametrize(
    ("grab", "to", "wanted"),
    [(0.05, 0.5, (BEAT // 2, BEAT // 2, 60)), (0.95, 1.95, (0, 2 * BEAT, 60))],
)
def test_both_edges_resize(
    roll: PianoRoll,
    studio: Studio,
    mouse: Mouse,
    grab: float,
    to: float,
    wanted: tuple[int, int, int],
) -> None:
    mouse.drag(at(roll, BEAT * grab, 60), at(roll, BEAT * to, 60))
    assert wanted in rows(studio)
    assert steps(studio) == 1


def test_a_click_of_the_draw_tool_draws_a_note_as_long_as_the_last(
    roll: PianoRoll, studio: Studio, mouse: Mouse, auditioned: list[int]
) -> None:
    roll.set_tool("draw")
    mouse.drag(at(roll, BEAT * 4.1, 65), at(roll, BEAT * 6.02, 65))
    assert (4 * BEAT, 2 * BEAT, 65) in rows(studio)
    mouse.click(*at(roll, BEAT * 6.1, 55))
    assert (6 * BEAT, 2 * BEAT, 55) in rows(studio)
    assert steps(studio) == 2
    assert auditioned == [65, 55]
    assert studio.selection.notes == {5}


def test_drawing_behind_the_clip_makes_it_longer_in_the_same_step(
    roll: PianoRoll, studio: Studio, mouse: Mouse
) -> None:
    roll.set_tool("draw")
    mouse.click(*at(roll, BAR * 2.1, 60))
    assert clip(studio).length == 3 * BAR
    assert (2 * BAR, 480, 60) in rows(studio)
    assert steps(studio) == 1
    studio.song.undo()
    assert clip(studio).length == 2 * BAR


def test_a_double_click_draws_a_note_and_another_takes_it_away(
    roll: PianoRoll, studio: Studio, mouse: Mouse
) -> None:
    mouse.double_click(*at(roll, BEAT * 5.1, 57))
    assert (5 * BEAT, 480, 57) in rows(studio)
    mouse.double_click(*at(roll, BEAT * 5.2, 57))
    assert len(notes(studio)) == 4
    assert steps(studio) == 2


def test_a_right_drag_of_the_draw_tool_erases_in_one_step(
    roll: PianoRoll, studio: Studio, mouse: Mouse
) -> None:
    roll.set_tool("draw")
    mouse.press(*at(roll, BEAT * 0.5, 60), button=RIGHT)
    mouse.move(*at(roll, BEAT * 1.5, 64), button=RIGHT)
    mouse.move(*at(roll, BEAT * 2.5, 67), button=RIGHT)
    mouse.release(*at(roll, BEAT * 2.5, 67), button=RIGHT)
    assert rows(studio) == [(3 * BEAT, BEAT, 72)]
    assert steps(studio) == 1


def test_the_eraser_erases_with_the_left_button(
    roll: PianoRoll, studio: Studio, mouse: Mouse
) -> None:
    roll.set_tool("erase")
    mouse.click(*at(roll, BEAT * 0.5, 60))
    assert len(notes(studio)) == 3


def test_the_knife_cuts_every_selected_note_that_sounds_there(
    roll: PianoRoll, studio: Studio, mouse: Mouse
) -> None:
    roll.set_tool("knife")
    mouse.click(*at(roll, BEAT * 0.52, 60))
    assert rows(studio)[:2] == [(0, 480, 60), (480, 480, 60)]
    assert steps(studio) == 1


def test_a_rubber_band_selects_and_ctrl_adds(roll: PianoRoll, studio: Studio, mouse: Mouse) -> None:
    mouse.drag(at(roll, BEAT * 1.8, 58), at(roll, BEAT * 0.1, 66))
    assert studio.selection.notes == {0, 1}
    mouse.drag(at(roll, BEAT * 3.9, 74), at(roll, BEAT * 2.2, 66), CTRL)
    assert studio.selection.notes == {0, 1, 2, 3}
    mouse.click(*at(roll, BEAT * 6, 50))
    assert studio.selection.notes == frozenset()


def test_a_click_selects_one_and_ctrl_click_toggles(
    roll: PianoRoll, studio: Studio, mouse: Mouse
) -> None:
    mouse.click(*at(roll, BEAT * 0.5, 60))
    mouse.click(*at(roll, BEAT * 1.5, 64), CTRL)
    assert studio.selection.notes == {0, 1}
    mouse.click(*at(roll, BEAT * 0.5, 60), CTRL)
    assert studio.selection.notes == {1}
    assert steps(studio) == 0


def test_alt_and_the_wheel_change_the_velocity_as_one_step(
    roll: PianoRoll, studio: Studio, mouse: Mouse
) -> None:
    x, y = at(roll, BEAT * 0.5, 60)
    for _ in range(3):
        mouse.wheel(x, y, 1, ALT)
    assert int(notes(studio).velocity[0]) == 52
    assert steps(studio) == 1
    mouse.hover(x + 2, y)
    mouse.wheel(x, y, -1, ALT)
    assert int(notes(studio).velocity[0]) == 48
    assert steps(studio) == 2


def test_a_drag_whose_clip_is_gone_ends_quietly(
    roll: PianoRoll, studio: Studio, mouse: Mouse
) -> None:
    mouse.hold(at(roll, BEAT * 0.5, 60), at(roll, BEAT * 2.5, 62))
    studio.song.do(DeleteClips(frozenset({CLIP})))
    mouse.move(*at(roll, BEAT * 3.5, 62))
    mouse.release(*at(roll, BEAT * 3.5, 62))
    assert steps(studio) == 1
    assert roll.view.project is studio.song.project


Hold = Callable[[PianoRoll, Mouse], None]


def hold_move(roll: PianoRoll, mouse: Mouse) -> None:
    mouse.hold(at(roll, BEAT * 0.5, 60), at(roll, BEAT * 2.5, 62))


def hold_copy(roll: PianoRoll, mouse: Mouse) -> None:
    mouse.hold(at(roll, BEAT * 0.5, 60), at(roll, BEAT * 2.5, 62), CTRL)


def hold_resize(roll: PianoRoll, mouse: Mouse) -> None:
    mouse.hold(at(roll, BEAT * 0.95, 60), at(roll, BEAT * 1.95, 60))


def hold_draw(roll: PianoRoll, mouse: Mouse) -> None:
    roll.set_tool("draw")
    mouse.hold(at(roll, BEAT * 5, 60), at(roll, BEAT * 6, 60))


def hold_erase(roll: PianoRoll, mouse: Mouse) -> None:
    roll.set_tool("erase")
    mouse.hold(at(roll, BEAT * 0.5, 60), at(roll, BEAT * 0.6, 60))


@pytest.mark.parametrize("hold", [hold_move, hold_copy, hold_resize, hold_draw, hold_erase])
def test_escape_leaves_song_and_history_as_they_were(
    roll: PianoRoll, studio: Studio, mouse: Mouse, hold: Hold
) -> None:
    before = studio.song.project
    hold(roll, mouse)
    assert roll.view.project is not before  # the drag is seen
    assert studio.song.project is before  # but the song has not changed
    escape(roll.canvas)
    mouse.release(5, 5)
    assert roll.view.project is before
    assert studio.song.project is before
    assert steps(studio) == 0


def test_the_paint_tool_repeats_a_note_along_the_drag(
    roll: PianoRoll, studio: Studio, mouse: Mouse, auditioned: list[int]
) -> None:
    roll.view.draw_length = BEAT // 2
    roll.set_tool("paint")
    mouse.drag(at(roll, BEAT * 4.1, 65), at(roll, BEAT * 5.7, 65))
    painted = [row for row in rows(studio) if row[2] == 65]
    assert painted == [(BEAT * 4 + BEAT // 2 * i, BEAT // 2, 65) for i in range(4)]
    assert steps(studio) == 1
    assert studio.selection.notes == {4, 5, 6, 7}
    mouse.drag(at(roll, BEAT * 4.1, 65), at(roll, BEAT * 6.2, 65))
    assert len([row for row in rows(studio) if row[2] == 65]) == 5, "nothing is painted over"
    assert auditioned[0] == 65


def test_painting_can_be_broken_off_and_erased(
    roll: PianoRoll, studio: Studio, mouse: Mouse
) -> None:
    roll.set_tool("paint")
    mouse.hold(at(roll, BEAT * 4.1, 65), at(roll, BEAT * 6.7, 66))
    escape(roll.canvas)
    assert steps(studio) == 0
    mouse.drag(at(roll, BEAT * 0.5, 60), at(roll, BEAT * 1.5, 60), button=RIGHT)
    assert len(rows(studio)) == 3


def test_notes_keep_to_the_key_where_they_are_told_to(
    roll: PianoRoll, studio: Studio, mouse: Mouse
) -> None:
    roll.toggle_in_key()
    studio.selection.set_notes({0, 1})  # C4 and E4, in D minor
    mouse.drag(at(roll, BEAT * 0.5, 60), at(roll, BEAT * 0.5, 63))
    assert [pitch for _, _, pitch in rows(studio)][:2] == [62, 65]
    roll.transpose(-1)
    assert [pitch for _, _, pitch in rows(studio)][:2] == [60, 64]
    roll.set_tool("draw")
    mouse.click(*at(roll, BEAT * 5.1, 61))
    assert rows(studio)[-1][2] == 60
    roll.toggle_in_key()
    mouse.click(*at(roll, BEAT * 6.1, 61))
    assert rows(studio)[-1][2] == 61


def test_the_range_tool_marks_bars_and_keys_to_be_written_anew(
    roll: PianoRoll, studio: Studio, mouse: Mouse
) -> None:
    roll.view.set_tool("range")
    mouse.drag(at(roll, BEAT, 69), at(roll, 3 * BEAT, 64))
    assert (studio.selection.span, studio.selection.span_keys) == ((BEAT, 3 * BEAT), (64, 69))
    gap = studio.generation.request().gap
    assert (gap.start, gap.end, gap.pitch_low, gap.pitch_high) == (BEAT, 3 * BEAT, 64, 69)
    assert studio.generation.outlook().sentence == "Beats 1.2–1.3 of Piano, E4–A4"
    x, y = at(roll, 1.5 * BEAT, 68)
    marked = roll.canvas.grab().toImage().pixelColor(round(x), round(y))
    roll.view.set_tool("select")
    mouse.click(x, y)
    assert studio.selection.span is None
    assert roll.canvas.grab().toImage().pixelColor(round(x), round(y)) != marked


def test_a_chord_of_the_key_is_drawn_and_painted(
    roll: PianoRoll, studio: Studio, mouse: Mouse, auditioned: list[int]
) -> None:
    roll.bar.stamp.menu().aboutToShow.emit()
    next(e for e in roll.bar.stamp.menu().actions() if e.text().startswith("Triads")).trigger()
    assert roll.bar.stamp.isChecked()
    roll.set_tool("draw")
    mouse.click(*at(roll, BEAT * 4.1, 62))  # in D minor
    drawn = [row[2] for row in rows(studio) if row[0] == 4 * BEAT]
    assert drawn == auditioned == [62, 65, 69]
    assert steps(studio) == 1
    roll.view.draw_length = BEAT
    roll.set_tool("paint")
    mouse.drag(at(roll, BEAT * 5.1, 60), at(roll, BEAT * 6.5, 60))
    assert len([row for row in rows(studio) if row[0] >= 5 * BEAT]) == 6
    assert steps(studio) == 2


@pytest.mark.parametrize(
    ("stamp", "pitch", "wanted"),
    [
        ("note", 61, (61,)), ("triad", 60, (60, 64, 67)), ("seventh", 69, (69, 72, 76, 79)),
        ("m7", 61, (61, 64, 68, 71)), ("triad", 121, (120, 124, 127)), ("maj7", 124, (124,)),
    ],
)  # fmt: skip
def test_what_a_stamp_puts_down(stamp: str, pitch: int, wanted: tuple[int, ...]) -> None:
    assert stamped(stamp, pitch, Key.parse("C major")) == wanted
