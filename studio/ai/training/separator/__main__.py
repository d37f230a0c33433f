"""`python -m studio.ai.training.separator`: the recipe, one command after another.

`prepare` fills the bank of stems; what else there is, --help says.
"""

from __future__ import annotations

import sys

from studio.ai.training.commands import run
from studio.ai.training.separator.bank.__main__ import main as prepare

COMMANDS = {
    "train": "train the network, or go on training it",
    "ship": "cool down from a run and write the weights",
    "card": "write what the weights were learnt from beside them",
}


def main(words: list[str] | None = None) -> int:
    """Run one command; 1 where it could not be done."""
    words = sys.argv[1:] if words is None else words
    if words[:1] == ["prepare"]:
        return prepare(words[1:])
    return run("studio.ai.training.separator", COMMANDS, words)


if __name__ == "__main__":
    sys.exit(main())
