"""Several workers beside each other: who takes which file, and a screen for each of them.

Only where the tests are run by `pytest -n` (pytest-xdist); alone, pytest runs them in order.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from xdist.scheduler.loadscope import LoadScopeScheduling
    from xdist.workermanage import WorkerController

# Engines that must keep time in these are never beside each other.
IN_REAL_TIME = (
    "tests/audio/",
    "tests/test_app.py",
    "tests/workspace/test_playback.py",
    "tests/workspace/test_recording.py",
)


def unit(path: str) -> str:
    """Tests of the same unit run one after the other, in their order, in one worker.

    Args:
        path: Of a file of tests, from the project's folder.
    """
    return "real time" if path.startswith(IN_REAL_TIME) else path


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    from xdist.scheduler.loadscope import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return unit(nodeid.partition("::")[0])

    config.option.loadscopereorder = False
    return ByFile(config, log)


class Screens:
    """A screen for each worker: each of them has one focus, one mouse and one keyboard."""

    def __init__(self) -> None:
        self._running: list[subprocess.Popen[bytes]] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: WorkerController) -> None:
        read, write = os.pipe()
        words = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1920x1200x24"]
        self._running.append(
            subprocess.Popen(
                [*words, "-nolisten", "tcp"], pass_fds=[write], stderr=subprocess.DEVNULL
            )
        )
        os.close(write)
        with os.fdopen(read) as told:
            number = told.readline().strip()
        if not number:
            raise pytest.UsageError("Xvfb does not start here.")
        node.workerinput["screen"] = f":{number}"

    def pytest_unconfigure(self) -> None:
        for screen in self._running:
            screen.terminate()
            screen.wait()


def pytest_configure(config: pytest.Config) -> None:
    """Before a test has imported Qt."""
    given: dict[str, Any] | None = getattr(config, "workerinput", None)
    if config.getoption("numprocesses", None):  # each worker gets a core, and counts on no more
        os.environ.setdefault("OMP_NUM_THREADS", "1")
    if given is None and "DISPLAY" in os.environ and shutil.which("Xvfb"):
        config.pluginmanager.register(Screens())
    elif given is not None and "screen" in given:
        os.environ["DISPLAY"] = given["screen"]
