"""Band music that people wrote for games, out of Debian's packages: MIDI files and WAD lumps."""

from __future__ import annotations

import hashlib
import json
import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import symusic

from studio.ai.training.composer.bands.packages import GAMES, Package, unpacked

FEWEST_NOTES = 200
_STYLES = (
    ("blues", r"\bblues\b|boogi"), ("swing", r"\bswing\b"), ("waltz", r"\bwaltz\b"),
    ("electronic", r"techno"), ("rock", r"\brock"), ("march", r"dictators? march"),
    ("funk", r"\bfunk"), ("jazz", r"\bjazz"), ("metal", r"\bmetal\b"), ("tango", r"\btango\b"),
    ("ragtime", r"\brag(time)?\b"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lump:
    """A piece of music as a package holds it."""

    name: str
    content: bytes


def lumps(wad: bytes) -> Iterator[Lump]:
    """The MIDI files among the music lumps (D_...) of a WAD file.

    Raises:
        ValueError: This is no WAD file, or it is cut short.
    """
    if wad[:4] not in (b"IWAD", b"PWAD") or len(wad) < 12:
        raise ValueError("no WAD file")
    count, offset = struct.unpack_from("<ii", wad, 4)
    if count < 0 or offset < 0 or offset + 16 * count > len(wad):
        raise ValueError("the directory of this WAD file is cut short")
    for index in range(count):
        start, size, name = struct.unpack_from("<ii8s", wad, offset + 16 * index)
        content = wad[start : start + size]
        if name.startswith(b"D_") and content[:4] == b"MThd":
            yield Lump(name.rstrip(b"\0").decode("ascii", "replace"), content)


def pieces(home: Path) -> Iterator[Lump]:
    """All music in an unpacked package, by path; a file's title is its name in words."""
    for path in sorted(home.rglob("*.mid")):
        words = re.sub(r"[-_]+", " ", re.sub(r"^\d+[-_]", "", path.stem))
        yield Lump(words.strip(), path.read_bytes())
    for path in sorted(home.rglob("*.wad")):
        yield from lumps(path.read_bytes())


def fingerprint(score: Any) -> str:
    """Equal for files that hold the same notes, whatever else they say."""
    tpq = score.ticks_per_quarter
    rows = sorted(
        (round(note.start * 96 / tpq), note.pitch) for track in score.tracks for note in track.notes
    )
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def styles(title: str) -> list[str]:
    """Style words that a title tells, and that this is music of a game."""
    return [word for word, pattern in _STYLES if re.search(pattern, title, re.I)] + ["game"]


def honesty(score: Any) -> dict[str, bool]:
    """Whether velocities and timing look played: they vary, and onsets leave the grid."""
    tables = [track.notes.numpy() for track in score.tracks]
    times = np.concatenate([t["time"] for t in tables]) * 96 / score.ticks_per_quarter
    spreads = [float(np.std(t["velocity"])) for t in tables if len(t["velocity"]) > 8]
    grid = np.minimum(times % 24, -times % 24)
    thirds = np.minimum(times % 32, -times % 32)
    off = float((np.minimum(grid, thirds) > 1).mean())
    return {
        "has_velocity": bool(spreads) and max(spreads) > 2,
        "has_deviation": off > 0.1,
        "has_tempo": True,
    }


def told(lump: Lump, package: Package, score: Any) -> dict[str, Any]:
    return {
        "title": lump.name,
        "styles": styles(lump.name),
        "swing": None,
        "chords": [],
        "sections": [],
        "groove": "",
        "licence": package.licence,
        "source": "unknown",
        "origin": f"Debian package {package.name}",
        **honesty(score),
    }


def read(lump: Lump) -> Any | None:
    """The music, if it can be read and is more than a jingle."""
    try:
        score: Any = symusic.Score.from_midi(lump.content)
    except (RuntimeError, ValueError):
        return None
    return score if sum(len(t.notes) for t in score.tracks) >= FEWEST_NOTES else None


def gather(packages: Path, folder: Path, known: Iterable[bytes] = ()) -> int:
    """Writes every piece of the packages once.

    Args:
        known: MIDI files that other collections hold already.

    Returns:
        How many pieces there are.
    """
    others = (read(Lump("", content)) for content in known)
    seen = {fingerprint(score) for score in others if score is not None}
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for package in GAMES:
        for lump in pieces(unpacked(package, packages)):
            score = read(lump)
            mark = fingerprint(score) if score is not None else ""
            if score is None or mark in seen:
                continue
            seen.add(mark)
            stem = f"{package.name}-{re.sub(r'[^A-Za-z0-9]+', '-', lump.name)}"
            stem = f"{stem}-{mark[:6]}"
            (folder / f"{stem}.mid").write_bytes(lump.content)
            text = json.dumps(told(lump, package, score), ensure_ascii=False)
            (folder / f"{stem}.json").write_text(text, encoding="utf-8")
            count += 1
    return count
