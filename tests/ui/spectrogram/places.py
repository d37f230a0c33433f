"""A recording to look at, and where its sound lies on the screen."""

from __future__ import annotations

import numpy as np
from pytestqt.qtbot import QtBot

from studio.domain.clip import AudioClip, ClipId
from studio.ui.spectrogram.view import SpectrogramView
from studio.workspace.studio import Studio
from tests.ui.canvas.scene import BAR, RATE

TONE_HZ = 1312.5  # the middle of a bin of 2048 frames at 48 kHz
CLIP = ClipId("c23")


def put_tone(studio: Studio) -> None:
    """A second of silence, then a second of a tone, in place of the rain."""
    time = np.arange(2 * RATE) / RATE
    tone = np.where(time >= 1, 0.5 * np.sin(2 * np.pi * TONE_HZ * time), 0).astype(np.float32)
    source = studio.files.media.put_audio(tone[:, None], RATE, "tone.wav")
    clip = AudioClip(CLIP, 2 * BAR, source, 0, source.frames, name="tone")
    studio.song.open(studio.song.project.with_clip(clip))


def select(view: SpectrogramView, studio: Studio, qtbot: QtBot) -> None:
    studio.selection.set_clips({CLIP})
    settle(view, qtbot)


def settle(view: SpectrogramView, qtbot: QtBot) -> None:
    """Until all in sight is drawn as it should be."""

    def is_drawn() -> bool:
        view.canvas.repaint()
        pictures = view.canvas.pictures
        return not (view._tiles.computing or pictures.making or pictures.late)

    view.canvas.repaint()
    qtbot.waitUntil(is_drawn)


def y_of(view: SpectrogramView, hz: float) -> float:
    return view.scene.y(hz)


def x_of(view: SpectrogramView, seconds: float) -> float:
    return view.scene.x(seconds)
