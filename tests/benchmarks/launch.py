"""From starting the process to a window that answers: the median of several starts.

Run `python tests/benchmarks/launch.py [starts]`. A window counts as usable once its first paint is
done, the event loop is idle, and the field that asks for a prompt has the keyboard.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

GOAL_SECONDS = 1.5
_DRIVER = """
import sys, time
from PySide6.QtCore import QTimer
from studio import app
HEAVY = ("torch", "scipy", "pyqtgraph", "pedalboard", "soxr", "soundfile", "mido")
begin = app.begin
def begun(opened, window, arguments):
    painted = time.time()
    begin(opened, window, arguments)
    def usable():
        now = time.time()
        heavy = [name for name in HEAVY if name in sys.modules]
        print(painted, now, time.process_time(), ",".join(heavy) or "-", flush=True)
        window.close()
    QTimer.singleShot(0, window, usable)
app.begin = begun
sys.exit(app.main([]))
"""


def start_once() -> tuple[float, float, float, str]:
    """Seconds to the first paint and until usable, processor seconds, and heavy modules loaded."""
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"TUTTI_HOME": home}
        begun = time.time()
        done = subprocess.run(
            [sys.executable, "-c", _DRIVER],
            env=environment, capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
    painted, usable, busy, heavy = done.stdout.split()[:4]
    return float(painted) - begun, float(usable) - begun, float(busy), heavy


def main() -> None:
    starts = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    os.environ.setdefault("QT_QPA_PLATFORM", "xcb" if os.environ.get("DISPLAY") else "offscreen")
    found = [start_once() for _ in range(starts)]
    painted = statistics.median(entry[0] for entry in found)
    usable = statistics.median(entry[1] for entry in found)
    worst = max(entry[1] for entry in found)
    print(f"first paint   {painted:.2f} s")
    print(f"usable        {usable:.2f} s (worst of {starts}: {worst:.2f} s, goal {GOAL_SECONDS} s)")
    print(
        f"processor     {statistics.median(entry[2] for entry in found):.2f} s of the window's own"
    )
    print(f"heavy modules {found[0][3]}")


if __name__ == "__main__":
    main()
