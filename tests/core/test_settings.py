"""Preferences outlive the program, and a damaged file costs only what is damaged."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from studio.core import settings
from studio.core.settings import Settings


def test_preferences_come_back(tmp_path: Path) -> None:
    chosen = Settings(block_frames=512, autosave_seconds=5.0, recent_songs=("a", "b"))
    settings.save(chosen, tmp_path / "deep" / "settings.json")
    assert settings.load(tmp_path / "deep" / "settings.json") == chosen
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["settings.json"]


@pytest.mark.parametrize("text", ["", "[]", "{", "\ud800"])
def test_an_unreadable_file_gives_the_defaults(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    assert settings.load(path) == Settings()
    assert settings.load(tmp_path / "none.json") == Settings()


def test_what_cannot_be_used_is_left_at_its_default(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(
        json.dumps({"block_frames": "many", "autosave_seconds": 5, "unheard_of": 1, "model": "x"})
    )
    assert settings.load(path) == replace(Settings(), autosave_seconds=5.0, model="x")
