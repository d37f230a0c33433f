"""Strips follow the song, and each gesture on them is one undo step."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from studio.domain.device import Device, DeviceId
from studio.domain.general_midi import FAMILIES, sound_name
from studio.domain.track import SILENT_DB, TrackId
from studio.edit.mixer import DrawAutomation, SetVolume
from studio.edit.tracks import AddDevice, DeleteTracks, MoveTrack, SetTrack
from studio.ui.mixer.device_editor import DeviceEditor
from studio.ui.mixer.names import knob_name
from studio.ui.mixer.strip import Strip
from studio.ui.mixer.track_commands import TrackCommands
from studio.ui.mixer.view import MixerView
from studio.ui.widgets.value_row import share_of, value_of
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import ALT, CTRL, LEFT, MIDDLE, Mouse, differs, pixel, shown
from tests.ui.canvas.scene import BASS, PIANO, RAIN


def strip(mixer: MixerView, track: TrackId = PIANO) -> Strip:
    return mixer.strips[track]


def steps(studio: Studio) -> int:
    return len(studio.song.steps)


def test_there_is_a_strip_a_track_and_the_master_is_last(mixer: MixerView, studio: Studio) -> None:
    assert list(mixer.strips) == [track.id for track in studio.song.project.tracks]
    assert list(mixer.strips)[-1] == studio.song.project.master.id


def test_a_fader_drag_is_one_step_and_is_heard_while_it_moves(
    mixer: MixerView, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[TrackId, str, float]] = []
    monkeypatch.setattr(studio.playback, "set_live", lambda *args: heard.append(args))
    fader = strip(mixer).fader
    middle = fader.height() * 0.35
    Mouse(fader).drag((14, middle), (14, middle + 30))
    assert steps(studio) == 1
    volume = studio.song.project.track(PIANO).volume_db
    assert volume < -2
    assert len(heard) == 4
    assert heard[-1] == (PIANO, "volume", volume)
    studio.song.undo()
    assert fader.value == 0.0


def test_a_level_can_be_typed(mixer: MixerView, studio: Studio) -> None:
    field = strip(mixer)._db
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "-6,5")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert studio.song.project.track(PIANO).volume_db == -6.5
    assert strip(mixer).fader.value == pytest.approx(-6.5)


def test_a_double_click_resets_the_fader(mixer: MixerView, studio: Studio) -> None:
    fader = strip(mixer).fader
    Mouse(fader).drag((14, 60), (14, 90))
    Mouse(fader).double_click(14, 60)
    assert studio.song.project.track(PIANO).volume_db == 0.0


def test_mute_and_solo_are_steps_of_their_own(mixer: MixerView, studio: Studio) -> None:
    strip(mixer)._mute.click()
    strip(mixer)._solo.click()
    track = studio.song.project.track(PIANO)
    assert track.muted
    assert track.soloed
    assert steps(studio) == 2
    studio.song.undo()
    assert not strip(mixer)._solo.isChecked()
    assert strip(mixer)._mute.isChecked()


def test_alt_click_solos_alone(mixer: MixerView, studio: Studio) -> None:
    strip(mixer, BASS)._solo.click()
    QTest.mouseClick(strip(mixer)._solo, LEFT, ALT)
    soloed = [track.id for track in studio.song.project.tracks if track.soloed]
    assert soloed == [PIANO]


def test_pan_by_drag_and_by_words(mixer: MixerView, studio: Studio) -> None:
    Mouse(strip(mixer)._pan).drag((13, 13), (13, -17), CTRL)
    assert 0 < studio.song.project.track(PIANO).pan < 0.2
    field = strip(mixer)._pan_field
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "L30")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert studio.song.project.track(PIANO).pan == -0.3


def test_a_send_is_added_and_removed_by_its_pot(mixer: MixerView, studio: Studio) -> None:
    (pot,) = strip(mixer)._sends.pots.values()
    Mouse(pot).drag((11, 11), (11, -60))
    (send,) = studio.song.project.track(PIANO).sends
    assert send.level_db > SILENT_DB
    Mouse(pot).drag((11, 11), (11, 300))
    assert studio.song.project.track(PIANO).sends == ()


def test_a_name_is_edited_in_place(mixer: MixerView, studio: Studio) -> None:
    field = strip(mixer)._name
    Mouse(field).double_click(20, 8)
    QTest.keyClicks(field, "Grand")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert studio.song.project.track(PIANO).name == "Grand"
    assert field.isReadOnly()


def test_a_long_name_is_shortened_and_told_whole(mixer: MixerView, studio: Studio) -> None:
    name = "Electric guitar with tremolo"
    studio.song.do(SetTrack(PIANO, (("name", name),)))
    field = strip(mixer)._name
    assert field.text().endswith("…")
    assert field.fontMetrics().horizontalAdvance(field.text()) <= field.width()
    assert name in field.toolTip()
    Mouse(field).double_click(20, 8)
    assert field.text() == name
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert studio.song.project.track(PIANO).name == name
    assert steps(studio) == 1
    assert field.text().endswith("…")


def test_an_effect_opens_once_it_is_added(mixer: MixerView, studio: Studio, qtbot: QtBot) -> None:
    adder = next(b for b in strip(mixer).findChildren(QPushButton) if b.text() == "+ effect")
    adder.findChildren(QMenu)[0].actions()[0].trigger()
    assert len(studio.song.project.track(PIANO).effects) == 1
    qtbot.waitUntil(lambda: bool(mixer.findChildren(DeviceEditor)))
    qtbot.wait(50)
    assert mixer.findChildren(DeviceEditor)[0].isVisible()


def test_a_press_selects_the_track(mixer: MixerView, studio: Studio) -> None:
    Mouse(strip(mixer, RAIN)).click(50, 6)
    assert studio.selection.tracks == (RAIN,)
    assert strip(mixer, RAIN).property("selected") == "true"


def test_strips_follow_tracks_that_come_go_and_move(mixer: MixerView, studio: Studio) -> None:
    kept = strip(mixer)
    studio.song.do(DeleteTracks(frozenset({BASS})))
    assert BASS not in mixer.strips
    studio.song.do(MoveTrack(RAIN, 0))
    assert list(mixer.strips)[:2] == [RAIN, PIANO]
    studio.song.undo()
    studio.song.undo()
    assert list(mixer.strips)[:3] == [PIANO, BASS, RAIN]
    assert strip(mixer) is kept
    studio.song.do(SetTrack(PIANO, (("name", "Keys"),)))
    assert kept._name.text() == "Keys"


def test_faders_stand_on_one_line(mixer: MixerView, studio: Studio, qtbot: QtBot) -> None:
    studio.song.do(AddDevice(PIANO, Device(DeviceId("d90"), "eq")))
    studio.song.do(AddDevice(PIANO, Device(DeviceId("d91"), "delay")))
    chain = strip(mixer)._chain
    qtbot.waitUntil(lambda: chain.height() >= chain.minimumSizeHint().height() > 100)
    tops = {s.fader.mapTo(mixer, s.fader.rect().topLeft()).y() for s in mixer.strips.values()}
    assert len(tops) == 1


def test_an_effect_is_added_bypassed_and_edited(
    mixer: MixerView, studio: Studio, qtbot: QtBot
) -> None:
    strip(mixer)._slots._add("compressor")
    (device,) = studio.song.project.track(PIANO).effects
    assert device.kind == "compressor"
    editor = DeviceEditor(studio, device.id, mixer)
    qtbot.addWidget(editor)
    shown(editor, 320, 240)
    slider, number = editor._rows["threshold_db"].slider, editor._rows["threshold_db"].number
    before = steps(studio)
    Mouse(slider).drag((100, 9), (40, 9))
    assert steps(studio) == before + 1
    (device,) = studio.song.project.track(PIANO).effects
    assert device.parameter("threshold_db", 0) == number.value < -18
    studio.song.undo()
    assert number.value == -18


def test_an_editor_closes_when_its_device_goes(
    mixer: MixerView, studio: Studio, qtbot: QtBot
) -> None:
    strip(mixer)._slots._add("delay")
    (device,) = studio.song.project.track(PIANO).effects
    editor = DeviceEditor(studio, device.id, mixer)
    editor.open_at(mixer.mapToGlobal(mixer.rect().center()))
    studio.song.undo()
    assert editor.isHidden()


@pytest.mark.parametrize("kind", ["eq", "compressor", "reverb", "delay", "chorus", "limiter"])
def test_every_knob_has_a_name_and_a_scale_that_leads_back(kind: str) -> None:
    from studio.render.knobs import PARAMETERS

    names = [knob_name(parameter.name) for parameter in PARAMETERS[kind]]
    assert len(set(names)) == len(names)
    for parameter in PARAMETERS[kind]:
        share = share_of(parameter, parameter.default)
        assert 0 <= share <= 1
        apart = (parameter.high - parameter.low) * 0.02
        assert value_of(parameter, share) == pytest.approx(parameter.default, abs=apart)


def test_there_are_128_sounds() -> None:
    names = [sound_name(program, drums=False) for program in range(128)]
    assert len(set(names)) == 128
    assert len(FAMILIES) == 16
    assert sound_name(40, drums=True) == "Brush kit"


def test_track_actions_are_one_step_each(studio: Studio) -> None:
    commands = TrackCommands(studio)
    commands.add_instrument()
    commands.add_audio()
    assert steps(studio) == 2
    assert [t.name for t in studio.song.project.sources][-2:] == ["Instrument", "Audio"]
    studio.selection.set_tracks((PIANO, BASS))
    commands.toggle_mute()
    assert all(studio.song.project.track(id).muted for id in (PIANO, BASS))
    commands.toggle_mute()
    assert not studio.song.project.track(PIANO).muted
    commands.toggle_solo()
    commands.duplicate()
    commands.delete()
    assert studio.song.project.find_track(PIANO) is None
    assert steps(studio) == 7


def test_meters_move_only_in_sight(mixer: MixerView, studio: Studio) -> None:
    master = strip(mixer, studio.song.project.master.id)
    shown_levels: list[int] = []
    master.show_meter = lambda: shown_levels.append(1)  # type: ignore[method-assign]
    studio.playback.meters_changed.emit()
    mixer.hide()
    studio.playback.meters_changed.emit()
    assert shown_levels == [1]


def test_the_middle_button_mutes_and_solos_for_as_long_as_it_is_held(
    mixer: MixerView, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[TrackId, str, float]] = []
    monkeypatch.setattr(studio.playback, "set_live", lambda *args: heard.append(args))
    for button, name in ((strip(mixer)._mute, "mute"), (strip(mixer)._solo, "solo")):
        heard.clear()
        QTest.mousePress(button, MIDDLE)
        assert button.isChecked()
        QTest.mouseRelease(button, MIDDLE)
        assert not button.isChecked()
        assert heard == [(PIANO, name, 1.0), (PIANO, name, 0.0)]
    assert steps(studio) == 0


def test_a_colour_is_chosen_in_the_menu_of_a_strip(
    mixer: MixerView, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QMenu] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, at: opened.append(menu))
    at = QPoint(50, 4)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, strip(mixer).mapToGlobal(at))
    QApplication.sendEvent(strip(mixer), event)
    assert studio.selection.tracks == (PIANO,)
    colours = next(m for m in opened[0].findChildren(QMenu) if m.title() == "Colour")
    before = pixel(strip(mixer), 50, 1)
    colours.actions()[3].trigger()
    assert studio.song.project.track(PIANO).color == 3
    assert differs(before, pixel(strip(mixer), 50, 1)) > 20
    assert steps(studio) == 1


def test_a_bus_is_added_and_takes_sends(mixer: MixerView, studio: Studio, qtbot: QtBot) -> None:
    TrackCommands(studio).add_bus()
    bus = studio.song.project.buses[-1]
    assert bus.name == "Bus 2"
    qtbot.waitUntil(lambda: bus.id in mixer.strips)
    pot = strip(mixer)._sends.pots[bus.id]
    Mouse(pot).drag((11, 11), (11, -60))
    assert studio.song.project.track(PIANO).sends[-1].bus == bus.id
    assert bus.id not in strip(mixer, bus.id)._sends.pots, "it does not feed itself"


def test_the_master_tells_integrated_loudness_and_true_peak(
    mixer: MixerView, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    master = strip(mixer, studio.song.project.master.id)
    assert master._loudness is not None
    state = studio.playback.state
    told = replace(state, integrated_lufs=-14.23, short_term_lufs=-12.0, true_peak_db=0.31)
    monkeypatch.setattr(studio.playback, "_state", told)
    studio.playback.meters_changed.emit()
    assert [value.text() for value in master._loudness.values] == ["-14.2", "-12.0", "+0.3"]
    assert master._loudness.values[2].property("clipped") == "true"
    assert strip(mixer)._loudness is None


def test_a_fader_stands_where_its_line_is_and_moves_the_whole_of_it(
    mixer: MixerView, studio: Studio
) -> None:
    studio.song.do(DrawAutomation(PIANO, "volume", ((0, -20.0), (3840, 0.0), (7680, -120.0))))
    fader = strip(mixer).fader
    assert fader.value == pytest.approx(-20, abs=0.2)
    studio.playback.seek(3840)
    assert fader.value == pytest.approx(0, abs=0.2)
    field = strip(mixer)._db
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "-6")
    QTest.keyClick(field, Qt.Key.Key_Return)
    (lane,) = studio.song.project.track(PIANO).automation
    assert lane.points["value"].tolist() == [-26.0, -6.0, -120.0]
    assert studio.song.project.track(PIANO).volume_db == 0
    assert studio.song.undo_label == "Move automation"
    studio.song.undo()
    assert fader.value == pytest.approx(0, abs=0.2)


def test_strips_that_are_selected_together_move_together(
    mixer: MixerView, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[TrackId, str, float]] = []
    monkeypatch.setattr(studio.playback, "set_live", lambda *args: heard.append(args))
    studio.song.do(SetVolume(BASS, -10.0))
    Mouse(strip(mixer, PIANO)).click(50, 6)
    Mouse(strip(mixer, BASS)).click(50, 6, CTRL)
    assert studio.selection.tracks == (PIANO, BASS)
    before = steps(studio)
    fader = strip(mixer).fader
    Mouse(fader).drag((14, 60), (14, 80))
    piano, bass = (studio.song.project.track(id).volume_db for id in (PIANO, BASS))
    assert piano < -1
    assert bass - piano == pytest.approx(-10)
    assert steps(studio) == before + 1
    assert {call[0] for call in heard} == {PIANO, BASS}
    strip(mixer)._mute.click()
    assert studio.song.project.track(BASS).muted
    Mouse(strip(mixer, BASS)).click(50, 6, CTRL)
    strip(mixer)._mute.click()
    assert studio.song.project.track(BASS).muted
    Mouse(strip(mixer, RAIN).fader).drag((14, 60), (14, 80))
    assert studio.song.project.track(BASS).volume_db == bass, "another strip goes alone"


def test_the_mix_is_heard_in_mono_or_softly_without_a_step(
    mixer: MixerView, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, bool]] = []
    monkeypatch.setattr(studio.engine.monitor, "choose", lambda **how: told.append(how))
    master = strip(mixer, studio.song.project.master.id)
    QTest.mouseClick(master.monitor.mono, LEFT)
    QTest.mouseClick(master.monitor.dim, LEFT)
    QTest.mouseClick(master.monitor.mono, LEFT)
    assert [tuple(how.values()) for how in told] == [(True, False), (True, True), (False, True)]
    assert steps(studio) == 0
