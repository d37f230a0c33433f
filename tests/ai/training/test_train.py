"""Training of a small network on small music: stopped, resumed, judged and shipped."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.ai.composer.vocabulary import OFFSETS, TAGS
from studio.ai.nets import composer_weights
from studio.ai.nets.composer import Composer, ComposerConfig
from studio.ai.nets.weights import WEIGHTS
from studio.ai.training.checkpoints import CHECKPOINT
from studio.ai.training.composer.card import card
from studio.ai.training.composer.checkpoints import load
from studio.ai.training.composer.schedule import weights_of
from studio.ai.training.composer.shards import write
from studio.ai.training.composer.ship import ship_run
from studio.ai.training.composer.table import row
from studio.ai.training.composer.train import (
    RATE,
    Data,
    Options,
    Trainer,
    train,
    without_context,
)
from studio.ai.training.reports import DATA
from studio.ai.training.schedule import decay_at, rate_at
from studio.ai.training.trainer import LOG
from studio.core.errors import StudioError
from tests.ai.nets.toy import band

SMALL = ComposerConfig(width=32, layers=2, heads=2)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("work")
    for split, first, count in (("train", 0, 20), ("valid", 100, 3)):
        bands = [band(first + i) for i in range(count)]
        solos = [band(first + i, solo=True) for i in range(count)]
        write(folder / "shards" / split / "mma.npz", bands)
        write(folder / "shards" / split / "folk.npz", solos)
    return folder


def _options(work: Path, run: Path, steps: int, *, resume: bool = False) -> Options:
    return Options(
        work,
        run,
        SMALL,
        steps=steps,
        resume=resume,
        tokens=512,
        length=256,
        threads=1,
        workers=0,
        log_seconds=0,
        valid_batches=1,
    )


def _lines(run: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (run / LOG).read_text().splitlines()]


def test_a_run_that_was_stopped_ends_like_one_that_was_not(work: Path, tmp_path: Path) -> None:
    train(_options(work, tmp_path / "whole", 8))
    train(_options(work, tmp_path / "parts", 3))
    train(_options(work, tmp_path / "parts", 8, resume=True))
    whole, parts = (load(tmp_path / name / CHECKPOINT) for name in ("whole", "parts"))
    assert whole.step == parts.step == 8
    assert whole.notes == parts.notes > 0
    for name, weight in whole.weights.items():
        assert weight.equal(parts.weights[name]), name
        assert whole.average[name].equal(parts.average[name]), name


def test_the_log_tells_losses_by_field_and_by_collection(work: Path, tmp_path: Path) -> None:
    train(_options(work, tmp_path, 3))
    *steps, last = _lines(tmp_path)
    assert [line["step"] for line in steps] == [1, 2, 3]
    assert {"notes", "seconds", "lr", "notes_a_second", "loss"} <= steps[0].keys()
    valid = last["valid"]
    assert isinstance(valid, dict)
    assert set(valid) == {"mma", "folk"}
    assert {"slot", "pitch", "velocity", "all"} <= valid["folk"].keys()


def test_training_lowers_the_loss_on_music_held_out(work: Path, tmp_path: Path) -> None:
    options = _options(work, tmp_path, 60)
    trainer = Trainer(replace(options, rate=2e-2))
    before = trainer.validate(trainer.net)
    trainer.train()
    after = trainer.validate(trainer.net)
    assert all(after[name]["all"] < 0.8 * before[name]["all"] for name in before)


def test_a_signal_ends_the_run_with_a_checkpoint(work: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    words = f"train --work {work} --run {run} --width 32 --layers 2 --heads 2 --tokens 512"
    command = [sys.executable, "-m", "studio.ai.training.composer", *words.split()]
    with subprocess.Popen(
        [*command, "--length", "256", "--workers", "0", "--threads", "1"]
    ) as process:
        until = time.monotonic() + 60
        while not run.exists() and time.monotonic() < until:
            time.sleep(0.1)
        time.sleep(3)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert load(run / CHECKPOINT).step > 0
    assert "valid" in _lines(run)[-1]


def test_a_run_is_neither_overwritten_nor_made_up(work: Path, tmp_path: Path) -> None:
    train(_options(work, tmp_path, 1))
    with pytest.raises(StudioError, match="holds a run"):
        train(_options(work, tmp_path, 1))
    with pytest.raises(StudioError, match="holds no checkpoint"):
        train(_options(work, tmp_path / "other", 1, resume=True))
    (tmp_path / CHECKPOINT).write_bytes(b"half")
    with pytest.raises(StudioError, match="holds no checkpoint"):
        train(_options(work, tmp_path, 2, resume=True))
    with pytest.raises(StudioError, match="holds no music"):
        train(_options(tmp_path, tmp_path / "empty", 1))


def test_weights_are_shipped_from_a_run_that_stays_as_it_is(work: Path, tmp_path: Path) -> None:
    options = _options(work, tmp_path / "run", 4)
    train(options)
    kept = (tmp_path / "run" / CHECKPOINT).read_bytes()
    about = ship_run(options, tmp_path / "out", steps=3)
    assert (tmp_path / "run" / CHECKPOINT).read_bytes() == kept
    assert about["steps"] == 7
    net = composer_weights.read(tmp_path / "out")
    assert net.config == SMALL
    judged = Trainer(replace(options, run=tmp_path / "judge")).validate(net)
    assert judged["folk"]["all"] == pytest.approx(about["valid"]["folk"]["all"], rel=1e-2)
    told = json.loads((tmp_path / "out" / "composer.json").read_text())
    assert told["valid"] == about["valid"]
    assert told["notes"] == about["notes"]


def test_weights_that_are_missing_or_broken_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="cannot be read"):
        composer_weights.read(tmp_path)
    weights = Composer(SMALL).state_dict()
    composer_weights.write(tmp_path, SMALL, weights, {})
    composer_weights.read(tmp_path)
    wider = replace(SMALL, width=64)
    composer_weights.write(tmp_path, wider, weights, {})
    with pytest.raises(StudioError, match="cannot be read"):
        composer_weights.read(tmp_path)
    composer_weights.write(tmp_path, SMALL, weights, {})
    (tmp_path / WEIGHTS).write_bytes(b"half")
    with pytest.raises(StudioError, match="cannot be read"):
        composer_weights.read(tmp_path)


def test_data_made_in_a_process_of_their_own_are_the_same(work: Path, tmp_path: Path) -> None:
    options = replace(_options(work, tmp_path, 1), seed=5)
    trainer = Trainer(replace(options, workers=1))
    there, here = trainer.data(), iter(Data(options, "train", seed=5))
    for _ in range(2):
        batch = next(there)
        for name, value in next(here).items():
            np.testing.assert_array_equal(batch[name].numpy(), value)


def test_without_context_nothing_around_the_gap_is_seen(work: Path, tmp_path: Path) -> None:
    options = _options(work, tmp_path, 1)
    tags = [OFFSETS["tag"] + TAGS.index(t) for t in ("before", "after", "locked", "meanwhile")]
    several = (batch for _, batch in zip(range(40), Data(options, "train", seed=1), strict=False))
    batch = next(one for one in several if np.isin(one["features"][..., 1], tags).any())
    bare = without_context(batch)
    around = np.isin(batch["features"][..., 1], tags)
    assert (bare["features"][around] == 0).all()
    np.testing.assert_array_equal(bare["features"][~around], batch["features"][~around])
    np.testing.assert_array_equal(bare["target"], batch["target"])


def test_rates_rise_and_stay_and_averages_forget_less_and_less() -> None:
    rates = [rate_at(step, 1e-3) for step in (0, 10, 249, 250, 100000)]
    assert rates == sorted(rates)
    assert rates[2:] == [1e-3] * 3
    decays = [decay_at(step) for step in range(0, 20000, 100)]
    assert decays == sorted(decays)
    assert decays[-1] == 0.999


def test_every_share_of_the_notes_is_told_and_split_by_notes() -> None:
    found = weights_of({"nifc-polish": 300, "nifc-chopin": 100, "groove-midi": 5, "mutopia": 7})
    assert found["nifc-polish"] == pytest.approx(3 * found["nifc-chopin"])
    assert found["nifc-polish"] + found["nifc-chopin"] == pytest.approx(0.12)
    assert found["groove-midi"] == pytest.approx(0.08)
    assert found["mutopia"] == pytest.approx(0.18)


def test_a_step_that_is_not_finite_changes_nothing(work: Path, tmp_path: Path) -> None:
    trainer = Trainer(_options(work, tmp_path, 1))
    batch = next(trainer.data())
    before = {name: weight.clone() for name, weight in trainer.net.state_dict().items()}
    batch["beats"][:] = torch.nan
    trainer.one_step(batch, 1e-2, decay=0.5)
    assert all(weight.equal(before[name]) for name, weight in trainer.net.state_dict().items())


def test_a_run_goes_on_from_shipped_weights(work: Path, tmp_path: Path) -> None:
    train(_options(work, tmp_path / "run", 3))
    ship_run(_options(work, tmp_path / "run", 3), tmp_path / "shipped")
    begun = Trainer(replace(_options(work, tmp_path / "next", 5), begin=tmp_path / "shipped"))
    shipped = composer_weights.read(tmp_path / "shipped").state_dict()
    assert begun.step == 3
    assert all(torch.equal(value, shipped[name]) for name, value in begun.net.state_dict().items())


def test_an_optimizer_that_knows_nothing_yet_warms_up(work: Path, tmp_path: Path) -> None:
    """However many steps the weights it begins from have behind them."""
    net = Composer(SMALL)
    composer_weights.write(tmp_path / "shipped", SMALL, net.state_dict(), {"steps": 5000})
    train(replace(_options(work, tmp_path / "run", 5002), begin=tmp_path / "shipped"))
    rates = [line["lr"] for line in _lines(tmp_path / "run") if "lr" in line]
    assert rates == [rate_at(step, RATE) for step in (0, 1)]


def test_weights_of_another_shape_are_refused(work: Path, tmp_path: Path) -> None:
    other = ComposerConfig(width=16, layers=2, heads=2)
    composer_weights.write(tmp_path / "shipped", other, Composer(other).state_dict(), {})
    with pytest.raises(StudioError, match="another shape"):
        Trainer(replace(_options(work, tmp_path / "run", 5), begin=tmp_path / "shipped"))


def test_the_card_names_every_collection_with_its_licence(work: Path, tmp_path: Path) -> None:
    train(_options(work, tmp_path / "run", 3))
    ship_run(_options(work, tmp_path / "run", 3), tmp_path / "out")
    rows = [row(name, "CC0", f"Who made {name}", "", [], {"empty": 2}) for name in ("mma", "folk")]
    (work / "table.json").write_text(json.dumps(rows))
    assert "## Beside" not in card(work, tmp_path / "run", tmp_path / "out").read_text()
    speed = {"Composer": {"notes_per_second": 180.4, "first_bar_seconds": 0.2}}
    (tmp_path / "out" / DATA).write_text(json.dumps({"speed": speed}))
    text = card(work, tmp_path / "run", tmp_path / "out").read_text()
    assert "| notes a second | – | 180 | – |" in text
    assert "| mma | CC0 |" in text
    assert "folk: Who made folk" in text
    assert "2 of mma (empty)" in text
    assert (tmp_path / "out" / "plots" / "curves.svg").exists()
