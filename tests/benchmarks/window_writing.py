"""How soon the first bar is seen and heard after Enter, how soon writing stops, and what the
window's thread spends meanwhile: the real window, engine, worker and composer.

Run: python -m tests.benchmarks.window_writing [ROUNDS]
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "xcb" if os.environ.get("DISPLAY") else "offscreen")
os.environ["TUTTI_HOME"] = tempfile.mkdtemp()

from PySide6.QtCore import QAbstractEventDispatcher, QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest

from studio import app
from studio.ui import application
from studio.ui.main_window import MainWindow
from studio.workspace.studio import Studio

PROMPTS = (
    "slow jazz trio, brushed drums, 84 bpm, D minor, 64 bars",
    "pop with piano, bass and drums, 120 bpm, 64 bars",
    "calm piano solo, 64 bars",
    "rock band with guitar, bass, drums and organ, 130 bpm, 64 bars",
)
WARM_SECONDS, WAIT_SECONDS, ON_SECONDS = 6.0, 120.0, 1.0


class Bursts:
    """What the window's thread computes between waking up and going to sleep, CPU ms."""

    def __init__(self) -> None:
        self.found: list[float] = []
        self._began = time.thread_time()
        dispatcher = QAbstractEventDispatcher.instance()
        dispatcher.awake.connect(self.begin)
        dispatcher.aboutToBlock.connect(self._end)

    def begin(self) -> None:
        self._began = time.thread_time()

    def _end(self) -> None:
        self.found.append((time.thread_time() - self._began) * 1000)


class Bench:
    def __init__(self, folder: Path) -> None:
        self.studio = Studio(folder)
        self.window = MainWindow(self.studio)
        self.window.show()
        QTest.qWaitForWindowActive(self.window)
        app.begin(self.studio, self.window, [])
        self.studio.generation.set(model="composer")
        self.bursts = Bursts()

    def run(self, prompt: str) -> tuple[float, float, float]:
        """Milliseconds from Enter to the first bar and to its sound, and from Ctrl+. to rest."""
        studio, field = self.studio, self.window.welcome.field
        self.window.commands.focus_prompt()
        field.clear()
        QTest.keyClicks(field, prompt)
        self.wait(0.6)
        self.bursts.begin()
        enter = time.perf_counter()
        QTest.keyClick(field, Qt.Key.Key_Return)
        seen = self.until(self.has_notes, enter)
        master = studio.song.project.master.id
        heard = self.until(lambda: bool(studio.playback.meter(master)[0] > 0.001), enter)
        self.wait(ON_SECONDS)
        self.bursts.begin()
        stop = time.perf_counter()
        QTest.keyClick(self.window, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
        rest = self.until(lambda: not studio.generation.busy, stop)
        studio.playback.stop()
        self.wait(0.4)
        return seen, heard, rest

    def has_notes(self) -> bool:
        overlay = self.studio.generation.overlay
        return overlay is not None and any(len(part.notes) for part in overlay.result.parts)

    def until(self, done: Callable[[], bool], since: float) -> float:
        while not done():
            if time.perf_counter() - since > WAIT_SECONDS:
                raise TimeoutError("the studio did not get there")
            self.wait(0.002)
        return (time.perf_counter() - since) * 1000

    def wait(self, seconds: float) -> None:
        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1000), loop.quit)
        loop.exec()

    def close(self) -> None:
        self.studio.files.discard_changes()
        self.window.release()
        self.studio.close()


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    qt = application.start()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        bench.wait(WARM_SECONDS)
        bench.bursts.found.clear()
        rows = [bench.run(prompt) for _ in range(rounds) for prompt in PROMPTS]
        names = ("Enter to first bar", "Enter to its sound", "Ctrl+. to rest")
        for name, times in zip(names, zip(*rows, strict=True), strict=True):
            middle, worst = statistics.median(times), max(times)
            print(f"{name:20} median {middle:7.0f} ms, worst {worst:7.0f} ms of {len(times)}")
        print(f"window's thread      worst {max(bench.bursts.found):7.1f} ms of CPU at a stretch")
        bench.close()
    qt.quit()


if __name__ == "__main__":
    main()
