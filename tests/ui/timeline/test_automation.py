"""Automation over the clips: each drag is one undo step, and clips stay where they are."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from studio.domain.device import Device, DeviceId
from studio.domain.notes import Automation
from studio.edit.mixer import DrawAutomation, SetSend
from studio.edit.tracks import AddDevice
from studio.ui.timeline.automation import parameters_of
from studio.ui.timeline.timeline import Timeline
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import RIGHT, Mouse, differs, escape, pixel
from tests.ui.canvas.scene import BAR, BEAT, PIANO
from tests.ui.timeline.places import steps


@pytest.fixture
def mouse(timeline: Timeline) -> Mouse:
    timeline.toggle_automation()
    return Mouse(timeline.lanes)


def held(studio: Studio) -> Automation:
    (lane,) = studio.song.project.track(PIANO).automation
    return lane


def spot(timeline: Timeline, tick: float, value: float) -> tuple[float, float]:
    """Where a value of the piano's lane is at a tick."""
    lanes, track = timeline.lanes.automation, timeline.studio.song.project.track(PIANO)
    row = timeline.lanes.layout_.row(0)
    return timeline.view.axis.x(tick), lanes.y(row, lanes.scale(track).share(value))


def test_a_press_makes_a_point_and_drags_it_in_one_step(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    mouse.drag(spot(timeline, 1.1 * BAR, 0), spot(timeline, 2.02 * BAR, -12))
    (point,) = held(studio).points
    assert int(point["tick"]) == 2 * BAR
    assert float(point["value"]) == pytest.approx(-12, abs=0.8)
    assert steps(studio) == 1
    assert studio.song.undo_label == "Draw automation"
    clips = [clip.start for _, clip in studio.song.project.clips()]
    studio.song.undo()
    assert studio.song.project.track(PIANO).automation == ()
    assert [clip.start for _, clip in studio.song.project.clips()] == clips


def test_a_point_is_moved_and_escape_brings_it_back(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    studio.song.do(DrawAutomation(PIANO, "volume", ((BAR, 0.0), (3 * BAR, -6.0))))
    mouse.hold(spot(timeline, BAR, 0), spot(timeline, 2 * BAR, -20))
    escape(timeline.lanes)
    assert held(studio).points["tick"].tolist() == [BAR, 3 * BAR]
    assert steps(studio) == 1
    mouse.drag(spot(timeline, BAR, 0), spot(timeline, 2 * BAR, -20))
    assert held(studio).points["tick"].tolist() == [2 * BAR, 3 * BAR]
    assert float(held(studio).points["value"][0]) == pytest.approx(-20, abs=1.5)
    assert steps(studio) == 2


def test_a_click_on_a_point_leaves_it_as_it_is(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    studio.song.do(DrawAutomation(PIANO, "volume", ((BAR, -3.3),)))
    mouse.click(*spot(timeline, BAR, -3.3))
    assert steps(studio) == 1


def test_the_draw_tool_draws_freely_and_a_right_drag_erases(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    timeline.set_tool("draw")
    mouse.drag(spot(timeline, BAR, -30), spot(timeline, 2 * BAR, 0))
    drawn = held(studio)
    assert len(drawn.points) > 10
    assert drawn.at([BAR + 20])[0] < drawn.at([1.5 * BAR])[0] < drawn.at([2 * BAR])[0]
    mouse.drag(spot(timeline, 1.5 * BAR, -10), spot(timeline, 4 * BAR, -10), button=RIGHT)
    assert held(studio).points["tick"].max() < 1.5 * BAR
    assert steps(studio) == 2


def test_what_a_row_shows_is_chosen_in_its_menu(
    timeline: Timeline, studio: Studio, mouse: Mouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.song.do(SetSend(PIANO, studio.song.project.buses[0].id, -9.0))
    studio.song.do(AddDevice(PIANO, Device(DeviceId("d90"), "eq")))
    opened: list[QMenu] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, at: opened.append(menu))
    mouse.click(12, timeline.lanes.layout_.row(0).top + 8)
    entries = {entry.text(): entry for entry in opened[0].actions()}
    assert {"Volume", "Pan", "To Reverb", "Equaliser: mid"} <= entries.keys()
    entries["Pan"].trigger()
    mouse.click(*spot(timeline, BAR, 0.5))
    assert held(studio).parameter == "pan"
    assert float(held(studio).points["value"][0]) == pytest.approx(0.5, abs=0.05)
    mouse.click(12, timeline.lanes.layout_.row(0).top + 8)
    next(e for e in opened[1].actions() if e.text() == "Clear Pan").trigger()
    assert studio.song.project.track(PIANO).automation == ()


def test_every_parameter_has_a_scale_that_leads_back(studio: Studio) -> None:
    devices = tuple(
        Device(DeviceId(f"d{i}"), kind) for i, kind in enumerate(("eq", "delay", "limiter"), 90)
    )
    track = replace(studio.song.project.track(PIANO), devices=devices)
    for scale in parameters_of(studio.song.project, track).values():
        for share in (0.1, 0.5, 0.9):
            assert scale.share(scale.value(share)) == pytest.approx(share, abs=0.02)
        assert scale.words(scale.value(0.5))


def test_the_line_is_seen_and_the_key_shows_and_hides_it(
    timeline: Timeline, studio: Studio
) -> None:
    studio.song.do(DrawAutomation(PIANO, "volume", ((BAR, 3.0),)))
    x, y = spot(timeline, 6 * BAR, 3.0)
    before = pixel(timeline.lanes, x, y)
    QTest.mouseClick(timeline.automate, Qt.MouseButton.LeftButton)
    assert differs(before, pixel(timeline.lanes, x, y)) > 60
    timeline.toggle_automation()
    assert pixel(timeline.lanes, x, y) == before
    Mouse(timeline.lanes).drag(
        (timeline.view.axis.x(BEAT), y + 8), (timeline.view.axis.x(BEAT) + 100, y + 8)
    )
    assert studio.song.undo_label == "Move clips"
