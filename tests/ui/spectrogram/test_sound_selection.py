"""Sound is selected by hand, and what is done with it is an edit like any other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from studio.ai.painter.hole import Hole
from studio.domain.clip import AudioClip
from studio.ui.dock import SPECTROGRAM
from studio.ui.main_window import MainWindow
from studio.ui.spectrogram.gestures import Tool
from studio.ui.spectrogram.region import Region
from studio.ui.spectrogram.view import SpectrogramView
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import ALT, SHIFT, Mouse, escape, pixel
from tests.ui.canvas.scene import RATE
from tests.ui.spectrogram.places import CLIP, TONE_HZ, put_tone, select, settle, x_of, y_of

HIGH = RATE / 2


@pytest.fixture
def mouse(view: SpectrogramView, studio: Studio, qtbot: QtBot) -> Mouse:
    select(view, studio, qtbot)
    return Mouse(view.canvas)


def at(view: SpectrogramView, seconds: float, hz: float) -> tuple[float, float]:
    return x_of(view, seconds), y_of(view, hz)


def box(view: SpectrogramView) -> tuple[float, float, float, float]:
    """Seconds and Hz of what is selected."""
    assert view.scene.region.rectangle is not None
    return (*view.scene.region.seconds, *view.scene.region.hz)


def test_a_drag_selects_a_box_whose_times_land_on_beats_but_with_alt(
    view: SpectrogramView, mouse: Mouse
) -> None:
    mouse.drag(at(view, 0.51, 3000), at(view, 1.01, 500))
    assert box(view) == pytest.approx((0.5, 1.0, 500, 3000), rel=0.05)
    assert view.scene.region.seconds == pytest.approx((0.5, 1.0))
    view.scene.select(Region(high=HIGH))
    mouse.press(*at(view, 0.61, 3000))
    mouse.move(*at(view, 1.01, 500), ALT)
    mouse.release(*at(view, 1.01, 500), ALT)
    assert view.scene.region.seconds[1] == pytest.approx(1.01, abs=0.004)
    assert "3.02 kHz" in view.actions_.words.text()


def test_edges_and_corners_are_dragged_and_esc_takes_the_drag_back(
    view: SpectrogramView, mouse: Mouse
) -> None:
    view.scene.select(Region.box((0.5, 1.0), (500, 3000), HIGH))
    mouse.drag(at(view, 1.0, 1200), at(view, 1.5, 1200))
    assert box(view) == pytest.approx((0.5, 1.5, 500, 3000))
    mouse.drag(at(view, 1.5, 3000), at(view, 1.75, 6000))
    assert box(view) == pytest.approx((0.5, 1.75, 500, 6000), rel=0.02)
    mouse.hold(at(view, 0.5, 1200), at(view, 0.2, 1200))
    assert view.scene.region.seconds[0] < 0.3
    escape(view.canvas)
    assert box(view) == pytest.approx((0.5, 1.75, 500, 6000), rel=0.02)
    mouse.release(*at(view, 0.2, 1200))
    escape(view.canvas)
    assert not view.scene.region


def test_a_box_that_is_moved_lands_its_middle_on_a_peak(
    view: SpectrogramView, mouse: Mouse
) -> None:
    view.scene.select(Region.box((1.25, 1.75), (2000, 4500), HIGH))  # its middle: 3 kHz
    mouse.drag(at(view, 1.5, 3000), at(view, 1.5, TONE_HZ * 1.04))
    low, high = view.scene.region.hz
    assert (low * high) ** 0.5 == pytest.approx(TONE_HZ, rel=0.004)


def test_shift_adds_and_alt_takes_away(view: SpectrogramView, mouse: Mouse) -> None:
    view.scene.select(Region.box((0.5, 1.0), (500, 3000), HIGH))
    mouse.drag(at(view, 1.5, 3000), at(view, 1.75, 500), SHIFT)
    assert len(view.scene.region.polygons) == 2
    mouse.drag(at(view, 0.6, 2000), at(view, 0.8, 1000), ALT)
    region = view.scene.region
    assert region.holds(0.55, 1500)
    assert not region.holds(0.7, 1500)
    assert region.holds(1.6, 1500)
    assert len(region.strokes(RATE, 2 * RATE).lassos) == 2


@pytest.mark.parametrize("tool", [Tool.LASSO, Tool.BRUSH])
def test_a_lasso_and_a_brush_follow_the_hand(
    view: SpectrogramView, mouse: Mouse, tool: Tool
) -> None:
    QTest.mouseClick(view.bar.tools[tool], Qt.MouseButton.LeftButton)
    assert view.canvas.tool is tool
    mouse.press(200, 100)
    for x, y in ((260, 100), (320, 100), (320, 160), (320, 220)):
        mouse.move(x, y)
    mouse.release(320, 220)
    scene = view.scene
    assert scene.region.holds(scene.seconds(300), scene.hz(110))
    far_inside = scene.region.holds(scene.seconds(280), scene.hz(150))
    assert far_inside == (tool is Tool.LASSO)
    assert not scene.region.holds(scene.seconds(220), scene.hz(200))


def test_a_tone_is_selected_with_all_its_overtones(view: SpectrogramView, mouse: Mouse) -> None:
    view.set_tool("harmonics")
    mouse.drag(at(view, 1.25, TONE_HZ * 1.02), at(view, 1.75, TONE_HZ * 1.02))
    region = view.scene.region
    for number in (1, 2, 3, 17):
        assert region.holds(1.5, number * TONE_HZ)
        assert not region.holds(1.5, (number + 0.5) * TONE_HZ)


def test_the_ruler_selects_a_time_and_the_axis_a_band(view: SpectrogramView, mouse: Mouse) -> None:
    Mouse(view.ruler).drag((x_of(view, 0.5), 10), (x_of(view, 1.0), 10))
    assert view.scene.region.is_all_of_its_time
    assert view.scene.region.strokes(RATE, 2 * RATE).holes == (Hole(RATE // 2, RATE),)
    Mouse(view.frequencies).drag((20, y_of(view, 3000)), (20, y_of(view, 500)))
    assert box(view) == pytest.approx((0, 2, 500, 3000), rel=0.02)


def test_a_press_elsewhere_drops_the_selection_and_plays_from_there(
    view: SpectrogramView, mouse: Mouse, studio: Studio
) -> None:
    view.scene.select(Region.box((0.5, 1.0), (500, 3000), HIGH))
    mouse.click(*at(view, 0.75, 1200))
    assert view.scene.region
    mouse.click(*at(view, 1.5, 1200))
    assert not view.scene.region
    assert studio.playback.position_tick == view.scene.tick(view.scene.seconds(mouse_x(view)))


def mouse_x(view: SpectrogramView) -> float:
    return round(x_of(view, 1.5))


def test_del_in_the_window_erases_what_a_drag_selected_and_undo_brings_it_back(
    window: MainWindow, studio: Studio, qtbot: QtBot
) -> None:
    put_tone(studio)
    studio.selection.set_clips({CLIP})
    window.commands.show_tab(SPECTROGRAM)
    view = window.dock.current
    assert isinstance(view, SpectrogramView)
    settle(view, qtbot)
    before = studio.song.project.clip(CLIP)
    Mouse(view.canvas).drag(at(view, 1.25, 2600), at(view, 1.75, 650))
    QTest.keyClick(view.canvas, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: studio.song.undo_label == "Erase sound")
    clip = studio.song.project.clip(CLIP)
    assert isinstance(clip, AudioClip)
    sound = studio.files.media.samples(clip.source, 0, clip.source.frames)[:, 0]
    assert np.abs(sound[int(1.4 * RATE) : int(1.6 * RATE)]).max() < 1e-3
    assert np.abs(sound[int(1.05 * RATE) : int(1.2 * RATE)]).max() == pytest.approx(0.5, abs=1e-3)
    assert "click" in view.actions_.words.text()
    assert view.scene.region
    studio.song.undo()
    assert studio.song.project.clip(CLIP) == before
    assert "click" not in view.actions_.words.text()


def test_only_the_selection_is_heard_and_asking_again_stops(
    view: SpectrogramView, mouse: Mouse, studio: Studio, qtbot: QtBot
) -> None:
    view.scene.select(Region.box((1.25, 1.75), (500, 3000), HIGH))
    both = Qt.KeyboardModifier.ControlModifier | SHIFT
    QTest.keyClick(view.canvas, Qt.Key.Key_Space, both)
    assert studio.audition.on
    assert view.actions_.hear.text() == "Stop"
    qtbot.waitUntil(lambda: studio.playback._preview is not None)
    heard = studio.playback._preview
    assert heard is not None
    ((clip,),) = (track.clips for track in heard.sources)
    assert isinstance(clip, AudioClip)
    assert clip.source.frames == pytest.approx(0.54 * RATE, abs=10)
    QTest.mouseClick(view.actions_.hear, Qt.MouseButton.LeftButton)
    assert not studio.audition.on
    assert studio.playback._preview is None


def test_the_menu_changes_window_and_colours(
    view: SpectrogramView, mouse: Mouse, qtbot: QtBot
) -> None:
    (button,) = (b for b in view.bar.findChildren(QPushButton) if b.text().startswith("Look"))
    tall, bright = x_of(view, 1.5), y_of(view, TONE_HZ)
    assert pixel(view.canvas, tall, bright).red() > 200  # loud is yellow
    for wanted in ("8,192 frames", "Blackman-Harris", "Viridis"):
        button.menu().aboutToShow.emit()
        for inner in (action.menu() for action in button.menu().actions()):
            if inner is not None:
                inner.aboutToShow.emit()  # type: ignore[attr-defined]  # any menu has it
                for entry in inner.actions():  # type: ignore[attr-defined]
                    if entry.text() == wanted:
                        entry.trigger()
        settle(view, qtbot)
    look = view.scene.look
    assert (look.fft_size, look.window, look.colours) == (8192, "blackman-harris", "viridis")
    loud = pixel(view.canvas, tall, bright)
    assert loud.green() > loud.red()


times = st.tuples(st.floats(0, 1), st.floats(1.1, 2))
bands = st.tuples(st.floats(0, 5000), st.floats(5100, 24_000))


@given(times, bands, times, bands, st.floats(0, 2), st.floats(0, 24_000))
def test_regions_add_and_take_away_as_sets_do(
    one: tuple[float, float], low: tuple[float, float], two: tuple[float, float],
    high: tuple[float, float], seconds: float, hz: float,
) -> None:  # fmt: skip
    a, b = Region.box(one, low, HIGH), Region.box(two, high, HIGH)
    edges = [abs(seconds - x) for x in (*one, *two)] + [abs(hz - y) / 1e4 for y in (*low, *high)]
    if min(edges) > 1e-3:  # not on an outline, which belongs to either
        held = a.holds(seconds, hz), b.holds(seconds, hz)
        assert a.united(b).holds(seconds, hz) == (held[0] or held[1])
        assert a.without(b).holds(seconds, hz) == (held[0] and not held[1])
