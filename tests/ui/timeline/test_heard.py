"""What was heard in a recording, on the timeline: its beats, its words, the song's chords."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from studio.edit.clips import MoveClips, TrimClip
from studio.edit.tempo import SetTempo
from studio.ui.timeline.chord_lane import CHORDS_HEIGHT
from studio.ui.timeline.timeline import Timeline
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import Mouse, pixel
from tests.ui.canvas.scene import BAR, BEAT
from tests.ui.takes.takes_of import listened
from tests.ui.timeline.places import RAIN_CLIP, VERSE, at, sound_of, steps

CHORD_Y = 26


@pytest.fixture
def heard(timeline: Timeline, studio: Studio) -> Timeline:
    """A timeline with a recording, over bar 3, that was listened to."""
    source = sound_of(studio, RAIN_CLIP).source
    studio.takes.add(listened(source), studio.takes.new_batch())
    return timeline


@pytest.fixture
def chorded(heard: Timeline, studio: Studio, qtbot: QtBot) -> Timeline:
    """Its one chord is written: D minor over bar 3."""
    studio.selection.set_clips({RAIN_CLIP})
    studio.listening.write()
    qtbot.waitUntil(lambda: steps(studio) == 1)
    return heard


def marks(timeline: Timeline, start: int, end: int) -> list[int]:
    """The ticks, to the nearest half beat, of the marks at the foot of the recording."""
    lanes, row = timeline.lanes, timeline.lanes.layout_.row(2)
    picture, y = lanes.grab().toImage(), round(row.top + row.height) - 2
    axis = timeline.view.axis
    x0, x1 = (round(axis.x(tick)) for tick in (start, end))
    light = np.array([picture.pixelColor(x, y).lightness() for x in range(x0, x1)])
    return [round(axis.tick(x0 + i) / 480) * 480 for i in np.flatnonzero(light > 100).tolist()]


def field(timeline: Timeline) -> QLineEdit:
    found = timeline.ruler.findChild(QLineEdit)
    assert found is not None
    return found


def write(timeline: Timeline, tick: int, text: str) -> None:
    """Double-click the row of the chords, and write."""
    Mouse(timeline.ruler).double_click(timeline.view.axis.x(tick), CHORD_Y)
    edit = field(timeline)
    edit.setText(text)
    QTest.keyClick(edit, Qt.Key.Key_Return)
    edit.setParent(None)


def titles(menu: QMenu) -> list[str]:
    return [action.text().split("\t")[0] for action in menu.actions()]


def names(studio: Studio) -> list[tuple[int, int, str]]:
    return [(s.start, s.length, s.chord.name()) for s in studio.song.project.chords]


def test_beats_stand_on_the_clip_and_go_with_it(heard: Timeline, studio: Studio) -> None:
    third = [2 * BAR + i * BEAT for i in range(4)]
    assert marks(heard, 2 * BAR - 400, 3 * BAR - 300) == third
    studio.song.do(MoveClips(frozenset({RAIN_CLIP}), 480))
    assert marks(heard, 2 * BAR, 3 * BAR) == [tick + 480 for tick in third]
    studio.song.do(TrimClip(RAIN_CLIP, 2 * BEAT))
    assert marks(heard, 2 * BAR, 3 * BAR) == [tick + 480 for tick in third[2:]]
    studio.song.do(SetTempo(0, 240.0))
    assert marks(heard, 2 * BAR, 4 * BAR) == [third[2] + 480, third[2] + 480 + 2 * BEAT]


def test_beats_that_stand_too_close_are_left_out(heard: Timeline) -> None:
    axis = heard.view.axis
    axis.scale = 12 / BAR
    axis.changed.emit()
    assert len(marks(heard, 2 * BAR - 400, 3 * BAR)) <= 2


def test_a_forgotten_take_takes_its_marks_along(heard: Timeline, studio: Studio) -> None:
    studio.takes.discard(studio.takes.entries[0].take.id)
    assert marks(heard, 2 * BAR + 200, 3 * BAR - 300) == []


def test_tempo_and_key_are_told(heard: Timeline) -> None:
    heard.lanes._hovered = None
    Mouse(heard.lanes).hover(*at(heard, 2.5 * BAR, 2))
    assert heard.lanes.toolTip() == (
        "rain · Rain\n120.0 bpm, 4 beats a bar, D minor, 1 chord, 1 section"
    )


def test_recordings_alone_offer_listening(timeline: Timeline, studio: Studio) -> None:
    offered = ["Listen to it", "Make this the song's tempo map", "Fit this recording to the song",
               "Write its chords and sections"]  # fmt: skip
    studio.selection.set_clips({RAIN_CLIP})
    menu = timeline.menus.clip_menu()
    assert [title for title in titles(menu) if title in offered] == offered
    assert "Humanise" not in titles(menu)
    menu.deleteLater()
    studio.selection.set_clips({VERSE})
    menu = timeline.menus.clip_menu()
    assert not set(titles(menu)) & set(offered)
    menu.deleteLater()


def test_chords_have_a_row_while_there_are_any(
    heard: Timeline, studio: Studio, qtbot: QtBot
) -> None:
    plain = heard.ruler.height()
    studio.selection.set_clips({RAIN_CLIP})
    studio.listening.write()
    qtbot.waitUntil(lambda: steps(studio) == 1)
    assert names(studio) == [(2 * BAR, BAR, "Dm")]
    assert heard.ruler.height() == plain + CHORDS_HEIGHT
    inside = pixel(heard.ruler, heard.view.axis.x(2.9 * BAR), CHORD_Y)
    assert inside != pixel(heard.ruler, heard.view.axis.x(3.1 * BAR), CHORD_Y)
    studio.song.undo()
    assert heard.ruler.height() == plain


def test_a_chord_is_written_over_another_in_one_step(chorded: Timeline, studio: Studio) -> None:
    write(chorded, 2 * BAR + 100, "F♯m7b5/C")
    assert names(studio) == [(2 * BAR, BAR, "F#m7b5/C")]
    assert steps(studio) == 2


def test_a_chord_is_added_where_none_is_to_what_is_free_of_the_bar(
    chorded: Timeline, studio: Studio
) -> None:
    write(chorded, 4 * BAR + 1000, "Bb")
    write(chorded, 3 * BAR + 100, "gm")
    assert names(studio) == [(2 * BAR, BAR, "Dm"), (3 * BAR, BAR, "Gm"), (4 * BAR, BAR, "A#")]


def test_a_name_of_no_chord_is_one_sentence(chorded: Timeline, studio: Studio) -> None:
    told: list[str] = []
    studio.notice.connect(lambda level, message, hint: told.append(message))
    write(chorded, 2 * BAR + 100, "H7")
    assert told == ["No chord is called “H7”."]
    assert names(studio) == [(2 * BAR, BAR, "Dm")]
    assert steps(studio) == 1


def test_a_click_on_a_chord_goes_to_its_start(chorded: Timeline, studio: Studio) -> None:
    Mouse(chorded.ruler).click(chorded.view.axis.x(2.7 * BAR), CHORD_Y)
    assert studio.playback.position_tick == 2 * BAR


def test_chords_are_removed_by_their_menu(chorded: Timeline, studio: Studio) -> None:
    menu = chorded.menus.chord_menu(2 * BAR + 5)
    assert titles(menu) == ["Change chord…", "Remove chord"]
    menu.actions()[1].trigger()
    assert names(studio) == []
    menu.deleteLater()
    menu = chorded.menus.marker_menu(2 * BAR + 5)
    assert "Add chord here…" in titles(menu)
    menu.deleteLater()
