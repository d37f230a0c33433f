"""Scores without a rhythm section, all of them "other": orchestras, quartets, pianos, guitars."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import symusic

from studio.ai.training.composer.bands.archives import members
from studio.ai.training.separator.bank.bands import (
    BASSES,
    Part,
    Song,
    cut,
    ensemble,
    note_table,
)
from studio.ai.training.separator.bank.index import SAMPLE_RATE
from studio.ai.training.separator.bank.soundfonts import Fonts
from studio.ai.training.separator.bank.takes import Take, chance, split_of

ARCHIVES = {
    "openscore-orchestra": "CC0-1.0", "openscore-quartets": "CC0-1.0",
    "mutopia-pd-by": "PD or CC-BY", "nifc-polish": "CC-BY-4.0",
}  # fmt: skip
PIECES = 60  # of each archive
MOST_PARTS = 12


class Scores:
    """Pieces of the archives of scores, in random cuts and sounds."""

    name = "scores"
    share = 0.3

    def __init__(self, data: Path, fonts: Fonts) -> None:
        self._data = data
        self._fonts = fonts

    @cached_property
    def _pieces(self) -> dict[str, tuple[str, bytes]]:
        """Some pieces of each archive: archive and content by a name that is part of a take's."""
        found: dict[str, tuple[str, bytes]] = {}
        for archive in ARCHIVES:
            files = sorted(
                members(self._data, archive, ".mid"),
                key=lambda file: float(chance(archive, file[0]).random()),
            )
            for number, (_, content) in enumerate(files[:PIECES]):
                found[f"{archive}.{number}"] = (archive, content)
        return found

    def names(self) -> Iterator[str]:
        """Each piece once, in turn of all archives, before any comes again."""
        order = sorted(self._pieces, key=lambda name: int(name.rpartition(".")[2]))
        for nth in range(3):
            yield from (f"{name}-{nth}" for name in order)

    def take(self, key: str) -> Take | None:
        """Some bars of a piece; None where it has no notes."""
        rng = chance(self.name, key)
        name = key.rpartition("-")[0]
        archive, content = self._pieces[name]
        song = read(content)
        if not song.parts:
            return None
        split = split_of(name)
        some, seconds = cut(song, rng)
        frames = round(seconds * SAMPLE_RATE)
        stems, sounds = ensemble(self._fonts, some.parts[:MOST_PARTS], split, frames, rng)
        return Take(stems, name, split, f"notes: {archive} {ARCHIVES[archive]}", sounds=sounds)


def read(content: bytes) -> Song:
    """The pitched parts of a score, as strings, keys and winds play them."""
    score: Any = symusic.Score.from_midi(content)
    parts = [
        Part(track.name, track.program, False, note_table(track.notes.numpy()))
        for track in score.to("second").tracks
        if not track.is_drum and track.program not in BASSES and len(track.notes)
    ]
    return Song(tuple(parts), (), None, {})
