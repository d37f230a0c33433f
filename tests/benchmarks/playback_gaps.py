"""Gaps heard while 32 tracks play, a window repaints and a job computes; beside a bare C client.

    python -m tests.benchmarks.playback_gaps [--seconds 600]

Two JACK servers with dummy devices run at once: the engine plays to one, a small C client to the
other. On each, a second C client listens and counts gaps: where the sound breaks, or where the
device had to go without. What the bare client suffers is the machine's doing. Needs jackd and gcc.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from studio.audio.client import EngineClient
from studio.media.store import MediaStore
from studio.render.plan import compile_song
from tests.audio import jackd
from tests.audio.songs import steady_song

_HERE = Path(__file__).parent
HZ = 330
_JOB = """
import os, torch
os.nice(10)
torch.set_num_threads(max(1, (os.cpu_count() or 2) - 1))
layer = torch.nn.TransformerEncoderLayer(256, 8, batch_first=True).eval()
with torch.no_grad():
    while True:
        layer(torch.randn(4, 256, 256))
"""


class Canvas(QWidget):
    """Draws some thousand notes 60 times a second and asks the engine where it is."""

    def __init__(self, client: EngineClient) -> None:
        super().__init__()
        self.resize(1280, 720)
        self.frames_drawn = 0
        self._client = client
        random = np.random.default_rng(0)
        at = random.random((4000, 2)) * (1280, 720)
        self._notes = [QRectF(x, y, 24, 6) for x, y in at]
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.update)
        self._timer.start(16)

    def paintEvent(self, _event: QPaintEvent) -> None:
        state = self._client.state()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#101216"))
        painter.setBrush(QColor("#5b8def"))
        for note in self._notes:
            painter.drawRect(note)
        painter.drawText(20, 20, str(state.frame))
        painter.end()
        self.frames_drawn += 1


def build_probe(folder: Path) -> Path:
    """Compile the C clients."""
    probe = folder / "jack_probe"
    source = _HERE / "jack_probe.c"
    words = ["gcc", "-O2", "-Wall", "-o", str(probe), str(source), "-l:libjack.so.0", "-lm"]
    subprocess.run(words, check=True)
    return probe


def _await_playing(client: EngineClient) -> None:
    until = time.monotonic() + 60
    while not (client.state().playing and client.state().meters.any()):
        if time.monotonic() > until:
            raise SystemExit(f"the engine does not play: {client.state()}")
        time.sleep(0.05)


def measure(seconds: float, folder: Path) -> None:
    probe = build_probe(folder)
    media = MediaStore(folder / "media", folder / "cache")
    print("making the song", flush=True)
    plan = compile_song(steady_song(media, 24, 8, HZ, seconds + 60), media)
    application = QApplication(sys.argv[:1])
    client = EngineClient()
    with contextlib.ExitStack() as ends, jackd.server(folder):
        ends.callback(client.close)
        client.start(folder / "run", "JACK")
        client.set_plan(plan)
        client.play(0)
        job = _started(ends, [sys.executable, "-c", _JOB])
        _await_playing(client)
        time.sleep(5)  # the job's imports
        listeners = [_started(ends, [probe, "listen", str(seconds), "PortAudio", str(HZ)])]
        with jackd.server(folder):
            _started(ends, [probe, "play", str(seconds + 30), str(HZ)])
            time.sleep(0.5)
            listeners.append(_started(ends, [probe, "listen", str(seconds), "bare", str(HZ)]))
            _run_window(application, client, listeners, job)


def _started(ends: contextlib.ExitStack, words: list[str | Path]) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(words, stdout=subprocess.PIPE)
    ends.callback(process.wait)
    ends.callback(process.kill)
    return process


def _run_window(
    application: QApplication,
    client: EngineClient,
    listeners: list[subprocess.Popen[bytes]],
    job: subprocess.Popen[bytes],
) -> None:
    before, began = client.state(), time.monotonic()
    canvas = Canvas(client)
    canvas.show()
    ended = QTimer()
    ended.timeout.connect(
        lambda: application.quit() if all(p.poll() is not None for p in listeners) else None
    )
    ended.start(100)
    application.exec()
    took, after = time.monotonic() - began, client.state()
    print(
        f"{took:.0f} s; the window drew {canvas.frames_drawn / took:.0f} frames a second; ", end=""
    )
    print(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for name, listener in zip(("engine", "bare C client"), listeners, strict=True):
        assert listener.stdout is not None
        found = json.loads(listener.stdout.read())
        line = "{gaps} gaps ({breaks} breaks, {skips} skips), {lost_ms} ms lost, {xruns} xruns"
        print(f"{name:>14}: {line.format(**found)} in {found['seconds']:.0f} s")
    print(f"the engine itself: {after.dropouts - before.dropouts} dropouts, ", end="")
    print(f"{after.late_blocks - before.late_blocks} late blocks, load p99 {after.load:.0%}")
    _print_memory({"window": os.getpid(), "engine": client.pid, "job": job.pid})


def _print_memory(processes: dict[str, int]) -> None:
    for name, pid in processes.items():
        memory = psutil.Process(pid).memory_full_info()
        own, resident = memory.uss / 2**20, memory.rss / 2**20
        print(f"{name:>14}: {own:.0f} MB of its own, {resident:.0f} MB resident")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=600)
    words = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "xcb" if os.environ.get("DISPLAY") else "offscreen")
    with tempfile.TemporaryDirectory() as folder:
        measure(words.seconds, Path(folder))


if __name__ == "__main__":
    main()
