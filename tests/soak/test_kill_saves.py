"""A few kills in every run of the tests; `python -m tests.soak.kill_saves` does hundreds."""

from __future__ import annotations

from pathlib import Path

from tests.soak.kill_saves import soak


def test_no_song_is_lost_when_its_process_is_killed(tmp_path: Path) -> None:
    figures = soak(8, seed=3, place=tmp_path)
    assert figures.lost == []
    assert figures.kills == 8
    assert figures.writes > 20
