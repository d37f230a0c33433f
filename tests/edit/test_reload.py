"""What is saved is what is read: in a process that knows nothing of the first one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.core.errors import StudioError
from studio.edit.history import History
from studio.io.song_folder import SongFolder
from studio.media import columns
from tests import strategies
from tests.edit.commands import ORDER, drawn


def fresh_digest(folder: Path) -> str:
    """The song's digest as another process reads it."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.reload", str(folder)],
        check=True, capture_output=True, text=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    return done.stdout.strip()


@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_walk_survives_save_and_reload(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder_path = tmp_path_factory.mktemp("walk") / "Song.tutti"
    start = data.draw(strategies.projects())
    history = History(start)
    with SongFolder.create(folder_path, start) as folder:
        for step in range(data.draw(st.integers(4, 16))):
            kind = data.draw(st.sampled_from(ORDER))
            command = data.draw(drawn(kind, history.project))
            try:
                history.do(command)
            except StudioError:
                continue
            if step % 5 == 4:
                history.undo()
                folder.autosave(history.project)
            folder.save(history.project)
            reread = SongFolder.open(folder_path).project
            assert columns.digest(reread) == columns.digest(history.project)
            assert reread == history.project
    assert fresh_digest(folder_path) == columns.digest(history.project)
