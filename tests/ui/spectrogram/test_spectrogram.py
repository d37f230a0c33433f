"""The picture of a recording shows its sound where it is, and says what is under the mouse."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from studio.domain.clip import AudioClip, ClipId
from studio.dsp.stft import Scale, position_of_hz
from studio.edit.clips import DeleteClips, MoveClips
from studio.ui.spectrogram.axes import LOW_HZ, TimeWindow, note_text
from studio.ui.spectrogram.tiles import HOP, level_for
from studio.ui.spectrogram.view import SpectrogramView
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import CTRL, Mouse, pixel, shown
from tests.ui.canvas.scene import BAR, RAIN, RATE

TONE_HZ = 1312.5  # the middle of a bin of 2048 frames at 48 kHz
CLIP = ClipId("c23")


@pytest.fixture
def view(studio: Studio, qtbot: QtBot) -> Iterator[SpectrogramView]:
    """A second of silence, then a second of a tone, in place of the rain."""
    time = np.arange(2 * RATE) / RATE
    tone = np.where(time >= 1, 0.5 * np.sin(2 * np.pi * TONE_HZ * time), 0).astype(np.float32)
    source = studio.files.media.put_audio(tone[:, None], RATE, "tone.wav")
    clip = AudioClip(CLIP, 2 * BAR, source, 0, source.frames, name="tone")
    studio.song.open(studio.song.project.with_clip(clip))
    made = SpectrogramView(studio)
    qtbot.addWidget(made)
    yield shown(made, 856, 460)
    made.release()


def select(view: SpectrogramView, studio: Studio, qtbot: QtBot) -> None:
    studio.selection.set_clips({CLIP})
    view.canvas.repaint()
    qtbot.waitUntil(lambda: bool(view._tiles._ready))
    view.canvas.repaint()


def y_of(view: SpectrogramView, hz: float) -> float:
    canvas = view.canvas
    share = float(position_of_hz(hz, canvas.look.scale, LOW_HZ, RATE / 2))
    return canvas._plot().height() * (1 - share)


def x_of(view: SpectrogramView, seconds: float) -> float:
    return view.canvas._plot().left() + view.canvas._window.x(seconds)


def brightness(view: SpectrogramView, seconds: float, hz: float) -> int:
    color = pixel(view.canvas, x_of(view, seconds), y_of(view, hz))
    return color.red() + color.green() + color.blue()


def test_nothing_selected_says_the_next_click(view: SpectrogramView) -> None:
    assert view._stack.currentIndex() == 0


@pytest.mark.parametrize("scale", list(Scale))
def test_a_tone_is_bright_at_its_frequency_while_it_sounds(
    view: SpectrogramView, studio: Studio, qtbot: QtBot, scale: Scale
) -> None:
    view._choose(view._name, scale, "")  # type: ignore[arg-type]
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
    assert view.canvas.words_at(QPointF(2, 2)) == ""


def test_the_mouse_is_answered_and_leaving_clears(
    view: SpectrogramView, studio: Studio, qtbot: QtBot
) -> None:
    select(view, studio, qtbot)
    Mouse(view.canvas).hover(x_of(view, 0.5), 100)
    assert "dB" in view._readout.text()


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
    whole = view.canvas._window
    before = view.canvas._window.seconds(400 - 56)
    Mouse(view.canvas).wheel(400, 100, 4, CTRL)
    assert view.canvas._window.scale > 2 * whole.scale
    assert view.canvas._window.seconds(400 - 56) == pytest.approx(before, abs=0.01)
    view.zoom_fit()
    assert view.canvas._window == whole


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


def test_a_window_never_leaves_the_recording() -> None:
    window = TimeWindow(-5, 1).kept_inside(0, 10, 500)
    assert window == TimeWindow(0, 50)
    assert TimeWindow(9.9, 100).kept_inside(0, 10, 500).left == 5
    assert all(0 <= mark <= 10 for mark in window.marks(500))


def test_levels_are_as_coarse_as_the_screen() -> None:
    assert level_for(10) == 0
    assert level_for(HOP) == 0
    assert level_for(2 * HOP) == 1
    assert level_for(100 * HOP) == 6


@pytest.mark.parametrize(("hz", "note"), [(440, "A4 +0 ct"), (442, "A4 +8 ct"), (27.5, "A0 +0 ct")])
def test_frequencies_have_notes(hz: float, note: str) -> None:
    assert note_text(hz) == note
