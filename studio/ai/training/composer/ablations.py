"""Small networks trained equally, each but one without something: what is it worth?

All have one shape, see the same notes of a few collections in the same order, and cool down for as
long; one has no relative positions (sinusoids are added instead), one is shown nothing around the
gap.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from studio.ai.nets.composer import ComposerConfig
from studio.ai.training.checkpoints import CHECKPOINT
from studio.ai.training.composer.checkpoints import load
from studio.ai.training.composer.examples import EARLY_STEPS
from studio.ai.training.composer.train import Options, Trainer

WIDTH, LAYERS, HEADS = 128, 3, 4
RATE = 2e-3
TOKENS = 1024  # rows of a batch: little is seen, so many small steps
ONLY = ("folk", "mma-made", "openhymnal")  # little can be learnt of little music, but not of all
STEPS = 900  # each, and then a quarter as many to cool down
FOLDER = "runs"
DONE = "cooled"  # an empty file beside a checkpoint


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the networks, and what it goes without."""

    folder: str
    title: str
    relative: bool = True
    context: bool = True


VARIANTS = (
    Variant("small", "small network"),
    Variant("small-plain", "small, without relative positions", relative=False),
    Variant("small-blind", "small, without context", context=False),
)


def learn(work: Path, variant: Variant, steps: int = STEPS) -> Path:
    """Train one, or go on where it stopped; a folder under `work`.

    The examples are those that training asks for in the end, holes with music around them.

    Raises:
        StudioError: There is no music.
    """
    folder = work / FOLDER / variant.folder
    if (folder / DONE).exists():
        return folder
    config = ComposerConfig(WIDTH, LAYERS, HEADS, variant.relative)
    last = EARLY_STEPS + steps
    options = Options(work, folder, config, steps=last, rate=RATE, tokens=TOKENS,
                      only=ONLY, context=variant.context, threads=1, workers=0,
                      checkpoint_minutes=2)  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    trainer = Trainer(replace(options, resume=(folder / CHECKPOINT).exists()))
    trainer.heed()
    trainer.warm = EARLY_STEPS
    trainer.step = max(trainer.step, EARLY_STEPS)
    if trainer.step < last:
        trainer.train()
    if trainer.step == last and not trainer.stopping:
        trainer.cool(minutes=0, steps=max(steps // 4, 1))
        if not trainer.stopping:
            trainer.keep()
            (folder / DONE).touch()
    return folder


def trained(work: Path) -> dict[str, Path]:
    """Folders of those that have cooled down, by what they are called."""
    found = {}
    for variant in VARIANTS:
        folder = work / FOLDER / variant.folder
        if (folder / DONE).exists():
            notes = load(folder / CHECKPOINT).notes
            found[f"{variant.title}, {notes / 1e6:.2f} M notes"] = folder
    return found


def add_arguments(told: argparse.ArgumentParser) -> None:
    """Say what may be told on the command line."""
    told.add_argument("--work", type=Path, required=True, help="folder of the shards")
    told.add_argument("--steps", type=int, default=STEPS, help="of each network")


def run(told: argparse.Namespace) -> None:
    """Train all of them, one after another; called again, go on where it was stopped.

    Raises:
        StudioError: There is no music.
    """
    for variant in VARIANTS:
        folder = learn(told.work, variant, told.steps)
        if not (folder / DONE).exists():
            return
