"""Task by task, a model gets what people wrote taken away and is held against it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.ai import registry
from studio.ai.composer.piece import GRID_NOTE, Piece, PiecePart, ordered
from studio.ai.training.composer.figures import tasks
from studio.ai.training.composer.figures.songs import Player
from studio.ai.training.composer.shards import Origin, write
from tests.ai.composer.pieces import bars

PARTS = (PiecePart(73, False, "melody"), PiecePart(32, False, "bass"))


@pytest.fixture
def sketch(tmp_path: Path) -> Player:
    return Player(registry.card("sketch"), tmp_path / "figures")


@pytest.fixture
def piece() -> Piece:
    notes = np.zeros(2 * 32, GRID_NOTE)
    notes["part"] = np.repeat([0, 1], 32)
    notes["bar"] = np.tile(np.repeat(np.arange(8), 4), 2)
    notes["sub"] = np.tile(np.arange(4) * 24, 16)
    notes["pitch"] = np.where(notes["part"] == 0, 72, 40)
    notes["velocity"] = 80
    return Piece(bars(8), PARTS, ordered(notes, PARTS))


@pytest.mark.parametrize(("kind", "bars_left"), [("extend", 4), ("extend backwards", 4)])
def test_bars_to_be_written_are_empty(
    sketch: Player, piece: Piece, kind: str, bars_left: int
) -> None:
    one = tasks.trial(piece, kind)
    assert one is not None
    request = one.request(sketch, 1)
    left = [clip for _, clip in request.song.clips()]
    assert [len(clip.notes) for clip in left] == [4 * bars_left] * 2  # type: ignore[union-attr]
    assert len(one.asked()) == 2 * 4 * (8 - bars_left)


def test_a_part_to_be_added_is_gone_with_its_track(sketch: Player, piece: Piece) -> None:
    one = tasks.trial(piece, "add bass")
    assert one is not None
    request = one.request(sketch, 1)
    assert [track.role for track in request.song.tracks if track.clips] == ["melody"]
    assert request.controls.instruments == ("bass",)
    assert tasks.trial(piece, "add drums") is None


def test_what_people_wrote_scores_all_and_an_octave_above_only_onsets(
    sketch: Player, piece: Piece
) -> None:
    one = tasks.trial(piece, "extend")
    assert one is not None
    take = sketch.fill(one.request(sketch, 1))
    for semitones, pitches in ((0, 1.0), (12, 0.0)):
        parts = []
        for part, clip in zip(take.result.parts, one.song().clips(), strict=True):
            true = clip[1].notes  # type: ignore[union-attr]
            late = true.where(true.start >= one.request(sketch, 1).gap.start)
            moved = late.with_columns(pitch=late.pitch + semitones)
            parts.append(replace(part, track=clip[0].id, notes=moved))
        played = replace(take, result=replace(take.result, parts=tuple(parts)))
        assert tasks._scores(one, played) == (1.0, pitches)


def test_every_model_is_measured_on_the_same_excerpts(
    sketch: Player, piece: Piece, tmp_path: Path
) -> None:
    write(tmp_path / "shards" / "test" / "songs.npz", [piece] * 2, [Origin("a"), Origin("b")])
    found = tasks.measure(tmp_path, [sketch], 20)
    assert found["extend"]["trials"] == 2
    assert 0 < found["extend"]["models"]["Sketch"]["onset"][0] <= 100
    assert found["add drums"]["trials"] == 0
    assert "add bass" in tasks.tell(found)
