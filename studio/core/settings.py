"""What the musician chose, kept as JSON; unknown or damaged entries fall back to the default."""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Settings:
    """One value a preference. Adding a field with a default is all a preference needs."""

    audio_device: str = ""  # empty: the system's default
    block_frames: int = 256
    autosave_seconds: float = 10.0
    backups: int = 20
    follow_playhead: bool = True
    audition_notes: bool = True
    metronome: bool = False
    recent_songs: tuple[str, ...] = ()
    model: str = ""  # empty: the default of each task
    input_device: str = ""  # empty: the system's default
    midi_input: str = ""  # empty: the first one
    count_in_bars: int = 1
    record_sixteenths: bool = False
    latencies: tuple[str, ...] = ()  # measured ones, as `devices=frames`
    theme: str = "dark"  # or "light", or "system": as the desktop is


def load(path: Path) -> Settings:
    """Read `path`; whatever cannot be used is left at its default."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Settings()
    if not isinstance(found, dict):
        return Settings()
    return _known(found)


def _known(found: dict[str, Any]) -> Settings:
    usable: dict[str, Any] = {}
    for field in dataclasses.fields(Settings):
        value = found.get(field.name, field.default)
        if isinstance(field.default, tuple) and isinstance(value, list):
            value = tuple(str(entry) for entry in value)
        if isinstance(field.default, float) and isinstance(value, int):
            value = float(value)
        if type(value) is type(field.default):
            usable[field.name] = value
    return Settings(**usable)


def save(settings: Settings, path: Path) -> None:
    """Write `settings` so that a crash leaves either the old or the new file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with partial.open("w", encoding="utf-8") as file:
        json.dump(dataclasses.asdict(settings), file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
