"""What the piano roll shows, read from the pixels on the screen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.ai.requests import Request, Result, Task
from studio.domain.clip import AudioClip, ClipId
from studio.domain.gap import Gap, Part
from studio.domain.notes import Notes
from studio.domain.theory import Chord
from studio.edit.clips import MoveClips, TrimClip
from studio.edit.notes import SetNotes
from studio.edit.tempo import SetChord
from studio.edit.tracks import SetInstrument
from studio.ui import theme
from studio.ui.piano_roll.keyboard import DRUMS_WIDTH, WIDTH
from studio.ui.piano_roll.piano_roll import PianoRoll
from studio.workspace.generation import Overlay
from studio.workspace.studio import Studio
from tests.ai.listening.sounds import RATE as SOUND_RATE
from tests.ai.listening.sounds import line
from tests.ui.canvas.at_ratio import run_at_ratio_two
from tests.ui.canvas.hands import Mouse, differs, pixel
from tests.ui.canvas.scene import BAR, BASS, BEAT, PIANO
from tests.ui.piano_roll.keys import CLIP, at
from tests.workspace.works import Here

SKY = theme.track_colour(0)


def note_pixel(roll: PianoRoll, id: int) -> QColor:
    """The middle of one of the clip's first four notes."""
    return pixel(roll.canvas, *at(roll, BEAT * (id + 0.5), (60, 64, 67, 72)[id]))


def edge_pixels(roll: PianoRoll, id: int) -> list[QColor]:
    """Along the upper edge of a note."""
    x, y = at(roll, BEAT * (id + 0.2), (60, 64, 67, 72)[id])
    top = y - roll.view.rows.row_height / 2 + 1
    picture = roll.canvas.grab().toImage()
    return [picture.pixelColor(int(x) + step, int(top)) for step in range(24)]


def test_velocity_is_brightness(roll: PianoRoll) -> None:
    soft, loud = note_pixel(roll, 0), note_pixel(roll, 3)
    assert soft.lightness() < loud.lightness()
    assert abs(soft.hslHue() - SKY.hslHue()) < 15


def test_rows_show_the_key_and_its_root(roll: PianoRoll) -> None:
    x = roll.view.axis.x(BEAT * 5.7)  # D minor: D is the root, F is in it, F# is not

    def row(pitch: int) -> QColor:
        return pixel(roll.canvas, x, at(roll, 0, pitch)[1])

    assert row(62) == theme.colour("row_root")
    assert row(65) == theme.colour("row_scale")
    assert row(66) == theme.colour("row_out")


def test_a_locked_note_is_outlined(roll: PianoRoll, studio: Studio) -> None:
    text = theme.colour("text")
    assert min(differs(color, text) for color in edge_pixels(roll, 1)) > 60
    studio.song.do(SetNotes(CLIP, frozenset({1}), (("locked", True),)))
    assert max(differs(color, text) for color in edge_pixels(roll, 1)) < 60


def test_a_fresh_note_is_dashed_until_it_is_kept(roll: PianoRoll, studio: Studio) -> None:
    studio.song.do(SetNotes(CLIP, frozenset({1}), (("fresh", True),)))
    lightness = [color.lightness() for color in edge_pixels(roll, 1)]
    assert max(lightness) - min(lightness) > 60
    studio.selection.set_notes({1})
    roll.keep()
    studio.selection.set_notes(())
    lightness = [color.lightness() for color in edge_pixels(roll, 1)]
    assert max(lightness) - min(lightness) < 20


def test_a_muted_note_is_hollow(roll: PianoRoll, studio: Studio) -> None:
    before = note_pixel(roll, 3)
    studio.song.do(SetNotes(CLIP, frozenset({3}), (("muted", True),)))
    after = note_pixel(roll, 3)
    assert after.lightness() < before.lightness() / 2
    assert max(color.lightness() for color in edge_pixels(roll, 3)) > 60


def test_a_selected_note_is_bright(roll: PianoRoll, studio: Studio) -> None:
    before = note_pixel(roll, 0)
    studio.selection.set_notes({0})
    assert note_pixel(roll, 0).lightness() > before.lightness() + 40


