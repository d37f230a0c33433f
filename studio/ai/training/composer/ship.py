"""From a run to the weights that ship: a short cool-down, then the best of a few sets of weights.

One of them is half way between the average of before and the one that cooled down (after Wortsman
et al. 2022, "Model soups").
"""

from __future__ import annotations

import argparse
import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from studio.ai.nets import composer_weights
from studio.ai.nets.composer import Composer
from studio.ai.training import trainer as training
from studio.ai.training.composer.train import Options, Trainer
from studio.ai.training.trainer import Log, take_threads


def ship_run(
    options: Options, folder: Path, *, minutes: float = 0, steps: int = 0
) -> dict[str, Any]:
    """Cool down from a run's checkpoint and write the weights; the run itself stays as it is.

    Args:
        minutes, steps: How long the rate sinks; none at all where both are 0.

    Returns:
        What is written beside the weights: steps, notes, nats on the held-out batches; nothing
        where another process of torchrun writes.

    Raises:
        StudioError: The run has no checkpoint, or there is no music.
    """
    take_threads(options.threads)
    trainer = Trainer(replace(options, resume=True))
    trainer.log = Log(None if trainer.rank else folder / "cooling.jsonl")
    folder.mkdir(parents=True, exist_ok=True)
    trainer.heed()
    between = copy.deepcopy(trainer.average)
    try:
        if minutes or steps:
            trainer.cool(minutes=minutes, steps=steps)
        with torch.no_grad():
            for one, cooled in zip(between.parameters(), trainer.average.parameters(), strict=True):
                one.lerp_(cooled, 0.5)
        return {} if trainer.rank else _written(trainer, between, folder)
    finally:
        trainer.leave()


def _written(trainer: Trainer, between: Composer, folder: Path) -> dict[str, Any]:
    """Write the best of the average, the weights themselves, and `between`."""
    nets = trainer.average, trainer.net, between
    found = [(net, trainer.validate(net)) for net in nets]
    net, valid = min(found, key=lambda one: np.mean([told["all"] for told in one[1].values()]))
    about = {
        "steps": trainer.step,
        "notes": trainer.notes,
        "seconds": round(trainer.seconds),
        "options": trainer.options.lasting(),
        "valid": valid,
    }
    composer_weights.write(folder, trainer.options.config, net.state_dict(), about)
    return about


def add_arguments(told: argparse.ArgumentParser) -> None:
    """Say what may be told on the command line."""
    training.add_arguments(told)
    told.add_argument("--out", type=Path, required=True, help="folder of the weights")


def run(told: argparse.Namespace) -> None:
    """Ship as told.

    Raises:
        StudioError: See `ship_run`.
    """
    options = Options(told.work, told.run, threads=told.threads, workers=told.workers)
    ship_run(options, told.out, minutes=told.minutes, steps=told.steps)
