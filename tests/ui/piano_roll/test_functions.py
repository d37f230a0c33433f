"""Functions show what they would do, and do it once they are applied."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.domain.project import Project
from studio.ui.piano_roll.functions import FUNCTIONS
from studio.ui.piano_roll.piano_roll import PianoRoll
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import Mouse, escape
from tests.ui.canvas.scene import BEAT
from tests.ui.piano_roll.keys import at, notes, rows, steps


@pytest.fixture
def heard(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> list[Project | None]:
    """What was handed to the engine instead of the song."""
    found: list[Project | None] = []
    monkeypatch.setattr(studio.playback, "set_preview", lambda song, *_: found.append(song))
    return found


def uneven(roll: PianoRoll, studio: Studio) -> None:
    """The notes, each a little late."""
    studio.selection.set_notes({0, 1, 2, 3})
    roll.set_tool("select")
    Mouse(roll.canvas).drag(at(roll, 100, 60), at(roll, 200, 60), Qt.KeyboardModifier.AltModifier)
    studio.selection.set_notes(())


def test_quantise_is_seen_and_heard_at_once_and_one_step_when_applied(
    roll: PianoRoll, studio: Studio, heard: list[Project | None]
) -> None:
    uneven(roll, studio)
    before, count = rows(studio), steps(studio)
    roll.shape("quantise")
    assert roll.view.notes.start.tolist() == [0, BEAT, 2 * BEAT, 3 * BEAT]
    assert heard[-1] is roll.view.project
    assert rows(studio) == before
    slider = roll.functions._rows["amount"].slider
    Mouse(slider).click(slider.width() // 2, 9)
    half = roll.view.notes.start.tolist()
    assert 0 < half[0] < before[0][0]
    QTest.keyClick(slider, Qt.Key.Key_Return)
    assert [row[0] for row in rows(studio)] == half
    assert steps(studio) == count + 1
    assert studio.song.undo_label == "Quantise"
    assert heard[-1] is None
    assert roll.functions.isHidden()


def test_every_field_of_quantise_counts(roll: PianoRoll, studio: Studio) -> None:
    uneven(roll, studio)
    late = notes(studio).start.tolist()
    roll.shape("quantise")
    panel = roll.functions
    panel._set_grid("1/2")
    assert roll.view.notes.start.tolist() == [0, 2 * BEAT, 2 * BEAT, 4 * BEAT]
    panel._set_grid("1/4")
    swing = panel._rows["swing"].number
    swing.setFocus()
    swing.selectAll()
    QTest.keyClicks(swing, "100")
    QTest.keyClick(swing, Qt.Key.Key_Return)
    assert panel.isVisible(), "Enter in a field takes its number, no more"
    assert roll.view.notes.start.tolist() == [0, BEAT + 320, 2 * BEAT, 3 * BEAT + 320]
    panel._set("starts", 0.0)
    assert roll.view.notes.start.tolist() == late
    panel._set("scatter", 40.0)
    once = roll.view.notes.start.tolist()
    panel._again.click()
    assert roll.view.notes.start.tolist() != once
    escape(roll.canvas)
    assert notes(studio).start.tolist() == late


@pytest.mark.parametrize("id", FUNCTIONS)
def test_escape_takes_a_function_back(roll: PianoRoll, studio: Studio, id: str) -> None:
    before, count = rows(studio), steps(studio)
    roll.shape(id)
    if roll.functions._rows:
        slider = next(iter(roll.functions._rows.values())).slider
        Mouse(slider).click(slider.width() - 12, 9)
    assert roll.view.is_proposing
    QTest.keyClick(roll.functions.choice, Qt.Key.Key_Escape)
    assert roll.functions.isHidden()
    assert rows(studio) == before
    assert steps(studio) == count
    assert roll.canvas.hasFocus()


def test_what_is_picked_meanwhile_is_what_it_is_done_to(roll: PianoRoll, studio: Studio) -> None:
    roll.shape("staccato")
    assert set(roll.view.notes.length.tolist()) == {BEAT // 2}
    Mouse(roll.canvas).click(*at(roll, BEAT * 0.2, 60))
    assert roll.view.notes.length.tolist() == [BEAT // 2, BEAT, BEAT, BEAT]
    Mouse(roll.canvas).drag(at(roll, BEAT * 1.2, 64), at(roll, BEAT * 3.2, 50))
    QTest.keyClick(roll.canvas, Qt.Key.Key_Return)
    assert len(rows(studio)) == 4
    assert steps(studio) == 1


def test_what_was_typed_is_there_the_next_time(roll: PianoRoll) -> None:
    roll.shape("strum")
    roll.functions._rows["ticks"].number.edited.emit(77.0)
    roll.functions.leave()
    roll.shape("quantise")
    roll.shape("strum")
    assert roll.functions._rows["ticks"].value == 77
    roll.functions.leave()


def test_another_clip_ends_it(roll: PianoRoll, studio: Studio) -> None:
    roll.shape("reverse")
    studio.selection.set_note_clip(None)
    assert roll.functions.isHidden()
    assert not roll.view.is_proposing