def test_notes_of_other_tracks_are_ghosts_that_can_be_switched_off(
    roll: PianoRoll, studio: Studio
) -> None:
    roll.view.rows.centre(127 - 40)
    spot = at(roll, BEAT * 1.5, 40)
    seen = pixel(roll.canvas, *spot)
    assert abs(seen.hslHue() - theme.track_colour(1).hslHue()) < 20
    QTest.mouseClick(roll.bar.ghosts, Qt.MouseButton.LeftButton)
    hidden = pixel(roll.canvas, *spot)
    assert differs(seen, hidden) > 20
    roll.toggle_ghosts()
    assert pixel(roll.canvas, *spot) == seen


def test_drums_have_names_instead_of_keys(roll: PianoRoll, studio: Studio) -> None:
    assert roll.keyboard.width() == WIDTH
    white = pixel(roll.keyboard, 50, at(roll, 0, 62)[1])
    assert differs(white, theme.colour("key_white")) < 10
    studio.song.do(SetInstrument(PIANO, 0, drums=True))
    assert roll.keyboard.width() == DRUMS_WIDTH
    assert differs(pixel(roll.keyboard, 100, at(roll, 0, 62)[1]), theme.colour("panel")) < 10
    Mouse(roll.keyboard).hover(20, at(roll, 0, 60)[1])
    assert roll.keyboard.toolTip() == "High bongo"


def test_chords_are_named_in_the_ruler(roll: PianoRoll, studio: Studio) -> None:
    before = roll.ruler.grab().toImage()
    studio.song.do(SetChord(0, BAR, Chord.parse("Dm7")))
    after = roll.ruler.grab().toImage()
    changed = [
        x for x in range(30, 80) for y in range(28) if before.pixel(x, y) != after.pixel(x, y)
    ]
    assert len(changed) > 20


def test_a_pressed_key_sounds_and_lights_up(
    roll: PianoRoll, auditioned: list[int], studio: Studio
) -> None:
    spot = (50.0, at(roll, 0, 65)[1])
    dark = pixel(roll.keyboard, *spot)
    mouse = Mouse(roll.keyboard)
    mouse.press(*spot)
    assert auditioned == [65]
    assert differs(pixel(roll.keyboard, 30, spot[1]), SKY) < 10
    mouse.move(40, spot[1])
    mouse.move(50, at(roll, 0, 67)[1])
    mouse.release(50, at(roll, 0, 67)[1])
    assert auditioned == [65, 67]
    roll.keyboard.show_hovered(None)
    assert pixel(roll.keyboard, *spot) == dark


