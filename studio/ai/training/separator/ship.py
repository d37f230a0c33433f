"""From a run to the weights that ship: a short cool-down, the better of two sets, and a blend."""

from __future__ import annotations

import argparse
import copy
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from studio.ai.nets import separator_weights
from studio.ai.nets.separator import SAMPLE_RATE, Separator
from studio.ai.requests import STEMS
from studio.ai.training import trainer as training
from studio.ai.training.separator.blending import found_blend
from studio.ai.training.separator.songs import measured, recorded
from studio.ai.training.separator.train import Options, Trainer
from studio.ai.training.trainer import Log, keep_memory, take_threads

GOOD_DB = 8.0  # of SDR on recorded music: such a stem is trusted wholly
WEAK_DB = 4.0  # below: a stem is experimental


def ship_run(
    options: Options, folder: Path, *, minutes: float = 0, steps: int = 0
) -> dict[str, Any]:
    """Cool down from a run's checkpoint and write the weights; the run itself stays as it is.

    Args:
        minutes, steps: How long the rate sinks; none at all where both are 0.

    Returns:
        What is written beside the weights: steps, seconds heard, figures on what was held out, and
        how far each stem is to be trusted; nothing where another process of torchrun writes.

    Raises:
        StudioError: The run has no checkpoint, or there is no bank.
    """
    take_threads(options.threads)
    keep_memory()
    trainer = Trainer(replace(options, resume=True))
    trainer.log = Log(None if trainer.rank else folder / "cooling.jsonl")
    folder.mkdir(parents=True, exist_ok=True)
    trainer.heed()
    try:
        if minutes or steps:
            trainer.cool(minutes=minutes, steps=steps)
        return {} if trainer.rank else _written(trainer, folder)
    finally:
        trainer.leave()


def _written(trainer: Trainer, folder: Path) -> dict[str, Any]:
    """Write the best of the average, the weights themselves, and the mean with those before."""
    found = [(net, trainer.validate(net)) for net in candidates(trainer)]
    net, valid = max(found, key=lambda one: _mean_sdr(one[1]))
    net.blend = blend = found_blend(net.eval(), trainer.options, trainer.valid)
    began = time.process_time()
    real, heard = on_recordings(net, trainer.options.work)
    spent = time.process_time() - began
    about = {
        "steps": trainer.step,
        "heard_seconds": round(trainer.heard_seconds),
        "seconds": round(trainer.seconds),
        "options": trainer.options.lasting(),
        "valid": valid,
        **({} if blend is None else {"blend": _rounded(blend)}),
        "recorded": real,
        "speed": round(heard / max(spent, 1e-9), 1),  # what one thread would do alone
        "trust": {stem: _trust(real, stem) for stem in STEMS},
        "experimental": [stem for stem in STEMS if real.get(stem, {}).get("sdr", 0) < WEAK_DB],
    }
    separator_weights.write(folder, trainer.options.config, net.state_dict(), about)
    return about


def candidates(trainer: Trainer) -> Iterator[Separator]:
    """The average, the weights, and where the run began from others the average's mean with those,
    which forgets less of what they knew (Wortsman et al. 2022, "Model soups")."""
    yield from (trainer.average, trainer.net)
    if trainer.options.begin is not None:
        mean = copy.deepcopy(trainer.average)
        before = separator_weights.read(trainer.options.begin).to(trainer.device)
        with torch.no_grad():
            torch._foreach_lerp_(list(mean.parameters()), list(before.parameters()), 0.5)
        yield mean


def _rounded(blend: Tensor) -> list[list[list[float]]]:
    return [[[round(share, 4) for share in row] for row in band] for band in blend.tolist()]


def _mean_sdr(valid: Mapping[str, Mapping[str, float]]) -> float:
    told = [each["sdr"] for each in valid.values() if "sdr" in each]
    return float(np.mean(told)) if told else 0.0


def on_recordings(net: Separator, work: Path) -> tuple[Mapping[str, Mapping[str, float]], float]:
    """Means over the recorded songs that are held out, and how many seconds these last; nothing
    where the bank has none."""
    songs = list(recorded(work, "test"))
    seconds = sum(song.stems.shape[-1] for song in songs) / SAMPLE_RATE
    return measured(net.eval(), songs).told(), seconds


def _trust(real: Mapping[str, Mapping[str, float]], stem: str) -> float:
    """Stems that could not be measured on recorded music are trusted by half."""
    told = real.get(stem, {}).get("sdr")
    return 0.5 if told is None else round(float(np.clip(told / GOOD_DB, 0, 1)), 3)


def add_arguments(told: argparse.ArgumentParser) -> None:
    """Say what may be told on the command line."""
    training.add_arguments(told)
    told.add_argument("--out", type=Path, required=True, help="folder of the weights")
    told.add_argument("--begin", type=Path, help="weights that the run began from")


def run(told: argparse.Namespace) -> None:
    """Ship as told.

    Raises:
        StudioError: See `ship_run`.
    """
    options = Options(
        told.work, told.run, threads=told.threads, workers=told.workers, begin=told.begin
    )
    ship_run(options, told.out, minutes=told.minutes, steps=told.steps)
