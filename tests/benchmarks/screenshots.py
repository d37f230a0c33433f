"""The manual's pictures of the window: a song from a sentence, made and drawn by the real program.

Run `python tests/benchmarks/screenshots.py [FOLDER]`; the default is `resources/manual`.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["TUTTI_HOME"] = tempfile.mkdtemp()

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from studio.core.paths import resource
from studio.domain.clip import AudioClip, NoteClip
from studio.domain.track import Track, TrackKind
from studio.edit.clips import AddClip
from studio.edit.notes import SetNotes
from studio.edit.tempo import SetMarker
from studio.edit.tracks import AddTrack
from studio.ui import application
from studio.ui.dock import MIXER, ROLL, SPECTROGRAM
from studio.ui.main_window import MainWindow
from studio.workspace.studio import Studio

SONG = "slow late-night jazz, piano, upright bass, brushed drums, vibraphone, 84 bpm, D minor"
BARS = 12
REWRITE = "walking bass and brushed drums, late-night, a bit lazy behind the beat"
SIZE = (1600, 1000)
BAR = 3840
WAIT_SECONDS = 60.0


class Photographer:
    """Does what a musician would, and keeps a picture of each step."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._studio = Studio()
        self._window = MainWindow(self._studio)
        self._window.resize(*SIZE)
        self._window.show()
        self._studio.start()

    def run(self) -> None:
        self.wait(1.0)
        self._window.commands.focus_prompt()
        self._window.welcome.field.setText(SONG)
        self.wait(0.5)
        self.take("welcome")
        self.compose()
        self.dress()
        self.rewrite()
        self._window.commands.show_tab(MIXER)
        self._studio.playback.play()
        self.wait(4.0)
        self.take("mixer")
        self._studio.playback.stop()
        self.listen()
        self._studio.files.discard_changes()
        self._window.close()
        self._studio.close()

    def compose(self) -> None:
        self._studio.generation.set(prompt=SONG, bars=BARS, seed=48213, seed_locked=True)
        self._studio.generation.go()
        self.until(lambda: bool(self._studio.takes.entries))

    def dress(self) -> None:
        """Sections, a recording, notes that are kept and some that are locked."""
        studio = self._studio
        for tick, name in ((0, "Intro"), (4 * BAR, "Verse"), (8 * BAR, "Chorus")):
            studio.song.do(SetMarker(tick, name))
        track = Track(studio.song.project.new_track_id(), TrackKind.AUDIO, "Rain", color=5)
        studio.song.do(AddTrack(track))
        source = studio.files.media.put_audio(rain(), 48000, "Rain.wav")
        clip = AudioClip(studio.song.project.new_clip_id(), 0, source, 0, source.frames, "Rain.wav")
        studio.song.do(AddClip(track.id, clip))
        studio.takes.keep(studio.takes.entries[0].take.id)
        bass = self.clip_of("bass")
        early = bass.notes.where(bass.notes.starting_in(4 * BAR, 5 * BAR)).id[::2]
        studio.song.do(SetNotes(bass.id, frozenset(early.tolist()), (("locked", True),)))
        studio.selection.set_note_clip(bass.id)

    def rewrite(self) -> None:
        """Three variations of bars 5 to 8, the first of them heard."""
        studio = self._studio
        tracks = (self.track_of("bass").id, self.track_of("drums").id)
        studio.selection.set_span((4 * BAR, 8 * BAR), tracks)
        studio.playback.set_loop((4 * BAR, 8 * BAR))
        studio.generation.set(prompt=REWRITE, bars=None, variations=3)
        self._window.commands.show_tab(ROLL)
        studio.generation.go()
        self.until(lambda: len(studio.takes.entries) == 4 and not studio.generation.busy)
        studio.playback.seek(5 * BAR)
        studio.playback.play()
        self.wait(5.0)
        self.take("window")
        studio.playback.stop()

    def listen(self) -> None:
        rain = next(c for c in self.track_of("", "Rain").clips)
        self._studio.selection.set_clips({rain.id})
        self._window.commands.show_tab(SPECTROGRAM)
        self.wait(2.0)
        canvas = self._window.dock.current.canvas  # type: ignore[attr-defined]
        canvas.pointed.emit(canvas.words_at(QPointF(600, 160)))
        self.wait(0.1)
        self.take("spectrogram")

    def track_of(self, role: str, name: str = "") -> Track:
        tracks = self._studio.song.project.tracks
        return next(t for t in tracks if (t.role == role if role else t.name == name))

    def clip_of(self, role: str) -> NoteClip:
        return next(c for c in self.track_of(role).clips if isinstance(c, NoteClip))

    def take(self, name: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._window.grab().save(str(self._folder / f"{name}.png"))
        print(self._folder / f"{name}.png")

    def wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            QApplication.processEvents()
            time.sleep(0.005)

    def until(self, done: Callable[[], bool]) -> None:
        until = time.monotonic() + WAIT_SECONDS
        while not done():
            if time.monotonic() > until:
                raise TimeoutError("the studio did not get there")
            self.wait(0.01)


def rain() -> np.ndarray:
    """Half a minute of something like rain: noise in slow gusts, with drops."""
    rng = np.random.default_rng(7)
    seconds, rate = 34, 48000
    noise = rng.normal(0, 1, seconds * rate)
    soft = np.convolve(noise, np.hanning(48) / 24, mode="same")
    knots = np.linspace(0, len(noise), 40)
    gusts = np.interp(np.arange(len(noise)), knots, rng.uniform(0.05, 0.5, 40))
    drops = np.zeros(len(noise))
    drops[rng.integers(0, len(noise), 300)] = rng.uniform(0.2, 0.8, 300)
    ring = np.exp(-np.arange(2400) / 300) * np.sin(np.arange(2400) * 0.35)
    sound = soft * gusts + np.convolve(drops, ring, mode="same") * 0.4
    return np.clip(sound, -1, 1).astype(np.float32)[:, None]


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else resource("manual")
    qt = application.start()
    Photographer(folder).run()
    qt.quit()


if __name__ == "__main__":
    main()
