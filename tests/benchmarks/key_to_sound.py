"""From asking for a note to its first audible frame at a second JACK client.

    python -m tests.benchmarks.key_to_sound [--notes 20]

Asked of the engine's client, and by pressing keys of the piano roll in the real window with the
mouse. Cold: the first note of an engine that has just started. Warm: the following ones. Needs
jackd.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from studio.audio.client import EngineClient
from studio.core import settings
from studio.core.settings import Settings
from studio.domain.clip import NoteClip
from studio.edit.clips import AddClip
from studio.edit.takes import new_instrument
from studio.edit.tracks import AddTrack
from studio.media.store import MediaStore
from studio.render.plan import compile_song
from studio.ui import application
from studio.ui.main_window import MainWindow
from studio.ui.piano_roll.keyboard import Keyboard
from studio.workspace.studio import Studio
from tests.audio import jackd
from tests.audio.capturing import capturing
from tests.audio.songs import KEYS, difficult_song

_GAP_SECONDS = 2.0


def measure(notes: int, folder: Path, period: int) -> None:
    media = MediaStore(folder / "media", folder / "cache")
    song = difficult_song(media)
    dry = replace(song.track(KEYS), sends=())
    plan = compile_song(replace(song, tracks=(dry, song.master)), media)
    client = EngineClient()
    with jackd.server(folder, period):
        began = time.perf_counter()
        client.start(folder / f"run{period}", "JACK", 48000, period)
        client.set_plan(plan)
        try:
            while client.state().plan_version == 0:
                time.sleep(0.001)
            ready = time.perf_counter() - began
            with capturing("PortAudio", folder) as captured:
                asked = [_ask(client, number) for number in range(notes)]
        finally:
            client.close()
    took = np.array([_first_after(when, captured.onsets_ns) for when in asked]) / 1e6
    warm = took[1:]
    print(f"blocks of {period} frames; engine ready with its song after {ready:.2f} s; ", end="")
    print(
        f"{captured.xruns} xruns; {np.isnan(took).sum()} of {notes} notes ran into the one before"
    )
    print(f"  cold {took[0]:.1f} ms")
    print(f"  warm median {np.nanmedian(warm):.1f} ms, worst {np.nanmax(warm):.1f} ms")


def measure_window(notes: int, folder: Path, period: int) -> None:
    """The same from mouse events on the piano roll's keys, in the window of a whole studio."""
    os.environ["TUTTI_HOME"] = str(folder / "home")
    settings.save(
        Settings(audio_device="JACK", block_frames=period), folder / "home" / "settings.json"
    )
    qt = application.start()
    with jackd.server(folder, period):
        studio = Studio(folder / "studio")
        window = MainWindow(studio)
        window.resize(1400, 900)
        window.show()
        studio.start()
        try:
            keys = _keys_of_a_piano(qt, studio, window)
            with capturing("PortAudio", folder) as captured:
                asked = [_press(qt, keys, number) for number in range(notes)]
        finally:
            studio.files.discard_changes()
            window.close()
            window.release()
            studio.close()
    took = np.array([_first_after(when, captured.onsets_ns) for when in asked]) / 1e6
    print(f"keys of the window, blocks of {period} frames; {captured.xruns} xruns")
    print(f"  cold {took[0]:.1f} ms")
    print(f"  warm median {np.nanmedian(took[1:]):.1f} ms, worst {np.nanmax(took[1:]):.1f} ms")


def _keys_of_a_piano(qt: QApplication, studio: Studio, window: MainWindow) -> QWidget:
    """The keys beside an open clip, once the engine knows its track."""
    song = studio.song
    piano = replace(new_instrument(song.project, "Piano", 0), sends=())
    song.do(AddTrack(piano))
    clip = NoteClip(song.project.new_clip_id(), 0, 3840)
    song.do(AddClip(piano.id, clip))
    studio.selection.set_clips({clip.id})
    version = studio.playback.state.plan_version
    _spin(qt, lambda: studio.playback.state.plan_version > version)
    end = time.perf_counter() + 1.0
    _spin(qt, lambda: time.perf_counter() > end)
    keys = window.findChild(Keyboard)
    assert keys is not None
    return keys


def _press(qt: QApplication, keys: QWidget, number: int) -> int:
    end = time.perf_counter() + _GAP_SECONDS + 0.0037 * number
    _spin(qt, lambda: time.perf_counter() > end)
    place = QPoint(50, keys.height() // 2 + 7 * (number % 5))
    asked = time.perf_counter_ns()
    QTest.mousePress(keys, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    qt.processEvents()
    QTest.mouseRelease(keys, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    return asked


def _spin(qt: QApplication, done: Callable[[], bool]) -> None:
    while not done():
        qt.processEvents()
        time.sleep(0.001)


def _first_after(asked: int, onsets: list[int]) -> float:
    """Nanoseconds to the sound that came of it; NaN if it did not stand apart from what rang."""
    after = [onset - asked for onset in onsets if 0 < onset - asked < _GAP_SECONDS * 1e9]
    return float(after[0]) if after else float("nan")


def _ask(client: EngineClient, number: int) -> int:
    time.sleep(_GAP_SECONDS + 0.0037 * number)  # not in step with the blocks
    asked = time.perf_counter_ns()
    client.audition(KEYS, 60 + number % 12, 110, 0.1)
    return asked


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--notes", type=int, default=20)
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for period in (256, 1024):
            measure(words.notes, Path(folder), period)
        measure_window(words.notes, Path(folder), 256)


if __name__ == "__main__":
    main()
