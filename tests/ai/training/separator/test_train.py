"""Training of a small separator on plain sounds: stopped, resumed, judged and shipped."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.ai.nets import separator_weights
from studio.ai.nets.separator import Separator, SeparatorConfig
from studio.ai.requests import STEMS
from studio.ai.training.checkpoints import CHECKPOINT, load
from studio.ai.training.separator import __main__ as commands
from studio.ai.training.separator.blending import gain_db, moments, solved
from studio.ai.training.separator.card import card, worth
from studio.ai.training.separator.losses import Judge
from studio.ai.training.separator.measures import sdr_db
from studio.ai.training.separator.ship import candidates, ship_run
from studio.ai.training.separator.train import Checkpoint, Options, Trainer, train
from studio.ai.training.trainer import LOG
from studio.core.errors import StudioError
from tests.ai.nets.splitter import banded, network
from tests.ai.training.separator.small import bank, sounds

SMALL = SeparatorConfig(window=2048, width=8, blocks=2)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("work")
    bank(folder)
    return folder


def _options(work: Path, run: Path, steps: int, *, resume: bool = False) -> Options:
    return Options(
        work,
        run,
        SMALL,
        steps=steps,
        resume=resume,
        batch=2,
        frames=32 * 512,
        threads=1,
        workers=0,
        log_seconds=0,
        valid_mixtures=3,
    )


def _lines(run: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (run / LOG).read_text().splitlines()]


def test_a_run_that_was_stopped_ends_like_one_that_was_not(work: Path, tmp_path: Path) -> None:
    train(_options(work, tmp_path / "whole", 4))
    train(_options(work, tmp_path / "parts", 2))
    train(_options(work, tmp_path / "parts", 4, resume=True))
    whole, parts = (load(tmp_path / name / CHECKPOINT, Checkpoint) for name in ("whole", "parts"))
    assert whole.step == parts.step == 4
    assert whole.heard_seconds == pytest.approx(4 * 2 * 32 * 512 / 44100)
    assert parts.heard_seconds == pytest.approx(whole.heard_seconds)
    for name, weight in whole.weights.items():
        assert weight.equal(parts.weights[name]), name
        assert whole.average[name].equal(parts.average[name]), name


def test_the_log_tells_losses_and_figures_of_every_stem(work: Path, tmp_path: Path) -> None:
    train(_options(work, tmp_path, 2))
    *steps, last = _lines(tmp_path)
    assert [line["step"] for line in steps] == [1, 2]
    loss = steps[0]["loss"]
    assert isinstance(loss, dict)
    assert loss.keys() == {*STEMS, "wave", "level"}
    valid = last["valid"]
    assert isinstance(valid, dict)
    assert list(valid) == list(STEMS)


def test_training_brings_the_stems_nearer(work: Path, tmp_path: Path) -> None:
    trainer = Trainer(replace(_options(work, tmp_path, 40), rate=2e-2, validate_minutes=99))
    before = trainer.validate(trainer.net)
    trainer.train()
    after = trainer.validate(trainer.net)
    gains = [after[stem]["sdr"] - before[stem]["sdr"] for stem in STEMS if "sdr" in after[stem]]
    assert len(gains) >= 3
    assert np.mean(gains) > 2


def test_a_run_is_neither_overwritten_nor_made_up(work: Path, tmp_path: Path) -> None:
    train(_options(work, tmp_path, 1))
    with pytest.raises(StudioError, match="holds a run"):
        train(_options(work, tmp_path, 1))
    with pytest.raises(StudioError, match="holds no checkpoint"):
        train(_options(work, tmp_path / "other", 1, resume=True))
    with pytest.raises(StudioError, match="no bank of stems"):
        train(_options(tmp_path, tmp_path / "empty", 1))


def test_weights_are_shipped_with_their_card(work: Path, tmp_path: Path) -> None:
    run, out = tmp_path / "run", tmp_path / "out"
    train(_options(work, run, 2))
    kept = (run / CHECKPOINT).read_bytes()
    about = ship_run(_options(work, run, 0), out, steps=2)
    assert (run / CHECKPOINT).read_bytes() == kept
    assert about["steps"] == 4
    net = separator_weights.read(out)
    assert net.config == SMALL
    assert net.trust == about["trust"]
    assert (net.blend is None) == ("blend" not in about)
    assert set(about["recorded"]) == set(STEMS)
    weak = {stem for stem, told in about["recorded"].items() if told["sdr"] < 4}
    assert set(about["experimental"]) == weak
    anew = Trainer(replace(_options(work, tmp_path / "anew", 5), begin=out))
    assert anew.step == anew.warm == 4
    assert all(weight.equal(net.state_dict()[key]) for key, weight in anew.net.state_dict().items())
    with torch.no_grad():
        torch._foreach_add_(list(anew.average.parameters()), 1.0)
    *_, mean = candidates(anew)
    for between, begun in zip(mean.parameters(), anew.net.parameters(), strict=True):
        assert torch.allclose(between, begun + 0.5, atol=1e-5)
    with pytest.raises(StudioError, match="another shape"):
        Trainer(replace(_options(work, tmp_path / "other", 5), begin=out, config=SeparatorConfig()))
    text = card(work, run, out).read_text()
    assert "| drums | plain | 0.01 | 0.01 | CC0 |" in text
    assert "recorded |" in text
    for stem, told in about["recorded"].items():
        (line, *_) = (line for line in text.splitlines() if line.startswith(f"| {stem} |"))
        assert line.endswith(f"| {worth(told['sdr'])} |")
    assert worth(9.0) != worth(3.0) != worth(-1.0) != worth(None)
    assert (out / "plots" / "curves.svg").exists()


def test_the_command_line_says_what_is_missing(
    tmp_path: Path, expected_log: Callable[[str], None]
) -> None:
    expected_log("no bank of stems")
    words = f"train --work {tmp_path} --run {tmp_path / 'run'} --threads 1 --workers 0"
    assert commands.main(words.split()) == 1


def test_a_blend_brings_stems_nearer_and_keeps_their_sum() -> None:
    net = network()
    heard = [torch.from_numpy(sounds(seed, 2)) for seed in (1, 2)]
    held = [moments(net, stems) for stems in heard]
    blend = solved(held)
    whole = [1.0] * len(STEMS) + [0.0] * len(STEMS)
    assert np.allclose(blend.sum(-1), whole, atol=1e-3)
    assert gain_db(held, held) > 1
    net.blend = torch.from_numpy(blend.astype(np.float32))
    found = [net(stems.sum(0)[None])[0].numpy() for stems in heard]
    for stems, given, told in zip(heard, found, held, strict=True):
        ratios = [sdr_db(a, b) for a, b in zip(stems.numpy(), given, strict=True)]
        # What overlapping windows do not agree on is lost on the way back to sound.
        assert np.mean(ratios) > told.sdr_db(blend) - 0.1 > 4


def test_a_blend_that_suits_other_music_alone_is_worth_nothing() -> None:
    net = network()
    stems = torch.from_numpy(sounds(1, 2))
    one, swapped = moments(net, stems), moments(net, stems[[1, 0, 3, 2]])
    assert gain_db([one, swapped], []) < 0 < gain_db([one, one], [])


def test_the_right_stems_cost_nothing_and_silence_has_a_slope() -> None:
    net = Separator(SMALL)
    stems = torch.from_numpy(sounds(1, 0.5))[None]
    judge = Judge(net)
    lone = torch.zeros_like(stems)
    lone[:, 0] = stems.sum(1)
    for layer in banded(net):
        torch.nn.init.zeros_(layer.weight)
        bias = layer.bias.detach().unflatten(-1, (len(STEMS), -1))
        bias.zero_()[:, :, 0] = 40.0
    with torch.no_grad():
        assert float(judge({"stems": lone}).mean()) < 1e-3
        assert float(judge({"stems": stems}).mean()) > 0.5
    judge({"stems": torch.zeros_like(stems)}).mean().backward()
    assert all(bool(p.grad.isfinite().all()) for p in net.parameters() if p.grad is not None)
