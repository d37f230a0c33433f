"""The network and the baselines are asked the same, so that their figures can be compared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from studio.ai.nets.composer import Composer, ComposerConfig
from studio.ai.training.checkpoints import CHECKPOINT, save
from studio.ai.training.composer import ablations
from studio.ai.training.composer.checkpoints import Checkpoint
from studio.ai.training.composer.figures import likelihood
from studio.ai.training.composer.figures.likelihood import Network
from studio.ai.training.composer.shards import write
from tests.ai.training.test_figures import walk

SHAPE = ComposerConfig(width=32, layers=2, heads=2)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    for split in ("train", "test"):
        write(tmp_path / "shards" / split / "walks.npz", [walk(20, seed) for seed in range(12)])
    return tmp_path


def run_of(work: Path, name: str, **options: bool) -> Path:
    """A run whose network has learnt nothing."""
    torch.manual_seed(1)
    weights = Composer(SHAPE).state_dict()
    shape = {"width": 32, "layers": 2, "heads": 2, "relative": True}
    folder = work / "runs" / name
    kept = Checkpoint(
        config=shape,
        weights=weights,
        average=weights,
        optimizer={},
        step=0,
        notes=0,
        seconds=0.0,
        options=dict(options),
    )
    save(folder / CHECKPOINT, kept)
    return folder


def test_network_and_baselines_are_scored_on_the_same_fields_of_the_same_notes(work: Path) -> None:
    examples = likelihood.held_out(work, 8)["walks"]
    (run_of(work, "small") / ablations.DONE).touch()
    scorers = {
        **likelihood.baselines(work, 20),
        **likelihood.networks(),
        **likelihood.small_networks(work),
    }
    small = "small network, 0.00 M notes"
    assert {"order-2 Markov", "interpolated n-gram", small} <= set(scorers)
    scores = [scorer.scores(examples) for scorer in scorers.values()]
    for other in scores[1:]:
        np.testing.assert_array_equal(other[:, 1], scores[0][:, 1])
    assert all((found[:, 0] >= 0).all() for found in scores)


def test_held_out_gaps_are_the_same_each_time(work: Path) -> None:
    first, again = (likelihood.held_out(work, 6)["walks"] for _ in range(2))
    assert len(first) == 6
    for a, b in zip(first, again, strict=True):
        assert np.array_equal(a.target, b.target)
        assert np.array_equal(a.features, b.features)


def test_a_network_that_was_shown_no_context_is_shown_none(work: Path) -> None:
    seeing, blind = (
        Network.of_run(run_of(work, str(context), context=context)) for context in (True, False)
    )
    true, none = (likelihood.infills(work, 4, context) for context in ("true", "none"))
    with_context, without = (np.round(net.scores(true)[:, 0], 4) for net in (seeing, blind))
    assert not np.array_equal(with_context, without)
    assert len(none) == len(true)
    assert all(len(a) < len(b) for a, b in zip(none, true, strict=True))
    assert all(
        np.array_equal(a.target[a.prefix :], b.target[b.prefix :])
        for a, b in zip(none, true, strict=True)
    )


def test_looking_at_more_makes_notes_likelier(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likelihood, "LEARNT", 60)
    monkeypatch.setattr(ablations, "ONLY", ("walks",))
    (run_of(work, "small") / ablations.DONE).touch()
    data = likelihood.measure(work, [], 64)
    small = data["small"]["small network, 0.00 M notes"]
    assert small["rows"] == data["small"]["order-2 Markov"]["rows"]
    assert data["small"]["order-2 Markov"] == data["of"]["order-2 Markov"]["all"]
    told = data["of"]["interpolated n-gram"]["all"]
    assert told["note"] < data["of"]["order-2 Markov"]["all"]["note"]
    assert told["error"] < told["note"]
    assert set(data["infilling"]["interpolated n-gram"]) == {"true", "shuffled", "none"}
    assert "walks" in likelihood.tell(data)
