"""The picture of a recording shows its sound where it is, and says what is under the mouse."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from studio.domain.clip import ClipId
from studio.dsp.stft import Scale
from studio.edit.clips import DeleteClips, MoveClips
from studio.ui.spectrogram.axes import Band, FrameAxis, note_text
from studio.ui.spectrogram.tiles import column_frames_for, finest_hop
from studio.ui.spectrogram.view import SpectrogramView
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import CTRL, SHIFT, Mouse, pixel
from tests.ui.canvas.scene import BAR, RAIN
from tests.ui.spectrogram.places import CLIP, TONE_HZ, select, x_of, y_of


def brightness(view: SpectrogramView, seconds: float, hz: float) -> int:
    color = pixel(view.canvas, x_of(view, seconds), y_of(view, hz))
    return color.red() + color.green() + color.blue()


def test_nothing_selected_says_the_next_click(view: SpectrogramView) -> None:
    assert view._stack.currentIndex() == 0


@pytest.mark.parametrize("scale", list(Scale))
def test_a_tone_is_bright_at_its_frequency_while_it_sounds(
    view: SpectrogramView, studio: Studio, qtbot: QtBot, scale: Scale
) -> None:
    view.scene.set_look(replace(view.scene.look, scale=scale, beats=False, keys=False))
    select(view, studio, qtbot)
    assert brightness(view, 1.5, TONE_HZ) > 300
    assert brightness(view, 0.5, TONE_HZ) < 60
    assert brightness(view, 1.5, 4 * TONE_HZ) < 100


def test_the_readout_names_time_frequency_note_and_level(
    view: SpectrogramView, studio: Studio, qtbot: QtBot
) -> None:
    select(view, studio, qtbot)
    words = view.canvas.words_at(QPointF(x_of(view, 1.5), y_of(view, TONE_HZ)))
    assert words.startswith("0:01.50")
    assert "kHz" in words
    assert "E6" in words
    assert words.endswith("-6 dB")
    assert view.canvas.words_at(QPointF(-2, 2)) == ""


def test_the_mouse_is_answered_and_leaving_clears(
    view: SpectrogramView, studio: Studio, qtbot: QtBot
) -> None:
    select(view, studio, qtbot)
    Mouse(view.canvas).hover(x_of(view, 0.5), 100)
    assert "dB" in view.bar.readout.text()


def test_a_press_seeks_to_that_moment_of_the_song(
    view: SpectrogramView, studio: Studio, qtbot: QtBot
) -> None:
    select(view, studio, qtbot)
    Mouse(view.canvas).click(x_of(view, 1.0), 100)
    assert studio.playback.position_tick == pytest.approx(2 * BAR + BAR / 2, abs=8)


def test_the_playhead_stands_at_the_moment_that_is_heard(
    view: SpectrogramView, studio: Studio, qtbot: QtBot
) -> None:
    select(view, studio, qtbot)
    dark = pixel(view.canvas, x_of(view, 0.5), 60)
    studio.playback.seek(2 * BAR + BAR // 4)
    lit = pixel(view.canvas, x_of(view, 0.5), 60)
    assert lit.lightness() > dark.lightness() + 100


def test_ctrl_wheel_zooms_where_the_mouse_is_and_fit_goes_back(
    view: SpectrogramView, studio: Studio, qtbot: QtBot
) -> None:
    select(view, studio, qtbot)
    axis, whole = view.scene.axis, view.scene.axis.scale
    before = view.scene.seconds(400)
    Mouse(view.canvas).wheel(400, 100, 4, CTRL)
    assert axis.scale > 2 * whole
    assert view.scene.seconds(400) == pytest.approx(before, abs=0.01)
    hz = view.scene.hz(150)
    Mouse(view.canvas).wheel(400, 150, 4, CTRL | SHIFT)
    assert view.scene.band.top - view.scene.band.bottom < 0.6
    assert view.scene.hz(150) == pytest.approx(hz, rel=0.01)
    view.zoom_fit()
    assert axis.scale == pytest.approx(whole)
    assert (view.scene.band.bottom, view.scene.band.top) == (0, 1)


def test_it_follows_the_clip_and_forgets_it_when_it_goes(
    view: SpectrogramView, studio: Studio, qtbot: QtBot
) -> None:
    select(view, studio, qtbot)
    studio.song.do(MoveClips(frozenset({CLIP}), by_ticks=BAR))
    Mouse(view.canvas).click(x_of(view, 0.0), 100)
    assert studio.playback.position_tick == pytest.approx(3 * BAR, abs=8)
    studio.song.do(DeleteClips(frozenset({CLIP})))
    assert view._stack.currentIndex() == 0


def test_another_selection_leaves_the_picture(
    view: SpectrogramView, studio: Studio, qtbot: QtBot
) -> None:
    select(view, studio, qtbot)
    studio.selection.set_clips({ClipId("c20")})
    assert view._stack.currentIndex() == 1
    assert studio.song.project.track(RAIN).clips


def test_a_view_never_leaves_the_recording() -> None:
    axis = FrameAxis()
    axis.set_width(500)
    axis.set_range(1000, 11_000)
    axis.fit()
    assert (axis.left, axis.scale) == (1000, 0.05)
    axis.zoom(4.0, 250)
    axis.scroll_by(1e6)
    assert axis.left + axis.width / axis.scale == pytest.approx(11_000)
    axis.zoom(1e-9, 0)
    assert (axis.left, axis.scale) == (1000, 0.05)


def test_columns_are_as_wide_as_the_screen_asks() -> None:
    assert column_frames_for(10, 2048) == finest_hop(2048) == 256
    assert column_frames_for(511, 2048) == 256
    assert column_frames_for(512, 2048) == 512
    assert finest_hop(512) == 64


@given(st.sampled_from(Scale), st.floats(0, 0.9), st.floats(0.05, 1), st.floats(30, 20_000))
def test_a_band_finds_back_to_each_frequency(
    scale: Scale, bottom: float, size: float, hz: float
) -> None:
    band = Band(scale, high=24_000).placed(bottom, size)
    assert band.hz(band.share(hz)) == pytest.approx(hz, rel=1e-6)
    near = band.zoomed(2.0, 0.5)
    assert near.bottom >= -1e-9
    assert near.top <= 1 + 1e-9


@pytest.mark.parametrize(("hz", "note"), [(440, "A4 +0 ct"), (442, "A4 +8 ct"), (27.5, "A0 +0 ct")])
def test_frequencies_have_notes(hz: float, note: str) -> None:
    assert note_text(hz) == note
