"""`python -m studio.ai.training.composer`: the recipe, one command after another."""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import sys

from studio.core.errors import StudioError

# Each module has `add_arguments(parser)` and `run(arguments)`.
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
    # Threads that wait in a loop make a machine that has other work crawl. Read when torch loads.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    parser = argparse.ArgumentParser(prog="python -m studio.ai.training.composer")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in COMMANDS.items():
        module = importlib.import_module(f"studio.ai.training.composer.{name}")
        module.add_arguments(commands.add_parser(name, help=text))
    arguments = parser.parse_args(words)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    module = importlib.import_module(f"studio.ai.training.composer.{arguments.command}")
    try:
        module.run(arguments)
    except StudioError as error:
        logging.getLogger(__name__).error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
