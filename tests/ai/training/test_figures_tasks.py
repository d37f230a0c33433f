"""Task by task, a model gets what people wrote taken away and is held against it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.ai import registry
from studio.ai.composer.piece import GRID_NOTE, Piece, PiecePart, ordered
from studio.ai.requests import take_id
from studio.ai.training import reports
from studio.ai.training.composer.figures import choosing, tasks
from studio.ai.training.composer.figures.songs import Player
from studio.ai.training.composer.shards import Origin, write
from studio.core import paths
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


def test_the_default_is_chosen_on_validation_excerpts_alone(
    sketch: Player, piece: Piece, tmp_path: Path
) -> None:
    write(tmp_path / "shards" / "test" / "songs.npz", [piece], [Origin("a")])
    assert all(not row["trials"] for row in choosing.measure(tmp_path, [sketch], 20).values())
    write(tmp_path / "shards" / "valid" / "songs.npz", [piece] * 3, [Origin(n) for n in "bcd"])
    named = {take_id(one) for one in choosing.requests(tmp_path, sketch, 20)}
    found = choosing.measure(tmp_path, [sketch], 20)
    assert {claim: row["trials"] for claim, row in found.items() if row["trials"]} == {
        "extend": 3, "add_part:melody": 3, "add_part:bass": 3,
    }  # fmt: skip
    assert {path.stem for path in (sketch.folder / "takes").glob("*.json")} == named
    assert "extend: Sketch" in choosing.tell(found)


@pytest.mark.parametrize(
    ("onset", "pitch", "area", "wins"),
    [
        ([5.0, 0.1, 9.0], [1.0, -1.0, 3.0], 0.6, True),
        ([5.0, -0.1, 9.0], [1.0, -1.0, 3.0], 0.6, False),
        ([1.0, -3.0, 9.0], [5.0, 0.1, 9.0], 0.6, True),
        ([5.0, 0.1, 9.0], [-2.0, -3.0, -1.0], 0.6, False),
        ([5.0, 0.1, 9.0], [1.0, -1.0, 3.0], 0.61, False),
        ([5.0, 0.1, 9.0], [1.0, -1.0, 3.0], float("nan"), False),
    ],
)
def test_a_model_takes_a_task_by_all_of_the_rule(
    onset: list[float], pitch: list[float], area: float, wins: bool
) -> None:
    row = {
        "models": {"Sketch": {"area": [0.6, 0.5, 0.7]}, "Composer": {"area": [area, 0.0, 1.0]}},
        "differences": {"Composer - Sketch": {"onset": onset, "pitch": pitch}},
    }
    assert choosing.default(row) == ("Composer" if wins else "Sketch")


def test_the_card_claims_what_the_report_chose() -> None:
    card = registry.card("composer")
    row = reports.kept(paths.resource("models", "composer"))["choosing"]
    chosen = {claim for claim, found in row.items() if choosing.default(found) == card.title}
    assert {str(one) for one in card.default_for} & set(choosing.CLAIMS) == chosen
