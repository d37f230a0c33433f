"""Switches over the notes: what is shown and heard, and where notes may land."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from studio.domain.theory import Key
from studio.edit.notes import MoveNotes
from studio.edit.tracks import SetInstrument
from studio.ui.piano_roll.piano_roll import PianoRoll
from studio.ui.piano_roll.pitch_rows import PitchRows
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import Mouse
from tests.ui.canvas.scene import BAR, BEAT, PIANO
from tests.ui.piano_roll.keys import CLIP, at, rows, steps


def press(button: QAbstractButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_hearing_notes_is_switched_in_the_roll(
    roll: PianoRoll, studio: Studio, auditioned: list[int]
) -> None:
    press(roll.bar.audition)
    assert not studio.settings.audition_notes
    Mouse(roll.canvas).drag(at(roll, BEAT * 0.5, 60), at(roll, BEAT * 0.5, 62))
    assert auditioned == []
    press(roll.bar.audition)
    Mouse(roll.canvas).click(*at(roll, BEAT * 0.5, 62))
    assert auditioned == [62]
    studio._turns.finish()


def test_the_clip_plays_round_and_round(roll: PianoRoll, studio: Studio) -> None:
    press(roll.bar.loop)
    assert studio.playback.loop == (0, 2 * BAR)
    assert studio.playback.loop_on
    assert roll.bar.loop.isChecked()
    press(roll.bar.loop)
    assert not studio.playback.loop_on
    assert steps(studio) == 0


def test_the_rolls_own_ruler_moves_the_playhead(roll: PianoRoll, studio: Studio) -> None:
    Mouse(roll.ruler).click(roll.view.axis.x(BEAT * 3), 22)
    assert studio.playback.position_tick == 3 * BEAT
    Mouse(roll.ruler).drag((roll.view.axis.x(BEAT), 22), (roll.view.axis.x(5 * BEAT), 22))
    assert studio.playback.position_tick == 5 * BEAT


def test_a_right_click_on_a_ghost_offers_its_track(roll: PianoRoll, studio: Studio) -> None:
    roll.view.rows.centre(127 - 40)
    Mouse(roll.canvas).hover(*at(roll, BEAT * 1.5, 40))
    offer = roll.menu().actions()[0]
    assert "Bass" in offer.text()
    offer.trigger()
    assert roll.view.track is not None
    assert roll.view.track.name == "Bass"


def test_the_key_is_chosen_in_the_roll(roll: PianoRoll, studio: Studio) -> None:
    roll.bar.key.chosen.emit(Key.parse("A dorian"))
    assert studio.song.project.key == Key.parse("A dorian")
    assert studio.song.undo_label == "Change key"
    assert roll.bar.key.text() == "A dorian"


def test_folded_rows_are_those_of_the_key_and_of_the_notes(roll: PianoRoll, studio: Studio) -> None:
    press(roll.bar.fold)
    key = Key.parse("D minor")
    assert {p % 12 for p in roll.view.rows.pitches.tolist()} == set(key.pitch_classes)
    studio.song.do(MoveNotes(CLIP, frozenset({0}), 0, 1))  # C sharp
    assert 61 in roll.view.rows.pitches
    Mouse(roll.canvas).drag(at(roll, BEAT * 1.5, 64), at(roll, BEAT * 1.5, 65))
    assert (BEAT, BEAT, 65) in rows(studio)
    press(roll.bar.fold)
    assert len(roll.view.rows.pitches) == 128


def test_folded_drums_are_the_kit_with_names(roll: PianoRoll, studio: Studio) -> None:
    studio.song.do(SetInstrument(PIANO, 0, drums=True))
    roll.toggle_fold()
    assert {36, 38, 42, 60, 64, 67, 72} <= set(roll.view.rows.pitches.tolist())
    assert len(roll.view.rows.pitches) < 20
    Mouse(roll.keyboard).hover(20, at(roll, 0, 38)[1])
    assert roll.keyboard.toolTip() == "Snare"


@given(st.sets(st.integers(0, 127), min_size=1), st.integers(0, 127))
def test_a_key_is_found_again_in_its_row(qapp: object, kept: set[int], pitch: int) -> None:
    made = PitchRows()
    made.show_only(np.array(sorted(kept, reverse=True)))
    assert [made.pitch(int(made.of(p))) for p in kept] == list(kept)
    assert made.of_all([pitch])[0] == made.of(pitch)
    higher = made.of(pitch + 1)
    assert higher <= made.of(pitch)


def test_ctrl_and_a_key_select_its_row(
    roll: PianoRoll, studio: Studio, auditioned: list[int]
) -> None:
    studio.selection.set_notes({1})
    Mouse(roll.keyboard).click(20, at(roll, 0, 72)[1], Qt.KeyboardModifier.ControlModifier)
    assert studio.selection.notes == {1, 3}
    assert auditioned == []
