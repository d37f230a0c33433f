"""The window's process: builds everything once, in the order that shows the window soonest."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from threading import Thread

from PySide6.QtCore import QCoreApplication, QObject, QTimer

from studio.ai import registry
from studio.core import log, paths
from studio.ui import application
from studio.ui.main_window import MainWindow
from studio.ui.notices import Faults
from studio.workspace.studio import Studio

SELF_TEST = "--self-test"
SELF_TEST_MS = 60_000
LOAD_AFTER_MS = 2_000


def main(arguments: Sequence[str] = ()) -> int:
    """Run the window until it is closed; returns the exit status.

    Args:
        arguments: Songs to open and files to import; `--self-test` writes a short song and quits
            with 0 where that works.
    """
    qt = application.start()
    log.start(paths.logs(), "window")
    sys.setswitchinterval(0.0005)  # the default keeps threads waiting ten times longer
    faults = Faults()
    faults.install()
    opened = Studio()
    window = MainWindow(opened)
    faults.happened.connect(window.notices.fault)
    dressing = application.follow_theme(qt, opened)
    window.show()
    QTimer.singleShot(0, window, lambda: begin(opened, window, arguments))
    QTimer.singleShot(LOAD_AFTER_MS, window, load_ahead)
    for number in (signal.SIGINT, signal.SIGTERM):
        # Not `quit`, which would ask about unsaved work: that is kept for the next start.
        signal.signal(number, lambda *_: qt.exit(0))
    status = qt.exec()
    dressing.release()
    window.release()
    opened.close()
    faults.release()
    return status


def begin(opened: Studio, window: MainWindow, arguments: Sequence[str]) -> None:
    """What can wait until the window is on the screen: engine, worker, recovery, files to open."""
    opened.start()
    opened.understanding.warm()
    window.offer_recovery()
    window.commands.focus_prompt()
    for word in arguments:
        if not word.startswith("-"):
            window.files.open_path(Path(word))
    if SELF_TEST in arguments:
        SelfTest(opened)


def load_ahead() -> None:
    """Import in a thread what only the spectrogram needs, and look at the user's own models: the
    first look at either would hold up the window.

    Threads share the interpreter in slices of half a millisecond, which nobody notices.
    """

    def load() -> None:
        for name in ("pyqtgraph", "studio.ui.spectrogram.view"):
            import_module(name)
        registry.cards()
        # What is there by now stays: going through it again and again takes 60 ms each time.
        gc.freeze()

    Thread(target=load, name="load ahead", daemon=True).start()


class SelfTest(QObject):
    """Writes a short song through the real worker; ends the program with 0 once it is there."""

    def __init__(self, opened: Studio) -> None:
        super().__init__(opened)
        self._opened = opened
        opened.notice.connect(self._on_notice)
        opened.song.changed.connect(self._on_song_changed)
        opened.generation.set(prompt="calm piano, 2 bars", seed=1)
        opened.generation.go()
        QTimer.singleShot(SELF_TEST_MS, self, self._too_late)

    def _on_song_changed(self, found: object, origin: object) -> None:
        if self._opened.song.project.end:
            self._opened.files.discard_changes()
            QCoreApplication.exit(0)

    def _on_notice(self, level: str, message: str, hint: str) -> None:
        sys.stderr.write(f"{level}: {message} {hint}\n")
        if level == "error":
            QCoreApplication.exit(1)

    def _too_late(self) -> None:
        sys.stderr.write("error: no song was written in time\n")
        QCoreApplication.exit(1)
