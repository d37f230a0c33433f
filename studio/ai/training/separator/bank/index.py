"""What lies in a bank of stems: one line per file, and the hours of each source."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from studio.core.errors import StudioError

SAMPLE_RATE = 44_100
STEMS = ("drums", "bass", "vocals", "other")
SPLITS = ("train", "valid", "test")
AUDIBLE_DB = -45  # of a second's RMS, full scale; what is below it counts as a rest


@dataclass(frozen=True, slots=True)
class Clip:
    """A file of the bank: one stem, stereo, 44.1 kHz.

    Attributes:
        path: Within the folder of the bank.
        licence: Of each thing it is made of, by name, parted by "; ".
        group: The song, album or set of sounds it comes from; no group is in two splits.
        levels_db: RMS of each whole second, full scale.
        bpm: Quarters a minute, where they are even.
        tonic: Pitch class, and `mode` "major" or "minor", where they are known.
        beat_seconds: Where a bar begins, near the start and perhaps before it.
        song: Stems of one song start together and are equally long.
        coded: The lossy codec it has been through.
    """

    path: str
    stem: str
    source: str
    licence: str
    split: str
    group: str
    seconds: float
    active: float
    levels_db: tuple[int, ...]
    bpm: float | None = None
    tonic: int | None = None
    mode: str | None = None
    beat_seconds: float | None = None
    song: str | None = None
    coded: str | None = None


@dataclass(frozen=True, eq=False)
class Bank:
    """All clips under a folder."""

    folder: Path
    clips: tuple[Clip, ...]

    def of(self, split: str, stem: str) -> list[Clip]:
        """The clips of one stem."""
        return self._sorted[split, stem]

    @cached_property
    def _sorted(self) -> dict[tuple[str, str], list[Clip]]:
        found: dict[tuple[str, str], list[Clip]] = defaultdict(list)
        for clip in self.clips:
            found[clip.split, clip.stem].append(clip)
        return found

    def songs(self, split: str) -> dict[str, dict[str, Clip]]:
        """Stem -> clip of each song of which several stems are there."""
        found: dict[str, dict[str, Clip]] = defaultdict(dict)
        for clip in self.clips:
            if clip.split == split and clip.song is not None:
                found[clip.song][clip.stem] = clip
        return {song: stems for song, stems in found.items() if len(stems) > 1}


def load(work: Path) -> Bank:
    """The bank under a folder of work.

    Raises:
        StudioError: There is none, or its index cannot be read.
    """
    folder = work / "bank"
    try:
        clips = msgspec.json.decode((folder / "index.json").read_bytes(), type=tuple[Clip, ...])
    except OSError as error:
        raise StudioError(
            f"There is no bank of stems in {work}.",
            "Make one with python -m studio.ai.training.separator.bank.",
        ) from error
    except msgspec.MsgspecError as error:
        raise StudioError(f"The index of the bank in {work} cannot be read.") from error
    return Bank(folder, clips)


def save(folder: Path, clips: Iterable[Clip]) -> None:
    """Writes `index.json` and `table.json`, each in one step."""
    table = sorted(clips, key=lambda clip: clip.path)
    replace(folder / "index.json", msgspec.json.encode(table))
    replace(folder / "table.json", msgspec.json.format(msgspec.json.encode(hours(table))))


def replace(path: Path, content: bytes) -> None:
    """Writes a file in one step, whoever reads or writes it at the same moment."""
    part = path.with_suffix(f".{os.getpid()}")
    part.write_bytes(content)
    os.replace(part, path)


def hours(clips: Iterable[Clip]) -> list[dict[str, Any]]:
    """Hours, files and licences per stem, source and split."""
    found: dict[tuple[str, str, str], list[Clip]] = defaultdict(list)
    for clip in clips:
        found[clip.stem, clip.source, clip.split].append(clip)
    return [
        {
            "stem": stem,
            "source": source,
            "split": split,
            "files": len(rows),
            "hours": round(sum(c.seconds for c in rows) / 3600, 4),
            "active_hours": round(sum(c.seconds * c.active for c in rows) / 3600, 4),
            "licences": sorted({each for c in rows for each in c.licence.split("; ")}),
        }
        for (stem, source, split), rows in sorted(found.items())
    ]
