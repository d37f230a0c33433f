"""How soon and how fast a spectrogram is drawn: `python -m tests.benchmarks.spectrogram_speed`.

Five minutes in stereo: from selecting the clip to its first picture and to the whole one, then
frames at several zooms, and what each event of a drag and a zoom holds up the window. Then three
hours, and what memory they take. Processor time of the window's thread is what a frame costs;
where the machine has other work to do, the time on the clock says little.
"""

from __future__ import annotations

import os
import struct
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "xcb" if os.environ.get("DISPLAY") else "offscreen")

from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication

from studio.domain.clip import AudioClip, AudioSource, ClipId
from studio.ui import theme
from studio.ui.spectrogram.view import SpectrogramView
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import CTRL, NONE, Mouse
from tests.ui.canvas.scene import RATE, open_studio

SIZE = (1600, 900)
FRAMES = 20
CLIP = ClipId("c23")
MINUTES, HOURS = 5, 3


def music(seconds: int) -> np.ndarray:
    """Tones that come and go over noise."""
    rng = np.random.default_rng(1)
    time_ = np.arange(seconds * RATE, dtype=np.float32) / RATE
    out = 0.02 * rng.standard_normal((len(time_), 2)).astype(np.float32)
    for hz in (110, 220, 440, 1760):
        out += (0.1 * np.sin(2 * np.pi * hz * time_) * (np.sin(time_ * hz / 99) > 0))[:, None]
    return out.astype(np.float32)


def silence(folder: Path, hours: int) -> AudioSource:
    """A recording that takes no room on the disk."""
    frames, name = hours * 3600 * RATE, "5" * 64
    path = folder / name[:2] / f"{name}.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    size = 4 * frames
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, 2, RATE,
                       4 * RATE, 4, 16, b"data", size)  # fmt: skip
    path.write_bytes(head)
    os.truncate(path, len(head) + size)
    return AudioSource(name, RATE, frames, 2, "hours.wav")


def show(studio: Studio, view: SpectrogramView, source: AudioSource) -> None:
    clip = AudioClip(CLIP, 0, source, 0, source.frames, "long")
    studio.song.open(studio.song.project.with_clip(clip))
    studio.selection.clear()
    view.scene.clip = None
    studio.selection.set_clips({CLIP})


def until(done: Callable[[], bool]) -> tuple[float, float]:
    """Seconds on the clock until something is so, and of processor time of all threads."""
    begun, spent = time.perf_counter(), time.process_time()
    while not done():
        QApplication.processEvents()
        time.sleep(0.001)
    return time.perf_counter() - begun, time.process_time() - spent


def frame_ms(view: SpectrogramView, before: Callable[[], object]) -> float:
    """The median processor time of a frame."""
    target, took = QPixmap(view.canvas.size()), []
    for _ in range(FRAMES):
        before()
        begun = time.thread_time()
        view.canvas.render(target)
        took.append((time.thread_time() - begun) * 1000)
    return float(np.median(took))


def is_whole(view: SpectrogramView) -> bool:
    view.canvas.grab()
    pictures = view.canvas.pictures
    return not (view._tiles.computing or pictures.making or pictures.late)


def first_picture(studio: Studio, view: SpectrogramView, source: AudioSource) -> None:
    show(studio, view, source)
    clock, spent = until(
        lambda: any(key.media == source.media for key in view.canvas.pictures._latest)
    )
    begun = time.thread_time()
    view.canvas.grab()
    drawn = time.thread_time() - begun
    print(f"  first picture {clock + drawn:.3f} s (processor {spent + drawn:.3f} s)")
    clock, spent = until(lambda: is_whole(view))
    print(f"  all of it     {clock:.3f} s (processor {spent:.3f} s)")


def events(view: SpectrogramView) -> None:
    """The longest any event of a drag, a zoom and a scroll takes, its frame included."""
    mouse, target, took = Mouse(view.canvas), QPixmap(view.canvas.size()), []

    def timed(act: Callable[[], object]) -> None:
        begun = time.thread_time()
        act()
        view.canvas.render(target)
        took.append((time.thread_time() - begun) * 1000)
        QApplication.processEvents()

    timed(lambda: mouse.press(200, 100))
    for step in range(40):
        timed(partial(mouse.move, 200 + 20 * step, 100 + 10 * step))
    timed(lambda: mouse.release(1000, 500))
    for _ in range(20):
        timed(lambda: mouse.wheel(600, 300, 1, CTRL))
    for _ in range(20):
        timed(lambda: mouse.wheel(600, 300, -1, NONE))
    print(f"  events: median {np.median(took):.2f} ms, at most {np.max(took):.2f} ms")


def memory_mb() -> float:
    """What the process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def measure(studio: Studio, view: SpectrogramView) -> None:
    canvas = view.canvas
    print(f"{MINUTES} minutes in stereo")
    sound = music(60 * MINUTES)
    first_picture(studio, view, studio.files.media.put_audio(sound, RATE, "long.wav"))
    for seconds in (60 * MINUTES, 60, 10, 1, 0.05):
        view.scene.axis.show(60 * RATE, (60 + seconds) * RATE)
        until(lambda: is_whole(view))
        anew, over = frame_ms(view, canvas.invalidate_grid), frame_ms(view, lambda: None)
        print(f"  {seconds:>6} s in sight: {anew:.2f} ms anew, {over:.2f} ms while playing")
    view.zoom_fit()
    until(lambda: is_whole(view))
    events(view)
    del sound
    before = memory_mb()
    print(f"{HOURS} hours in stereo")
    first_picture(studio, view, silence(studio.files.media.folder, HOURS))
    most = 0.0
    for _ in range(30):
        view.scene.axis.zoom(1.5, 700)
        until(lambda: is_whole(view))
        most = max(most, memory_mb() - before)
    print(f"  memory {most:+.0f} MB at most, zooming all the way in")


def main() -> None:
    app = QApplication(sys.argv[:1])
    theme.apply(app)
    with tempfile.TemporaryDirectory() as folder, open_studio(Path(folder)) as studio:
        view = SpectrogramView(studio)
        view.resize(*SIZE)
        view.show()
        QApplication.processEvents()
        measure(studio, view)
        view.release()


if __name__ == "__main__":
    main()
