"""Small networks are trained equally, each but one without something."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.ai.training.checkpoints import CHECKPOINT
from studio.ai.training.composer import ablations
from studio.ai.training.composer.ablations import VARIANTS
from studio.ai.training.composer.checkpoints import load
from studio.ai.training.composer.examples import EARLY_STEPS
from studio.ai.training.composer.figures import likelihood
from studio.ai.training.composer.shards import write
from tests.ai.nets.toy import band


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(ablations, "WIDTH", 32)
    monkeypatch.setattr(ablations, "LAYERS", 2)
    monkeypatch.setattr(ablations, "HEADS", 2)
    monkeypatch.setattr(ablations, "ONLY", ("mma",))
    for split, count in (("train", 6), ("valid", 2)):
        write(tmp_path / "shards" / split / "mma.npz", [band(seed) for seed in range(count)])
    return tmp_path


def test_all_see_the_same_notes_and_differ_in_one_thing(work: Path) -> None:
    kept = [load(ablations.learn(work, variant, 2) / CHECKPOINT) for variant in VARIANTS]
    assert {one.step for one in kept} == {EARLY_STEPS + 3}
    assert len({one.notes for one in kept}) == 1
    assert [(one.config["relative"], one.options["context"]) for one in kept] == [
        (True, True), (False, True), (True, False)
    ]  # fmt: skip
    found = list(likelihood.small_networks(work).values())
    assert [one.context for one in found if isinstance(one, likelihood.Network)] == [
        True, True, False
    ]  # fmt: skip


def test_one_that_has_cooled_down_is_left_as_it_is(work: Path) -> None:
    folder = ablations.learn(work, VARIANTS[0], 1)
    before = (folder / CHECKPOINT).read_bytes()
    lines = (folder / "log.jsonl").read_text().splitlines()
    ablations.learn(work, VARIANTS[0], 1)
    assert (folder / CHECKPOINT).read_bytes() == before
    assert (folder / "log.jsonl").read_text().splitlines() == lines
    assert json.loads(lines[-1])["cooled"] == 1


def test_one_that_was_stopped_is_not_scored(work: Path) -> None:
    folder = ablations.learn(work, VARIANTS[0], 1)
    (folder / ablations.DONE).unlink()
    assert ablations.trained(work) == {}
