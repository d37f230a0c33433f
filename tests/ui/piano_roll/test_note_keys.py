"""What the window's actions call: each one is one undo step."""

from __future__ import annotations

from studio.edit.notes import MoveNotes, SetNotes
from studio.ui.piano_roll.piano_roll import PianoRoll
from studio.workspace.studio import Studio
from tests.ui.canvas.scene import BAR, BEAT
from tests.ui.piano_roll.keys import CLIP, clip, notes, rows, steps


def pitches(studio: Studio) -> list[int]:
    return [pitch for _, _, pitch in rows(studio)]


def test_transpose_moves_the_selection_and_sounds(
    roll: PianoRoll, studio: Studio, auditioned: list[int]
) -> None:
    studio.selection.set_notes({0, 1})
    roll.transpose(12)
    assert pitches(studio) == [72, 76, 67, 72]
    roll.transpose(-1)
    assert pitches(studio) == [71, 75, 67, 72]
    assert steps(studio) == 2
    assert auditioned == [76, 75]


def test_velocity_changes_within_its_range(roll: PianoRoll, studio: Studio) -> None:
    studio.selection.set_notes({3})
    roll.change_velocity(8)
    roll.change_velocity(100)
    assert int(notes(studio).velocity[3]) == 127
    assert steps(studio) == 2


def test_nudging_moves_by_the_grid(roll: PianoRoll, studio: Studio) -> None:
    studio.selection.set_notes({1})
    roll.nudge_right()
    assert rows(studio)[1][0] == BEAT + 480
    roll.nudge_left()
    assert rows(studio)[1][0] == BEAT


def test_quantise_pulls_onsets_to_the_grid(roll: PianoRoll, studio: Studio) -> None:
    studio.song.do(MoveNotes(CLIP, frozenset({1, 2}), by_ticks=100))
    roll.quantise()
    assert [start for start, _, _ in rows(studio)] == [0, BEAT, 2 * BEAT, 3 * BEAT]
    assert steps(studio) == 2


def test_lock_and_mute_toggle_all_one_way(roll: PianoRoll, studio: Studio) -> None:
    studio.selection.set_notes({0})
    roll.toggle_lock()
    studio.selection.set_notes({0, 1})
    roll.toggle_lock()
    assert notes(studio).locked.tolist() == [True, True, False, False]
    roll.toggle_lock()
    assert not notes(studio).locked.any()
    roll.toggle_mute()
    assert notes(studio).muted.tolist() == [True, True, False, False]


def test_duplicate_puts_copies_behind_and_selects_them(roll: PianoRoll, studio: Studio) -> None:
    studio.selection.set_notes({2, 3})
    roll.duplicate()
    assert rows(studio)[4:] == [(4 * BEAT, BEAT, 67), (5 * BEAT, BEAT, 72)]
    assert studio.selection.notes == {4, 5}
    assert steps(studio) == 1


def test_cut_and_paste_at_the_playhead(roll: PianoRoll, studio: Studio) -> None:
    studio.selection.set_notes({0, 1})
    roll.cut()
    assert len(notes(studio)) == 2
    studio.playback.seek(BAR)
    roll.paste()
    assert rows(studio)[2:] == [(BAR, BEAT, 60), (BAR + BEAT, BEAT, 64)]
    assert len(studio.selection.notes) == 2
    assert steps(studio) == 2


def test_pasting_behind_the_clip_makes_it_longer(roll: PianoRoll, studio: Studio) -> None:
    studio.selection.set_notes({0})
    roll.copy()
    studio.playback.seek(2 * BAR + BEAT)
    roll.paste()
    assert clip(studio).length == 3 * BAR
    assert rows(studio)[-1] == (2 * BAR + BEAT, BEAT, 60)
    assert steps(studio) == 1


def test_split_and_join(roll: PianoRoll, studio: Studio) -> None:
    studio.playback.seek(BEAT + 480)
    roll.split()
    assert len(notes(studio)) == 5
    studio.selection.set_notes({1, 4})
    roll.join()
    assert rows(studio)[1] == (BEAT, BEAT, 64)
    assert steps(studio) == 2


def test_delete_and_select_all(roll: PianoRoll, studio: Studio) -> None:
    roll.select_all()
    assert studio.selection.notes == {0, 1, 2, 3}
    roll.delete()
    assert len(notes(studio)) == 0
    assert steps(studio) == 1


def test_keep_and_fit_to_key(roll: PianoRoll, studio: Studio) -> None:
    studio.song.do(SetNotes(CLIP, frozenset({0, 1}), (("fresh", True), ("pitch", 61))))
    roll.fit_to_key()
    key = studio.song.project.key
    assert key is not None
    assert all(pitch in key for pitch in pitches(studio))
    studio.selection.set_notes({0})
    roll.keep()
    assert notes(studio).fresh.tolist() == [False, True, False, False]


def test_a_key_without_a_selection_changes_nothing(roll: PianoRoll, studio: Studio) -> None:
    for act in (
        roll.delete,
        roll.duplicate,
        roll.cut,
        roll.nudge_left,
        roll.toggle_lock,
        roll.join,
    ):
        act()
    roll.transpose(1)
    roll.change_velocity(5)
    assert steps(studio) == 0


def test_without_an_open_clip_nothing_happens(roll: PianoRoll, studio: Studio) -> None:
    studio.selection.set_note_clip(None)
    for act in (roll.select_all, roll.quantise, roll.paste, roll.split, roll.zoom_fit, roll.keep):
        act()
    assert steps(studio) == 0


def test_zoom_to_the_selection_and_back(roll: PianoRoll, studio: Studio) -> None:
    axis = roll.view.axis
    before = (axis.left, axis.scale)
    studio.selection.set_notes({1, 2})
    roll.zoom_to_selection()
    assert axis.width * 0.9 < axis.x(3 * BEAT) - axis.x(BEAT) <= axis.width
    roll.zoom_back()
    assert (axis.left, axis.scale) == before
    roll.zoom_fit()
    assert axis.x(0) == 0
    assert axis.width * 0.9 < axis.x(2 * BAR) <= axis.width


def test_the_keyboard_walks_from_note_to_note(
    roll: PianoRoll, studio: Studio, auditioned: list[int]
) -> None:
    roll.select_next()
    roll.select_next()
    assert studio.selection.notes == {1}
    roll.select_previous()
    roll.select_previous()
    assert studio.selection.notes == {3}
    assert auditioned == [60, 64, 60, 72]