def test_keys_of_sounding_notes_are_lit_while_it_plays(
    roll: PianoRoll, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    spot = (20.0, at(roll, 0, 64)[1])
    monkeypatch.setattr(type(studio.playback), "playing", True)
    for beat, lit in ((1.5, True), (2.5, False)):
        monkeypatch.setattr(type(studio.playback), "position_tick", int(beat * BEAT))
        studio.playback.moved.emit()
        assert (differs(pixel(roll.keyboard, *spot), SKY) < 10) is lit


def test_what_is_being_written_is_shown_dashed_and_is_not_in_the_song(
    roll: PianoRoll, studio: Studio
) -> None:
    before = studio.song.project
    gap = Gap((PIANO,), BAR, 2 * BAR)
    request = Request(Task.REWRITE, gap, "sketch", "", 1, before)
    written = Notes.of([BAR + BEAT], [2 * BEAT], [66])
    spot = at(roll, BAR + 1.6 * BEAT, 66)
    empty = pixel(roll.canvas, *spot)
    studio.generation._show(Overlay(request, Result((Part(PIANO, written),), BAR + BEAT)))
    assert differs(pixel(roll.canvas, *spot), empty) > 40
    studio.generation._show(None)
    assert pixel(roll.canvas, *spot) == empty
    assert studio.song.project is before


def test_notes_that_give_way_are_dim_and_locked_ones_are_not(
    roll: PianoRoll, studio: Studio
) -> None:
    studio.song.do(SetNotes(CLIP, frozenset({1}), (("locked", True),)))
    gap = Gap((PIANO,), 0, BAR)
    request = Request(Task.REWRITE, gap, "sketch", "", 1, studio.song.project)
    spots = [at(roll, (index + 0.5) * BEAT, pitch) for index, pitch in ((0, 60), (1, 64))]
    before = [pixel(roll.canvas, *spot).lightness() for spot in spots]
    studio.generation._show(Overlay(request, Result((), 0)))
    leaving, locked = (pixel(roll.canvas, *spot).lightness() for spot in spots)
    assert leaving < 0.6 * before[0]
    assert locked > 0.9 * before[1]


def test_while_no_clip_is_open_the_first_new_part_is_seen_as_it_comes(
    roll: PianoRoll, studio: Studio
) -> None:
    studio.selection.set_note_clip(None)
    request = Request(Task.COMPOSE, Gap((), 0, BAR), "sketch", "", 1, studio.song.project)
    notes = Notes.of([0], [4 * BEAT], [100])
    parts = (Part(None, notes, "Flute"), Part(None, notes.with_columns(pitch=20), "Bass"))
    nothing = (Part(None, Notes.empty(), "Flute"), Part(None, Notes.empty(), "Bass"))
    studio.generation._show(Overlay(request, Result(nothing, 0)))
    studio.generation._show(Overlay(request, Result(parts, BAR)))
    spot = at(roll, 2 * BEAT, 100)
    assert 0 < spot[1] < roll.canvas.height()
    written = pixel(roll.canvas, *spot)
    studio.generation._show(None)
    assert differs(pixel(roll.canvas, *spot), written) > 40


def test_bars_about_to_be_written_come_into_sight(roll: PianoRoll, studio: Studio) -> None:
    axis = roll.view.axis
    axis.show(0, 1.05 * BAR)  # the second bar peeks in
    for tracks, start, shown in (((BASS,), BAR, 0), ((PIANO,), 5 * BAR, 0), ((PIANO,), BAR, BAR)):
        gap = Gap(tracks, start, start + BAR)
        request = Request(Task.REWRITE, gap, "sketch", "", 1, studio.song.project)
        studio.generation._show(Overlay(request, Result((), start)))
        assert axis.left == shown


def test_without_a_clip_it_says_the_next_click_and_a_double_click_makes_one(
    roll: PianoRoll, studio: Studio
) -> None:
    studio.selection.set_note_clip(None)
    middle = QPoint(roll.canvas.width() // 2, roll.canvas.height() // 2)
    area = roll.canvas.rect().adjusted(middle.x() - 150, middle.y() - 12, 0, 0)
    area.setSize(area.size().boundedTo(area.size().scaled(300, 24, Qt.AspectRatioMode(0))))
    words = roll.canvas.grab(area).toImage()
    lightest = max(
        words.pixelColor(x, y).lightness() for x in range(words.width()) for y in range(24)
    )
    assert lightest > 120
    studio.playback.seek(5 * BAR)
    Mouse(roll.canvas).double_click(middle.x(), middle.y())
    made = studio.song.project.track(PIANO).clips[-1]
    assert made.start == 5 * BAR
    assert studio.selection.note_clip == made.id
    assert roll.view.clip is not None


def test_opening_a_clip_brings_its_notes_into_sight(roll: PianoRoll, studio: Studio) -> None:
    studio.selection.set_note_clip(ClipId("c22"))
    y = roll.view.y(42)
    assert 0 < y < roll.canvas.height()
    assert roll.view.axis.left == 0
    assert roll.view.axis.x(2 * BAR) <= roll.canvas.width()
    assert "Bass" in roll.bar.name.text()


def test_the_view_goes_along_when_the_clip_is_moved(roll: PianoRoll, studio: Studio) -> None:
    x = at(roll, BEAT, 64)[0]
    studio.song.do(MoveClips(frozenset({CLIP}), 4 * BAR))
    assert at(roll, 4 * BAR + BEAT, 64)[0] == pytest.approx(x)
    studio.song.undo()
    assert at(roll, BEAT, 64)[0] == pytest.approx(x)
    studio.song.do(TrimClip(CLIP, left_by=BEAT))
    assert at(roll, BEAT, 64)[0] == pytest.approx(x)


def test_a_drag_says_pitch_and_velocity(roll: PianoRoll) -> None:
    mouse = Mouse(roll.canvas)
    mouse.hold(at(roll, BEAT * 0.5, 60), at(roll, BEAT * 0.5, 63))
    assert roll.view.said == "Eb4"  # D minor is written with flats
    mouse.release(*at(roll, BEAT * 0.5, 63))
    assert roll.view.said == ""
    lane, x = roll.velocities, roll.view.axis.x(BEAT)
    Mouse(lane).hold((x, lane.stem_y(60)), (x, lane.stem_y(90)))
    assert roll.view.said == "90"
    Mouse(lane).release(x, lane.stem_y(90))


def test_the_roll_is_sharp_at_device_pixel_ratio_two(tmp_path: Path) -> None:
    said = run_at_ratio_two(
        """
        import tempfile
        from pathlib import Path
        from studio.ui.piano_roll.piano_roll import PianoRoll
        from tests.ui.canvas.scene import BAR, BEAT, open_studio
        from tests.ui.canvas.hands import Mouse, shown
        from tests.ui.piano_roll.keys import CLIP, at, rows
        with open_studio(Path(tempfile.mkdtemp())) as studio:
            studio.selection.set_note_clip(CLIP)
            roll = shown(PianoRoll(studio), 900, 460)
            roll.view.axis.scale = 200 / BAR
            roll.view.axis.left = 0.0
            roll.view.axis.changed.emit()
            roll.view.centre_on_notes()
            picture = roll.canvas.grab().toImage()
            print(picture.width() == 2 * roll.canvas.width())
            Mouse(roll.canvas).drag(at(roll, BEAT * 0.5, 60), at(roll, BEAT * 2.5, 62))
            print((2 * BEAT, BEAT, 62) in rows(studio))
            roll.close()
            roll.deleteLater()
        """,
        tmp_path,
    )
    assert said == ["True", "True"]


def test_what_is_heard_in_a_recording_is_a_ghost_that_can_be_switched_off(
    roll: PianoRoll, studio: Studio, qtbot: QtBot
) -> None:
    assert not roll.bar.heard.isVisible()
    recording = ClipId("c23")
    studio.transcripts._work = Here
    source = studio.files.media.put_audio(line((62, 62), 1.0)[:, None], SOUND_RATE, "tune.wav")
    clip = studio.song.project.clip(recording)
    assert isinstance(clip, AudioClip)
    heard = replace(clip, start=0, source=source, length_frames=source.frames, name="tune")
    studio.song.open(studio.song.project.with_clip(heard))
    studio.selection.set_note_clip(CLIP)
    assert roll.bar.heard.isVisible()
    assert roll.bar.hear.text() == "Hear the notes of tune"
    long = replace(heard, name="A recording with a long name " * 3)
    studio.song.open(studio.song.project.with_clip(long))
    studio.selection.set_note_clip(CLIP)
    QApplication.processEvents()
    assert roll.bar.hear.width() >= roll.bar.hear.sizeHint().width()
    assert roll.bar.hear.geometry().right() < roll.width()
    assert roll.bar.hear.toolTip().endswith(long.name)
    roll.view.rows.centre(127 - 62)
    spot = at(roll, BEAT * 0.9, 62)
    roll.toggle_ghosts()
    empty = pixel(roll.canvas, *spot)
    roll.bar.hear.click()
    qtbot.waitUntil(lambda: roll.view.heard.notes() is not None, timeout=60_000)
    assert not roll.bar.hear.isVisible()
    roll.view.rows.centre(127 - 62)
    seen = pixel(roll.canvas, *spot)
    assert differs(seen, empty) > 8
    roll.toggle_heard()
    assert pixel(roll.canvas, *spot) == empty


def test_notes_say_their_names_where_there_is_room(
    roll: PianoRoll, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    paint = QPainter.drawText

    def noting(painter: QPainter, *where_and_what: object) -> None:
        told.append(str(where_and_what[-1]))
        paint(painter, *where_and_what)  # type: ignore[call-overload]

    monkeypatch.setattr(QPainter, "drawText", noting)
    roll.toggle_names()
    roll.canvas.grab()
    assert told == []
    roll.toggle_names()
    roll.canvas.grab()
    assert {"C4", "E4", "G4"} <= set(told)
    told.clear()
    roll.view.axis.zoom(0.2, 0)
    roll.canvas.grab()
    assert told == []
