"""`python -m studio.ai.training.composer`: the recipe, one command after another."""

from __future__ import annotations

import sys

from studio.ai.training.commands import run

COMMANDS = {
    "prepare": "read the archives and write shards to train on",
    "train": "train the network, or go on training it",
    "plans": "learn forms and chords for the plan",
    "ship": "cool down from a run and write the weights",
    "card": "write what the weights were learnt from beside them",
    "ablations": "train small networks equally, each but one without something",
    "jsb": "learn Bach's chorales alone, in the token set of the literature",
}


def main(words: list[str] | None = None) -> int:
    """Run one command; 1 where it could not be done."""
    return run("studio.ai.training.composer", COMMANDS, words)


if __name__ == "__main__":
    sys.exit(main())
