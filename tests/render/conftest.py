"""Renderer tests play a small SoundFont that is always there, so that they are quick."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.media.store import MediaStore
from tests.render.songs import SMALL_SOUNDFONT


@pytest.fixture(autouse=True)
def small_soundfont(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUTTI_SOUNDFONT", str(SMALL_SOUNDFONT))


@pytest.fixture
def media(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "media")
